//! Video sessions: who opens one, what the customer sees of it, its state, its end, and where there is none.

use std::sync::Arc;

use ticketroom::bridge::{View, decide};
use ticketroom::model::{
    Away, Effect, Fact, JitsiTokens, OffFor, Outcome, Provider, Room, RoomKind, SessionState, Settings, Template,
    Ticket, VideoSettings,
};

use crate::upgrade::genuine;
use crate::world::*;

fn jitsi(tokens: Option<JitsiTokens>) -> Provider {
    Provider::Jitsi { address: "https://meet.invalid".parse().unwrap(), tokens }
}

fn with(change: impl FnOnce(&mut Settings), mut view: View) -> View {
    let mut changed = settings();
    changed.video = VideoSettings { provider: Some(jitsi(None)), key: "a key".to_owned().into(), ..Default::default() };
    change(&mut changed);
    view.settings = Arc::new(changed);
    view
}

/// Where there are sessions.
fn on(view: View) -> View {
    with(|_| {}, view)
}

/// Where they are the calls of the tickets' rooms.
fn with_calls(view: View) -> View {
    let address = "https://call.invalid".parse().unwrap();
    with(move |settings| settings.video.provider = Some(Provider::ElementCall { address }), view)
}

fn owned() -> Ticket {
    ticket().owned_by(ada())
}

fn opened() -> Ticket {
    Ticket { video: Some(session()), ..owned() }
}

const OPENED: &str = r#"say in !t: "Video session\nAda invites you to a video session. …\nJoin the video session <https://meet.invalid/ticket-…>"
    widget in !t: Video session https://meet.invalid/ticket-…
    notice in thread $card of Support: "The video session is open. …\nJoin the video session <https://meet.invalid/ticket-…>"
    attach https://meet.invalid/ticket-… to #1
    post #1 as agent ada Ada internal: "Video session opened:\nJoin the video session <https://meet.invalid/ticket-…>" from $e in thread $card of Support
    remember #1, video Open with 0"#;

#[test]
fn the_owner_opens_one_in_the_thread_and_in_the_room() {
    check(says(ADA, DESK, "!video"), on(in_thread(owned())), OPENED);
    check(says(ADA, T, "!Video"), on(in_room(owned())), &format!("{OPENED}\nredact $e in !t"));
}

#[test]
fn a_session_calls_back_the_customer_who_left() {
    let gone = vec![Away { user: user(CAROL), called: false }];
    let ticket = Ticket { joined: Vec::new(), away: gone, ..owned() };
    let opened = OPENED.replace("video Open with 0", "video Open with 0, away [@carol (called)]");
    check(says(ADA, DESK, "!video"), on(in_thread(ticket)), &format!("invite @carol to !t\n{opened}"));
}

#[test]
fn a_session_of_element_call_is_the_call_of_the_tickets_room() {
    let url = "https://call.invalid/room/#/ticket-…?roomId=%21t%3Ahere&viaServers=here";
    check(
        says(ADA, DESK, "!video"),
        with_calls(in_thread(owned())),
        &format!(
            r#"say in !t: "Video session\nAda invites you to a video session. It is the call of this room: …\nJoin the video session <{url}>"
            widget in !t: Video session {url}&userId=$matrix_user_id&deviceId=$org.matrix.msc3819.matrix_device_id&baseUrl=…
            notice in thread $card of Support: "The video session is open. …\nJoin the video session <{url}>"
            attach {url} to #1
            post #1 as agent ada Ada internal: "Video session opened:\nJoin the video session <{url}>" from $e in thread $card of Support
            remember #1, video Open with 0"#
        ),
    );
    check(
        says(ADA, DESK, "!video"),
        with_calls(in_thread(opened())),
        r#"notice in thread $card of Support: "The video session is open. Nobody has been seen in it yet.\nJoin …""#,
    );
}

#[test]
fn the_same_command_makes_the_same_session() {
    let fact = says(ADA, DESK, "!video");
    assert_eq!(decide(&fact, &on(in_thread(owned()))), decide(&fact, &on(in_thread(owned()))));
}

#[test]
fn the_agents_link_alone_moderates_where_the_server_takes_tokens() {
    let tokens = JitsiTokens { app_id: "a".to_owned(), secret: "very secret".to_owned().into(), for_guests: false };
    let view = with(|settings| settings.video.provider = Some(jitsi(Some(tokens))), in_thread(owned()));
    let lines = crate::render::effects(&decide(&says(ADA, DESK, "!video"), &view), view.ticket.as_ref());
    let with_token: Vec<_> = lines.iter().filter(|line| line.contains("?jwt=")).collect();
    assert!(matches!(with_token.as_slice(), [line] if line.starts_with("notice in thread $card")), "{lines:#?}");
    assert!(!format!("{view:?} {lines:?}").contains("very secret"));
}

#[test]
fn the_helpdesk_keeps_the_address_without_the_token_of_guests() {
    let tokens = JitsiTokens { app_id: "a".to_owned(), secret: "very secret".to_owned().into(), for_guests: true };
    let view = with(|settings| settings.video.provider = Some(jitsi(Some(tokens))), in_thread(owned()));
    let lines = crate::render::effects(&decide(&says(ADA, DESK, "!video"), &view), view.ticket.as_ref());
    let attached: Vec<_> = lines.iter().filter(|line| line.starts_with("attach ")).collect();
    let [line] = attached.as_slice() else { panic!("{lines:#?}") };
    assert!(line.starts_with("attach https://meet.invalid/ticket-") && !line.contains("jwt"), "{lines:#?}");
    assert!(lines.iter().any(|line| line.starts_with("say in !t") && line.contains("?jwt=")), "{lines:#?}");
}

#[test]
fn only_the_owner_opens_one() {
    check(
        says(BEN, DESK, "!video"),
        on(in_thread(owned())),
        r#"notice in thread $card of Support: "Ben: this ticket belongs to Ada.""#,
    );
    check(
        says(ADA, DESK, "!video"),
        on(in_thread(ticket())),
        r#"notice in thread $card of Support: "…accept the ticket first …""#,
    );
    check(
        says(ADA, DESK, "!video"),
        on(in_thread(locked().owned_by(ada()))),
        r#"notice in thread $card of Support: "This ticket is closed. …""#,
    );
}

#[test]
fn an_open_one_is_shown_and_not_opened_again() {
    check(
        says(ADA, DESK, "!video"),
        on(in_thread(opened())),
        r#"notice in thread $card of Support: "The video session is open. Nobody …\nJoin the video session <https://meet.invalid/ticket-x>""#,
    );
}

#[test]
fn the_owner_ends_it() {
    check(
        says(ADA, DESK, "!video end"),
        on(in_thread(opened())),
        r#"no widget in !t
        notice in !t: "The video session has ended."
        notice in thread $card of Support: "Video session done."
        post #1 as agent ada Ada internal: "Video session done." from $e in thread $card of Support
        remember #1, video Done with 0"#,
    );
    check(
        says(ADA, DESK, "!video end"),
        on(in_thread(owned())),
        r#"notice in thread $card of Support: "There is no open video session.""#,
    );
}

#[test]
fn it_ends_with_the_ticket_before_the_lock() {
    check(
        Fact::Seen(snapshot().owned_by(ada()).closed()),
        on(lane(opened())),
        r#"no widget in !t
        notice in !t: "The video session has ended."
        notice in thread $card of Support: "Video session done."
        post #1 as bridge internal: "Video session done." from $ticketroom-video-end-ticket-x in thread $card of Support
        notice in !t: "This ticket was closed. …"
        notice in thread $card of Support: "Closed."
        levels of !t: locked, agents [@ada], customers [@carol]
        change $card in …
        remember #1, snapshot, locked, video Done with 0"#,
    );
}

#[test]
fn it_ends_with_a_ticket_that_is_merged_into_another_one() {
    let lines = crate::render::effects(
        &decide(&Fact::Seen(snapshot().owned_by(ada()).merged()), &on(lane(opened()))),
        Some(&opened()),
    );
    assert!(lines.contains(&"no widget in !t".to_owned()), "{lines:#?}");
    assert!(lines.last().is_some_and(|line| line.contains("video Done with 0")), "{lines:#?}");
    let gone = Ticket { locked: true, ..owned().merged() };
    let on_from_there = snapshot().merged().with(|snapshot| snapshot.merged_into = Some(successor("9")));
    check(Fact::Seen(on_from_there), on(lane(gone)), "remember #1, snapshot");
}

#[test]
fn an_open_one_is_ended_also_where_none_may_be_opened_any_more() {
    let ended = decide(&says(ADA, DESK, "!video end"), &on(in_thread(opened())));
    assert_eq!(decide(&says(ADA, DESK, "!video end"), &in_thread(opened())), ended);
}

#[test]
fn it_is_shown_beside_the_messages_of_a_room_that_takes_the_place_of_the_tickets() {
    let former = Room { id: room(T), kind: RoomKind::Ticket(id()) };
    let effect = Effect::Inspect { former: Box::new(former), room: room("!new"), by: user("root") };
    let fact = done(effect, Outcome::Inspected(Box::new(genuine())));
    for (ticket, shown) in [(opened(), true), (owned(), false)] {
        let lines = crate::render::effects(&decide(&fact, &on(lane(ticket))), None);
        for line in [
            "widget in !new: Video session https://meet.invalid/ticket-x",
            r#"notice in !new: "Video session\nJoin the video session <https://meet.invalid/ticket-x>""#,
        ] {
            assert_eq!(lines.iter().any(|it| it == line), shown, "{lines:#?}");
        }
    }
}

#[test]
fn the_call_of_a_room_that_the_ticket_left_is_left_too() {
    let former = Room { id: room(T), kind: RoomKind::Ticket(id()) };
    let effect = Effect::Inspect { former: Box::new(former), room: room("!new"), by: user("root") };
    let fact = done(effect, Outcome::Inspected(Box::new(genuine())));
    let effects = decide(&fact, &with_calls(lane(opened())));
    let lines = crate::render::effects(&effects, None).join("\n");
    let url = "https://call.invalid/room/#/ticket-x?roomId=%21new%3Ahere&viaServers=here";
    for line in [
        format!("widget in !new: Video session {url}&userId=$matrix_user_id&"),
        format!(r#"notice in !new: "Video session\nJoin the video session <{url}>""#),
        format!("attach {url} to #1"),
    ] {
        assert!(lines.contains(&line), "{line} is not in {lines}");
    }
    let Some(Effect::RememberTicket(after)) = effects.last() else { panic!("{lines}") };
    assert_eq!(after.video.as_ref().map(|session| session.url.as_str()), Some(url));
}

fn calls(who: &str, joined: bool) -> Fact {
    Fact::Called { room: room(T), user: user(who), key: format!("{who}'s phone"), joined, until_ms: None }
}

/// Milliseconds since the world began.
fn calls_until(who: &str, until_ms: i64) -> Fact {
    let Fact::Called { room, user, key, joined, .. } = calls(who, true) else { panic!("it is a call") };
    let until_ms = Some(nowhere().now_ms + until_ms);
    Fact::Called { room, user, key, joined, until_ms }
}

#[test]
fn who_died_in_the_call_is_not_in_it_for_ever() {
    let later = |ms: i64, view: View| View { now_ms: view.now_ms + ms, ..view };
    let joins = |fact: Fact, ticket: Ticket| {
        let effects = decide(&fact, &with_calls(in_room(ticket)));
        let Some(Effect::RememberTicket(after)) = effects.into_iter().last() else { panic!("nothing is remembered") };
        *after
    };
    let ticket = joins(calls_until(CAROL, 1000), opened());
    let asks = |ms: i64, expected: &str| {
        let view = later(ms, with_calls(in_thread(ticket.clone())));
        let line = format!(r#"notice in thread $card of Support: "The video session is {expected}…""#);
        check(says(ADA, DESK, "!video"), view, &line);
    };
    asks(999, "in progress.");
    asks(1000, "open. Nobody");
    // Goes on: their client says so again and again.
    let ticket = joins(calls_until(CAROL, 5000), ticket.clone());
    let view = later(4000, with_calls(in_room(ticket.clone())));
    nothing(calls(ADA, false), view);
    let view = later(5000, with_calls(in_room(ticket)));
    check(
        calls(ADA, false),
        view,
        r#"notice in thread $card of Support: "Everybody has left the video session. …"
        remember #1, video Open with 0 used"#,
    );
}

#[test]
fn its_state_follows_who_is_in_the_call() {
    let with_call = |ticket: Ticket| with_calls(in_room(ticket));
    let (open, mut joined) = (opened(), opened());
    check(
        calls(CAROL, true),
        with_call(open.clone()),
        r#"notice in thread $card of Support: "carol is in the video session."
        remember #1, video InProgress with 1 used"#,
    );
    if let Some(session) = &mut joined.video {
        (session.state, session.used) = (SessionState::InProgress, true);
        session.present = vec!["carol's phone".to_owned()];
    }
    nothing(calls(CAROL, true), with_call(joined.clone()));
    check(calls(ADA, true), with_call(joined.clone()), "remember #1, video InProgress with 2 used");
    check(
        calls(CAROL, false),
        with_call(joined.clone()),
        r#"notice in thread $card of Support: "Everybody has left the video session. …"
        remember #1, video Open with 0 used"#,
    );
    nothing(calls(CAROL, false), with_call(open.clone()));
    nothing(calls(CAROL, true), with_call(owned()));
    // In their chat with the bot it is another call.
    nothing(calls(CAROL, true), with_calls(at_door(Some(open.clone()))));
    for (ticket, word, state) in
        [(joined, "done", "Done with 0 used"), (open, "cancelled, as far as can be seen: nobody …", "Cancelled with 0")]
    {
        let mut view = with_call(ticket);
        view.room = in_thread(owned()).room;
        check(
            says(ADA, DESK, "!video end"),
            view,
            &format!(
                r#"no widget in !t
                notice in !t: "The video session has ended."
                notice in thread $card of Support: "Video session {word}"
                post #1 as agent ada Ada internal: "Video session {word}" from $e in thread $card of Support
                remember #1, video {state}"#
            )
            .replace("done\"", "done.\""),
        );
    }
}

#[test]
fn who_leaves_the_room_leaves_its_call() {
    let mut joined = opened();
    if let Some(session) = &mut joined.video {
        (session.state, session.used) = (SessionState::InProgress, true);
        session.present = vec!["_@carol:here_PHONE_m.call".to_owned(), "@caroline:here".to_owned()];
    }
    check(leaves(EVE, T), on(in_room(joined.clone())), "");
    let left = decide(&leaves(CAROL, T), &on(in_room(joined)));
    let after = left.iter().find_map(|effect| match effect {
        Effect::RememberTicket(ticket) => ticket.video.clone(),
        _ => None,
    });
    assert_eq!(after.unwrap().present, ["@caroline:here"]);
}

#[test]
fn where_it_is_off_it_is_refused_with_the_reason_and_not_listed() {
    let mut of_device = owned();
    of_device.snapshot.device = Some("Pump 7".to_owned());
    of_device.snapshot.template = Some("pump".to_owned());
    let off = |off_for: OffFor| move |settings: &mut Settings| settings.video.off_for = off_for;
    let (desks, devices) = (vec!["Support".to_owned()], vec!["Pump 7".to_owned()]);
    let template =
        Template { name: "pump".to_owned(), desk: None, subject: None, priority: None, block: None, video: false };
    let cases: Vec<(View, &str)> = vec![
        (in_thread(of_device.clone()), "Video sessions are switched off here."),
        (
            with(off(OffFor { desks, ..OffFor::default() }), in_thread(of_device.clone())),
            "There are no video sessions for tickets of this desk.",
        ),
        (
            with(|settings| settings.templates.push(template), in_thread(of_device.clone())),
            "There are no video sessions for tickets of this kind.",
        ),
        (
            with(off(OffFor { devices, ..OffFor::default() }), in_thread(of_device.clone())),
            "There are no video sessions for this device.",
        ),
    ];
    for (view, reason) in cases {
        check(says(ADA, DESK, "!video"), view.clone(), &format!("notice in thread $card of Support: {reason:?}"));
        let help = crate::render::effects(&decide(&says(ADA, DESK, "!help"), &view), None).join("\n");
        assert!(!help.contains("!video") && help.contains("!close"), "{help}");
    }
    let listed = crate::render::effects(&decide(&says(ADA, DESK, "!help"), &on(in_thread(of_device))), None);
    assert!(listed.join("\n").contains("!video"));
}

#[test]
fn a_customer_may_wish_for_one_where_that_is_allowed() {
    let allowed = |view| with(|settings| settings.video.customers_may_ask = true, view);
    check(
        says(CAROL, T, "!video"),
        on(in_room(owned())),
        r#"notice in !t at $e: "Please write that you would like a video session; …""#,
    );
    check(says(CAROL, T, "!video"), in_room(owned()), r#"notice in !t at $e: "Video sessions are switched off here.""#);
    check(
        says(CAROL, T, "!video"),
        allowed(in_room(owned())),
        r#"ask for video of #1 in thread $card of Support: "carol asks for a video session. ✅ here or !video opens one."
        notice in !t at $e: "Your wish was passed on. …""#,
    );
    // Whose owner works in the helpdesk alone.
    check(
        says(CAROL, T, "!video"),
        allowed(in_room(ticket().owned_by(dora()))),
        r#"ask for video of #1 in thread $card of Support: "carol asks for a video session. ✅ here or !video opens one."
        post #1 as bridge internal: "carol asks for a video session. …" from $e
        notice in !t at $e: "Your wish was passed on. …""#,
    );
    let Some(asked @ Effect::AskForVideo { .. }) =
        decide(&says(CAROL, T, "!video"), &allowed(in_room(owned()))).into_iter().next()
    else {
        panic!("it is not asked")
    };
    check(
        done(asked.clone(), Outcome::Sent { room: room(DESK), event: event("$wish") }),
        allowed(lane(owned())),
        "react ✅ to $wish in !desk\nremember #1, wish $wish",
    );
    check(
        dies(asked.clone()),
        allowed(lane(owned())),
        r#"notice in !t: "Please write that you would like a video session; …""#,
    );
    let wished = || Ticket { video_wish: Some(event("$wish")), ..owned() };
    check(
        reacts(BEN, "$wish", "✅"),
        allowed(in_thread(wished())),
        r#"notice in thread $card of Support: "Ben: this ticket belongs to Ada.""#,
    );
    // With the ticket its wishes end; and one that a ticket of before this was so still has opens nothing.
    check(
        Fact::Seen(snapshot().owned_by(ada()).closed()),
        allowed(lane(wished())),
        r#"notice in !t: "This ticket was closed. …"
        notice in …
        levels of !t: locked, …
        change $card in …
        remember #1, snapshot, locked, wish none"#,
    );
    for (ticket, why) in
        [(locked(), "This ticket is closed. …"), (ticket().merged(), "This ticket was merged into #7; …")]
    {
        let ticket = Ticket { video_wish: Some(event("$wish")), ..ticket.owned_by(ada()) };
        let told = format!(r#"notice in thread $card of Support: "{why}""#);
        check(reacts(ADA, "$wish", "✅"), allowed(in_thread(ticket)), &told);
    }
    // Of two wishes either is granted.
    let asked_again = done(asked, Outcome::Sent { room: room(DESK), event: event("$again") });
    let Some(Effect::RememberTicket(twice)) = decide(&asked_again, &allowed(lane(wished()))).pop() else {
        panic!("it is not remembered")
    };
    for wish in ["$wish", "$again"] {
        check(reacts(ADA, wish, "✅"), allowed(in_thread((*twice).clone())), &format!("{OPENED}, wish none"));
    }
    nothing(reacts(BOT, "$wish", "✅"), allowed(in_thread(wished())));
    nothing(reacts(ADA, "$wish", "👍"), allowed(in_thread(wished())));
    check(reacts(ADA, "$wish", "✅\u{fe0f}"), allowed(in_thread(wished())), &format!("{OPENED}, wish none"));
    check(
        says(CAROL, T, "!video"),
        allowed(in_room(opened())),
        r#"notice in !t: "Video session\nJoin the video session <https://meet.invalid/ticket-x>""#,
    );
}

//! A customer's direct chat with the bot.

use ticketroom::bridge::View;
use ticketroom::model::{Room, Ticket, TicketId, Uncarried};

use ticketroom::bridge::decide;
use ticketroom::model::{Effect, Fact, Said};

use crate::world::*;

#[test]
fn an_invited_bot_comes_in_and_says_what_it_is() {
    check(
        invites(CAROL, D),
        nowhere(),
        r#"join !d
        know !d as door of @carol
        learn the name of @carol
        notice in !d: "Hello! Write here …"
        count Room of @carol at !d"#,
    );
}

#[test]
fn a_second_invitation_is_followed_without_a_second_greeting() {
    check(invites(CAROL, D), at_door(None), "join !d");
}

#[test]
fn an_invitation_of_our_own_is_an_echo() {
    nothing(invites(BOT, D), nowhere());
    nothing(invites("_desk_u7", D), nowhere());
}

#[test]
fn the_first_words_at_a_door_open_a_ticket() {
    check(
        says(CAROL, D, "It leaks"),
        at_door(None),
        r#"open ticket at desk 3 for @carol carol: "It leaks" "It leaks" from $e in !d
        count Ticket of @carol at !d"#,
    );
}

#[test]
fn a_ticket_is_opened_under_the_display_name() {
    let mut view = at_door(None);
    view.sender_name = Some("Carol Carter".to_owned());
    check(
        says(CAROL, D, "It leaks"),
        view,
        r#"open ticket at desk 3 for @carol Carol Carter: "It leaks" "It leaks" from $e in !d
        count Ticket of @carol at !d"#,
    );
}

#[test]
fn an_agent_at_the_door_is_a_customer_under_the_configured_name() {
    let mut view = at_door(None);
    view.sender_name = Some("Not Ada".to_owned());
    check(
        says(ADA, D, "Mine leaks"),
        view,
        r#"open ticket at desk 3 for @ada Ada: "Mine leaks" … in !d
        count Ticket of @ada at !d"#,
    );
}

#[test]
fn what_is_said_before_the_customer_came_in_goes_on_in_the_ticket() {
    let mut waiting = ticket();
    waiting.joined.clear();
    check(says(CAROL, D, "A lot"), at_door(Some(waiting)), r#"tell #1 said at door: "A lot""#);
}

#[test]
fn what_is_said_before_the_ticket_has_a_record_goes_on_in_it() {
    let mut view = at_door(Some(ticket()));
    view.ticket = None;
    check(says(CAROL, D, "A lot"), view, r#"tell #1 said at door: "A lot""#);
}

#[test]
fn what_is_said_before_the_customer_came_into_a_merged_ticket_goes_on_in_the_other_one() {
    let mut other = ticket();
    other.joined.clear();
    other.snapshot.id = ticketroom::model::TicketId::new("7");
    check(says(CAROL, D, "A lot"), at_door(Some(other)), r#"tell #7 said at door: "A lot""#);
}

/// Carol's chat, in which Eve is, too, and has opened #9.
fn shared(ticket: Option<Ticket>) -> View {
    let mut kind = door(true, false);
    kind.opened(&user(EVE), TicketId::new("9"));
    View { room: Some(Room { id: room(D), kind }), ..at_door(ticket) }
}

#[test]
fn who_else_is_in_the_chat_gets_a_ticket_of_their_own() {
    // As the delivery shows it: Eve has opened none.
    check(
        says(EVE, D, "Mine leaks"),
        View { ticket: None, ..at_door(Some(ticket())) },
        r#"open ticket at desk 3 for @eve eve: "Mine leaks" … in !d
        count Ticket of @eve at !d"#,
    );
}

#[test]
fn what_they_say_next_goes_on_in_their_own_ticket() {
    let mut theirs = ticket().customers(&[person("12", "Eve", EVE)]);
    (theirs.snapshot.id, theirs.invited, theirs.joined) = (TicketId::new("9"), vec![user(EVE)], Vec::new());
    check(says(EVE, D, "A lot"), shared(Some(theirs)), r#"tell #9 said at door: "A lot""#);
}

#[test]
fn a_door_forgets_who_came_first_before_it_remembers_without_end() {
    let mut kind = door(true, false);
    for number in 0..40 {
        kind.opened(&user(&format!("p{number}")), TicketId::new(number.to_string()));
    }
    assert_eq!(kind.opened_by(&user("p7")), None);
    assert_eq!(kind.opened_by(&user("p8")), Some(&TicketId::new("8")));
    assert_eq!(kind.opened_by(&user(CAROL)), Some(&id()), "the customer's own stays");
}

#[test]
fn once_in_the_room_the_door_opens_another_ticket() {
    check(
        says(CAROL, D, "Another"),
        at_door(Some(ticket())),
        r#"open ticket …"Another" "Another" from $e in !d
        count Ticket of @carol at !d"#,
    );
}

#[test]
fn once_it_is_closed_the_door_opens_another_ticket() {
    let mut closed = locked();
    closed.joined.clear();
    check(
        says(CAROL, D, "Again"),
        at_door(Some(closed)),
        r#"open ticket …"Again" "Again" from $e in !d
        count Ticket of @carol at !d"#,
    );
}

#[test]
fn help_at_the_door_opens_nothing() {
    for text in ["!help", "!Help", " !HELP!"] {
        check(says(CAROL, D, text), at_door(None), r#"notice in !d at $e: "Hello! …""#);
    }
}

#[test]
fn what_stands_behind_or_under_a_customers_command_is_not_lost() {
    let with_photo = |place: &str, text: &str| {
        Fact::Said(Said { files: vec![sent_file("pump.png")], ..said_by(CAROL, place, text) })
    };
    for text in ["!help my pump is burning", "!video call me on 0123"] {
        let opens = decide(&says(CAROL, D, text), &at_door(None));
        assert!(matches!(opens.first(), Some(Effect::CreateTicket { .. })), "{text}: {opens:?}");
        let posts = decide(&says(CAROL, T, text), &in_room(ticket()));
        assert!(matches!(posts.as_slice(), [Effect::Post { .. }]), "{text}: {posts:?}");
    }
    assert!(matches!(
        decide(&says(CAROL, T, "!language de, and my pump leaks"), &in_room(ticket())).as_slice(),
        [Effect::Post { .. }]
    ));
    for text in ["!help", "!video", "!cancel", "!language de"] {
        let opens = decide(&with_photo(D, text), &at_door(None));
        assert!(matches!(opens.first(), Some(Effect::CreateTicket { .. })), "{text}: {opens:?}");
        let posts = decide(&with_photo(T, text), &in_room(ticket()));
        assert!(matches!(posts.as_slice(), [Effect::Post { files, .. }] if files.len() == 1), "{text}: {posts:?}");
    }
}

#[test]
fn a_command_of_a_tickets_room_is_no_words_at_the_door() {
    let invited = Ticket { joined: Vec::new(), ..ticket() };
    for word in ["cancel", "video", "Cancel"] {
        let lower = word.to_lowercase();
        for (place, view) in [(D, at_door(None)), (D, at_door(Some(invited.clone()))), (W, in_waiting())] {
            let told = format!(r#"notice in {place} at $e: "!{lower} is for the room of a ticket: …""#);
            check(says(CAROL, place, &format!("!{word}")), view, &told);
        }
    }
}

#[test]
fn words_behind_a_command_of_a_tickets_room_go_into_the_ticket() {
    let invited = Ticket { joined: Vec::new(), ..ticket() };
    for (text, view) in
        [("!cancel order 7, please", at_door(None)), ("!cancel order 7, please", at_door(Some(invited)))]
    {
        let effects = decide(&says(CAROL, D, text), &view);
        let goes_on = matches!(effects.first(), Some(Effect::CreateTicket { .. } | Effect::Tell { .. }));
        assert!(goes_on, "{effects:?}");
    }
}

#[test]
fn our_own_words_at_a_door_are_an_echo() {
    nothing(says(BOT, D, "Hello!"), at_door(None));
}

#[test]
fn words_at_the_door_are_shown_in_the_room_and_written_into_the_ticket() {
    let said = ticketroom::model::Fact::SaidAtDoor(said_by(CAROL, D, "A lot"));
    check(
        said,
        lane(ticket()),
        r#"notice in !t carrying $e of #1: "carol wrote:\n> A lot"
        post #1 as customer @carol carol public: "A lot" from $e in !d"#,
    );
}

#[test]
fn words_at_the_door_reach_a_ticket_whose_room_is_not_there_yet() {
    let said = ticketroom::model::Fact::SaidAtDoor(said_by(CAROL, D, "A lot"));
    check(said, lane(unfurnished()), r#"post #1 as customer @carol carol public: "A lot" from $e in !d"#);
}

#[test]
fn words_at_the_door_for_a_ticket_that_nobody_has_heard_of_go_into_it_all_the_same() {
    let unheard = || View { lane: Some(id()), ..nowhere() };
    check(
        ticketroom::model::Fact::SaidAtDoor(said_by(CAROL, D, "A lot")),
        unheard(),
        r#"post #1 as customer @carol carol public: "A lot" from $e in !d"#,
    );
    check(
        ticketroom::model::Fact::SaidAtDoor(said_by(ADA, D, "She never pays")),
        unheard(),
        r#"post #1 as agent ada Ada internal: "She never pays" from $e in !d"#,
    );
}

#[test]
fn a_customer_who_leaves_their_door_is_left() {
    check(leaves(CAROL, D), at_door(None), "leave !d\nforget !d");
}

#[test]
fn somebody_else_may_leave_a_door() {
    nothing(leaves(EVE, D), at_door(None));
}

#[test]
fn a_picture_at_the_door_is_refused_at_the_message() {
    check(sends(CAROL, D, Uncarried::Picture), at_door(None), r#"notice in !d at $e: "A picture can't be carried…""#);
}

#[test]
fn an_edit_at_the_door_is_undone_by_the_ticket_that_was_opened_there() {
    check(
        edits(CAROL, D),
        at_door(Some(ticket())),
        r#"tell #1 Edited { room: "!d:here", event: "$edit", sender: "@carol:here", original: "$e" }"#,
    );
    let in_lane = View { lane: Some(id()), ..at_door(Some(ticket())) };
    check(
        edits(CAROL, D),
        in_lane,
        r#"redact $edit in !d
        notice in !d at $e: "Messages here can't be edited, …"
        remember #1, told @carol"#,
    );
}

#[test]
fn a_room_that_nobody_knows_is_nobodys_business() {
    nothing(says(EVE, "!x", "Hello"), nowhere());
    nothing(says(EVE, "!x", "!accept"), nowhere());
    nothing(reacts(EVE, "$card", "✅"), nowhere());
    nothing(edits(EVE, "!x"), nowhere());
    nothing(encrypts(EVE, "!x"), nowhere());
    nothing(sends(EVE, "!x", Uncarried::Picture), nowhere());
    nothing(joins(EVE, "!x"), nowhere());
    nothing(leaves(EVE, "!x"), nowhere());
}

//! Any fact and any view, from few people and places, so that they meet.

use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use ticketroom::bridge::View;
use ticketroom::model::{
    Acceptance, Author, Desk, DeskId, Draft, Effect, Fact, FileKind, Ghost, HelpdeskMessage, Inspection, Manner,
    MessageId, Outcome, Particulars, Person, PersonId, Place, Powers, RichText, Room, RoomKind, Said, Snapshot,
    Speaker, Speech, SpeechKind, Status, Ticket, Uncarried, Visibility, Why,
};

use crate::world::*;

/// What only agents may read, wherever it comes from.
pub const SECRET: &str = "he pays late";

fn users() -> BoxedStrategy<OwnedUserId> {
    select(vec![ADA, BEN, CAROL, EVE, BOT, "_desk_u7", "_desk_u21"]).prop_map(user).boxed()
}

fn rooms() -> BoxedStrategy<OwnedRoomId> {
    select(vec![T, DESK, D, W]).prop_map(room).boxed()
}

fn events() -> BoxedStrategy<OwnedEventId> {
    select(vec!["$e", "$card", "$edit", "$other"]).prop_map(event).boxed()
}

fn why() -> impl Strategy<Value = Why> {
    prop_oneof![
        Just(Why::Unreachable),
        Just(Why::NoTicket),
        Just(Why::Setup),
        Just(Why::Other),
        texts().prop_map(Why::said),
    ]
}

fn texts() -> BoxedStrategy<String> {
    let fixed = select(vec![
        "",
        "!",
        "!!",
        "!help",
        "!accept",
        "!release",
        "!close",
        "!reopen",
        "!note",
        "!link",
        "!block",
        "!link 1",
        "!add",
        "!send",
        "!drop",
        "!video",
        "!video end",
        "!dance",
        "Hello",
        "\u{202e}",
        "🔥",
    ]);
    prop_oneof![4 => fixed.prop_map(str::to_owned), 1 => any::<String>()].boxed()
}

fn people() -> BoxedStrategy<Person> {
    let known = select(vec![ada(), ben(), carol(), dora(), ghost("7", "Gina")]);
    let any = ("[0-9]{1,2}|.{0,4}", select(vec![ADA, BEN, "dora", "x@mail.invalid", ""]), any::<String>());
    let made = (any, option::of(users())).prop_map(|((id, login, name), matrix)| Person {
        id: PersonId::new(id),
        login: login.to_owned(),
        name,
        matrix,
    });
    prop_oneof![3 => known, 1 => made].boxed()
}

fn desks() -> BoxedStrategy<Desk> {
    select(vec![desk_3(), Desk { id: DeskId::new("4"), name: "Repair".to_owned() }]).boxed()
}

pub fn snapshots() -> BoxedStrategy<Snapshot> {
    let words = (texts(), select(vec!["open", "resolved"]), any::<bool>(), option::of(Just("high".to_owned())));
    let who = (option::of(people()), prop::collection::vec(people(), 0..3), option::of(people()));
    let special = (prop::bool::weighted(0.2), option::weighted(0.1, select(vec!["7", "8"])));
    (words, who, desks(), option::weighted(0.1, events()), special)
        .prop_map(|((title, label, closed, priority), (owner, customers, author), desk, marker, special)| Snapshot {
            title,
            status: Status { closed: closed || special.1.is_some(), label: label.to_owned() },
            internal: special.0,
            merged_into: special.1.map(successor),
            priority,
            device: None,
            template: None,
            owner,
            customers,
            author,
            desk: desk.id,
            desk_name: desk.name,
            marker,
            ..snapshot()
        })
        .boxed()
}

fn draft(agent: OwnedUserId) -> Draft {
    Draft { event: event("$other"), place: thread(), agent, body: RichText::plain("drafted"), unknown: Vec::new() }
}

pub fn tickets() -> BoxedStrategy<Ticket> {
    let some = || prop::collection::vec(users(), 0..3);
    let ghosts = prop::collection::vec((people(), any::<bool>()), 0..3);
    let placed = (option::weighted(0.9, Just(room(T))), option::weighted(0.8, (events(), desks())), any::<bool>());
    (snapshots(), placed, ghosts, (some(), some(), some()))
        .prop_map(|(snapshot, (room, card, locked), ghosts, (invited, joined, told_no_edits))| {
            let (card, card_desk) = card.unzip();
            let ghosts = ghosts.into_iter().map(|(person, agent)| Ghost { person: person.id, agent }).collect();
            let drafts = told_no_edits.first().map(|agent| draft(agent.clone())).into_iter().collect();
            let ticket = Ticket::new(snapshot);
            Ticket { room, card, card_desk, locked, ghosts, invited, joined, told_no_edits, drafts, ..ticket }
        })
        .boxed()
}

fn messages() -> BoxedStrategy<HelpdeskMessage> {
    let parts = (people(), any::<bool>(), any::<bool>(), texts());
    (parts, prop::collection::vec(any::<String>(), 0..2), option::weighted(0.1, events()))
        .prop_map(|((author, by_agent, internal, text), files, marker)| HelpdeskMessage {
            visibility: if internal { Visibility::Internal } else { Visibility::Public },
            files: files.iter().map(|name| attached(name, FileKind::Image)).collect(),
            marker,
            ..message(author, by_agent, if internal { SECRET } else { &text })
        })
        .boxed()
}

/// What is written in the desk room is between agents.
pub fn saids() -> BoxedStrategy<Said> {
    (rooms(), events(), users(), texts(), option::of(events()))
        .prop_map(|(room, event, sender, text, thread)| {
            let between_agents = room == crate::world::room(DESK) || text == "!note";
            let text = if between_agents { format!("{text} {SECRET}") } else { text };
            let body = RichText::plain(&text);
            let (reply_to, mentions) = (thread.clone(), vec![user(BEN)]);
            Said {
                room,
                event,
                sender,
                body,
                text,
                thread,
                reply_to,
                manner: Manner::Words,
                mentions,
                files: Vec::new(),
            }
        })
        .boxed()
}

fn doors() -> BoxedStrategy<RoomKind> {
    (any::<bool>(), any::<bool>()).prop_map(|(open, waiting)| door(open, waiting)).boxed()
}

fn waiting() -> RoomKind {
    RoomKind::Waiting { customer: user(CAROL), door: room(D), code: None }
}

fn ticket_room() -> Room {
    Room { id: room(T), kind: RoomKind::Ticket(id()) }
}

fn kinds() -> BoxedStrategy<RoomKind> {
    let upgrade = users().prop_map(|by| RoomKind::Upgrade { former: Box::new(ticket_room()), by });
    let space = Just(RoomKind::Space(desk_3().id));
    prop_oneof![
        4 => Just(RoomKind::Ticket(id())),
        4 => Just(RoomKind::Desk(desk_3().id)),
        4 => Just(waiting()),
        4 => doors(),
        1 => upgrade,
        1 => space,
    ]
    .boxed()
}

fn places() -> BoxedStrategy<Place> {
    prop_oneof![
        rooms().prop_map(Place::Room),
        desks().prop_map(|desk| Place::Desk { desk }),
        (desks(), events()).prop_map(|(desk, root)| Place::Thread { desk, root }),
    ]
    .boxed()
}

fn authors() -> BoxedStrategy<Author> {
    prop_oneof![
        Just(Author::Bridge),
        texts().prop_map(|name| Author::Agent { login: ADA.to_owned(), name }),
        (users(), texts()).prop_map(|(matrix, name)| Author::Customer { matrix, name }),
    ]
    .boxed()
}

fn speeches() -> BoxedStrategy<Effect> {
    (places(), any::<bool>(), any::<bool>())
        .prop_map(|(place, carries, offer)| {
            Effect::Say(Speech {
                place,
                speaker: Speaker::Bot,
                kind: SpeechKind::Message,
                body: RichText::plain(SECRET),
                reply_to: None,
                answers: None,
                room_thread: None,
                carries: carries.then(|| (id(), MessageId::new("5"))),
                replaces: None,
                offer_of: offer.then(id),
                prepares: None,
                tells: None,
                language: None,
            })
        })
        .boxed()
}

fn powers() -> impl Strategy<Value = Powers> {
    prop::collection::vec(users(), 0..2).prop_map(|customers| Powers {
        locked: customers.is_empty(),
        agents: Vec::new(),
        customers,
        followed: false,
    })
}

fn effects() -> BoxedStrategy<Effect> {
    prop_oneof![
        (snapshots(), powers())
            .prop_map(|(snapshot, powers)| Effect::CreateTicketRoom { snapshot: Box::new(snapshot), powers }),
        (rooms(), users(), events()).prop_map(|(door, customer, cause)| Effect::CreateWaitingRoom {
            door,
            customer,
            cause,
            name: String::new()
        }),
        (rooms(), users()).prop_map(|(room, by)| Effect::Inspect { former: Box::new(ticket_room()), room, by }),
        speeches(),
        (places(), events(), texts()).prop_map(|(place, event, key)| Effect::React { place, event, key }),
        (rooms(), events()).prop_map(|(room, event)| Effect::Redact { room, event, reason: String::new() }),
        rooms().prop_map(|room| Effect::Join { room }),
        (saids(), events()).prop_map(|(said, answered)| Effect::ReadAnswered { said: Box::new(said), answered }),
        (rooms(), users()).prop_map(|(room, user)| Effect::Invite { room, user }),
        users().prop_map(|user| Effect::InviteToDesk { desk: desk_3(), user }),
        (rooms(), powers()).prop_map(|(room, powers)| Effect::SetPowers { room, powers }),
        (users(), rooms(), kinds(), events()).prop_map(|(customer, id, kind, marker)| Effect::CreateTicket {
            desk: desk_3().id,
            customer,
            customer_name: "X".to_owned(),
            title: "X".to_owned(),
            body: RichText::plain("X"),
            files: vec![sent_file("x")],
            marker,
            particulars: Particulars::default(),
            room: Room { id, kind },
        }),
        (authors(), events(), option::of(places())).prop_map(|(author, marker, from)| Effect::Post {
            ticket: id(),
            author,
            visibility: Visibility::Internal,
            body: RichText::plain(SECRET),
            files: vec![sent_file("x")],
            marker,
            from,
        }),
        select(vec![ADA, BEN, "nobody"]).prop_map(|login| Effect::Accept {
            ticket: id(),
            login: login.to_owned(),
            agent: user(login)
        }),
        Just(Effect::Release { ticket: id(), login: "ada".to_owned() }),
        any::<bool>().prop_map(|closed| Effect::SetClosed { ticket: id(), closed }),
        ".{0,50}".prop_map(|message| Effect::FetchMessage { ticket: id(), message: MessageId::new(message) }),
    ]
    .boxed()
}

fn inspections() -> BoxedStrategy<Inspection> {
    let flags = || any::<bool>();
    (option::of(rooms()), option::of(users()), (flags(), flags(), flags(), flags()))
        .prop_map(|(predecessor, creator, (taken, entered, entitled, powerful))| Inspection {
            taken,
            entered,
            predecessor,
            creator,
            entitled,
            powerful,
        })
        .boxed()
}

fn outcomes() -> BoxedStrategy<Outcome> {
    let acceptances = prop_oneof![
        snapshots().prop_map(Acceptance::Accepted),
        (people(), snapshots()).prop_map(|(owner, snapshot)| Acceptance::OwnedBy(owner, snapshot)),
        texts().prop_map(Acceptance::Denied),
    ];
    prop_oneof![
        Just(Outcome::Ok),
        (rooms(), events()).prop_map(|(room, event)| Outcome::Sent { room, event }),
        rooms().prop_map(|room| Outcome::RoomMade { room }),
        snapshots().prop_map(|snapshot| Outcome::Ticket(Box::new(snapshot))),
        Just(Outcome::NoTicket),
        Just(Outcome::Answered(None)),
        messages().prop_map(|message| Outcome::Message(Box::new(message))),
        acceptances.prop_map(Outcome::Acceptance),
        (texts(), why()).prop_map(|(reason, why)| Outcome::Dead { reason, why }),
        inspections().prop_map(|found| Outcome::Inspected(Box::new(found))),
    ]
    .boxed()
}

pub fn facts() -> BoxedStrategy<Fact> {
    let by_somebody = || (rooms(), events(), users());
    let from_matrix = prop_oneof![
        saids().prop_map(Fact::Said),
        (by_somebody(), events()).prop_map(|((room, event, sender), original)| Fact::Edited {
            room,
            event,
            sender,
            original
        }),
        (by_somebody(), events(), select(vec!["✅", "✅\u{fe0f}", "👍", ""])).prop_map(
            |((room, event, sender), target, key)| Fact::Reacted { room, event, sender, target, key: key.to_owned() }
        ),
        (rooms(), users(), any::<bool>(), option::of(any::<i64>())).prop_map(|(room, user, joined, until_ms)| {
            Fact::Called { room, user, key: "k".to_owned(), joined, until_ms }
        }),
        (rooms(), powers()).prop_map(|(room, powers)| Fact::LevelsSet { room, powers }),
        by_somebody().prop_map(|(room, event, by)| Fact::Invited { room, event, by, contact: None }),
        (rooms(), users()).prop_map(|(room, user)| Fact::Joined { room, user }),
        (rooms(), users()).prop_map(|(room, user)| Fact::Left { room, user }),
        (by_somebody(), rooms()).prop_map(|((room, event, sender), replacement)| Fact::Upgraded {
            room,
            event,
            sender,
            replacement
        }),
        by_somebody().prop_map(|(room, event, sender)| Fact::Encrypted { room, event, sender }),
        (by_somebody(), select(vec![Uncarried::Picture, Uncarried::Other]))
            .prop_map(|((room, event, sender), what)| Fact::Unsupported { room, event, sender, what }),
    ];
    let from_helpdesk = prop_oneof![
        (option::of(Just(MessageId::new("5"))), any::<bool>()).prop_map(|(message, ticket_changed)| {
            Fact::Changed { ticket: id(), batch: "b".to_owned(), message, ticket_changed }
        }),
        snapshots().prop_map(Fact::Seen),
        messages().prop_map(Fact::Posted),
        (snapshots(), option::of(Just(room(W)))).prop_map(|(snapshot, waiting)| Fact::Opened {
            snapshot,
            waiting,
            language: None
        }),
        saids().prop_filter("a door is no desk", |said| said.room == room(D)).prop_map(Fact::SaidAtDoor),
        rooms().prop_map(|room| Fact::DeskMoved { room }),
        Just(Fact::AgentsChanged),
        (prop::collection::vec(users(), 0..3), select(vec![ADA, BEN])).prop_map(|(customers, agent)| {
            Fact::MergedHere {
                ticket: id(),
                number: "7".to_owned(),
                customers,
                agents: vec![user(agent)],
                dropped: vec![],
            }
        }),
        (effects(), outcomes()).prop_map(|(effect, outcome)| done(effect, outcome)),
    ];
    prop_oneof![from_matrix, from_helpdesk].boxed()
}

/// Anything at all, also what the delivery never shows together.
pub fn views() -> BoxedStrategy<View> {
    let rooms = option::of((rooms(), kinds()).prop_map(|(id, kind)| Room { id, kind }));
    (rooms, option::weighted(0.8, tickets()), option::of(texts()))
        .prop_map(|(room, ticket, sender_name)| View { room, ticket, sender_name, ..nowhere() })
        .boxed()
}

/// A fact and a view of where it happened, as the delivery shows them.
pub fn scenes() -> BoxedStrategy<(Fact, View)> {
    (facts(), views(), doors())
        .prop_map(|(fact, view, door)| {
            let kind = |room_id: &OwnedRoomId| match room_id.as_str().split(':').next() {
                Some(T) => RoomKind::Ticket(id()),
                Some(DESK) => RoomKind::Desk(desk_3().id),
                Some(W) => waiting(),
                _ => door.clone(),
            };
            let room = place_of(&fact).map(|room| Room { id: room.clone(), kind: kind(room) });
            (fact, View { room, ..view })
        })
        .boxed()
}

fn place_of(fact: &Fact) -> Option<&OwnedRoomId> {
    match fact {
        Fact::Said(said) | Fact::SaidAtDoor(said) => Some(&said.room),
        Fact::Edited { room, .. }
        | Fact::Reacted { room, .. }
        | Fact::Invited { room, .. }
        | Fact::Joined { room, .. }
        | Fact::Called { room, .. }
        | Fact::LevelsSet { room, .. }
        | Fact::Left { room, .. }
        | Fact::Upgraded { room, .. }
        | Fact::Encrypted { room, .. }
        | Fact::Unsupported { room, .. } => Some(room),
        Fact::MergedHere { .. }
        | Fact::DeskMoved { .. }
        | Fact::AgentsChanged
        | Fact::Changed { .. }
        | Fact::Seen(_)
        | Fact::Posted(_)
        | Fact::Opened { .. }
        | Fact::Overdue(_)
        | Fact::Stuck { .. }
        | Fact::Done { .. } => None,
    }
}

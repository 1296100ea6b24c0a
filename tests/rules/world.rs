//! A small world: a customer, two agents, a desk and a ticket, with short ways to change them.

use std::sync::Arc;

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};
use ticketroom::bridge::{View, decide};
use ticketroom::model::{
    Agent, BlockElement, CodeId, Desk, DeskId, Effect, Fact, File, FileKind, FileSource, HelpdeskMessage, Library,
    LinkElement, Manner, MessageId, Outcome, Person, PersonId, Place, Quotas, RichText, Room, RoomKind, Said, Session,
    SessionState, Settings, Snapshot, Status, Successor, Ticket, TicketId, Uncarried, Used, Visibility, Why,
};
use ticketroom::text::from_markdown;

use crate::render;

pub const BOT: &str = "_desk_bot";
/// Agents with a Matrix account.
pub const ADA: &str = "ada";
pub const BEN: &str = "ben";
/// The customer, and somebody whom nobody knows.
pub const CAROL: &str = "carol";
pub const EVE: &str = "eve";

/// The ticket's room, its desk's room, the customer's door and their waiting room.
pub const T: &str = "!t";
pub const DESK: &str = "!desk";
pub const D: &str = "!d";
pub const W: &str = "!w";

pub fn user(name: &str) -> OwnedUserId {
    OwnedUserId::try_from(format!("@{name}:here")).expect("a user id")
}

pub fn room(name: &str) -> OwnedRoomId {
    OwnedRoomId::try_from(format!("{name}:here")).expect("a room id")
}

pub fn event(name: &str) -> OwnedEventId {
    OwnedEventId::try_from(name).expect("an event id")
}

pub fn id() -> TicketId {
    TicketId::new("1")
}

/// The thread of the ticket's offer.
pub fn thread() -> Place {
    Place::Thread { desk: desk_3(), root: event("$card") }
}

pub fn desk_3() -> Desk {
    Desk { id: DeskId::new("3"), name: "Support".to_owned() }
}

/// What the configuration has to choose from.
fn library() -> Library {
    let link = |title: &str, url: &str, template: Option<&str>| LinkElement {
        title: title.to_owned(),
        url: url.to_owned(),
        template: template.map(from_markdown),
        language: None,
    };
    let block = |name: &str, body: &str, desks: &[&str], language: Option<&str>| BlockElement {
        name: name.to_owned(),
        body: from_markdown(body),
        desks: desks.iter().map(|desk| (*desk).to_owned()).collect(),
        language: language.map(str::to_owned),
    };
    Library {
        links: vec![
            link("Pump manual", "https://kb.invalid/pump", None),
            link("Change the seal", "https://kb.invalid/seal", Some("Please read {{link}}, {{customer.name}}.")),
        ],
        blocks: vec![
            block("Gruß", "Hallo {{customer.name}}", &[], Some("de")),
            block("Greeting", "Guten Tag {{customer.name}}", &[], Some("de")),
            block(
                "Greeting",
                "Hello {{customer.name}}, **{{agent.name}}** here about #{{ticket.number}}",
                &["Support"],
                Some("en"),
            ),
            block("Recall", "Device {{device.serial}} is recalled", &["3"], None),
            block("Turbines", "For another desk", &["Turbines"], None),
        ],
        ..Library::default()
    }
}

pub fn settings() -> Settings {
    let agent = |name: &str, called: &str| Agent {
        login: name.to_owned(),
        matrix: user(name),
        name: called.to_owned(),
        desks: Vec::new(),
    };
    Settings {
        bot: user(BOT),
        server: "here".try_into().expect("a server name"),
        prefix: "_desk_".to_owned(),
        agents: vec![agent(ADA, "Ada"), agent(BEN, "Ben")],
        default_desk: DeskId::new("3"),
        templates: Vec::new(),
        quotas: Quotas::default(),
        video: Default::default(),
        give_up_after_s: 3600,
        library: library(),
        texts: std::sync::Arc::new(ticketroom::texts::Texts::built_in("en")),
        spaces: false,
        low_priority: false,
    }
}

/// Somebody whom only the helpdesk knows.
pub fn ghost(id: &str, name: &str) -> Person {
    Person { id: PersonId::new(id), login: format!("{id}@mail.invalid"), name: name.to_owned(), matrix: None }
}

/// Somebody whose helpdesk record names a Matrix account.
pub fn person(id: &str, name: &str, matrix: &str) -> Person {
    Person { matrix: Some(user(matrix)), login: matrix.to_owned(), ..ghost(id, name) }
}

pub fn carol() -> Person {
    person("11", "Carol", CAROL)
}

pub fn ada() -> Person {
    Person { login: ADA.to_owned(), ..ghost("21", "Ada") }
}

pub fn ben() -> Person {
    Person { login: BEN.to_owned(), ..ghost("22", "Ben") }
}

/// An agent who has no Matrix account.
pub fn dora() -> Person {
    Person { login: "dora".to_owned(), ..ghost("23", "Dora") }
}

/// Open, unowned, Carol's.
pub fn snapshot() -> Snapshot {
    Snapshot {
        id: id(),
        number: "1".to_owned(),
        title: "It leaks".to_owned(),
        desk: desk_3().id,
        desk_name: desk_3().name,
        status: Status { closed: false, label: "open".to_owned() },
        owner: None,
        priority: None,
        device: None,
        template: None,
        customers: vec![carol()],
        url: "https://desk.invalid/1".to_owned(),
        description: RichText::plain("The pump leaks."),
        lacks: None,
        files: Vec::new(),
        author: Some(carol()),
        marker: None,
        internal: false,
        merged_into: None,
    }
}

/// The snapshot's ticket, with its room furnished and offered, and Carol in it.
pub fn ticket() -> Ticket {
    Ticket {
        room: Some(room(T)),
        card: Some(event("$card")),
        card_desk: Some(desk_3()),
        invited: vec![user(CAROL)],
        joined: vec![user(CAROL)],
        ..Ticket::new(snapshot())
    }
}

/// A ticket that the helpdesk has and whose room is not there yet.
pub fn unfurnished() -> Ticket {
    Ticket::new(snapshot())
}

/// Changes of a ticket, or of what the helpdesk says of it.
pub trait Shape: Sized {
    fn shape(&mut self) -> &mut Snapshot;

    fn with(mut self, change: impl FnOnce(&mut Snapshot)) -> Self {
        change(self.shape());
        self
    }

    fn owned_by(self, owner: Person) -> Self {
        self.with(|snapshot| snapshot.owner = Some(owner))
    }

    fn titled(self, title: &str) -> Self {
        self.with(|snapshot| snapshot.title = title.to_owned())
    }

    fn closed(self) -> Self {
        self.with(|snapshot| snapshot.status = Status { closed: true, label: "resolved".to_owned() })
    }

    fn internal(self) -> Self {
        self.with(|snapshot| snapshot.internal = true)
    }

    /// As the helpdesk shows a ticket that was merged into #7.
    fn merged(self) -> Self {
        self.closed().with(|snapshot| snapshot.merged_into = Some(successor("7")))
    }

    fn customers(self, customers: &[Person]) -> Self {
        self.with(|snapshot| snapshot.customers = customers.to_vec())
    }

    fn written_by(self, author: Person) -> Self {
        self.with(|snapshot| snapshot.author = Some(author))
    }

    fn at_desk(self, id: &str, name: &str) -> Self {
        self.with(|snapshot| (snapshot.desk, snapshot.desk_name) = (DeskId::new(id), name.to_owned()))
    }
}

impl Shape for Snapshot {
    fn shape(&mut self) -> &mut Snapshot {
        self
    }
}

impl Shape for Ticket {
    fn shape(&mut self) -> &mut Snapshot {
        &mut self.snapshot
    }

    fn owned_by(self, owner: Person) -> Self {
        let writer = settings().agent_by_login(&owner.login).map(|agent| agent.matrix.clone());
        Self { writer, ..self }.with(|snapshot| snapshot.owner = Some(owner))
    }
}

/// The ticket that another one was merged into.
pub fn successor(id: &str) -> Successor {
    Successor { id: TicketId::new(id), number: id.to_owned(), internal: false }
}

/// Closed, and its room locked.
pub fn locked() -> Ticket {
    Ticket { locked: true, ..ticket().closed() }
}

// --- where

fn view(kind: Option<(&str, RoomKind)>, ticket: Option<Ticket>) -> View {
    View {
        settings: Arc::new(settings()),
        room: kind.map(|(name, kind)| Room { id: room(name), kind }),
        ticket,
        code: None,
        used: Used::default(),
        sender_name: None,
        now_ms: 1_795_000_000_000,
        languages: Vec::new(),
        names: Default::default(),
        answered: None,
        card_room: None,
        lane: None,
    }
}

/// In the ticket's room.
pub fn in_room(ticket: Ticket) -> View {
    view(Some((T, RoomKind::Ticket(id()))), Some(ticket))
}

/// In the desk room, in the ticket's thread.
pub fn in_thread(ticket: Ticket) -> View {
    view(Some((DESK, RoomKind::Desk(desk_3().id))), Some(ticket))
}

/// In the desk room, outside of any thread.
pub fn in_desk() -> View {
    view(Some((DESK, RoomKind::Desk(desk_3().id))), None)
}

/// At Carol's door; `ticket` was opened from it last.
pub fn at_door(ticket: Option<Ticket>) -> View {
    view(Some((D, door(ticket.is_some(), false))), ticket)
}

pub fn at_door_waiting() -> View {
    view(Some((D, door(false, true))), None)
}

pub fn in_waiting() -> View {
    view(Some((W, RoomKind::Waiting { customer: user(CAROL), door: room(D), code: None })), None)
}

/// The same, where desks have spaces and agents' lists are tidied.
pub fn with_spaces(mut view: View) -> View {
    view.settings = Arc::new(Settings { spaces: true, low_priority: true, ..settings() });
    view
}

/// In the ticket's lane, in no room.
pub fn lane(ticket: Ticket) -> View {
    view(None, Some(ticket))
}

pub fn nowhere() -> View {
    view(None, None)
}

pub fn door(open: bool, waiting: bool) -> RoomKind {
    RoomKind::Door {
        customer: user(CAROL),
        open: open.then(id),
        waiting: waiting.then(|| room(W)),
        code: None,
        others: Vec::new(),
    }
}

pub fn release(login: &str) -> Effect {
    Effect::Release { ticket: id(), login: login.to_owned() }
}

// --- what

pub fn said_by(who: &str, place: &str, text: &str) -> Said {
    Said {
        room: room(place),
        event: event("$e"),
        sender: user(who),
        body: RichText::plain(text),
        text: text.to_owned(),
        thread: None,
        reply_to: None,
        files: Vec::new(),
        manner: Manner::Words,
        mentions: Vec::new(),
    }
}

pub fn says(who: &str, place: &str, text: &str) -> Fact {
    Fact::Said(said_by(who, place, text))
}

pub fn reacts(who: &str, target: &str, key: &str) -> Fact {
    Fact::Reacted {
        room: room(DESK),
        event: event("$e"),
        sender: user(who),
        target: event(target),
        key: key.to_owned(),
    }
}

pub fn edits(who: &str, place: &str) -> Fact {
    Fact::Edited { room: room(place), event: event("$edit"), sender: user(who), original: event("$e") }
}

pub fn encrypts(who: &str, place: &str) -> Fact {
    Fact::Encrypted { room: room(place), event: event("$e"), sender: user(who) }
}

pub fn sends(who: &str, place: &str, what: Uncarried) -> Fact {
    Fact::Unsupported { room: room(place), event: event("$e"), sender: user(who), what }
}

pub fn invites(who: &str, place: &str) -> Fact {
    Fact::Invited { room: room(place), event: event("$e"), by: user(who), contact: None }
}

/// The contact user of the code `pump-7` is invited.
pub fn invites_contact(who: &str, place: &str) -> Fact {
    Fact::Invited { room: room(place), event: event("$e"), by: user(who), contact: Some(CodeId::new("pump-7")) }
}

pub fn joins(who: &str, place: &str) -> Fact {
    Fact::Joined { room: room(place), user: user(who) }
}

pub fn leaves(who: &str, place: &str) -> Fact {
    Fact::Left { room: room(place), user: user(who) }
}

pub fn done(effect: Effect, outcome: Outcome) -> Fact {
    Fact::Done { key: "k".to_owned(), effect: Box::new(effect), outcome }
}

pub fn dies(effect: Effect) -> Fact {
    done(effect, Outcome::Dead { reason: "500".to_owned(), why: Why::said("it is on fire.") })
}

/// What somebody wrote in the helpdesk.
pub fn message(author: Person, author_is_agent: bool, text: &str) -> HelpdeskMessage {
    HelpdeskMessage {
        id: MessageId::new("5"),
        ticket: id(),
        author,
        author_is_agent,
        visibility: Visibility::Public,
        body: RichText::plain(text),
        lacks: None,
        files: Vec::new(),
        marker: None,
        answers: None,
    }
}

/// Something attached to the helpdesk's message 5.
pub fn attached(name: &str, kind: FileKind) -> File {
    let source = FileSource::Helpdesk { message: MessageId::new("5"), file: name.to_owned() };
    File { name: name.to_owned(), kind, voice: false, size_bytes: None, source }
}

/// Something sent in a room.
pub fn sent_file(name: &str) -> File {
    let source = FileSource::Matrix("mxc://here/x".into());
    File { name: name.to_owned(), kind: FileKind::Image, voice: false, size_bytes: Some(5), source }
}

/// The room of a ticket that the helpdesk has shown so is there, made as the rules asked for.
pub fn room_made(shown: Snapshot) -> Fact {
    let effects = decide(&Fact::Opened { snapshot: shown, waiting: None, language: None }, &nowhere());
    let make = effects.into_iter().find(|effect| matches!(effect, Effect::CreateTicketRoom { .. }));
    done(make.expect("a room"), Outcome::RoomMade { room: room(T) })
}

/// What an agent wrote in the helpdesk for agents alone.
pub fn comment(author: Person, text: &str) -> HelpdeskMessage {
    HelpdeskMessage { visibility: Visibility::Internal, ..message(author, true, text) }
}

// --- and what follows

/// Decides, and compares with what is expected, line by line.
#[track_caller]
pub fn check(fact: Fact, view: View, expected: &str) {
    let lines = render::effects(&decide(&fact, &view), view.ticket.as_ref());
    let expected: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let same = lines.len() == expected.len()
        && lines.iter().zip(&expected).all(|(line, expected)| render::matches(line, expected));
    assert!(same, "decided:\n  {}\nexpected:\n  {}\n", lines.join("\n  "), expected.join("\n  "));
}

#[track_caller]
pub fn nothing(fact: Fact, view: View) {
    check(fact, view, "");
}

/// An open one.
pub fn session() -> Session {
    Session {
        name: "ticket-x".to_owned(),
        url: "https://meet.invalid/ticket-x".to_owned(),
        opened: event("$open"),
        state: SessionState::Open,
        present: Vec::new(),
        expiring: Vec::new(),
        used: false,
    }
}

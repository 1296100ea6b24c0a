//! A small world for the rules and for events: one bot, one agent, one customer, one ticket.

use std::sync::{Arc, LazyLock};

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId, event_id, room_id, user_id};
use ticketroom::bridge::View;
use ticketroom::model::{
    Agent, Desk, DeskId, Library, LinkElement, Person, PersonId, Quotas, RichText, Room, RoomKind, Settings, Snapshot,
    Status, Ticket, TicketId, Used,
};

pub fn customer() -> OwnedUserId {
    user_id!("@carol:here").to_owned()
}

pub fn agent() -> OwnedUserId {
    user_id!("@ada:here").to_owned()
}

pub fn room() -> OwnedRoomId {
    room_id!("!t:here").to_owned()
}

pub fn desk_room() -> OwnedRoomId {
    room_id!("!desk:here").to_owned()
}

pub fn card() -> OwnedEventId {
    event_id!("$card").to_owned()
}

pub static SETTINGS: LazyLock<Arc<Settings>> = LazyLock::new(|| {
    let link = |title: &str| LinkElement {
        title: title.to_owned(),
        url: "https://kb.invalid/pump".to_owned(),
        template: None,
        language: None,
    };
    Arc::new(Settings {
        bot: user_id!("@_desk_bot:here").to_owned(),
        server: "here".try_into().unwrap(),
        prefix: "_desk_".to_owned(),
        agents: vec![Agent { login: "ada".to_owned(), matrix: agent(), name: "Ada".to_owned(), desks: Vec::new() }],
        default_desk: DeskId::new("3"),
        templates: Vec::new(),
        quotas: Quotas::default(),
        video: Default::default(),
        give_up_after_s: 3600,
        library: Library { links: vec![link("Pump"), link("Seal")], ..Library::default() },
        texts: Arc::new(ticketroom::texts::Texts::built_in("en")),
        spaces: false,
        low_priority: false,
    })
});

/// The ticket, Ada's or nobody's, open or closed, as it is seen from one of its places.
pub fn view(kind: RoomKind, id: OwnedRoomId, owned: bool, closed: bool) -> View {
    let person = |id: &str, login: &str, matrix: Option<OwnedUserId>| Person {
        id: PersonId::new(id),
        login: login.to_owned(),
        name: login.to_owned(),
        matrix,
    };
    let carol = person("11", "carol", Some(customer()));
    let snapshot = Snapshot {
        id: ticket_id(),
        number: "1".to_owned(),
        title: "It leaks".to_owned(),
        desk: desk().id,
        desk_name: desk().name,
        status: Status { closed, label: "open".to_owned() },
        owner: owned.then(|| person("21", "ada", None)),
        priority: None,
        device: None,
        template: None,
        customers: vec![carol.clone()],
        url: "https://desk.invalid/1".to_owned(),
        description: RichText::plain("The pump leaks."),
        lacks: None,
        files: Vec::new(),
        author: Some(carol),
        marker: None,
        internal: false,
        merged_into: None,
    };
    let ticket = Ticket {
        room: Some(room()),
        card: Some(card()),
        card_desk: Some(desk()),
        invited: vec![customer()],
        joined: vec![customer()],
        ..Ticket::new(snapshot)
    };
    View {
        settings: Arc::clone(&SETTINGS),
        room: Some(Room { id, kind }),
        ticket: Some(ticket),
        code: None,
        used: Used::default(),
        sender_name: None,
        now_ms: 1_790_000_000_000,
        languages: Vec::new(),
        names: Default::default(),
        answered: None,
        card_room: None,
        lane: None,
    }
}

pub fn ticket_id() -> TicketId {
    TicketId::new("1")
}

pub fn desk() -> Desk {
    Desk { id: DeskId::new("3"), name: "Support".to_owned() }
}

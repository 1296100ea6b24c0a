//! Tickets that are there before the bridge starts: their rows in its database, written by its own store.

use std::path::Path;

use anyhow::Context;
use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};
use ticketroom::model::{
    Desk, DeskId, Ghost, Person, PersonId, RichText, Room, RoomKind, Snapshot, Status, Ticket, TicketId,
};
use ticketroom::store::{self, Step};

pub const DOMAIN: &str = "bench.test";
/// Customers' Matrix ids, with the ticket's number in place of `{}`.
pub const CUSTOMER: &str = "@customer{}:bench.test";
/// Tickets in one commit.
const AT_ONCE: usize = 1000;
/// `anna` in the helpdesk in memory.
const AGENT: &str = "1";

/// As room version 12 has them: without a server's name.
pub fn room(ticket: usize) -> anyhow::Result<OwnedRoomId> {
    RoomId::parse(format!("!ticket{ticket:0>37}")).context("no room id")
}

pub fn customer(ticket: usize) -> anyhow::Result<OwnedUserId> {
    UserId::parse(CUSTOMER.replace("{}", &ticket.to_string())).context("no user id")
}

/// Tickets 1 to `count` of the mock homeserver.
pub fn tickets(count: usize) -> anyhow::Result<Vec<(usize, OwnedRoomId, OwnedUserId)>> {
    (1..=count).map(|number| Ok((number, room(number)?, customer(number)?))).collect()
}

/// Writes these tickets, each with its room, its customer and their name.
pub async fn seed(
    database: &Path,
    tickets: impl IntoIterator<Item = (usize, OwnedRoomId, OwnedUserId)>,
) -> anyhow::Result<()> {
    let opened = store::open(&format!("sqlite:{}", database.display())).await?;
    let tickets: Vec<_> = tickets.into_iter().collect();
    for chunk in tickets.chunks(AT_ONCE) {
        let mut step = Step::default();
        for (number, room, customer) in chunk {
            let ticket = ticket(*number, room, customer)?;
            let id = ticket.snapshot.id.clone();
            step.rooms.push(Room { id: room.clone(), kind: RoomKind::Ticket(id) });
            step.names.push((customer.clone(), format!("Customer {number}")));
            step.tickets.push(ticket);
        }
        opened.backend.commit(opened.fence, 0, &[step]).await?;
    }
    Ok(())
}

fn ticket(number: usize, room: &OwnedRoomId, customer: &OwnedUserId) -> anyhow::Result<Ticket> {
    let matrix = customer.clone();
    let person = Person {
        id: PersonId::new((number + 2).to_string()),
        login: matrix.to_string(),
        name: format!("customer{number}"),
        matrix: Some(matrix.clone()),
    };
    let title = format!("Ticket {number}");
    let snapshot = Snapshot {
        id: TicketId::new(number.to_string()),
        number: number.to_string(),
        desk: DeskId::new("1"),
        desk_name: "General".to_owned(),
        status: Status { closed: false, label: "new".to_owned() },
        owner: None,
        priority: Some("Low".to_owned()),
        device: None,
        template: None,
        customers: vec![person.clone()],
        url: format!("https://helpdesk.test/{number}"),
        description: RichText::plain(&title),
        lacks: None,
        files: Vec::new(),
        author: Some(person),
        marker: None,
        internal: false,
        merged_into: None,
        title,
    };
    let mut ticket = Ticket::new(snapshot);
    ticket.room = Some(room.clone());
    ticket.card = Some(format!("$card{number}").try_into()?);
    ticket.card_desk = Some(Desk { id: DeskId::new("1"), name: "General".to_owned() });
    ticket.ghosts = vec![Ghost { person: PersonId::new(AGENT), agent: true }];
    ticket.invited = vec![matrix.clone()];
    ticket.joined = vec![matrix];
    Ok(ticket)
}

//! Reads a ticket whole: one call, and a few more the first time.

use super::wire::{List, Ticket, TicketAlone, Transaction};
use super::{RequestTracker, create, marker, message, people, words};
use crate::model::{DeskId, Failure, File, Lack, Person, RichText, Snapshot, Status, Successor, TicketId};

const USER: &str = "id,Name,RealName,CustomFields";
const MAX_TITLE_CHARS: usize = 250;

/// What opened a ticket.
#[derive(Clone, Default)]
pub(super) struct First {
    body: RichText,
    lacks: Option<Lack>,
    files: Vec<File>,
}

pub(super) async fn snapshot(rt: &RequestTracker, id: u64) -> Result<Option<Snapshot>, Failure> {
    // The status may change between the two questions; then both are asked again.
    for _ in 0..3 {
        let Some(ticket) = read(rt, &format!("id = {id}")).await? else {
            return unlisted(rt, id).await;
        };
        if let Some(closed) = is_closed(rt, &ticket).await? {
            return whole(rt, ticket, closed).await.map(Some);
        }
    }
    Err(Failure::retry("the ticket's status keeps changing"))
}

async fn read(rt: &RequestTracker, query: &str) -> Result<Option<Ticket>, Failure> {
    let query = [
        ("query", query),
        ("per_page", "1"),
        ("fields", "Subject,Status,Priority,Queue,Owner,Creator,Requestor,CustomFields"),
        ("fields[Queue]", "id,Name,Lifecycle"),
        ("fields[Owner]", USER),
        ("fields[Creator]", USER),
        ("fields[Requestor]", USER),
    ];
    let answer = rt.client.get(&["tickets"], &query).await?;
    Ok(answer.ok::<List<Ticket>>()?.first().filter(|ticket| ticket.id > 0))
}

/// What no search finds: a ticket that was merged into another, or deleted. To us both are closed.
async fn unlisted(rt: &RequestTracker, id: u64) -> Result<Option<Snapshot>, Failure> {
    let fields = [("fields[Queue]", "id,Name,Lifecycle"), ("fields[Owner]", USER), ("fields[Creator]", USER)];
    let answer = rt.client.get(&["ticket", &id.to_string()], &fields).await?;
    if answer.is_missing() {
        return Ok(None);
    }
    let alone: TicketAlone = answer.ok()?;
    match alone.ticket.id {
        0 => Ok(None),
        same if same == id => deleted(rt, alone).await,
        into => merged(rt, id, into).await,
    }
}

/// There, and yet in no list: all that Request Tracker hides from every search.
const DELETED: &str = "deleted";

async fn deleted(rt: &RequestTracker, alone: TicketAlone) -> Result<Option<Snapshot>, Failure> {
    let TicketAlone { requestors, ticket } = alone;
    if ticket.status != DELETED {
        return Ok(None);
    }
    // Whoever is listed no more is shown out, so all are looked for. A group has no login, and is nobody who could be.
    let mut customers = Vec::new();
    for requestor in requestors {
        if let Some(id) = people::number_of(&rt.client, &requestor.id).await? {
            customers.push(rt.people.by_id(&rt.client, id).await?.person);
        }
    }
    Ok(Some(Snapshot { customers, ..whole(rt, ticket, true).await? }))
}

/// It says where it went.
async fn merged(rt: &RequestTracker, id: u64, into: u64) -> Result<Option<Snapshot>, Failure> {
    let Some(ticket) = read(rt, &format!("id = {into}")).await? else {
        return Ok(None);
    };
    let mut snapshot = whole(rt, ticket, true).await?;
    snapshot.id = TicketId::new(id.to_string());
    snapshot.number = id.to_string();
    snapshot.url = page(rt, id);
    snapshot.status.label = format!("merged into #{into}");
    snapshot.marker = None;
    let id = TicketId::new(into.to_string());
    snapshot.merged_into = Some(Successor { id, number: into.to_string(), internal: snapshot.internal });
    Ok(Some(snapshot))
}

/// Which statuses are closed ones is the lifecycle's affair; it is asked by a search, once per status.
async fn is_closed(rt: &RequestTracker, ticket: &Ticket) -> Result<Option<bool>, Failure> {
    let key = (ticket.queue.lifecycle.clone(), ticket.status.clone());
    if let Some(closed) = rt.closed.get(&key) {
        return Ok(Some(closed));
    }
    for (closed, class) in [(true, "__Inactive__"), (false, "__Active__")] {
        let query = format!("id = {} AND Status = '{class}'", ticket.id);
        let query = [("query", query.as_str()), ("fields", "Status"), ("per_page", "1")];
        let found: List<Ticket> = rt.client.get(&["tickets"], &query).await?.ok()?;
        if found.first().is_some_and(|found| found.status == ticket.status) {
            rt.closed.put(key, closed);
            return Ok(Some(closed));
        }
    }
    Ok(None)
}

async fn whole(rt: &RequestTracker, ticket: Ticket, closed: bool) -> Result<Snapshot, Failure> {
    let first = first_message(rt, ticket.id).await?;
    let owner = ticket.owner.as_ref().filter(|user| user.name != "Nobody" && user.id > 0).map(|user| rt.person(user));
    Ok(Snapshot {
        id: TicketId::new(ticket.id.to_string()),
        number: ticket.id.to_string(),
        title: words::line(&ticket.subject, MAX_TITLE_CHARS),
        desk: DeskId::new(ticket.queue.id.to_string()),
        desk_name: words::line(&ticket.queue.name, 100),
        status: Status { closed, label: words::line(&ticket.status, 60) },
        owner,
        priority: priority(rt, &ticket.priority),
        device: field(&ticket, create::DEVICE),
        template: field(&ticket, create::TEMPLATE),
        customers: ticket.requestors.iter().filter(|user| user.id > 0).map(|user| rt.person(user)).collect(),
        url: page(rt, ticket.id),
        description: first.body,
        lacks: first.lacks,
        files: first.files,
        author: ticket.creator.as_ref().filter(|user| user.id > 0).map(|user| author(rt, user)),
        marker: rt.signer.in_fields(marker::On::Ticket, &ticket.fields),
        internal: is_internal(rt, &ticket),
        merged_into: None,
    })
}

/// The configured field holds the configured value.
fn is_internal(rt: &RequestTracker, ticket: &Ticket) -> bool {
    let Some(internal) = &rt.config.internal else { return false };
    let field = ticket.fields.iter().find(|field| field.name == internal.field);
    field.is_some_and(|field| field.values.iter().any(|value| value.trim().eq_ignore_ascii_case(&internal.value)))
}

fn field(ticket: &Ticket, name: &str) -> Option<String> {
    let field = ticket.fields.iter().find(|field| field.name == name)?;
    let value = words::line(field.values.first()?, 200);
    (!value.is_empty()).then_some(value)
}

/// Request Tracker's own doings bear a technical name.
fn author(rt: &RequestTracker, user: &super::wire::User) -> Person {
    let mut person = rt.person(user);
    if user.name == "RT_System" {
        person.name = "Request Tracker".to_owned();
    }
    person
}

fn priority(rt: &RequestTracker, number: &str) -> Option<String> {
    let value: i64 = number.parse().ok()?;
    let label = rt.config.priorities.iter().filter(|(_, from)| **from <= value).max_by_key(|(_, from)| **from);
    Some(label.map_or_else(|| value.to_string(), |(label, _)| label.clone()))
}

fn page(rt: &RequestTracker, id: u64) -> String {
    let mut url = rt.config.web_url.as_ref().unwrap_or(&rt.config.url).clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["Ticket", "Display.html"]);
    }
    url.set_query(Some(&format!("id={id}")));
    url.into()
}

/// It never changes, so it is read once.
async fn first_message(rt: &RequestTracker, id: u64) -> Result<First, Failure> {
    if let Some(first) = rt.first_messages.get(&id) {
        return Ok(first);
    }
    let query = format!("ObjectType = 'RT::Ticket' AND ObjectId = {id} AND Type = 'Create'");
    let query = [("query", query.as_str()), ("orderby", "id"), ("per_page", "1"), ("fields", "Type")];
    let created: List<Transaction> = rt.client.get(&["transactions"], &query).await?.ok()?;
    let first = match created.first() {
        Some(transaction) => {
            let content = message::read_body(rt, transaction.id).await?;
            First { body: content.body, lacks: content.lacks, files: content.files }
        }
        None => First::default(),
    };
    rt.first_messages.put(id, first.clone());
    Ok(first)
}

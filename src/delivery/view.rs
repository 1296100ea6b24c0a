//! Which lane something belongs into, and what the rules may look at there.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruma::{EventId, OwnedUserId, RoomId, UserId};

use super::engine::Engine;
use super::known::Known;
use crate::bridge::{AnsweredEvent, View};
use crate::matrix::Peeked;
use crate::model::{CodeId, Effect, Fact, MessageId, Outcome, Room, RoomKind, Ticket, TicketId, Used};
use crate::store::{Backend, EventRow, StoreError};

pub const TICKET: &str = "t:";
const ROOM: &str = "r:";
const TARGET: &str = "e:";
/// Where events go that can't be read.
pub const BAD: &str = "bad";

pub fn ticket_lane(ticket: &TicketId) -> String {
    format!("{TICKET}{ticket}")
}

pub fn room_lane(room: &RoomId) -> String {
    format!("{ROOM}{room}")
}

/// Edits at a door or in a room that waits for its ticket: they are undone at once, however long that takes.
const EDITS: &str = "w:";

/// What is decided in a lane of edits is so in the turn of its room: that becomes a ticket's in one step.
pub fn turn_lane(lane: &str) -> &str {
    lane.strip_prefix(EDITS).unwrap_or(lane)
}

/// What points at an event of a desk room that is not known yet: perhaps an offer that was sent this very moment.
pub fn target_lane(event: &EventId) -> String {
    format!("{TARGET}{event}")
}

/// Effects that don't wait behind others of their lane, or that others must not wait behind.
const BESIDE: &str = "x:";

/// Where an effect waits its turn. An edit is undone at once, however much is still to be said in its room; what is said
/// before a redaction is to stand there before it. A room whose successor is being made holds nothing up.
pub fn sending_lane(lane: &str, effect: &Effect, first: bool) -> String {
    let beside = match effect {
        Effect::Redact { .. } => first,
        Effect::Replace { .. } => true,
        _ => false,
    };
    if beside { format!("{BESIDE}{lane}") } else { lane.to_owned() }
}

/// Effects that wait for somebody who is away, and nothing for them.
const ASIDE: &str = "a:";

pub fn aside_lane(lane: &str) -> String {
    format!("{ASIDE}{}", deciding_lane(lane))
}

pub fn is_aside(lane: &str) -> bool {
    lane.starts_with(ASIDE)
}

/// Everywhere where effects of a lane may wait.
pub fn sending_lanes(lane: &str) -> [String; 3] {
    [lane.to_owned(), format!("{BESIDE}{lane}"), aside_lane(lane)]
}

/// The lane in which what came of an effect is understood.
pub fn deciding_lane(lane: &str) -> &str {
    lane.strip_prefix(BESIDE).or_else(|| lane.strip_prefix(ASIDE)).unwrap_or(lane)
}

/// A note in a ticket's thread is known again when somebody edits it or replies to it.
pub fn note_row(fact: &Fact, view: &View) -> Option<EventRow> {
    let Fact::Said(said) = fact else { return None };
    let in_desk = view.room.as_ref().is_some_and(|room| room.kind.desk().is_some());
    let ticket = view.ticket.as_ref().filter(|_| in_desk)?.snapshot.id.clone();
    Some(EventRow { event: said.event.clone(), room: said.room.clone(), ticket, message: None })
}

pub fn is_target_lane(lane: &str) -> bool {
    lane.starts_with(TARGET)
}

pub fn is_ticket_lane(lane: &str) -> bool {
    lane.starts_with(TICKET)
}

pub fn ticket_of_lane(lane: &str) -> Option<TicketId> {
    lane.strip_prefix(TICKET).map(TicketId::new)
}

/// Quotas are of the last hour, milliseconds.
const COUNTED_MS: i64 = 3_600_000;

/// So often a ticket's successor may have been merged on.
const MERGED_MAX: usize = 8;

/// Where a fact happened, by whom, and at which event it points.
#[derive(Default)]
struct Where<'a> {
    room: Option<&'a RoomId>,
    sender: Option<&'a UserId>,
    target: Option<&'a EventId>,
}

fn place(fact: &Fact) -> Where<'_> {
    match fact {
        Fact::Said(said) | Fact::SaidAtDoor(said) => Where {
            room: Some(&said.room),
            sender: Some(&said.sender),
            target: said.thread.as_deref().or(said.reply_to.as_deref()),
        },
        // It is decided on as if it was said now.
        Fact::Done { effect, .. } if let Effect::ReadAnswered { said, .. } = &**effect => Where {
            room: Some(&said.room),
            sender: Some(&said.sender),
            target: said.thread.as_deref().or(said.reply_to.as_deref()),
        },
        Fact::Edited { room, sender, original, .. } => {
            Where { room: Some(room), sender: Some(sender), target: Some(original) }
        }
        Fact::Reacted { room, sender, target, .. } => {
            Where { room: Some(room), sender: Some(sender), target: Some(target) }
        }
        Fact::Overdue(effect) => match &**effect {
            Effect::CreateTicket { room, .. } => Where { room: Some(&room.id), ..Where::default() },
            _ => Where::default(),
        },
        Fact::Invited { room, by, .. } => Where { room: Some(room), sender: Some(by), target: None },
        Fact::LevelsSet { room, .. } => Where { room: Some(room), ..Where::default() },
        Fact::Called { room, user, .. } => Where { room: Some(room), sender: Some(user), target: None },
        Fact::Joined { room, user } | Fact::Left { room, user } => {
            Where { room: Some(room), sender: Some(user), target: None }
        }
        Fact::Encrypted { room, sender, .. } | Fact::Unsupported { room, sender, .. } => {
            Where { room: Some(room), sender: Some(sender), target: None }
        }
        Fact::Upgraded { room, sender, .. } => Where { room: Some(room), sender: Some(sender), target: None },
        Fact::Done { effect, .. } => match &**effect {
            // What follows from it is said at the door, and belongs to the door's code.
            Effect::CreateWaitingRoom { door, .. } => Where { room: Some(door), ..Where::default() },
            Effect::CreateTicket { room, .. } => Where { room: Some(&room.id), ..Where::default() },
            Effect::Inspect { former, .. } => Where { room: Some(&former.id), ..Where::default() },
            _ => Where::default(),
        },
        Fact::MergedHere { .. }
        | Fact::Stuck { .. }
        | Fact::DeskMoved { .. }
        | Fact::AgentsChanged
        | Fact::Changed { .. }
        | Fact::Seen(_)
        | Fact::Posted(_)
        | Fact::Opened { .. } => Where::default(),
    }
}

/// The code whose door or waiting room it is, or whose contact user was invited.
fn code_of<'a>(fact: &'a Fact, room: Option<&'a Room>) -> Option<&'a CodeId> {
    match (fact, room.map(|room| &room.kind)) {
        (Fact::Invited { contact, .. }, _) => contact.as_ref(),
        (_, Some(RoomKind::Door { code, .. } | RoomKind::Waiting { code, .. })) => code.as_ref(),
        _ => None,
    }
}

/// Whose quota may be needed: whoever is before a ticket's room.
fn counted<'a>(fact: &'a Fact, room: Option<&Room>) -> Option<&'a UserId> {
    let before_ticket = matches!(room.map(|room| &room.kind), Some(RoomKind::Door { .. } | RoomKind::Waiting { .. }));
    match fact {
        Fact::Invited { by, .. } if room.is_none() => Some(by),
        Fact::Encrypted { sender, .. } | Fact::Edited { sender, .. } if before_ticket => Some(sender),
        Fact::Said(said) if before_ticket => Some(&said.sender),
        // It is decided on as if it was said now.
        Fact::Done { effect, .. } if before_ticket && let Effect::ReadAnswered { said, .. } = &**effect => {
            Some(&said.sender)
        }
        _ => None,
    }
}

/// Who is told how an effect went.
fn concerns(effect: &Effect) -> Option<OwnedUserId> {
    match effect {
        Effect::Accept { agent, .. } | Effect::Search { agent, .. } => Some(agent.clone()),
        Effect::CreateTicket { customer, .. } | Effect::CreateWaitingRoom { customer, .. } => Some(customer.clone()),
        _ => None,
    }
}

/// The lane of an event: its ticket's, where we know that it belongs to one; its room's otherwise.
pub async fn lane_of(known: &Known, backend: &dyn Backend, event: &Peeked) -> Result<String, StoreError> {
    let own = || room_lane(&event.room_id);
    Ok(match known.room(&event.room_id).await?.map(|room| room.kind) {
        Some(RoomKind::Ticket(ticket)) => ticket_lane(&ticket),
        Some(RoomKind::Desk(_) | RoomKind::FormerDesk(_)) => match event.target() {
            Some(target) => match backend.event(&target).await? {
                Some(row) => ticket_lane(&row.ticket),
                None => target_lane(&target),
            },
            None => own(),
        },
        Some(RoomKind::Door { .. } | RoomKind::Waiting { .. }) if event.is_edit() => format!("{EDITS}{}", own()),
        _ => own(),
    })
}

impl Engine {
    pub(super) async fn lane_of(&self, event: &Peeked) -> Result<String, StoreError> {
        lane_of(&self.known, &*self.backend, event).await
    }

    /// The lane in which events like this one were before it was known that they are the ticket's.
    pub(super) async fn former_lane(&self, event: &Peeked) -> Result<Option<String>, StoreError> {
        Ok(match self.known.room(&event.room_id).await?.map(|room| room.kind) {
            Some(RoomKind::Ticket(_)) => Some(room_lane(&event.room_id)),
            Some(RoomKind::Desk(_) | RoomKind::FormerDesk(_)) => event.target().map(|target| target_lane(&target)),
            _ => None,
        })
    }

    /// Who of a homeserver is counted in this fact: one of them at a time, so that nobody counts past another.
    pub(super) async fn counted_server(&self, fact: &Fact) -> Result<Option<String>, StoreError> {
        let room = match place(fact).room {
            Some(room) => self.known.room(room).await?,
            None => None,
        };
        Ok(counted(fact, room.as_ref()).map(|user| user.server_name().to_string()))
    }

    /// What those chose to whom something may be said.
    async fn languages(
        &self,
        sender: Option<&UserId>,
        room: Option<&Room>,
        ticket: Option<&Ticket>,
        fact: &Fact,
    ) -> Result<Vec<(OwnedUserId, String)>, StoreError> {
        let mut people: Vec<OwnedUserId> = sender.map(ToOwned::to_owned).into_iter().collect();
        let kind = room.map(|room| &room.kind);
        if let Some(RoomKind::Door { customer, .. } | RoomKind::Waiting { customer, .. }) = kind {
            people.push(customer.clone());
        }
        people.extend(ticket.iter().flat_map(|ticket| &ticket.snapshot.customers).filter_map(|it| it.matrix.clone()));
        match fact {
            Fact::Opened { snapshot, .. } => {
                people.extend(snapshot.customers.iter().filter_map(|it| it.matrix.clone()));
            }
            Fact::Done { effect, .. } | Fact::Overdue(effect) => people.extend(concerns(effect)),
            _ => {}
        }
        people.sort();
        people.dedup();
        let mut chosen = Vec::new();
        for user in people {
            if let Some(language) = self.known.language(&user).await? {
                chosen.push((user, language));
            }
        }
        Ok(chosen)
    }

    pub(super) async fn view(&self, lane: &str, fact: &Fact) -> Result<View, StoreError> {
        let place = place(fact);
        let room = match place.room {
            Some(room) => self.known.room(room).await?,
            None => None,
        };
        let ticket_id = match (ticket_of_lane(lane), room.as_ref().map(|room| &room.kind)) {
            (Some(ticket), _) => Some(ticket),
            (None, Some(RoomKind::Ticket(ticket))) => Some(ticket.clone()),
            (None, Some(door @ RoomKind::Door { customer, .. })) => {
                match door.opened_by(place.sender.unwrap_or(customer)) {
                    Some(opened) => Some(self.goes_on_as(opened.clone()).await?),
                    None => None,
                }
            }
            (None, Some(RoomKind::Desk(_) | RoomKind::FormerDesk(_))) => match place.target {
                Some(target) => self.backend.event(target).await?.map(|row| row.ticket),
                None => None,
            },
            (None, _) => None,
        };
        let ticket = match &ticket_id {
            Some(ticket) => self.known.ticket(ticket).await?,
            None => None,
        };
        let card = ticket.as_ref().and_then(|ticket| ticket.card.as_deref());
        let card_room = match (fact, card) {
            (Fact::DeskMoved { .. }, Some(card)) => self.backend.event(card).await?.map(|row| row.room),
            _ => None,
        };
        let sender_name = match place.sender {
            Some(sender) => self.known.name(sender).await?,
            None => None,
        };
        let code = match code_of(fact, room.as_ref()) {
            Some(code) => self.backend.code(code).await?,
            None => None,
        };
        let used = match (counted(fact, room.as_ref()), place.room) {
            (Some(user), Some(room)) => self.backend.used(user, room, self.clock.now_ms() - COUNTED_MS).await?,
            _ => Used::default(),
        };
        let languages = self.languages(place.sender, room.as_ref(), ticket.as_deref(), fact).await?;
        Ok(View {
            settings: Arc::clone(&self.settings),
            room,
            lane: ticket_of_lane(lane),
            ticket: ticket.map(Arc::unwrap_or_clone),
            code,
            used,
            sender_name,
            now_ms: self.clock.now_ms(),
            languages,
            names: self.names_in(fact).await?,
            answered: self.answered_by(fact).await?,
            card_room,
        })
    }

    /// The ticket that this one was merged into, as far as we know that one.
    async fn goes_on_as(&self, mut id: TicketId) -> Result<TicketId, StoreError> {
        for _ in 0..MERGED_MAX {
            let ticket = self.known.ticket(&id).await?;
            let Some(into) = ticket.and_then(|ticket| ticket.snapshot.merged_into.clone()) else { break };
            if self.known.ticket(&into.id).await?.is_none() {
                break;
            }
            id = into.id;
        }
        Ok(id)
    }

    /// Who is mentioned, by name: in what somebody said, or in what that answers.
    async fn names_in(&self, fact: &Fact) -> Result<BTreeMap<OwnedUserId, String>, StoreError> {
        let mut names = BTreeMap::new();
        let mentions = match fact {
            Fact::Said(said) | Fact::SaidAtDoor(said) => &said.mentions,
            Fact::Done { outcome: Outcome::Answered(Some(answered)), .. } => &answered.mentions,
            _ => return Ok(names),
        };
        for user in mentions {
            if let Some(name) = self.known.name(user).await? {
                names.insert(user.clone(), name);
            }
        }
        Ok(names)
    }

    /// The event of the message that a message of the helpdesk answers.
    async fn answered_by(&self, fact: &Fact) -> Result<Option<AnsweredEvent>, StoreError> {
        let message = match fact {
            Fact::Posted(message) => message,
            Fact::Done { outcome: Outcome::Message(message), .. } => message,
            _ => return Ok(None),
        };
        let Some(answers) = &message.answers else { return Ok(None) };
        // What we made from an event names it itself, but other words may stand in that one's place.
        let id = answers.marker.as_deref().map_or_else(|| answers.message.clone(), MessageId::standing_for);
        let row = self.backend.event_of(&message.ticket, &id).await?;
        Ok(row.map(|row| AnsweredEvent { room: row.room, event: row.event }))
    }
}

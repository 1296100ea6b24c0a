//! What people write in Matrix: messages, edits, and things that can't be carried.

use ruma::{OwnedEventId, OwnedRoomId, OwnedUserId};

use super::view::View;
use super::{commands, door, drafts, links, manner, merged, quota, quote, say};
use crate::model::{
    Admission, Agent, Answered, Author, Effect, Fact, Place, RichText, RoomKind, Said, Ticket, TicketId, Uncarried,
    Visibility,
};

pub fn said(said: &Said, view: &View) -> Vec<Effect> {
    if view.settings.is_ours(&said.sender) {
        return Vec::new();
    }
    if let Some(refusal) = drafts::answered_without_words(said, view) {
        return refusal;
    }
    let said = &manner::in_words(said, view);
    let effects = taken(said, view);
    match &said.reply_to {
        // The helpdesk shows no threads of answers: what is answered goes with it. Where more is done with the words than
        // carrying them, they go as they are.
        Some(answered) if !is_card(answered, view) && is_carried(&effects, said, view) => {
            vec![Effect::ReadAnswered { said: Box::new(said.clone()), answered: answered.clone() }]
        }
        _ => effects,
    }
}

/// What it answers was read, or can't be.
pub fn answering(said: &Said, answered: Option<&Answered>, view: &View) -> Vec<Effect> {
    let mut effects = taken(said, view);
    if let Some(answered) = answered {
        effects.iter_mut().for_each(|effect| quote::put_before(effect, said, answered, view));
    }
    effects
}

/// In clients without threads a reply to the offer is one, and answers nobody.
fn is_card(event: &OwnedEventId, view: &View) -> bool {
    view.ticket.as_ref().is_some_and(|ticket| ticket.is_card(event))
}

/// The words go into a ticket as they are, whatever else is done in the room.
fn is_carried(effects: &[Effect], said: &Said, view: &View) -> bool {
    // What a customer types as a command is carried where it is none.
    let is_command = commands::word(&said.text).is_some() && view.settings.agent(&said.sender).is_some();
    !is_command && effects.iter().any(|effect| quote::words_in(effect, said).is_some())
}

fn taken(said: &Said, view: &View) -> Vec<Effect> {
    let Some(room) = &view.room else { return Vec::new() };
    match &room.kind {
        RoomKind::Door { .. } => door::said(said, room, view),
        RoomKind::Waiting { .. } => commands::before_ticket(said, view, |words| words.waiting_welcome())
            .unwrap_or_else(|| door::open_ticket(said, room, view)),
        RoomKind::Desk(_) | RoomKind::FormerDesk(_) => in_desk(said, view),
        RoomKind::Space(_) | RoomKind::Upgrade { .. } => Vec::new(),
        RoomKind::Ticket(_) => match &view.ticket {
            // A command is nobody's words, wherever they would go on.
            Some(ticket) if is_command_of_agent(said, ticket, view) => in_ticket_room(said, ticket, view),
            Some(ticket) => match merged::forward(said, ticket, view) {
                Some(effect) => vec![effect],
                None => in_ticket_room(said, ticket, view),
            },
            None => Vec::new(),
        },
    }
}

/// In the desk room: a command, or in a ticket's thread a note between agents.
fn in_desk(said: &Said, view: &View) -> Vec<Effect> {
    let here = Place::Room(said.room.clone());
    let place = view.ticket.as_ref().and_then(say::thread).unwrap_or(here);
    let is_command = commands::word(&said.text).is_some();
    let Some(agent) = view.settings.agent(&said.sender) else {
        // Chat beside the tickets is nobody's business but the agents'.
        let concerns_us = is_command || view.ticket.is_some();
        return if concerns_us {
            vec![say::reply(place, &said.event, &view.words_for(&said.sender).not_an_agent())]
        } else {
            Vec::new()
        };
    };
    match &view.ticket {
        Some(ticket) if is_command => commands::run(said, agent, ticket, view),
        Some(ticket) => {
            drafts::replied(said, agent, ticket, view).unwrap_or_else(|| vec![note(ticket, said, agent, &said.body)])
        }
        None if is_command => commands::without_ticket(said, view),
        None => Vec::new(),
    }
}

fn in_ticket_room(said: &Said, ticket: &Ticket, view: &View) -> Vec<Effect> {
    match view.settings.agent(&said.sender) {
        // An agent can be the customer of a ticket, too.
        Some(agent) if !is_customer(ticket, &said.sender) => {
            if commands::word(&said.text).is_none() {
                return links::in_room(said, agent, ticket, view);
            }
            let mut effects = commands::run(said, agent, ticket, view);
            let take_away = Effect::Redact {
                room: said.room.clone(),
                event: said.event.clone(),
                reason: view.words().command_reason(),
            };
            // What is said again in the thread may wait there, and the customer is not to read it meanwhile.
            let again = effects.iter().position(is_said_again_in_thread);
            effects.insert(again.unwrap_or(effects.len()), take_away);
            effects
        }
        _ => commands::in_ticket_room(said, ticket, view).unwrap_or_else(|| vec![post_as_customer(ticket, said, view)]),
    }
}

fn is_said_again_in_thread(effect: &Effect) -> bool {
    match effect {
        Effect::Say(speech) => speech.carries.is_some() && matches!(speech.place, Place::Thread { .. }),
        Effect::SayFile(speech) => matches!(speech.place, Place::Thread { .. }),
        _ => false,
    }
}

fn is_command_of_agent(said: &Said, ticket: &Ticket, view: &View) -> bool {
    let is_agent = view.settings.agent(&said.sender).is_some() && !is_customer(ticket, &said.sender);
    is_agent && commands::word(&said.text).is_some()
}

pub fn is_customer(ticket: &Ticket, user: &OwnedUserId) -> bool {
    ticket.snapshot.customers.iter().any(|person| person.matrix.as_ref() == Some(user))
}

/// As an agent's where the writer is one, as the customer's otherwise.
pub fn post_as_their_own(ticket: &Ticket, said: &Said, view: &View) -> Effect {
    match view.settings.agent(&said.sender) {
        Some(agent) if !is_customer(ticket, &said.sender) => post_as_agent(ticket, said, agent),
        _ => post_as_customer(ticket, said, view),
    }
}

/// Into a ticket of which we have not heard: as a note where an agent wrote it, since it may be internal.
pub fn post_unseen(ticket: &TicketId, said: &Said, view: &View) -> Effect {
    let (author, visibility) = match view.settings.agent(&said.sender) {
        Some(agent) => (author(agent), Visibility::Internal),
        None => {
            let name = view.name_of(&said.sender);
            (Author::Customer { matrix: said.sender.clone(), name }, Visibility::Public)
        }
    };
    Effect::Post {
        ticket: ticket.clone(),
        author,
        visibility,
        body: said.body.clone(),
        files: said.files.clone(),
        marker: said.event.clone(),
        from: Some(Place::Room(said.room.clone())),
    }
}

fn author(agent: &Agent) -> Author {
    Author::Agent { login: agent.login.clone(), name: agent.name.clone() }
}

pub fn post_as_customer(ticket: &Ticket, said: &Said, view: &View) -> Effect {
    // An agent who is the customer, too, stays in an internal ticket's room.
    let in_room = ticket.room.as_ref() == Some(&said.room) && view.settings.agent(&said.sender).is_some();
    Effect::Post {
        ticket: ticket.snapshot.id.clone(),
        author: Author::Customer { matrix: said.sender.clone(), name: view.name_of(&said.sender) },
        visibility: if in_room { visibility_in_room(ticket) } else { Visibility::Public },
        body: said.body.clone(),
        files: said.files.clone(),
        marker: said.event.clone(),
        from: Some(Place::Room(said.room.clone())),
    }
}

/// What an agent says to whoever is in the ticket's room.
pub fn post_as_agent(ticket: &Ticket, said: &Said, agent: &Agent) -> Effect {
    by_agent(ticket, said, agent, &said.body, visibility_in_room(ticket), Place::Room(said.room.clone()))
}

/// In an internal ticket's room agents are among themselves: the helpdesk, which would mail a reply to the customer, gets
/// what they say there as notes.
pub fn visibility_in_room(ticket: &Ticket) -> Visibility {
    if ticket.snapshot.internal { Visibility::Internal } else { Visibility::Public }
}

/// A note between agents, written in the ticket's thread or by a command.
pub fn note(ticket: &Ticket, said: &Said, agent: &Agent, body: &RichText) -> Effect {
    let from = say::thread(ticket).unwrap_or_else(|| Place::Room(said.room.clone()));
    by_agent(ticket, said, agent, body, Visibility::Internal, from)
}

fn by_agent(
    ticket: &Ticket,
    said: &Said,
    agent: &Agent,
    body: &RichText,
    visibility: Visibility,
    from: Place,
) -> Effect {
    Effect::Post {
        ticket: ticket.snapshot.id.clone(),
        author: author(agent),
        visibility,
        body: links::linked(body),
        files: said.files.clone(),
        marker: said.event.clone(),
        from: Some(from),
    }
}

/// An edit is undone: every client shows the original again. Its author is told once.
pub fn edited(
    room: &OwnedRoomId,
    event: &OwnedEventId,
    sender: &OwnedUserId,
    original: &OwnedEventId,
    view: &View,
) -> Vec<Effect> {
    if view.settings.is_ours(sender) {
        return Vec::new();
    }
    let take_away = Effect::Redact { room: room.clone(), event: event.clone(), reason: view.words().edit_reason() };
    let here = Place::Room(room.clone());
    let tell = |place: Place| say::reply(place, original, &view.words_for(sender).no_edits());
    let kind = view.room.as_ref().map(|room| &room.kind);
    let Some(ticket) = &view.ticket else {
        return match kind {
            // What was written there may be on its way into a ticket.
            Some(RoomKind::Door { .. } | RoomKind::Waiting { .. }) if view.used.told_no_edits => vec![take_away],
            Some(RoomKind::Door { .. } | RoomKind::Waiting { .. }) => {
                vec![take_away, tell(here), quota::admit(Admission::Edit, sender, room)]
            }
            _ => Vec::new(),
        };
    };
    let place = match kind {
        Some(RoomKind::Ticket(_)) => here,
        Some(RoomKind::Desk(_) | RoomKind::FormerDesk(_)) => say::thread(ticket).unwrap_or(here),
        // Who was told stands in the ticket's record, which its own lane alone changes.
        Some(RoomKind::Door { .. }) if view.lane.is_none() => {
            let edited = Fact::Edited {
                room: room.clone(),
                event: event.clone(),
                sender: sender.clone(),
                original: original.clone(),
            };
            return vec![Effect::Tell { ticket: ticket.snapshot.id.clone(), fact: Box::new(edited) }];
        }
        Some(RoomKind::Door { .. }) => here,
        _ => return Vec::new(),
    };
    let mut effects = vec![take_away];
    if !ticket.told_no_edits.contains(sender) {
        let mut ticket = ticket.clone();
        ticket.told_no_edits.push(sender.clone());
        effects.push(tell(place));
        effects.push(Effect::RememberTicket(Box::new(ticket)));
    }
    effects
}

/// Something that we can't carry yet: said at the event, so that nobody believes it arrived.
pub fn unsupported(
    room: &OwnedRoomId,
    event: &OwnedEventId,
    sender: &OwnedUserId,
    what: Uncarried,
    view: &View,
) -> Vec<Effect> {
    if view.settings.is_ours(sender) {
        return Vec::new();
    }
    match view.room.as_ref().map(|room| &room.kind) {
        Some(kind) if kind.desk().is_some() && view.ticket.is_none() => Vec::new(),
        Some(RoomKind::Desk(_) | RoomKind::FormerDesk(_)) => {
            let place = view.ticket.as_ref().and_then(say::thread).unwrap_or_else(|| Place::Room(room.clone()));
            vec![say::reply(place, event, &view.words_for(sender).unsupported(what.as_str()))]
        }
        Some(_) => {
            vec![say::reply(Place::Room(room.clone()), event, &view.words_for(sender).unsupported(what.as_str()))]
        }
        None => Vec::new(),
    }
}

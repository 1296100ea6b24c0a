//! A message that can't be delivered for long: its author is told once, and told again when it arrived after all.

use ruma::OwnedEventId;

use super::view::View;
use super::{offer, say};
use crate::model::{
    Author, Effect, File, FileSource, FileSpeech, MessageId, Place, RichText, Side, Speech, Ticket, Topic, Visibility,
    WaitingPost, Why,
};

/// Of what was given up that much is remembered per ticket.
const MAX_UNDELIVERED: usize = 20;

/// What an effect carries into the room for somebody who wrote it in the helpdesk: a message, or one file of it, which
/// arrives by itself. What opened a ticket waits for its room.
fn carried(effect: &Effect, ticket: &Ticket) -> Option<MessageId> {
    let message = match effect {
        Effect::CreateTicketRoom { snapshot, .. } if !snapshot.description.is_empty() || !snapshot.files.is_empty() => {
            MessageId::opening()
        }
        Effect::Say(Speech { carries: Some((_, message)), .. })
        | Effect::SayFile(FileSpeech { carries: Some((_, message)), .. }) => message.clone(),
        _ => return None,
    };
    match effect {
        _ if message.is_opening() && is_from_matrix(ticket) => None,
        Effect::SayFile(FileSpeech { file: File { source: FileSource::Helpdesk { file, .. }, .. }, .. }) => {
            Some(MessageId::new(format!("{message}/{file}")))
        }
        _ => Some(message),
    }
}

/// What opened it was written in Matrix.
pub fn is_from_matrix(ticket: &Ticket) -> bool {
    ticket.snapshot.marker.is_some()
}

/// What a message is remembered as that could not even be read. Not as its words are: those can be refused while its files
/// arrive.
fn unread(message: &MessageId) -> MessageId {
    MessageId::new(format!("{message}/unread"))
}

/// As what it may have been given up: by itself, or with the whole message before that was read.
fn names(effect: &Effect, ticket: &Ticket) -> Vec<MessageId> {
    let whole = match effect {
        Effect::Say(Speech { carries: Some((_, message)), .. })
        | Effect::SayFile(FileSpeech { carries: Some((_, message)), .. }) => Some(unread(message)),
        _ => None,
    };
    carried(effect, ticket).into_iter().chain(whole).collect()
}

/// An effect waits for long because its side is away: one notice per ticket, direction and place, as long as that lasts.
pub fn waits(effect: &Effect, view: &View) -> Vec<Effect> {
    match effect {
        Effect::CreateTicket { room, marker, .. } => {
            vec![say::reply(Place::Room(room.id.clone()), marker, &view.words().ticket_waits())]
        }
        Effect::Post { from: Some(place), marker, .. } => {
            let is_told = |ticket: &Ticket| ticket.waiting_posts().any(|waiting| waiting.place == *place);
            let Some(mut ticket) = view.ticket.clone().filter(|ticket| !is_told(ticket)) else {
                return Vec::new();
            };
            ticket.note_waiting(WaitingPost { marker: marker.clone(), place: place.clone() });
            let notice = say::at_words(place.clone(), marker, &view.words_at(place).message_waits());
            vec![say::about(Topic::Delivery, notice), Effect::RememberTicket(Box::new(ticket))]
        }
        _ => {
            let Some(mut ticket) = view.ticket.clone().filter(|ticket| ticket.waiting_here.is_none()) else {
                return Vec::new();
            };
            let Some(message) = carried(effect, &ticket) else { return Vec::new() };
            ticket.waiting_here = Some(message.clone());
            let note = note(&ticket, &message, "waits", view.desk_words().answer_waits());
            vec![note, Effect::RememberTicket(Box::new(ticket))]
        }
    }
}

/// A room without which nothing of its ticket goes on is refused: its desk is told.
pub fn stuck(effect: &Effect, why: &Why, view: &View) -> Vec<Effect> {
    let Effect::CreateTicketRoom { snapshot, .. } = effect else { return Vec::new() };
    let words = view.desk_words();
    let text = words.not_created(snapshot.name(), words.why(why, effect.side().unwrap_or(Side::Matrix)));
    vec![say::notice(Place::Desk { desk: offer::desk_of(snapshot) }, text)]
}

/// Whether the arrival of a message is to be told to somebody.
pub fn is_awaited(effect: &Effect, ticket: &Ticket) -> bool {
    match effect {
        Effect::Post { marker, from, .. } => {
            let is_here = |waiting: &WaitingPost| from.as_ref() == Some(&waiting.place);
            ticket.waiting_posts().any(is_here) || ticket.undelivered.contains(marker)
        }
        _ => {
            let is_given_up = |message: &MessageId| ticket.undelivered_here.contains(message);
            carried(effect, ticket).is_some()
                && (ticket.waiting_here.is_some() || names(effect, ticket).iter().any(is_given_up))
        }
    }
}

/// A message arrived. What was written before it in the same place arrived before it.
pub fn arrived(effect: &Effect, view: &View) -> Vec<Effect> {
    let Some(before) = view.ticket.as_ref().filter(|ticket| is_awaited(effect, ticket)) else { return Vec::new() };
    let (mut ticket, mut effects) = (before.clone(), Vec::new());
    match effect {
        Effect::Post { marker, from, .. } => {
            let tell = |place: &Place, marker: &OwnedEventId| {
                let notice = say::at_words(place.clone(), marker, &view.words_at(place).message_arrived());
                say::about(Topic::Delivery, notice)
            };
            for waiting in ticket.wait_no_more(|waiting| from.as_ref() == Some(&waiting.place)) {
                effects.push(tell(&waiting.place, &waiting.marker));
            }
            if let (true, Some(place)) = (ticket.undelivered.contains(marker), from) {
                effects.push(tell(place, marker));
            }
            ticket.undelivered.retain(|given_up| given_up != marker);
        }
        _ => {
            let Some(message) = carried(effect, &ticket) else { return Vec::new() };
            let text = || view.desk_words().answer_arrived();
            if let Some(waiting) = ticket.waiting_here.take() {
                effects.push(note(&ticket, &waiting, "arrived", text()));
            }
            let names = names(effect, &ticket);
            if names.iter().any(|name| ticket.undelivered_here.contains(name)) {
                effects.push(note(&ticket, &message, "arrived-late", text()));
            }
            ticket.undelivered_here.retain(|given_up| !names.contains(given_up));
        }
    }
    effects.push(Effect::RememberTicket(Box::new(ticket)));
    effects
}

/// A message was given up, and that is told: whoever delivers it later finds its author here.
pub fn given_up(effect: &Effect, view: &View) -> Option<Effect> {
    let mut ticket = view.ticket.clone()?;
    await_no_more(&mut ticket, effect);
    match effect {
        Effect::Post { marker, from: Some(_), .. } => remember(&mut ticket.undelivered, marker.clone()),
        // It could not be read. It arrives once it was read and said.
        Effect::FetchMessage { message, .. } => remember(&mut ticket.undelivered_here, unread(message)),
        _ => {
            let message = carried(effect, &ticket)?;
            remember(&mut ticket.undelivered_here, message);
        }
    }
    Some(Effect::RememberTicket(Box::new(ticket)))
}

/// A message was refused, and nothing of it is left that could arrive: what arrives next is not it.
pub fn never_arrives(effect: &Effect, view: &View) -> Option<Effect> {
    let before = view.ticket.as_ref()?;
    let mut ticket = before.clone();
    await_no_more(&mut ticket, effect);
    (ticket != *before).then(|| Effect::RememberTicket(Box::new(ticket)))
}

fn await_no_more(ticket: &mut Ticket, effect: &Effect) {
    match effect {
        Effect::Post { marker, .. } => {
            ticket.wait_no_more(|waiting| waiting.marker == *marker);
        }
        _ => {
            if ticket.waiting_here.is_some() && ticket.waiting_here == carried(effect, ticket) {
                ticket.waiting_here = None;
            }
        }
    }
}

fn remember<T: PartialEq>(list: &mut Vec<T>, new: T) {
    if !list.contains(&new) {
        list.push(new);
    }
    if list.len() > MAX_UNDELIVERED {
        list.remove(0);
    }
}

/// For the agents who work in the helpdesk.
fn note(ticket: &Ticket, message: &MessageId, about: &str, text: String) -> Effect {
    Effect::Post {
        ticket: ticket.snapshot.id.clone(),
        author: Author::Bridge,
        visibility: Visibility::Internal,
        body: RichText::from(text),
        files: Vec::new(),
        marker: say::marker("report", &format!("{about}-{}", ticket.snapshot.id), message.as_str()),
        from: None,
    }
}

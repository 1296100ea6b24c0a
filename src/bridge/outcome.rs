//! What follows from an effect that was carried out, or given up.

use super::view::View;
use super::{drafts, files, lists, offer, posted, say, seen, spoken, waiting};
use crate::model::{
    Author, CodeId, Effect, Fact, FileSpeech, Outcome, Place, Prepared, RichText, Room, RoomKind, Speaker, Speech,
    Visibility,
};

pub fn done(effect: &Effect, outcome: &Outcome, view: &View) -> Vec<Effect> {
    match (effect, outcome) {
        (Effect::ReadAnswered { said, .. }, Outcome::Answered(answered)) => {
            spoken::answering(said, answered.as_ref(), view)
        }
        (Effect::ReadAnswered { said, .. }, _) => spoken::answering(said, None, view),
        (_, Outcome::Dead { reason }) => {
            let mut effects = dead(effect, reason, view);
            effects.extend(waiting::given_up(effect, view));
            effects
        }
        (Effect::Post { .. }, Outcome::Ok)
        | (Effect::Say(Speech { carries: Some(_), prepares: None, offer_of: None, .. }), Outcome::Sent { .. }) => {
            waiting::arrived(effect, view)
        }
        (_, Outcome::Refused { file, why }) => files::refused(effect, *file, why, view),
        (Effect::CreateTicket { room, .. }, Outcome::Ticket(snapshot)) => ticket_opened(room, snapshot, view),
        (Effect::CreateTicketRoom { .. }, Outcome::RoomMade { room }) => seen::room_made(room, view),
        (Effect::CreateWaitingRoom { door, customer, .. }, Outcome::RoomMade { room }) => {
            let code = code_of(view);
            let waiting = RoomKind::Waiting { customer: customer.clone(), door: door.clone(), code: code.clone() };
            let kind = RoomKind::Door { customer: customer.clone(), open: None, waiting: Some(room.clone()), code };
            vec![
                Effect::RememberRoom(Room { id: room.clone(), kind: waiting }),
                Effect::RememberRoom(Room { id: door.clone(), kind }),
                Effect::Invite { room: room.clone(), user: customer.clone() },
                say::notice(Place::Room(room.clone()), view.words().waiting_welcome()),
            ]
        }
        (Effect::Say(Speech { offer_of: Some(_), .. }), Outcome::Sent { room, event }) => {
            seen::offered(room, event, view)
        }
        (Effect::Say(speech), Outcome::Sent { event, .. }) => match &speech.prepares {
            Some((_, prepared)) => match &**prepared {
                Prepared::Draft { .. } => drafts::stands(event, speech, prepared, view),
                Prepared::List { .. } => lists::stands(event, speech, prepared, view),
            },
            None => Vec::new(),
        },
        (Effect::Search { agent, search, place, .. }, Outcome::Found { articles, failure }) => {
            lists::found(agent, search, place, articles, failure.as_deref(), view)
        }
        (Effect::Accept { login, .. }, Outcome::Acceptance(acceptance)) => offer::answered(login, acceptance, view),
        (_, Outcome::Ticket(snapshot)) => seen::seen(snapshot, view),
        (_, Outcome::Message(message)) => posted::fetched(message, view),
        _ => Vec::new(),
    }
}

/// The code whose door it is.
fn code_of(view: &View) -> Option<CodeId> {
    match view.room.as_ref().map(|room| &room.kind) {
        Some(RoomKind::Door { code, .. } | RoomKind::Waiting { code, .. }) => code.clone(),
        _ => None,
    }
}

/// The ticket's own lane goes on with it; the door remembers which ticket it was.
fn ticket_opened(room: &Room, snapshot: &crate::model::Snapshot, view: &View) -> Vec<Effect> {
    let ticket = snapshot.id.clone();
    let tell = |waiting| Effect::Tell {
        ticket: ticket.clone(),
        fact: Box::new(Fact::Opened { snapshot: snapshot.clone(), waiting }),
    };
    match &room.kind {
        RoomKind::Waiting { customer, door, code } => {
            let bound = Room { id: room.id.clone(), kind: RoomKind::Ticket(ticket.clone()) };
            let kind = RoomKind::Door { customer: customer.clone(), open: None, waiting: None, code: code.clone() };
            vec![
                Effect::RememberRoom(bound),
                Effect::RememberRoom(Room { id: door.clone(), kind }),
                tell(Some(room.id.clone())),
            ]
        }
        RoomKind::Door { customer, waiting, code, .. } => {
            let kind = RoomKind::Door {
                customer: customer.clone(),
                open: Some(ticket.clone()),
                waiting: waiting.clone(),
                code: code.clone(),
            };
            vec![
                Effect::RememberRoom(Room { id: room.id.clone(), kind }),
                say::notice(Place::Room(room.id.clone()), view.words().opened_at_door(&snapshot.number)),
                tell(None),
            ]
        }
        RoomKind::Ticket(_) | RoomKind::Desk(_) | RoomKind::Space(_) => vec![tell(None)],
    }
}

/// Given up: said where it was written.
fn dead(effect: &Effect, reason: &str, view: &View) -> Vec<Effect> {
    let desk = view.desk_words();
    match effect {
        Effect::Post { from: Some(place), marker, .. } => {
            vec![say::reply(place.clone(), marker, &view.words_at(place).undelivered(reason))]
        }
        Effect::CreateTicket { room, marker, .. } => {
            vec![say::reply(Place::Room(room.id.clone()), marker, &view.words().undelivered_ticket(reason))]
        }
        Effect::Say(Speech { carries: Some((ticket, message)), .. })
        | Effect::SayFile(FileSpeech { carries: Some((ticket, message)), .. })
        | Effect::FetchMessage { ticket, message } => {
            vec![Effect::Post {
                ticket: ticket.clone(),
                author: Author::Bridge,
                visibility: Visibility::Internal,
                body: RichText::plain(&desk.undelivered_to_room(reason)),
                files: Vec::new(),
                marker: say::marker_for(ticket.as_str(), message.as_str()),
                from: None,
            }]
        }
        // Words that a ghost was to say: the ticket has them.
        Effect::Say(Speech { speaker: Speaker::Ghost { .. }, .. }) => tell_agents(&desk.not_said(reason), view),
        Effect::Search { agent, search, place, .. } => lists::found(agent, search, place, &[], Some(reason), view),
        Effect::Accept { login, .. } => {
            let agent = view.settings.agent_by_login(login);
            let name = agent.map_or(login.as_str(), |agent| agent.name.as_str());
            let words = agent.map_or(desk, |agent| view.words_for(&agent.matrix));
            tell_agents(&words.refused_agent(name, reason), view)
        }
        Effect::Release { .. } | Effect::SetClosed { .. } => tell_agents(&desk.refused(reason), view),
        Effect::Invite { user, .. } => tell_agents(&desk.not_invited(user.as_str(), reason), view),
        Effect::SetPowers { powers, .. } if powers.locked => tell_agents(&desk.not_locked(reason), view),
        Effect::SetPowers { .. } => tell_agents(&desk.not_levelled(reason), view),
        Effect::Redact { .. } => tell_agents(&desk.not_removed(reason), view),
        _ => Vec::new(),
    }
}

/// In the ticket's thread, if the effect was a ticket's.
fn tell_agents(text: &str, view: &View) -> Vec<Effect> {
    view.ticket.as_ref().and_then(|ticket| say::in_thread(ticket, text)).into_iter().collect()
}

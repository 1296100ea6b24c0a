//! What follows from an effect that was carried out, or given up.

use ruma::OwnedUserId;

use super::commands::cancel;
use super::view::View;
use super::{drafts, files, links, lists, merged, offer, posted, say, seen, spoken, upgrade, video, waiting};
use crate::model::{
    Author, CodeId, Effect, Fact, FileSpeech, MessageId, Outcome, Place, Prepared, Refusal, RichText, Room, RoomKind,
    Side, Speech, TicketId, Visibility, Why,
};

pub fn done(effect: &Effect, outcome: &Outcome, view: &View) -> Vec<Effect> {
    match (effect, outcome) {
        (Effect::ReadAnswered { said, .. }, Outcome::Answered(answered)) => {
            spoken::answering(said, answered.as_ref(), view)
        }
        (Effect::ReadAnswered { said, .. }, _) => spoken::answering(said, None, view),
        (Effect::AskForVideo { .. }, Outcome::Sent { room, event }) => video::asked(room, event, view),
        (_, Outcome::Dead { why, .. }) => {
            let mut effects = dead(effect, why, view);
            effects.extend(waiting::given_up(effect, view));
            effects
        }
        (Effect::Post { .. }, Outcome::Ok)
        | (Effect::Say(Speech { carries: Some(_), prepares: None, offer_of: None, .. }), Outcome::Sent { .. }) => {
            waiting::arrived(effect, view)
        }
        (Effect::SayFile(speech), Outcome::Sent { .. }) => {
            links::said_again(speech, view).into_iter().chain(waiting::arrived(effect, view)).collect()
        }
        (_, Outcome::Without { refused, done }) => without(effect, refused, done.as_deref(), view),
        (_, Outcome::Refused { file, why }) => {
            let rest = files::rest(effect, *file);
            let nothing = if rest.is_none() { waiting::never_arrives(effect, view) } else { None };
            rest.into_iter().chain(files::not_carried(effect, *file, why, view)).chain(nothing).collect()
        }
        (Effect::CreateTicket { room, customer, .. }, Outcome::Ticket(snapshot)) => {
            ticket_opened(room, customer, snapshot, view)
        }
        (Effect::CreateTicketRoom { powers, .. }, Outcome::RoomMade { room }) => seen::room_made(room, powers, view),
        (Effect::CreateWaitingRoom { door, customer, .. }, Outcome::RoomMade { room }) => {
            let code = code_of(view);
            let waiting = RoomKind::Waiting { customer: customer.clone(), door: door.clone(), code: code.clone() };
            let mut kind = door_here(view).unwrap_or_else(|| RoomKind::door(customer.clone(), code));
            kind.waits_in(room);
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
        (Effect::Inspect { former, room, by }, Outcome::Inspected(found)) => {
            upgrade::inspected(former, room, by, found, view)
        }
        (Effect::Say(speech), Outcome::Sent { event, .. }) => match &speech.prepares {
            Some((_, prepared)) => match &**prepared {
                Prepared::Draft { .. } => drafts::stands(event, speech, prepared, view),
                Prepared::List { .. } => lists::stands(event, speech, prepared, view),
            },
            None => Vec::new(),
        },
        (Effect::Search { agent, search, place, .. }, Outcome::Found { articles, failure }) => {
            lists::found(agent, search, place, articles, failure.as_ref(), view)
        }
        (Effect::Accept { login, .. }, Outcome::Acceptance(acceptance)) => offer::answered(login, acceptance, view),
        (Effect::Cancel { name, cause, room, .. }, Outcome::Cancellation(cancellation)) => {
            cancel::answered(name, cause, room, cancellation, view)
        }
        (Effect::Release { login, .. }, Outcome::Ticket(snapshot)) => offer::released(login, snapshot, view),
        (Effect::LookAt { batch, .. }, Outcome::Ticket(snapshot)) if merged::brings_people(batch) => {
            seen::wanted(snapshot, view)
        }
        (_, Outcome::Ticket(snapshot)) => seen::seen(snapshot, view),
        (_, Outcome::Message(message)) => posted::fetched(message, view),
        _ => Vec::new(),
    }
}

/// Carried out without these files.
fn without(effect: &Effect, refused: &[(usize, Refusal)], outcome: Option<&Outcome>, view: &View) -> Vec<Effect> {
    let mut effects = match (effect, outcome) {
        (_, None) => waiting::never_arrives(effect, view).into_iter().collect(),
        // Its words alone, which nothing that was typed gives way to.
        (Effect::SayFile(_), Some(_)) => waiting::arrived(effect, view),
        (_, Some(outcome)) => done(effect, outcome, view),
    };
    effects.extend(refused.iter().flat_map(|(index, why)| files::not_carried(effect, *index, why, view)));
    effects
}

/// The door as it is now: somebody else may have come through it since the effect was decided on.
fn door_here(view: &View) -> Option<RoomKind> {
    view.room.as_ref().map(|room| &room.kind).filter(|kind| matches!(kind, RoomKind::Door { .. })).cloned()
}

/// The code whose door it is.
fn code_of(view: &View) -> Option<CodeId> {
    match view.room.as_ref().map(|room| &room.kind) {
        Some(RoomKind::Door { code, .. } | RoomKind::Waiting { code, .. }) => code.clone(),
        _ => None,
    }
}

/// The ticket's own lane goes on with it; the door remembers which ticket it was.
fn ticket_opened(room: &Room, customer: &OwnedUserId, snapshot: &crate::model::Snapshot, view: &View) -> Vec<Effect> {
    let ticket = snapshot.id.clone();
    let tell = |waiting| Effect::Tell {
        ticket: ticket.clone(),
        fact: Box::new(Fact::Opened {
            snapshot: snapshot.clone(),
            waiting,
            language: view.code.as_ref().and_then(|code| code.language.clone()),
        }),
    };
    match &room.kind {
        RoomKind::Waiting { customer, door, code } => {
            let bound = Room { id: room.id.clone(), kind: RoomKind::Ticket(ticket.clone()) };
            let mut kind = RoomKind::door(customer.clone(), code.clone());
            kind.opened(customer, ticket.clone());
            vec![
                Effect::RememberRoom(bound),
                Effect::RememberRoom(Room { id: door.clone(), kind }),
                tell(Some(room.id.clone())),
            ]
        }
        RoomKind::Door { .. } => {
            let mut kind = door_here(view).unwrap_or_else(|| room.kind.clone());
            kind.opened(customer, ticket.clone());
            let words = view.words();
            let text = if snapshot.internal {
                words.opened_at_door_internal(&snapshot.number)
            } else {
                words.opened_at_door(&snapshot.number)
            };
            vec![
                Effect::RememberRoom(Room { id: room.id.clone(), kind }),
                say::notice(Place::Room(room.id.clone()), text),
                tell(None),
            ]
        }
        RoomKind::Ticket(_)
        | RoomKind::Desk(_)
        | RoomKind::FormerDesk(_)
        | RoomKind::Space(_)
        | RoomKind::Upgrade { .. } => vec![tell(None)],
    }
}

/// Said in the helpdesk, behind the message.
fn undelivered(ticket: &TicketId, message: &MessageId, why: String, view: &View) -> Effect {
    Effect::Post {
        ticket: ticket.clone(),
        author: Author::Bridge,
        visibility: Visibility::Internal,
        body: RichText::plain(&view.desk_words().undelivered_to_room(why)),
        files: Vec::new(),
        marker: say::marker("report", ticket.as_str(), message.as_str()),
        from: None,
    }
}

/// Given up: said where it was written.
fn dead(effect: &Effect, why: &Why, view: &View) -> Vec<Effect> {
    let desk = view.desk_words();
    let side = effect.side().unwrap_or(Side::Helpdesk);
    let in_desks = || desk.why(why, side);
    match effect {
        Effect::Post { from: Some(place), marker, .. } => {
            let words = view.words_at(place);
            vec![say::at_words(place.clone(), marker, &words.undelivered(words.why(why, side)))]
        }
        Effect::CreateTicket { room, marker, .. } => {
            let words = view.words();
            let text = words.undelivered_ticket(words.why(why, side));
            vec![say::reply(Place::Room(room.id.clone()), marker, &text)]
        }
        Effect::Say(Speech { carries: Some((ticket, message)), .. })
        | Effect::SayFile(FileSpeech { carries: Some((ticket, message)), .. }) => {
            let is_opening = message.is_opening();
            // Written in Matrix by an agent or at the door: they are told there. The ticket has it.
            let is_from_matrix =
                message.stands_for_event() || is_opening && view.ticket.as_ref().is_some_and(waiting::is_from_matrix);
            let in_desk =
                if is_opening || is_from_matrix { tell_agents(&desk.not_said(in_desks()), view) } else { Vec::new() };
            let report = (!is_from_matrix).then(|| undelivered(ticket, message, in_desks(), view));
            in_desk.into_iter().chain(report).collect()
        }
        // What came with words at the door.
        Effect::SayFile(FileSpeech { carries: None, .. }) => tell_agents(&desk.not_said(in_desks()), view),
        // Whoever may not see it may write nothing beside it.
        Effect::FetchMessage { .. } if *why == Why::NoTicket => tell_agents(&desk.message_not_read(in_desks()), view),
        Effect::FetchMessage { ticket, message } => vec![undelivered(ticket, message, in_desks(), view)],
        Effect::LookAt { ticket, .. } if view.ticket.is_none() => {
            let place = Place::Desk { desk: offer::default_desk(view) };
            vec![say::notice(place, desk.not_read(ticket.as_str(), in_desks()))]
        }
        Effect::LookAt { .. } => tell_agents(&desk.not_looked_at(in_desks()), view),
        Effect::Search { agent, search, place, .. } => lists::found(agent, search, place, &[], Some(why), view),
        Effect::Accept { login, .. } => {
            let agent = view.settings.agent_by_login(login);
            let name = agent.map_or(login.as_str(), |agent| agent.name.as_str());
            let words = agent.map_or(desk, |agent| view.words_for(&agent.matrix));
            tell_agents(&words.refused_agent(name, words.why(why, side)), view)
        }
        Effect::Cancel { cause, room, .. } => {
            let words = view.words();
            vec![say::reply(Place::Room(room.clone()), cause, &words.cancel_refused(words.why(why, side)))]
        }
        Effect::Release { .. } | Effect::SetClosed { .. } => tell_agents(&desk.refused(in_desks()), view),
        Effect::Invite { user, .. } | Effect::InviteToDesk { user, .. } => {
            tell_agents(&desk.not_invited(user.as_str(), in_desks()), view)
        }
        Effect::SetPowers { powers, .. } if powers.locked => tell_agents(&desk.not_locked(in_desks()), view),
        // Its author was told that it was passed on.
        Effect::AskForVideo { .. } => {
            let room = view.ticket.as_ref().and_then(|ticket| ticket.room.clone());
            let told = |room| say::notice(Place::Room(room), view.words().video_not_for_customers());
            room.map(told).into_iter().collect()
        }
        Effect::AttachLink { .. } => tell_agents(&desk.not_linked(in_desks()), view),
        Effect::SetWidget { .. } => tell_agents(&desk.no_widget(in_desks()), view),
        Effect::SetPowers { .. } => tell_agents(&desk.not_levelled(in_desks()), view),
        Effect::Kick { user, .. } => tell_agents(&desk.not_kicked(user.as_str(), in_desks()), view),
        Effect::SetHistory { .. } => tell_agents(&desk.history_not_set(in_desks()), view),
        Effect::Redact { .. } => tell_agents(&desk.not_removed(in_desks()), view),
        _ => Vec::new(),
    }
}

/// In the ticket's thread, if the effect was a ticket's; in its desk's room where the offer does not stand there yet.
fn tell_agents(text: &str, view: &View) -> Vec<Effect> {
    let Some(ticket) = &view.ticket else { return Vec::new() };
    let in_desk = || {
        let about = view.desk_words().about_ticket(ticket.snapshot.name(), text);
        say::notice(Place::Desk { desk: offer::desk_of(&ticket.snapshot) }, about)
    };
    vec![say::in_thread(ticket, text).unwrap_or_else(in_desk)]
}

//! A ticket as the helpdesk shows it now, compared with what we knew: the updates, the lock, who may write.

use ruma::OwnedRoomId;

use super::powers::{let_owner_write, owner_account, powers};
use super::view::View;
use super::{away, dropped, files, intake, internal, links, merged, offer, say, space, video};
use crate::model::{
    Effect, Ghost, MessageId, Person, Place, Powers, Room, RoomKind, Settings, Snapshot, Ticket, TicketId, Topic,
};
use crate::texts::Words;

/// The feed says that something changed: what, is read in order.
pub fn changed(
    ticket: &TicketId,
    batch: &str,
    message: Option<&MessageId>,
    ticket_changed: bool,
    view: &View,
) -> Vec<Effect> {
    let fetch = message.map(|message| Effect::FetchMessage { ticket: ticket.clone(), message: message.clone() });
    let known = view.ticket.is_some();
    // A ticket that we don't know gets its room first. Of one that we know the message comes first: who closes with a
    // last word shall still be heard before the lock.
    let look = (ticket_changed || !known).then(|| Effect::LookAt { ticket: ticket.clone(), batch: batch.to_owned() });
    if known { fetch.into_iter().chain(look).collect() } else { look.into_iter().chain(fetch).collect() }
}

pub fn seen(snapshot: &Snapshot, view: &View) -> Vec<Effect> {
    match &view.ticket {
        Some(ticket) => compare(ticket, snapshot, view),
        None if snapshot.status.closed => Vec::new(),
        None => create_room(snapshot, None, view),
    }
}

/// A ticket that somebody was sent to: it gets its room, be it closed or not.
pub fn wanted(snapshot: &Snapshot, view: &View) -> Vec<Effect> {
    if view.ticket.is_some() { seen(snapshot, view) } else { create_room(snapshot, None, view) }
}

/// A ticket that we have opened for a customer.
pub fn opened(snapshot: &Snapshot, waiting: Option<&OwnedRoomId>, language: Option<&str>, view: &View) -> Vec<Effect> {
    if let Some(ticket) = &view.ticket {
        return compare(ticket, snapshot, view);
    }
    match waiting {
        None => create_room(snapshot, language, view),
        Some(room) => {
            let mut ticket = Ticket { language: language.map(str::to_owned), ..bare(snapshot, view) };
            ticket.room = Some(room.clone());
            // Who has written their first words there is there.
            ticket.joined = snapshot.customers.iter().filter_map(|person| person.matrix.clone()).collect();
            ticket.invited.clone_from(&ticket.joined);
            let mut effects = vec![
                Effect::RememberRoom(Room { id: room.clone(), kind: RoomKind::Ticket(snapshot.id.clone()) }),
                Effect::Describe { room: room.clone(), snapshot: Box::new(snapshot.clone()) },
            ];
            if snapshot.internal {
                effects.extend(internal::shut(&mut ticket, room, view));
            }
            // In the language that the ticket has from now on.
            let view = View { ticket: Some(ticket.clone()), ..view.clone() };
            effects.extend(furnish(ticket, None, &view));
            effects
        }
    }
}

/// Before anybody is in its room.
fn bare(snapshot: &Snapshot, view: &View) -> Ticket {
    let writer = owner_account(snapshot, &view.settings);
    Ticket { writer, ..Ticket::new(snapshot.clone()) }
}

fn create_room(snapshot: &Snapshot, language: Option<&str>, view: &View) -> Vec<Effect> {
    let ticket = Ticket { language: language.map(str::to_owned), ..bare(snapshot, view) };
    let powers = powers(&ticket, &view.settings);
    vec![
        Effect::RememberTicket(Box::new(ticket)),
        Effect::CreateTicketRoom { snapshot: Box::new(snapshot.clone()), powers },
    ]
}

/// The words that opened the ticket, and what came with them.
fn first_message(
    ticket: &Ticket,
    author: Option<&Person>,
    by_bot: bool,
    room: &OwnedRoomId,
    view: &View,
) -> Vec<Effect> {
    let snapshot = &ticket.snapshot;
    let (body, attached) = (say::whole(&snapshot.description, snapshot.lacks, view.words()), &snapshot.files);
    let by_agent = author.is_some_and(|author| !is_customer(ticket, author));
    let body = if by_agent { links::linked(&body) } else { body };
    let is_empty = body.is_empty();
    if is_empty && attached.is_empty() {
        return Vec::new();
    }
    let carries = Some((ticket.snapshot.id.clone(), MessageId::opening()));
    match (author, say::notice(Place::Room(room.clone()), body.clone())) {
        (Some(author), _) => {
            let words = say::words_of(room.clone(), author, body, by_bot, view, view.words());
            files::with_words(words, &author.name, is_empty, attached, carries)
        }
        (None, Effect::Say(words)) => files::with_words(words, "", is_empty, attached, carries),
        (None, _) => Vec::new(),
    }
}

/// The ticket's room is there, with the levels that it was made with.
pub fn room_made(room: &OwnedRoomId, made: &Powers, view: &View) -> Vec<Effect> {
    let Some(mut ticket) = view.ticket.clone() else { return Vec::new() };
    ticket.room = Some(room.clone());
    let kind = RoomKind::Ticket(ticket.snapshot.id.clone());
    let mut effects = vec![Effect::RememberRoom(Room { id: room.clone(), kind })];
    effects.extend(furnish(ticket, Some(made), view));
    effects
}

/// Brings in the people, shows the first message and offers the ticket. `made`: the levels that the room has; `None`: it is
/// the customer's waiting room, and their words stand there already.
fn furnish(mut ticket: Ticket, made: Option<&Powers>, view: &View) -> Vec<Effect> {
    let Some(room) = ticket.room.clone() else { return Vec::new() };
    let (settings, words) = (&view.settings, view.words());
    let (mut people, mut effects) = (Vec::new(), Vec::new());
    bring_customers(&mut ticket, &room, view, &mut people);
    let author = ticket.snapshot.author.clone().or_else(|| ticket.snapshot.customers.first().cloned());
    let by_customer = author.as_ref().is_some_and(|author| is_customer(&ticket, author));
    // In an internal ticket's room nobody stands for a customer.
    let by_bot = by_customer && ticket.snapshot.internal;
    if let Some(author) = author.as_ref().filter(|author| !by_bot && (author.matrix.is_none() || !by_customer)) {
        stand_in(&mut ticket, &author.id, !by_customer);
    }
    let_owner_write(&mut ticket, settings);
    let_owner_in(&mut ticket, &room, settings, &mut people);
    let levels = powers(&ticket, settings);
    if made != Some(&levels) {
        effects.push(Effect::SetPowers { room: room.clone(), powers: levels });
    }
    let number = &ticket.snapshot.number;
    let welcome = if ticket.snapshot.internal { words.welcome_internal(number) } else { words.welcome(number) };
    effects.push(say::notice(Place::Room(room.clone()), welcome));
    effects.extend(intake::block(&ticket, view));
    if made.is_some() {
        effects.extend(first_message(&ticket, author.as_ref(), by_bot, &room, view));
    }
    if let Some(owner) = &ticket.snapshot.owner {
        effects.push(say::about(Topic::Owner, say::notice(Place::Room(room.clone()), words.owner(&owner.name))));
    }
    // They come into a room that is ready: who is quick would otherwise write before their own first words stand there.
    effects.extend(people);
    effects.push(offer::card(&ticket, view));
    effects.push(Effect::LinkRoom { ticket: ticket.snapshot.id.clone(), room: room.clone() });
    let bare = ticket.clone();
    if let Some(into) = ticket.snapshot.merged_into.clone() {
        ticket.locked = true;
        effects.extend(merged::send_on(&bare, &ticket, &into, view));
    } else if ticket.snapshot.status.closed {
        ticket.locked = true;
        effects.push(say::about(Topic::Closing, say::notice(Place::Room(room.clone()), words.closed())));
        effects.push(Effect::SetPowers { room, powers: powers(&ticket, settings) });
    }
    effects.extend(space::moved(None, &ticket, settings));
    effects.push(Effect::RememberTicket(Box::new(ticket)));
    effects
}

fn is_customer(ticket: &Ticket, person: &Person) -> bool {
    ticket.snapshot.customers.iter().any(|customer| customer.id == person.id)
}

/// The offer stands in the desk room.
pub fn offered(room: &OwnedRoomId, event: &ruma::OwnedEventId, view: &View) -> Vec<Effect> {
    let Some(mut ticket) = view.ticket.clone() else { return Vec::new() };
    ticket.card = Some(event.clone());
    ticket.card_desk = Some(offer::desk_of(&ticket.snapshot));
    ticket.card_left = false;
    vec![
        // One tap accepts: the reaction is there to be tapped on.
        Effect::React { place: Place::Room(room.clone()), event: event.clone(), key: offer::ACCEPT.to_owned() },
        Effect::RememberTicket(Box::new(ticket)),
    ]
}

/// Customers with a Matrix account are invited, the others stand there as ghosts.
fn bring_customers(ticket: &mut Ticket, room: &OwnedRoomId, view: &View, effects: &mut Vec<Effect>) {
    if ticket.snapshot.internal {
        return;
    }
    for person in ticket.snapshot.customers.clone() {
        match &person.matrix {
            Some(user) if view.settings.is_ours(user) || ticket.invited.contains(user) => {}
            Some(user) => {
                ticket.invited.push(user.clone());
                effects.push(Effect::Invite { room: room.clone(), user: user.clone() });
            }
            None => {
                if stand_in(ticket, &person.id, false) {
                    effects.push(Effect::BringGhost {
                        room: room.clone(),
                        person: person.id.clone(),
                        name: person.name.clone(),
                    });
                }
            }
        }
    }
}

/// Notes a ghost of the room; whether it is new there.
pub fn stand_in(ticket: &mut Ticket, person: &crate::model::PersonId, agent: bool) -> bool {
    if ticket.ghosts.iter().any(|ghost| ghost.person == *person) {
        return false;
    }
    ticket.ghosts.push(Ghost { person: person.clone(), agent });
    true
}

/// The owner's Matrix account is invited.
pub fn let_owner_in(ticket: &mut Ticket, room: &OwnedRoomId, settings: &Settings, effects: &mut Vec<Effect>) {
    let Some(user) = ticket.writer.clone() else { return };
    // Also when they were there before: they may have left.
    effects.push(Effect::Invite { room: room.clone(), user: user.clone() });
    effects.extend(offer::into_desk(ticket, settings));
    if !ticket.agents.contains(&user) {
        ticket.agents.push(user);
    }
}

/// What is different now becomes notices, the lock, and the right to write.
fn compare(before: &Ticket, snapshot: &Snapshot, view: &View) -> Vec<Effect> {
    if let Some(into) = &snapshot.merged_into {
        return merged::merged(before, snapshot, into, view);
    }
    let Some(room) = before.room.clone() else {
        // Its room is being made; it will be furnished with this.
        let mut ticket = before.clone();
        ticket.snapshot = snapshot.clone();
        return if ticket == *before { Vec::new() } else { vec![Effect::RememberTicket(Box::new(ticket))] };
    };
    let old = &before.snapshot;
    let mut ticket = before.clone();
    ticket.snapshot = snapshot.clone();
    ticket.locked = snapshot.status.closed;
    let here = |tells, text: String| say::about(tells, say::notice(Place::Room(room.clone()), text.as_str()));
    let (words, desk_words) = (view.words(), view.desk_words());
    let mut effects = Vec::new();
    let (shut, opened) = (!old.internal && snapshot.internal, old.internal && !snapshot.internal);
    if shut {
        effects.extend(internal::shut(&mut ticket, &room, view));
    }
    if opened {
        effects.push(internal::open(&room));
    }

    let removed = dropped::remove(&mut ticket, old, &room, view);
    let is_removed = !removed.is_empty();
    effects.extend(removed);

    let mut people = Vec::new();
    bring_customers(&mut ticket, &room, view, &mut people);
    let owner_changed = old.owner.as_ref().map(|owner| &owner.id) != snapshot.owner.as_ref().map(|owner| &owner.id);
    let_owner_write(&mut ticket, &view.settings);
    if owner_changed || ticket.writer != before.writer {
        let_owner_in(&mut ticket, &room, &view.settings, &mut people);
    } else if old.desk != snapshot.desk {
        people.extend(offer::into_desk(&ticket, &view.settings));
    }
    let reopened = before.locked && !ticket.locked;
    if reopened {
        people.extend(away::call(&mut ticket));
    }
    let closed = !before.locked && ticket.locked;
    let levels_changed = powers(before, &view.settings) != powers(&ticket, &view.settings);
    let levels = Effect::SetPowers { room: room.clone(), powers: powers(&ticket, &view.settings) };

    // Levels before the people and the words, so that who comes in or reads “you can write again” can; the lock after them.
    if levels_changed && !closed {
        effects.push(levels.clone());
    }
    effects.extend(people);
    if shut || opened {
        effects.extend(internal::say_so(&ticket, &room, view));
    }
    if shut || is_removed {
        // Who was removed has its link.
        effects.extend(video::end_with_ticket(&mut ticket, view));
    }
    if old.title != snapshot.title {
        effects.push(Effect::Describe { room: room.clone(), snapshot: Box::new(snapshot.clone()) });
        effects.push(here(Topic::Title, words.title(crate::text::title(&snapshot.title))));
    }
    if old.desk != snapshot.desk {
        effects.push(here(Topic::Desk, words.desk(&snapshot.desk_name)));
    }
    if old.priority != snapshot.priority {
        let text = match &snapshot.priority {
            Some(priority) => words.priority(words.priority_name(priority)),
            None => words.no_priority(),
        };
        effects.push(here(Topic::Priority, text));
    }
    if owner_changed {
        let text = match &snapshot.owner {
            Some(owner) => words.owner(&owner.name),
            None => words.no_owner(),
        };
        effects.push(here(Topic::Owner, text));
        effects.extend(say::in_thread(&ticket, &owner_in_thread(old, snapshot, desk_words)));
    }
    if closed {
        effects.extend(video::end_with_ticket(&mut ticket, view));
        effects.push(here(Topic::Closing, words.closed()));
        effects.extend(say::in_thread(&ticket, &desk_words.closed_in_thread()));
        effects.push(levels);
    } else if reopened {
        effects.push(here(Topic::Closing, words.reopened()));
        effects.extend(say::in_thread(&ticket, &desk_words.reopened_in_thread()));
    } else if old.status.label != snapshot.status.label {
        effects.push(here(Topic::Status, words.status(words.status_name(&snapshot.status.label))));
    }
    if old.desk != snapshot.desk {
        effects.extend(say::in_thread(&ticket, &desk_words.moved_thread(&snapshot.desk_name)));
    }
    // A closed ticket is offered to its new desk once it is reopened.
    let elsewhere = ticket.card_left || ticket.card_desk.as_ref().is_some_and(|desk| desk.id != snapshot.desk);
    if elsewhere && !snapshot.status.closed {
        effects.extend(offer::card_moved(&ticket, view).filter(|_| !ticket.card_left));
        ticket.leave_card();
        effects.push(offer::card(&ticket, view));
    } else if shut
        || opened
        || owner_changed
        || closed
        || reopened
        || old.title != snapshot.title
        || old.priority != snapshot.priority
    {
        effects.extend(offer::card_again(&ticket, view));
    }
    effects.extend(space::moved(Some(before), &ticket, &view.settings));
    if ticket != *before {
        effects.push(Effect::RememberTicket(Box::new(ticket)));
    }
    effects
}

fn owner_in_thread(old: &Snapshot, new: &Snapshot, words: Words<'_>) -> String {
    match (&old.owner, &new.owner) {
        (_, Some(owner)) => words.accepted(&owner.name),
        (Some(before), None) => words.released(&before.name),
        (None, None) => words.free_again(),
    }
}

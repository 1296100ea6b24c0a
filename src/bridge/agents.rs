//! The configuration names other agents, or other accounts of theirs: the right to write moves, and who is none any more goes.

use super::powers::{let_owner_write, owner_account, powers};
use super::seen;
use super::spoken;
use super::view::View;
use crate::model::{Effect, Settings, Ticket};

/// Whether the configuration, as it is now, asks for a change of the ticket's room. In a locked one nobody may write; who may
/// is settled when it is opened again.
pub fn concerns(ticket: &Ticket, settings: &Settings) -> bool {
    let moves = !ticket.locked && owner_account(&ticket.snapshot, settings) != ticket.writer;
    moves || ticket.agents.iter().any(|user| settings.agent(user).is_none())
}

pub fn changed(view: &View) -> Vec<Effect> {
    let Some((before, room)) = view.ticket.as_ref().and_then(|ticket| Some((ticket, ticket.room.clone()?))) else {
        return Vec::new();
    };
    let settings = &view.settings;
    let mut ticket = before.clone();
    if !ticket.locked {
        let_owner_write(&mut ticket, settings);
    }
    let mut effects = Vec::new();
    if powers(before, settings) != powers(&ticket, settings) {
        effects.push(Effect::SetPowers { room: room.clone(), powers: powers(&ticket, settings) });
    }
    let former = |user: &ruma::OwnedUserId| settings.agent(user).is_none();
    for user in before.agents.iter().filter(|user| former(user) && !spoken::is_customer(before, user)) {
        let reason = view.desk_words().removed_agent();
        effects.push(Effect::Kick { room: room.clone(), user: user.clone(), reason });
    }
    ticket.agents.retain(|user| !former(user));
    if ticket.writer != before.writer {
        seen::let_owner_in(&mut ticket, &room, settings, &mut effects);
    }
    if ticket != *before {
        effects.push(Effect::RememberTicket(Box::new(ticket)));
    }
    effects
}

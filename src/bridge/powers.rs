//! Who may write in a ticket room, worked out from the ticket's record alone.

use ruma::OwnedUserId;

use super::door;
use super::view::View;
use crate::model::{Effect, Powers, Settings, Snapshot, Ticket};

/// The owner's account, as the configuration names it now, is the one that may write.
pub fn let_owner_write(ticket: &mut Ticket, settings: &Settings) {
    ticket.writer = owner_account(&ticket.snapshot, settings);
}

pub fn owner_account(snapshot: &Snapshot, settings: &Settings) -> Option<OwnedUserId> {
    let owner = snapshot.owner.as_ref()?;
    Some(settings.agent_by_login(&owner.login)?.matrix.clone())
}

/// The levels as they have to be now.
pub fn powers(ticket: &Ticket, settings: &Settings) -> Powers {
    let mut agents: Vec<_> = ticket.writer.iter().cloned().collect();
    let mut customers: Vec<_> = ticket.snapshot.customers.iter().filter_map(|person| person.matrix.clone()).collect();
    if ticket.snapshot.internal {
        customers.clear();
    }
    // Also who was let in without being listed: with another ticket, which was merged into this one.
    for user in ticket.invited.iter().filter(|user| !ticket.snapshot.internal || settings.agent(user).is_some()) {
        if !customers.contains(user) {
            customers.push(user.clone());
        }
    }
    customers.retain(|user| !agents.contains(user) && !settings.is_ours(user));
    for ghost in &ticket.ghosts {
        let user = settings.ghost(&ghost.person);
        if ghost.agent { agents.push(user) } else { customers.push(user) }
    }
    agents.sort();
    agents.dedup();
    customers.sort();
    customers.dedup();
    customers.retain(|user| !agents.contains(user));
    Powers { locked: ticket.locked, agents, customers, followed: ticket.followed }
}

/// The levels were set. Those of an earlier decision may arrive behind later ones, when the one who sent them is dead, and are
/// set right.
pub fn set(now: &Powers, view: &View) -> Vec<Effect> {
    let Some(ticket) = door::ticket_here(view) else { return Vec::new() };
    let Some(room) = ticket.room.clone() else { return Vec::new() };
    let wanted = powers(ticket, &view.settings);
    let is_so = now.locked == wanted.locked && now.agents == wanted.agents && now.customers == wanted.customers;
    if is_so { Vec::new() } else { vec![Effect::SetPowers { room, powers: wanted }] }
}

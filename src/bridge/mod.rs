//! The rules: what follows from a fact. `decide(&Fact, &View) -> Vec<Effect>`.
//!
//! Architecture invariant: pure. No I/O, no clock, no randomness, and it cannot fail: whatever arrives, the answer is a
//! list of effects, perhaps an empty one.

mod agents;
mod away;
mod commands;
mod door;
mod drafts;
mod dropped;
mod files;
mod intake;
mod internal;
mod library;
mod links;
mod lists;
mod manner;
mod merged;
mod offer;
mod outcome;
mod outdated;
mod posted;
mod powers;
mod quota;
mod quote;
mod say;
mod seen;
mod sending;
mod space;
mod spoken;
mod upgrade;
mod variables;
mod video;
mod view;
mod waiting;

pub use agents::concerns as agents_concern;
pub use commands::{COMMANDS, CUSTOMER_COMMANDS, CustomerCommand};
pub use intake::{BLOCK_VARIABLES, SUBJECT_VARIABLES};
pub use outdated::{gets_outdated, is_outdated, is_unwanted};
pub use quote::is_wordless;
pub use say::attributed;
pub use view::{AnsweredEvent, View};
pub use waiting::is_awaited;

use crate::model::{Effect, Fact};

/// What follows from a fact.
pub fn decide(fact: &Fact, view: &View) -> Vec<Effect> {
    say::in_their_language(follows(fact, view), view)
}

fn follows(fact: &Fact, view: &View) -> Vec<Effect> {
    match fact {
        Fact::Said(said) => spoken::said(said, view),
        Fact::Edited { room, event, sender, original } => spoken::edited(room, event, sender, original, view),
        Fact::Reacted { event, sender, target, key, .. } => drafts::reacted(sender, target, key, view)
            .or_else(|| lists::reacted(sender, target, key, view))
            .or_else(|| video::reacted(event, sender, target, key, view))
            .unwrap_or_else(|| offer::reacted(sender, target, key, view)),
        Fact::LevelsSet { powers, .. } => powers::set(powers, view),
        Fact::Called { user, key, joined, until_ms, .. } => video::called(user, key, *joined, *until_ms, view),
        Fact::Invited { room, by, contact, .. } => door::invited(room, by, contact.as_ref(), view),
        Fact::Joined { user, .. } => door::joined(user, view),
        Fact::Left { room, user } => door::left(room, user, view),
        Fact::Upgraded { sender, replacement, .. } => upgrade::upgraded(sender, replacement, view),
        Fact::MergedHere { ticket, number, customers, agents, dropped } => {
            merged::here(ticket, number, customers, agents, dropped, view)
        }
        Fact::Encrypted { room, event, sender } => door::encrypted(room, event, sender, view),
        Fact::Unsupported { room, event, sender, what } => spoken::unsupported(room, event, sender, *what, view),
        Fact::Changed { ticket, batch, message, ticket_changed } => {
            seen::changed(ticket, batch, message.as_ref(), *ticket_changed, view)
        }
        Fact::Seen(snapshot) => seen::seen(snapshot, view),
        Fact::Posted(message) => posted::posted(message, view),
        Fact::Opened { snapshot, waiting, language } => {
            seen::opened(snapshot, waiting.as_ref(), language.as_deref(), view)
        }
        Fact::AgentsChanged => agents::changed(view),
        Fact::DeskMoved { room } => upgrade::desk_moved(room, view),
        Fact::SaidAtDoor(said) => door::said_at_door(said, view),
        Fact::Overdue(effect) => waiting::waits(effect, view),
        Fact::Stuck { effect, why } => waiting::stuck(effect, why, view),
        Fact::Done { effect, outcome, .. } => outcome::done(effect, outcome, view),
    }
}

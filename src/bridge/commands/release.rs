//! `!release`: gives an accepted ticket back.

use super::Command;
use crate::model::Effect;

pub const COMMAND: Command = Command {
    word: "release",
    help: |words| words.help_release(),
    offered: |ticket, agent| ticket.snapshot.owner.as_ref().is_some_and(|owner| owner.login == agent.login),
    run: |context| {
        if !context.is_owner() {
            return context.not_yours();
        }
        vec![Effect::Release { ticket: context.ticket.snapshot.id.clone() }]
    },
};

//! `!release`: gives an accepted ticket back.

use super::Command;
use crate::model::Effect;

pub const COMMAND: Command = Command {
    word: "release",
    help: |words| words.help_release(),
    offered: |ticket, agent, _| ticket.is_owned_by(agent),
    run: |context| {
        if let Some(refusal) = context.not_yours() {
            return refusal;
        }
        vec![Effect::Release { ticket: context.ticket.snapshot.id.clone(), login: context.agent.login.clone() }]
    },
};

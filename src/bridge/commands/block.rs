//! `!block`: lists and searches building blocks, and puts one into the draft with its variables filled in.

use super::super::drafts;
use super::{Command, link};
use crate::model::Shelf;

pub const COMMAND: Command = Command {
    word: "block",
    help: |words| words.help_block(),
    offered: |ticket, agent, _| drafts::offered(ticket, agent),
    run: |context| link::choose_or_search(context, Shelf::Blocks),
};

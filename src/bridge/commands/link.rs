//! `!link`: lists and searches articles, and puts the link to one into the draft.

use super::super::{drafts, lists};
use super::{Command, Context};
use crate::model::{Block, Effect, RichText, Search, Shelf};

/// A longer number is no choice, not even by mistake, but looked for: a device's, an article's, a year.
const CHOSEN_MAX: usize = 99;

pub const COMMAND: Command = Command {
    word: "link",
    help: |words| words.help_link(),
    offered: |ticket, agent, _| drafts::offered(ticket, agent),
    run: |context| choose_or_search(context, Shelf::Links),
};

/// `3`, `3 | own words`, an address, or words to search for.
pub fn choose_or_search(context: &Context<'_>, shelf: Shelf) -> Vec<Effect> {
    let (agent, ticket, view) = (context.agent, context.ticket, context.view);
    let Some(place) = &context.thread else { return Vec::new() };
    if let Err(refusal) = drafts::may_write(agent, ticket, context.words()) {
        return context.answer(&refusal);
    }
    let (first, own) = match context.rest.split_once('|') {
        Some((first, own)) => (first.trim(), Some(own.trim()).filter(|own| !own.is_empty())),
        None => (context.rest, None),
    };
    if shelf == Shelf::Links
        && let Some(url) = crate::text::linkable(first)
    {
        let link = lists::link(&url, own.unwrap_or(first));
        let alone = RichText { blocks: vec![Block::Paragraph(vec![link.clone()])] };
        return drafts::add(agent, ticket, place, alone, None, view);
    }
    let number = first.parse().ok().filter(|number| *number <= CHOSEN_MAX);
    match (number, lists::last(agent, ticket, shelf)) {
        (Some(number), Some(shown)) => lists::choose(agent, ticket, shown, number, own, place, view),
        (Some(_), None) => context.answer(&context.words().list_gone()),
        (None, _) => lists::search(agent, ticket, place, Search { shelf, words: first.to_owned() }, view),
    }
}

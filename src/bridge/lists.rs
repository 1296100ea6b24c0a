//! Lists to choose from: shown in the ticket's thread, chosen from by `!link 3`, `!block 3`, or a numbered reaction.

use ruma::{OwnedEventId, OwnedUserId};

use super::view::View;
use super::{drafts, library, say};
use crate::model::{
    Agent, Article, Block, Choice, Effect, Inline, ListItem, Place, Prepared, RichText, Search, Shelf, Shown, Side,
    Speech, Ticket, Why,
};
use crate::texts::Words;

/// A block's first words, in the list.
const EXCERPT_CHARS: usize = 80;
/// What makes `3` a `3️⃣`.
const KEYCAP: char = '\u{20e3}';

/// Lists what fits; the helpdesk is asked first where it can be.
pub fn search(agent: &Agent, ticket: &Ticket, place: &Place, search: Search, view: &View) -> Vec<Effect> {
    let library = &view.settings.library;
    let asks = match search.shelf {
        Shelf::Links => library.searches_articles,
        Shelf::Blocks => library.searches_blocks,
    };
    if asks {
        let (ticket, agent) = (ticket.snapshot.id.clone(), agent.matrix.clone());
        return vec![Effect::Search { ticket, agent, search, place: place.clone() }];
    }
    found(&agent.matrix, &search, place, &[], None, view)
}

/// The helpdesk has answered, or could not be asked: then the configuration's elements have to do.
pub fn found(
    agent: &OwnedUserId,
    search: &Search,
    place: &Place,
    articles: &[Article],
    failure: Option<&Why>,
    view: &View,
) -> Vec<Effect> {
    let Some(ticket) = &view.ticket else { return Vec::new() };
    let words = view.words_for(agent);
    let mut effects: Vec<Effect> = failure
        .map(|why| say::notice(place.clone(), words.list_not_searched(words.why(why, Side::Helpdesk))))
        .into_iter()
        .collect();
    let (choices, more) = library::choices(search, articles, ticket, view);
    effects.push(match (choices.is_empty(), search.words.is_empty()) {
        (false, _) => {
            let body = list(search.shelf, &choices, more, words);
            let prepared = Prepared::List { agent: agent.clone(), shelf: search.shelf, choices };
            drafts::prepare(ticket, place.clone(), body, prepared)
        }
        (true, true) => say::notice(place.clone(), words.list_empty()),
        (true, false) => say::notice(place.clone(), words.list_nothing(&search.words)),
    });
    effects
}

fn list(shelf: Shelf, choices: &[Choice], more: usize, words: Words<'_>) -> RichText {
    let (title, hint) = match shelf {
        Shelf::Links => (words.list_links(), words.list_links_hint()),
        Shelf::Blocks => (words.list_blocks(), words.list_blocks_hint()),
    };
    let items = choices.iter().map(item).collect();
    let mut blocks =
        vec![Block::Paragraph(vec![Inline::Bold(vec![Inline::Text(title)])]), Block::List { start: Some(1), items }];
    if more > 0 {
        blocks.push(Block::Paragraph(vec![Inline::Text(words.list_more(more))]));
    }
    blocks.push(Block::Paragraph(vec![Inline::Text(hint)]));
    RichText { blocks }
}

fn item(choice: &Choice) -> ListItem {
    let line = match choice {
        Choice::Link { title, url, .. } => {
            vec![Inline::Link { url: url.clone(), content: vec![Inline::Text(title.clone())] }]
        }
        Choice::Block { title, body } => {
            let start = crate::text::to_plain(&crate::text::excerpt(body, EXCERPT_CHARS));
            let start = start.split_whitespace().collect::<Vec<_>>().join(" ");
            vec![Inline::Bold(vec![Inline::Text(title.clone())]), Inline::Text(format!(" – {start}"))]
        }
    };
    vec![Block::Paragraph(line)]
}

/// The list stands in the thread: it is remembered, and its numbers are there to be tapped on.
pub fn stands(event: &OwnedEventId, speech: &Speech, prepared: &Prepared, view: &View) -> Vec<Effect> {
    let (Some(ticket), Prepared::List { agent, shelf, choices }) = (&view.ticket, prepared) else { return Vec::new() };
    let mut after = ticket.clone();
    // The last one of its kind: a number means what was read last.
    after.shown.iter_mut().filter(|list| list.agent == *agent && list.shelf == *shelf).for_each(Shown::outlive);
    after.shown.push(Shown {
        event: event.clone(),
        place: speech.place.clone(),
        agent: agent.clone(),
        shelf: *shelf,
        choices: choices.clone(),
    });
    Shown::limit(&mut after.shown);
    let react = |number: usize| Effect::React {
        place: speech.place.clone(),
        event: event.clone(),
        key: format!("{number}\u{fe0f}{KEYCAP}"),
    };
    let mut effects: Vec<Effect> = (1..=choices.len()).map(react).collect();
    effects.push(Effect::RememberTicket(Box::new(after)));
    effects
}

/// A reaction to a list; `None`: it is at something else.
pub fn reacted(sender: &OwnedUserId, target: &OwnedEventId, key: &str, view: &View) -> Option<Vec<Effect>> {
    let ticket = view.ticket.as_ref()?;
    let shown = ticket.shown.iter().find(|list| list.event == *target)?;
    if view.settings.is_ours(sender) {
        return Some(Vec::new());
    }
    let Some(agent) = view.settings.agent(sender) else {
        return Some(vec![say::notice(shown.place.clone(), view.words_for(sender).not_an_agent())]);
    };
    let Some(number) = number(key) else { return Some(Vec::new()) };
    if shown.is_old() {
        return Some(vec![say::notice(shown.place.clone(), view.words_for(sender).list_old())]);
    }
    Some(choose(agent, ticket, shown, number, None, &shown.place, view))
}

/// `3️⃣`, as clients send it with and without the emoji variation selector.
fn number(key: &str) -> Option<usize> {
    let rest = key.trim_end_matches(['\u{fe0f}', KEYCAP]);
    rest.parse().ok().filter(|number| (1..=library::CHOICES_MAX).contains(number))
}

/// The agent's last list of this shelf.
pub fn last<'t>(agent: &Agent, ticket: &'t Ticket, shelf: Shelf) -> Option<&'t Shown> {
    ticket.shown.iter().rfind(|list| list.agent == agent.matrix && list.shelf == shelf && !list.is_old())
}

/// Puts a choice into the agent's draft; `own` are the words for a link.
pub fn choose(
    agent: &Agent,
    ticket: &Ticket,
    shown: &Shown,
    number: usize,
    own: Option<&str>,
    place: &Place,
    view: &View,
) -> Vec<Effect> {
    let words = view.words_for(&agent.matrix);
    let tell = |text: String| vec![say::notice(place.clone(), text)];
    if let Err(refusal) = drafts::may_write(agent, ticket, words) {
        return tell(refusal);
    }
    match number.checked_sub(1).and_then(|index| shown.choices.get(index)) {
        Some(Choice::Link { title, url, template }) => {
            let link = link(url, own.unwrap_or(title));
            let alone = || RichText::plain("{{link}}");
            drafts::add(agent, ticket, place, template.clone().unwrap_or_else(alone), Some(&link), view)
        }
        Some(Choice::Block { body, .. }) => drafts::add(agent, ticket, place, body.clone(), None, view),
        None => tell(words.list_number(shown.choices.len())),
    }
}

pub fn link(url: &str, words: &str) -> Inline {
    Inline::Link { url: url.to_owned(), content: vec![Inline::Text(words.to_owned())] }
}

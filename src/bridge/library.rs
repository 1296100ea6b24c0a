//! What an agent can choose from for this ticket: the configuration's elements and what the helpdesk found, best first.

use super::view::View;
use crate::model::{Article, Choice, RichText, Search, Shelf, Ticket};

/// As many as there are numbers to react with.
pub const CHOICES_MAX: usize = 9;
/// As much as fits into a draft, in HTML and in plain words together.
const BODY_BYTES_MAX: usize = 16 * 1024;
const TITLE_CHARS_MAX: usize = 100;

/// Something that may be chosen, before it is known whether it fits.
struct Candidate {
    choice: Choice,
    /// Where words are looked for besides the title.
    text: String,
    language: Option<String>,
    /// The helpdesk found it by these words, wherever in it they stand.
    is_found: bool,
}

/// The choices that fit, and how many more there are.
pub fn choices(search: &Search, found: &[Article], ticket: &Ticket, view: &View) -> (Vec<Choice>, usize) {
    let candidates = match search.shelf {
        Shelf::Links => links(found, view),
        Shelf::Blocks => blocks(found, ticket, view),
    };
    let language = view.words().code().to_owned();
    let wanted: Vec<String> = search.words.split_whitespace().map(str::to_lowercase).collect();
    let mut fitting: Vec<(u8, usize, Candidate)> = Vec::new();
    for (place, candidate) in candidates.into_iter().enumerate() {
        let Some(rank) = rank(&candidate, &wanted) else { continue };
        // The customer's language first, then what is for all, then the others.
        let spoken = match &candidate.language {
            Some(of) if same_language(of, &language) => 0,
            None => 1,
            Some(_) => 2,
        };
        fitting.push((spoken * 2 + rank, place, candidate));
    }
    fitting.sort_by_key(|(rank, place, _)| (*rank, *place));
    let mut chosen: Vec<Candidate> = Vec::new();
    for (_, _, candidate) in fitting {
        // What there is in several languages is one: in the language that fits best.
        if !chosen.iter().any(|other| is_variant(other, &candidate)) {
            chosen.push(candidate);
        }
    }
    let more = chosen.len().saturating_sub(CHOICES_MAX);
    (chosen.into_iter().take(CHOICES_MAX).map(|candidate| candidate.choice).collect(), more)
}

fn links(found: &[Article], view: &View) -> Vec<Candidate> {
    let own = view.settings.library.links.iter().map(|element| Candidate {
        choice: Choice::Link {
            title: title(&element.title),
            url: element.url.clone(),
            template: element.template.clone(),
        },
        text: element.url.clone(),
        language: element.language.clone(),
        is_found: false,
    });
    let theirs = found.iter().filter(|article| !article.url.is_empty()).map(|article| Candidate {
        choice: Choice::Link { title: title(&article.title), url: article.url.clone(), template: None },
        text: crate::text::to_plain(&article.body),
        language: article.language.clone(),
        is_found: true,
    });
    own.chain(theirs).collect()
}

fn blocks(found: &[Article], ticket: &Ticket, view: &View) -> Vec<Candidate> {
    let serves = |desks: &[String]| {
        let snapshot = &ticket.snapshot;
        desks.is_empty() || desks.iter().any(|name| *name == snapshot.desk_name || name == snapshot.desk.as_str())
    };
    let block = |name: &str, body: &RichText, language: &Option<String>, is_found| {
        // What is too long for a message would be sent cut: it is no building block.
        let (body, is_cut) = crate::text::limit(body.clone(), BODY_BYTES_MAX);
        (!is_cut).then(|| Candidate {
            text: crate::text::to_plain(&body),
            choice: Choice::Block { title: title(name), body },
            language: language.clone(),
            is_found,
        })
    };
    let own = view.settings.library.blocks.iter().filter(|element| serves(&element.desks));
    let theirs = found.iter().filter(|article| serves(&article.desks) && !article.body.is_empty());
    own.map(|element| block(&element.name, &element.body, &element.language, false))
        .chain(theirs.map(|article| block(&article.title, &article.body, &article.language, true)))
        .flatten()
        .collect()
}

fn title(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(TITLE_CHARS_MAX).collect()
}

/// All words have to be there: 0 where the title has them, 1 where the rest is needed.
fn rank(candidate: &Candidate, wanted: &[String]) -> Option<u8> {
    let title = title_of(&candidate.choice).to_lowercase();
    if wanted.iter().all(|word| title.contains(word.as_str())) {
        return Some(0);
    }
    let text = candidate.text.to_lowercase();
    let has_all = wanted.iter().all(|word| title.contains(word.as_str()) || text.contains(word.as_str()));
    (has_all || candidate.is_found).then_some(1)
}

fn title_of(choice: &Choice) -> &str {
    match choice {
        Choice::Link { title, .. } | Choice::Block { title, .. } => title,
    }
}

/// A block without a language is what serves for all others. A link without one is another page with the same title.
fn is_variant(one: &Candidate, other: &Candidate) -> bool {
    let is_link = matches!(one.choice, Choice::Link { .. });
    let are_known = one.language.is_some() && other.language.is_some();
    one.language != other.language && (are_known || !is_link) && title_of(&one.choice) == title_of(&other.choice)
}

/// `de` is meant by `de-AT`, too.
fn same_language(one: &str, other: &str) -> bool {
    let base = |code: &str| code.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    base(one) == base(other)
}

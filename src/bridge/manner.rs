//! How things are said that are not just words, as words that can stand in a ticket; and what an answer answers.

use ruma::UserId;

use super::view::View;
use crate::model::{Answered, Block, Inline, Manner, RichText, Said};
use crate::texts::Words;

/// Characters of an answered message that are shown.
const EXCERPT_CHARS: usize = 160;

/// The same, in words alone: nothing is left to be said of its manner, and who is mentioned is named.
pub fn in_words(said: &Said, view: &View) -> Said {
    let words = view.desk_words();
    let mut said = said.clone();
    let names: Vec<_> = said.mentions.drain(..).map(|user| (user.to_string(), name_of(&user, view))).collect();
    let mut body = std::mem::take(&mut said.body);
    if !names.is_empty() {
        body = crate::text::name_mentions(body, &names);
        said.text = crate::text::named(&said.text, &names);
    }
    said.body = match std::mem::take(&mut said.manner) {
        Manner::Words => body,
        Manner::Emote => first_words(vec![Inline::Text(format!("* {} ", view.name_of(&said.sender)))], body),
        Manner::Sticker => RichText::plain(&match said.text.trim() {
            "" => words.sticker_of_nothing(),
            shows => words.sticker(shows),
        }),
        Manner::Location { at } => location(at, body, words),
        Manner::Poll { answers } => poll(&answers, body, words),
        Manner::PollEnd => of_a_poll(body, words),
        Manner::Other => {
            let note = vec![Inline::Italic(vec![Inline::Text(words.other_kind())])];
            with_first(Block::Paragraph(note), body)
        }
    };
    said
}

/// The beginning of a message that another one answers.
pub fn quote(answered: &Answered, view: &View) -> Block {
    let settings = &view.settings;
    let name = match settings.agent(&answered.sender) {
        Some(agent) => agent.name.clone(),
        None => answered.name.clone().unwrap_or_else(|| name_of(&answered.sender, view)),
    };
    let names: Vec<_> = answered.mentions.iter().map(|user| (user.to_string(), name_of(user, view))).collect();
    let body = crate::text::name_mentions(answered.body.clone(), &names);
    let mut quote = crate::text::excerpt(&body, EXCERPT_CHARS).blocks;
    quote.insert(0, Block::Paragraph(vec![Inline::Bold(vec![Inline::Text(view.desk_words().wrote(name))])]));
    Block::Quote(quote)
}

/// Whether it is one of those above: what people quote themselves does not begin with a line in bold.
pub fn is_quote(block: &Block) -> bool {
    let Block::Quote(blocks) = block else { return false };
    matches!(blocks.first(), Some(Block::Paragraph(head)) if matches!(head.as_slice(), [Inline::Bold(_)]))
}

/// What somebody is called; never by an id of ours.
fn name_of(user: &UserId, view: &View) -> String {
    let settings = &view.settings;
    if let Some(agent) = settings.agent(user) {
        return agent.name.clone();
    }
    if let Some(name) = view.names.get(user) {
        return name.clone();
    }
    let people = view.ticket.iter().flat_map(|ticket| ticket.snapshot.owner.iter().chain(&ticket.snapshot.customers));
    let known = people.into_iter().find(|person| {
        person.matrix.as_deref() == Some(user) || (settings.is_ours(user) && settings.ghost(&person.id) == user)
    });
    match known {
        Some(person) => person.name.clone(),
        None if settings.is_ours(user) => view.desk_words().the_helpdesk(),
        None => crate::text::clean_name(user.localpart()),
    }
}

fn with_first(block: Block, mut body: RichText) -> RichText {
    body.blocks.insert(0, block);
    body
}

/// In the first paragraph where there is one.
fn first_words(mut words: Vec<Inline>, mut body: RichText) -> RichText {
    match body.blocks.first_mut() {
        Some(Block::Paragraph(inlines)) => {
            words.append(inlines);
            *inlines = words;
            body
        }
        _ => with_first(Block::Paragraph(words), body),
    }
}

fn location(at: Option<(String, String)>, body: RichText, words: Words<'_>) -> RichText {
    let mut head = vec![Inline::Text(words.location())];
    if let Some((latitude, longitude)) = at {
        let url =
            format!("https://www.openstreetmap.org/?mlat={latitude}&mlon={longitude}#map=17/{latitude}/{longitude}");
        head.push(Inline::Text(" ".to_owned()));
        head.push(Inline::Link { url, content: vec![Inline::Text(format!("{latitude}, {longitude}"))] });
    }
    with_first(Block::Paragraph(head), body)
}

fn of_a_poll(body: RichText, words: Words<'_>) -> RichText {
    first_words(vec![Inline::Text(format!("{} ", words.poll()))], body)
}

fn poll(answers: &[String], question: RichText, words: Words<'_>) -> RichText {
    let mut body = of_a_poll(question, words);
    let item = |answer: &String| RichText::plain(answer).blocks;
    if !answers.is_empty() {
        body.blocks.push(Block::List { start: Some(1), items: answers.iter().map(item).collect() });
    }
    body.blocks.push(Block::Paragraph(vec![Inline::Italic(vec![Inline::Text(words.poll_votes())])]));
    body
}

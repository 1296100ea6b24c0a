//! `!note text`: an internal note, unseen by the customer. In the thread the plain text alone does the same.

use super::super::{files, links, say, spoken};
use super::{Command, Context, parts};
use crate::model::{Block, Effect, Inline, RichText, RoomKind, Said};
use crate::text::from_markdown;

pub const COMMAND: Command = Command {
    word: "note",
    help: |words| words.help_note(),
    offered: |_, _, _| true,
    run: |context| {
        if context.rest.is_empty() {
            return context.answer(&context.words().note_empty());
        }
        let body = body(context.said, context.rest);
        let mut effects = in_thread(context, &body);
        effects.push(spoken::note(context.ticket, context.said, context.agent, &body));
        effects
    },
};

/// Typed in the ticket's room it is taken away there: it stands in the thread, as notes from the helpdesk do.
fn in_thread(context: &Context<'_>, body: &RichText) -> Vec<Effect> {
    let Context { said, agent, ticket, view, .. } = context;
    let is_in_room = matches!(view.room.as_ref().map(|room| &room.kind), Some(RoomKind::Ticket(_)));
    let Some(place) = say::thread(ticket).filter(|_| is_in_room) else { return Vec::new() };
    let words = say::attributed(view.desk_words(), &agent.name, links::linked(body));
    let speech = links::instead_of(&said.event, ticket, say::speech(place, words));
    let carries = speech.carries.clone();
    files::with_words(speech, &agent.name, false, &said.files, carries)
}

/// As formatted as in the thread: as the client did, or as Markdown.
fn body(said: &Said, rest: &str) -> RichText {
    let is_formatted = said.body != from_markdown(&said.text);
    let formatted = is_formatted.then(|| behind_command(said.body.clone())).flatten();
    formatted.unwrap_or_else(|| from_markdown(rest))
}

/// What stands behind the command; `None`: it is not found there.
fn behind_command(mut body: RichText) -> Option<RichText> {
    let Some(Block::Paragraph(inlines)) = body.blocks.first_mut() else { return None };
    let Some(Inline::Text(text)) = inlines.first_mut() else { return None };
    let (_, rest) = parts(text)?;
    // The blank before what is formatted stays.
    let blank = text.strip_prefix(text.trim_end()).filter(|_| !rest.is_empty()).unwrap_or_default();
    *text = format!("{rest}{blank}");
    let is_nothing = |inline: &Inline| matches!(inline, Inline::Break) || *inline == Inline::Text(String::new());
    let nothing = inlines.iter().take_while(|inline| is_nothing(inline)).count();
    inlines.drain(..nothing);
    if inlines.is_empty() {
        body.blocks.remove(0);
    }
    Some(body).filter(|body| !body.is_empty())
}

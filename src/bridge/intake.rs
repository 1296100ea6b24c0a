//! Tickets by an intake code: what they are about, and the texts that their template prepares.

use super::view::View;
use super::{links, say};
use crate::model::{
    Author, Block, Effect, Inline, Particulars, Place, RichText, Said, Speech, SpeechKind, Template, Ticket, Visibility,
};
use crate::text;
use crate::texts::Words;

/// What a template's subject may hold.
pub const SUBJECT_VARIABLES: [&str; 3] = ["message", "device.name", "customer.name"];
/// What its first building block may hold.
pub const BLOCK_VARIABLES: [&str; 5] = ["device.name", "customer.name", "ticket.number", "ticket.title", "desk.name"];

/// The template of the code at hand; one that was taken from the configuration is none.
pub fn template(view: &View) -> Option<&Template> {
    view.settings.template(view.code.as_ref()?.template.as_deref()?)
}

pub fn greeting(words: Words<'_>, view: &View) -> String {
    match view.code.as_ref().and_then(|code| code.device.as_deref()) {
        Some(device) => words.greeting_device(device),
        None => words.greeting(),
    }
}

/// What a ticket of this code bears.
pub fn particulars(view: &View) -> Particulars {
    let template = template(view);
    Particulars {
        device: view.code.as_ref().and_then(|code| code.device.clone()),
        template: template.map(|template| template.name.clone()),
        priority: template.and_then(|template| template.priority.clone()),
    }
}

/// The subject as the template has it, or the first words of the message.
pub fn title(said: &Said, view: &View) -> String {
    let first_file = said.files.first().map_or("", |file| file.name.as_str());
    let message = text::title(if said.text.trim().is_empty() { first_file } else { &said.text });
    let Some(subject) = template(view).and_then(|template| template.subject.as_deref()) else { return message };
    let device = view.code.as_ref().and_then(|code| code.device.as_deref()).unwrap_or("—");
    let values = |name: &str| match name {
        "message" => text::value(&message),
        "device.name" => text::value(device),
        "customer.name" => text::value(&view.name_of(&said.sender)),
        _ => None,
    };
    let (filled, _) = text::fill(RichText::plain(subject), &values);
    text::title(&text::to_plain(&filled))
}

/// The template's building block: shown first in the room, and noted in the ticket for those who work there.
pub fn block(ticket: &Ticket, view: &View) -> Vec<Effect> {
    let snapshot = &ticket.snapshot;
    let template = snapshot.template.as_deref().and_then(|name| view.settings.template(name));
    let (Some(room), Some(block)) = (&ticket.room, template.and_then(|template| template.block.as_deref())) else {
        return Vec::new();
    };
    let values = |name: &str| match name {
        "device.name" => text::value(snapshot.device.as_deref().unwrap_or("—")),
        "customer.name" => text::value(snapshot.customers.first().map_or("—", |person| person.name.as_str())),
        "ticket.number" => text::value(&snapshot.number),
        "ticket.title" => text::value(&snapshot.title),
        "desk.name" => text::value(&snapshot.desk_name),
        _ => None,
    };
    let (body, _) = text::fill(links::linked(&text::linkify(text::from_markdown(block))), &values);
    let shown = Block::Paragraph(vec![Inline::Text(view.desk_words().block_shown())]);
    let note = RichText { blocks: vec![shown, Block::Quote(body.blocks.clone())] };
    let said = match say::notice(Place::Room(room.clone()), body) {
        Effect::Say(speech) => Effect::Say(Speech { kind: SpeechKind::Message, ..speech }),
        other => other,
    };
    let post = Effect::Post {
        ticket: snapshot.id.clone(),
        author: Author::Bridge,
        visibility: Visibility::Internal,
        body: note,
        files: Vec::new(),
        marker: say::marker("block", snapshot.id.as_str(), "1"),
        from: None,
    };
    vec![said, post]
}

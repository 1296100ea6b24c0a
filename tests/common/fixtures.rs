//! Short ways to say who, what and how.

use ruma::{OwnedEventId, OwnedUserId};
use ticketroom::helpdesk::{NewMessage, NewTicket};
use ticketroom::model::{Author, Block, DeskId, Inline, Particulars, RichText, TicketId, Visibility};

pub fn event(name: &str) -> OwnedEventId {
    OwnedEventId::try_from(format!("${name}:hs.test")).unwrap()
}

pub fn user(name: &str) -> OwnedUserId {
    OwnedUserId::try_from(format!("@{name}:hs.test")).unwrap()
}

pub fn customer(name: &str) -> Author {
    Author::Customer { matrix: user(name), name: capitalised(name) }
}

pub fn agent(login: &str) -> Author {
    Author::Agent { login: login.to_owned(), name: capitalised(login) }
}

pub fn new_ticket(desk: &DeskId, title: &str, marker: &str) -> NewTicket {
    NewTicket {
        desk: desk.clone(),
        customer: user("ada"),
        customer_name: "Ada".to_owned(),
        title: title.to_owned(),
        body: RichText::plain("It leaks"),
        files: Vec::new(),
        marker: event(marker),
        particulars: Particulars::default(),
    }
}

pub fn new_message(ticket: &TicketId, author: Author, text: &str, marker: &str) -> NewMessage {
    NewMessage {
        ticket: ticket.clone(),
        author,
        visibility: Visibility::Public,
        body: RichText::plain(text),
        files: Vec::new(),
        marker: event(marker),
    }
}

/// The words of a body, one line per block.
pub fn words(body: &RichText) -> String {
    fn of_inlines(inlines: &[Inline], out: &mut String) {
        for inline in inlines {
            match inline {
                Inline::Text(text) | Inline::Code(text) => out.push_str(text),
                Inline::Break => out.push('\n'),
                Inline::Bold(inner)
                | Inline::Italic(inner)
                | Inline::Strike(inner)
                | Inline::Underline(inner)
                | Inline::Spoiler(inner)
                | Inline::Link { content: inner, .. } => of_inlines(inner, out),
            }
        }
    }
    let mut lines = Vec::new();
    for block in &body.blocks {
        let mut line = String::new();
        match block {
            Block::Paragraph(inlines) | Block::Heading(_, inlines) => of_inlines(inlines, &mut line),
            Block::Code { text, .. } => line.push_str(text),
            other => line.push_str(&format!("{other:?}")),
        }
        lines.push(line);
    }
    lines.join("\n").trim().to_owned()
}

fn capitalised(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

//! What stands for `{{customer.name}}` and its like in this ticket, for this agent.

use super::view::View;
use crate::model::{Agent, Block, Inline, RichText, Ticket};
use crate::text;

/// The text filled in, and the variables for which there is nothing here, as they were typed. `link` is what `{{link}}`
/// stands for.
pub fn filled(
    body: RichText,
    link: Option<&Inline>,
    agent: &Agent,
    ticket: &Ticket,
    view: &View,
) -> (RichText, Vec<String>) {
    let words = |name: &str| text::value(&value(name, agent, ticket, view)?);
    // What is filled in is never read again: what the link itself says comes first.
    let link = link.map(|link| text::fill(alone(link), &words));
    let (body, of_body) = text::fill(body, &|name| match (name, &link) {
        ("link", Some((link, _))) => Some(inlines(link)),
        _ => words(name),
    });
    let mut unknown = link.map_or_else(Vec::new, |(_, of_link)| of_link);
    for name in of_body {
        if !unknown.contains(&name) {
            unknown.push(name);
        }
    }
    (body, unknown)
}

fn alone(link: &Inline) -> RichText {
    RichText { blocks: vec![Block::Paragraph(vec![link.clone()])] }
}

fn inlines(alone: &RichText) -> Vec<Inline> {
    match alone.blocks.as_slice() {
        [Block::Paragraph(content)] => content.clone(),
        _ => Vec::new(),
    }
}

fn value(name: &str, agent: &Agent, ticket: &Ticket, view: &View) -> Option<String> {
    let snapshot = &ticket.snapshot;
    let customer = || snapshot.customers.first().map(|person| text::clean_name(&person.name));
    let value = match name {
        "customer.name" => customer()?,
        "customer.first_name" => first(&customer()?),
        "agent.name" => agent.name.clone(),
        "agent.first_name" => first(&agent.name),
        "ticket.number" => snapshot.number.clone(),
        "ticket.title" => text::title(&snapshot.title),
        "ticket.status" => view.words().status_name(&snapshot.status.label),
        "ticket.priority" => view.words().priority_name(snapshot.priority.as_ref()?),
        "desk.name" => snapshot.desk_name.clone(),
        "device.name" => text::title(snapshot.device.as_ref()?),
        _ => return None,
    };
    (!value.trim().is_empty()).then_some(value)
}

fn first(name: &str) -> String {
    name.split_whitespace().next().unwrap_or_default().to_owned()
}

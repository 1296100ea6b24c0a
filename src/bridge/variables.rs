//! What stands for `{{customer.name}}` and its like in this ticket, for this agent.

use super::view::View;
use crate::model::{Agent, Inline, RichText, Ticket};
use crate::text;

/// The text filled in, and the variables for which there is nothing here, as they were typed.
pub fn filled(
    body: RichText,
    link: Option<&Inline>,
    agent: &Agent,
    ticket: &Ticket,
    view: &View,
) -> (RichText, Vec<String>) {
    text::fill(body, &|name| match (name, link) {
        ("link", Some(link)) => Some(vec![link.clone()]),
        _ => text::value(&value(name, agent, ticket, view)?),
    })
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

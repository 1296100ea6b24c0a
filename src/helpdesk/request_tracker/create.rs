//! Opens a ticket for a customer, under the customer's name.

use serde_json::{Value, json};

use super::marker::{self, On};
use super::{RequestTracker, body, number, words};
use crate::helpdesk::NewTicket;
use crate::model::{Failure, Particulars, TicketId};

const MAX_TITLE_CHARS: usize = 200;

/// The fields of the seed that say what a ticket is about.
pub(super) const DEVICE: &str = "Device";
pub(super) const TEMPLATE: &str = "Template";
const MAX_FIELD_CHARS: usize = 200;

/// What stands in a ticket beside its words.
fn describe(rt: &RequestTracker, ticket: &mut Value, particulars: &Particulars) {
    if let Some(fields) = ticket.get_mut("CustomFields").and_then(Value::as_object_mut) {
        for (name, value) in [(DEVICE, &particulars.device), (TEMPLATE, &particulars.template)] {
            let value = value.as_deref().map(|value| words::line(value, MAX_FIELD_CHARS)).unwrap_or_default();
            if !value.is_empty() {
                fields.insert(name.to_owned(), value.into());
            }
        }
    }
    let number = particulars.priority.as_deref().and_then(|priority| {
        let by_word = || rt.config.priorities.get(priority).map(ToString::to_string);
        priority.parse::<i64>().ok().map(|number| number.to_string()).or_else(by_word)
    });
    if let (Some(ticket), Some(number)) = (ticket.as_object_mut(), number) {
        ticket.insert("Priority".to_owned(), number.into());
    }
}

pub(super) async fn create(rt: &RequestTracker, new: &NewTicket) -> Result<TicketId, Failure> {
    let queue = number(new.desk.as_str()).ok_or_else(|| Failure::dead("this is not a queue's number"))?;
    let on_behalf = rt.seed.check(&rt.client).await?;
    let customer = rt.people.customer(&rt.client, &new.customer, &new.customer_name).await?;
    let whose = (!on_behalf).then(|| rt.wrote(&new.customer_name));
    let title = words::line(&new.title, MAX_TITLE_CHARS);
    let mut ticket = json!({
        "Queue": queue.to_string(),
        "Subject": if title.is_empty() { "…" } else { &title },
        "Requestor": [customer.id.to_string()],
        "CustomFields": { marker::FIELD: rt.signer.field(On::Ticket, &new.marker) },
    });
    describe(rt, &mut ticket, &new.particulars);
    let html = body::with_files(&new.body, &new.files, whose);
    if let (Some(ticket), false) = (ticket.as_object_mut(), html.is_empty()) {
        // The Scrip copies a marker of two parts into the message's field; a first message needs none.
        let parameters = format!(
            "x-ticketroom-marker={}; x-ticketroom-author={}",
            marker::parameter(new.marker.as_str()),
            marker::parameter(&customer.login)
        );
        ticket.insert("Content".to_owned(), html.into());
        ticket.insert("ContentType".to_owned(), format!("text/html; {parameters}").into());
    }
    let answer = rt.client.post_files(&["ticket"], &ticket, &new.files).await?;
    if !answer.status.is_success() {
        rt.people.forget_customer(&new.customer);
        return Err(answer.refusal());
    }
    let id = answer.body.get("id").and_then(|id| id.as_u64().or_else(|| id.as_str()?.parse().ok()));
    match id.filter(|id| *id > 0) {
        Some(id) => Ok(TicketId::new(id.to_string())),
        None => Err(Failure::uncertain("Request Tracker did not say which ticket it made")),
    }
}

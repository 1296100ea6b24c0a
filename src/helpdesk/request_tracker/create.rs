//! Opens a ticket for a customer, under the customer's name.

use serde_json::json;

use super::marker::{self, On};
use super::{RequestTracker, body, number, words};
use crate::helpdesk::NewTicket;
use crate::model::{Failure, TicketId};

const MAX_TITLE_CHARS: usize = 200;

pub(super) async fn create(rt: &RequestTracker, new: &NewTicket) -> Result<TicketId, Failure> {
    let queue = number(new.desk.as_str()).ok_or_else(|| Failure::dead("this is not a queue's number"))?;
    let on_behalf = rt.seed.check(&rt.client).await?;
    let login = rt.people.customer(&rt.client, &new.customer, &new.customer_name).await?;
    let name = (!on_behalf).then_some(new.customer_name.as_str());
    let title = words::line(&new.title, MAX_TITLE_CHARS);
    let mut ticket = json!({
        "Queue": queue.to_string(),
        "Subject": if title.is_empty() { "…" } else { &title },
        "Requestor": [login],
        "CustomFields": { marker::FIELD: rt.signer.field(On::Ticket, &new.marker) },
    });
    let html = body::with_files(&new.body, &new.files, name);
    if let (Some(ticket), false) = (ticket.as_object_mut(), html.is_empty()) {
        // The Scrip copies a marker of two parts into the message's field; a first message needs none.
        let parameters = format!(
            "x-ticketroom-marker={}; x-ticketroom-author={}",
            marker::parameter(new.marker.as_str()),
            marker::parameter(&login)
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

//! Messages of a ticket that came as mails, by the ids that their senders' programs gave them.

use serde_json::{Value, json};

use super::answers::Found;
use super::named::{header, mail_id};
use super::wire::{Attachment, List, Transaction};
use super::{RequestTracker, message};
use crate::model::Failure;

/// So many ids are looked for: what is named further back is hardly what is answered.
const IDS_MAX: usize = 10;

/// Mails that an answer names, and what the ticket has of them; it is asked once, and only where they matter.
pub(super) struct Mails {
    ids: Vec<String>,
    /// Oldest first.
    found: Option<Vec<Attachment>>,
}

impl Mails {
    pub fn named<'a>(ids: impl Iterator<Item = &'a str>) -> Self {
        Self { ids: ids.take(IDS_MAX).map(str::to_owned).collect(), found: None }
    }

    /// The message with this id, if it is an earlier one of the ticket.
    pub async fn earlier(&mut self, rt: &RequestTracker, own: &Transaction, id: &str) -> Result<Found, Failure> {
        if self.ids.is_empty() {
            return Ok(None);
        }
        if self.found.is_none() {
            self.found = Some(find(rt, own.ticket, &self.ids).await?);
        }
        let is_it = |part: &&Attachment| id_of(part).as_deref() == Some(id) && part.transaction < own.id;
        let Some(part) = self.found.iter().flatten().find(is_it) else { return Ok(None) };
        let transaction = message::transaction(rt, part.transaction).await?;
        Ok(transaction.filter(|found| found.ticket == own.ticket).map(|found| (found, part.headers.clone())))
    }
}

fn id_of(part: &Attachment) -> Option<String> {
    mail_id(&header(&part.headers, "Message-ID")?).map(str::to_owned)
}

async fn find(rt: &RequestTracker, ticket: u64, ids: &[String]) -> Result<Vec<Attachment>, Failure> {
    let filter: Vec<Value> = ids.iter().map(|id| json!({ "field": "MessageId", "value": id })).collect();
    let query = [("fields", "Headers,TransactionId"), ("orderby", "id"), ("per_page", "50")];
    let ticket = ticket.to_string();
    let answer = rt.client.search(&["ticket", &ticket, "attachments"], &query, &Value::Array(filter)).await?;
    if !answer.status.is_success() {
        // What a message answers is not worth the message.
        return Ok(Vec::new());
    }
    Ok(answer.ok::<List<Attachment>>()?.into_iter().collect())
}

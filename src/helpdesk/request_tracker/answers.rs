//! Which message of its ticket a mail answers, by `In-Reply-To` and `References`.
//!
//! Request Tracker gives everything it sends an id of its own (`rt-5.0.3-PID-SECONDS-RANDOM.TICKET-…`), keeps it in the
//! message's headers, and has no index on it. The id says when it was made, so that few messages have to be looked at.

use serde_json::{Value, json};

use super::RequestTracker;
use super::mails::Mails;
use super::marker::On;
use super::named::{Named, SentId, header, is_mail, named};
use super::wire::{Attachment, List, Transaction};
use crate::model::{Answers, Failure, MessageId, Visibility};

/// The newest messages of the ticket among which it is looked for.
const NEWEST: &str = "100";
/// Seconds between the making of an id and of its message.
const APART_S: i64 = 60;
/// Messages made about then.
const CANDIDATES_MAX: usize = 10;

/// `headers` are those of the answering message. Where what it answers is not in the ticket, it is what that answered.
pub(super) async fn answers(rt: &RequestTracker, own: &Transaction, headers: &str) -> Result<Option<Answers>, Failure> {
    let named = named(headers);
    // Request Tracker's own pages name another program's id for the first message alone.
    let mails = named.iter().filter(|_| is_mail(headers)).filter_map(Named::mail);
    let mut mails = Mails::named(mails);
    let mut looked = false;
    for id in &named {
        let found = match id {
            Named::Mail(id) => mails.earlier(rt, own, id).await?,
            Named::Sent(id) if id.ticket == own.ticket && !looked => {
                looked = true;
                by_sent_id(rt, own, id).await?
            }
            Named::Sent(_) => None,
        };
        if let Some((answered, headers_of_it)) = found {
            return Ok(answers_to(rt, own, &answered, headers, &headers_of_it));
        }
    }
    Ok(None)
}

/// A message and its headers.
pub(super) type Found = Option<(Transaction, String)>;

/// The first message of a ticket is what every answer is about: Request Tracker's own pages name it where nothing was
/// chosen, and who writes on after it, to whatever Request Tracker answered, answers nobody.
fn answers_to(
    rt: &RequestTracker,
    own: &Transaction,
    answered: &Transaction,
    headers: &str,
    headers_of_it: &str,
) -> Option<Answers> {
    let writer = |of: &Transaction| of.creator.as_ref().map(|user| user.id);
    let on = On::Message(own.ticket);
    let marker = || rt.signer.in_fields(on, &answered.fields).or_else(|| rt.signer.in_headers(on, headers_of_it));
    let id = || MessageId::new(answered.id.to_string());
    Some(match answered.kind.as_str() {
        "Create" if !is_mail(headers) || writer(answered) == writer(own) => return None,
        "Create" => Answers { message: MessageId::opening(), visibility: Visibility::Public, marker: None },
        "Comment" => Answers { message: id(), visibility: Visibility::Internal, marker: marker() },
        "Correspond" => Answers { message: id(), visibility: Visibility::Public, marker: marker() },
        _ => return None,
    })
}

async fn by_sent_id(rt: &RequestTracker, own: &Transaction, sent: &SentId) -> Result<Found, Failure> {
    let ticket = own.ticket;
    let query = format!(
        "ObjectType = 'RT::Ticket' AND ObjectId = {ticket} AND \
         (Type = 'Create' OR Type = 'Correspond' OR Type = 'Comment')"
    );
    let query = [
        ("query", query.as_str()),
        ("orderby", "id"),
        ("order", "DESC"),
        ("per_page", NEWEST),
        ("fields", "Type,ObjectId,Creator,Created,CustomFields"),
        ("fields[Creator]", "id,Name"),
    ];
    let list: List<Transaction> = rt.client.get(&["transactions"], &query).await?.ok()?;
    let is_near = |one: &Transaction| seconds(&one.created).is_some_and(|at| (at - sent.seconds).abs() <= APART_S);
    let near: Vec<Transaction> = list
        .into_iter()
        .filter(|one| one.ticket == ticket && one.id != own.id && is_near(one))
        .take(CANDIDATES_MAX)
        .collect();
    if near.is_empty() {
        return Ok(None);
    }
    let filter: Vec<Value> = near.iter().map(|one| json!({ "field": "TransactionId", "value": one.id })).collect();
    let query = [("fields", "Headers,TransactionId"), ("orderby", "id"), ("per_page", "100")];
    let found: List<Attachment> = rt.client.search(&["attachments"], &query, &Value::Array(filter)).await?.ok()?;
    let start = format!("<{}.", sent.start);
    let is_it = |part: &Attachment| {
        let ids = ["RT-Message-ID", "Message-ID"].iter().filter_map(|name| header(&part.headers, name));
        ids.into_iter().any(|id| id.starts_with(&start))
    };
    let Some(part) = found.into_iter().find(is_it) else { return Ok(None) };
    Ok(near.into_iter().find(|one| one.id == part.transaction).map(|one| (one, part.headers)))
}

/// "2026-11-22T11:40:00Z" as seconds since 1970.
pub(super) fn seconds(date: &str) -> Option<i64> {
    let mut numbers = date.strip_suffix('Z')?.split(['-', 'T', ':', ' ']).map(str::parse::<i64>);
    let mut next = || numbers.next()?.ok();
    let (year, month, day) = (next()?, next()?, next()?);
    let (hour, minute, second) = (next()?, next()?, next()?);
    // Numbers of any size can stand there; those of dates have few digits.
    if [year, month, day, hour, minute, second].iter().any(|number| !(0..10_000).contains(number)) {
        return None;
    }
    // Days in the civil calendar, years beginning in March.
    let years = year - i64::from(month <= 2);
    let in_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400) + in_year - 719_468;
    Some(((days * 24 + hour) * 60 + minute) * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_seconds() {
        for (date, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2024-02-29T12:34:56Z", Some(1_709_210_096)),
            ("2026-11-22T11:40:00Z", Some(1_795_347_600)),
            ("2026-11-22", None),
            ("9223372036854775807-11-22T11:40:00Z", None),
            ("2026-9223372036854775807-22T11:40:00Z", None),
            ("2026-11-22T-9223372036854775808:40:00Z", None),
            ("", None),
        ] {
            assert_eq!(seconds(date), expected, "{date}");
        }
    }
}

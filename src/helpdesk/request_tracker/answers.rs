//! Which message of its ticket a mail answers, by `In-Reply-To` and `References`.
//!
//! Request Tracker gives everything it sends an id of its own (`rt-5.0.3-PID-SECONDS-RANDOM.TICKET-…`), keeps it in the
//! message's headers, and has no index on it. The id says when it was made, so that few messages have to be looked at.

use serde_json::{Value, json};

use super::RequestTracker;
use super::marker::On;
use super::wire::{Attachment, List, Transaction};
use crate::model::{Answers, Failure, MessageId, Visibility};

/// The newest messages of the ticket among which it is looked for.
const NEWEST: &str = "100";
/// Seconds between the making of an id and of its message.
const APART_S: i64 = 60;
/// Messages made about then.
const CANDIDATES_MAX: usize = 10;

/// `headers` are those of the answering message. The first message of a ticket is what every answer is about, so that it
/// counts as none: Request Tracker's own pages name it where nothing was chosen.
pub(super) async fn answers(
    rt: &RequestTracker,
    ticket: u64,
    own: u64,
    headers: &str,
) -> Result<Option<Answers>, Failure> {
    let Some(sent) = sent_ids(headers).into_iter().find(|id| id.ticket == ticket) else { return Ok(None) };
    let query = format!(
        "ObjectType = 'RT::Ticket' AND ObjectId = {ticket} AND \
         (Type = 'Create' OR Type = 'Correspond' OR Type = 'Comment')"
    );
    let query = [
        ("query", query.as_str()),
        ("orderby", "id"),
        ("order", "DESC"),
        ("per_page", NEWEST),
        ("fields", "Type,ObjectId,Created,CustomFields"),
    ];
    let list: List<Transaction> = rt.client.get(&["transactions"], &query).await?.ok()?;
    let is_near = |one: &Transaction| seconds(&one.created).is_some_and(|at| (at - sent.seconds).abs() <= APART_S);
    let near: Vec<Transaction> = list
        .into_iter()
        .filter(|one| one.ticket == ticket && one.id != own && one.kind != "Create" && is_near(one))
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
    let answered = near.into_iter().find(|one| one.id == part.transaction);
    Ok(answered.map(|one| Answers {
        message: MessageId::new(one.id.to_string()),
        visibility: if one.kind == "Comment" { Visibility::Internal } else { Visibility::Public },
        marker: rt
            .signer
            .in_fields(On::Message(ticket), &one.fields)
            .or_else(|| rt.signer.in_headers(On::Message(ticket), &part.headers)),
    }))
}

/// An id that Request Tracker made for something it sent.
#[derive(Debug, PartialEq, Eq)]
struct SentId {
    /// The part that all mails about one message share.
    start: String,
    seconds: i64,
    ticket: u64,
}

/// What is answered first, then what that answered.
fn sent_ids(headers: &str) -> Vec<SentId> {
    let of = |name: &str| header(headers, name).unwrap_or_default();
    let (answered, past) = (of("In-Reply-To"), of("References"));
    answered.split_whitespace().chain(past.split_whitespace().rev()).filter_map(sent_id).collect()
}

/// When what these headers answer was sent, and about which ticket.
pub(super) fn sent(headers: &str) -> Vec<(i64, u64)> {
    sent_ids(headers).into_iter().map(|id| (id.seconds, id.ticket)).collect()
}

fn sent_id(id: &str) -> Option<SentId> {
    let id = id.strip_prefix('<').unwrap_or(id);
    // Versions have points, too.
    let (local, _) = id.strip_prefix("rt-").and_then(|_| id.split_once('@'))?;
    let (start, rest) = local.rsplit_once('.')?;
    let mut parts = start.rsplit('-');
    let _random: u64 = parts.next()?.parse().ok()?;
    let seconds = parts.next()?.parse().ok()?;
    let ticket = rest.split('-').next()?.parse().ok()?;
    Some(SentId { start: start.to_owned(), seconds, ticket })
}

/// A header's value with its further lines.
fn header(headers: &str, name: &str) -> Option<String> {
    let mut lines = headers.lines();
    let first = lines.find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.trim().eq_ignore_ascii_case(name).then_some(value)
    })?;
    let more = lines.take_while(|line| line.starts_with([' ', '\t']));
    let value = std::iter::once(first).chain(more).map(str::trim).collect::<Vec<_>>().join(" ");
    (!value.is_empty()).then_some(value)
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
    fn what_was_sent_is_known_by_the_start_of_its_id() {
        let headers = "Subject: Re: x\nReferences: <RT-Ticket-7@example.org> <a@b>\n <rt-5.0.3-11-1700000000-5.7-3-1@ex.org>\n\
            In-Reply-To: <rt-5.0.3-12-1700000099-88.7-4-2@ex.org>\nX: y";
        let id = |start: &str, seconds, ticket| SentId { start: start.to_owned(), seconds, ticket };
        let expected =
            [id("rt-5.0.3-12-1700000099-88", 1_700_000_099, 7), id("rt-5.0.3-11-1700000000-5", 1_700_000_000, 7)];
        assert_eq!(sent_ids(headers), expected);
        for strange in ["", "In-Reply-To: <x@y>", "In-Reply-To: rt-@", "In-Reply-To: <rt-a-b.c@d>\n\n<rt-1-2-3.4@d>"] {
            assert_eq!(sent_ids(strange), [], "{strange}");
        }
    }

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

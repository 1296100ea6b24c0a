//! The parts that read what others wrote, one by one and without a server: tests and fuzz targets feed them hostile input.

use ruma::{EventId, OwnedEventId};
use secrecy::SecretString;
use serde_json::Value;

use super::base64_field::Base64Field;
use super::marker::{On, Signer};
use super::wire::{Attachment, List, Ticket, Transaction, User};
use super::{answers, attached, body, named, people, query, words};
use crate::model::{File, Person, RichText};

/// A value in TicketSQL.
pub fn quoted(text: &str) -> String {
    query::quoted(text)
}

/// One line of Request Tracker's words.
pub fn line(text: &str, max: usize) -> String {
    words::line(text, max)
}

/// What an answer says, fit to be shown.
pub fn said(answer: &Value) -> String {
    words::said(answer)
}

/// A body as it comes from ourselves.
pub fn message(content: &str, is_html: bool) -> RichText {
    body::read(content, is_html, None)
}

/// A user of an answer; `None`: it is none.
pub fn person(answer: &str) -> Option<Person> {
    let names = people::Names { unnamed: "—".to_owned(), agents: Vec::new() };
    serde_json::from_str::<User>(answer).ok().map(|user| people::person(&user, &names))
}

/// The files of a message, by the list of its parts.
pub fn files(transaction: u64, answer: &str) -> Vec<File> {
    let parts: Vec<Attachment> =
        serde_json::from_str::<List<Attachment>>(answer).map_or(Vec::new(), |list| list.into_iter().collect());
    attached::files(transaction, &parts)
}

/// How many tickets and transactions an answer lists.
pub fn listed(answer: &str) -> (usize, usize) {
    let tickets = serde_json::from_str::<List<Ticket>>(answer).map_or(0, |list| list.into_iter().count());
    let transactions = serde_json::from_str::<List<Transaction>>(answer).map_or(0, |list| list.into_iter().count());
    (tickets, transactions)
}

/// An attachment's content, its answer coming in pieces; `None`: it can't be read.
pub fn content(answer: &[u8], piece_bytes: usize) -> Option<Vec<u8>> {
    let (mut field, mut content) = (Base64Field::new("Content"), Vec::new());
    for piece in answer.chunks(piece_bytes.max(1)) {
        content.extend(field.feed(piece).ok()?);
    }
    field.is_whole().then_some(content)
}

/// The times (seconds since 1970) and tickets of the mails that these headers answer.
pub fn answered(headers: &str) -> Vec<(i64, u64)> {
    named::sent(headers)
}

/// A date of an answer.
pub fn seconds(date: &str) -> Option<i64> {
    answers::seconds(date)
}

/// Our marker on a message of this ticket: as the field's value, and as the header's parameter.
pub fn mark(token: &str, ticket: u64, event: &EventId) -> (String, String) {
    let (signer, on) = (signer(token), On::Message(ticket));
    (signer.field(on, event), format!("{}{}", super::marker::PARAMETER, signer.header(on, event)))
}

/// The marker in the headers of a message of this ticket, if it is ours.
pub fn marker_in_headers(token: &str, ticket: u64, headers: &str) -> Option<OwnedEventId> {
    signer(token).in_headers(On::Message(ticket), headers)
}

/// The same of a field's value, on a message or, without a number, on a ticket.
pub fn marker_in_field(token: &str, ticket: Option<u64>, value: &str) -> Option<OwnedEventId> {
    let field = super::wire::CustomField { name: super::marker::FIELD.to_owned(), values: vec![value.to_owned()] };
    signer(token).in_fields(ticket.map_or(On::Ticket, On::Message), &[field])
}

fn signer(token: &str) -> Signer {
    Signer::new(&SecretString::from(token.to_owned()))
}

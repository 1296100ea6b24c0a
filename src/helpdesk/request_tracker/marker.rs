//! Our marker on tickets and messages: the Matrix event, and a proof that only we can have written it.
//!
//! It stands twice: in the message's own `Content-Type` (saved together with the message, so that nothing can come in
//! between) and in the custom field "Matrix Event ID" (which can be searched). Agents who may write custom fields can't
//! forge it, because the proof needs the token.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ruma::{EventId, OwnedEventId};
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::wire::CustomField;

pub(super) const FIELD: &str = "Matrix Event ID";

/// The parameter of the content type that bears it.
pub(super) const PARAMETER: &str = "x-ticketroom-marker=";
const AUTHOR: &str = "x-ticketroom-author=";

pub(super) struct Signer {
    key: [u8; 32],
}

/// What a marker belongs to; a proof for one is worth nothing on another.
#[derive(Clone, Copy)]
pub(super) enum On {
    Ticket,
    /// A message of this ticket.
    Message(u64),
}

impl Signer {
    pub fn new(token: &SecretString) -> Self {
        Self { key: hash(&[b"ticketroom marker key 1\n", token.expose_secret().as_bytes()]) }
    }

    /// As it stands in the custom field.
    pub fn field(&self, on: On, event: &EventId) -> String {
        format!("{event} {}", self.proof(on, event.as_str()))
    }

    /// As it stands in the content type.
    pub fn header(&self, on: On, event: &EventId) -> String {
        format!("{}.{}", BASE64.encode(event.as_str()), self.proof(on, event.as_str()))
    }

    pub fn in_fields(&self, on: On, fields: &[CustomField]) -> Option<OwnedEventId> {
        let value = fields.iter().find(|field| field.name == FIELD)?.values.first()?;
        let (event, proof) = value.rsplit_once(' ')?;
        self.accept(on, event, proof)
    }

    pub fn in_headers(&self, on: On, headers: &str) -> Option<OwnedEventId> {
        let (_, rest) = headers.split_once(PARAMETER)?;
        let rest = rest.trim_start_matches('"');
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c)).unwrap_or(rest.len());
        let (event, proof) = rest.get(..end)?.split_once('.')?;
        let event = String::from_utf8(BASE64.decode(event).ok()?).ok()?;
        self.accept(on, &event, proof)
    }

    fn accept(&self, on: On, event: &str, proof: &str) -> Option<OwnedEventId> {
        let genuine = self.proof(on, event);
        if !bool::from(genuine.as_bytes().ct_eq(proof.as_bytes())) {
            return None;
        }
        OwnedEventId::try_from(event).ok()
    }

    /// HMAC-SHA256, cut to 96 bits: enough for a guess that has to be made online.
    fn proof(&self, on: On, event: &str) -> String {
        let on = match on {
            On::Ticket => "ticket".to_owned(),
            On::Message(ticket) => format!("message of {ticket}"),
        };
        let pad = |with: u8| {
            let mut block = [with; 64];
            for (byte, key) in block.iter_mut().zip(self.key) {
                *byte ^= key;
            }
            block
        };
        let inner = hash(&[&pad(0x36), on.as_bytes(), b"\n", event.as_bytes()]);
        let outer = hash(&[&pad(0x5c), &inner]);
        BASE64.encode(outer.get(..12).unwrap_or_default())
    }
}

/// The login of the author whom a message of ours names in its content type.
pub(super) fn author(headers: &str) -> Option<String> {
    let (_, rest) = headers.split_once(AUTHOR)?;
    let rest = rest.trim_start_matches('"');
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c)).unwrap_or(rest.len());
    String::from_utf8(BASE64.decode(rest.get(..end)?).ok()?).ok()
}

/// A word of the content type: letters, digits, `-` and `_` only.
pub(super) fn parameter(text: &str) -> String {
    BASE64.encode(text)
}

fn hash(parts: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use ruma::event_id;

    use super::*;

    fn signer(token: &str) -> Signer {
        Signer::new(&SecretString::from(token.to_owned()))
    }

    fn fields(value: String) -> Vec<CustomField> {
        vec![CustomField { name: FIELD.to_owned(), values: vec![value] }]
    }

    #[test]
    fn our_own_marker_is_read_back_from_field_and_header() {
        let (signer, event) = (signer("1-2-x"), event_id!("$a:hs"));
        let on = On::Message(7);
        assert_eq!(signer.in_fields(on, &fields(signer.field(on, event))).as_deref(), Some(event));
        let header =
            format!("Content-Type: text/html;\n x-ticketroom-marker=\"{}\";\n charset=x", signer.header(on, event));
        assert_eq!(signer.in_headers(on, &header).as_deref(), Some(event));
    }

    #[test]
    fn a_marker_of_another_ticket_or_token_is_not_ours() {
        let (ours, event) = (signer("1-2-x"), event_id!("$a:hs"));
        let value = ours.field(On::Message(7), event);
        assert_eq!(ours.in_fields(On::Message(8), &fields(value.clone())), None);
        assert_eq!(ours.in_fields(On::Ticket, &fields(value.clone())), None);
        assert_eq!(signer("1-2-y").in_fields(On::Message(7), &fields(value)), None);
    }

    #[test]
    fn a_bare_event_id_proves_nothing() {
        let signer = signer("1-2-x");
        for forged in ["$a:hs", "$a:hs ", "$a:hs AAAA", "", " "] {
            assert_eq!(signer.in_fields(On::Ticket, &fields(forged.to_owned())), None);
        }
        assert_eq!(signer.in_headers(On::Ticket, "x-ticketroom-marker=\"JGE6aHM.AAAA\""), None);
    }
}

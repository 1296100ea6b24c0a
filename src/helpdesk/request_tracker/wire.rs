//! The shapes of REST 2.0's answers, read leniently: ids come as numbers or text, absent objects as empty text.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub(super) struct List<T> {
    /// An item that we may not see can be null.
    #[serde(default = "Vec::new")]
    pub items: Vec<Option<T>>,
}

impl<T> List<T> {
    pub fn into_iter(self) -> impl Iterator<Item = T> {
        self.items.into_iter().flatten()
    }

    pub fn first(self) -> Option<T> {
        self.into_iter().next()
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct CustomField {
    #[serde(default, deserialize_with = "text")]
    pub name: String,
    #[serde(default, deserialize_with = "texts")]
    pub values: Vec<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct User {
    #[serde(default, deserialize_with = "number")]
    pub id: u64,
    #[serde(default, rename = "Name", deserialize_with = "text")]
    pub name: String,
    #[serde(default, rename = "RealName", deserialize_with = "text")]
    pub real_name: String,
    #[serde(default, rename = "Privileged", deserialize_with = "flag")]
    pub privileged: bool,
    #[serde(default, rename = "Disabled", deserialize_with = "flag")]
    pub disabled: bool,
    #[serde(default, rename = "CustomFields", deserialize_with = "fields")]
    pub fields: Vec<CustomField>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Queue {
    #[serde(default, deserialize_with = "number")]
    pub id: u64,
    #[serde(default, rename = "Name", deserialize_with = "text")]
    pub name: String,
    #[serde(default, rename = "Lifecycle", deserialize_with = "text")]
    pub lifecycle: String,
    #[serde(default, rename = "Disabled", deserialize_with = "flag")]
    pub disabled: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Ticket {
    #[serde(default, deserialize_with = "number")]
    pub id: u64,
    #[serde(default, rename = "Subject", deserialize_with = "text")]
    pub subject: String,
    #[serde(default, rename = "Status", deserialize_with = "text")]
    pub status: String,
    #[serde(default, rename = "Priority", deserialize_with = "text")]
    pub priority: String,
    #[serde(default, rename = "Queue")]
    pub queue: Queue,
    #[serde(default, rename = "Owner", deserialize_with = "user")]
    pub owner: Option<User>,
    #[serde(default, rename = "Creator", deserialize_with = "user")]
    pub creator: Option<User>,
    #[serde(default, rename = "Requestor", deserialize_with = "users")]
    pub requestors: Vec<User>,
    #[serde(default, rename = "CustomFields", deserialize_with = "fields")]
    pub fields: Vec<CustomField>,
}

/// A ticket that was not searched for: of its requestors there are the logins, and nothing else.
#[derive(Debug, Deserialize)]
pub(super) struct TicketAlone {
    #[serde(default, rename = "Requestor")]
    pub requestors: Vec<Login>,
    #[serde(flatten)]
    pub ticket: Ticket,
}

#[derive(Debug, Deserialize)]
pub(super) struct Login {
    #[serde(default, deserialize_with = "text")]
    pub id: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Transaction {
    #[serde(default, deserialize_with = "number")]
    pub id: u64,
    #[serde(default, rename = "Type", deserialize_with = "text")]
    pub kind: String,
    #[serde(default, rename = "Field", deserialize_with = "text")]
    pub field: String,
    #[serde(default, rename = "ObjectType", deserialize_with = "text")]
    pub object_type: String,
    #[serde(default, rename = "ObjectId", deserialize_with = "number")]
    pub ticket: u64,
    #[serde(default, rename = "Creator", deserialize_with = "user")]
    pub creator: Option<User>,
    #[serde(default, rename = "Created", deserialize_with = "text")]
    pub created: String,
    #[serde(default, rename = "CustomFields", deserialize_with = "fields")]
    pub fields: Vec<CustomField>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Attachment {
    #[serde(default, deserialize_with = "number")]
    pub id: u64,
    #[serde(default, rename = "TransactionId", deserialize_with = "number")]
    pub transaction: u64,
    #[serde(default, rename = "ContentType", deserialize_with = "text")]
    pub content_type: String,
    #[serde(default, rename = "Filename", deserialize_with = "text")]
    pub filename: String,
    /// Bytes, where it was asked for.
    #[serde(default, rename = "ContentLength", deserialize_with = "number")]
    pub length: u64,
    #[serde(default, rename = "Headers", deserialize_with = "text")]
    pub headers: String,
    #[serde(default, rename = "Content", deserialize_with = "text")]
    pub content: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct ArticleRow {
    #[serde(default, deserialize_with = "number")]
    pub id: u64,
    #[serde(default, rename = "Name", deserialize_with = "text")]
    pub name: String,
    #[serde(default, rename = "Summary", deserialize_with = "text")]
    pub summary: String,
    #[serde(default, rename = "CustomFields", deserialize_with = "fields")]
    pub fields: Vec<CustomField>,
}

#[derive(Debug, Deserialize)]
pub(super) struct FieldDefinition {
    #[serde(default, deserialize_with = "number")]
    pub id: u64,
    #[serde(default, rename = "Name", deserialize_with = "text")]
    pub name: String,
    #[serde(default, rename = "LookupType", deserialize_with = "text")]
    pub lookup_type: String,
    #[serde(default, rename = "Description", deserialize_with = "text")]
    pub description: String,
    #[serde(default, rename = "LastUpdated", deserialize_with = "text")]
    pub updated: String,
}

fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::String(text) => text,
        Value::Number(number) => number.to_string(),
        _ => String::new(),
    })
}

fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Array(values) => values.into_iter().filter_map(|v| v.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    })
}

fn as_number(value: &Value) -> u64 {
    value.as_u64().or_else(|| value.as_str()?.parse().ok()).unwrap_or_default()
}

fn number<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    Ok(as_number(&Value::deserialize(from)?))
}

fn flag<'de, D: Deserializer<'de>>(from: D) -> Result<bool, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_bool().unwrap_or_else(|| as_number(&value) != 0))
}

fn fields<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<CustomField>, D::Error> {
    Ok(list(Value::deserialize(from)?))
}

fn users<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<User>, D::Error> {
    Ok(list(Value::deserialize(from)?))
}

fn user<'de, D: Deserializer<'de>>(from: D) -> Result<Option<User>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).ok())
}

/// What can be read of a list; anything else is none.
fn list<T: serde::de::DeserializeOwned>(value: Value) -> Vec<T> {
    match value {
        Value::Array(values) => values.into_iter().filter_map(|v| serde_json::from_value(v).ok()).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_as_number_or_text_and_missing_things_as_empty_text() {
        let user: User = serde_json::from_str(r#"{"id":"40","Name":"a","Privileged":"","CustomFields":""}"#).unwrap();
        assert_eq!((user.id, user.privileged, user.fields.len()), (40, false, 0));
        let user: User = serde_json::from_str(r#"{"id":40,"Privileged":1}"#).unwrap();
        assert_eq!((user.id, user.privileged), (40, true));
        let list: List<User> = serde_json::from_str(r#"{"items":[null,{"id":3}]}"#).unwrap();
        assert_eq!(list.first().unwrap().id, 3);
    }
}

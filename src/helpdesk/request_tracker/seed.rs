//! Whether our seed is in place, above all its Scrip, which writes on behalf and keeps closed tickets closed.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use super::client::Client;
use super::wire::{FieldDefinition, List};
use crate::model::Failure;

/// How the seed describes its custom fields; the number is raised with its Scrip.
pub(super) const SEED: &str = "Ticketroom seed 1";

/// The user whom the seed makes for us.
pub(super) const LOGIN: &str = "ticketroom";

/// Name and kind of the custom fields that the seed makes.
pub(super) const FIELDS: [(&str, &str); 6] = [
    ("Matrix Event ID", "RT::Queue-RT::Ticket-RT::Transaction"),
    ("Matrix Event ID", "RT::Queue-RT::Ticket"),
    ("Matrix Room", "RT::Queue-RT::Ticket"),
    ("Matrix ID", "RT::User"),
    ("Device", "RT::Queue-RT::Ticket"),
    ("Template", "RT::Queue-RT::Ticket"),
];

const UNKNOWN: u8 = 0;
const WORKS: u8 = 1;
const ABSENT: u8 = 2;

/// After so long it is looked at again: an admin may have run the seed.
const AGE: Duration = Duration::from_secs(600);

pub(super) struct Seed {
    state: AtomicU8,
    looked: Mutex<Option<Instant>>,
    proven: AtomicU8,
}

impl Seed {
    pub fn new() -> Self {
        Self { state: AtomicU8::new(UNKNOWN), looked: Mutex::new(None), proven: AtomicU8::new(UNKNOWN) }
    }

    pub fn on_behalf(&self) -> bool {
        self.state.load(Ordering::Relaxed) != ABSENT
    }

    /// Looks if it is time to, and says whether the Scrip is there.
    pub async fn check(&self, client: &Client) -> Result<bool, Failure> {
        let fresh = self.looked.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at.elapsed() < AGE);
        if !fresh || self.state.load(Ordering::Relaxed) == UNKNOWN {
            self.set(marker_field(&fields(client).await?).is_some());
        }
        Ok(self.on_behalf())
    }

    /// Whether a message was read back already, and found under its author's name.
    pub fn is_proven(&self) -> bool {
        self.proven.load(Ordering::Relaxed) == WORKS
    }

    /// What reading a message back showed, whose author Request Tracker knows; more than the description promises.
    pub fn proven(&self, works: bool) {
        self.proven.store(if works { WORKS } else { ABSENT }, Ordering::Relaxed);
        if !works {
            tracing::warn!(
                "messages do not appear under their author's name: run helpdesk/request-tracker/seed.pl again"
            );
            self.set(false);
        }
    }

    fn set(&self, there: bool) {
        self.state.store(if there { WORKS } else { ABSENT }, Ordering::Relaxed);
        *self.looked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }
}

/// The field of messages that the seed makes beside its Scrip, where it is as this version of the seed makes it.
pub(super) fn marker_field(found: &[FieldDefinition]) -> Option<&FieldDefinition> {
    let (name, kind) = FIELDS[0];
    found.iter().find(|f| f.name == name && f.lookup_type == kind && f.description.starts_with(SEED))
}

/// The custom fields that we may see.
pub(super) async fn fields(client: &Client) -> Result<Vec<FieldDefinition>, Failure> {
    let mut found = Vec::new();
    for (name, _) in FIELDS {
        if found.iter().any(|field: &FieldDefinition| field.name == name) {
            continue;
        }
        found.extend(fields_named(client, name).await?);
    }
    Ok(found)
}

/// The custom fields of this name that we may see.
pub(super) async fn fields_named(client: &Client, name: &str) -> Result<Vec<FieldDefinition>, Failure> {
    let filter = json!([{ "field": "Name", "operator": "=", "value": name }]);
    let query = [("fields", "Name,LookupType,Description,LastUpdated"), ("per_page", "100")];
    let list: List<FieldDefinition> = client.search(&["customfields"], &query, &filter).await?.ok()?;
    Ok(list.into_iter().collect())
}

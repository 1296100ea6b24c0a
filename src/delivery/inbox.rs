//! Takes events in: where each belongs, and onto disk before anybody is told that we have it.

use std::sync::Arc;

use async_trait::async_trait;
use ruma::UserId;
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::engine::Engine;
use super::known::Known;
use super::view::{BAD, lane_of};
use crate::crash;
use crate::matrix::{Before, Intake, NotTaken, peek};
use crate::model::Settings;
use crate::observe::Unreadable;
use crate::store::{Backend, NewInbox, Step, StoreError};

/// An event's body is bounded by the specification; whatever is longer is not an event.
const MAX_EVENT_BYTES: usize = 1024 * 1024;

/// Rows for these events; ours and those of no use are left out, unreadable ones are kept aside.
pub(super) async fn rows(engine: &Engine, events: &[&str]) -> Result<Vec<NewInbox>, StoreError> {
    rows_by(&engine.known, &*engine.backend, &engine.settings, events).await
}

/// The same, for an instance that has no engine.
pub(super) async fn rows_by(
    known: &Known,
    backend: &dyn Backend,
    settings: &Settings,
    events: &[&str],
) -> Result<Vec<NewInbox>, StoreError> {
    let peeked: Vec<_> = events.iter().map(|json| (json, peek(json))).collect();
    let useful = || peeked.iter().filter_map(|(_, event)| event.as_ref().ok()).filter(|it| it.matters(settings));
    let rooms: Vec<_> = useful().map(|event| event.room_id.clone()).collect();
    let senders: Vec<_> = useful().map(|event| event.sender.clone()).collect();
    known.prepare(&rooms, &senders).await?;
    let mut rows = Vec::with_capacity(events.len());
    for (json, event) in peeked {
        match event {
            Ok(event) if !event.has_sound_ids() => rows.push(set_aside(json, &"an id that no server should make")),
            // In a room that is nothing to us, an invitation of ours is all that could matter. The homeserver brings others'
            // rooms where the registration names agents.
            Ok(event) if !event.is_membership_of_ours(settings) && known.room(&event.room_id).await?.is_none() => {
                tracing::debug!(room = %event.room_id, "an event of a room that is nothing to us was left alone");
            }
            Ok(event) if event.matters(settings) => {
                let lane = lane_of(known, backend, &event).await?;
                rows.push(NewInbox { key: event.event_id.to_string(), lane, body: (*json).to_owned() });
            }
            Ok(_) => {}
            Err(error) => rows.push(set_aside(json, &Unreadable(&error))),
        }
    }
    Ok(rows)
}

/// Told of in the log, and counted; written down so that it is told once, however often it is brought.
fn set_aside(json: &str, error: &dyn std::fmt::Display) -> NewInbox {
    tracing::warn!(%error, bytes = json.len(), "an event that can't be read was set aside");
    metrics::counter!(crate::observe::metrics::UNREADABLE).increment(1);
    let digest: String = Sha256::digest(json.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    let body = if json.len() > MAX_EVENT_BYTES { String::new() } else { json.to_owned() };
    NewInbox { key: format!("bad/{digest}"), lane: BAD.to_owned(), body }
}

#[async_trait]
impl Intake for Arc<Engine> {
    async fn take(&self, events: Vec<Box<RawValue>>, before: Before) -> Result<(), NotTaken> {
        let not_taken = |error: StoreError| NotTaken(error.to_string());
        let texts: Vec<&str> = events.iter().map(|event| event.get()).collect();
        crash::point("before-placing");
        let arrived = self.order.arrived(rows(self, &texts).await.map_err(not_taken)?, before);
        if arrived.is_empty() {
            return Ok(());
        }
        crash::point("before-inbox");
        self.commit(Step { arrived, ..Step::default() }).await.map_err(not_taken)?;
        crash::point("after-inbox");
        Ok(())
    }

    async fn has_user(&self, user: &UserId) -> Result<bool, NotTaken> {
        self.has_contact(user).await
    }
}

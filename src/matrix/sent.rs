//! Looks whether something of ours was sent: the homeserver forgets transaction ids after a day, our marker stays.

use ruma::api::Direction;
use ruma::api::client::message::get_message_events;
use ruma::{OwnedEventId, RoomId, TransactionId, UserId, uint};
use serde::Deserialize;

use super::call_error::CallError;
use super::client::Homeserver;
use super::content::MARKER;
use crate::model::Settings;

/// Pages of 100 events that are read at most.
const MAX_PAGES: usize = 50;
/// The homeserver's clock and ours may differ by this much, milliseconds.
const CLOCKS_MS: i64 = 15 * 60 * 1000;

#[derive(Deserialize)]
struct Event {
    event_id: OwnedEventId,
    sender: ruma::OwnedUserId,
    origin_server_ts: i64,
    #[serde(default)]
    content: serde_json::Value,
}

/// The event that bears this effect's marker, if one of our users sent it after `since_ms`.
pub async fn find_sent(
    homeserver: &Homeserver,
    settings: &Settings,
    reader: &UserId,
    room: &RoomId,
    txn: &TransactionId,
    since_ms: i64,
) -> Result<Option<OwnedEventId>, CallError> {
    let mut from = None;
    for _ in 0..MAX_PAGES {
        let mut request = get_message_events::v3::Request::new(room.to_owned(), Direction::Backward);
        request.from = from;
        request.limit = uint!(100);
        let page = homeserver.call(reader, request).await?;
        for event in page.chunk.iter().filter_map(|event| serde_json::from_str::<Event>(event.json().get()).ok()) {
            // Anybody can write such a key, and any homeserver set its clock: only what our own users sent counts.
            if !settings.is_ours(&event.sender) {
                continue;
            }
            if event.content.get(MARKER).and_then(|marker| marker.as_str()) == Some(txn.as_str()) {
                return Ok(Some(event.event_id));
            }
            if event.origin_server_ts < since_ms - CLOCKS_MS {
                return Ok(None);
            }
        }
        from = page.end;
        if from.is_none() {
            break;
        }
    }
    Ok(None)
}

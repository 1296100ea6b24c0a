//! Looks in a room for what an earlier attempt may have sent, once the homeserver has forgotten its transaction id.

use ruma::api::Direction;
use ruma::api::client::message::get_message_events;
use ruma::{OwnedEventId, OwnedUserId, RoomId, uint};
use serde::Deserialize;
use serde_json::Value;

use super::client::CallError;
use super::content::{MARKER, txn_id};
use super::send::MatrixSide;
use crate::model::Settings;

/// Pages of 200 events that are read: more than anybody writes in a ticket within an outage.
const MAX_PAGES: usize = 50;
/// The homeserver's clock and ours may differ.
const SLACK_MS: i64 = 3600 * 1000;

#[derive(Deserialize)]
struct Event {
    event_id: OwnedEventId,
    sender: OwnedUserId,
    #[serde(default)]
    origin_server_ts: i64,
    #[serde(default)]
    content: Value,
}

impl MatrixSide {
    /// The event of ours that bears this effect's marker. Read backwards until it can't have been sent yet.
    pub(super) async fn find_sent(
        &self,
        room: &RoomId,
        key: &str,
        planned_ms: i64,
    ) -> Result<Option<OwnedEventId>, CallError> {
        let txn = txn_id(key);
        let mut from = None;
        for _ in 0..MAX_PAGES {
            let mut request = get_message_events::v3::Request::new(room.to_owned(), Direction::Backward);
            request.from = from.take();
            request.limit = uint!(200);
            let page = self.homeserver.call(&self.settings.bot, request).await?;
            for event in page.chunk.iter().filter_map(|event| serde_json::from_str::<Event>(event.json().get()).ok()) {
                if is_it(&event, txn.as_str(), &self.settings) {
                    return Ok(Some(event.event_id));
                }
                if event.origin_server_ts < planned_ms - SLACK_MS {
                    return Ok(None);
                }
            }
            match page.end {
                Some(end) => from = Some(end),
                None => break,
            }
        }
        Ok(None)
    }
}

/// Anybody can write our marker: only our own users' is believed.
fn is_it(event: &Event, txn: &str, settings: &Settings) -> bool {
    settings.is_ours(&event.sender) && event.content.get(MARKER).and_then(Value::as_str) == Some(txn)
}

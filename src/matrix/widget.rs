//! The video session beside a room's messages: a widget, which the clients that know widgets show to everybody.

use ruma::api::client::state::send_state_event;
use ruma::events::{AnyStateEventContent, StateEventType};
use ruma::serde::Raw;
use ruma::{RoomId, UserId};
use serde_json::{Value, json};

use super::call_error::CallError;
use super::client::Homeserver;
use super::rooms::raw;
use crate::model::Widget;

/// One at a time: a new session takes the place of the old one.
const ID: &str = "ticketroom-video";

/// `None` takes it away. Repeating it is harmless.
pub async fn set(
    homeserver: &Homeserver,
    bot: &UserId,
    room: &RoomId,
    widget: Option<&Widget>,
) -> Result<(), CallError> {
    let content = widget.map_or_else(|| json!({}), |widget| content(widget, bot));
    // As clients know it; those that know the proposal's name (MSC1236, `m.widget`), too, would show it twice.
    put(homeserver, bot, room, "im.vector.modular.widgets", ID, &content).await?;
    // In Element it stands above the messages at once.
    let layout = match widget {
        Some(_) => json!({ "widgets": { ID: { "container": "top", "index": 0, "width": 100, "height": 50 } } }),
        None => json!({ "widgets": {} }),
    };
    put(homeserver, bot, room, "io.element.widgets.layout", "", &layout).await
}

fn content(widget: &Widget, bot: &UserId) -> Value {
    // Words alone: Nheko shows no widget with anything else in its data.
    let (kind, data) = match &widget.jitsi {
        Some((domain, conference)) => {
            ("jitsi", json!({ "domain": domain, "conferenceId": conference, "name": widget.name }))
        }
        None if widget.is_call => ("m.call", json!({ "title": widget.name })),
        None => ("m.custom", json!({ "title": widget.name, "url": widget.url })),
    };
    json!({
        "id": ID, "type": kind, "name": widget.name, "url": widget.url, "data": data, "creatorUserId": bot,
    })
}

async fn put(
    homeserver: &Homeserver,
    bot: &UserId,
    room: &RoomId,
    event_type: &str,
    key: &str,
    content: &Value,
) -> Result<(), CallError> {
    let raw: Raw<AnyStateEventContent> =
        raw(content).map_err(|failure| CallError::Impossible(failure.reason))?.cast_unchecked();
    let event_type = StateEventType::from(event_type);
    let request = send_state_event::v3::Request::new_raw(room.to_owned(), event_type, key.to_owned(), raw);
    homeserver.call(bot, request).await.map(drop)
}

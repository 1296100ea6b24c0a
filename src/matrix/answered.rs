//! Reads the message that another one answers, from the homeserver: the store keeps no words.

use ruma::api::client::room::get_room_event;
use ruma::{EventId, RoomId, UserId};

use super::call_error::CallError;
use super::client::Homeserver;
use super::ghosts::Ghosts;
use super::said;
use super::understand::Event;
use crate::model::Answered;

/// `None`: it is not in this room, not for us to read, encrypted, redacted, or without words.
pub async fn read(
    homeserver: &Homeserver,
    ghosts: &Ghosts,
    reader: &UserId,
    room: &RoomId,
    event: &EventId,
) -> Result<Option<Answered>, CallError> {
    let request = get_room_event::v3::Request::new(room.to_owned(), event.to_owned());
    let raw = match homeserver.call(reader, request).await {
        Ok(answer) => answer.event,
        Err(CallError::Refused(refusal)) if matches!(refusal.status, 403 | 404) => return Ok(None),
        Err(error) => return Err(error),
    };
    let Ok(event) = serde_json::from_str::<Event>(raw.json().get()) else { return Ok(None) };
    // What another room holds is not for the readers of this one, whatever the homeserver thinks.
    if event.room_id != room {
        return Ok(None);
    }
    let Some(body) = said::excerpt(&event.content) else { return Ok(None) };
    let name = ghosts.name_of(&event.sender).await?;
    Ok(Some(Answered { name, body, mentions: said::mentioned(&event.content), sender: event.sender }))
}

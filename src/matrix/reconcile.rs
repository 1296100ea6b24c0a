//! What the homeserver still holds: all that happened in our rooms since we last looked, whatever it told us meanwhile.
//!
//! One `/sync` of the bot covers all rooms; a room with more than fits is read to its end by `/messages`.
//! Spec: <https://spec.matrix.org/v1.18/client-server-api/#syncing>

use ruma::api::Direction;
use ruma::api::client::filter::{FilterDefinition, RoomEventFilter, RoomFilter};
use ruma::api::client::message::get_message_events;
use ruma::api::client::sync::sync_events::v3;
use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId, uint};
use serde_json::Value;

use super::call_error::CallError;
use super::client::Homeserver;
use super::understand::is_sound;

/// Events of a room that a sync brings at once; fewer where all rooms together would be more than we read.
const TIMELINE_LIMITS: [u32; 3] = [200, 20, 1];
/// Pages of 200 events that are read of one room: more than anybody writes in an outage.
const MAX_PAGES: usize = 500;

/// What was found, oldest first within each room.
#[derive(Clone, Debug, Default)]
pub struct Backfill {
    /// Events as JSON, each with its `room_id`.
    pub events: Vec<String>,
    /// Rooms that the bot is invited to, and by whom.
    pub invites: Vec<(OwnedRoomId, OwnedUserId)>,
    /// To be stored once the events are, and given to the next call.
    pub next: String,
}

/// Everything after `since`; without it, everything.
pub async fn backfill(homeserver: &Homeserver, bot: &UserId, since: Option<&str>) -> Result<Backfill, CallError> {
    let response = sync(homeserver, bot, since).await?;
    let mut found = Backfill { next: response.next_batch, ..Backfill::default() };
    for (room, joined) in response.rooms.join {
        if joined.timeline.limited
            && let Some(from) = joined.timeline.prev_batch
        {
            found.events.extend(earlier(homeserver, bot, &room, from, since).await?);
        }
        found.events.extend(joined.timeline.events.iter().filter_map(|event| with_room(event.json().get(), &room)));
    }
    for (room, invited) in response.rooms.invite {
        let state = invited.invite_state.events.iter().map(|event| event.json().get());
        let inviter = inviter(state, bot).filter(|by| is_sound(room.as_str()) && is_sound(by.as_str()));
        found.invites.extend(inviter.map(|inviter| (room, inviter)));
    }
    Ok(found)
}

async fn sync(homeserver: &Homeserver, bot: &UserId, since: Option<&str>) -> Result<v3::Response, CallError> {
    let mut failed = CallError::TooLong;
    for limit in TIMELINE_LIMITS {
        let mut request = v3::Request::new();
        request.since = since.map(ToOwned::to_owned);
        request.filter = Some(filter(limit).into());
        match homeserver.call(bot, request).await {
            // It may also be more than comes in time.
            Err(error @ (CallError::TooLong | CallError::NoAnswer(_))) => failed = error,
            other => return other,
        }
    }
    Err(failed)
}

fn filter(limit: u32) -> FilterDefinition {
    let mut timeline = RoomEventFilter::default();
    timeline.limit = Some(limit.into());
    let mut room = RoomFilter::default();
    room.timeline = timeline;
    room.ephemeral = RoomEventFilter::ignore_all();
    room.account_data = RoomEventFilter::ignore_all();
    // State changes are in the timeline, too; the state before it is of no use to us.
    room.state = RoomEventFilter::ignore_all();
    let mut filter = FilterDefinition::ignore_all();
    filter.room = room;
    filter
}

/// What lies between the sync's timeline and the time when we looked last.
async fn earlier(
    homeserver: &Homeserver,
    bot: &UserId,
    room: &RoomId,
    from: String,
    since: Option<&str>,
) -> Result<Vec<String>, CallError> {
    let mut newest_first = Vec::new();
    let mut from = Some(from);
    for _ in 0..MAX_PAGES {
        let Some(start) = from.take() else { break };
        let mut request = get_message_events::v3::Request::new(room.to_owned(), Direction::Backward);
        request.from = Some(start.clone());
        request.to = since.map(ToOwned::to_owned);
        request.limit = uint!(200);
        let page = homeserver.call(bot, request).await?;
        newest_first.extend(page.chunk.iter().filter_map(|event| with_room(event.json().get(), room)));
        from = page.end.filter(|end| *end != start);
    }
    newest_first.reverse();
    Ok(newest_first)
}

/// Events of a sync don't name their room; those of a transaction do.
fn with_room(json: &str, room: &RoomId) -> Option<String> {
    let mut event: Value = serde_json::from_str(json).ok()?;
    event.as_object_mut()?.insert("room_id".to_owned(), Value::String(room.to_string()));
    Some(event.to_string())
}

/// Who sent the invitation. It is added last; what stands before it is what the inviting server says of the room, and that
/// may say that somebody else invited us.
fn inviter<'a>(state: impl DoubleEndedIterator<Item = &'a str>, bot: &UserId) -> Option<OwnedUserId> {
    let invites = |event: &Value| {
        let text = |key: &str| event.get(key).and_then(Value::as_str);
        let membership = event.get("content").and_then(|content| content.get("membership")?.as_str());
        text("type") == Some("m.room.member") && text("state_key") == Some(bot.as_str()) && membership == Some("invite")
    };
    let mut newest_first = state.rev().filter_map(|json| serde_json::from_str::<Value>(json).ok());
    let invitation = newest_first.find(invites)?;
    OwnedUserId::try_from(invitation.get("sender")?.as_str()?).ok()
}

#[cfg(test)]
mod tests {
    use ruma::user_id;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_server_can_not_say_that_somebody_else_invited_us() {
        let bot = user_id!("@bot:hs.test");
        let invite = |by: &str| {
            let content = json!({ "membership": "invite" });
            json!({ "type": "m.room.member", "state_key": bot, "sender": by, "content": content }).to_string()
        };
        let name =
            json!({ "type": "m.room.name", "state_key": "", "sender": "@eve:evil.test", "content": {} }).to_string();
        let by = |state: &[&String]| inviter(state.iter().map(|json| json.as_str()), bot).map(|by| by.to_string());
        let (forged, real) = (invite("@victim:hs.test"), invite("@eve:evil.test"));
        assert_eq!(by(&[&forged, &name, &real]).as_deref(), Some("@eve:evil.test"));
        assert_eq!(by(&[&forged, &invite("nobody")]), None);
        assert_eq!(by(&[&real, &name, &"{".to_owned()]).as_deref(), Some("@eve:evil.test"));
        assert_eq!(by(&[&name]), None);
    }
}

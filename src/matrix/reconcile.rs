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

use super::client::{CallError, Homeserver};

/// Events of a room that a sync brings at once.
const TIMELINE_LIMIT: u32 = 200;
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
    let mut request = v3::Request::new();
    request.since = since.map(ToOwned::to_owned);
    request.filter = Some(filter().into());
    let response = homeserver.call(bot, request).await?;
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
        let inviter = invited.invite_state.events.iter().find_map(|event| inviter(event.json().get(), bot));
        found.invites.extend(inviter.map(|inviter| (room, inviter)));
    }
    Ok(found)
}

fn filter() -> FilterDefinition {
    let mut timeline = RoomEventFilter::default();
    timeline.limit = Some(TIMELINE_LIMIT.into());
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

fn inviter(json: &str, bot: &UserId) -> Option<OwnedUserId> {
    let event: Value = serde_json::from_str(json).ok()?;
    let is_invite = event.get("type")?.as_str()? == "m.room.member"
        && event.get("state_key")?.as_str()? == bot.as_str()
        && event.get("content")?.get("membership")?.as_str()? == "invite";
    is_invite.then(|| OwnedUserId::try_from(event.get("sender")?.as_str()?).ok())?
}

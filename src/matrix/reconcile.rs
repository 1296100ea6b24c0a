//! What the homeserver still holds: all that happened in our rooms since we last looked, whatever it told us meanwhile.
//!
//! One `/sync` of the bot covers all rooms; a room with more than fits is read to its end (`history.rs`).
//! Spec: <https://spec.matrix.org/v1.18/client-server-api/#syncing>

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use ruma::api::client::filter::{FilterDefinition, RoomEventFilter, RoomFilter};
use ruma::api::client::sync::sync_events::v3;
use ruma::{OwnedRoomId, OwnedUserId, UserId};
use serde_json::Value;
use tokio::time::Instant;

use super::call_error::CallError;
use super::client::Homeserver;
use super::history::{Gap, History, LIMITS, Pages, since_invited, with_room};
use super::understand::is_sound;

/// How long all rooms together are waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Rooms that are read at once.
const PARALLEL: usize = 4;

/// What was found, oldest first within each room.
#[derive(Clone, Debug, Default)]
pub struct Backfill {
    /// Events as JSON, each with its `room_id`.
    pub events: Vec<String>,
    /// Rooms that the bot is invited to, and by whom.
    pub invites: Vec<(OwnedRoomId, OwnedUserId)>,
    /// Rooms that could not be read; nothing of theirs is among the events.
    pub gaps: Vec<Gap>,
    /// To be stored once the events are, and given to the next call.
    pub next: String,
}

/// What came of reading a room.
enum Read {
    Events(Vec<String>),
    Not(Gap),
}

/// Everything after `since`; without it, everything. `open`: gaps that are to be read by themselves; what is new in their rooms
/// makes them longer.
pub async fn backfill(
    homeserver: &Homeserver,
    bot: &UserId,
    since: Option<&str>,
    open: &[Gap],
) -> Result<Backfill, CallError> {
    let response = sync(homeserver, bot, since).await?;
    let mut found = Backfill { next: response.next_batch, ..Backfill::default() };
    let (next, deadline) = (&found.next, Instant::now() + PATIENCE);
    let read = stream::iter(response.rooms.join).map(|(room, joined)| async move {
        let gap = |to: Option<String>| Gap { reader: bot.to_owned(), room: room.clone(), from: next.clone(), to };
        if let Some(open) = open.iter().find(|gap| gap.reader == bot && gap.room == room) {
            return Ok(Read::Not(gap(open.to.clone())));
        }
        let latest = joined.timeline.events.iter().filter_map(|event| with_room(event.json().get(), &room)).collect();
        let Some(from) = joined.timeline.prev_batch.filter(|_| joined.timeline.limited) else {
            return Ok(Read::Events(since_invited(latest, bot)));
        };
        let history = History { homeserver, reader: bot, room: &room, deadline: Some(deadline) };
        match history.up_to(latest, &mut Pages::before(from), since).await {
            Ok(events) => Ok(Read::Events(events)),
            Err(error) if may_be_of_one_room(&error) => {
                tracing::debug!(%room, %error, "a room's history cannot be read");
                Ok(Read::Not(gap(since.map(ToOwned::to_owned))))
            }
            Err(error) => Err(error),
        }
    });
    let read: Vec<Read> = read.buffered(PARALLEL).try_collect().await?;
    for room in read {
        match room {
            Read::Events(events) => found.events.extend(events),
            Read::Not(gap) => found.gaps.push(gap),
        }
    }
    for (room, invited) in response.rooms.invite {
        let state = invited.invite_state.events.iter().map(|event| event.json().get());
        let inviter = inviter(state, bot).filter(|by| is_sound(room.as_str()) && is_sound(by.as_str()));
        found.invites.extend(inviter.map(|inviter| (room, inviter)));
    }
    Ok(found)
}

/// Whether other rooms may be read all the same. What the homeserver asks of us, and its absence, concern all of them.
fn may_be_of_one_room(error: &CallError) -> bool {
    match error {
        CallError::Refused(refusal) => !refusal.code.is_empty() && !matches!(refusal.status, 401 | 429),
        CallError::NoAnswer(_) | CallError::Garbled(_) | CallError::TooLong | CallError::Impossible(_) => true,
        CallError::Unreachable(_) => false,
    }
}

async fn sync(homeserver: &Homeserver, bot: &UserId, since: Option<&str>) -> Result<v3::Response, CallError> {
    let mut failed = CallError::TooLong;
    for limit in LIMITS {
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

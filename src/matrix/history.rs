//! What was written in one room, read backwards by `/messages`.
//!
//! Spec: <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv3roomsroomidmessages>

use std::time::Duration;

use ruma::api::Direction;
use ruma::api::client::message::get_message_events;
use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call_error::CallError;
use super::client::Homeserver;

/// Events of a room that are asked for at once; fewer where that would be more than we read.
pub(super) const LIMITS: [u32; 3] = [200, 20, 1];
/// Pages that are read of one room: more than anybody writes in an outage.
const MAX_PAGES: usize = 500;
/// Events from before our entrance that are enough.
const BEFORE_MAX: usize = 200;

/// What one of ours could not read of a room: all between two places of `/sync`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    pub reader: OwnedUserId,
    pub room: OwnedRoomId,
    /// The newer end.
    pub from: String,
    /// The older one; `None`: the room's beginning.
    pub to: Option<String>,
}

impl Gap {
    /// Oldest first.
    pub async fn read(&self, homeserver: &Homeserver) -> Result<Vec<String>, CallError> {
        let history = History { homeserver, reader: &self.reader, room: &self.room, patience: None };
        history.until(self.from.clone(), self.to.as_deref()).await
    }
}

pub(super) struct History<'a> {
    pub homeserver: &'a Homeserver,
    pub reader: &'a UserId,
    pub room: &'a RoomId,
    /// How long a page is waited for; `None`: as long as any call, and smaller ones are tried then.
    pub patience: Option<Duration>,
}

impl History<'_> {
    /// What lies between two places, oldest first; of a room that the reader entered in between, also what was written
    /// before.
    pub async fn until(&self, from: String, to: Option<&str>) -> Result<Vec<String>, CallError> {
        let events = self.read(from, to, usize::MAX).await?;
        match to {
            Some(to) if enters(&events, self.reader) => {
                let mut all = self.before(to.to_owned()).await?;
                all.extend(events);
                Ok(all)
            }
            _ => Ok(events),
        }
    }

    /// What was written before the reader entered the room there, as far as anybody would write to somebody who does not come.
    pub async fn before(&self, from: String) -> Result<Vec<String>, CallError> {
        self.read(from, None, BEFORE_MAX).await
    }

    async fn read(&self, from: String, to: Option<&str>, most: usize) -> Result<Vec<String>, CallError> {
        let mut newest_first = Vec::new();
        let (mut from, mut limits) = (Some(from), LIMITS.into_iter().peekable());
        for _ in 0..MAX_PAGES {
            let (Some(start), Some(limit)) = (from.as_ref().filter(|_| newest_first.len() < most), limits.peek())
            else {
                break;
            };
            let mut request = get_message_events::v3::Request::new(self.room.to_owned(), Direction::Backward);
            request.from = Some(start.clone());
            request.to = to.map(ToOwned::to_owned);
            request.limit = (*limit).into();
            let page = match self.in_time(self.homeserver.call(self.reader, request)).await {
                Err(error) if *limit > 1 && self.may_be_too_much(&error) => {
                    limits.next();
                    continue;
                }
                page => page?,
            };
            newest_first.extend(page.chunk.iter().filter_map(|event| with_room(event.json().get(), self.room)));
            from = page.end.filter(|end| Some(end) != from.as_ref());
        }
        newest_first.reverse();
        Ok(newest_first)
    }

    async fn in_time<T>(&self, call: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
        let Some(patience) = self.patience else { return call.await };
        let late = |_| CallError::NoAnswer(format!("none within {} s", patience.as_secs()));
        tokio::time::timeout(patience, call).await.map_err(late)?
    }

    /// It may also be more than comes in time.
    fn may_be_too_much(&self, error: &CallError) -> bool {
        *error == CallError::TooLong || self.patience.is_none() && matches!(error, CallError::NoAnswer(_))
    }
}

/// Whether this user comes into the room in one of these events.
pub(super) fn enters(events: &[String], user: &UserId) -> bool {
    let is_in =
        |content: Option<&Value>| content.and_then(|content| content.get("membership")?.as_str()) == Some("join");
    events.iter().filter_map(|json| serde_json::from_str::<Value>(json).ok()).any(|event| {
        let text = |key: &str| event.get(key).and_then(Value::as_str);
        let before = event.get("unsigned").and_then(|unsigned| unsigned.get("prev_content"));
        text("type") == Some("m.room.member")
            && text("state_key") == Some(user.as_str())
            && is_in(event.get("content"))
            // Otherwise it has only another name.
            && !is_in(before)
    })
}

/// Events of a sync don't name their room; those of a transaction do.
pub(super) fn with_room(json: &str, room: &RoomId) -> Option<String> {
    let mut event: Value = serde_json::from_str(json).ok()?;
    event.as_object_mut()?.insert("room_id".to_owned(), Value::String(room.to_string()));
    Some(event.to_string())
}

#[cfg(test)]
mod tests {
    use ruma::user_id;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_new_name_is_no_entrance() {
        let bot = user_id!("@bot:hs.test");
        let member = |user: &UserId, is: &str, was: Option<&str>| {
            let unsigned = was.map(|was| json!({ "prev_content": { "membership": was } }));
            json!({ "type": "m.room.member", "state_key": user, "content": { "membership": is }, "unsigned": unsigned })
                .to_string()
        };
        for (event, entrance) in [
            (member(bot, "join", None), true),
            (member(bot, "join", Some("invite")), true),
            (member(bot, "join", Some("join")), false),
            (member(bot, "leave", Some("join")), false),
            (member(user_id!("@ada:hs.test"), "join", None), false),
            ("[".to_owned(), false),
        ] {
            assert_eq!(enters(std::slice::from_ref(&event), bot), entrance, "{event}");
        }
    }
}

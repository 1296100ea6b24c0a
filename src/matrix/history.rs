//! What was written in one room, read backwards by `/messages`.
//!
//! Spec: <https://spec.matrix.org/v1.18/client-server-api/#get_matrixclientv3roomsroomidmessages>

use std::collections::HashSet;
use std::time::Duration;

use ruma::api::Direction;
use ruma::api::client::message::get_message_events;
use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::time::Instant;

use super::call_error::CallError;
use super::client::Homeserver;
use crate::observe::metrics::ROOMS_NOT_READ;

/// Events of a room that are asked for at once; fewer where that would be more than we read, or than comes in time.
pub(super) const LIMITS: [u32; 3] = [200, 20, 1];
/// What is read of one room, and held until its oldest event is there: more than anybody writes in an outage.
const MOST: Most = Most { events: 100_000, bytes: 64 * 1024 * 1024 };
/// From before the last look that much is enough, in a room that we have entered since.
const BEFORE_MOST: Most = Most { events: 200, ..MOST };
/// How long a page is waited for beside those of other rooms.
const PAGE_PATIENCE: Duration = Duration::from_secs(10);

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
    /// Of one reader and room there is one at most.
    pub fn key(&self) -> (OwnedUserId, OwnedRoomId) {
        (self.reader.clone(), self.room.clone())
    }
}

/// A gap of which some is read: who could not come to its end goes on from there.
#[derive(Debug)]
pub struct Reading {
    gap: Gap,
    pages: Pages,
}

impl Reading {
    pub fn of(gap: Gap) -> Self {
        Self { pages: Pages::before(gap.from.clone()), gap }
    }

    /// As it was when this began.
    pub fn gap(&self) -> &Gap {
        &self.gap
    }

    /// To its end. Oldest first.
    pub async fn go_on(&mut self, homeserver: &Homeserver) -> Result<Vec<String>, CallError> {
        let Gap { reader, room, to, .. } = &self.gap;
        let history = History { homeserver, reader, room, deadline: None };
        history.up_to(Vec::new(), &mut self.pages, to.as_deref()).await
    }
}

#[derive(Clone, Copy)]
struct Most {
    events: usize,
    bytes: usize,
}

/// What was read, going backwards.
#[derive(Debug)]
pub(super) struct Pages {
    newest_first: Vec<String>,
    bytes: usize,
    /// `None`: there is no more.
    next: Option<String>,
}

impl Pages {
    pub fn before(from: String) -> Self {
        Self { newest_first: Vec::new(), bytes: 0, next: Some(from) }
    }

    fn add(&mut self, events: impl Iterator<Item = String>, next: Option<String>) {
        self.newest_first.extend(events.inspect(|json| self.bytes += json.len()));
        self.next = next.filter(|next| Some(next) != self.next.as_ref());
    }

    fn is_full(&self, most: Most) -> bool {
        self.newest_first.len() >= most.events || self.bytes >= most.bytes
    }

    fn oldest_first(&mut self) -> Vec<String> {
        let mut events = std::mem::take(&mut self.newest_first);
        events.reverse();
        events
    }
}

pub(super) struct History<'a> {
    pub homeserver: &'a Homeserver,
    pub reader: &'a UserId,
    pub room: &'a RoomId,
    /// For this room and those beside it; `None`: each page has as long as any call, and smaller ones are tried then.
    pub deadline: Option<Instant>,
}

impl History<'_> {
    /// The latest events, and before them what lies between two places, oldest first. Where the reader entered the room in
    /// that time, also what was written since their invitation, whenever that was.
    pub async fn up_to(
        &self,
        latest: Vec<String>,
        pages: &mut Pages,
        to: Option<&str>,
    ) -> Result<Vec<String>, CallError> {
        self.read(pages, to, MOST).await?;
        let mut events = Vec::new();
        if let Some(to) = to
            && [&pages.newest_first, &latest].iter().any(|some| entrance(&memberships(some, self.reader)).is_some())
        {
            let mut before = Pages::before(to.to_owned());
            self.read(&mut before, None, BEFORE_MOST).await?;
            events = before.oldest_first();
        }
        if pages.next.is_some() {
            metrics::counter!(ROOMS_NOT_READ).increment(1);
            tracing::error!(
                room = %self.room,
                events = pages.newest_first.len(),
                "there is more in this room than is read: what is older and was never told of is not in the helpdesk"
            );
        }
        // The latest ones of a room that is new may reach back behind the last look.
        let known: HashSet<String> = events.iter().filter_map(|json| id(json)).collect();
        let newer = pages.oldest_first().into_iter().chain(latest);
        events.extend(newer.filter(|json| known.is_empty() || id(json).is_none_or(|id| !known.contains(&id))));
        Ok(since_invited(events, self.reader))
    }

    async fn read(&self, pages: &mut Pages, to: Option<&str>, most: Most) -> Result<(), CallError> {
        let mut limit = LIMITS[0];
        while let Some(start) = pages.next.as_ref().filter(|_| !pages.is_full(most)) {
            let mut request = get_message_events::v3::Request::new(self.room.to_owned(), Direction::Backward);
            request.from = Some(start.clone());
            request.to = to.map(ToOwned::to_owned);
            request.limit = limit.into();
            let page = match self.in_time(self.homeserver.call(self.reader, request)).await {
                Err(error) if limit > 1 && self.may_be_too_much(&error) => {
                    limit = (limit / 10).max(1);
                    continue;
                }
                page => page?,
            };
            limit = (limit * 2).min(LIMITS[0]);
            pages.add(page.chunk.iter().filter_map(|event| with_room(event.json().get(), self.room)), page.end);
        }
        Ok(())
    }

    async fn in_time<T>(&self, call: impl Future<Output = Result<T, CallError>>) -> Result<T, CallError> {
        let Some(deadline) = self.deadline else { return call.await };
        let late = |_| CallError::NoAnswer("it takes too long beside other rooms".to_owned());
        tokio::time::timeout_at(deadline.min(Instant::now() + PAGE_PATIENCE), call).await.map_err(late)?
    }

    /// It may also be more than comes in time.
    fn may_be_too_much(&self, error: &CallError) -> bool {
        *error == CallError::TooLong || self.deadline.is_none() && matches!(error, CallError::NoAnswer(_))
    }
}

fn id(json: &str) -> Option<String> {
    Some(serde_json::from_str::<Value>(json).ok()?.get("event_id")?.as_str()?.to_owned())
}

struct Membership {
    /// Its place among the events.
    at: usize,
    is: String,
    was: Option<String>,
}

/// This user's, oldest first.
fn memberships(events: &[String], user: &UserId) -> Vec<Membership> {
    let membership = |content: Option<&Value>| Some(content?.get("membership")?.as_str()?.to_owned());
    let of = |(at, json): (usize, &String)| {
        // Most events are none: they need not be read for that.
        let event: Value = json.contains("m.room.member").then(|| serde_json::from_str(json).ok())??;
        let text = |key: &str| event.get(key).and_then(Value::as_str);
        let is_theirs = text("type") == Some("m.room.member") && text("state_key") == Some(user.as_str());
        let was = membership(event.get("unsigned").and_then(|unsigned| unsigned.get("prev_content")));
        let is = membership(event.get("content"))?;
        is_theirs.then_some(Membership { at, is, was })
    };
    events.iter().enumerate().filter_map(of).collect()
}

/// Which of them came into the room, the last one; one who is in it has only another name then.
fn entrance(memberships: &[Membership]) -> Option<usize> {
    memberships.iter().rposition(|one| one.is == "join" && one.was.as_deref() != Some("join"))
}

/// Of a room that this user entered, only who is there, and what was written since they were invited: what people said to each
/// other before is none of our affair.
pub(super) fn since_invited(mut events: Vec<String>, user: &UserId) -> Vec<String> {
    let memberships = memberships(&events, user);
    let Some(entrance) = entrance(&memberships) else { return events };
    // They may have been invited more than once, before they came.
    let before = memberships.iter().take(entrance).rev();
    let invited = before.take_while(|one| one.is == "invite").last();
    if let Some(invited) = invited {
        let since = events.split_off(invited.at);
        events.retain(|json| joins(json));
        events.extend(since);
    }
    events
}

/// Whether somebody comes into the room, under the name that they have there.
fn joins(json: &str) -> bool {
    let event: Value = serde_json::from_str(json).unwrap_or_default();
    event.get("type").and_then(Value::as_str) == Some("m.room.member")
        && event.get("content").and_then(|content| content.get("membership")?.as_str()) == Some("join")
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

    fn member(user: &UserId, is: &str, was: Option<&str>) -> String {
        let unsigned = was.map(|was| json!({ "prev_content": { "membership": was } }));
        json!({ "type": "m.room.member", "state_key": user, "content": { "membership": is }, "unsigned": unsigned })
            .to_string()
    }

    #[test]
    fn a_new_name_is_no_entrance() {
        let bot = user_id!("@bot:hs.test");
        for (event, enters) in [
            (member(bot, "join", None), true),
            (member(bot, "join", Some("invite")), true),
            (member(bot, "join", Some("join")), false),
            (member(bot, "leave", Some("join")), false),
            (member(user_id!("@ada:hs.test"), "join", None), false),
            ("[".to_owned(), false),
        ] {
            let found = entrance(&memberships(std::slice::from_ref(&event), bot));
            assert_eq!(found.is_some(), enters, "{event}");
        }
    }

    #[test]
    fn what_people_said_before_they_invited_us_is_not_ours_to_read() {
        let bot = user_id!("@bot:hs.test");
        let said = |text: &str| json!({ "type": "m.room.message", "content": { "body": text } }).to_string();
        let (invite, join) = (member(bot, "invite", None), member(bot, "join", Some("invite")));
        let left = |events: &[&String]| since_invited(events.iter().map(|event| (*event).clone()).collect(), bot);
        let (before, between, after) = (said("she snores"), said("It leaks"), said("Hello?"));
        assert_eq!(
            left(&[&before, &invite, &between, &join, &after]),
            [&invite, &between, &join, &after].map(Clone::clone)
        );
        let ada = member(user_id!("@ada:hs.test"), "join", None);
        assert_eq!(left(&[&ada, &before, &invite, &join]), [&ada, &invite, &join].map(Clone::clone), "she has a name");
        let again = member(bot, "invite", Some("invite"));
        assert_eq!(
            left(&[&before, &invite, &between, &again, &join]),
            [&invite, &between, &again, &join].map(Clone::clone),
            "whoever invites us a second time has said something in between"
        );
        let gone = member(bot, "leave", Some("join"));
        assert_eq!(left(&[&invite, &before, &gone, &invite, &join]), [&invite, &join].map(Clone::clone));
        assert_eq!(left(&[&before, &after]), [&before, &after].map(Clone::clone), "we were there");
        assert_eq!(left(&[&between, &join]), [&between, &join].map(Clone::clone), "the invitation lies further back");
    }
}

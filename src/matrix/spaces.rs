//! Spaces, and where rooms stand in them and in people's own lists.
//!
//! Spec: <https://spec.matrix.org/v1.18/client-server-api/#spaces>, <https://spec.matrix.org/v1.18/client-server-api/#room-tagging>

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use ruma::api::client::alias::get_alias;
use ruma::api::client::tag::{create_tag, delete_tag};
use ruma::events::tag::TagInfo;
use ruma::{OwnedRoomAliasId, OwnedRoomId, OwnedUserId, RoomId, UserId};
use serde_json::{Value, json};

use super::call_error::CallError;
use super::client::Homeserver;
use super::content;
use super::rooms::{Plan, Rooms, alias, escape};
use crate::model::{Desk, DeskId, Failure, Settings};

const LOW_PRIORITY: &str = "m.lowpriority";

/// `#_desk_space_3:example.org`
pub fn space_alias(settings: &Settings, desk: &DeskId) -> Option<OwnedRoomAliasId> {
    alias(settings, &format!("space_{}", escape(desk.as_str())))
}

fn alias_of(settings: &Settings, desk: &Desk) -> Result<OwnedRoomAliasId, Failure> {
    space_alias(settings, &desk.id).ok_or_else(|| Failure::dead("no alias for this desk's space"))
}

impl Rooms<'_> {
    /// The desk's space, where its alias names one.
    pub async fn find_space(&self, desk: &Desk) -> Result<Option<OwnedRoomId>, Failure> {
        let request = get_alias::v3::Request::new(alias_of(self.settings, desk)?);
        match self.homeserver.call(&self.settings.bot, request).await {
            Ok(found) => Ok(Some(found.room_id)),
            Err(error) if error.is("M_NOT_FOUND") => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the desk's space around its room, or makes it whole.
    pub async fn space(&self, desk: &Desk, desk_room: &RoomId) -> Result<OwnedRoomId, Failure> {
        let bot = self.settings.bot.clone();
        let space = self
            .make(Plan {
                alias: alias_of(self.settings, desk)?,
                name: crate::text::clean_name(&desk.name),
                powers: Box::new(move |listed| content::space_powers(listed.then_some(&*bot))),
                bridge: None,
                is_space: true,
                hidden_past: false,
            })
            .await?;
        self.show_desk(&space, desk_room).await?;
        Ok(space)
    }

    /// The desk's room comes first in its space.
    pub(super) async fn show_desk(&self, space: &RoomId, desk_room: &RoomId) -> Result<(), CallError> {
        let child = json!({ "via": [self.settings.server], "order": "0" });
        self.put(space, "m.space.child", desk_room.as_str(), &child).await?;
        let parent = json!({ "via": [self.settings.server], "canonical": true });
        self.put(desk_room, "m.space.parent", space.as_str(), &parent).await
    }

    /// Ticket rooms don't name the space in turn: their customers could not see it.
    pub async fn shelve(&self, space: &RoomId, room: &RoomId, shown: bool) -> Result<(), Failure> {
        // As the specification has it, an empty content takes the room out.
        let child: Value = if shown { json!({ "via": [self.settings.server] }) } else { json!({}) };
        Ok(self.put(space, "m.space.child", room.as_str(), &child).await?)
    }
}

/// Whom the homeserver does not let us act for: asked once, and then left alone until the next start.
#[derive(Default)]
pub struct NotOurs(Mutex<HashSet<OwnedUserId>>);

/// A place in a list that people may tidy themselves: what can't be done is no loss.
pub async fn low_priority(
    homeserver: &Homeserver,
    not_ours: &NotOurs,
    room: &RoomId,
    user: &UserId,
    low: bool,
) -> Result<(), Failure> {
    if not_ours.0.lock().unwrap_or_else(PoisonError::into_inner).contains(user) {
        return Ok(());
    }
    let (owner, room, tag) = (user.to_owned(), room.to_owned(), LOW_PRIORITY.to_owned());
    let result: Result<(), CallError> = if low {
        let request = create_tag::v3::Request::new(owner, room, tag, TagInfo::new());
        homeserver.call_without_device(user, request).await.map(drop)
    } else {
        homeserver.call_without_device(user, delete_tag::v3::Request::new(owner, room, tag)).await.map(drop)
    };
    match result {
        Err(CallError::Refused(refusal)) if (400..500).contains(&refusal.status) && refusal.status != 429 => {
            if refusal.status == 403 {
                not_ours.0.lock().unwrap_or_else(PoisonError::into_inner).insert(user.to_owned());
            }
            Ok(())
        }
        other => Ok(other?),
    }
}

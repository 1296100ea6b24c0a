//! Looks at a room that is said to take the place of ours, and moves a desk there. What follows is the rules' business.
//!
//! Spec: <https://spec.matrix.org/v1.18/client-server-api/#room-upgrades>

use ruma::api::client::alias::{create_alias, delete_alias, get_alias};
use ruma::api::client::membership::join_room_by_id;
use ruma::api::client::state::get_state_event_for_key;
use ruma::events::StateEventType;
use ruma::{OwnedRoomId, OwnedUserId, RoomId, UserId};
use serde_json::{Value, json};

use super::call_error::CallError;
use super::content::ALL_POWER;
use super::rooms::{Rooms, creator_is_listed, desk_alias};
use super::send::MatrixSide;
use crate::model::{DeskId, Failure, Inspection};

impl Rooms<'_> {
    pub async fn inspect(&self, former: &RoomId, room: &RoomId, by: &UserId) -> Result<Inspection, Failure> {
        let mut found = Inspection { entitled: self.is_entitled(former, by).await?, ..Inspection::default() };
        // A room that we are sent to by somebody without the power to do so is not even entered.
        if !found.entitled {
            return Ok(found);
        }
        let bot = &self.settings.bot;
        match self.homeserver.call(bot, join_room_by_id::v3::Request::new(room.to_owned())).await {
            Ok(_) => found.entered = true,
            Err(CallError::Refused(refusal)) if matches!(refusal.status, 400 | 403 | 404) => return Ok(found),
            Err(error) => return Err(error.into()),
        }
        let created = self.created(room).await?;
        let levels = self.state(room, "m.room.power_levels").await?;
        let level = levels.get("users").and_then(|users| users.get(bot.as_str())).and_then(Value::as_i64);
        found.powerful = level.is_some_and(|level| level >= ALL_POWER) || created.gives_all_power(room, bot);
        found.predecessor = created.predecessor;
        found.creator = created.creator;
        Ok(found)
    }

    /// Whether this user may put a tombstone into our room.
    async fn is_entitled(&self, room: &RoomId, user: &UserId) -> Result<bool, CallError> {
        if may_upgrade(&self.state(room, "m.room.power_levels").await?, user) {
            return Ok(true);
        }
        // Since version 12 who made a room has all power, and no level.
        Ok(self.created(room).await?.gives_all_power(room, user))
    }

    async fn created(&self, room: &RoomId) -> Result<Created, CallError> {
        let mut request =
            get_state_event_for_key::v3::Request::new(room.to_owned(), StateEventType::RoomCreate, String::new());
        request.format = get_state_event_for_key::v3::StateEventFormat::Event;
        let response = self.homeserver.call(&self.settings.bot, request).await?;
        let event: Value = serde_json::from_str(response.event_or_content.get()).unwrap_or_default();
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let content = event.get("content");
        let predecessor = content.and_then(|content| content.get("predecessor")?.get("room_id"));
        let others = content.and_then(|content| content.get("additional_creators")?.as_array());
        let other = |user: &Value| OwnedUserId::try_from(user.as_str()?).ok();
        Ok(Created {
            others: others.into_iter().flatten().filter_map(other).collect(),
            predecessor: text(predecessor).and_then(|room| OwnedRoomId::try_from(room).ok()),
            creator: text(event.get("sender")).and_then(|user| OwnedUserId::try_from(user).ok()),
        })
    }
}

impl MatrixSide {
    /// The desk's alias names its new room, and its space shows that one.
    pub async fn move_desk(
        &self,
        desk: &DeskId,
        space: Option<&RoomId>,
        from: &RoomId,
        to: &RoomId,
    ) -> Result<(), Failure> {
        let rooms = self.rooms();
        rooms.name_after_desk(to, desk).await?;
        let Some(space) = space else { return Ok(()) };
        rooms.show_desk(space, to).await?;
        rooms.shelve(space, from, false).await?;
        Ok(rooms.put(from, "m.space.parent", space.as_str(), &json!({})).await?)
    }
}

impl Rooms<'_> {
    async fn name_after_desk(&self, room: &RoomId, desk: &DeskId) -> Result<(), CallError> {
        let Some(alias) = desk_alias(self.settings, desk) else { return Ok(()) };
        let bot = &self.settings.bot;
        match self.homeserver.call(bot, get_alias::v3::Request::new(alias.clone())).await {
            Ok(found) if found.room_id == room => return Ok(()),
            Ok(_) => self.homeserver.call(bot, delete_alias::v3::Request::new(alias.clone())).await.map(drop)?,
            Err(error) if error.is("M_NOT_FOUND") => {}
            Err(error) => return Err(error),
        }
        self.homeserver.call(bot, create_alias::v3::Request::new(alias, room.to_owned())).await.map(drop)
    }
}

/// Whether these levels let the user put a tombstone into their room. What is no whole number gives no power, and where it
/// says what is needed, nobody has enough.
pub fn may_upgrade(levels: &Value, user: &UserId) -> bool {
    let number = |value: Option<&Value>| value.and_then(Value::as_i64);
    let needed = levels.get("events").and_then(|events| events.get("m.room.tombstone"));
    let needed = needed.or_else(|| levels.get("state_default"));
    let needed = needed.map_or(ALL_POWER / 2, |level| level.as_i64().unwrap_or(i64::MAX));
    let has = number(levels.get("users").and_then(|users| users.get(user.as_str())))
        .or_else(|| number(levels.get("users_default")))
        .unwrap_or_default();
    has >= needed
}

struct Created {
    predecessor: Option<OwnedRoomId>,
    creator: Option<OwnedUserId>,
    /// `additional_creators`.
    others: Vec<OwnedUserId>,
}

impl Created {
    /// Spec: <https://spec.matrix.org/v1.18/rooms/v12/>
    fn gives_all_power(&self, room: &RoomId, user: &UserId) -> bool {
        !creator_is_listed(room) && self.creator.iter().chain(&self.others).any(|creator| creator == user)
    }
}

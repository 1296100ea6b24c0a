//! The rooms that we make: each with an alias that follows from what it is for, so that none is made twice.

use ruma::api::client::alias::{create_alias, delete_alias, get_alias};
use ruma::api::client::discovery::get_capabilities;
use ruma::api::client::room::create_room;
use ruma::api::client::state::{get_state_event_for_key, send_state_event};
use ruma::events::{AnyInitialStateEvent, AnyStateEventContent, StateEventType};
use ruma::serde::Raw;
use ruma::{EventId, OwnedRoomAliasId, OwnedRoomId, RoomAliasId, RoomId, RoomVersionId};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::call_error::CallError;
use super::client::Homeserver;
use super::content;
use crate::crash;
use crate::model::{Desk, DeskId, Failure, Powers, Settings, Snapshot, TicketId};

/// `#_desk_ticket_42:example.org`
pub fn ticket_alias(settings: &Settings, ticket: &TicketId) -> Option<OwnedRoomAliasId> {
    alias(settings, &format!("ticket_{}", escape(ticket.as_str())))
}

/// `#_desk_queue_3:example.org`
pub fn desk_alias(settings: &Settings, desk: &DeskId) -> Option<OwnedRoomAliasId> {
    alias(settings, &format!("queue_{}", escape(desk.as_str())))
}

fn waiting_alias(settings: &Settings, cause: &EventId) -> Option<OwnedRoomAliasId> {
    let digest = Sha256::digest(cause.as_bytes());
    let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    alias(settings, &format!("waiting_{hex}"))
}

pub(super) fn alias(settings: &Settings, name: &str) -> Option<OwnedRoomAliasId> {
    RoomAliasId::parse(format!("#{}{name}:{}", settings.prefix, settings.server)).ok()
}

/// Helpdesk ids are numbers almost everywhere; anything else is spelled so that two never become the same.
pub(super) fn escape(id: &str) -> String {
    id.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'0'..=b'9' | b'-' => char::from(byte).to_string(),
            other => format!("={other:02x}"),
        })
        .collect()
}

/// Before version 12 a room id names its server; from then on the creator has power without being listed.
pub fn creator_is_listed(room: &RoomId) -> bool {
    room.server_name().is_some()
}

fn version_lists_creator(version: &RoomVersionId) -> bool {
    version.as_str().parse::<u32>().is_ok_and(|number| number < 12)
}

/// A room to be made.
pub(super) struct Plan {
    pub alias: OwnedRoomAliasId,
    pub name: String,
    pub powers: Box<dyn Fn(bool) -> Value + Send + Sync>,
    pub bridge: Option<Value>,
    /// No room to talk in, but a space for others.
    pub is_space: bool,
    /// Who comes later does not read what was written before.
    pub hidden_past: bool,
}

pub struct Rooms<'a> {
    pub homeserver: &'a Homeserver,
    pub settings: &'a Settings,
    /// As configured; otherwise the homeserver's default.
    pub version: Option<&'a RoomVersionId>,
}

impl Rooms<'_> {
    pub async fn ticket(&self, snapshot: &Snapshot, powers: &Powers) -> Result<OwnedRoomId, Failure> {
        let alias =
            ticket_alias(self.settings, &snapshot.id).ok_or_else(|| Failure::dead("no alias for this ticket"))?;
        let (powers, bot) = (powers.clone(), self.settings.bot.clone());
        self.make(Plan {
            alias,
            name: snapshot.name(),
            powers: Box::new(move |listed| content::ticket_powers(&powers, listed.then_some(&*bot))),
            bridge: Some(content::bridge_info(snapshot, &self.settings.bot)),
            is_space: false,
            hidden_past: snapshot.internal,
        })
        .await
    }

    pub async fn waiting(&self, cause: &EventId, name: &str) -> Result<OwnedRoomId, Failure> {
        let alias = waiting_alias(self.settings, cause).ok_or_else(|| Failure::dead("no alias for a waiting room"))?;
        let bot = self.settings.bot.clone();
        self.make(Plan {
            alias,
            name: name.to_owned(),
            powers: Box::new(move |listed| content::open_powers(listed.then_some(&*bot))),
            bridge: None,
            is_space: false,
            hidden_past: false,
        })
        .await
    }

    pub async fn desk(&self, desk: &Desk) -> Result<OwnedRoomId, Failure> {
        let alias = desk_alias(self.settings, &desk.id).ok_or_else(|| Failure::dead("no alias for this desk"))?;
        let bot = self.settings.bot.clone();
        self.make(Plan {
            alias,
            name: self.settings.texts.words().desk_room_name(crate::text::clean_name(&desk.name)),
            powers: Box::new(move |listed| content::open_powers(listed.then_some(&*bot))),
            bridge: None,
            is_space: false,
            hidden_past: false,
        })
        .await
    }

    pub(super) async fn make(&self, plan: Plan) -> Result<OwnedRoomId, Failure> {
        let mut request = create_room::v3::Request::new();
        // Never trusted_private_chat: it would make those who are invited co-creators.
        request.preset = Some(create_room::v3::RoomPreset::PrivateChat);
        request.room_alias_name = Some(plan.alias.alias().to_owned());
        request.name = Some(plan.name.clone());
        // The power levels differ between versions, and the homeserver refuses those of another one.
        let version = self.version().await?;
        let listed = version.as_ref().is_some_and(version_lists_creator);
        request.room_version = version;
        request.power_level_content_override = Some(raw(&(plan.powers)(listed))?.cast_unchecked());
        let mut state = vec![
            initial("m.room.history_visibility", "", &content::history(plan.hidden_past))?,
            initial("m.room.guest_access", "", &json!({ "guest_access": "forbidden" }))?,
        ];
        if let Some(bridge) = &plan.bridge {
            state.push(initial("m.bridge", "org.ticketroom", bridge)?);
            state.push(initial("uk.half-shot.bridge", "org.ticketroom", bridge)?);
        }
        request.initial_state = state;
        if plan.is_space {
            request.creation_content = Some(raw(&json!({ "type": "m.space" }))?.cast_unchecked());
        }
        crash::point("before-room");
        match self.homeserver.call(&self.settings.bot, request).await {
            Ok(response) => {
                crash::point("room-made");
                Ok(response.room_id)
            }
            Err(error) if error.is("M_ROOM_IN_USE") => self.adopt(&plan).await,
            Err(error) => Err(error.into()),
        }
    }

    /// As configured, or what the homeserver makes rooms in by itself; asked each time, since it may be set anew.
    /// `None`: it does not tell.
    async fn version(&self) -> Result<Option<RoomVersionId>, Failure> {
        if let Some(version) = self.version {
            return Ok(Some(version.clone()));
        }
        match self.homeserver.call(&self.settings.bot, get_capabilities::v3::Request::new()).await {
            Ok(answer) => Ok(Some(answer.capabilities.room_versions.default)),
            Err(error) if error.status() == Some(404) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// The alias is there: an earlier attempt made the room, perhaps not to its end. Its state is written again.
    async fn adopt(&self, plan: &Plan) -> Result<OwnedRoomId, Failure> {
        let request = get_alias::v3::Request::new(plan.alias.clone());
        let room = self.homeserver.call(&self.settings.bot, request).await.map_err(Failure::from)?.room_id;
        let listed = creator_is_listed(&room);
        let result = self.put(&room, "m.room.power_levels", "", &(plan.powers)(listed)).await;
        if let Err(error) = result {
            if error.is("M_FORBIDDEN") {
                // A torso that we can't enter: its name is freed, and the next attempt makes a new one.
                let request = delete_alias::v3::Request::new(plan.alias.clone());
                self.homeserver.call(&self.settings.bot, request).await.map_err(Failure::from)?;
                return Err(Failure::retry("an unfinished room was given up; it is made anew"));
            }
            return Err(error.into());
        }
        crash::point("room-half-adopted");
        self.put(&room, "m.room.join_rules", "", &json!({ "join_rule": "invite" })).await?;
        self.set_history(&room, plan.hidden_past).await?;
        self.put(&room, "m.room.guest_access", "", &json!({ "guest_access": "forbidden" })).await?;
        self.put(&room, "m.room.name", "", &json!({ "name": plan.name })).await?;
        if let Some(bridge) = &plan.bridge {
            self.put_bridge(&room, bridge).await?;
        }
        Ok(room)
    }

    /// Name, `m.bridge` and alias of a ticket's room.
    pub async fn describe(&self, room: &RoomId, snapshot: &Snapshot) -> Result<(), Failure> {
        self.name_after_ticket(room, &snapshot.id).await?;
        self.put(room, "m.room.name", "", &json!({ "name": snapshot.name() })).await?;
        self.put_bridge(room, &content::bridge_info(snapshot, &self.settings.bot)).await?;
        Ok(())
    }

    /// A waiting room becomes the ticket's: from now on it is found by the ticket's alias like any other.
    async fn name_after_ticket(&self, room: &RoomId, ticket: &TicketId) -> Result<(), Failure> {
        let Some(alias) = ticket_alias(self.settings, ticket) else { return Ok(()) };
        match self.homeserver.call(&self.settings.bot, get_alias::v3::Request::new(alias.clone())).await {
            Ok(found) if found.room_id == room => Ok(()),
            Ok(_) => {
                tracing::warn!(%room, %alias, "the alias of a ticket's room belongs to another room");
                Ok(())
            }
            Err(error) if error.is("M_NOT_FOUND") => {
                let request = create_alias::v3::Request::new(alias, room.to_owned());
                Ok(self.homeserver.call(&self.settings.bot, request).await.map(drop)?)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub async fn set_powers(&self, room: &RoomId, powers: &Powers) -> Result<(), Failure> {
        let bot = creator_is_listed(room).then_some(&*self.settings.bot);
        let mut content = content::ticket_powers(powers, bot);
        if powers.followed {
            self.keep_the_powerful(room, &mut content).await?;
        }
        match self.put(room, "m.room.power_levels", "", &content).await {
            // Before version 12 nobody can take the power of somebody else who has all of it, as an administrator may
            // have given it to themselves.
            Err(error) if error.is("M_FORBIDDEN") && !powers.followed => {
                self.keep_the_powerful(room, &mut content).await?;
                Ok(self.put(room, "m.room.power_levels", "", &content).await?)
            }
            other => Ok(other?),
        }
    }

    /// Who has all power in the room, keeps it.
    async fn keep_the_powerful(&self, room: &RoomId, content: &mut Value) -> Result<(), Failure> {
        let now = self.state(room, "m.room.power_levels").await?;
        let all = now.get("users").and_then(Value::as_object).into_iter().flatten();
        let powerful = all.filter(|(_, level)| level.as_i64().is_some_and(|level| level >= content::ALL_POWER));
        if let Some(users) = content.get_mut("users").and_then(Value::as_object_mut) {
            users.extend(powerful.map(|(user, level)| (user.clone(), level.clone())));
        }
        Ok(())
    }

    pub async fn set_history(&self, room: &RoomId, hidden: bool) -> Result<(), Failure> {
        Ok(self.put(room, "m.room.history_visibility", "", &content::history(hidden)).await?)
    }

    /// Sends everybody in the room on to another one.
    pub async fn replace(&self, room: &RoomId, by: &RoomId, body: &str) -> Result<(), Failure> {
        Ok(self.put(room, "m.room.tombstone", "", &json!({ "body": body, "replacement_room": by })).await?)
    }

    /// The content of a state event without a key; nothing where there is none.
    pub(super) async fn state(&self, room: &RoomId, event_type: &str) -> Result<Value, CallError> {
        let request =
            get_state_event_for_key::v3::Request::new(room.to_owned(), StateEventType::from(event_type), String::new());
        match self.homeserver.call(&self.settings.bot, request).await {
            Ok(response) => Ok(serde_json::from_str(response.event_or_content.get()).unwrap_or_default()),
            Err(error) if error.is("M_NOT_FOUND") => Ok(Value::Null),
            Err(error) => Err(error),
        }
    }

    async fn put_bridge(&self, room: &RoomId, bridge: &Value) -> Result<(), CallError> {
        self.put(room, "m.bridge", "org.ticketroom", bridge).await?;
        // The name under which clients know it until MSC2346 is accepted.
        self.put(room, "uk.half-shot.bridge", "org.ticketroom", bridge).await
    }

    pub(super) async fn put(
        &self,
        room: &RoomId,
        event_type: &str,
        state_key: &str,
        content: &Value,
    ) -> Result<(), CallError> {
        let raw: Raw<AnyStateEventContent> =
            raw(content).map_err(|failure| CallError::Impossible(failure.reason))?.cast_unchecked();
        let event_type = StateEventType::from(event_type);
        let request = send_state_event::v3::Request::new_raw(room.to_owned(), event_type, state_key.to_owned(), raw);
        self.homeserver.call(&self.settings.bot, request).await.map(drop)
    }
}

pub fn raw(value: &Value) -> Result<Raw<Value>, Failure> {
    Raw::new(value).map_err(|error| Failure::dead(format!("content cannot be written: {error}")))
}

fn initial(event_type: &str, state_key: &str, content: &Value) -> Result<Raw<AnyInitialStateEvent>, Failure> {
    Ok(raw(&json!({ "type": event_type, "state_key": state_key, "content": content }))?.cast_unchecked())
}

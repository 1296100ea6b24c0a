//! Ghosts: Matrix users of ours standing for persons who have no Matrix account, and the bot itself.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ruma::api::client::membership::{invite_user, join_room_by_id, kick_user};
use ruma::api::client::profile::set_profile_field;
use ruma::profile::ProfileFieldValue;
use ruma::{OwnedUserId, RoomId, UserId};

use super::call_error::CallError;
use super::client::Homeserver;
use crate::crash;
use crate::model::PersonId;

/// Ghosts whose account is known to exist; forgotten all at once when there are more.
const MAX_KNOWN: usize = 20_000;
/// A homeserver that takes longer has better things to do than names.
const RENAME_LIMIT: Duration = Duration::from_secs(5);

pub struct Ghosts {
    homeserver: Arc<Homeserver>,
    bot: OwnedUserId,
    known: Mutex<HashMap<OwnedUserId, String>>,
}

impl Ghosts {
    pub fn new(homeserver: Arc<Homeserver>, bot: OwnedUserId) -> Self {
        Self { homeserver, bot, known: Mutex::new(HashMap::new()) }
    }

    /// The account, its device and its name. All of it can be repeated.
    pub async fn ensure(&self, user: &UserId, name: &str) -> Result<(), CallError> {
        let name = crate::text::clean_name(name);
        if self.known(user).as_ref() == Some(&name) {
            return Ok(());
        }
        self.homeserver.register(user.localpart()).await?;
        crash::point("ghost-registered");
        self.homeserver.make_device(user).await?;
        self.call_it(user, &name).await?;
        self.remember(user, name);
        Ok(())
    }

    /// Who stands in rooms already gets the name that they have by now. Best effort: no message waits for it for long.
    pub async fn rename(&self, user: &UserId, name: &str) {
        let name = crate::text::clean_name(name);
        if self.known(user).as_ref() == Some(&name) {
            return;
        }
        match tokio::time::timeout(RENAME_LIMIT, self.call_it_otherwise(user, &name)).await {
            Ok(Ok(true)) => self.remember(user, name),
            // The message will show that it is not there yet.
            Ok(Ok(false)) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a ghost keeps its name for now"),
            Err(_) => tracing::debug!("a ghost keeps its name for now: the homeserver takes long"),
        }
    }

    /// The same name is not set anew: homeservers tell all its rooms of it. `false`: there is no such account.
    async fn call_it_otherwise(&self, user: &UserId, name: &str) -> Result<bool, CallError> {
        match self.profile_name(user).await {
            Ok(Some(old)) if old == name => Ok(true),
            Ok(_) => self.call_it(user, name).await.map(|()| true),
            Err(error) if error.status() == Some(404) => Ok(false),
            Err(error) => Err(error),
        }
    }

    async fn call_it(&self, user: &UserId, name: &str) -> Result<(), CallError> {
        let name = ProfileFieldValue::DisplayName(name.to_owned());
        self.homeserver.call(user, set_profile_field::v3::Request::new(user.to_owned(), name)).await.map(drop)
    }

    fn remember(&self, user: &UserId, name: String) {
        if let Ok(mut known) = self.known.lock() {
            if known.len() >= MAX_KNOWN {
                known.clear();
            }
            known.insert(user.to_owned(), name);
        }
    }

    fn known(&self, user: &UserId) -> Option<String> {
        self.known.lock().ok().and_then(|known| known.get(user).cloned())
    }

    /// The ghost in the room.
    pub async fn bring(&self, room: &RoomId, user: &UserId, name: &str) -> Result<(), CallError> {
        self.ensure(user, name).await?;
        crash::point("ghost-made");
        self.invite(room, user).await?;
        crash::point("ghost-invited");
        self.homeserver.call(user, join_room_by_id::v3::Request::new(room.to_owned())).await.map(drop)
    }

    /// An invitation by the bot. Whoever is in the room already stays there: the homeserver refuses that with
    /// `M_FORBIDDEN`, which then is no failure.
    pub async fn invite(&self, room: &RoomId, user: &UserId) -> Result<(), CallError> {
        let recipient =
            invite_user::v3::InvitationRecipient::UserId(invite_user::v3::InviteUserId::new(user.to_owned()));
        let request = invite_user::v3::Request::new(room.to_owned(), recipient);
        match self.homeserver.call(&self.bot, request).await {
            Err(error) if error.is("M_FORBIDDEN") && self.is_member(room, user).await? => Ok(()),
            other => other.map(drop),
        }
    }

    /// The same, but who is invited already is not told of it again: homeservers tell anew where their name has changed.
    pub async fn invite_once(&self, room: &RoomId, user: &UserId) -> Result<(), CallError> {
        if self.is_member(room, user).await? { Ok(()) } else { self.invite(room, user).await }
    }

    /// Removed by the bot; whoever is not there needs no removing.
    pub async fn kick(&self, room: &RoomId, user: &UserId, reason: &str) -> Result<(), CallError> {
        let mut request = kick_user::v3::Request::new(room.to_owned(), user.to_owned());
        request.reason = Some(reason.to_owned());
        match self.homeserver.call(&self.bot, request).await {
            Err(error) if error.is("M_FORBIDDEN") && !self.is_member(room, user).await? => Ok(()),
            other => other.map(drop),
        }
    }

    /// A person's display name, cleaned.
    pub async fn name_of(&self, user: &UserId) -> Result<Option<String>, CallError> {
        match self.profile_name(user).await {
            Ok(name) => Ok(name),
            // Servers may keep profiles to themselves; then there is none for us. A 401 is no complaint about our token:
            // none is sent here.
            Err(CallError::Refused(refusal)) if matches!(refusal.status, 401 | 403 | 404) => Ok(None),
            // Nobody waits for a homeserver that is away.
            Err(error) if error.is_elsewhere(user.server_name(), self.bot.server_name()) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn profile_name(&self, user: &UserId) -> Result<Option<String>, CallError> {
        use ruma::api::client::profile::get_profile::v3;
        let profile = self.homeserver.call(&self.bot, v3::Request::new(user.to_owned())).await?;
        Ok(profile.get("displayname").and_then(|name| name.as_str()).map(crate::text::clean_name))
    }

    async fn is_member(&self, room: &RoomId, user: &UserId) -> Result<bool, CallError> {
        use ruma::api::client::state::get_state_event_for_key::v3;
        let request = v3::Request::new(room.to_owned(), ruma::events::StateEventType::RoomMember, user.to_string());
        match self.homeserver.call(&self.bot, request).await {
            Ok(response) => {
                let content: serde_json::Value =
                    serde_json::from_str(response.event_or_content.get()).unwrap_or_default();
                Ok(matches!(content.get("membership").and_then(|m| m.as_str()), Some("join" | "invite")))
            }
            Err(error) if error.is("M_NOT_FOUND") => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// A message or profile call was refused because the account, its device or its membership is missing.
    pub fn is_absent(error: &CallError) -> bool {
        error.is("M_FORBIDDEN") || error.is("M_EXCLUSIVE") || error.is_without_device()
    }

    pub fn forget(&self, user: &UserId) {
        if let Ok(mut known) = self.known.lock() {
            known.remove(user);
        }
    }

    pub fn id(settings: &crate::model::Settings, person: &PersonId) -> OwnedUserId {
        settings.ghost(person)
    }
}

//! The contact users of intake codes: made when they are needed, and caught up with, for the bot is not in their rooms.

use std::collections::BTreeMap;
use std::sync::Arc;

use ruma::UserId;

use super::decide::json;
use super::engine::Engine;
use super::inbox;
use super::view::room_lane;
use crate::matrix::{Backfill, Ghosts, NotTaken, backfill};
use crate::model::{Code, CodeId, Fact, Failure, Settings};
use crate::store::{Backend, NewInbox, Step, StoreError};

/// How far each contact user was read, as JSON.
const CURSOR: &str = "contacts_sync";

fn stored(error: StoreError) -> Failure {
    Failure::retry(error.to_string())
}

/// Whether this is the contact user of a code in use; made now if it is.
pub(super) async fn has_contact(
    settings: &Settings,
    backend: &dyn Backend,
    ghosts: &Ghosts,
    user: &UserId,
) -> Result<bool, NotTaken> {
    let Some(code) = settings.code_of(user) else { return Ok(false) };
    let code = backend.code(&code).await.map_err(|error| NotTaken(error.to_string()))?;
    let Some(code) = code.filter(|code| !code.disabled) else { return Ok(false) };
    ghosts.ensure(user, &code.name).await.map_err(|error| NotTaken(error.to_string()))?;
    Ok(true)
}

impl Engine {
    pub(super) async fn has_contact(&self, user: &UserId) -> Result<bool, NotTaken> {
        has_contact(&self.settings, &*self.backend, &self.matrix.ghosts, user).await
    }

    /// What the homeserver holds in the contact users' rooms and did not tell us.
    pub(super) async fn reconcile_contacts(self: &Arc<Self>) -> Result<(), Failure> {
        let codes = self.backend.codes().await.map_err(stored)?;
        if codes.is_empty() {
            return Ok(());
        }
        let cursors = self.backend.cursor(CURSOR).await.map_err(stored)?;
        let mut cursors: BTreeMap<CodeId, String> =
            cursors.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        let mut rows = Vec::new();
        for code in codes {
            let since = cursors.get(&code.id);
            if since.is_none() && code.disabled {
                continue;
            }
            let found = self.read_contact(&code, since.map(String::as_str)).await?;
            rows.extend(self.rows_of_contact(&code.id, &found).await.map_err(stored)?);
            cursors.insert(code.id, found.next);
        }
        let cursor = json(&cursors).map_err(stored)?;
        let step = Step { inbox: rows, cursors: vec![(CURSOR, cursor)], ..Step::default() };
        self.commit(step).await.map_err(stored)?;
        Ok(())
    }

    async fn read_contact(&self, code: &Code, since: Option<&str>) -> Result<Backfill, Failure> {
        let user = self.settings.contact(&code.id);
        if since.is_none() {
            self.matrix.ghosts.ensure(&user, &code.name).await?;
        }
        Ok(backfill(&self.matrix.homeserver, &user, since).await?)
    }

    async fn rows_of_contact(self: &Arc<Self>, code: &CodeId, found: &Backfill) -> Result<Vec<NewInbox>, StoreError> {
        let texts: Vec<&str> = found.events.iter().map(String::as_str).collect();
        let mut rows = inbox::rows(self, &texts).await?;
        for (room, by) in &found.invites {
            if self.known.room(room).await?.is_some() {
                continue;
            }
            let event = ruma::owned_event_id!("$invitation");
            let contact = Some(code.clone());
            let fact = Fact::Invited { room: room.clone(), event, by: by.clone(), contact };
            let key = format!("invite/{code}/{room}/{}", found.next);
            rows.push(NewInbox { key, lane: room_lane(room), body: json(&fact)? });
        }
        Ok(rows)
    }
}

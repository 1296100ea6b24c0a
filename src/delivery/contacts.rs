//! The contact users of intake codes: made when they are needed, and caught up with, for the bot is not in their rooms.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use ruma::UserId;

use super::decide::json;
use super::engine::Engine;
use super::gaps::Unread;
use super::inbox;
use super::view::room_lane;
use crate::matrix::{Backfill, Gap, Ghosts, NotTaken, backfill, peek};
use crate::model::{Code, CodeId, Fact, Failure, Next, RoomKind, Settings};
use crate::store::{Backend, InboxRow, NewInbox, Step, StoreError};

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

    /// The contact users of whose rooms these events are.
    pub(super) async fn doors_of(&self, rows: &[InboxRow]) -> Result<BTreeSet<CodeId>, StoreError> {
        let mut codes = BTreeSet::new();
        for row in rows {
            let Ok(event) = peek(&row.body) else { continue };
            let room = self.known.room(&event.room_id).await?;
            if let Some(RoomKind::Door { code: Some(code), .. }) = room.map(|room| room.kind) {
                codes.insert(code);
            }
        }
        Ok(codes)
    }

    /// What the homeserver holds in the contact users' rooms and did not tell us. `only`: of these; otherwise of all.
    pub(super) async fn reconcile_contacts(
        self: &Arc<Self>,
        only: Option<&BTreeSet<CodeId>>,
        all: bool,
        unread: &mut Vec<Unread>,
        step: &mut Step,
    ) -> Result<(), Failure> {
        if only.is_some_and(BTreeSet::is_empty) {
            return Ok(());
        }
        let codes = self.backend.codes().await.map_err(stored)?;
        let cursors = self.backend.cursor(CURSOR).await.map_err(stored)?;
        let mut cursors: BTreeMap<CodeId, String> =
            cursors.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
        for code in codes.into_iter().filter(|code| only.is_none_or(|only| only.contains(&code.id))) {
            let since = cursors.get(&code.id);
            if since.is_none() && code.disabled {
                continue;
            }
            let open: Vec<Gap> = unread.iter().map(|unread| unread.gap.clone()).collect();
            let mut found = match self.read_contact(&code, since.map(String::as_str), &open).await {
                Ok(found) => found,
                // It would be refused again and again: the others are not to wait for that.
                Err(failure) if failure.next == Next::Dead => {
                    tracing::error!(code = %code.id, reason = failure.reason, "the rooms of a code's contact cannot be read");
                    continue;
                }
                Err(failure) => return Err(failure),
            };
            let gaps = std::mem::take(&mut found.gaps);
            found.events.extend(self.note_gaps(gaps, all, unread).await?);
            step.ordered.extend(self.rows_of_contact(&code.id, &found).await.map_err(stored)?);
            cursors.insert(code.id, found.next);
        }
        if !cursors.is_empty() {
            step.cursors.push((CURSOR, json(&cursors).map_err(stored)?));
        }
        Ok(())
    }

    async fn read_contact(&self, code: &Code, since: Option<&str>, open: &[Gap]) -> Result<Backfill, Failure> {
        let user = self.settings.contact(&code.id);
        // Also where it was read before: a homeserver that is an older copy of itself may not have it.
        self.matrix.ghosts.ensure(&user, &code.name).await?;
        Ok(backfill(&self.matrix.homeserver, &user, since, open).await?)
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

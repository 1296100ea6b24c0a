//! Calls that another homeserver has to answer before ours can: they have places of their own, so that nobody's
//! homeserver can keep all of ours, and what comes of them says nothing of ours: it passes on what others refuse with.

use ruma::UserId;

use super::engine::Engine;
use super::view::is_aside;
use crate::model::{Effect, File, FileSource, RoomKind};

/// So many may wait for other homeservers at once.
pub(super) const PLACES: usize = 8;

impl Engine {
    /// Whether ours may wait for another homeserver within the call. Invitations do so beside their lane, once they have
    /// failed for it: see `aside.rs`.
    pub(super) async fn asks_elsewhere(&self, lane: &str, effect: &Effect) -> bool {
        let ours = self.settings.bot.server_name();
        let is_foreign = |user: &UserId| user.server_name() != ours;
        let is_far = |file: &File| matches!(&file.source, FileSource::Matrix(uri) if uri.server_name() != Ok(ours));
        match effect {
            _ if effect.files().iter().any(is_far) => true,
            Effect::Invite { user, .. } | Effect::InviteToDesk { user, .. } => is_aside(lane) && is_foreign(user),
            Effect::Inspect { by, .. } => is_foreign(by),
            Effect::LearnName { user, .. } => is_foreign(user),
            Effect::Join { room } | Effect::Leave { room } | Effect::Decline { room, .. } => {
                match self.known.room(room).await.ok().flatten().map(|room| room.kind) {
                    Some(RoomKind::Door { customer, .. } | RoomKind::Waiting { customer, .. }) => is_foreign(&customer),
                    Some(RoomKind::Upgrade { by, .. }) => is_foreign(&by),
                    Some(RoomKind::Ticket(_) | RoomKind::Desk(_) | RoomKind::FormerDesk(_) | RoomKind::Space(_)) => {
                        false
                    }
                    // Whoever asked us into it.
                    None => true,
                }
            }
            _ => false,
        }
    }
}

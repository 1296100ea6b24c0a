//! What was found of a room that is said to take the place of one of ours.

use ruma::{OwnedRoomId, OwnedUserId};
use serde::{Deserialize, Serialize};

/// What was found of a room that is said to take the place of ours.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// We know it already, as something else.
    pub taken: bool,
    /// We are in it.
    pub entered: bool,
    /// The room that it says it follows.
    pub predecessor: Option<OwnedRoomId>,
    pub creator: Option<OwnedUserId>,
    /// Whoever sent us there had the power to do so in our room.
    pub entitled: bool,
    /// We have the power there that we need.
    pub powerful: bool,
}

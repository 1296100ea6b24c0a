//! The homeserver side: receive, understand, send.
//!
//! Architecture invariant: the only folder that knows Matrix wire formats.

mod answered;
mod call_error;
mod client;
mod content;
mod files;
mod geo;
mod ghosts;
mod hang;
mod history;
mod media;
mod mentions;
mod receive;
mod reconcile;
mod rooms;
mod said;
mod send;
mod sent;
mod spaces;
mod transport;
mod understand;
mod upgrade;
mod widget;

pub use call_error::{CallError, repeats_already};
pub use client::{Homeserver, HomeserverOptions};
pub use content::txn_id;
pub use ghosts::Ghosts;
pub use hang::hang;
pub use history::{Gap, Reading};
pub use receive::{Before, Intake, Line, NotTaken, router};
pub use reconcile::{Backfill, backfill};
pub use rooms::{desk_alias, ticket_alias};
pub use send::{Attempt, Contact, MatrixSide};
pub use spaces::{NotOurs, space_alias};
pub use transport::Transport;
pub use understand::{Peeked, Understood, peek, understand};
pub use upgrade::may_upgrade;

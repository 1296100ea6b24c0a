//! Ticketroom: every helpdesk ticket is a Matrix room.

pub mod app;
pub mod bridge;
pub mod check;
pub mod cli;
pub mod clock;
pub mod config;
pub mod crash;
pub mod delivery;
pub mod files;
pub mod helpdesk;
pub mod matrix;
pub mod model;
pub mod net;
pub mod observe;
pub mod store;
pub mod text;
pub mod texts;
mod video;

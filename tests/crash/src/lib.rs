//! The promise, proven with the real program: `oracle` counts, `world` starts what it runs between, `runs` make it die.
//!
//! The other sides are real (Synapse, Request Tracker) or stand-ins that are held against the real ones by tests of their
//! own and are fast enough for hundreds of deaths.

pub mod bridge;
pub mod desk;
pub mod disk;
pub mod drafts;
pub mod files;
pub mod fleet;
#[path = "../../common/homeserver/mod.rs"]
mod homeserver;
#[path = "../../common/line.rs"]
mod line;
pub mod notices;
pub mod oracle;
pub mod parts;
pub mod peer;
pub mod proxy;
pub mod reading;
pub mod report;
pub mod runs {
    //! What is done to the bridge and to those around it.

    pub mod copied;
    pub mod hints;
    pub mod kills;
    pub mod locked;
    pub mod lost;
    pub mod other;
    pub mod outage;
    pub mod replicas;
    pub mod storms;
    pub mod sweep;
    pub mod upgrade;
}
pub mod sessions;
mod subject;
#[path = "../../common/tracker/mod.rs"]
mod tracker;
pub mod traffic;
pub mod wait;
pub mod world;
mod writing;

//! Files on their way: kept on disk while they pass, recognised by their content, and let through or not.
//!
//! Architecture invariants: memory does not grow with a file's size; nothing here trusts a name or what a sender says of
//! a type; whatever parses foreign bytes runs aside (`spawn_blocking`) and within limits.

mod archive;
mod carried;
mod dimensions;
mod fields;
mod gate;
mod kinds;
mod look;
mod naming;
mod office;
mod packed;
mod pages;
mod picture;
mod plain;
mod shown;
mod sound;
mod spool;
mod waveform;

pub use carried::NotCarried;
pub use gate::{Checked, Rules, check};
pub use kinds::{DEFAULT as DEFAULT_KINDS, KINDS, Kind, by_word};
pub use look::{Look, look};
pub use naming::carried_name;
pub use picture::is_bomb;
pub use shown::{Picture, Shown, Sound, Thumbnail};
pub use sound::look as hear;
pub use spool::{Spool, SpoolError, Spooled, Spooling};

//! Files on their way: kept on disk while they pass, recognised by their content, and let through or not.
//!
//! Architecture invariants: memory does not grow with a file's size; nothing here trusts a name or what a sender says of
//! a type; whatever parses foreign bytes runs aside (`spawn_blocking`) and within limits.

mod carried;
mod dimensions;
mod gate;
mod kinds;
mod look;
mod office;
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
pub use picture::is_bomb;
pub use shown::{Picture, Shown, Sound, Thumbnail};
pub use sound::look as hear;
pub use spool::{Spool, SpoolError, Spooled, Spooling};

//! What a room's readers are told of a file before they fetch it: its size, its length, how it looks and sounds.

use std::io;

use super::{Kind, Spooled, carried_name, picture, sound};

/// A file as it is shown in a room.
#[derive(Debug)]
pub struct Shown {
    pub name: String,
    pub kind: &'static Kind,
    pub content: Spooled,
    pub picture: Option<Picture>,
    pub sound: Option<Sound>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// As it is looked at: turned as its maker wants it.
    pub width: u32,
    pub height: u32,
    pub blurhash: Option<String>,
    /// `None`: it is small enough itself.
    pub thumbnail: Option<Thumbnail>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thumbnail {
    pub width: u32,
    pub height: u32,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sound {
    pub duration_ms: u64,
    /// How loud it is over time: at most a hundred steps of 0 to 1024; empty where it is not known.
    pub waveform: Vec<u16>,
    /// Clients play Opus as a voice message.
    pub is_voice: bool,
}

impl Shown {
    /// Blocks: it reads the whole file where that is needed.
    pub fn look(name: String, kind: &'static Kind, content: Spooled) -> io::Result<Self> {
        let picture = picture::look(content.path(), kind)?;
        let sound = sound::look(content.path(), kind)?;
        Ok(Self { name: carried_name(&name, kind), kind, content, picture, sound })
    }
}

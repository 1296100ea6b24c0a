//! Pictures that stand within the words of a mail, as parts of their own or in its HTML: those of the quoted past were shown with
//! it, and those of a signature would come with each mail. Both stay in the helpdesk.

use super::embedded;
use super::named::header;
use super::wire::Attachment;
use crate::model::{File, FileSource};
use crate::text::{self, Origin};

/// A picture, and what is known of it so far.
struct Picture {
    /// As a file of its message.
    id: String,
    /// As the HTML names it.
    address: String,
    is_named: bool,
    is_own: bool,
}

pub(super) struct Pictures(Vec<Picture>);

impl Pictures {
    pub fn of(parts: &[Attachment]) -> Self {
        let picture = |part: &Attachment| {
            let id = header(&part.headers, "Content-ID")?;
            let address = format!("cid:{}", id.trim_start_matches('<').trim_end_matches('>'));
            Some(Picture { id: part.id.to_string(), address, is_named: false, is_own: false })
        };
        Self(parts.iter().filter(|part| part.content_type.starts_with("image/")).filter_map(picture).collect())
    }

    /// Those that stand in the HTML itself; `look` knows them by `embedded::as_parts`.
    pub fn add(&mut self, files: &[File]) {
        let ids = files.iter().filter_map(|file| match &file.source {
            FileSource::Helpdesk { file, .. } => Some(file.clone()),
            _ => None,
        });
        let picture = |id: String| Picture { address: embedded::address(&id), id, is_named: false, is_own: false };
        self.0.extend(ids.map(picture));
    }

    /// A part of the words that somebody else wrote, as HTML.
    pub fn look(&mut self, html: &str, origin: Origin) {
        let mut named: Vec<_> = self.0.iter_mut().filter(|picture| html.contains(&picture.address)).collect();
        if named.is_empty() {
            return;
        }
        let own = text::own_pictures(html, origin);
        for picture in &mut named {
            picture.is_named = true;
            picture.is_own |= own.has(&picture.address);
        }
    }

    /// Whether the file stands only in the past or in a signature. What no words name is attached.
    pub fn is_foreign(&self, file: &File) -> bool {
        let FileSource::Helpdesk { file, .. } = &file.source else { return false };
        self.0.iter().any(|picture| picture.is_named && !picture.is_own && *file == picture.id)
    }
}

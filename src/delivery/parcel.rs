//! The files of a message on their way to the helpdesk: without the largest ones where its web server takes nothing of their
//! size.

use super::blame::Blamed;
use super::engine::Engine;
use super::files::Fetched;
use crate::bridge::is_wordless;
use crate::helpdesk::NewFile;
use crate::model::{Effect, Failure, Refusal, RichText, Why};

pub(super) struct Parcel {
    /// Each with its place among the effect's files.
    files: Vec<(usize, NewFile)>,
    /// What is left out, and why.
    pub refused: Vec<(usize, Refusal)>,
}

impl Engine {
    pub(super) async fn pack(&self, effect: &Effect) -> Result<Parcel, Blamed> {
        let Fetched { ready, refused } = self.fetch(effect, u64::MAX, true).await?;
        Ok(Parcel { files: self.for_helpdesk(effect, ready), refused })
    }
}

impl Parcel {
    pub fn files(&self) -> Vec<NewFile> {
        self.files.iter().map(|(_, file)| file.clone()).collect()
    }

    /// No file is left, and there were no words.
    pub fn holds_nothing(&self, body: &RichText) -> bool {
        self.files.is_empty() && is_wordless(body) && !self.refused.is_empty()
    }

    /// Whether it was too large, and is smaller now.
    pub fn gets_smaller(&mut self, failure: &Failure) -> bool {
        let sizes = self.files.iter().map(|(_, file)| file.content.size_bytes()).enumerate();
        let largest = sizes.max_by_key(|(_, size)| *size).filter(|_| failure.why == Why::TooLarge);
        let Some((at, size)) = largest else { return false };
        let (index, _) = self.files.remove(at);
        self.refused.push((index, Refusal::TooLarge { max_bytes: size.saturating_sub(1) }));
        true
    }
}

//! The files of the helpdesk in memory: small ones in memory indeed, large ones on the disk or only weighed.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::io::AsyncReadExt;

use crate::files::{NotCarried, Spooled, Spooling};
use crate::helpdesk::NewFile;
use crate::model::{Failure, File, FileKind, FileSource, MessageId, Refusal};

/// What is larger is not kept: the benchmark sends videos.
const KEPT_BYTES_MAX: u64 = 4 * 1024 * 1024;
const BLOCK_BYTES: usize = 64 * 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    Bytes(Arc<[u8]>),
    /// Read from there each time.
    Path(PathBuf),
    /// Taken, counted and thrown away.
    Weighed(u64),
}

/// A file as the helpdesk holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub name: String,
    pub media_type: String,
    pub content: Content,
}

impl Stored {
    pub(super) async fn take(new: &NewFile) -> Result<Self, Failure> {
        let failed = |_| Failure::retry("the file cannot be read");
        let mut file = new.content.open().await.map_err(failed)?;
        let content = if new.content.size_bytes() <= KEPT_BYTES_MAX {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).await.map_err(failed)?;
            Content::Bytes(bytes.into())
        } else {
            // Read all the same, as a real one would.
            let (mut block, mut size) = (vec![0; BLOCK_BYTES], 0);
            loop {
                let read = file.read(&mut block).await.map_err(failed)?;
                if read == 0 {
                    break;
                }
                size += read as u64;
            }
            Content::Weighed(size)
        };
        Ok(Self { name: new.name.clone(), media_type: new.media_type.clone(), content })
    }

    pub(super) fn described(&self, message: &MessageId, index: usize) -> File {
        let kind = match self.media_type.split('/').next() {
            Some("image") => FileKind::Image,
            Some("audio") => FileKind::Audio,
            Some("video") => FileKind::Video,
            _ => FileKind::Other,
        };
        let source = FileSource::Helpdesk { message: message.clone(), file: index.to_string() };
        File { name: crate::text::file_name(&self.name), kind, voice: false, size_bytes: None, source }
    }

    pub(super) async fn give(&self, mut into: Spooling) -> Result<Spooled, NotCarried> {
        match &self.content {
            Content::Bytes(bytes) => into.write(bytes).await?,
            Content::Weighed(_) => return Err(NotCarried::Refused(Refusal::Gone)),
            Content::Path(path) => {
                let failed = |_| Failure::retry("the file cannot be read");
                let mut file = tokio::fs::File::open(path).await.map_err(failed)?;
                let mut block = vec![0; BLOCK_BYTES];
                loop {
                    let read = file.read(&mut block).await.map_err(failed)?;
                    let Some(bytes) = block.get(..read).filter(|bytes| !bytes.is_empty()) else { break };
                    into.write(bytes).await?;
                }
            }
        }
        Ok(into.finish().await?)
    }
}

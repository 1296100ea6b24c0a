//! The folder in which files lie while they pass: written in pieces, never larger than allowed, and gone afterwards.

use std::fs::Permissions;
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::fs;
use tokio::io::AsyncWriteExt;

/// Names of our files, so that nothing else in the folder is ever touched.
const PREFIX: &str = "ticketroom-";
const ENDING: &str = ".spool";

/// For our own user alone.
const PRIVATE: u32 = 0o700;

#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    #[error("the file is larger than {max_bytes} bytes")]
    TooLarge { max_bytes: u64 },
    #[error("the spool folder cannot be written")]
    Disk(#[from] io::Error),
}

#[derive(Clone, Debug)]
pub struct Spool {
    folder: PathBuf,
    next: Arc<AtomicU64>,
}

impl Spool {
    /// A folder at a place where everybody may make some, as that for temporary files: it is ours alone, or refused.
    pub fn open_shared_place(folder: &Path) -> io::Result<Self> {
        match std::fs::DirBuilder::new().mode(PRIVATE).create(folder) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => is_ours(folder)?,
            made => made?,
        }
        std::fs::set_permissions(folder, Permissions::from_mode(PRIVATE))?;
        Self::open(folder)
    }

    /// Makes the folder, and empties it of what an earlier run left there.
    pub fn open(folder: &Path) -> io::Result<Self> {
        std::fs::DirBuilder::new().recursive(true).mode(PRIVATE).create(folder)?;
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if name.starts_with(PREFIX) && name.ends_with(ENDING) {
                std::fs::remove_file(&path)?;
            }
        }
        Ok(Self { folder: folder.to_owned(), next: Arc::default() })
    }

    /// Begins a file that grows to `max_bytes` at most.
    pub async fn begin(&self, max_bytes: u64) -> Result<Spooling, SpoolError> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join(format!("{PREFIX}{}-{number}{ENDING}", std::process::id()));
        // Only we read it, and nobody can have laid a link there.
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).await?;
        Ok(Spooling { file, size_bytes: 0, max_bytes, spooled: Spooled { path, size_bytes: 0 } })
    }
}

/// Whoever else made it, or the place that a link leads to, could put other files in the place of ours.
fn is_ours(folder: &Path) -> io::Result<()> {
    let found = std::fs::symlink_metadata(folder)?;
    let wrong = match (found.is_dir(), found.uid() == rustix::process::geteuid().as_raw()) {
        (true, true) => return Ok(()),
        (true, false) => "it belongs to somebody else",
        (false, _) => "it is a link or a file",
    };
    Err(io::Error::new(io::ErrorKind::PermissionDenied, format!("{wrong}: remove it, or name another folder")))
}

/// A file that is being written.
#[derive(Debug)]
pub struct Spooling {
    file: fs::File,
    size_bytes: u64,
    max_bytes: u64,
    spooled: Spooled,
}

impl Spooling {
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), SpoolError> {
        self.size_bytes += bytes.len() as u64;
        if self.size_bytes > self.max_bytes {
            return Err(SpoolError::TooLarge { max_bytes: self.max_bytes });
        }
        Ok(self.file.write_all(bytes).await?)
    }

    pub fn max_bytes(&self) -> u64 {
        self.max_bytes
    }

    pub async fn finish(mut self) -> Result<Spooled, SpoolError> {
        self.file.flush().await?;
        self.spooled.size_bytes = self.size_bytes;
        Ok(self.spooled)
    }
}

/// A file that lies there; dropped, it is gone.
#[derive(Debug)]
pub struct Spooled {
    path: PathBuf,
    size_bytes: u64,
}

impl Spooled {
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    pub async fn open(&self) -> io::Result<fs::File> {
        fs::File::open(&self.path).await
    }
}

impl Drop for Spooled {
    fn drop(&mut self) {
        // What cannot be removed now is removed at the next start.
        let _ = std::fs::remove_file(&self.path);
    }
}

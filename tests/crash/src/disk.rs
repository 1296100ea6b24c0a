//! A small disk of its own for the database, so that it can be full while everything else goes on.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// A tmpfs; gone with it.
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Needs the right to mount, as root has it.
    pub fn mount(folder: &Path, mib: u32) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let size = format!("size={mib}m");
        let mut mount = Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", &size, "ticketroom-crash"]).arg(folder);
        match mount.status() {
            Ok(status) if status.success() => Ok(Self { folder: folder.to_owned() }),
            other => Err(format!(
                "a disk of its own cannot be mounted ({other:?}): run this as root, outside of a container"
            )),
        }
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// Until not a byte more fits.
    pub fn fill(&self) -> Result<(), String> {
        let mut file = File::create(self.ballast()).map_err(|error| error.to_string())?;
        let block = [0_u8; 4096];
        loop {
            match file.write_all(&block) {
                Ok(()) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error.to_string()),
            }
        }
    }

    pub fn free(&self) -> Result<(), String> {
        std::fs::remove_file(self.ballast()).map_err(|error| error.to_string())
    }

    /// Whoever still has a file open on it keeps that.
    pub fn unmount(&self) {
        let _gone = Command::new("umount").arg("-l").arg(&self.folder).output();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.unmount();
    }
}

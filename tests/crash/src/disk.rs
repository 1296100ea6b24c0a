//! A small disk of its own for the database, so that it can be full, or lose its power, while everything else goes on.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::wait;

/// The database of a run has some megabytes.
const MIB: u32 = 64;
/// Whoever used it is dead.
const UNMOUNTED: Duration = Duration::from_secs(10);

/// As when the power goes: from now on nothing is read or written there, and what was not synced by then is lost
/// (`EXT4_IOC_SHUTDOWN` without a last flush of the journal, as xfstests use it). Waits to be told, and prints what programs
/// read there until then.
const SHUT_DOWN: &str = "
import fcntl, os, struct, sys
folder, file = os.open(sys.argv[1], os.O_RDONLY), open(sys.argv[2], 'rb')
sys.stdin.readline()
shown = file.read()
fcntl.ioctl(folder, 0x8004587D, struct.pack('I', 2))
sys.stdout.buffer.write(shown)
";

/// An ext4 in a file; gone with it.
pub struct Disk {
    image: PathBuf,
    folder: PathBuf,
}

impl Disk {
    /// Needs the right to mount, as root has it.
    pub fn mount(folder: &Path) -> Result<Self, String> {
        std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let disk = Self { image: folder.with_extension("img"), folder: folder.to_owned() };
        let size = format!("{MIB}M");
        let path = |path: &Path| path.to_string_lossy().into_owned();
        run("mkfs.ext4", &["-q", "-m", "0", &path(&disk.image), &size])?;
        disk.attach().map_err(|why| {
            format!("a disk of its own cannot be mounted ({why}): run this as root, outside of a container")
        })?;
        Ok(disk)
    }

    fn attach(&self) -> Result<(), String> {
        run("mount", &["-o", "loop", &self.image.to_string_lossy(), &self.folder.to_string_lossy()])
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

    /// Stands by to cut its power, and to tell what programs could read of a file in that moment.
    pub fn switch(&self, file: &Path) -> Result<Switch, String> {
        let mut cut = Command::new("python3");
        cut.args(["-c", SHUT_DOWN]).args([&self.folder, file]).stdin(Stdio::piped()).stdout(Stdio::piped());
        cut.spawn().map(Switch).map_err(|error| format!("python3: {error}"))
    }

    /// Once nobody uses it any more.
    pub async fn power_on(&self) -> Result<(), String> {
        wait::until(UNMOUNTED, || async { run("umount", &[&self.folder.to_string_lossy()]) }).await?;
        self.attach()
    }

    /// Whoever still has a file open on it keeps that.
    pub fn unmount(&self) {
        let _gone = run("umount", &["-l", &self.folder.to_string_lossy()]);
    }
}

pub struct Switch(Child);

impl Switch {
    pub fn cut(self) -> Result<Vec<u8>, String> {
        let mut child = self.0;
        let told = child.stdin.take().map(|mut input| input.write_all(b"\n"));
        told.transpose().map_err(|error| error.to_string())?;
        let done = child.wait_with_output().map_err(|error| error.to_string())?;
        if done.status.success() {
            Ok(done.stdout)
        } else {
            Err("the power cannot be cut: run this as root".to_owned())
        }
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        self.unmount();
    }
}

fn run(program: &str, arguments: &[&str]) -> Result<(), String> {
    let done = Command::new(program).args(arguments).output().map_err(|error| format!("{program}: {error}"))?;
    if done.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()) }
}

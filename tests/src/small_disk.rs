//! A disk that is soon full: a mounted file system in memory, and a file that takes what is left of it.

use crate::cluster::root;
use anyhow::{Context, Result, ensure};
use std::{
    fs::File,
    io::{ErrorKind, Write},
    path::{Path, PathBuf},
    process::Command,
};
use tempfile::TempDir;

/// A file system of a few megabytes. It is unmounted when it is dropped.
#[derive(Debug)]
pub struct SmallDisk(TempDir);

impl SmallDisk {
    /// Mounts one, or says that this may not be done here.
    ///
    /// # Errors
    /// When root cannot mount.
    pub fn mount(megabytes: u32) -> Result<Option<Self>> {
        if !root()? {
            eprintln!("left out: only root can mount a small disk");
            return Ok(None);
        }
        let at = tempfile::Builder::new().prefix("wenshu-disk-").tempdir_in("/var/tmp")?;
        let size = format!("size={megabytes}m,mode=0755");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(at.path())
            .status()?;
        ensure!(mounted.success(), "a file system in memory cannot be mounted");
        Ok(Some(Self(at)))
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }

    /// Takes all room that is left.
    ///
    /// # Errors
    /// When something else than room is missing.
    pub fn fill(&self) -> Result<()> {
        let mut filler = File::options().append(true).create(true).open(self.filler())?;
        for size in [1 << 20, 4096, 512] {
            let piece = vec![b'x'; size];
            loop {
                match filler.write(&piece) {
                    Ok(0) => break,
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::StorageFull => break,
                    Err(error) => return Err(error).context("filling a disk"),
                }
            }
        }
        Ok(())
    }

    /// Gives it back.
    ///
    /// # Errors
    /// When it had not been taken.
    pub fn relieve(&self) -> Result<()> {
        std::fs::remove_file(self.filler()).context("relieving a disk")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: what still lies open there goes with its process.
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

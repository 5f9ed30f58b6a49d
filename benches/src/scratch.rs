//! A folder of one's own below the temporary one, gone when it is dropped.

use std::path::{Path, PathBuf};

use crate::Result;

/// A folder for one run.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Makes the folder. The process is in its name, so that runs do not meet.
    pub fn new(purpose: &str) -> Result<Self> {
        let name = format!("stoa-bench-{purpose}-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever cleans the temporary folder.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

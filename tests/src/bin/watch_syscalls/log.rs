//! Where the lines go.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write as _},
    path::Path,
};

use dodolens_tests::watch::Line;

/// A log. Each line is in the file when it is written, so a killed watch loses none.
pub struct Log(File);

impl Log {
    /// Begins a log in a folder, named by this process's id.
    ///
    /// # Errors
    /// When the file is there, or can't be made.
    pub fn create(folder: &Path) -> io::Result<Self> {
        let path = folder.join(format!("{}.log", std::process::id()));
        let file = OpenOptions::new().append(true).create_new(true).open(path);
        file.map(Self)
    }

    /// Writes a line.
    ///
    /// # Errors
    /// When it can't be written.
    pub fn write(&mut self, line: &Line) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(line)?;
        bytes.push(b'\n');
        self.0.write_all(&bytes)
    }
}

//! How files are fetched, and how far they are.

use std::time::Duration;

/// How files are fetched.
#[derive(Debug, Clone)]
pub struct FetchSettings {
    /// Address of a folder to fetch from instead of the known mirrors.
    pub mirror: Option<String>,
    /// Longest wait for a connection.
    pub connect: Duration,
    /// Longest wait for the next bytes.
    pub silence: Duration,
    /// How often in a row a broken connection is taken up again.
    pub retries: usize,
}

impl Default for FetchSettings {
    fn default() -> FetchSettings {
        FetchSettings {
            mirror: None,
            connect: Duration::from_secs(15),
            silence: Duration::from_secs(30),
            retries: 3,
        }
    }
}

/// How far a download is.
#[derive(Debug, Clone, Copy)]
pub struct FetchProgress<'a> {
    /// The file.
    pub file: &'a str,
    /// Bytes that are here.
    pub done: u64,
    /// Bytes of the whole file, where the server says.
    pub total: Option<u64>,
}

/// Called as bytes arrive; `false` ends the download, which a later one takes up.
pub type OnProgress<'a> = &'a mut dyn FnMut(FetchProgress<'_>) -> bool;

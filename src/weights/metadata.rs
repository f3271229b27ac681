//! Texts that a safetensors file carries beside its tensors.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The text under `key` in the metadata of a safetensors file that a [`Source`](super::Source) has checked; none
/// if there is none.
pub fn safetensors_metadata(path: &Path, key: &str) -> Option<String> {
    let mut file = File::open(path).ok()?;
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let mut json = Vec::new();
    file.take(u64::from_le_bytes(length))
        .read_to_end(&mut json)
        .ok()?;
    let header: serde_json::Value = serde_json::from_slice(&json).ok()?;
    header["__metadata__"][key].as_str().map(String::from)
}

//! What PyTorch 1.6 and later save.
use super::archive::Archive;
use super::error::Fault;
use super::source::Parsed;

pub(super) fn is_torch(archive: &Archive) -> bool {
    archive
        .members()
        .iter()
        .any(|m| m.name == "data.pkl" || m.name.ends_with("/data.pkl"))
}

pub(super) fn open(_archive: &Archive) -> Result<Parsed, Fault> {
    Err(Fault::unsupported(
        "PyTorch files are not read yet; save as safetensors",
    ))
}

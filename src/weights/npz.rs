//! `.npz`: a zip archive whose members are `.npy` files.

use std::collections::HashSet;
use std::io::Read;

use super::archive::Archive;
use super::error::Fault;
use super::escape::escape;
use super::format::NPY_MAGIC;
use super::hash::Fnv;
use super::npy;
use super::parsed::Parsed;
use super::tensor::{Locator, TensorInfo};

pub(super) fn open(archive: &Archive, strict: bool) -> Result<Parsed, Fault> {
    let mut parsed = Parsed::default();
    let mut hash = Fnv::new();
    let mut names = HashSet::new();
    for (index, member) in archive.members().iter().enumerate() {
        let name = member.name.strip_suffix(".npy").unwrap_or(&member.name);
        let named_npy = name.len() < member.name.len();
        if !names.insert(name) {
            return Err(
                Fault::malformed("two members of the zip archive have this name").tensor(name),
            );
        }
        let header = archive.stream(index, |reader| read_member(reader, member.size, named_npy));
        let checked = header.and_then(|header| match header {
            None => Ok(None),
            Some(header) => {
                let longer = npy::check_length(&header, member.size, strict)?;
                Ok(Some((header, longer)))
            }
        });
        let (header, longer) = match checked {
            Ok(Some(found)) => found,
            Ok(None) => {
                let name = escape(&member.name);
                let warning = format!("member '{name}' is no npy array; ignored");
                parsed.warnings.push(warning);
                continue;
            }
            Err(fault) => {
                let info = TensorInfo::unreadable(name.to_owned(), fault.reason()?);
                parsed.tensors.push(info);
                continue;
            }
        };
        if let Some(warning) = longer {
            parsed
                .warnings
                .push(format!("tensor '{}': {warning}", escape(name)));
        }
        hash.write(name.as_bytes());
        hash.write(&member.crc32.to_le_bytes());
        hash.write(&header.hash.to_le_bytes());
        let skip = header.data_start;
        let info = header.into_info(name.to_owned(), Locator::Member { index, skip });
        parsed.tensors.push(info);
    }
    if parsed.tensors.is_empty() && !archive.members().is_empty() {
        return Err(Fault::malformed(
            "the zip archive holds neither npy arrays nor what PyTorch saves; unpack it first",
        ));
    }
    parsed.header_hash = hash.finish();
    Ok(parsed)
}

/// The header of a member; `None` when it is no array and its name did not say it was.
fn read_member(
    mut reader: &mut dyn Read,
    size: u64,
    named_npy: bool,
) -> Result<Option<npy::Header>, Fault> {
    if named_npy {
        return npy::read_header(&mut reader, size).map(Some);
    }
    let mut magic = Vec::new();
    (&mut reader)
        .take(NPY_MAGIC.len() as u64)
        .read_to_end(&mut magic)?;
    if magic != NPY_MAGIC {
        return Ok(None);
    }
    npy::read_header(&mut magic.chain(reader), size).map(Some)
}

//! `.npz`: a zip archive whose members are `.npy` files.

use std::collections::HashSet;

use super::archive::Archive;
use super::error::Fault;
use super::escape::escape;
use super::hash::Fnv;
use super::npy;
use super::recognise::NPY_MAGIC;
use super::source::Parsed;
use super::tensor::Locator;

pub(super) fn open(archive: &Archive, strict: bool) -> Result<Parsed, Fault> {
    let mut parsed = Parsed::default();
    let mut hash = Fnv::new();
    let mut names = HashSet::new();
    for (index, member) in archive.members().iter().enumerate() {
        let name = member.name.strip_suffix(".npy").unwrap_or(&member.name);
        let named_npy = name.len() < member.name.len();
        let header = archive
            .stream(index, |mut reader| {
                if !named_npy {
                    let mut magic = [0; NPY_MAGIC.len()];
                    let mut probe = std::io::Read::take(&mut reader, magic.len() as u64);
                    let is_npy = std::io::Read::read_exact(&mut probe, &mut magic).is_ok()
                        && magic == NPY_MAGIC;
                    if !is_npy {
                        return Ok(None);
                    }
                    let mut reader = std::io::Read::chain(&magic[..], reader);
                    return npy::read_header(&mut reader, member.size).map(Some);
                }
                npy::read_header(&mut reader, member.size).map(Some)
            })
            .map_err(|fault| fault.tensor(name))?;
        let Some(header) = header else {
            let warning = format!("member '{}' is no npy array; ignored", escape(&member.name));
            parsed.warnings.push(warning);
            continue;
        };
        if !names.insert(name) {
            return Err(
                Fault::malformed("two members of the zip archive have this name").tensor(name),
            );
        }
        let longer =
            npy::check_length(&header, member.size, strict).map_err(|fault| fault.tensor(name))?;
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
    if parsed.tensors.is_empty() {
        return Err(Fault::malformed(
            "the zip archive holds neither npy arrays nor what PyTorch saves; unpack it first",
        ));
    }
    parsed.header_hash = hash.finish();
    Ok(parsed)
}

//! Files of PyTorch 1.6 and later: a zip archive with `data.pkl`, a pickle that describes the objects, and a
//! member `data/KEY` for each storage. A TorchScript program is the same with code, which is never read, and with
//! its constants in `constants.pkl` and `constants/KEY`.

use crate::weights::archive::Archive;
use crate::weights::error::{Cause, Fault};
use crate::weights::escape::escape;
use crate::weights::hash::Fnv;
use crate::weights::parsed::Parsed;
use crate::weights::pickle::interpret;
use crate::weights::tensor::{Locator, TensorInfo};

use super::list::list;
use super::storage::{Place, Storages};

/// Bytes of the longest pickle read.
const LONGEST_PICKLE: u64 = 256 << 20;
/// Bytes of the longest name of the folder in the archive.
const LONGEST_PREFIX: usize = 1024;

/// The members of one pickle: `PREFIX/NAME.pkl` and `PREFIX/NAME/KEY`.
struct Package<'a> {
    archive: &'a Archive,
    /// `weights/`, say, with its slash.
    prefix: &'a str,
    /// `data` or `constants`.
    name: &'a str,
    big_endian: bool,
}

impl Package<'_> {
    fn pickle(&self) -> Option<usize> {
        let Package { prefix, name, .. } = self;
        self.archive.position(&format!("{prefix}{name}.pkl"))
    }

    /// Lists the tensors of the pickle in member `index`.
    fn list(&self, index: usize, hash: &mut Fnv) -> Result<Parsed, Fault> {
        let bytes = self.archive.read(index, LONGEST_PICKLE)?;
        hash.write(&bytes);
        let in_pickle = |mut fault: Fault| {
            if let Cause::Malformed(problem) = &mut fault.cause {
                *problem = format!("in {}.pkl: {problem}", self.name);
            }
            fault
        };
        let graph = interpret(&bytes).map_err(in_pickle)?;
        list(&graph, self).map_err(in_pickle)
    }
}

impl Storages for Package<'_> {
    fn held(&self, key: &str) -> Result<(Place, u64), Fault> {
        let Package { prefix, name, .. } = self;
        let member = self.archive.position(&format!("{prefix}{name}/{key}"));
        let member = member.ok_or_else(|| {
            Fault::malformed(format!(
                "its storage {name}/{} is not in the archive",
                escape(key)
            ))
        })?;
        Ok((Place::Member(member), self.archive.members()[member].size))
    }

    fn length(&self) -> u64 {
        self.archive.length()
    }

    fn big_endian(&self) -> bool {
        self.big_endian
    }
}

/// Returns the parts of names before `data.pkl`.
fn prefixes(archive: &Archive) -> impl Iterator<Item = &str> {
    archive.members().iter().filter_map(|member| {
        let prefix = member.name.strip_suffix("data.pkl")?;
        (prefix.is_empty() || prefix.ends_with('/')).then_some(prefix)
    })
}

/// Returns whether `archive` is what `torch.save` or `torch.jit.save` writes.
pub fn is_package(archive: &Archive) -> bool {
    prefixes(archive).next().is_some()
}

/// Lists the tensors of `archive`.
///
/// # Errors
///
/// An archive that PyTorch does not write.
pub fn open(archive: &mut Archive) -> Result<Parsed, Fault> {
    let without_checksums = archive.drop_absent_checksums();
    let archive = &*archive;
    let mut found = prefixes(archive);
    let (Some(prefix), None) = (found.next(), found.next()) else {
        return Err(Fault::malformed(
            "the zip archive holds several data.pkl; which one is meant cannot be known",
        ));
    };
    if prefix.len() > LONGEST_PREFIX {
        return Err(Fault::malformed(format!(
            "the folder in the zip archive has a name of {} bytes",
            prefix.len()
        )));
    }
    let big_endian = match archive.position(&format!("{prefix}byteorder")) {
        None => false,
        Some(index) => match archive.read(index, 16)?.as_slice() {
            b"little" => false,
            b"big" => true,
            _ => return Err(Fault::malformed("its byteorder is neither little nor big")),
        },
    };
    let package = |name| Package {
        archive,
        prefix,
        name,
        big_endian,
    };
    let mut hash = Fnv::new();
    let data = package("data");
    let index = data.pickle();
    let index = index.ok_or_else(|| Fault::malformed("the name of data.pkl is not text"))?;
    let mut parsed = data.list(index, &mut hash)?;
    let constants = package("constants");
    if let Some(index) = constants.pickle() {
        match constants.list(index, &mut hash) {
            Ok(constants) => add_constants(&mut parsed, constants),
            Err(fault) => {
                let info = TensorInfo::unreadable("constants".into(), fault.reason()?);
                parsed.tensors.push(info);
            }
        }
    }
    if without_checksums {
        let warning = "written without checksums: damage to the data goes unnoticed";
        parsed.warnings.insert(0, warning.into());
    }
    for member in archive.members() {
        hash.write(member.name.as_bytes());
        hash.write(&member.crc32.to_le_bytes());
        hash.write(&member.size.to_le_bytes());
    }
    parsed.header_hash = hash.finish();
    Ok(parsed)
}

/// Adds the constants of a program, which have numbers for names.
fn add_constants(parsed: &mut Parsed, constants: Parsed) {
    let held = parsed.held.len();
    let of_program = |name: &str| format!("constants.{name}");
    for mut info in constants.tensors {
        info.name = of_program(&info.name);
        info.alias_of = info.alias_of.as_deref().map(of_program);
        if let Locator::Held { index } = &mut info.locator {
            *index += held;
        }
        parsed.tensors.push(info);
    }
    parsed.held.extend(constants.held);
    parsed.warnings.extend(constants.warnings);
}

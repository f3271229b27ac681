//! What PyTorch 1.6 and later save: a zip archive with `data.pkl`, a pickle that describes the
//! objects, and a member `data/KEY` for each storage.
//!
//! The pickle is interpreted by [`pickle`](super::pickle), which calls nothing. Here its
//! graph is walked: dictionaries, lists and the states of objects are entered, calls of the few
//! functions that rebuild tensors are understood, any other global is named and left alone.

use std::collections::{BTreeSet, HashMap};

use super::archive::Archive;
use super::dtype::Dtype;
use super::error::{Cause, Fault};
use super::escape::escape;
use super::hash::Fnv;
use super::pickle::{Graph, Node};
use super::pickle_machine::interpret;
use super::rebuild::{self, Rebuilt};
use super::source::Parsed;
use super::tensor::{Locator, TensorInfo};
use super::walk::Walk;

/// Bytes of the longest pickle read.
const LONGEST_PICKLE: u64 = 256 << 20;
/// Bytes of the longest name of the folder in the archive.
const LONGEST_PREFIX: usize = 1024;
/// Globals named in a warning.
const QUOTED: usize = 5;

/// Where the members of one saved object lie.
pub(super) struct Package<'a> {
    pub(super) archive: &'a Archive,
    /// `weights/`, say, with its slash.
    prefix: &'a str,
    pub(super) big_endian: bool,
}

impl Package<'_> {
    pub(super) fn member(&self, name: &str) -> Option<usize> {
        self.archive.position(&format!("{}{name}", self.prefix))
    }
}

/// The prefixes before `data.pkl`.
fn prefixes(archive: &Archive) -> impl Iterator<Item = &str> {
    archive.members().iter().filter_map(|member| {
        let prefix = member.name.strip_suffix("data.pkl")?;
        (prefix.is_empty() || prefix.ends_with('/')).then_some(prefix)
    })
}

pub(super) fn is_torch(archive: &Archive) -> bool {
    prefixes(archive).next().is_some()
}

pub(super) fn open(archive: &mut Archive) -> Result<Parsed, Fault> {
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
    let mut package = Package {
        archive,
        prefix,
        big_endian: false,
    };
    let code = format!("{prefix}code/");
    let has_code = archive
        .members()
        .iter()
        .any(|member| member.name.starts_with(&code));
    if has_code || package.member("constants.pkl").is_some() {
        return Err(Fault::unsupported(
            "is a TorchScript program; convert it with: import torch; \
             torch.save(torch.jit.load('OLD.pt', map_location='cpu').state_dict(), 'NEW.pt')",
        ));
    }
    if let Some(index) = package.member("byteorder") {
        package.big_endian = match archive.read(index, 16)?.as_slice() {
            b"little" => false,
            b"big" => true,
            _ => return Err(Fault::malformed("its byteorder is neither little nor big")),
        };
    }
    let bytes = match package.member("data.pkl") {
        Some(index) => archive.read(index, LONGEST_PICKLE)?,
        None => return Err(Fault::malformed("the name of data.pkl is not text")),
    };
    let in_pickle = |mut fault: Fault| {
        if let Cause::Malformed(problem) = &mut fault.cause {
            *problem = format!("in data.pkl: {problem}");
        }
        fault
    };
    let graph = interpret(&bytes).map_err(in_pickle)?;
    let mut list = List {
        graph: &graph,
        package: &package,
        parsed: Parsed::default(),
        storages: HashMap::new(),
        views: HashMap::new(),
        budget: bytes.len().saturating_mul(16).saturating_add(1 << 20),
    };
    let repeats = Walk::new(&graph)
        .run(&mut |name, rebuilt| list.add(name, rebuilt))
        .map_err(in_pickle)?;
    let mut parsed = list.parsed;
    if without_checksums {
        let warning = "written without checksums: damage to the data goes unnoticed";
        parsed.warnings.push(warning.into());
    }
    parsed.warnings.extend(repeats);
    parsed.warnings.extend(foreign_globals(&graph));
    rename_repeated(&mut parsed);
    let mut hash = Fnv::new();
    hash.write(&bytes);
    for member in archive.members() {
        hash.write(member.name.as_bytes());
        hash.write(&member.crc32.to_le_bytes());
        hash.write(&member.size.to_le_bytes());
    }
    parsed.header_hash = hash.finish();
    Ok(parsed)
}

/// What two tensors share that are one: their numbers lie in the same places.
#[derive(PartialEq, Eq, Hash)]
struct Elements {
    member: usize,
    skip: u64,
    dtype: Dtype,
    steps: Vec<(usize, usize)>,
}

/// Tensors as they are found.
struct List<'a> {
    graph: &'a Graph<'a>,
    package: &'a Package<'a>,
    parsed: Parsed,
    /// The first tensor of each storage.
    storages: HashMap<usize, usize>,
    /// The first tensor of each set of elements.
    views: HashMap<Elements, usize>,
    /// Bytes of names that may still be kept: one long name may be shared by many tensors.
    budget: usize,
}

impl List<'_> {
    fn add(&mut self, name: String, rebuilt: Rebuilt) -> Result<(), Fault> {
        self.spend(name.len() + 64)?;
        let mut info = match rebuilt {
            Rebuilt::Tensor(call) => rebuild::describe(self.graph, self.package, &name, call)
                .map_err(|fault| fault.tensor(&name))?,
            Rebuilt::Unreadable(reason) => rebuild::unreadable(name, reason),
        };
        if let (Locator::Member { index, skip }, None) = (info.locator, &info.unreadable)
            && !info.is_empty()
        {
            self.relate(&mut info, index, skip)?;
        }
        self.parsed.tensors.push(info);
        Ok(())
    }

    /// Says with which earlier tensor this one shares its elements or its storage.
    fn relate(&mut self, info: &mut TensorInfo, member: usize, skip: u64) -> Result<(), Fault> {
        let number = self.parsed.tensors.len();
        let elements = Elements {
            member,
            skip,
            dtype: info.dtype.clone(),
            steps: rebuild::steps(info),
        };
        let first = *self.views.entry(elements).or_insert(number);
        let owner = *self.storages.entry(member).or_insert(number);
        if first < number {
            let name = self.parsed.tensors[first].name.clone();
            self.spend(name.len())?;
            info.alias_of = Some(name);
        } else if owner < number {
            let name = escape(&self.parsed.tensors[owner].name);
            info.notes.push(format!("shares its storage with '{name}'"));
        }
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), Fault> {
        self.budget = self.budget.checked_sub(bytes).ok_or_else(|| {
            Fault::malformed("the names of its tensors take far more room than the pickle itself")
        })?;
        Ok(())
    }
}

/// One warning that names the globals which were not called.
fn foreign_globals(graph: &Graph<'_>) -> Option<String> {
    let mut names = BTreeSet::new();
    for node in &graph.nodes {
        if let Node::Global(module, name) = *node {
            let (module, name) = (graph.slice(module), graph.slice(name));
            if !rebuild::is_known(module, name) {
                let short = |bytes: &[u8]| {
                    String::from_utf8_lossy(&bytes[..bytes.len().min(60)]).into_owned()
                };
                names.insert(escape(&format!("{}.{}", short(module), short(name))));
            }
        }
    }
    if names.is_empty() {
        return None;
    }
    let quoted: Vec<&str> = names.iter().take(QUOTED).map(String::as_str).collect();
    let more = match names.len().saturating_sub(QUOTED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Some(format!(
        "names {}{more}, which loading with Python would run; nothing was executed here",
        quoted.join(", ")
    ))
}

/// Two paths may spell one name; the later gets a number.
fn rename_repeated(parsed: &mut Parsed) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let counts: Vec<usize> = parsed
        .tensors
        .iter()
        .map(|info| {
            let count = seen.entry(&info.name).or_insert(0);
            *count += 1;
            *count
        })
        .collect();
    for (info, count) in parsed.tensors.iter_mut().zip(counts) {
        if count > 1 {
            info.notes.push("another tensor has the same name".into());
            info.name = format!("{}#{count}", info.name);
        }
    }
}

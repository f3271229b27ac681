//! The tensors of a pickle as rows: their names, what they share, what they lack.

use std::collections::{BTreeSet, HashMap};

use crate::weights::dtype::Dtype;
use crate::weights::error::Fault;
use crate::weights::escape::escape;
use crate::weights::parsed::Parsed;
use crate::weights::pickle::{Graph, Node};
use crate::weights::tensor::{Locator, TensorInfo, number_repeated};

use super::rebuild::{self, Rebuilt, TensorCall};
use super::shell;
use super::storage::{Place, Storages};
use super::walk::Walk;

/// Bytes of names that the smallest file may have: an object under several names has few of its own.
const MOST_NAMES: usize = 16 << 20;
/// Globals named in a warning.
const QUOTED: usize = 5;
/// Bytes that the expanded tensors of a small file may take beyond what is stored.
const MOST_EXPANDED: u64 = if cfg!(fuzzing) { 1 << 16 } else { 64 << 20 };

/// The identity of a tensor: two with the same elements are one.
#[derive(PartialEq, Eq, Hash)]
struct Elements {
    locator: Locator,
    dtype: Dtype,
    negated: bool,
    steps: Vec<(usize, usize)>,
}

/// Lists the tensors that `graph` describes, whose numbers lie in `storages`.
///
/// # Errors
///
/// A pickle that describes nothing a file can hold. A tensor that cannot be read is a row that says why.
pub(super) fn list(graph: &Graph<'_>, storages: &dyn Storages) -> Result<Parsed, Fault> {
    let mut list = List {
        graph,
        storages,
        parsed: Parsed::default(),
        owners: HashMap::new(),
        views: HashMap::new(),
        budget: graph
            .bytes
            .len()
            .saturating_mul(16)
            .saturating_add(MOST_NAMES),
        expanded: 0,
    };
    let repeats = Walk::new(graph).run(&mut |name, rebuilt| list.add(name, rebuilt))?;
    let mut parsed = list.parsed;
    parsed.warnings.extend(repeats);
    parsed.warnings.extend(foreign_globals(graph));
    number_repeated(&mut parsed.tensors);
    shell::mark(graph, &mut parsed.tensors);
    Ok(parsed)
}

/// Tensors as they are found.
struct List<'a> {
    graph: &'a Graph<'a>,
    storages: &'a dyn Storages,
    parsed: Parsed,
    /// The first tensor of each storage.
    owners: HashMap<Place, usize>,
    /// The first tensor of each set of elements.
    views: HashMap<Elements, usize>,
    /// Bytes of names that may still be kept: one long name may be shared by many tensors.
    budget: usize,
    /// Bytes of tensors beyond those that they are expanded from.
    expanded: u64,
}

impl List<'_> {
    fn add(&mut self, name: String, rebuilt: Rebuilt) -> Result<(), Fault> {
        self.spend(name.len() + 64)?;
        let info = match rebuilt {
            Rebuilt::Tensor(call) => self.stored(name, &call)?,
            Rebuilt::Special(special) => special.into_info(name),
            Rebuilt::Broken(reason) => TensorInfo::unreadable(name, reason),
            Rebuilt::Array(array) => {
                let info = array.info(name, self.parsed.held.len());
                self.parsed.held.push(array.bytes);
                info
            }
        };
        self.parsed.tensors.push(info);
        Ok(())
    }

    /// Describes a tensor whose numbers lie in a storage, or says why that cannot be.
    fn stored(&mut self, name: String, call: &TensorCall) -> Result<TensorInfo, Fault> {
        let (mut info, place) = match rebuild::describe(self.graph, self.storages, &name, call) {
            Ok(described) => described,
            Err(fault) => return Ok(TensorInfo::unreadable(name, fault.reason()?)),
        };
        let Some(place) = place.filter(|_| info.unreadable.is_none() && !info.is_empty()) else {
            return Ok(info);
        };
        let size = info.dtype.size().unwrap_or(0) as u64;
        let extent = info.layout.extent(info.len());
        let beyond = (info.len().saturating_sub(extent) as u64).saturating_mul(size);
        let expanded = self.expanded.saturating_add(beyond);
        if beyond > 0 && expanded > MOST_EXPANDED.max(self.storages.length()) {
            info.unreadable = Some(format!(
                "expands {extent} stored numbers to {}, more than a file of this size may; save \
                 the tensor that it was expanded from",
                info.len()
            ));
            return Ok(info);
        }
        self.expanded = expanded;
        self.relate(&mut info, place)?;
        Ok(info)
    }

    /// Says with which earlier tensor this one shares its elements or its storage.
    fn relate(&mut self, info: &mut TensorInfo, place: Place) -> Result<(), Fault> {
        let number = self.parsed.tensors.len();
        let elements = Elements {
            locator: info.locator,
            dtype: info.dtype.clone(),
            negated: info.negated,
            steps: rebuild::steps(info),
        };
        let first = *self.views.entry(elements).or_insert(number);
        let owner = *self.owners.entry(place).or_insert(number);
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
            // Classes of a TorchScript program are names in the file itself.
            let own = module == b"__torch__" || module.starts_with(b"__torch__.");
            if !own && !rebuild::is_known(module, name) {
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

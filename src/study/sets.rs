//! Data sets, opened once for all studies.

use crate::data::{self, Dataset};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The data sets that studies have asked for.
#[derive(Debug, Default)]
pub struct DataSets {
    root: Option<PathBuf>,
    opened: BTreeMap<String, Result<Arc<Dataset>, String>>,
}

impl DataSets {
    /// Data sets in the folder `root`.
    pub fn new(root: Option<&Path>) -> DataSets {
        DataSets {
            root: root.map(Path::to_path_buf),
            opened: BTreeMap::new(),
        }
    }

    /// The set of this name or path, or why it is not at hand.
    pub(super) fn open(&mut self, set: &str) -> Result<Arc<Dataset>, String> {
        let opened = self.opened.entry(set.to_owned()).or_insert_with(|| {
            let found = data::open(set, self.root.as_deref());
            found.map(Arc::new).map_err(|error| error.to_string())
        });
        opened.clone()
    }
}

//! Sums of listed rows: permutations, samples, shared entries.

use super::backward::Adjoints;
use super::rule::Rule;
use super::view::View;
use std::fmt;
use std::sync::Arc;

/// For each row of a result, the rows of the operand that it sums: a matrix of zeros and ones by
/// its rows. Its transpose is one too, so that no scatter is ever needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lists {
    sources: usize,
    starts: Vec<u32>,
    entries: Vec<u32>,
}

impl Lists {
    /// Row `i` of the result is row `table[i]` of an operand of `sources` rows, or zero.
    ///
    /// # Panics
    /// If an index is not below `sources`, or there are 2³² indices or more.
    pub fn from_table(sources: usize, table: impl IntoIterator<Item = Option<usize>>) -> Lists {
        Lists::new(sources, table)
    }

    /// Row `i` of the result takes the rows `lists[i]` of an operand of `sources` rows.
    ///
    /// # Panics
    /// If an index is not below `sources`, or there are 2³² indices or more.
    pub fn new<L: IntoIterator<Item = usize>>(
        sources: usize,
        lists: impl IntoIterator<Item = L>,
    ) -> Lists {
        let mut all = Lists {
            sources,
            starts: vec![0],
            entries: Vec::new(),
        };
        for list in lists {
            for source in list {
                assert!(source < sources, "gather: row {source} of {sources}");
                all.entries.push(narrow(source));
            }
            all.starts.push(narrow(all.entries.len()));
        }
        all
    }

    /// Number of lists: rows of the result.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there is no list.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Rows of the operand.
    pub fn sources(&self) -> usize {
        self.sources
    }

    /// The rows of the operand that row `i` of the result sums.
    pub fn list(&self, i: usize) -> &[u32] {
        &self.entries[self.starts[i] as usize..self.starts[i + 1] as usize]
    }

    /// The lists from `first` on.
    pub fn from(&self, first: usize) -> impl Iterator<Item = &[u32]> {
        let bounds = self.starts[first..].windows(2);
        bounds.map(|bound| &self.entries[bound[0] as usize..bound[1] as usize])
    }

    /// The one row of each list, if each has one.
    pub fn table(&self) -> Option<&[u32]> {
        let each = self
            .starts
            .iter()
            .enumerate()
            .all(|(i, &start)| start as usize == i);
        each.then_some(&self.entries)
    }

    /// The transposed matrix: which rows of the result each row of the operand goes to, in order.
    pub fn transpose(&self) -> Lists {
        let mut starts = vec![0u32; self.sources + 1];
        for &source in &self.entries {
            starts[source as usize + 1] += 1;
        }
        for i in 0..self.sources {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut entries = vec![0; self.entries.len()];
        for i in 0..self.len() {
            for &source in self.list(i) {
                let place = &mut next[source as usize];
                entries[*place as usize] = narrow(i);
                *place += 1;
            }
        }
        Lists {
            sources: self.len(),
            starts,
            entries,
        }
    }

    /// Number of listed rows, repeated ones counted again.
    pub(super) fn count(&self) -> usize {
        self.entries.len()
    }

    /// Length of the longest list.
    pub(super) fn longest(&self) -> usize {
        let lengths = (0..self.len()).map(|i| self.list(i).len());
        lengths.max().unwrap_or(0)
    }
}

fn narrow(index: usize) -> u32 {
    u32::try_from(index).expect("gather: an index of 2³² or more")
}

/// `y[i, :] = Σ_{j ∈ list(i)} x[j, :]`: `x` sources × samples, `y` lists × samples.
///
/// Derivative: the same with the transposed lists, hence without atomic additions. Cost: one
/// operation for each listed row and column; the lists' own traffic is not counted.
#[derive(Debug, Clone)]
pub struct Gather {
    /// Which rows are summed.
    pub lists: Arc<Lists>,
    /// x.
    pub x: View,
}

impl Gather {
    /// The sums of listed rows of `x`.
    ///
    /// # Panics
    /// If `x` has another number of rows than the lists' sources, or is a batch.
    pub fn new(lists: Arc<Lists>, x: View) -> Gather {
        let fits = x.rows == lists.sources && x.batch == 1 && !lists.is_empty();
        let (rows, sources) = (lists.len(), lists.sources);
        assert!(fits, "gather: {rows} lists of {sources} rows from {x}");
        Gather { lists, x }
    }
}

impl Rule for Gather {
    fn shape(&self) -> [usize; 3] {
        [self.lists.len(), self.x.columns, 1]
    }

    fn operands(&self) -> Vec<View> {
        vec![self.x]
    }

    fn differentiate(&self, dy: View, adjoints: &mut Adjoints<'_>) {
        adjoints.add(self.x, || Gather::new(Arc::new(self.lists.transpose()), dy));
    }

    fn flops(&self) -> u64 {
        (self.lists.count() * self.x.columns) as u64
    }

    fn roundings(&self) -> usize {
        self.lists.longest().saturating_sub(1)
    }
}

impl fmt::Display for Gather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (listed, rows) = (self.lists.count(), self.lists.len());
        write!(f, "gather {listed} rows into {rows} of {}", self.x)
    }
}

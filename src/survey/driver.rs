//! Whole files: every tensor of every file becomes a row, or a row for each matrix of a stack.

use super::progress::Listener;
use super::{Extra, Finding, Heading, Meter, Normalised, Progress, Row, Run};
use crate::weights::{Chosen, Gap, Selection, Source};
use faer::MatRef;
use std::sync::{Mutex, PoisonError};

/// What becomes of a tensor that is a stack of matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stacks {
    /// One row.
    Whole,
    /// A row for each matrix.
    Each,
}

/// A question that is asked of matrices.
pub trait Survey {
    /// Settings as resolved.
    type Settings;
    /// What a row says of a matrix.
    type Finding: Finding;
    /// What the document says beside its rows.
    type Extra: Extra;
    /// What is computed of a tensor before its matrices are assessed.
    type Prepared<'m>;

    /// What becomes of stacks.
    const STACKS: Stacks = Stacks::Each;
    /// Whether neighbours are prepared side by side while together they are no larger than the largest tensor of all.
    const IS_SIDE_BY_SIDE: bool = false;

    /// Returns the head of the document.
    fn heading(&self) -> Heading<Self::Settings>;

    /// Checks whether a tensor is worth reading, the one at `position` among those chosen.
    ///
    /// # Errors
    ///
    /// Why it is not.
    fn admit(&self, _tensor: &Chosen<'_>, _position: usize) -> Result<(), Gap> {
        Ok(())
    }

    /// Computes what the matrices of a tensor share, for each of `tensors`, whose entries were read.
    fn prepare<'m>(&self, tensors: &[Matrix<'m>]) -> Vec<Result<Self::Prepared<'m>, Gap>>;

    /// Makes a finding of a matrix.
    fn assess(
        &mut self,
        matrix: &Matrix<'_>,
        prepared: &Self::Prepared<'_>,
        meter: &Meter<'_>,
    ) -> Assessment<Self::Finding>;

    /// Returns what the rows come to.
    fn conclude(self, rows: &mut [Row<Self::Finding>]) -> Self::Extra;
}

/// A matrix of a tensor.
#[derive(Debug, Clone, Copy)]
pub struct Matrix<'m> {
    /// The tensor.
    pub tensor: &'m Chosen<'m>,
    /// The entries.
    pub entries: &'m Normalised<'m>,
    /// The tensor's place among those chosen.
    pub position: usize,
    /// Place of the matrix in a stack, else 0.
    pub block: usize,
}

impl<'m> Matrix<'m> {
    /// Returns the matrix itself, in the units of the normalised entries.
    #[must_use]
    pub fn values(&self) -> MatRef<'m, f64> {
        self.entries.block(self.block)
    }
}

/// What was made of a matrix.
#[derive(Debug)]
pub struct Assessment<F> {
    /// The finding, or why there is none.
    pub finding: Result<F, Gap>,
    /// Remarks beside those of the tensor.
    pub notes: Vec<String>,
}

impl<F> From<Result<F, Gap>> for Assessment<F> {
    fn from(finding: Result<F, Gap>) -> Assessment<F> {
        Assessment {
            finding,
            notes: Vec::new(),
        }
    }
}

/// Asks `survey` of every tensor of `sources` that `selection` names, in order.
///
/// Tensors are read one at a time, neighbours that are prepared side by side together, so memory is that of the largest.
/// `progress` is told before each is read and as the work on it goes on, from any thread; by returning `false` it ends the
/// run, with the rows so far.
pub fn survey<S: Survey>(
    mut survey: S,
    sources: &[Source],
    selection: &Selection,
    progress: impl FnMut(Progress<'_>) -> bool + Send,
) -> Run<S::Settings, Row<S::Finding>, S::Extra> {
    let chosen = Chosen::all(sources, selection);
    let progress = Mutex::new(progress);
    let observe = |state: Progress<'_>| {
        let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
        progress(state)
    };
    let listener = Listener::new(chosen.iter().map(Chosen::entries).sum(), &observe);
    let largest = chosen.iter().map(Chosen::entries).max().unwrap_or(0);
    let mut rows = Vec::new();
    let (mut position, mut before) = (0, 0);
    while position < chosen.len() && !listener.is_stopped() {
        let rest = &chosen[position..];
        let batch = if S::IS_SIDE_BY_SIDE {
            neighbours(rest, largest)
        } else {
            1
        };
        let mut turns = Vec::new();
        for tensor in &rest[..batch] {
            let name = tensor.name();
            if !Meter::new(&listener, &name, before).goes_on(0.0, "") {
                break;
            }
            let admitted = survey.admit(tensor, position);
            turns.push(Turn {
                tensor,
                name,
                position,
                before,
                entries: admitted.and_then(|()| Normalised::read(tensor)),
            });
            position += 1;
            before += tensor.entries();
        }
        rows.extend(rows_of(&mut survey, &turns, &listener));
    }
    let heading = survey.heading();
    let extra = survey.conclude(&mut rows);
    Run {
        complete: !listener.is_stopped(),
        rows,
        ..Run::new(heading, sources, selection, extra)
    }
}

/// Returns how many of the first tensors are together no larger than the largest of all: one at least.
fn neighbours(tensors: &[Chosen<'_>], largest: u64) -> usize {
    let mut entries = 0;
    let together = tensors.iter().take_while(|tensor| {
        entries += tensor.entries();
        entries <= largest
    });
    together.count()
}

/// A tensor whose turn it is.
struct Turn<'a> {
    tensor: &'a Chosen<'a>,
    name: String,
    position: usize,
    /// Entries of the tensors before it.
    before: u64,
    entries: Result<Normalised<'a>, Gap>,
}

impl Turn<'_> {
    fn matrix(&self) -> Option<Matrix<'_>> {
        Some(Matrix {
            tensor: self.tensor,
            entries: self.entries.as_ref().ok()?,
            position: self.position,
            block: 0,
        })
    }

    /// Returns the row of what could not be worked on.
    fn without<F: Default>(&self, gap: &Gap) -> Row<F> {
        Row::new(self.tensor, Err(gap.clone()))
    }
}

/// Returns the rows of tensors that were read together.
fn rows_of<S: Survey>(
    survey: &mut S,
    turns: &[Turn<'_>],
    listener: &Listener<'_>,
) -> Vec<Row<S::Finding>> {
    let matrices: Vec<Matrix<'_>> = turns.iter().filter_map(Turn::matrix).collect();
    let mut prepared = survey.prepare(&matrices).into_iter();
    let mut rows = Vec::new();
    for turn in turns {
        let matrix = match &turn.entries {
            Ok(_) => turn.matrix().expect("entries that were read"),
            Err(gap) => {
                rows.push(turn.without(gap));
                continue;
            }
        };
        let prepared = match prepared.next().expect("what was read is prepared") {
            Ok(prepared) => prepared,
            Err(gap) => {
                rows.push(turn.without(&gap));
                continue;
            }
        };
        let blocks = match S::STACKS {
            Stacks::Whole => 1,
            Stacks::Each => matrix.entries.view.blocks,
        };
        let entries = turn.tensor.entries() / blocks as u64;
        for block in 0..blocks {
            let meter = Meter {
                entries,
                ..Meter::new(listener, &turn.name, turn.before + block as u64 * entries)
            };
            if block > 0 && !meter.goes_on(0.0, "") {
                break;
            }
            let matrix = Matrix { block, ..matrix };
            let Assessment { finding, notes } = survey.assess(&matrix, &prepared, &meter);
            let mut row = Row::new(turn.tensor, finding);
            row.notes.extend(notes);
            if blocks > 1 {
                row.name = format!("{}[{block}]", row.name);
            }
            rows.push(row);
        }
    }
    rows
}

//! Which tensors of a model are in the budget, and what is known of each.

use super::cost::{Rate, dense};
use super::names::{find, module, pattern};
use super::{CostModel, Known, Mode, PlanError, PlanSettings};
use crate::compress::Sizes;
use crate::spectrum::{Role, Roles};
use crate::weights::{Chosen, Dtype, Gap, Source, escape};
use globset::Glob;
use std::collections::HashMap;

/// Most channels of an image.
const CHANNELS: usize = 4;
/// A last layer with at most this share of outputs to inputs is taken for a head where no name tells one.
const NARROW: usize = 4;

/// The tensors of a run, each with what is known of it or the reason why it is not in the budget.
#[derive(Debug)]
pub struct Candidates {
    pub(super) list: Vec<Result<Candidate, Gap>>,
}

/// A tensor in the budget.
#[derive(Debug, Clone)]
pub(super) struct Candidate {
    /// The name as stored.
    pub name: String,
    /// Outputs and inputs; of a table the length of its rows and their number.
    pub m: usize,
    pub n: usize,
    pub blocks: usize,
    /// Channels, height and width where inputs are patches or images.
    pub grid: Option<[usize; 3]>,
    pub is_table: bool,
    pub role: Role,
    pub weight_type: String,
    /// Whether it stays as it is by request.
    pub is_kept: bool,
    /// Whether the uniform plan leaves it as it is: a head, a convolution on images.
    pub is_end: bool,
    /// What it shares its size with: equal keys are tied.
    pub tie: Option<String>,
    /// Its places in the files of moments.
    pub moments: Option<usize>,
    pub held_out: Option<usize>,
    pub alpha: Option<f64>,
    pub rate: Rate,
}

impl Candidate {
    /// Returns its sizes.
    pub fn sizes(&self) -> Sizes {
        Sizes {
            m: self.m,
            n: self.n,
            grid: self.grid,
        }
    }

    /// Returns what it costs as it is.
    pub fn dense(&self) -> u64 {
        self.rate.of(dense(self.m, self.n))
    }

    /// Returns the least that it can cost.
    fn least(&self, settings: &PlanSettings) -> u64 {
        let (dense, rank) = (self.dense(), settings.multiple_of);
        if self.is_kept || rank > self.m.min(self.n) {
            return dense;
        }
        dense.min(self.rate.of(settings.storage.of_rank(self.m, self.n, rank)))
    }
}

impl Candidates {
    /// Matches the tensors `chosen` of `source` with what is known, and checks all that can be checked before any work.
    ///
    /// # Errors
    ///
    /// One sentence: moments or weights alpha of layers that the model does not have or has in another shape, layers to be
    /// kept or tied that it does not have, ties of unequal shapes, a budget that cannot be met.
    pub fn new(
        source: &Source,
        chosen: &[Chosen<'_>],
        known: &Known,
        settings: &PlanSettings,
    ) -> Result<Candidates, PlanError> {
        let all: Vec<&str> = source.tensors().iter().map(|t| t.name.as_str()).collect();
        let entries = Entries::new(&all, known)?;
        let mut list = Vec::with_capacity(chosen.len());
        for tensor in chosen {
            list.push(entries.candidate(tensor, settings)?);
        }
        mark_last(&mut list);
        let mut candidates = Candidates { list };
        candidates.keep(&settings.keep)?;
        candidates.tie(&settings.ties)?;
        candidates.check_budgets(settings)?;
        Ok(candidates)
    }

    /// Returns the tensors in the budget.
    pub(super) fn planned(&self) -> impl Iterator<Item = &Candidate> {
        self.list
            .iter()
            .filter_map(|candidate| candidate.as_ref().ok())
    }

    fn keep(&mut self, patterns: &[String]) -> Result<(), PlanError> {
        for pattern in patterns {
            let glob = Glob::new(pattern).map_err(|error| PlanError::Layers(error.to_string()))?;
            let glob = glob.compile_matcher();
            let mut is_met = false;
            for candidate in self.list.iter_mut().flatten() {
                if glob.is_match(&candidate.name) || glob.is_match(module(&candidate.name)) {
                    candidate.is_kept = true;
                    is_met = true;
                }
            }
            if !is_met {
                return Err(PlanError::Layers(format!(
                    "no layer in the budget is named {}, which is to be kept",
                    escape(pattern)
                )));
            }
        }
        Ok(())
    }

    /// Gives layers one key whose names differ in the parts of a tie alone.
    fn tie(&mut self, ties: &[Vec<String>]) -> Result<(), PlanError> {
        let mut shapes: HashMap<String, (String, [usize; 3])> = HashMap::new();
        for (number, parts) in ties.iter().enumerate() {
            let mut is_tied = false;
            for part in parts {
                let mut is_met = false;
                for candidate in self.list.iter_mut().flatten() {
                    let framed = format!(".{}.", candidate.name.replace('/', "."));
                    let Some(at) = framed.find(&format!(".{part}.")) else {
                        continue;
                    };
                    is_met = true;
                    let rest = &framed[at + 1 + part.len()..];
                    let key = format!("{number}\0{}\0{rest}", &framed[..=at]);
                    let shape = [candidate.m, candidate.n, candidate.blocks];
                    let (first, theirs) = shapes
                        .entry(key.clone())
                        .or_insert_with(|| (candidate.name.clone(), shape));
                    is_tied |= *first != candidate.name;
                    if *theirs != shape {
                        return Err(PlanError::Layers(format!(
                            "{} is {} × {} and {} is {} × {}: layers of unequal shapes cannot be tied",
                            escape(first),
                            theirs[0],
                            theirs[1],
                            escape(&candidate.name),
                            shape[0],
                            shape[1]
                        )));
                    }
                    if candidate.tie.replace(key).is_some() {
                        let name = escape(&candidate.name);
                        return Err(PlanError::Layers(format!("{name} is in two ties")));
                    }
                }
                if !is_met {
                    let part = escape(part);
                    return Err(PlanError::Layers(format!(
                        "no layer in the budget has {part} in its name, which is to be tied"
                    )));
                }
            }
            if !is_tied {
                return Err(PlanError::Layers(format!(
                    "no names of layers differ in {} alone: nothing is tied",
                    escape(&parts.join(" and "))
                )));
            }
        }
        Ok(())
    }

    fn check_budgets(&self, settings: &PlanSettings) -> Result<(), PlanError> {
        let sum = |of: &dyn Fn(&Candidate) -> u64| {
            let mut costs = self.planned().map(|c| of(c).checked_mul(c.blocks as u64));
            let sum = costs.try_fold(0u64, |sum, cost| sum.checked_add(cost?));
            sum.ok_or_else(|| PlanError::Layers("the layers cost more than 2^64".into()))
        };
        let (dense, least) = (
            sum(&Candidate::dense)?,
            sum(&|candidate| candidate.least(settings))?,
        );
        for &share in &settings.budgets {
            let limit = limit(share, dense);
            if limit < least {
                return Err(PlanError::Budget {
                    share,
                    limit,
                    least,
                    dense,
                    unit: settings.cost.unit(),
                });
            }
        }
        Ok(())
    }
}

/// Returns the most that layers may cost at a share of what they cost as they are.
pub(super) fn limit(share: f64, dense: u64) -> u64 {
    // A share as 0.4 is no binary fraction: what is missing to the next whole number is rounding.
    ((share * dense as f64 * (1.0 + 4.0 * f64::EPSILON)).floor() as u64).min(dense)
}

/// Where the tensors of a model are in the files of what is known.
struct Entries<'k> {
    known: &'k Known,
    mode: Mode,
    moments: HashMap<String, usize>,
    held_out: HashMap<String, usize>,
    alpha: HashMap<String, f64>,
}

impl<'k> Entries<'k> {
    fn new(all: &[&str], known: &'k Known) -> Result<Entries<'k>, PlanError> {
        let places = |file: Option<&super::MomentsFile>| {
            let mut places = HashMap::new();
            let Some(file) = file else {
                return Ok(places);
            };
            let names: Vec<Vec<&str>> = file
                .layers()
                .iter()
                .map(|layer| {
                    let own = std::iter::once(&layer.name).chain(&layer.tied);
                    own.map(String::as_str).collect()
                })
                .collect();
            for (place, found) in find(&names, all).into_iter().enumerate() {
                let layer = &file.layers()[place];
                let wrong = |problem: &str| PlanError::layer(file.path(), &layer.name, problem);
                let index = found.ok_or_else(|| {
                    wrong(
                        "the model has no tensor of this name; capture the moments from this model",
                    )
                })?;
                if places.insert(all[index].to_owned(), place).is_some() {
                    let problem = "another layer of the file has the same tensor of the model";
                    return Err(wrong(problem));
                }
            }
            Ok(places)
        };
        let mut alpha = HashMap::new();
        if let Some(file) = &known.alpha {
            let path = std::path::Path::new(&file.file.path);
            let names: Vec<Vec<&str>> = (file.weights.iter())
                .map(|(name, _)| vec![name.as_str()])
                .collect();
            for ((name, weight), found) in file.weights.iter().zip(find(&names, all)) {
                let index = found
                    .ok_or_else(|| PlanError::layer(path, name, "the model has no such layer"))?;
                if alpha.insert(all[index].to_owned(), *weight).is_some() {
                    let problem = "another name in the file is that of the same tensor";
                    return Err(PlanError::layer(path, name, problem));
                }
            }
        }
        Ok(Entries {
            known,
            mode: known.mode(),
            moments: places(known.moments.as_ref())?,
            held_out: places(known.held_out.as_ref())?,
            alpha,
        })
    }

    /// Returns a tensor with what is known of it, or why it is not in the budget.
    fn candidate(
        &self,
        tensor: &Chosen<'_>,
        settings: &PlanSettings,
    ) -> Result<Result<Candidate, Gap>, PlanError> {
        let skipped = |reason: &str| Ok(Err(Gap::skipped(reason)));
        if let Some(gap) = tensor.gap() {
            return Ok(Err(gap));
        }
        let (info, view) = (tensor.info(), tensor.view().expect("it has no gap"));
        if !matches!(
            info.dtype,
            Dtype::F64 | Dtype::F32 | Dtype::F16 | Dtype::BF16
        ) {
            return skipped("not stored in floating-point numbers of 16 to 64 bits");
        }
        if info.is_composed() {
            return skipped("computed from several tensors, which would all have to be replaced");
        }
        let role = Roles::default().of(&info.name, &info.shape);
        let place = self.moments.get(&info.name).copied();
        let file = self.known.moments.as_ref();
        let entry = place.zip(file).map(|(place, file)| &file.layers()[place]);
        if file.is_some() && entry.is_none() {
            return skipped(
                "no moments of its inputs are known: it stays as it is, outside of the budget",
            );
        }
        if file.is_none() && role == Role::Embedding {
            return skipped(
                "a table of vectors, and how often each is used is not known: it stays as it is, outside of the budget",
            );
        }
        let is_table = entry.is_some_and(|entry| entry.is_table);
        if is_table && settings.cost == CostModel::Macs {
            return skipped("a table: looking up costs no multiplications");
        }
        let has_gradients = place
            .zip(file)
            .is_some_and(|(place, file)| file.has_gradients(place));
        if self.mode == Mode::Gradients && !has_gradients {
            return skipped(
                "no moments of its gradients are known: it stays as it is, outside of the budget",
            );
        }
        let (rows, columns) = (view.rows, view.columns);
        let places = match entry {
            Some(entry) => {
                let file = file.expect("it has the entry");
                check_shape(file, entry, [rows, columns], view.blocks)?;
                // Of a square matrix the shape does not tell.
                if !is_table && entry.transposed.is_some_and(|is| is != view.transposed) {
                    let problem = "is stored with inputs and outputs the other way round than it is read; say how it is stored";
                    return Err(PlanError::layer(file.path(), &entry.name, problem));
                }
                entry.vectors as f64 / entry.samples as f64
            }
            None if settings.cost == CostModel::Macs && info.shape.len() > 2 => {
                return Err(PlanError::Layers(format!(
                    "{}: how many places a convolution has for a sample is not known without moments, which its \
                     multiplications need",
                    tensor.name()
                )));
            }
            None => 1.0,
        };
        let held_out = self.held_out.get(&info.name).copied();
        if let Some(other) = &self.known.held_out {
            let Some(place) = held_out else {
                let problem =
                    "no held-out moments of this layer are in the file; capture both alike";
                return Err(PlanError::layer(other.path(), &info.name, problem));
            };
            check_shape(other, &other.layers()[place], [rows, columns], view.blocks)?;
        }
        let alpha = match &self.known.alpha {
            None => None,
            Some(file) => Some(*self.alpha.get(&info.name).ok_or_else(|| {
                let path = std::path::Path::new(&file.file.path);
                PlanError::layer(path, &info.name, "the file has no alpha of this layer")
            })?),
        };
        let weight_type = match &role {
            Role::Other => pattern(&info.name),
            role => role.key().to_owned(),
        };
        let (m, n) = if is_table {
            (columns, rows)
        } else {
            (rows, columns)
        };
        let is_image =
            role == Role::Convolution && info.shape.len() == 4 && info.shape[1] <= CHANNELS;
        Ok(Ok(Candidate {
            name: info.name.clone(),
            m,
            n,
            blocks: view.blocks,
            grid: if is_table {
                None
            } else {
                grid(&info.shape, columns, view.transposed)
            },
            is_table,
            is_end: role == Role::Head || is_image,
            role,
            weight_type,
            is_kept: false,
            tie: None,
            moments: place,
            held_out,
            alpha,
            rate: Rate {
                model: settings.cost,
                bytes: info.dtype.size().unwrap_or(8) as u64,
                places,
            },
        }))
    }
}

/// Returns channels, height and width of patches, or of images where the inputs are as many as a square has places.
fn grid(shape: &[usize], inputs: usize, is_transposed: bool) -> Option<[usize; 3]> {
    match shape {
        &[_, channels, height, width] if !is_transposed => Some([channels, height, width]),
        [_, _] => {
            let side = inputs.isqrt();
            (side * side == inputs).then_some([1, side, side])
        }
        _ => None,
    }
}

/// Refuses moments of a layer that the model has in another shape.
fn check_shape(
    file: &super::MomentsFile,
    entry: &super::moments::Layer,
    [rows, columns]: [usize; 2],
    blocks: usize,
) -> Result<(), PlanError> {
    if [entry.rows, entry.columns] == [rows, columns] && blocks == 1 {
        return Ok(());
    }
    let stack = if blocks > 1 {
        format!("{blocks} matrices of ")
    } else {
        String::new()
    };
    let problem = format!(
        "has moments of {} outputs and {} inputs, but in the model it is {stack}{rows} × {columns}",
        entry.rows, entry.columns
    );
    Err(PlanError::layer(file.path(), &entry.name, problem))
}

/// Takes the last layer for a head where no name tells one and it is narrow.
fn mark_last(list: &mut [Result<Candidate, Gap>]) {
    let has_head = list.iter().flatten().any(|c| c.role == Role::Head);
    let Some(last) = list.iter_mut().flatten().next_back() else {
        return;
    };
    let is_narrow = NARROW * last.m <= last.n;
    if !has_head && last.role == Role::Other && is_narrow && !last.is_table {
        last.is_end = true;
    }
}

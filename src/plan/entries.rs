//! The tensors of a model in the files of what is known of it.

use super::candidate::Candidate;
use super::cost::Rate;
use super::names::{find, pattern};
use super::{CostModel, Known, Mode, PlanError, PlanSettings};
use crate::spectrum::{Role, Roles};
use crate::weights::{Chosen, Dtype, Gap, escape};
use std::collections::{HashMap, HashSet};

/// Most channels of an image.
const CHANNELS: usize = 4;

/// Where the tensors of a model are in the files of what is known.
pub(super) struct Entries<'k> {
    known: &'k Known,
    mode: Mode,
    moments: HashMap<String, usize>,
    held_out: HashMap<String, usize>,
    alpha: HashMap<String, f64>,
    /// Tensors that are the weights of several layers, as a table of words that is the head as well.
    shared: HashSet<String>,
}

impl<'k> Entries<'k> {
    pub fn new(all: &[&str], known: &'k Known) -> Result<Entries<'k>, PlanError> {
        let mut shared = HashSet::new();
        let mut places = |file: Option<&super::MomentsFile>| {
            let mut places = HashMap::new();
            let Some(file) = file else {
                return Ok::<_, PlanError>(places);
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
                let before = places.insert(all[index].to_owned(), place);
                if before.is_some() || !layer.tied.is_empty() {
                    shared.insert(all[index].to_owned());
                }
            }
            Ok(places)
        };
        let (moments, held_out) = (
            places(known.moments.as_ref())?,
            places(known.held_out.as_ref())?,
        );
        let mut alpha = HashMap::new();
        if let Some(file) = &known.alpha {
            let path = std::path::Path::new(&file.file.path);
            let names: Vec<Vec<&str>> = (file.weights.iter())
                .map(|(name, _)| vec![name.as_str()])
                .collect();
            for ((name, weight), found) in file.weights.iter().zip(find(&names, all)) {
                let Some(index) = found else {
                    // A layer whose weight is another one's is no tensor of its own.
                    if known.names_layer(name) {
                        continue;
                    }
                    return Err(PlanError::layer(path, name, "the model has no such layer"));
                };
                if alpha.insert(all[index].to_owned(), *weight).is_some() {
                    let problem = "another name in the file is that of the same tensor";
                    return Err(PlanError::layer(path, name, problem));
                }
            }
        }
        Ok(Entries {
            known,
            mode: known.mode(),
            moments,
            held_out,
            alpha,
            shared,
        })
    }

    /// Returns a tensor with what is known of it, or why it is not in the budget.
    pub fn candidate(
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
        if self.shared.contains(&info.name) {
            return skipped(
                "the weight of several layers, which one size would have to suit: it stays as it is, outside of the budget",
            );
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
            Role::Other => escape(&pattern(&info.name)),
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

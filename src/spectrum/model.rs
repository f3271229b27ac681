//! Whole files: every tensor of every file becomes a row.

use super::correction::{benjamini_hochberg, expected_by_chance};
use super::summary::summarize;
use super::tensor::{Read, matrix, read, row};
use super::{
    Analysis, Analyzer, Correction, Decomposition, Layer, Listed, Listing, Precision,
    SCHEMA_VERSION, Summary, rescale,
};
use crate::weights::{Chosen, FileIdentity, Selection, Source, Status};
use faer::Par;
use libm::ldexp;
use rayon::prelude::*;

/// Which part of the work is at hand.
#[derive(Debug, Clone, Copy)]
pub struct Progress<'a> {
    /// Entries of the matrices finished, and of all.
    pub done: u64,
    /// Entries of all matrices.
    pub total: u64,
    /// The tensor now read.
    pub tensor: &'a str,
}

/// Analyses every tensor of `sources` that `selection` names, in order.
///
/// Tensors are read one at a time; neighbours are decomposed side by side while together they
/// are no larger than the largest of all, so memory is that of the largest and its workspace.
/// `progress` is called before each is read; it ends the run, with the rows so far, by returning
/// `false`.
pub fn analyze_sources(
    sources: &[Source],
    selection: &Selection,
    analyzer: &Analyzer,
    mut progress: impl FnMut(Progress<'_>) -> bool,
) -> Analysis {
    let planned = Chosen::all(sources, selection);
    let total = planned.iter().map(Chosen::entries).sum();
    let largest = planned.iter().map(Chosen::entries).max().unwrap_or(0);
    let mut done = 0;
    let mut layers = Vec::new();
    let mut rest = planned.as_slice();
    while !rest.is_empty() {
        let mut entries = 0;
        let together = rest
            .iter()
            .take_while(|tensor| {
                entries += tensor.entries();
                entries <= largest
            })
            .count();
        let (batch, after) = rest.split_at(together);
        rest = after;
        let mut read = Vec::new();
        for tensor in batch {
            let name = tensor.name();
            if !progress(Progress {
                done,
                total,
                tensor: &name,
            }) {
                rest = &[];
                break;
            }
            read.push((tensor, self::read(tensor)));
            done += tensor.entries();
        }
        layers.extend(batch_rows(read, analyzer));
    }
    if analyzer.settings().correction == Correction::Bh {
        benjamini_hochberg(&mut layers, analyzer.settings().significance);
    }
    Analysis {
        schema_version: SCHEMA_VERSION,
        program: format!("spectra {}", env!("CARGO_PKG_VERSION")),
        seed: analyzer.settings().seed,
        settings: analyzer.settings().clone(),
        selection: selection.clone(),
        files: sources.iter().map(FileIdentity::of).collect(),
        warnings: warnings(sources),
        complete: layers.len() == planned.len(),
        summary: Summary {
            expected_by_chance: expected_by_chance(&layers, analyzer.settings()),
            ..summarize(&mut layers, &analyzer.settings().roles)
        },
        layers,
    }
}

/// The tensors of `sources` that `selection` names, from the headers alone.
pub fn list_tensors(sources: &[Source], selection: &Selection) -> Listing {
    let tensors = Chosen::all(sources, selection)
        .iter()
        .map(|tensor| {
            let (status, reason) = tensor.gap().unzip();
            let status = status.unwrap_or(Status::Analyzed);
            let row = row(tensor, status, reason, Vec::new());
            let is_known = row.dtype != "unknown" || !row.shape.is_empty();
            let elements: u64 = row.shape.iter().map(|&n| n as u64).product();
            Listed {
                elements: if is_known { elements } else { 0 },
                status: row.status,
                name: row.name,
                file: row.file,
                dtype: row.dtype,
                shape: row.shape,
                view: row.view.map(|view| {
                    [&[view], tensor.info().notes.as_slice()]
                        .concat()
                        .join("; ")
                }),
                reason: row.reason,
            }
        })
        .collect();
    Listing {
        schema_version: SCHEMA_VERSION,
        files: sources.iter().map(FileIdentity::of).collect(),
        warnings: warnings(sources),
        tensors,
    }
}

pub(super) fn warnings(sources: &[Source]) -> Vec<String> {
    sources
        .iter()
        .flat_map(|source| source.warnings().iter().cloned())
        .collect()
}

/// Rows of tensors read together: decomposed side by side, judged one after the other, since the
/// random draws that a layer is judged by use all threads themselves.
fn batch_rows(read: Vec<(&Chosen<'_>, Read<'_>)>, analyzer: &Analyzer) -> Vec<Layer> {
    let par = if read.len() > 1 {
        Par::Seq
    } else {
        Par::rayon(0)
    };
    let layers: Vec<_> = read
        .par_iter()
        .map(|(tensor, read)| match read {
            Read::Not(..) => None,
            Read::Entries { data, view, .. } => {
                let mut notes = tensor.info().notes.clone();
                let layer = matrix(data, view, analyzer.settings(), &mut notes);
                let decomposition = Decomposition::of(&layer, par);
                Some((layer, notes, decomposition))
            }
        })
        .collect();
    read.iter()
        .zip(&layers)
        .map(|((tensor, read), layer)| match (read, layer) {
            (Read::Entries { exponent, .. }, Some((layer, notes, decomposition))) => {
                let spectrum = match decomposition {
                    Ok(decomposition) => {
                        let dtype = &tensor.info().dtype;
                        let precision = Precision {
                            relative: dtype.epsilon() / 2.0,
                            step: ldexp(dtype.smallest(), -*exponent),
                        };
                        let mut spectrum = analyzer.judge(layer, decomposition, precision);
                        rescale(&mut spectrum, *exponent);
                        spectrum
                    }
                    Err(error) => {
                        return row(
                            tensor,
                            Status::Failed,
                            Some(error.to_string()),
                            notes.clone(),
                        );
                    }
                };
                Layer {
                    spectrum: Some(spectrum),
                    ..row(tensor, Status::Analyzed, None, notes.clone())
                }
            }
            (Read::Not(status, reason), _) => row(
                tensor,
                *status,
                Some(reason.clone()),
                tensor.info().notes.clone(),
            ),
            (Read::Entries { .. }, None) => unreachable!("entries that were read are decomposed"),
        })
        .collect()
}

//! Whole files: every tensor of every file becomes a row.

use super::correction::{benjamini_hochberg, expected_by_chance};
use super::summary::summarize;
use super::tensor::{matrix, workspace};
use super::{
    Analysis, Analyzed, Analyzer, Correction, Decomposition, Layer, LayerMatrix, Listed, Listing,
    Precision, SCHEMA_VERSION, Settings, Summary, Whole, rescale,
};
use crate::linalg::NotConverged;
use crate::survey::{
    Assessment, Heading, Matrix, Meter, Progress, Stacks, Survey, survey, warnings_of,
};
use crate::weights::{Chosen, FileIdentity, Gap, Selection, Source};
use faer::Par;
use rayon::prelude::*;

/// Analyses every tensor of `sources` that `selection` names, in order.
///
/// Neighbours are decomposed side by side while together they are no larger than the largest of all, so memory is that
/// of the largest and its workspace. `progress` is told before each is read; it ends the run, with the rows so far, by
/// returning `false`.
pub fn analyze_sources(
    sources: &[Source],
    selection: &Selection,
    analyzer: &Analyzer,
    progress: impl FnMut(Progress<'_>) -> bool + Send,
) -> Analysis {
    survey(Spectra { analyzer }, sources, selection, progress)
}

struct Spectra<'a> {
    analyzer: &'a Analyzer,
}

/// A layer with its remarks, and its singular values.
struct Decomposed<'m> {
    layer: LayerMatrix<'m>,
    notes: Vec<String>,
    decomposition: Result<Decomposition, NotConverged>,
}

impl Survey for Spectra<'_> {
    type Settings = Settings;
    type Finding = Analyzed;
    type Extra = Whole;
    type Prepared<'m> = Decomposed<'m>;

    const STACKS: Stacks = Stacks::Whole;
    const IS_SIDE_BY_SIDE: bool = true;

    fn heading(&self) -> Heading<Settings> {
        let settings = self.analyzer.settings().clone();
        Heading {
            schema_version: SCHEMA_VERSION,
            seed: settings.seed,
            settings,
        }
    }

    fn prepare<'m>(&self, tensors: &[Matrix<'m>]) -> Vec<Result<Decomposed<'m>, Gap>> {
        let settings = self.analyzer.settings();
        let par = if tensors.len() > 1 {
            Par::Seq
        } else {
            Par::rayon(0)
        };
        let decomposed = |tensor: &Matrix<'m>| {
            workspace(tensor.entries.view).map_err(Gap::failed)?;
            let mut notes = Vec::new();
            let layer = matrix(tensor.entries, settings, &mut notes);
            let decomposition = Decomposition::of(&layer, par);
            Ok(Decomposed {
                layer,
                notes,
                decomposition,
            })
        };
        tensors.par_iter().map(decomposed).collect()
    }

    // one after the other: the random draws that a layer is judged by use all threads themselves
    fn assess(
        &mut self,
        matrix: &Matrix<'_>,
        prepared: &Decomposed<'_>,
        _: &Meter<'_>,
    ) -> Assessment<Analyzed> {
        let scale = matrix.entries.scale;
        let dtype = &matrix.tensor.info().dtype;
        let precision = Precision {
            relative: dtype.epsilon() / 2.0,
            step: scale.divide(dtype.smallest()),
        };
        let finding = match &prepared.decomposition {
            Err(error) => Err(Gap::failed(error)),
            Ok(decomposition) => {
                let mut spectrum = self
                    .analyzer
                    .judge(&prepared.layer, decomposition, precision);
                rescale(&mut spectrum, scale);
                Ok(Analyzed {
                    spectrum: Some(spectrum),
                    ..Analyzed::default()
                })
            }
        };
        Assessment {
            finding,
            notes: prepared.notes.clone(),
        }
    }

    fn conclude(self, layers: &mut [Layer]) -> Whole {
        let settings = self.analyzer.settings();
        if settings.correction == Correction::Bh {
            benjamini_hochberg(layers, settings.significance);
        }
        let expected_by_chance = expected_by_chance(layers, settings);
        let summary = Summary {
            expected_by_chance,
            ..summarize(layers, &settings.roles)
        };
        Whole { summary }
    }
}

/// The tensors of `sources` that `selection` names, from the headers alone.
pub fn list_tensors(sources: &[Source], selection: &Selection) -> Listing {
    let tensors = Chosen::all(sources, selection)
        .iter()
        .map(|tensor| {
            let row = Layer::new(tensor, tensor.gap().map_or(Ok(Analyzed::default()), Err));
            let is_known = row.dtype != "unknown" || !row.shape.is_empty();
            let elements: u64 = row.shape.iter().map(|&n| n as u64).product();
            let view = row
                .view
                .map(|view| [vec![view], row.notes].concat().join("; "));
            Listed {
                elements: if is_known { elements } else { 0 },
                status: row.status,
                name: row.name,
                file: row.file,
                dtype: row.dtype,
                shape: row.shape,
                view,
                reason: row.reason,
            }
        })
        .collect();
    Listing {
        schema_version: SCHEMA_VERSION,
        files: sources.iter().map(FileIdentity::of).collect(),
        warnings: warnings_of(sources),
        tensors,
    }
}

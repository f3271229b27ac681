//! The survey of a model for its layers' curves, and the budgets solved with them.

use super::candidate::Candidate;
use super::curve::Curve;
use super::group::groups;
use super::point::Point;
use super::result::{Compressible, Model, PlanTotals, PlannedLayer, SCHEMA_VERSION};
use super::solve::{Layers, curve, solve};
use super::statistics::Statistics;
use super::uniform::cheapest;
use super::{Candidates, Known, Mode, ModelPlan, PlanError, PlanFindings, PlanRow, PlanSettings};
use crate::survey::{Assessment, Heading, Matrix, Meter, Progress, Survey, survey};
use crate::weights::{Gap, Selection, Source, Status};
use rayon::prelude::*;

/// Plans for the tensors of `sources` that `candidates` were made of, in the files `model`.
///
/// `progress` is called before each tensor; when it returns `false` the run ends, and no budget is solved.
///
/// # Errors
///
/// A budget that cannot be met once layers have failed.
pub fn plan_sources(
    sources: &[Source],
    selection: &Selection,
    settings: &PlanSettings,
    (known, candidates): (&Known, &Candidates),
    model: Model,
    progress: impl FnMut(Progress<'_>) -> bool + Send,
) -> Result<ModelPlan, PlanError> {
    let mode = known.mode();
    let curves = Curves {
        settings,
        known,
        candidates,
        mode,
    };
    let mut run = survey(curves, sources, selection, progress);
    let (compressible, curve, budgets) = {
        let found = |row: &PlanRow| row.status == Status::Analyzed;
        let rows = run.rows.iter().enumerate().filter(|(_, row)| found(row));
        let rows = rows.filter_map(|(place, row)| Some((place, row, row.layer.as_ref()?)));
        let rows: Vec<(usize, &PlanRow, &PlannedLayer)> = rows.collect();
        let layers = Layers {
            layers: rows.iter().map(|row| row.2).collect(),
            rows: rows.iter().map(|row| row.0).collect(),
            names: rows.iter().map(|row| row.1.name.clone()).collect(),
        };
        let groups = groups(&layers.layers);
        let parameters = layers.layers.iter().map(|layer| layer.rows * layer.columns);
        let compressible = Compressible {
            layers: layers.layers.len(),
            parameters: parameters.map(|count| count as u64).sum(),
            cost: layers.layers.iter().map(|layer| layer.cost).sum(),
            least: cheapest(&groups),
        };
        let is_solved = run.complete && !groups.is_empty();
        let shares = settings.budgets.iter().filter(|_| is_solved);
        let unit = settings.cost.unit();
        let budgets = shares.map(|&share| solve(&layers, &groups, mode, share, unit));
        let budgets = budgets.collect::<Result<Vec<_>, _>>()?;
        let curve = if is_solved {
            curve(&groups, mode)
        } else {
            Vec::new()
        };
        (compressible, curve, budgets)
    };
    name_ties(&mut run.rows);
    run.extra = PlanTotals {
        model,
        knowledge: known.knowledge(),
        compressible,
        curve,
        budgets,
    };
    Ok(run)
}

/// Names the first of the layers that have one size.
fn name_ties(rows: &mut [PlanRow]) {
    let mut first: std::collections::HashMap<(String, usize), String> = Default::default();
    for row in rows {
        let name = row.name.clone();
        let Some(layer) = &mut row.finding.layer else {
            continue;
        };
        layer.tied = layer.tie.clone().map(|tie| {
            let first = first.entry((tie, layer.block)).or_insert(name);
            first.clone()
        });
    }
}

struct Curves<'a> {
    settings: &'a PlanSettings,
    known: &'a Known,
    candidates: &'a Candidates,
    mode: Mode,
}

impl Survey for Curves<'_> {
    type Settings = PlanSettings;
    type Finding = PlanFindings;
    type Extra = PlanTotals;
    type Prepared<'m> = Vec<Result<Vec<Point>, Gap>>;

    const IS_SIDE_BY_SIDE: bool = true;

    fn heading(&self) -> Heading<PlanSettings> {
        Heading {
            schema_version: SCHEMA_VERSION,
            seed: 0,
            settings: self.settings.clone(),
        }
    }

    fn admit(&self, _: &crate::weights::Chosen<'_>, position: usize) -> Result<(), Gap> {
        self.candidate(position).map(|_| ())
    }

    fn prepare<'m>(&self, tensors: &[Matrix<'m>]) -> Vec<Result<Self::Prepared<'m>, Gap>> {
        tensors
            .par_iter()
            .map(|matrix| self.curves(matrix))
            .collect()
    }

    fn assess(
        &mut self,
        matrix: &Matrix<'_>,
        prepared: &Self::Prepared<'_>,
        _: &Meter<'_>,
    ) -> Assessment<PlanFindings> {
        let layer = |points: &Vec<Point>| {
            let candidate = self.candidate(matrix.position)?;
            Ok(PlanFindings {
                layer: Some(self.layer(candidate, matrix, points.clone())),
            })
        };
        let points = prepared[matrix.block].as_ref();
        points.map_err(Gap::clone).and_then(layer).into()
    }

    fn conclude(self, _: &mut [PlanRow]) -> PlanTotals {
        PlanTotals::default()
    }
}

impl Curves<'_> {
    fn candidate(&self, position: usize) -> Result<&Candidate, Gap> {
        self.candidates.list[position].as_ref().map_err(Gap::clone)
    }

    /// Returns the curve of each matrix of a tensor.
    fn curves(&self, matrix: &Matrix<'_>) -> Result<Vec<Result<Vec<Point>, Gap>>, Gap> {
        let candidate = self.candidate(matrix.position)?;
        let statistics = self.statistics(candidate).map_err(Gap::failed)?;
        let unit = matrix.entries.scale.restore_square(1.0);
        let curve = |block: usize| {
            let w = matrix.entries.block(block);
            let w = if candidate.is_table { w.transpose() } else { w };
            let curve = Curve {
                w,
                statistics: &statistics,
                candidate,
                mode: self.mode,
                settings: self.settings,
                unit,
            };
            let points = curve.points();
            let is_finite = |point: &Point| {
                let Some(held_out) = point.error.held_out else {
                    return point.error.calibration.is_finite();
                };
                point.error.calibration.is_finite() && held_out.is_finite()
            };
            if points.iter().all(is_finite) {
                Ok(points)
            } else {
                Err(Gap::failed("its errors are beyond the range of numbers"))
            }
        };
        let blocks = 0..candidate.blocks;
        Ok(blocks.into_par_iter().map(curve).collect())
    }

    /// Reads what is known of what enters a layer and of its gradients.
    fn statistics(&self, candidate: &Candidate) -> Result<Statistics, PlanError> {
        let (Some(file), Some(place)) = (&self.known.moments, candidate.moments) else {
            return Ok(Statistics::unknown(candidate.n));
        };
        let held_out = self.known.held_out.as_ref().zip(candidate.held_out);
        Ok(Statistics {
            inputs: file.inputs(place)?,
            held_out: held_out
                .map(|(file, place)| file.inputs(place))
                .transpose()?,
            gradients: file.gradients(place)?,
        })
    }

    fn layer(
        &self,
        candidate: &Candidate,
        matrix: &Matrix<'_>,
        points: Vec<Point>,
    ) -> PlannedLayer {
        let view = matrix.entries.view;
        let file = self.known.moments.as_ref().zip(candidate.moments);
        PlannedLayer {
            tensor: candidate.name.clone(),
            block: matrix.block,
            blocks: view.blocks,
            rows: view.rows,
            columns: view.columns,
            transposed: view.transposed,
            table: candidate.is_table,
            grid: candidate.grid,
            role: candidate.role.clone(),
            weight_type: candidate.weight_type.clone(),
            tied: None,
            kept: candidate.is_kept,
            moments: file.map(|(file, place)| file.layers()[place].name.clone()),
            alpha: candidate.alpha,
            cost: candidate.dense(),
            points,
            tie: candidate.tie.clone(),
            is_end: candidate.is_end,
        }
    }
}

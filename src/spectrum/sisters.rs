//! Sister networks: the same layer in different numbers of blocks, or at different times (Nesky,
//! Stout 2019, section 5).

use super::baseline::mean_distance;
use super::draws::{Shape, descending};
use super::tensor::{matrix, workspace};
use super::{Analyzer, Comparison, Decomposition, Pair, SCHEMA_VERSION, SisterSettings, Sisters};
use crate::survey::{Heading, Normalised, Progress, Run};
use crate::weights::{Chosen, Gap, Namesakes, Selection, Source, Status, escape, owners, prefixes};
use faer::Par;
use std::collections::BTreeSet;

/// Compares every tensor of the first of `sources` with its namesakes in the others; with
/// `settings.track` also with itself, as step 0.
///
/// `progress` is called before each tensor of the first file and ends the run, with the pairs so
/// far, by returning `false`.
///
/// # Panics
///
/// When there is no source.
pub fn compare_sources(
    sources: &[Source],
    selection: &Selection,
    settings: &SisterSettings,
    mut progress: impl FnMut(Progress<'_>) -> bool,
) -> Comparison {
    let analyzer = Analyzer::new(settings.spectrum.clone());
    let (one, others) = sources.split_first().expect("a file to compare with");
    let wanted = Chosen::all(std::slice::from_ref(one), selection);
    let namesakes = others.iter().map(|other| Namesakes::between(one, other));
    let namesakes: Vec<Namesakes> = namesakes.collect();
    let (own_owners, other_owners) = (owners(one), others.iter().map(owners));
    let other_owners: Vec<Vec<Option<usize>>> = other_owners.collect();
    let total = wanted.iter().map(Chosen::entries).sum();
    let mut done = 0;
    let mut pairs = Vec::new();
    let mut met: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); others.len()];
    let mut changed: BTreeSet<(usize, String, String)> = BTreeSet::new();
    let mut differing: BTreeSet<usize> = BTreeSet::new();
    let mut complete = true;
    for (place, tensor) in wanted.iter().enumerate() {
        let shown = tensor.name();
        if !progress(Progress {
            done,
            total,
            tensor: &shown,
            detail: "",
        }) {
            complete = false;
            break;
        }
        done += tensor.entries();
        // Tensors that are tied to the same one on both sides have one row, all others their own.
        let namesake = |other: usize| {
            let index = namesakes[other].find(tensor.index())?;
            let namesake = Chosen::new(&others[other], index, selection);
            let owner = own_owners[tensor.index()].and_then(|owner| namesakes[other].find(owner));
            let is_repeated = owner.is_some() && owner == other_owners[other][index];
            Some((namesake, is_repeated))
        };
        let is_apart = (0..others.len()).any(|other| matches!(namesake(other), Some((_, false))));
        let own = is_apart.then(|| tensor.own(selection));
        let first = sister(own.as_ref().unwrap_or(tensor), &analyzer);
        let first = first.map_err(|gap| of(one, gap));
        let judge =
            |first: &Result<Sister, Gap>, second: &Result<Sister, Gap>| match (first, second) {
                (Ok(first), Ok(second)) => analyzer.compare(first, second, settings),
                (Err(gap), _) | (_, Err(gap)) => Err(gap.clone()),
            };
        let row = Row {
            name: &shown,
            place: Some(place),
            one,
        };
        if settings.track {
            pairs.push(row.pair(one, 0, None, judge(&first, &first)));
        }
        for (other, source) in others.iter().enumerate() {
            let name = &tensor.info().name;
            let Some((namesake, is_repeated)) = namesake(other) else {
                differing.insert(other);
                let gap = match (tensor.gap(), source.whole_file_problem()) {
                    (Some(gap), _) if gap.status == Status::Failed => of(one, gap),
                    (_, Some(problem)) => Gap::failed(problem),
                    (_, None) => Gap::skipped(format!("not in {}", file(source))),
                };
                pairs.push(row.pair(source, other + 1, None, Err(gap)));
                continue;
            };
            met[other].insert(namesake.index());
            let namesake = if is_repeated {
                namesake
            } else {
                namesake.own(selection)
            };
            let other_name = &namesake.info().name;
            let renamed = (other_name != name).then(|| {
                let (before, after) = prefixes(name, other_name);
                changed.insert((other, before.to_owned(), after.to_owned()));
                namesake.name()
            });
            let second = sister(&namesake, &analyzer);
            if first != second {
                differing.insert(other);
            }
            pairs.push(row.pair(source, other + 1, renamed, judge(&first, &second)));
        }
    }
    if complete {
        for (other, source) in others.iter().enumerate() {
            let lone = (0..source.tensors().len())
                .filter(|index| !met[other].contains(index))
                .map(|index| Chosen::new(source, index, selection))
                .filter(|tensor| selection.names(&tensor.info().name));
            for tensor in lone {
                differing.insert(other);
                let gap = match (tensor.gap(), one.whole_file_problem()) {
                    (Some(gap), _) => gap,
                    (None, Some(problem)) => Gap::failed(format!("{}: {problem}", file(one))),
                    (None, None) => Gap::skipped(format!("not in {}", file(one))),
                };
                let row = Row {
                    name: &tensor.name(),
                    place: None,
                    one,
                };
                pairs.push(row.pair(source, other + 1, None, Err(gap)));
            }
        }
    }
    let heading = Heading {
        schema_version: SCHEMA_VERSION,
        seed: settings.spectrum.seed,
        settings: settings.clone(),
    };
    let mut run = Run::new(heading, sources, selection, ());
    run.warnings.extend(changed.iter().map(|(other, one, two)| {
        format!(
            "{}: names were matched with '{}' in the place of '{}'",
            file(&others[*other]),
            escape(two),
            escape(one)
        )
    }));
    let same = (0..others.len()).filter(|other| complete && !differing.contains(other));
    run.warnings.extend(same.filter(|_| !wanted.is_empty()).map(|other| {
        format!(
            "{} holds the same spectra as {}: all distances are those of one network to random matrices",
            file(&others[other]),
            file(one)
        )
    }));
    pairs.sort_by_key(|pair| pair.step);
    Run {
        complete,
        rows: pairs,
        ..run
    }
}

/// Says of what has failed in which file that was.
fn of(source: &Source, gap: Gap) -> Gap {
    match gap.status {
        Status::Failed => Gap::failed(format!("{}: {}", file(source), gap.reason)),
        _ => gap,
    }
}

fn file(source: &Source) -> String {
    escape(&source.path().to_string_lossy())
}

/// What a comparison needs of a layer.
#[derive(Debug, Clone, PartialEq)]
pub struct Sister {
    shape: Shape,
    variance: f64,
    values: Vec<f64>,
}

impl Sister {
    /// A layer of `blocks` blocks of `rows` × `columns`, by the variance of their entries and all their singular values.
    pub fn new([blocks, rows, columns]: [usize; 3], variance: f64, values: Vec<f64>) -> Sister {
        let shape = Shape {
            blocks,
            rows,
            columns,
        };
        Sister {
            shape,
            variance,
            values: descending(values),
        }
    }
}

/// What the pairs of a tensor have in common.
struct Row<'a> {
    name: &'a str,
    place: Option<usize>,
    one: &'a Source,
}

impl Row<'_> {
    fn pair(
        &self,
        other: &Source,
        step: usize,
        other_name: Option<String>,
        found: Result<Sisters, Gap>,
    ) -> Pair {
        let (status, reason, sisters) = match found {
            Ok(sisters) => (Status::Analyzed, None, Some(sisters)),
            Err(Gap { status, reason }) => (status, Some(reason), None),
        };
        Pair {
            name: self.name.to_owned(),
            other_name,
            place: self.place,
            one: escape(&self.one.path().to_string_lossy()),
            other: escape(&other.path().to_string_lossy()),
            step,
            status,
            reason,
            sisters,
        }
    }
}

fn sister(tensor: &Chosen<'_>, analyzer: &Analyzer) -> Result<Sister, Gap> {
    let entries = Normalised::read(tensor)?;
    workspace(entries.view).map_err(Gap::failed)?;
    let layer = matrix(&entries, analyzer.settings(), &mut Vec::new());
    let found = Decomposition::of(&layer, Par::rayon(0)).map_err(Gap::failed)?;
    let (scale, values) = (entries.scale, found.blocks.concat().into_iter());
    Ok(Sister {
        shape: Shape::of(&layer),
        variance: scale.restore_square(found.moments.variance),
        values: descending(values.map(|s| scale.restore(s)).collect()),
    })
}

impl Analyzer {
    /// Compares two layers, ONE and OTHER.
    ///
    /// # Errors
    ///
    /// Why there is no comparison: their full shapes differ.
    pub fn compare(
        &self,
        one: &Sister,
        other: &Sister,
        settings: &SisterSettings,
    ) -> Result<Sisters, Gap> {
        let (full, full_other) = (one.shape.full(), other.shape.full());
        if full != full_other {
            let reason = format!(
                "{} x {} here, {} x {} in OTHER",
                full.rows, full.columns, full_other.rows, full_other.columns
            );
            return Err(Gap::skipped(reason));
        }
        let (b_one, b_other) = (one.shape.blocks as f64, other.shape.blocks as f64);
        let mut sisters = Sisters {
            rows: full.rows,
            columns: full.columns,
            blocks_one: one.shape.blocks,
            blocks_other: other.shape.blocks,
            variance_one: one.variance,
            variance_other: other.variance,
            expected_ratio: settings.initialisation.variance_ratio(b_one, b_other),
            draws: settings.spectrum.draws,
            singular_values: Some(other.values.clone()),
            ..Sisters::default()
        };
        if one.variance > 0.0 && other.variance > 0.0 {
            let (full, blocks) = (self.gaussian(full), self.gaussian(other.shape));
            let random = full.compare(&other.values, (one.variance / b_one).sqrt());
            let matched = blocks.compare(&other.values, other.variance.sqrt());
            let level = (other.variance * b_one / (one.variance * b_other)).sqrt();
            let expected: Vec<f64> = random.mean.iter().map(|r| r * level).collect();
            sisters.variance_ratio = Some(other.variance / one.variance);
            sisters.expected_level = Some(level);
            sisters.mean_distance = Some(random.mean_distance);
            sisters.mean_distance_from_expected = Some(mean_distance(&other.values, &expected));
            sisters.chance_distance = Some(blocks.chance_distance(&full, other.shape.blocks));
            sisters.mean_distance_matched = Some(matched.mean_distance);
            sisters.largest_ratio = Some(random.largest_ratio);
            sisters.smallest_ratio = random.smallest_ratio;
            sisters.ratios = random.ratios;
        }
        Ok(sisters)
    }
}

//! A whole analysis in a few numbers and names.

use super::depth::Depth;
use super::skipped::{skip_kind, skipped};
use super::{
    Compressible, DepthSummary, Group, Layer, LayerSpectrum, Mention, Role, RoleSummary, Roles,
    SkipKind, Summary, Suspicious, VerdictCount, VerdictKind,
};
use crate::weights::Status;

/// Share of Σs² that a smaller matrix is to hold.
const ENERGY: f64 = 0.9;
/// Largest share of a matrix's numbers that counts as compressible.
const MOST_NUMBERS: f64 = 0.5;

/// All verdicts, in the order in which they are listed.
const KINDS: [VerdictKind; 6] = [
    VerdictKind::Noise,
    VerdictKind::Spikes,
    VerdictKind::HeavyTail,
    VerdictKind::NoBulk,
    VerdictKind::LowRank,
    VerdictKind::Degenerate,
];

/// Gives every row its role and its depth, and sums the rows up.
pub(super) fn summarize(layers: &mut [Layer], roles: &Roles) -> Summary {
    for layer in layers.iter_mut() {
        layer.finding.role = roles.of(&layer.name, &layer.shape);
        layer.finding.depth = Depth::of(&layer.name);
    }
    Summary::of(layers)
}

impl Summary {
    /// Of rows that have their roles and depths.
    pub fn of(layers: &[Layer]) -> Summary {
        let analyzed: Vec<Row<'_>> = layers.iter().enumerate().filter_map(Row::of).collect();
        // Of what cannot be read the shape may be unknown, which is not that of a scalar.
        let is_known = |layer: &&Layer| layer.status != Status::Failed || !layer.shape.is_empty();
        let of = |layer: &Layer| layer.shape.iter().map(|&n| n as u64).product::<u64>();
        let own = layers.iter().filter(is_known).filter(|layer| {
            !matches!(
                skip_kind(layer),
                Some(SkipKind::Alias | SkipKind::NotWeight)
            )
        });
        let all = Group::of(&analyzed);
        Summary {
            tensors: layers.len(),
            matrices: analyzed.len(),
            parameters: own.map(of).fold(0, u64::saturating_add),
            matrix_parameters: all.parameters,
            skipped: skipped(layers),
            verdicts: all.verdicts,
            expected_by_chance: 0.0,
            roles: by_role(&analyzed),
            depths: by_depth(&analyzed),
            like_noise: analyzed
                .iter()
                .filter(|row| row.spectrum.verdict.kind == VerdictKind::Noise)
                .map(Row::mention)
                .collect(),
            compressible: compressible(&analyzed),
            suspicious: analyzed
                .iter()
                .filter_map(|row| {
                    Some(Suspicious {
                        layer: row.mention(),
                        reason: suspicion(row.spectrum)?,
                    })
                })
                .collect(),
        }
    }
}

/// A row with a spectrum.
#[derive(Clone, Copy)]
struct Row<'a> {
    position: usize,
    layer: &'a Layer,
    spectrum: &'a LayerSpectrum,
}

impl<'a> Row<'a> {
    fn of((index, layer): (usize, &'a Layer)) -> Option<Row<'a>> {
        let spectrum = layer.spectrum.as_ref()?;
        (layer.status == Status::Analyzed).then_some(Row {
            position: index + 1,
            layer,
            spectrum,
        })
    }

    fn mention(&self) -> Mention {
        Mention {
            row: self.position,
            name: self.layer.name.clone(),
            file: self.layer.file.clone(),
        }
    }

    fn is(&self, kind: VerdictKind) -> bool {
        self.spectrum.verdict.kind == kind
    }
}

impl Group {
    fn of(rows: &[Row<'_>]) -> Group {
        let parameters = |rows: &mut dyn Iterator<Item = &Row<'_>>| {
            rows.map(|row| row.spectrum.parameters as u64).sum::<u64>()
        };
        let verdicts = KINDS.into_iter().map(|kind| VerdictCount {
            kind,
            matrices: rows.iter().filter(|row| row.is(kind)).count(),
            parameters: parameters(&mut rows.iter().filter(|row| row.is(kind))),
        });
        let heavy = rows.iter().filter(|row| row.is(VerdictKind::HeavyTail));
        Group {
            matrices: rows.len(),
            parameters: parameters(&mut rows.iter()),
            verdicts: verdicts.filter(|count| count.matrices > 0).collect(),
            effective_rank_share: median(
                rows.iter()
                    .filter_map(|row| rank_share(row.spectrum))
                    .collect(),
            ),
            heavy_alpha: median(
                heavy
                    .filter_map(|row| Some(row.spectrum.power_law.as_ref()?.alpha))
                    .collect(),
            ),
        }
    }
}

/// Effective rank over the number of singular values.
fn rank_share(s: &LayerSpectrum) -> Option<f64> {
    let values = s.rows.min(s.columns);
    Some(s.effective_rank? / values as f64).filter(|share| share.is_finite())
}

/// Middle value, or the mean of the two in the middle; `None` without values.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(values[middle]),
        _ => Some(0.5 * (values[middle - 1] + values[middle])),
    }
}

fn by_role(rows: &[Row<'_>]) -> Vec<RoleSummary> {
    let mut roles: Vec<&Role> = Vec::new();
    for row in rows {
        if !roles.contains(&&row.layer.role) {
            roles.push(&row.layer.role);
        }
    }
    // The sort is stable: the user's own roles stay in the order of the file.
    roles.sort_by_key(|role| role.place());
    let of = |role: &&Role| RoleSummary {
        role: (*role).clone(),
        group: Group::of(&chosen(rows, |row| row.layer.role == **role)),
    };
    roles.iter().map(of).collect()
}

fn by_depth(rows: &[Row<'_>]) -> Vec<DepthSummary> {
    // A stack's layers stand together, in the order in which its first one comes.
    let mut stacks: Vec<(&str, &str)> = Vec::new();
    let mut places: Vec<(usize, usize, Row<'_>)> = Vec::new();
    for row in rows {
        let Some(depth) = &row.layer.depth else {
            continue;
        };
        let stack = (row.layer.file.as_str(), depth.stack.as_str());
        let known = stacks.iter().position(|known| *known == stack);
        let place = known.unwrap_or_else(|| {
            stacks.push(stack);
            stacks.len() - 1
        });
        places.push((place, depth.layer, *row));
    }
    places.sort_by_key(|&(stack, layer, _)| (stack, layer));
    let same = |a: &(usize, usize, Row<'_>), b: &(usize, usize, Row<'_>)| (a.0, a.1) == (b.0, b.1);
    let groups = places.chunk_by(same).map(|group| {
        let (file, stack) = stacks[group[0].0];
        let rows: Vec<Row<'_>> = group.iter().map(|&(_, _, row)| row).collect();
        DepthSummary {
            file: file.to_owned(),
            stack: stack.to_owned(),
            layer: group[0].1,
            group: Group::of(&rows),
        }
    });
    groups.collect()
}

fn chosen<'a>(rows: &[Row<'a>], is_wanted: impl Fn(&Row<'a>) -> bool) -> Vec<Row<'a>> {
    rows.iter().copied().filter(|row| is_wanted(row)).collect()
}

fn compressible(rows: &[Row<'_>]) -> Vec<Compressible> {
    let of = |row: &Row<'_>| {
        let s = row.spectrum;
        let values = s.singular_values.as_deref()?;
        let energy_rank = energy_rank(values)?;
        // A stack of blocks keeps its blocks: two factors a block, of its share of the rank.
        let (m, n) = s
            .blocks
            .as_ref()
            .map_or((s.rows, s.columns), |b| (b.rows, b.columns));
        let numbers = energy_rank as f64 * (m + n) as f64;
        let parameter_share = numbers / s.parameters as f64;
        let wanted = parameter_share < MOST_NUMBERS && !row.is(VerdictKind::Degenerate);
        wanted.then_some(Compressible {
            layer: row.mention(),
            effective_rank_share: rank_share(s)?,
            energy_rank,
            parameter_share,
        })
    };
    let mut all: Vec<Compressible> = rows.iter().filter_map(of).collect();
    all.sort_by(|a, b| a.effective_rank_share.total_cmp(&b.effective_rank_share));
    all
}

/// Fewest of the largest `values` whose squares sum to 90 %; `None` where all vanish.
fn energy_rank(values: &[f64]) -> Option<usize> {
    let largest = *values.first().filter(|s| **s > 0.0)?;
    // Scaled, so that no square leaves the range of numbers.
    let square = |s: &f64| (s / largest).powi(2);
    let wanted = ENERGY * values.iter().map(square).sum::<f64>();
    let mut sum = 0.0;
    let short = values.iter().take_while(|s| {
        sum += square(s);
        sum < wanted
    });
    Some((short.count() + 1).min(values.len()))
}

/// What is odd about a matrix, in words.
fn suspicion(s: &LayerSpectrum) -> Option<String> {
    let too_small = s.verdict.text.contains("too few");
    if s.verdict.kind == VerdictKind::Degenerate {
        return (!too_small).then(|| s.verdict.text.clone());
    }
    let c = &s.cleaning;
    let count = |count: usize, one: &str, several: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        count => Some(format!("{count} {several}")),
    };
    let values = s.rows.min(s.columns);
    let left = values.saturating_sub(s.rank);
    // Zero and repeated lines lower the rank as well: that is said once.
    let lines = c.zero_rows + c.zero_columns + c.repeated_rows + c.repeated_columns;
    let parts = [
        count(c.outlying_entries, "outlying entry", "outlying entries"),
        count(c.zero_rows, "zero row", "zero rows"),
        count(c.zero_columns, "zero column", "zero columns"),
        count(c.repeated_rows, "repeated row", "repeated rows"),
        count(c.repeated_columns, "repeated column", "repeated columns"),
        (left > lines).then(|| format!("rank {} of {values}", s.rank)),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests;

//! What was found, in plain words.

use super::finding::{Degenerate as Reason, Finding};
use super::{EntryLaw, LayerSpectrum, TailLaw, UnequalLines, Verdict, VerdictKind};

/// The verdict on a layer from the findings on its blocks; of a plain matrix there is one.
pub(super) fn verdict(findings: &[Finding], spectrum: &LayerSpectrum) -> Verdict {
    match findings {
        [one] => Verdict {
            kind: one.kind,
            text: join([Some(sentence(one, spectrum)), set_aside(spectrum)]),
            p_value: one.p_value,
        },
        blocks => stack(blocks, spectrum),
    }
}

/// What one matrix looks like.
fn sentence(finding: &Finding, spectrum: &LayerSpectrum) -> String {
    let values = finding.values.len();
    let rank = (finding.rank < values).then(|| format!("rank {} of {values}", finding.rank));
    let found = match finding.kind {
        VerdictKind::Degenerate => return degenerate(finding.reason, values),
        VerdictKind::LowRank => return rank.unwrap_or_default(),
        VerdictKind::Noise => noise(finding),
        VerdictKind::Spikes => outside(finding),
        VerdictKind::HeavyTail => heavy_tail(finding),
        VerdictKind::NoBulk if finding.reason == Some(Reason::Diagonal) => diagonal().into(),
        VerdictKind::NoBulk => no_bulk(spectrum),
    };
    join([rank, Some(found)])
}

fn degenerate(reason: Option<Reason>, values: usize) -> String {
    match reason {
        None | Some(Reason::Zero) => "all zero".into(),
        Some(Reason::Constant) => "constant entries".into(),
        Some(Reason::TooFew) => format!("{} too few to judge", are(values, "value")),
        Some(Reason::FewEntries) => "a few entries hold the energy: too few to judge".into(),
        Some(Reason::Diagonal) => diagonal().into(),
        Some(Reason::EqualValues) => format!("all {values} singular values are equal"),
    }
}

/// A square matrix whose diagonal is far larger than its other entries.
fn diagonal() -> &'static str {
    "no random bulk: the diagonal stands out"
}

fn noise(finding: &Finding) -> String {
    let lines = match finding.noise.unequal {
        None => "",
        Some(UnequalLines::Rows) => " with rows of unequal scale",
        Some(UnequalLines::Columns) => " with columns of unequal scale",
        Some(UnequalLines::Both) => " with rows and columns of unequal scale",
    };
    format!("like noise{}{lines}", entries(finding))
}

/// What the entries of the noise are, where they are not those of a Gaussian matrix.
fn entries(finding: &Finding) -> &'static str {
    match finding.noise.entries {
        EntryLaw::Gaussian => "",
        EntryLaw::Shuffled => " of heavy-tailed entries",
    }
}

fn outside(finding: &Finding) -> String {
    let below = finding.bulk.as_ref().map_or(0, |bulk| bulk.below);
    let bulk = format!("a random bulk{}", entries(finding));
    let mean = match (finding.mean_spike, finding.spikes.len()) {
        (None, _) => "",
        (Some(_), 1) => ", the mean of all entries",
        (Some(_), _) => ", one of them the mean of all entries",
    };
    match (finding.spikes.len(), below) {
        (0, below) => format!("{} below {bulk}", counted(below, "value")),
        (above, 0) => format!("{} above {bulk}{mean}", counted(above, "spike")),
        (above, below) => format!(
            "{} above {bulk}{mean}, {} below it",
            counted(above, "spike"),
            counted(below, "value")
        ),
    }
}

fn heavy_tail(finding: &Finding) -> String {
    let Some(fit) = &finding.power_law else {
        return "heavy tail".into();
    };
    let alpha = format!("alpha {:.1}", fit.alpha);
    match fit.rivals.as_ref().map(|rivals| rivals.preferred) {
        Some(TailLaw::Lognormal) => "heavy tail: a lognormal rather than a power law".into(),
        Some(TailLaw::PowerLaw) => format!("heavy tail: a power law, {alpha}"),
        _ => format!("heavy tail: a power law or a lognormal, {alpha}"),
    }
}

/// What is known of a spectrum that no law describes.
fn no_bulk(spectrum: &LayerSpectrum) -> String {
    let values = spectrum.singular_values.as_deref().unwrap_or_default();
    let all: f64 = values.iter().map(|s| s * s).sum();
    let mut sum = 0.0;
    let half = values.iter().take_while(|s| {
        let before = sum;
        sum += *s * *s;
        before < 0.5 * all
    });
    let half = half.count();
    let rank = spectrum.effective_rank.unwrap_or_default();
    format!(
        "no random bulk; half of Σs² in {half} of {} values, effective rank {rank:.0}",
        values.len()
    )
}

/// Lines and entries that were set aside, as counts.
fn set_aside(spectrum: &LayerSpectrum) -> Option<String> {
    let left = &spectrum.cleaning;
    let lines = [
        (left.zero_rows, "zero row"),
        (left.zero_columns, "zero column"),
        (left.repeated_rows, "repeated row"),
        (left.repeated_columns, "repeated column"),
        (left.outlying_entries, "outlying entr"),
    ];
    let parts: Vec<String> = lines
        .into_iter()
        .filter(|&(count, _)| count > 0)
        .map(|(count, noun)| match noun.strip_suffix("entr") {
            Some(outlying) if count == 1 => format!("1 {outlying}entry"),
            Some(outlying) => format!("{count} {outlying}entries"),
            None => counted(count, noun),
        })
        .collect();
    let degenerate = spectrum.spectral_norm == 0.0;
    (!parts.is_empty() && !degenerate).then(|| format!("{} set aside", parts.join(", ")))
}

/// A stack of matrices: how many of each kind, and what stands out of their bulks.
fn stack(blocks: &[Finding], spectrum: &LayerSpectrum) -> Verdict {
    use VerdictKind::*;
    let count = blocks.len();
    let of = |kind| blocks.iter().filter(|block| block.kind == kind).count();
    let too_few = |block: &&Finding| block.reason == Some(Reason::TooFew);
    if blocks.iter().filter(too_few).count() > 0 {
        let block = spectrum.blocks.as_ref();
        let values = block.map_or(0, |block| block.rows.min(block.columns));
        return Verdict {
            kind: Degenerate,
            text: format!(
                "{} a block {} too few to judge",
                counted(values, "value"),
                verb(values)
            ),
            p_value: None,
        };
    }
    let phrases = [
        (Spikes, "with values outside a random bulk"),
        (HeavyTail, "with a heavy tail"),
        (NoBulk, "without a random bulk"),
        (LowRank, "of low rank"),
        (Noise, "like noise"),
        (Degenerate, "zero, constant or without spread"),
    ];
    // The kind of most blocks that are not noise names the stack.
    let named = [Spikes, HeavyTail, NoBulk, LowRank]
        .into_iter()
        .rev()
        .max_by_key(|&kind| of(kind));
    let kind = match named {
        Some(kind) if of(kind) > 0 => kind,
        _ if of(Noise) > 0 => Noise,
        _ => Degenerate,
    };
    let parts: Vec<String> = phrases
        .into_iter()
        .filter(|&(kind, _)| of(kind) > 0)
        .map(|(kind, words)| {
            if of(kind) == count {
                format!("all {words}")
            } else {
                format!("{} {words}", of(kind))
            }
        })
        .collect();
    let spikes: usize = blocks.iter().map(|block| block.spikes.len()).sum();
    let spikes = (spikes > 0).then(|| format!("{} in all", counted(spikes, "spike")));
    let p_values = blocks.iter().filter_map(|block| block.p_value);
    let least = p_values.min_by(f64::total_cmp);
    Verdict {
        kind,
        text: join([
            Some(format!("{count} blocks: {}", parts.join(", "))),
            spikes,
            set_aside(spectrum),
        ]),
        p_value: least.map(|p| (p * count as f64).min(1.0)),
    }
}

fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn are(count: usize, noun: &str) -> String {
    format!("{} {}", counted(count, noun), verb(count))
}

fn verb(count: usize) -> &'static str {
    if count == 1 { "is" } else { "are" }
}

fn join<const N: usize>(parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join("; ")
}

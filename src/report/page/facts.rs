//! The facts about a layer: lists of terms and texts, which the script of the page shows when the layer is opened.

use crate::report::column::pick;
use crate::report::format::{digits, percent};
use crate::report::layers::SPECTRUM;
use crate::report::text::{counted, file_name, grouped, shown_name, shown_p};
use crate::spectrum::{Analysis, Layer, LayerSpectrum, TailLaw, UnequalLines};
use serde::Serialize;

/// Outlying entries named.
const OUTLYING: usize = 5;
/// Samples of the goodness of fit.
const FITS: usize = 200;

/// A fact about a layer.
enum Fact {
    /// A term, and the number of its spectrum by the key of its column.
    Number(&'static str, &'static str),
    /// A term, and its text where there is one.
    Own(&'static str, fn(&Context<'_>) -> Option<String>),
    /// The same of what has a spectrum.
    Spectrum(
        &'static str,
        fn(&LayerSpectrum, &Context<'_>) -> Option<String>,
    ),
}

/// What the text of a fact is made of.
struct Context<'a> {
    analysis: &'a Analysis,
    layer: &'a Layer,
}

use Fact::{Number, Own, Spectrum};

const FACTS: [(&str, &[Fact]); 4] = [
    (
        "The matrix",
        &[
            Own("file", |c| {
                let several = c.analysis.files.len() > 1;
                several.then(|| file_name(&c.layer.file))
            }),
            Own("shape", |c| {
                let sizes: Vec<String> = c.layer.shape.iter().map(usize::to_string).collect();
                Some(match sizes.is_empty() {
                    true => "scalar".to_owned(),
                    false => sizes.join(" × "),
                })
            }),
            Own("type", |c| Some(shown_name(&c.layer.dtype))),
            Own("read as", |c| c.layer.view.as_deref().map(shown_name)),
            Own("role", |c| {
                let role = c.layer.role.key();
                (role != "other").then(|| shown_name(&role.replace('_', " ")))
            }),
            Own("depth", |c| {
                let depth = c.layer.depth.as_ref()?;
                let stack = match depth.stack.as_str() {
                    "" => "the file".to_owned(),
                    stack => shown_name(stack),
                };
                Some(format!("{} in {stack}", depth.layer))
            }),
            Spectrum("parameters", |s, _| Some(grouped(s.parameters))),
            Number("mean", "mean"),
            Number("variance", "variance"),
            Number("kurtosis", "kurtosis"),
            Number("largest entry", "largest_entry"),
            Spectrum("set aside", |s, _| set_aside(s)),
            Spectrum("they are at", |s, _| {
                let at = s.cleaning.outlying_at.iter().take(OUTLYING);
                let at: Vec<String> = at.map(|(i, j)| format!("[{i}, {j}]")).collect();
                (!at.is_empty()).then(|| at.join(", "))
            }),
        ],
    ),
    (
        "Its size and rank",
        &[
            Number("Frobenius norm", "frobenius_norm"),
            Number("spectral norm s₁", "spectral_norm"),
            Number("nuclear norm", "nuclear_norm"),
            Spectrum("rank", |s, _| {
                let values = s.singular_values.as_ref().map(Vec::len);
                let count = values.unwrap_or(s.rows.min(s.columns));
                Some(format!("{} of {count}", s.rank))
            }),
            Number("stable rank", "stable_rank"),
            Number("effective rank", "effective_rank"),
            Number("participation ratio", "participation_ratio"),
            Number("condition number", "condition_number"),
            Spectrum("energy in the first", |s, _| {
                let energy = s.energy.iter().rfind(|e| e.k <= 10)?;
                Some(format!("{}: {}", energy.k, percent(energy.share)))
            }),
            Number("rank worth keeping", "threshold_rank"),
        ],
    ),
    (
        "Against noise",
        &[
            Spectrum("random bulk", |s, _| {
                let words = match (&s.fitted_bulk, &s.blocks) {
                    (Some(_), _) => "yes",
                    (None, Some(_)) => "block by block",
                    (None, None) => "no",
                };
                Some(words.to_owned())
            }),
            Number("values above it", "spikes"),
            Spectrum("p of the largest value", |s, _| {
                Some(shown_p(s.verdict.p_value?, 0))
            }),
            Number("values below it", "bulk_below"),
            Number("variance of the bulk", "bulk_variance"),
            Spectrum("its edge", |s, _| {
                Some(digits(s.fitted_bulk.as_ref()?.upper_singular_value, 4))
            }),
            Number("KS of the values in it", "bulk_ks_distance"),
            Number("soft rank", "soft_rank"),
            Spectrum("entries of the noise", |s, _| {
                Some(match s.noise.shuffles {
                    0 => "Gaussian".to_owned(),
                    count => format!("heavy-tailed: {count} shuffles"),
                })
            }),
            Spectrum("scales differ by", |s, _| {
                let words = match s.noise.unequal? {
                    UnequalLines::Rows => "row",
                    UnequalLines::Columns => "column",
                    UnequalLines::Both => "row and column",
                };
                Some(words.to_owned())
            }),
            Number("KS to the law of all entries", "mp_ks_distance"),
            Spectrum("its p-value", |s, c| {
                let p = s.marchenko_pastur.as_ref()?.ks_p_value?;
                Some(shown_p(p, c.analysis.settings.draws))
            }),
            Spectrum("energy outside that law", |s, _| {
                Some(percent(s.marchenko_pastur.as_ref()?.energy_outside))
            }),
        ],
    ),
    (
        "Against R, and the tail",
        &[
            Number("distance to R", "baseline_mean_distance"),
            Number("expected by chance", "baseline_expected_distance"),
            Spectrum("orders outside the band", |s, _| {
                Some(percent(s.random_baseline.as_ref()?.fraction_outside_band))
            }),
            Number("s₁ over R’s", "baseline_largest_ratio"),
            Number("smallest over R’s", "baseline_smallest_ratio"),
            Spectrum("alpha", |s, _| {
                let tail = s.power_law.as_ref()?;
                let (alpha, error) = (digits(tail.alpha, 4), digits(tail.alpha_error, 2));
                Some(format!("{alpha} ± {error}"))
            }),
            Number("values in the tail", "tail_size"),
            Spectrum("goodness of fit, p", |s, _| {
                Some(shown_p(s.power_law.as_ref()?.p_value?, FITS))
            }),
            Spectrum("alpha as small in noise, p", |s, c| {
                let p = s.power_law.as_ref()?.noise_p_value?;
                Some(shown_p(p, c.analysis.settings.draws))
            }),
            Spectrum("heavy tail", |s, _| {
                let rivals = s.power_law.as_ref()?.rivals.as_ref()?;
                let words = match rivals.preferred {
                    TailLaw::Light => "none: as light as an exponential",
                    TailLaw::PowerLaw => "a power law",
                    TailLaw::Lognormal => "a lognormal",
                    TailLaw::PowerLawOrLognormal => "a power law or a lognormal",
                };
                Some(words.to_owned())
            }),
            Number("alpha by Hill, upper half", "alpha_hill"),
        ],
    ),
];

/// Says what was set aside: `2 zero rows, 1 outlying entry`.
fn set_aside(s: &LayerSpectrum) -> Option<String> {
    let cleaning = &s.cleaning;
    let all = [
        ("zero row", cleaning.zero_rows),
        ("zero column", cleaning.zero_columns),
        ("repeated row", cleaning.repeated_rows),
        ("repeated column", cleaning.repeated_columns),
        ("outlying entry", cleaning.outlying_entries),
    ];
    let all = all.into_iter().filter(|&(_, count)| count > 0);
    let words: Vec<String> = all.map(|(noun, count)| counted(count, noun)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// A list of facts: its heading, and the terms.
#[derive(Serialize)]
pub(super) struct Facts(&'static str, Vec<&'static str>);

/// Returns the terms of all facts, in lists.
pub(super) fn terms() -> Vec<Facts> {
    let term = |fact: &Fact| match fact {
        Number(term, _) | Own(term, _) | Spectrum(term, _) => *term,
    };
    let lists = FACTS.iter();
    lists
        .map(|(heading, facts)| Facts(heading, facts.iter().map(term).collect()))
        .collect()
}

/// Returns the texts of a layer's facts in the order of the terms, `None` where there is none, the last of them left out.
pub(super) fn texts(analysis: &Analysis, layer: &Layer) -> Vec<Option<String>> {
    let context = Context { analysis, layer };
    let spectrum = layer.spectrum.as_ref();
    let text = |fact: &Fact| match fact {
        Number(_, key) => {
            let number = pick(&SPECTRUM, &[key])[0].of(spectrum?)?;
            Some(digits(number, 4))
        }
        Own(_, text) => text(&context),
        Spectrum(_, text) => text(spectrum?, &context),
    };
    let facts = FACTS.iter().flat_map(|(_, facts)| *facts);
    let mut texts: Vec<Option<String>> = facts.map(text).collect();
    while texts.last().is_some_and(Option::is_none) {
        texts.pop();
    }
    texts
}

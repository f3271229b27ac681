//! The facts about a layer: terms and texts, which the script of the page shows when the layer is opened.

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

/// Stands for a number that is not defined.
const DASH: &str = "–";

/// A fact about a layer.
enum Fact {
    /// A term, the number of its spectrum by the key of its column, and whether there should be one: then a dash says that
    /// it is not defined.
    Number(&'static str, &'static str, fn(&LayerSpectrum) -> bool),
    /// A term, and its text where there is one.
    Own(&'static str, fn(&Context<'_>) -> Option<String>),
    /// The same of what has a spectrum.
    Spectrum(
        &'static str,
        fn(&LayerSpectrum, &Context<'_>) -> Option<String>,
    ),
}

/// The layer that a fact is about, and its analysis.
struct Context<'a> {
    analysis: &'a Analysis,
    layer: &'a Layer,
}

use Fact::{Number, Own, Spectrum};

fn always(_: &LayerSpectrum) -> bool {
    true
}

fn never(_: &LayerSpectrum) -> bool {
    false
}

fn has_bulk(s: &LayerSpectrum) -> bool {
    s.fitted_bulk.is_some()
}

fn has_law(s: &LayerSpectrum) -> bool {
    s.marchenko_pastur.is_some()
}

fn has_baseline(s: &LayerSpectrum) -> bool {
    s.random_baseline.is_some()
}

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
                Some(if sizes.is_empty() {
                    "scalar".to_owned()
                } else {
                    sizes.join(" × ")
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
            Number("mean", "mean", always),
            Number("variance", "variance", always),
            Number("kurtosis", "kurtosis", always),
            Number("largest entry", "largest_entry", always),
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
            Number("Frobenius norm", "frobenius_norm", always),
            Number("spectral norm s₁", "spectral_norm", always),
            Number("nuclear norm", "nuclear_norm", always),
            Spectrum("rank", |s, _| {
                let values = s.singular_values.as_ref().map(Vec::len);
                let count = values.unwrap_or(s.rows.min(s.columns));
                Some(format!("{} of {count}", s.rank))
            }),
            Number("stable rank", "stable_rank", always),
            Number("effective rank", "effective_rank", always),
            Number("participation ratio", "participation_ratio", always),
            Number("condition number", "condition_number", always),
            Spectrum("energy", |s, _| {
                let energy = s.energy.iter().rfind(|e| e.k <= 10)?;
                let values = counted(energy.k, "leading value");
                Some(format!("{} in {values}", percent(energy.share)))
            }),
            Number("rank worth keeping", "threshold_rank", never),
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
            Number("values above it", "spikes", never),
            Spectrum("p of the largest value", |s, _| {
                Some(shown_p(s.verdict.p_value?, 0))
            }),
            Number("values below it", "bulk_below", has_bulk),
            Number("variance of the bulk", "bulk_variance", has_bulk),
            Spectrum("its edge", |s, _| {
                Some(digits(s.fitted_bulk.as_ref()?.upper_singular_value, 4))
            }),
            Number("KS of the values in it", "bulk_ks_distance", has_bulk),
            Number("soft rank", "soft_rank", has_bulk),
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
            Number("KS to the law of all entries", "mp_ks_distance", has_law),
            Spectrum("its p-value", |s, c| {
                let p = s.marchenko_pastur.as_ref()?.ks_p_value;
                Some(p.map_or(DASH.to_owned(), |p| shown_p(p, c.analysis.settings.draws)))
            }),
            Spectrum("energy outside that law", |s, _| {
                Some(percent(s.marchenko_pastur.as_ref()?.energy_outside))
            }),
        ],
    ),
    (
        "Against R, and the tail",
        &[
            Number("distance to R", "baseline_mean_distance", has_baseline),
            Number(
                "expected by chance",
                "baseline_expected_distance",
                has_baseline,
            ),
            Spectrum("orders outside the band", |s, _| {
                Some(percent(s.random_baseline.as_ref()?.fraction_outside_band))
            }),
            Number("s₁ over R’s", "baseline_largest_ratio", has_baseline),
            Number("smallest over R’s", "baseline_smallest_ratio", has_baseline),
            Spectrum("alpha", |s, _| {
                let tail = s.power_law.as_ref()?;
                let (alpha, error) = (digits(tail.alpha, 4), digits(tail.alpha_error, 2));
                Some(format!("{alpha} ± {error}"))
            }),
            Number("values in the tail", "tail_size", never),
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
            Number("alpha by Hill, upper half", "alpha_hill", never),
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

/// Facts under a heading.
#[derive(Debug, Serialize)]
pub(super) struct Group {
    heading: &'static str,
    terms: Vec<&'static str>,
    texts: Vec<String>,
}

/// Returns the facts about a layer in groups, those that it has.
pub(super) fn facts(analysis: &Analysis, layer: &Layer) -> Vec<Group> {
    let context = Context { analysis, layer };
    let spectrum = layer.spectrum.as_ref();
    let pair = |fact: &Fact| match fact {
        Number(term, key, has) => {
            let s = spectrum?;
            let text = pick(&SPECTRUM, &[key])[0].of(s).map(|x| digits(x, 4));
            let dash = has(s).then(|| DASH.to_owned());
            Some((*term, text.or(dash)?))
        }
        Own(term, text) => Some((*term, text(&context)?)),
        Spectrum(term, text) => Some((*term, text(spectrum?, &context)?)),
    };
    let group = |&(heading, facts): &(&'static str, &[Fact])| {
        let (terms, texts): (Vec<_>, Vec<_>) = facts.iter().filter_map(pair).unzip();
        let group = Group {
            heading,
            terms,
            texts,
        };
        (!group.terms.is_empty()).then_some(group)
    };
    FACTS.iter().filter_map(group).collect()
}

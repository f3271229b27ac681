//! What the numbers say, in plain words.

use super::{LayerSpectrum, Settings, Verdict, VerdictKind};

/// Exponents above this are no heavy tail, whatever their p-value (Martin, Mahoney 2021).
const HEAVY_TAIL_ALPHA: f64 = 6.0;
/// Fewest values of which anything is said.
const FEWEST_VALUES: usize = 8;
/// Fewest values of a tail that is worth a word.
const FEWEST_TAIL: usize = 20;
/// A fit whose KS distance times √tail exceeds this is no power law (95 % point of Kolmogorov's
/// law, generous for a law with fitted parameters).
const KOLMOGOROV_95: f64 = 1.358;
/// A bulk nearer to its law than this is called random, however significant the difference: with
/// thousands of values every difference is.
const NEAR: f64 = 0.05;
/// Share of the values up to which spikes stand above a bulk; more of them are a tail.
const FEW: f64 = 0.1;

/// The verdict on a spectrum.
pub(super) fn verdict(s: &LayerSpectrum, settings: &Settings) -> Verdict {
    let found = finding(s, settings);
    match heavy_entries(s) {
        Some(remark) if found.kind != VerdictKind::Degenerate => Verdict {
            text: format!("{}; {remark}", found.text),
            ..found
        },
        _ => found,
    }
}

/// Whether single entries, not their arrangement, make the largest value.
fn heavy_entries(s: &LayerSpectrum) -> Option<&'static str> {
    let shuffled = s.random_baseline.as_ref().and_then(|b| b.heavy_entries);
    let edge = s.fitted_bulk.as_ref().map(|law| law.upper_singular_value);
    match shuffled {
        Some(true) => Some("heavy single entries"),
        _ if edge.is_some_and(|edge| s.largest_entry > edge) => {
            Some("the largest entry alone is above the edge")
        }
        _ => None,
    }
}

fn finding(s: &LayerSpectrum, settings: &Settings) -> Verdict {
    let values = s.rows.min(s.columns);
    let verdict = |kind, text: String| Verdict { kind, text };
    if s.spectral_norm == 0.0 {
        return verdict(VerdictKind::Degenerate, "all zero".into());
    }
    if s.kurtosis.is_none() {
        return verdict(VerdictKind::Degenerate, "constant entries".into());
    }
    if 2 * s.rank < values {
        let text = format!("rank {} of {values}", s.rank);
        return verdict(VerdictKind::LowRank, text);
    }
    if values < FEWEST_VALUES {
        let text = format!("{values} values are too few to judge");
        return verdict(VerdictKind::Degenerate, text);
    }
    // A test with few draws cannot give a p-value below 1 / (draws + 1).
    let significance = settings.significance.max(1.0 / (settings.draws + 1) as f64);
    let significant = |p: Option<f64>| p.is_some_and(|p| p <= significance);
    let tail = s.power_law.as_ref().filter(|fit| {
        fit.alpha < HEAVY_TAIL_ALPHA
            && fit.tail_size >= FEWEST_TAIL
            && significant(fit.p_value)
            && fit.ks_distance * (fit.tail_size as f64).sqrt() < KOLMOGOROV_95
    });
    let tail = tail.map(|fit| format!("heavy tail, alpha {:.1}", fit.alpha));
    let Some(bulk) = &s.fitted_bulk else {
        let kind = match tail {
            Some(_) => VerdictKind::HeavyTail,
            None => VerdictKind::Structured,
        };
        return verdict(kind, join([tail, Some("no random bulk".into())]));
    };
    let spikes = match bulk.spikes {
        0 => None,
        1 => Some("1 spike above the edge".to_string()),
        k => Some(format!("{k} spikes above the edge")),
    };
    let unlike = significant(bulk.ks_p_value) && bulk.ks_distance > NEAR;
    if unlike {
        let kind = match (&tail, &spikes) {
            (Some(_), _) => VerdictKind::HeavyTail,
            (None, Some(_)) => VerdictKind::Spikes,
            (None, None) => VerdictKind::Structured,
        };
        let rest = format!("bulk unlike the law (KS {:.2})", bulk.ks_distance);
        return verdict(kind, join([tail, spikes, Some(rest)]));
    }
    if bulk.spikes as f64 > FEW * values as f64 && tail.is_some() {
        return verdict(VerdictKind::HeavyTail, join([tail, spikes]));
    }
    match spikes {
        Some(_) => verdict(
            VerdictKind::Spikes,
            join([spikes, Some("a random bulk".into())]),
        ),
        None => verdict(VerdictKind::Random, "looks random".into()),
    }
}

fn join<const N: usize>(parts: [Option<String>; N]) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    parts.join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrum::{LawComparison, PowerLaw};

    /// A layer of 100 values with this many spikes, distance and p-value of the bulk, and exponent.
    fn spectrum(spikes: usize, ks: f64, ks_p: f64, alpha: f64) -> LayerSpectrum {
        LayerSpectrum {
            rows: 100,
            columns: 200,
            rank: 100,
            spectral_norm: 1.0,
            kurtosis: Some(3.0),
            fitted_bulk: Some(LawComparison {
                spikes,
                ks_distance: ks,
                ks_p_value: Some(ks_p),
                ..LawComparison::default()
            }),
            power_law: Some(PowerLaw {
                alpha,
                tail_size: 40,
                ks_distance: 0.08,
                p_value: Some(0.005),
                ..PowerLaw::default()
            }),
            ..LayerSpectrum::default()
        }
    }

    /// Catches a tail that is named where spikes or noise explain it, and a significant but tiny
    /// difference that is made much of.
    #[test]
    fn says_what_the_numbers_say() {
        let says = |s: LayerSpectrum, kind, text| {
            let found = verdict(&s, &Settings::default());
            assert_eq!((found.kind, found.text.as_str()), (kind, text));
        };
        use VerdictKind::*;
        says(spectrum(0, 0.02, 0.5, 8.0), Random, "looks random");
        says(spectrum(0, 0.02, 0.005, 2.9), Random, "looks random");
        says(
            spectrum(7, 0.02, 0.005, 2.9),
            Spikes,
            "7 spikes above the edge; a random bulk",
        );
        says(
            spectrum(1, 0.12, 0.005, 8.0),
            Spikes,
            "1 spike above the edge; bulk unlike the law (KS 0.12)",
        );
        says(
            spectrum(7, 0.12, 0.005, 2.94),
            HeavyTail,
            "heavy tail, alpha 2.9; 7 spikes above the edge; bulk unlike the law (KS 0.12)",
        );
        says(
            spectrum(30, 0.02, 0.5, 1.7),
            HeavyTail,
            "heavy tail, alpha 1.7; 30 spikes above the edge",
        );
        says(
            spectrum(0, 0.12, 0.005, 8.0),
            Structured,
            "bulk unlike the law (KS 0.12)",
        );
        says(
            LayerSpectrum {
                rank: 3,
                ..spectrum(0, 0.0, 1.0, 8.0)
            },
            LowRank,
            "rank 3 of 100",
        );
        says(LayerSpectrum::default(), Degenerate, "all zero");
    }
}

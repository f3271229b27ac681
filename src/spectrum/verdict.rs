//! What the numbers say, in plain words.

use super::{LayerSpectrum, Verdict, VerdictKind};

/// Exponents above this are no heavy tail, whatever their p-value (Martin, Mahoney 2021).
const HEAVY_TAIL_ALPHA: f64 = 6.0;
/// Fewest values of a tail that is worth a word.
const FEWEST_TAIL: usize = 20;
/// A fit whose KS distance times √tail exceeds this is no power law (95 % point of Kolmogorov's
/// law, generous for a law with fitted parameters).
const KOLMOGOROV_95: f64 = 1.358;
/// A bulk nearer to its law than this is called random, however significant the difference: with
/// thousands of values every difference is.
const NEAR: f64 = 0.05;

/// The verdict on a spectrum, tests at `level`.
pub(super) fn verdict(s: &LayerSpectrum, level: f64) -> Verdict {
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
    let significant = |p: Option<f64>| p.is_some_and(|p| p <= 1.0 - level);
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

//! What the numbers say, in plain words.

use super::{LayerSpectrum, Verdict, VerdictKind};

/// Exponents above this are no heavy tail, whatever their p-value (Martin, Mahoney 2021).
const HEAVY_TAIL_ALPHA: f64 = 6.0;
/// A fit whose KS distance times √tail exceeds this is no power law (95 % point of Kolmogorov's
/// law, generous for a law with fitted parameters).
const KOLMOGOROV_95: f64 = 1.358;

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
        return verdict(VerdictKind::LowRank, format!("rank {} of {values}", s.rank));
    }
    let significant = |p: Option<f64>| p.is_some_and(|p| p <= 1.0 - level);
    let spikes = s.fitted_bulk.as_ref().map_or(0, |law| law.spikes);
    let bulk_fits = !significant(s.fitted_bulk.as_ref().and_then(|law| law.ks_p_value));
    let tail = s.power_law.as_ref().filter(|fit| {
        fit.alpha < HEAVY_TAIL_ALPHA
            && significant(fit.p_value)
            && fit.ks_distance * (fit.tail_size as f64).sqrt() < KOLMOGOROV_95
    });
    let spike_text = match spikes {
        0 => None,
        1 => Some("1 spike above the edge".to_string()),
        k => Some(format!("{k} spikes above the edge")),
    };
    let tail_text = tail.map(|fit| format!("heavy tail, alpha {:.1}", fit.alpha));
    let kind = match (spikes, tail, bulk_fits) {
        (_, Some(_), false) => VerdictKind::HeavyTail,
        (1.., _, _) => VerdictKind::Spikes,
        (0, _, false) => VerdictKind::Structured,
        (0, _, true) => VerdictKind::Random,
    };
    let rest = match (kind, bulk_fits) {
        (VerdictKind::Random, _) => Some("looks random".to_string()),
        (VerdictKind::Spikes, true) => Some("a random bulk".to_string()),
        (_, false) => Some(format!(
            "bulk unlike the law (KS {:.2})",
            s.fitted_bulk
                .as_ref()
                .map_or(f64::NAN, |law| law.ks_distance)
        )),
        _ => None,
    };
    let parts = match kind {
        VerdictKind::Random => vec![rest],
        VerdictKind::HeavyTail => vec![tail_text, spike_text, rest],
        _ => vec![spike_text, rest],
    };
    let text = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    verdict(kind, text)
}

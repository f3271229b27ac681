//! The top of the page: what was found, in words, and what needs attention.

use super::alert::{Alert, Level, links};
use super::run;
use crate::report::analysis::folded;
use crate::report::summary::chance;
use crate::report::text::{counted, joined};
use crate::spectrum::{Analysis, Layer, LayerSpectrum, VerdictKind};

fn spectra(analysis: &Analysis) -> impl Iterator<Item = (usize, &Layer, &LayerSpectrum)> {
    let numbered = analysis.rows.iter().enumerate();
    numbered.filter_map(|(i, layer)| Some((i + 1, layer, layer.spectrum.as_ref()?)))
}

/// Returns the finding in one or two sentences.
pub(super) fn headline(analysis: &Analysis) -> String {
    let of = |kind| {
        spectra(analysis)
            .filter(|(_, _, s)| s.verdict.kind == kind)
            .count()
    };
    let analyzed = spectra(analysis).count();
    if analyzed == 0 {
        return if analysis.rows.is_empty() {
            "No tensors were found.".to_owned()
        } else {
            format!(
                "None of the {} could be analysed.",
                counted(analysis.rows.len(), "tensor")
            )
        };
    }
    let (random, degenerate) = (of(VerdictKind::Noise), of(VerdictKind::Degenerate));
    let learned = analyzed - random - degenerate;
    let phrases = [
        (VerdictKind::Spikes, "spikes above the bulk in"),
        (VerdictKind::HeavyTail, "a heavy tail in"),
        (VerdictKind::NoBulk, "no random bulk in"),
        (VerdictKind::LowRank, "low rank in"),
    ];
    let parts: Vec<String> = phrases
        .into_iter()
        .filter(|&(kind, _)| of(kind) > 0)
        .map(|(kind, words)| format!("{words} {}", of(kind)))
        .collect();
    let which = if learned < analyzed {
        format!("{learned} of {}", counted(analyzed, "layer"))
    } else if learned == 1 {
        "The layer".to_owned()
    } else {
        format!("All {learned} layers")
    };
    let found = if learned > 0 {
        let verb = if learned == 1 { "differs" } else { "differ" };
        format!("{which} {verb} from a random matrix: {}", joined(&parts))
    } else if random > 0 {
        format!(
            "Nothing tells {} from random matrices",
            counted(random, "layer")
        )
    } else {
        format!(
            "{} too small, zero or constant to say anything",
            counted(degenerate, "layer")
        )
    };
    let rest = match (learned, random) {
        (0, _) | (_, 0) => String::new(),
        (_, 1) => " 1 is like noise.".to_owned(),
        _ => format!(" {random} are like noise."),
    };
    format!("{found}.{rest}")
}

/// Returns how many tensors were read and what became of them.
pub(super) fn account(analysis: &Analysis) -> String {
    let chance = chance(&analysis.summary)
        .map(|words| format!(" By chance alone: {words}."))
        .unwrap_or_default();
    let account = run::account(analysis, ["tensor", "analysed"]);
    format!("{account}{chance}")
}

/// Returns what needs attention, after the alerts of runs in general.
pub(super) fn alerts(analysis: &Analysis, mut alerts: Vec<Alert>) -> Vec<Alert> {
    let degenerate =
        spectra(analysis).filter(|(_, _, s)| s.verdict.kind == VerdictKind::Degenerate);
    let degenerate = links(degenerate.map(|(position, layer, _)| (position, layer.name.as_str())));
    if !degenerate.is_empty() {
        let layers = counted(degenerate.len(), "layer");
        let text = format!("{layers} too small, zero or constant to say anything about");
        alerts.push(Alert::new(Level::Note, text).about(degenerate));
    }
    if let Some(text) = folded(&analysis.summary.skipped, "") {
        alerts.push(Alert::new(Level::Note, format!("{text}. The rows say why")));
    }
    alerts
}

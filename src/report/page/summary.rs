//! The top of the page: what was found, in words, and what needs attention.

use crate::report::analysis::folded;
use crate::report::summary::chance;
use crate::report::text::{shown_name, shown_sentence};
use crate::spectrum::{Analysis, Layer, LayerSpectrum, VerdictKind};
use crate::weights::Status;

/// Failed tensors with an alert of their own.
const LISTED: usize = 5;

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Something could not be done.
    Error,
    /// Something to look at.
    Warning,
    /// Something to know.
    Note,
}

/// A sentence, and the layers (by position, from 1) that it is about.
pub(super) struct Alert {
    pub level: Level,
    pub text: String,
    pub layers: Vec<usize>,
}

fn spectra(analysis: &Analysis) -> impl Iterator<Item = (usize, &Layer, &LayerSpectrum)> {
    let numbered = analysis.rows.iter().enumerate();
    numbered.filter_map(|(i, layer)| Some((i + 1, layer, layer.spectrum.as_ref()?)))
}

fn count(analysis: &Analysis, status: Status) -> usize {
    analysis
        .rows
        .iter()
        .filter(|layer| layer.status == status)
        .count()
}

/// `1 layer`, `2 layers`.
pub(super) fn counted(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

fn joined(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The finding in one or two sentences.
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

/// How many tensors were read and what became of them.
pub(super) fn account(analysis: &Analysis) -> String {
    let mut parts = vec![format!("{} analysed", count(analysis, Status::Analyzed))];
    for (status, word) in [(Status::Skipped, "skipped"), (Status::Failed, "failed")] {
        match count(analysis, status) {
            0 => {}
            some => parts.push(format!("{some} {word}")),
        }
    }
    let chance = chance(&analysis.summary)
        .map(|words| format!(" By chance alone: {words}."))
        .unwrap_or_default();
    format!(
        "{} in {}: {}.{chance}",
        counted(analysis.rows.len(), "tensor"),
        counted(analysis.files.len(), "file"),
        joined(&parts)
    )
}

/// What needs attention, most urgent first.
pub(super) fn alerts(analysis: &Analysis) -> Vec<Alert> {
    let mut alerts = Vec::new();
    let mut add = |level, layers: Vec<usize>, text: String| {
        alerts.push(Alert {
            level,
            text,
            layers,
        });
    };
    let failed = positions(analysis, Status::Failed);
    for &i in failed.iter().take(LISTED) {
        let layer = &analysis.rows[i - 1];
        let reason = layer.reason.as_deref().unwrap_or("no reason was given");
        add(
            Level::Error,
            vec![i],
            format!(
                "{} failed: {}",
                shown_name(&layer.name),
                shown_sentence(reason)
            ),
        );
    }
    if failed.len() > LISTED {
        let more = failed.len() - LISTED;
        add(
            Level::Error,
            vec![],
            format!(
                "{} more failed; the table says why.",
                counted(more, "tensor")
            ),
        );
    }
    for warning in &analysis.warnings {
        add(Level::Warning, vec![], shown_sentence(warning));
    }
    let mut about = |level, noun: &str, pick: &dyn Fn(&LayerSpectrum) -> bool| {
        let hits: Vec<usize> = spectra(analysis)
            .filter(|(_, _, s)| pick(s))
            .map(|(i, _, _)| i)
            .collect();
        if !hits.is_empty() {
            add(
                level,
                hits.clone(),
                format!("{} {noun}.", counted(hits.len(), "layer")),
            );
        }
    };
    about(
        Level::Note,
        "too small, zero or constant to say anything about",
        &|s| s.verdict.kind == VerdictKind::Degenerate,
    );
    if let Some(text) = folded(&analysis.summary.skipped, "") {
        add(Level::Note, vec![], format!("{text}. The rows say why"));
    }
    alerts
}

fn positions(analysis: &Analysis, status: Status) -> Vec<usize> {
    let numbered = analysis.rows.iter().enumerate();
    numbered
        .filter(|(_, layer)| layer.status == status)
        .map(|(i, _)| i + 1)
        .collect()
}

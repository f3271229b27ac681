//! The classes of marks, which the stylesheet draws.

use crate::spectrum::{Layer, VerdictKind};
use crate::weights::Status;

/// Returns the class of a layer's mark.
pub(super) fn class(layer: &Layer) -> &'static str {
    match (&layer.spectrum, layer.status) {
        (_, Status::Failed) => "failed",
        (Some(s), Status::Analyzed) => kind_class(s.verdict.kind),
        _ => "skipped",
    }
}

/// Returns the class of a verdict's mark.
pub(super) fn kind_class(kind: VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Noise => "noise",
        VerdictKind::Spikes => "spikes",
        VerdictKind::HeavyTail => "heavy_tail",
        VerdictKind::NoBulk => "no_bulk",
        VerdictKind::LowRank => "low_rank",
        VerdictKind::Degenerate => "degenerate",
    }
}

//! The comparison of structured families: table, frame, figures.

mod figures;
mod frame;
mod table;

pub use figures::family_figures;
pub use frame::family_frame;
pub use table::family_table;

/// `1/64`, or `0.3` for a share that is no such fraction.
pub(super) fn budget(share: f64) -> String {
    let parts = share.recip().round();
    if (share * parts - 1.0).abs() < 1e-9 && parts > 1.0 {
        format!("1/{parts}")
    } else {
        format!("{share}")
    }
}

/// `no gain`, `coordinates`.
pub(super) fn kind(kind: crate::fit::VerdictKind) -> &'static str {
    use crate::fit::VerdictKind;
    match kind {
        VerdictKind::NoGain => "no gain",
        VerdictKind::Entries => "values",
        VerdictKind::Coordinates => "coordinates",
        VerdictKind::LowRank => "low rank",
        VerdictKind::Both => "both",
        VerdictKind::Undefined => "undefined",
    }
}

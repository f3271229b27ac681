//! What was said of the matrices of a case, counted.

use std::fmt;

use spectra::spectrum::{LayerSpectrum, TailLaw, VerdictKind};

use crate::cases::Case;

/// A layer's spectrum and what an oracle counts.
pub type Judged = (LayerSpectrum, usize);

pub struct Tally<'a> {
    case: &'a Case,
    count: usize,
    noise: usize,
    spikes: usize,
    heavy: usize,
    power: usize,
    no_bulk: usize,
    low_rank: usize,
    degenerate: usize,
    above: f64,
    below: f64,
    oracle: f64,
}

impl<'a> Tally<'a> {
    pub const HEAD: &'static str =
        "| matrices | shape | number | noise % | spikes % | heavy % | of it power law % | no bulk % \
         | low rank % | too few % | mean above | below | oracle |\n\
         |---|---|---|---|---|---|---|---|---|---|---|---|---|";

    pub fn of(case: &'a Case, judged: &[Judged]) -> Tally<'a> {
        let of = |kind| judged.iter().filter(|(s, _)| s.verdict.kind == kind).count();
        let is_power = |s: &LayerSpectrum| {
            let rivals = s.power_law.as_ref().and_then(|fit| fit.rivals.as_ref());
            s.verdict.kind == VerdictKind::HeavyTail
                && rivals.is_some_and(|rivals| rivals.preferred == TailLaw::PowerLaw)
        };
        let count = judged.len();
        let mean = |f: &dyn Fn(&Judged) -> usize| {
            judged.iter().map(f).sum::<usize>() as f64 / count as f64
        };
        let above = |s: &LayerSpectrum| match (&s.fitted_bulk, &s.blocks) {
            (Some(bulk), _) => bulk.spikes,
            (None, Some(blocks)) => blocks.each.iter().filter_map(|block| block.spikes).sum(),
            (None, None) => 0,
        };
        Tally {
            case,
            count,
            noise: of(VerdictKind::Noise),
            spikes: of(VerdictKind::Spikes),
            heavy: of(VerdictKind::HeavyTail),
            power: judged.iter().filter(|(s, _)| is_power(s)).count(),
            no_bulk: of(VerdictKind::NoBulk),
            low_rank: of(VerdictKind::LowRank),
            degenerate: of(VerdictKind::Degenerate),
            above: mean(&|(s, _)| above(s)),
            below: mean(&|(s, _)| s.fitted_bulk.as_ref().map_or(0, |bulk| bulk.below)),
            oracle: mean(&|(_, oracle)| *oracle),
        }
    }
}

impl fmt::Display for Tally<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |count: usize| format!("{:.1}", 100.0 * count as f64 / self.count as f64);
        write!(
            f,
            "| {} | {}x{} | {} | {} | {} | {} | {} | {} | {} | {} | {:.2} | {:.2} | {} |",
            self.case.name,
            self.case.m,
            self.case.n,
            self.count,
            percent(self.noise),
            percent(self.spikes),
            percent(self.heavy),
            percent(self.power),
            percent(self.no_bulk),
            percent(self.low_rank),
            percent(self.degenerate),
            self.above,
            self.below,
            match self.case.planted {
                0 => String::from("-"),
                _ => format!("{:.2}", self.oracle),
            }
        )
    }
}

/// A name as a word of a random stream's path (FNV-1a).
pub fn hash(name: &str) -> u64 {
    let step = |h: u64, byte: u8| (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
    name.bytes().fold(0xCBF2_9CE4_8422_2325, step)
}

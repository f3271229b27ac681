//! Matrices of known kind: independent entries of several laws, and planted structure with noise.

use faer::Mat;
use spectra::family::{circulant, dct, kronecker, low_rank, monarch, toeplitz};
use spectra::fit::VerdictKind;
use spectra::fit::families::{Compared, FamilyKind, FamilySettings, compare_families};
use spectra::random::Stream;

/// A law of independent entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Law {
    Gaussian,
    StudentThree,
    StudentFive,
    /// One entry in ten is Gaussian, the others are zero.
    Sparse,
    /// The exponential of a Gaussian.
    Lognormal,
    /// Gaussian with one entry of a hundred standard deviations at a random position.
    Outlier,
}

impl Law {
    pub const ALL: [Law; 6] = [
        Law::Gaussian,
        Law::StudentThree,
        Law::StudentFive,
        Law::Sparse,
        Law::Lognormal,
        Law::Outlier,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Law::Gaussian => "Gaussian",
            Law::StudentThree => "t(3)",
            Law::StudentFive => "t(5)",
            Law::Sparse => "10 % dense",
            Law::Lognormal => "lognormal",
            Law::Outlier => "one outlier",
        }
    }

    /// Draws an m × n matrix.
    pub fn draw(self, m: usize, n: usize, seed: u64) -> Mat<f64> {
        let stream = &mut Stream::new(seed, &[self as u64, m as u64, n as u64]);
        let student = |degrees: usize, stream: &mut Stream| {
            stream.normal() * (degrees as f64).sqrt() / stream.chi(degrees)
        };
        let mut w = Mat::from_fn(m, n, |_, _| match self {
            Law::Gaussian | Law::Outlier => stream.normal(),
            Law::StudentThree => student(3, stream),
            Law::StudentFive => student(5, stream),
            Law::Sparse if stream.uniform() < 0.1 => stream.normal(),
            Law::Sparse => 0.0,
            Law::Lognormal => stream.normal().exp(),
        });
        if self == Law::Outlier {
            let mut index = |side: usize| (stream.uniform() * side as f64) as usize;
            let (i, j) = (index(m), index(n));
            w[(i, j)] = 100.0;
        }
        w
    }
}

/// A structure that a family holds exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Structure {
    LowRank,
    Circulant,
    Toeplitz,
    Dct,
    Kronecker,
    Monarch,
}

impl Structure {
    pub const ALL: [Structure; 6] = [
        Structure::LowRank,
        Structure::Circulant,
        Structure::Toeplitz,
        Structure::Dct,
        Structure::Kronecker,
        Structure::Monarch,
    ];

    pub fn family(self) -> FamilyKind {
        match self {
            Structure::LowRank => FamilyKind::LOW_RANK,
            Structure::Circulant => FamilyKind::BLOCK_CIRCULANT,
            Structure::Toeplitz => FamilyKind::BLOCK_TOEPLITZ,
            Structure::Dct => FamilyKind::DCT,
            Structure::Kronecker => FamilyKind::KRONECKER,
            Structure::Monarch => FamilyKind::MONARCH,
        }
    }

    /// Draws a member of few parameters: the projection of Gaussian entries.
    fn member(self, m: usize, n: usize, seed: u64) -> Mat<f64> {
        let w = Law::Gaussian.draw(m, n, seed);
        let w = w.as_ref();
        match self {
            Structure::LowRank => low_rank::approximation(w, 1),
            // An order that divides neither side.
            Structure::Circulant => circulant::approximation(w, 19),
            Structure::Toeplitz => toeplitz::approximation(w, m.max(n)),
            Structure::Dct => dct::approximation(w, m * n / 64, None),
            Structure::Kronecker => {
                let shape = kronecker::FactorShape {
                    down: m / 4,
                    across: 8,
                };
                kronecker::approximation(w, shape, 1)
            }
            Structure::Monarch => {
                let grouping = monarch::Grouping {
                    row_groups: 4,
                    column_groups: 4,
                };
                monarch::approximation(w, grouping)
            }
        }
    }

    /// Draws a member with noise that holds all but `share` of the energy.
    pub fn draw(self, m: usize, n: usize, share: f64, noise: Law, seed: u64) -> Mat<f64> {
        let unit = |w: Mat<f64>| &w * faer::Scale(1.0 / w.norm_l2());
        let (signal, noise) = (
            unit(self.member(m, n, seed)),
            unit(noise.draw(m, n, seed + 1_000_000)),
        );
        signal * faer::Scale(share.sqrt()) + noise * faer::Scale((1.0 - share).sqrt())
    }
}

/// Compares all families on a matrix.
pub fn compared(w: &Mat<f64>) -> Compared {
    compare_families(w.as_ref(), &FamilySettings::default(), |_| ())
}

/// Lists the families that claim structure: an arrangement of the entries that explains more than their shuffles.
///
/// "Values, not their places" is none: it says that the entries in any order are explained as well.
pub fn structured(found: &Compared) -> impl Iterator<Item = FamilyKind> {
    let claims = |kind| {
        use VerdictKind::{Both, Coordinates, LowRank};
        matches!(kind, Coordinates | LowRank | Both)
    };
    let findings = found.findings.iter();
    findings
        .filter(move |finding| claims(finding.verdict.kind))
        .map(|finding| finding.family)
}

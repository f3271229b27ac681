//! A compact version of `analysis/calibration/families.rs`: `spectra families` claims no structure in independent entries,
//! whatever their law, and finds what was planted.

#[allow(dead_code)]
#[path = "../../analysis/calibration/structures.rs"]
mod structures;

use structures::{Law, Structure, compared, structured};

/// `P(X >= k)` of X successes among n at probability p.
fn upper_tail(n: u32, p: f64, k: u32) -> f64 {
    let mut probability = (1.0 - p).powi(n as i32);
    let mut below = 0.0;
    for i in 0..k {
        below += probability;
        probability *= f64::from(n - i) / f64::from(i + 1) * p / (1.0 - p);
    }
    1.0 - below
}

/// Of 72 matrices of independent entries, those with a claim of structure by any family are as few as a rate of 2 % allows
/// with probability 0.999. Catches a spread that holds for Gaussian entries only: with that, a third has claims.
#[test]
fn independent_entries_have_no_structure() {
    let shapes = [(32, 32), (24, 40)];
    let mut matrices = 0;
    let mut wrong = Vec::new();
    for (m, n) in shapes {
        for law in Law::ALL {
            for seed in 0..6 {
                let found = compared(&law.draw(m, n, 5000 + seed));
                let families: Vec<_> = structured(&found).collect();
                if !families.is_empty() {
                    wrong.push((law, m, n, seed, families));
                }
                matrices += 1;
            }
        }
    }
    let allowed = (0..).find(|&k| upper_tail(matrices, 0.02, k + 1) < 1e-3);
    let allowed = allowed.unwrap() as usize;
    assert!(wrong.len() <= allowed, "of {matrices}: {wrong:?}");
}

/// Every structure with half of the energy is found by its own family, under Gaussian and under heavy-tailed noise of a
/// finite fourth moment: catches a threshold that finds nothing.
#[test]
fn planted_structure_is_found() {
    for structure in Structure::ALL {
        for noise in [Law::Gaussian, Law::StudentFive] {
            let w = structure.draw(48, 64, 0.5, noise, 1);
            let found = compared(&w);
            let finds = structured(&found).any(|family| family == structure.family());
            assert!(
                finds,
                "{structure:?} in {noise:?} noise: {:?}",
                found.findings
            );
        }
    }
}

//! How often `spectra families` is wrong: the share of matrices of independent entries in which any family claims structure, and
//! the share of planted structures that their family finds.
//!
//!     cargo run --release --example families_calibration [MATRICES [PLANTED]]
//!
//! MATRICES (200) are drawn for each law and shape, PLANTED (40) for each structure, shape and signal-to-noise ratio.

#[path = "structures.rs"]
mod structures;

use rayon::prelude::*;
use spectra::fit::families::FamilyKind;
use std::collections::BTreeMap;
use structures::{Law, Structure, compared, structured};

const SHAPES: [(usize, usize); 4] = [(32, 32), (64, 64), (128, 256), (256, 256)];

fn main() {
    let mut arguments = std::env::args().skip(1).map(|text| text.parse::<u64>());
    let mut count = |default| arguments.next().and_then(Result::ok).unwrap_or(default);
    let (matrices, planted) = (count(200), count(40));
    if matrices > 0 {
        false_findings(matrices);
    }
    if planted > 0 {
        power(planted);
    }
}

fn false_findings(matrices: u64) {
    println!("entries       shape    matrices  false findings   by family");
    let mut all = (0, 0);
    for (m, n) in SHAPES {
        for law in Law::ALL {
            let found: Vec<Vec<FamilyKind>> = (0..matrices)
                .into_par_iter()
                .map(|seed| structured(&compared(&law.draw(m, n, seed))).collect())
                .collect();
            let wrong = found.iter().filter(|families| !families.is_empty()).count();
            let mut families: BTreeMap<&str, usize> = BTreeMap::new();
            for family in found.iter().flatten() {
                *families.entry(family.name()).or_default() += 1;
            }
            let families: Vec<String> = families
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            let percent = 100.0 * wrong as f64 / matrices as f64;
            let shape = format!("{m}x{n}");
            println!(
                "{:<12}  {shape:<8}{matrices:>9}{wrong:>6}  {percent:>5.1} %   {}",
                law.name(),
                families.join(", ")
            );
            all = (all.0 + wrong, all.1 + matrices);
        }
    }
    println!("all: {} of {} matrices", all.0, all.1);
}

fn power(planted: u64) {
    let shares = [0.05, 0.1, 0.2, 0.5];
    println!(
        "\nstructure     shape     noise         found at a share of the energy of 5 %, 10 %, 20 %, 50 %"
    );
    for (m, n) in SHAPES {
        for noise in [Law::Gaussian, Law::StudentFive] {
            for structure in Structure::ALL {
                let found = shares.map(|share| {
                    let finds = |seed: &u64| {
                        let w = structure.draw(m, n, share, noise, *seed);
                        structured(&compared(&w)).any(|family| family == structure.family())
                    };
                    let seeds: Vec<u64> = (0..planted).collect();
                    let count = seeds.par_iter().filter(|seed| finds(seed)).count();
                    format!("{:>5.0} %", 100.0 * count as f64 / planted as f64)
                });
                let shape = format!("{m}x{n}");
                println!(
                    "{:<12}  {shape:<8}  {:<12}  {}",
                    structure.family().name().replace("block ", ""),
                    noise.name(),
                    found.join("  ")
                );
            }
        }
    }
}

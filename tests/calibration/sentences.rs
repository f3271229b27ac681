//! What is said of matrices whose truth is known, at the rate that is promised: a small part of
//! `analysis/calibration`, with other seeds.

#[path = "../../analysis/calibration/matrices.rs"]
mod matrices;

use faer::Mat;
use matrices::*;
use rayon::prelude::*;
use spectra::random::Stream;
use spectra::spectrum::{
    Analyzer, Correction, EntryLaw, LayerSpectrum, Settings, TailLaw, UnequalLines, VerdictKind,
};

fn analyzer(significance: f64) -> Analyzer {
    Analyzer::new(Settings {
        draws: 39,
        significance,
        correction: Correction::None,
        ..Settings::default()
    })
}

/// Judges `count` matrices, each drawn from its own stream.
fn judged_all(
    count: u64,
    seed: u64,
    storage: Storage,
    draw: impl Fn(&mut Stream) -> Mat<f64> + Sync,
) -> Vec<LayerSpectrum> {
    let analyzer = analyzer(0.01);
    (0..count)
        .into_par_iter()
        .map(|i| {
            let mut matrix = draw(&mut Stream::new(seed, &[i]));
            let precision = storage.store(&mut matrix);
            judged(&analyzer, &matrix, precision)
        })
        .collect()
}

fn of(spectra: &[LayerSpectrum], kind: VerdictKind) -> usize {
    spectra.iter().filter(|s| s.verdict.kind == kind).count()
}

/// The most of `count` that a rate of `p` gives, at five deviations of the binomial law and one more.
fn most(count: u64, p: f64) -> usize {
    let n = count as f64;
    (n * p + 5.0 * (n * p * (1.0 - p)).sqrt() + 1.0) as usize
}

/// The fewest.
fn fewest(count: u64, p: f64) -> usize {
    count as usize - most(count, 1.0 - p)
}

/// Catches spikes found in noise beyond 1.5 times the stated level, in small shapes as well.
#[test]
fn gaussian_noise_is_called_noise() {
    for (m, n, count) in [
        (8, 8, 500),
        (16, 16, 500),
        (16, 64, 500),
        (64, 64, 300),
        (200, 50, 200),
    ] {
        let draw = |s: &mut Stream| noise(m, n, Entries::Gaussian, s);
        let spectra = judged_all(count, 1, Storage::F64, draw);
        let other = count as usize - of(&spectra, VerdictKind::Noise);
        assert!(other <= most(count, 0.015), "{m}x{n}: {other} of {count}");
    }
}

/// Catches a level that is printed and not used.
#[test]
fn the_level_is_kept() {
    let loose = analyzer(0.1);
    let count = 400;
    let named = (0..count)
        .into_par_iter()
        .filter(|&i| {
            let mut matrix = noise(24, 48, Entries::Gaussian, &mut Stream::new(2, &[i]));
            let precision = Storage::F64.store(&mut matrix);
            judged(&loose, &matrix, precision).verdict.kind == VerdictKind::Spikes
        })
        .count();
    assert!(
        (fewest(count, 0.07)..=most(count, 0.15)).contains(&named),
        "{named}"
    );
}

/// Catches the law of Gaussian matrices used for entries whose tails are not Gaussian.
#[test]
fn noise_of_other_entries_is_called_noise() {
    use Entries::*;
    let kinds = [
        Uniform,
        Signs,
        Laplace,
        Student(5),
        Student(3),
        Sparse(0.1),
        Lognormal(1.0),
    ];
    for kind in kinds {
        let spectra = judged_all(100, 3, Storage::F64, |s| noise(48, 80, kind, s));
        let other = 100 - of(&spectra, VerdictKind::Noise);
        assert!(other <= most(100, 0.03), "{kind:?}: {other}");
        let shuffled = spectra
            .iter()
            .filter(|s| s.noise.entries == EntryLaw::Shuffled)
            .count();
        if matches!(kind, Uniform | Signs) {
            assert_eq!(shuffled, 0, "{kind:?}");
        }
    }
}

/// Catches rounding that is taken for a bulk, and coarse noise that is called of low rank.
#[test]
fn storage_changes_no_verdict() {
    for storage in [Storage::F32, Storage::F16, Storage::Bf16, Storage::Int8] {
        let spectra = judged_all(60, 4, storage, |s| noise(48, 48, Entries::Gaussian, s));
        let other = 60 - of(&spectra, VerdictKind::Noise);
        assert!(other <= most(60, 0.015), "{storage:?}: {other}");
        // Integers are exact: what rounding to them left out is noise of its own.
        if storage == Storage::Int8 {
            continue;
        }
        let product = |s: &mut Stream| {
            noise(90, 12, Entries::Gaussian, s) * noise(12, 70, Entries::Gaussian, s)
        };
        for s in judged_all(10, 5, storage, product) {
            assert_eq!(
                (s.verdict.kind, s.verdict.text.as_str()),
                (VerdictKind::LowRank, "rank 12 of 70")
            );
        }
    }
}

/// Catches lines that are not dropped, or dropped and not named.
#[test]
fn dead_and_repeated_lines_are_set_aside_and_named() {
    let dead = judged_all(50, 6, Storage::F64, |s| {
        let mut matrix = noise(60, 150, Entries::Gaussian, s);
        kill(&mut matrix, 0.4, true, s);
        matrix
    });
    let other = 50 - of(&dead, VerdictKind::Noise);
    assert!(other <= most(50, 0.015), "{other}");
    assert!(
        dead.iter()
            .all(|s| s.verdict.text.contains("60 zero columns set aside"))
    );
    let repeated = judged_all(50, 7, Storage::F64, |s| {
        let half = noise(40, 150, Entries::Gaussian, s);
        Mat::from_fn(80, 150, |i, j| half[(i % 40, j)])
    });
    let other = 50 - of(&repeated, VerdictKind::Noise);
    assert!(other <= most(50, 0.015), "{other}");
    assert!(
        repeated
            .iter()
            .all(|s| s.verdict.text.ends_with("40 repeated rows set aside"))
    );
}

/// Catches noise whose rows differ in scale called spiked, and a spike on a few rows called unequal.
#[test]
fn unequal_rows_are_no_spikes_and_spikes_are_no_unequal_rows() {
    let rows = judged_all(50, 8, Storage::F64, |s| {
        let mut matrix = noise(72, 100, Entries::Gaussian, s);
        unequal(&mut matrix, 0.5, 0.0, s);
        matrix
    });
    let other = 50 - of(&rows, VerdictKind::Noise);
    assert!(other <= most(50, 0.03), "{other}");
    let named = rows
        .iter()
        .filter(|s| s.noise.unequal == Some(UnequalLines::Rows))
        .count();
    assert!(named >= 45, "{named}");
    let local = judged_all(50, 9, Storage::F64, |s| {
        let mut matrix = noise(72, 100, Entries::Gaussian, s);
        let size = 2.5 * 7200f64.powf(0.25) / 500f64.sqrt();
        for i in 0..5 {
            for j in 0..100 {
                matrix[(i, j)] += if j % 2 == 0 { size } else { -size };
            }
        }
        matrix
    });
    assert!(of(&local, VerdictKind::Spikes) >= fewest(50, 0.95));
}

/// Catches blocks that are tested against a variance that is not their own.
#[test]
fn stacks_of_unequal_noise_are_noise() {
    let analyzer = analyzer(0.01);
    let named = (0..60u64)
        .into_par_iter()
        .filter(|&i| {
            let mut s = Stream::new(10, &[i]);
            let blocks: Vec<Mat<f64>> = (0..6)
                .map(|_| {
                    let scale = 0.5 + s.uniform();
                    let block = noise(40, 56, Entries::Gaussian, &mut s);
                    Mat::from_fn(40, 56, |i, j| scale * block[(i, j)])
                })
                .collect();
            let precision = Storage::F64.store(&mut Mat::zeros(1, 1));
            judged_stack(&analyzer, &blocks, precision).verdict.kind != VerdictKind::Noise
        })
        .count();
    assert!(named <= most(60, 0.015), "{named}");
}

/// Catches spikes that hide each other, a count that is not that of values above the edge, and a spiked
/// matrix that is called a heavy tail.
#[test]
fn planted_values_are_counted() {
    for (m, n, rank) in [(64, 256, 1), (64, 256, 5), (90, 90, 11), (150, 40, 6)] {
        let spectra = judged_all(60, 11, Storage::F32, |s| {
            let mut matrix = noise(m, n, Entries::Gaussian, s);
            plant(&mut matrix, &vec![2.2; rank], s);
            matrix
        });
        assert!(
            of(&spectra, VerdictKind::Spikes) >= fewest(60, 0.97),
            "{m}x{n}"
        );
        let mut above = 0;
        for s in &spectra {
            let Some(bulk) = &s.fitted_bulk else { continue };
            let values = s.singular_values.as_ref().unwrap();
            let counted = values
                .iter()
                .filter(|&&s| s > bulk.upper_singular_value)
                .count();
            assert_eq!(counted, bulk.spikes);
            assert_eq!(bulk.spike_list.len(), bulk.spikes);
            above += bulk.spikes;
        }
        let mean = above as f64 / 60.0;
        assert!(
            (mean - rank as f64).abs() < 0.06 * rank as f64 + 0.1,
            "{m}x{n}: {mean}"
        );
    }
}

/// Catches the mean of all entries that is not called so, and another direction that is.
#[test]
fn a_mean_is_named() {
    let words = "the mean of all entries";
    let shifted = judged_all(20, 12, Storage::F64, |s| {
        let plain = noise(60, 90, Entries::Gaussian, s);
        Mat::from_fn(60, 90, |i, j| plain[(i, j)] + 0.5)
    });
    assert!(shifted.iter().all(|s| s.verdict.text.contains(words)));
    let planted = judged_all(20, 13, Storage::F64, |s| {
        let mut matrix = noise(60, 90, Entries::Gaussian, s);
        plant(&mut matrix, &[4.0], s);
        matrix
    });
    assert!(planted.iter().all(|s| !s.verdict.text.contains(words)));
}

/// Catches tails seen in spectra that have none, and spikes counted above a bulk that is none.
#[test]
fn smooth_spectra_have_no_random_bulk() {
    type Law = fn(usize, &mut Stream) -> f64;
    let laws: [(&str, Law); 4] = [
        ("geometric", |i, _| 0.93f64.powi(i as i32)),
        ("exponential", |_, s| -(1.0 - s.uniform()).ln()),
        ("uniform", |_, s| s.uniform()),
        ("half-normal", |_, s| s.normal().abs()),
    ];
    for (name, law) in laws {
        let spectra = judged_all(60, 14, Storage::F32, |s| with_eigenvalues(80, 120, s, law));
        let heavy = of(&spectra, VerdictKind::HeavyTail);
        assert!(heavy <= most(60, 0.02), "{name}: {heavy}");
        let none = of(&spectra, VerdictKind::NoBulk);
        assert!(none >= fewest(60, 0.96), "{name}: {none}");
        for s in spectra
            .iter()
            .filter(|s| s.verdict.kind == VerdictKind::NoBulk)
        {
            assert!(s.fitted_bulk.is_none() && s.denoising.is_none());
            assert!(
                s.verdict
                    .text
                    .starts_with("no random bulk; half of Σs² in ")
            );
        }
    }
}

/// Catches heavy tails that are missed, and a power law claimed for lognormal values.
#[test]
fn power_laws_are_found_and_lognormals_are_not_called_so() {
    for alpha in [2.0, 3.0] {
        let spectra = judged_all(80, 15, Storage::F64, |s| {
            with_eigenvalues(100, 140, s, |_, s| {
                (1.0 - s.uniform()).powf(-1.0 / (alpha - 1.0))
            })
        });
        let heavy = of(&spectra, VerdictKind::HeavyTail);
        assert!(heavy >= fewest(80, 0.85), "alpha {alpha}: {heavy}");
    }
    let spectra = judged_all(80, 16, Storage::F64, |s| {
        with_eigenvalues(100, 140, s, |_, s| (1.5 * s.normal()).exp())
    });
    let power = spectra
        .iter()
        .filter(|s| s.verdict.kind == VerdictKind::HeavyTail)
        .filter_map(|s| s.power_law.as_ref()?.rivals.as_ref())
        .filter(|rivals| rivals.preferred == TailLaw::PowerLaw)
        .count();
    assert!(power <= most(80, 0.05), "{power}");
}

/// Catches an exponent made of rounding: orthogonal rows have one singular value, many times.
#[test]
fn equal_values_have_no_tail() {
    for storage in [Storage::F64, Storage::F32, Storage::F16] {
        for s in judged_all(4, 17, storage, |s| with_eigenvalues(60, 90, s, |_, _| 1.0)) {
            assert_eq!(s.verdict.text, "all 60 singular values are equal");
            assert!(s.power_law.is_none());
        }
    }
}

/// Of a stack of tiny blocks nothing is said. Catches the old answer, no random bulk.
#[test]
fn tiny_blocks_are_too_few_values() {
    let analyzer = analyzer(0.01);
    let mut s = Stream::new(18, &[]);
    let blocks: Vec<Mat<f64>> = (0..50)
        .map(|_| noise(3, 5, Entries::Gaussian, &mut s))
        .collect();
    let precision = Storage::F64.store(&mut Mat::zeros(1, 1));
    let spectrum = judged_stack(&analyzer, &blocks, precision);
    assert_eq!(spectrum.verdict.kind, VerdictKind::Degenerate);
    assert_eq!(
        spectrum.verdict.text,
        "3 values a block are too few to judge"
    );
    // One who knows the variance finds them, too: the oracle of the study.
    assert_eq!(oracle(&[9.0, 3.0], 3, 5), 1);
}

/// The band holds its level. Catches draws that keep their own scale beside a layer that does not:
/// it held 98 %.
#[test]
fn the_band_holds_its_level() {
    let analyzer = Analyzer::new(Settings::default());
    let shares: Vec<f64> = (0..150u64)
        .map(|i| {
            let mut matrix = noise(20, 30, Entries::Gaussian, &mut Stream::new(19, &[i]));
            let precision = Storage::F64.store(&mut matrix);
            let spectrum = judged(&analyzer, &matrix, precision);
            spectrum.random_baseline.unwrap().fraction_outside_band
        })
        .collect();
    let n = shares.len() as f64;
    let mean = shares.iter().sum::<f64>() / n;
    let variance = shares.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    // The band of 199 draws is itself 5 % give or take 0.4 % over 20 orders.
    assert!(
        (mean - 0.05).abs() < 3.0 * (variance / n).sqrt() + 0.008,
        "{mean}"
    );
}

/// Catches integers whose neighbours are taken for rounding: a matrix of signs had equal values.
#[test]
fn integers_are_exact() {
    for kind in [Entries::Signs, Entries::Sparse(0.5)] {
        let spectra = judged_all(40, 20, Storage::Int8, |s| {
            let plain = noise(64, 64, kind, s);
            Mat::from_fn(64, 64, |i, j| {
                plain[(i, j)].signum() * plain[(i, j)].abs().min(1.0).ceil()
            })
        });
        let other = 40 - of(&spectra, VerdictKind::Noise);
        assert!(other <= most(40, 0.03), "{kind:?}: {other}");
        assert!(spectra.iter().all(|s| s.rank >= 63), "{kind:?}");
    }
}

/// The p-value of a layer is that of noise, whatever was found: at most as many are small as say so. Catches
/// one that is computed beside a bulk that was chosen after a look.
#[test]
fn p_values_of_layers_are_valid() {
    let count = 1500;
    let spectra = judged_all(count, 21, Storage::F64, |s| {
        noise(32, 64, Entries::Gaussian, s)
    });
    let p: Vec<f64> = spectra.iter().filter_map(|s| s.verdict.p_value).collect();
    for level in [0.1, 0.01, 0.001] {
        let small = p.iter().filter(|&&p| p <= level).count();
        assert!(
            small <= most(count, 1.8 * level),
            "{small} of {count} at {level}"
        );
    }
}

/// Catches shuffles of entries that still hold a strong direction, whose edge is too low for the noise, and
/// a mean that is shuffled with them.
#[test]
fn a_direction_in_heavy_noise_is_counted_once() {
    for kind in [Entries::Student(3), Entries::Sparse(0.1)] {
        let spectra = judged_all(30, 22, Storage::F64, |s| {
            let mut matrix = noise(80, 160, kind, s);
            plant(&mut matrix, &[20.0], s);
            matrix
        });
        let once = spectra
            .iter()
            .filter(|s| s.fitted_bulk.as_ref().is_some_and(|b| b.spikes == 1));
        assert!(once.count() >= fewest(30, 0.85), "{kind:?}");
        let shifted = judged_all(30, 23, Storage::F64, |s| {
            let matrix = noise(80, 160, kind, s);
            Mat::from_fn(80, 160, |i, j| matrix[(i, j)] + 2.0)
        });
        let named = shifted
            .iter()
            .filter(|s| s.verdict.text.contains("the mean of all entries"));
        assert!(named.count() >= fewest(30, 0.9), "{kind:?}");
    }
}

/// Catches a list of entries, or an identity with noise around it, that is called noise.
#[test]
fn diagonals_are_no_noise() {
    let diagonal = judged_all(10, 24, Storage::F64, |s| {
        let values = noise(64, 1, Entries::Gaussian, s);
        Mat::from_fn(64, 64, |i, j| if i == j { values[(i, 0)] } else { 0.0 })
    });
    assert_eq!(
        of(&diagonal, VerdictKind::Noise) + of(&diagonal, VerdictKind::Spikes),
        0
    );
    let near_identity = judged_all(10, 25, Storage::F64, |s| {
        let plain = noise(64, 64, Entries::Gaussian, s);
        Mat::from_fn(64, 64, |i, j| {
            0.1 * plain[(i, j)] + if i == j { 1.0 } else { 0.0 }
        })
    });
    let words = "no random bulk: the diagonal stands out";
    assert!(near_identity.iter().all(|s| s.verdict.text == words));
}

//! Made-up analyses, plausible to the eye and the same in every run: what the report must show.

use spectra::spectrum::*;
use spectra::weights::{FileIdentity, Selection, Status, ViewRules};
use statrs::distribution::ContinuousCDF;

/// A small generator (Steele, Lea, Flood 2014), enough for jitter.
struct Noise(u64);

impl Noise {
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) as f64 / 2f64.powi(64)
    }
}

/// What a made-up layer looks like.
#[derive(Clone, Copy, PartialEq)]
pub enum Shape {
    /// The law itself.
    Random,
    /// The law and so many spikes.
    Spiky(usize),
    /// A power law.
    HeavyTail,
    /// Equal blocks, each the law.
    Blocks(usize),
}

/// The bulk: quantiles of the law, moved a little within their gaps.
fn bulk(m: usize, n: usize, variance: f64, noise: &mut Noise) -> Vec<f64> {
    let law = SingularLaw::new(m, n, variance).unwrap();
    let count = m.min(n);
    (0..count)
        .map(|i| {
            law.inverse_cdf((count as f64 - i as f64 - 0.1 - 0.8 * noise.uniform()) / count as f64)
        })
        .collect()
}

fn comparison(values: &[f64], m: usize, n: usize, variance: f64) -> LawComparison {
    let law = SingularLaw::new(m, n, variance).unwrap();
    let (low, high) = (law.lower_edge(), law.upper_edge());
    let ascending: Vec<f64> = values.iter().rev().copied().collect();
    let outside: Vec<f64> = values
        .iter()
        .copied()
        .filter(|&s| s > high || s < low)
        .collect();
    let total: f64 = values.iter().map(|s| s * s).sum();
    let spikes: Vec<Spike> = values
        .iter()
        .take_while(|&&s| s > 1.05 * high)
        .map(|&s| Spike {
            singular_value: s,
            p_value: 1e-9 / s,
            signal: Some(0.97 * s),
        })
        .collect();
    let eigenvalue = |s: f64| s * s / n as f64;
    LawComparison {
        rows: m,
        columns: n,
        variance,
        aspect_ratio: m as f64 / n as f64,
        lower_edge: eigenvalue(low),
        upper_edge: eigenvalue(high),
        lower_singular_value: low,
        upper_singular_value: high,
        ks_distance: ks_distance(&ascending, KsSide::Two, |s| law.cdf(s)),
        ks_p_value: Some(if spikes.is_empty() { 0.43 } else { 0.01 }),
        fraction_outside: outside.len() as f64 / values.len() as f64,
        energy_outside: outside.iter().map(|s| s * s).sum::<f64>() / total,
        spikes: spikes.len(),
        spike_list: spikes,
        below: 0,
        soft_rank: Some((eigenvalue(high) / eigenvalue(values[0])).min(1.0)),
    }
}

fn baseline(values: &[f64], mut mean: Vec<f64>) -> RandomBaseline {
    mean.sort_by(|a, b| b.total_cmp(a));
    let band = 0.6 / (values.len() as f64).sqrt();
    let ratios: Vec<f64> = values.iter().zip(&mean).map(|(s, r)| s / r).collect();
    let leaves = |r: f64| (r - 1.0).abs() > band;
    RandomBaseline {
        kind: BaselineKind::Gaussian,
        draws: 99,
        level: 0.95,
        mean_distance: ratios.iter().map(|r| (r - 1.0).abs()).sum::<f64>() / ratios.len() as f64,
        expected_distance: band / 3.0,
        largest_ratio: ratios[0],
        smallest_ratio: ratios.last().copied(),
        largest_leaves_band: leaves(ratios[0]),
        smallest_leaves_band: leaves(ratios[ratios.len() - 1]),
        fraction_outside_band: ratios.iter().filter(|&&r| leaves(r)).count() as f64
            / ratios.len() as f64,
        lower: mean.iter().map(|r| r * (1.0 - band)).collect(),
        upper: mean.iter().map(|r| r * (1.0 + band)).collect(),
        ratios,
        mean,
    }
}

/// A layer of the wanted look.
pub fn layer(name: &str, m: usize, n: usize, look: Shape, seed: u64) -> Layer {
    let mut noise = Noise(seed);
    let variance = 1.0 / n as f64;
    let count = m.min(n);
    let (block_m, block_n) = match look {
        Shape::Blocks(b) => (m / b, n / b),
        _ => (m, n),
    };
    let mut each: Vec<Vec<f64>> = match look {
        Shape::Blocks(b) => (0..b)
            .map(|_| bulk(block_m, block_n, variance, &mut noise))
            .collect(),
        Shape::HeavyTail => {
            let top = 12.0 * (count as f64).powf(-0.35);
            vec![
                (0..count)
                    .map(|i| {
                        top * ((i as f64 + 0.5 + 0.4 * noise.uniform()) / count as f64).powf(-0.35)
                    })
                    .collect(),
            ]
        }
        _ => vec![bulk(m, n, variance, &mut noise)],
    };
    if let Shape::Spiky(spikes) = look {
        for (i, value) in each[0].iter_mut().take(spikes).enumerate() {
            *value *= 1.15 + 0.35 * (spikes - i) as f64;
        }
    }
    let mut values: Vec<f64> = each.iter().flatten().copied().collect();
    values.sort_by(|a, b| b.total_cmp(a));
    let squares: f64 = values.iter().map(|s| s * s).sum();
    let sum: f64 = values.iter().sum();
    let fourth: f64 = values.iter().map(|s| s.powi(4)).sum();
    let entries = block_m * block_n * each.len();
    let measured = squares / entries as f64;
    let law = comparison(&values, block_m, block_n, measured);
    let bulk_variance = if look == Shape::HeavyTail {
        0.4 * measured
    } else {
        variance
    };
    let fitted = comparison(&values, block_m, block_n, bulk_variance);
    let tail = count / 4;
    let (kind, text) = match look {
        Shape::Random | Shape::Blocks(_) => (VerdictKind::Noise, "like noise".to_owned()),
        Shape::Spiky(k) => (
            VerdictKind::Spikes,
            format!("{k} spikes above a random bulk"),
        ),
        Shape::HeavyTail => (
            VerdictKind::HeavyTail,
            "heavy tail: a power law, alpha 2.4".to_owned(),
        ),
    };
    let energy = [1, 2, 5, 10, 20, 50]
        .into_iter()
        .filter(|&k| k <= count)
        .map(|k| EnergyShare {
            k,
            share: values[..k].iter().map(|s| s * s).sum::<f64>() / squares,
        })
        .collect();
    let spectrum = LayerSpectrum {
        rows: m,
        columns: n,
        parameters: entries,
        mean: -1.234e-5,
        variance: measured,
        kurtosis: Some(3.02),
        largest_entry: 4.1 * measured.sqrt(),
        frobenius_norm: squares.sqrt(),
        spectral_norm: values[0],
        nuclear_norm: sum,
        rank: count,
        stable_rank: Some(squares / (values[0] * values[0])),
        effective_rank: Some(0.8 * count as f64),
        participation_ratio: Some(squares * squares / fourth),
        condition_number: Some(values[0] / values[values.len() - 1]),
        energy,
        singular_values: Some(values.clone()),
        method: Method {
            name: "golub-kahan".to_owned(),
            tolerance: 1e-14,
        },
        denoising: Some(Denoising {
            threshold: 1.03 * fitted.upper_singular_value,
            rank: fitted.spikes,
            shrunk_rank: fitted.spikes,
            energy_left: 0.1,
        }),
        random_baseline: Some(baseline(
            &values,
            each.iter()
                .flat_map(|_| bulk(block_m, block_n, measured, &mut Noise(7)))
                .collect(),
        )),
        power_law: (look != Shape::Random).then(|| {
            let x = |i: usize| values[i] * values[i] / block_n as f64;
            let alpha = 1.0 + tail as f64 / (0..tail).map(|i| (x(i) / x(tail)).ln()).sum::<f64>();
            PowerLaw {
                alpha,
                alpha_error: (alpha - 1.0) / (tail as f64).sqrt(),
                x_min: x(tail),
                x_max: x(0),
                tail_size: tail,
                ks_distance: 0.041,
                p_value: Some(0.42),
                noise_p_value: Some(1.0 / 200.0),
                alpha_hill: Some(alpha + 0.3),
                rivals: Some(TailRivals {
                    tail_size: tail,
                    alpha,
                    exponential: 2.1,
                    lognormal: Some(0.4),
                    preferred: TailLaw::PowerLaw,
                }),
            }
        }),
        blocks: match look {
            Shape::Blocks(b) => Some(Blocks {
                count: b,
                rows: block_m,
                columns: block_n,
                source: BlockSource::Exact,
                share: 1.0,
                each: each
                    .iter()
                    .enumerate()
                    .map(|(i, values)| BlockSpectrum {
                        variance: variance * (1.0 + 0.1 * (i as f64).sin()),
                        singular_values: Some(values.clone()),
                        spectral_norm: values[0],
                        ks_distance: Some(0.08 + 0.01 * (i as f64).cos()),
                        ks_p_value: Some(0.5),
                        kind: VerdictKind::Noise,
                        bulk_variance: Some(variance),
                        edge: Some(1.01 * values[0]),
                        spikes: Some(0),
                    })
                    .collect(),
                full_shape_baseline: Some(baseline(&values, bulk(m, n, measured, &mut Noise(8)))),
            }),
            _ => None,
        },
        marchenko_pastur: Some(law),
        fitted_bulk: matches!(look, Shape::Random | Shape::Spiky(_)).then_some(fitted),
        cleaning: Cleaning::default(),
        noise: NoiseModel::default(),
        verdict: Verdict {
            kind,
            text,
            p_value: Some(0.003),
        },
    };
    Layer {
        name: name.to_owned(),
        file: "lenet.safetensors".to_owned(),
        status: Status::Analyzed,
        reason: None,
        dtype: "F32".to_owned(),
        shape: vec![m, n],
        view: None,
        notes: vec![],
        finding: Analyzed {
            role: Roles::default().of(name, &[m, n]),
            depth: Depth::of(name),
            spectrum: Some(spectrum),
        },
    }
}

/// A tensor without a spectrum.
pub fn without(name: &str, status: Status, reason: &str, shape: &[usize]) -> Layer {
    Layer {
        name: name.to_owned(),
        file: "lenet.safetensors".to_owned(),
        status,
        reason: Some(reason.to_owned()),
        dtype: "F32".to_owned(),
        shape: shape.to_vec(),
        view: None,
        notes: vec![],
        finding: Analyzed {
            role: Roles::default().of(name, shape),
            depth: Depth::of(name),
            spectrum: None,
        },
    }
}

/// An analysis of one file with these layers.
pub fn analysis(layers: Vec<Layer>) -> Analysis {
    Analysis {
        schema_version: SCHEMA_VERSION,
        program: "spectra 0.1.0".to_owned(),
        seed: 0,
        settings: Settings::default(),
        selection: Selection::new(vec![], ViewRules::default()).unwrap(),
        files: vec![FileIdentity {
            path: "models/lenet.safetensors".to_owned(),
            format: "safetensors".to_owned(),
            bytes: 1_724_336,
            header_hash: "9d3f1c52a7e0b846".to_owned(),
        }],
        warnings: vec![],
        complete: true,
        extra: Whole {
            summary: Summary::of(&layers),
        },
        rows: layers,
    }
}

/// One layer of each look, one skipped, one failed.
pub fn small() -> Analysis {
    let mut values = layer("classifier.weight", 10, 500, Shape::Random, 5);
    values.notes.push("an alias of decoder.weight".to_owned());
    let mut all = analysis(vec![
        layer("features.0.weight", 384, 1536, Shape::Random, 1),
        without(
            "features.0.bias",
            Status::Skipped,
            "a vector of 384",
            &[384],
        ),
        layer(
            "encoder.attention.query.weight",
            512,
            512,
            Shape::Spiky(7),
            2,
        ),
        layer("encoder.mlp.weight", 600, 300, Shape::HeavyTail, 3),
        layer("ip1.weight", 500, 800, Shape::Blocks(10), 4),
        without(
            "encoder.norm.weight",
            Status::Skipped,
            "a vector of 512",
            &[512],
        ),
        without(
            "decoder.weight",
            Status::Failed,
            "3 NaN and 0 infinite entries, the first at index 17",
            &[64, 64],
        ),
        values,
    ]);
    all.warnings
        .push("lenet.safetensors: 12 bytes after the last tensor are ignored".to_owned());
    all
}

/// As many layers as a large language model has, in turn of each look.
pub fn large(count: usize) -> Analysis {
    let layers = (0..count)
        .map(|i| {
            let name = format!(
                "model.layers.{}.self_attn.{}_proj.weight",
                i / 7,
                ["q", "k", "v", "o", "gate", "up", "down"][i % 7]
            );
            let look = match i % 7 {
                0 | 1 => Shape::Spiky(1 + (i * i) % 23),
                5 if i > count / 2 => Shape::HeavyTail,
                _ => Shape::Random,
            };
            layer(&name, 384, [384, 1536][i % 2], look, i as u64)
        })
        .collect();
    analysis(layers)
}

/// Names that try to get out of their place.
pub fn hostile() -> Analysis {
    let names = [
        "</script><img src=x onerror=alert(1)>".to_owned(),
        "<!--<script>alert(2)</script>".to_owned(),
        "\"><svg onload=alert(3)>' onmouseover='alert(4)".to_owned(),
        "evil\u{202e}thgiew.txt\u{2066}".to_owned(),
        "esc\u{1b}[31mred\u{7}\0bell\r\nline".to_owned(),
        "{{data}} ${alert(5)} &lt;b&gt; \\u003cscript\\u003e \u{2028}".to_owned(),
        format!("long.{}.weight", "x".repeat(1 << 20)),
        String::new(),
        "__proto__".to_owned(),
    ];
    let mut all = analysis(
        names
            .iter()
            .enumerate()
            .map(|(i, name)| layer(name, 40, 64, Shape::Spiky(i % 3), i as u64))
            .collect(),
    );
    for (i, name) in names.iter().enumerate() {
        all.rows.push(without(
            name,
            if i % 2 == 0 {
                Status::Failed
            } else {
                Status::Skipped
            },
            name,
            &[3],
        ));
    }
    all.rows[0].notes = names.to_vec();
    all.warnings = names.to_vec();
    all.files[0].path = names[0].clone();
    all
}

/// What has no curve: degenerate spectra, values left out, blocks by the thousand, odd shapes.
pub fn odd() -> Analysis {
    let mut constant = layer("constant", 8, 8, Shape::Random, 1);
    let mut withheld = layer("no values", 64, 128, Shape::Spiky(2), 2);
    let mut bare = layer("nothing defined", 1, 1, Shape::Random, 3);
    if let Some(s) = &mut constant.spectrum {
        s.singular_values = Some(vec![1.0; 8]);
        s.verdict = Verdict {
            kind: VerdictKind::Degenerate,
            text: "all 8 singular values are equal".to_owned(),
            p_value: None,
        };
        (s.kurtosis, s.marchenko_pastur, s.fitted_bulk) = (None, None, None);
    }
    if let Some(s) = &mut withheld.spectrum {
        s.singular_values = None;
    }
    if let Some(s) = &mut bare.spectrum {
        s.singular_values = Some(vec![0.0]);
        s.spectral_norm = 0.0;
        (
            s.stable_rank,
            s.effective_rank,
            s.participation_ratio,
            s.condition_number,
        ) = (None, None, None, None);
        (s.marchenko_pastur, s.fitted_bulk, s.power_law, s.denoising) = (None, None, None, None);
        s.random_baseline = None;
        s.verdict = Verdict {
            kind: VerdictKind::Degenerate,
            text: "all zero".to_owned(),
            p_value: None,
        };
    }
    let mut low = layer("low rank", 64, 64, Shape::Spiky(4), 4);
    if let Some(s) = &mut low.spectrum {
        if let Some(values) = &mut s.singular_values {
            values[4..].fill(0.0);
        }
        s.rank = 4;
        s.verdict = Verdict {
            kind: VerdictKind::LowRank,
            text: "rank 4 of 64".to_owned(),
            p_value: None,
        };
    }
    let mut shuffled = layer("shuffled", 64, 64, Shape::Spiky(1), 6);
    if let Some(b) = shuffled
        .spectrum
        .as_mut()
        .and_then(|s| s.random_baseline.as_mut())
    {
        b.kind = BaselineKind::Shuffle;
    }
    analysis(vec![
        constant,
        withheld,
        bare,
        low,
        layer("1000 blocks", 4000, 6000, Shape::Blocks(1000), 5),
        shuffled,
        layer("tall", 3000, 12, Shape::Spiky(1), 7),
        without("scalar", Status::Skipped, "a scalar", &[]),
    ])
}

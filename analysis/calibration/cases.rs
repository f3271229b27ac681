//! The kinds of matrices that are simulated.

use faer::{Mat, Par};
use spectra::linalg::singular_values;
use spectra::random::Stream;
use spectra::spectrum::Analyzer;

use crate::matrices::with_eigenvalues;
use crate::matrices::{
    Entries, Storage, judged, judged_stack, kill, noise, oracle, plant, unequal,
};
use crate::tally::Judged;

type Draw = Box<dyn Fn(usize, usize, &mut Stream) -> Mat<f64> + Sync>;

/// One kind of matrices of one shape.
pub struct Case {
    pub name: String,
    pub m: usize,
    pub n: usize,
    pub count: usize,
    /// Blocks of a stack; 1 for a plain matrix.
    pub blocks: usize,
    /// Values planted in it, which an oracle is asked for as well.
    pub planted: usize,
    storage: Storage,
    draw: Draw,
}

impl Case {
    fn new(
        name: impl Into<String>,
        (m, n): (usize, usize),
        count: usize,
        draw: impl Fn(usize, usize, &mut Stream) -> Mat<f64> + Sync + 'static,
    ) -> Case {
        Case {
            name: name.into(),
            m,
            n,
            count,
            blocks: 1,
            planted: 0,
            storage: Storage::F64,
            draw: Box::new(draw),
        }
    }

    /// Draws a matrix, or a stack of them, and judges it.
    pub fn judge(&self, analyzer: &Analyzer, stream: &mut Stream) -> Judged {
        if self.blocks > 1 {
            let blocks: Vec<Mat<f64>> = (0..self.blocks)
                .map(|_| (self.draw)(self.m, self.n, stream))
                .collect();
            let precision = Storage::F64.store(&mut Mat::zeros(1, 1));
            return (judged_stack(analyzer, &blocks, precision), 0);
        }
        let mut matrix = (self.draw)(self.m, self.n, stream);
        let known = match self.planted {
            0 => 0,
            _ => {
                let values = singular_values(matrix.as_ref(), Par::Seq).expect("finite entries");
                oracle(&values, self.m, self.n)
            }
        };
        let precision = self.storage.store(&mut matrix);
        (judged(analyzer, &matrix, precision), known)
    }
}

const SQUARE: (usize, usize) = (64, 64);
const WIDE: (usize, usize) = (128, 256);
const TALL: (usize, usize) = (300, 40);
const SHAPES: [(usize, usize); 3] = [SQUARE, WIDE, TALL];

/// Sections of cases, each about one sentence.
pub fn all() -> Vec<(&'static str, Vec<Case>)> {
    vec![
        ("Gaussian noise", gaussian()),
        ("Noise of other entries", entries()),
        ("Noise as it is stored", stored()),
        ("Noise with dead, repeated and unequal lines", lines()),
        ("Stacks of noise", stacks()),
        ("Planted values", planted()),
        ("Planted shares of the rank", shares()),
        (
            "One direction in noise of heavy-tailed entries",
            planted_in_heavy(),
        ),
        ("Structure that is no direction", structured()),
        ("Spectra without a random bulk", smooth()),
        ("Heavy tails", heavy()),
        ("Low rank", low_rank()),
    ]
}

fn gaussian() -> Vec<Case> {
    let shapes = [
        ((8, 8), 4000),
        ((8, 32), 4000),
        ((12, 120), 2000),
        ((16, 16), 4000),
        ((16, 64), 4000),
        ((30, 30), 4000),
        ((30, 300), 2000),
        ((64, 64), 4000),
        ((64, 256), 2000),
        ((256, 64), 2000),
        ((128, 128), 2000),
        ((128, 512), 1000),
        ((100, 1000), 600),
        ((400, 400), 400),
        ((1000, 1000), 60),
    ];
    let case = |(shape, count)| {
        Case::new("Gaussian", shape, count, |m, n, s| {
            noise(m, n, Entries::Gaussian, s)
        })
    };
    shapes.into_iter().map(case).collect()
}

fn entries() -> Vec<Case> {
    use Entries::*;
    let kinds = [
        ("uniform", Uniform),
        ("signs", Signs),
        ("Laplace", Laplace),
        ("t(8)", Student(8)),
        ("t(5)", Student(5)),
        ("t(3)", Student(3)),
        ("10 % dense", Sparse(0.1)),
        ("30 % dense", Sparse(0.3)),
        ("lognormal(1)", Lognormal(1.0)),
        ("lognormal(½)", Lognormal(0.5)),
    ];
    let shapes = [
        ((16, 16), 600),
        (SQUARE, 600),
        (WIDE, 300),
        (TALL, 300),
        ((384, 384), 60),
    ];
    kinds
        .into_iter()
        .flat_map(|(name, kind)| {
            shapes.map(|(shape, count)| {
                Case::new(name, shape, count, move |m, n, s| noise(m, n, kind, s))
            })
        })
        .collect()
}

fn stored() -> Vec<Case> {
    let kinds = [
        ("as F32", Storage::F32),
        ("as F16", Storage::F16),
        ("as BF16", Storage::Bf16),
        ("as I8", Storage::Int8),
    ];
    kinds
        .into_iter()
        .flat_map(|(name, storage)| {
            SHAPES.map(|shape| Case {
                storage,
                ..Case::new(name, shape, 400, |m, n, s| {
                    noise(m, n, Entries::Gaussian, s)
                })
            })
        })
        .collect()
}

fn lines() -> Vec<Case> {
    let mut cases = Vec::new();
    for shape in SHAPES {
        let mut add = |name, draw: fn(&mut Mat<f64>, &mut Stream)| {
            cases.push(Case::new(name, shape, 300, move |m, n, s| {
                let mut matrix = noise(m, n, Entries::Gaussian, s);
                draw(&mut matrix, s);
                matrix
            }));
        };
        add("a fifth of the columns zero", |w, s| kill(w, 0.2, true, s));
        add("half of the rows zero", |w, s| kill(w, 0.5, false, s));
        add("a quarter of the rows repeated", |w, _| {
            let quarter = w.nrows() / 4;
            for i in 0..quarter {
                for j in 0..w.ncols() {
                    w[(i, j)] = w[(i + quarter, j)];
                }
            }
        });
        add("rows of scale ½ to 1½", |w, s| unequal(w, 0.5, 0.0, s));
        add("columns of scale ½ to 1½", |w, s| unequal(w, 0.0, 0.5, s));
        add("rows and columns of scale ½ to 1½", |w, s| {
            unequal(w, 0.5, 0.5, s)
        });
        add("rows of scale 0.1 to 1.9", |w, s| unequal(w, 0.9, 0.0, s));
        add("one entry of 100", |w, _| w[(3, 5)] = 100.0);
        // A finding that is true: the mean is one direction.
        add("mean 1 (one true spike)", |w, _| {
            *w = Mat::from_fn(w.nrows(), w.ncols(), |i, j| w[(i, j)] + 1.0);
        });
    }
    cases
}

fn stacks() -> Vec<Case> {
    let mut cases = Vec::new();
    for (blocks, shape, spread, count) in [
        (8, (64, 96), 0.0, 300),
        (8, (64, 96), 0.3, 300),
        (16, (16, 32), 0.0, 400),
        (16, (16, 32), 0.3, 400),
        (64, (10, 40), 0.3, 200),
    ] {
        let name = format!("{blocks} blocks, scales spread by {spread}");
        cases.push(Case {
            blocks,
            ..Case::new(name, shape, count, move |m, n, s| {
                let scale = 1.0 + spread * (2.0 * s.uniform() - 1.0);
                let block = noise(m, n, Entries::Gaussian, s);
                Mat::from_fn(m, n, |i, j| scale * block[(i, j)])
            })
        });
    }
    cases
}

fn planted() -> Vec<Case> {
    let shapes = [
        ((32, 32), 400),
        (SQUARE, 400),
        ((40, 300), 400),
        ((64, 256), 400),
        (WIDE, 200),
        ((256, 256), 100),
    ];
    let mut cases = Vec::new();
    for (shape, count) in shapes {
        for size in [1.1, 1.3, 1.5, 2.0, 3.0] {
            for rank in [1, 5] {
                let name = format!("{rank} at {size} times the threshold");
                cases.push(Case {
                    planted: rank,
                    ..Case::new(name, shape, count, move |m, n, s| {
                        let mut matrix = noise(m, n, Entries::Gaussian, s);
                        plant(&mut matrix, &vec![size; rank], s);
                        matrix
                    })
                });
            }
        }
    }
    cases
}

fn shares() -> Vec<Case> {
    let mut cases = Vec::new();
    for shape in SHAPES {
        let short = shape.0.min(shape.1) as f64;
        for (name, share, low, high) in [
            ("12 % at 1.5", 0.12, 1.5, 1.5),
            ("12 % at 2.5", 0.12, 2.5, 2.5),
            ("12 % from 1.5 to 6", 0.12, 1.5, 6.0),
            ("20 % at 2.5", 0.2, 2.5, 2.5),
            ("20 % at 6", 0.2, 6.0, 6.0),
            ("20 % from 1.5 to 6", 0.2, 1.5, 6.0),
        ] {
            let rank = (share * short).round() as usize;
            let sizes: Vec<f64> = (0..rank)
                .map(|i| low + (high - low) * i as f64 / (rank - 1).max(1) as f64)
                .collect();
            cases.push(Case {
                planted: rank,
                ..Case::new(name, shape, 200, move |m, n, s| {
                    let mut matrix = noise(m, n, Entries::Gaussian, s);
                    plant(&mut matrix, &sizes, s);
                    matrix
                })
            });
        }
        cases.push(Case::new("one at 2.5 on 4 rows", shape, 200, |m, n, s| {
            let mut matrix = noise(m, n, Entries::Gaussian, s);
            let size = 2.5 * ((m * n) as f64).powf(0.25) / (4.0 * n as f64).sqrt();
            let signs = noise(n, 1, Entries::Signs, s);
            for i in 0..4 {
                for j in 0..n {
                    matrix[(i, j)] += size * signs[(j, 0)];
                }
            }
            matrix
        }));
    }
    cases
}

/// Things that are neither noise nor a bulk with spikes.
fn structured() -> Vec<Case> {
    let mut cases = Vec::new();
    for shape in [SQUARE, WIDE] {
        cases.push(Case::new("diagonal", shape, 60, |m, n, s| {
            let values = noise(m.min(n), 1, Entries::Gaussian, s);
            Mat::from_fn(m, n, |i, j| if i == j { values[(i, 0)] } else { 0.0 })
        }));
        cases.push(Case::new(
            "rows autoregressive, 0.3",
            shape,
            100,
            |m, n, s| {
                let mut matrix = noise(m, n, Entries::Gaussian, s);
                for i in 0..m {
                    for j in 1..n {
                        matrix[(i, j)] += 0.3 * matrix[(i, j - 1)];
                    }
                }
                matrix
            },
        ));
        cases.push(Case::new(
            "a product through 8 times as many",
            shape,
            40,
            |m, n, s| noise(m, 8 * m, Entries::Gaussian, s) * noise(8 * m, n, Entries::Gaussian, s),
        ));
    }
    cases.push(Case::new(
        "identity and 0.1 noise",
        SQUARE,
        100,
        |m, n, s| {
            let matrix = noise(m, n, Entries::Gaussian, s);
            Mat::from_fn(m, n, |i, j| {
                0.1 * matrix[(i, j)] + if i == j { 1.0 } else { 0.0 }
            })
        },
    ));
    cases
}

/// Strong directions in noise of heavy-tailed entries.
fn planted_in_heavy() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, kind) in [
        ("t(3)", Entries::Student(3)),
        ("t(5)", Entries::Student(5)),
        ("10 % dense", Entries::Sparse(0.1)),
        ("lognormal(1)", Entries::Lognormal(1.0)),
    ] {
        for size in [3.0, 10.0, 30.0] {
            cases.push(Case::new(
                format!("1 at {size} in {name}"),
                WIDE,
                60,
                move |m, n, s| {
                    let mut matrix = noise(m, n, kind, s);
                    plant(&mut matrix, &[size], s);
                    matrix
                },
            ));
        }
        cases.push(Case::new(
            format!("a mean of 1 in {name}"),
            SQUARE,
            60,
            move |m, n, s| {
                let matrix = noise(m, n, kind, s);
                Mat::from_fn(m, n, |i, j| matrix[(i, j)] + 1.0)
            },
        ));
    }
    cases
}

/// A gamma number of this shape, 1/2 or whole, as a sum of squares of normal ones.
fn gamma(halves: usize, stream: &mut Stream) -> f64 {
    stream.chi(halves).powi(2) / 2.0
}

fn smooth() -> Vec<Case> {
    type Law = fn(usize, usize, &mut Stream) -> f64;
    let laws: [(&str, Law); 13] = [
        ("geometric, s by 0.9", |i, _, _| 0.81f64.powi(i as i32)),
        ("geometric, s by 0.95", |i, _, _| 0.9025f64.powi(i as i32)),
        ("geometric, s² by 0.95", |i, _, _| 0.95f64.powi(i as i32)),
        ("geometric, s by 0.99", |i, _, _| 0.9801f64.powi(i as i32)),
        ("s like 1 - i/m", |i, m, _| {
            (1.0 - i as f64 / m as f64).powi(2)
        }),
        ("uniform", |_, _, s| s.uniform()),
        ("exponential", |_, _, s| -(1.0 - s.uniform()).ln()),
        ("chi-square(1)", |_, _, s| gamma(1, s)),
        ("gamma(3)", |_, _, s| gamma(6, s)),
        ("half-normal", |_, _, s| s.normal().abs()),
        ("Weibull(0.7)", |_, _, s| {
            (-(1.0 - s.uniform()).ln()).powf(1.0 / 0.7)
        }),
        ("lognormal(1)", |_, _, s| s.normal().exp()),
        ("lognormal(2)", |_, _, s| (2.0 * s.normal()).exp()),
    ];
    laws.into_iter()
        .flat_map(|(name, law)| {
            [(SQUARE, 400), (WIDE, 200), (TALL, 400)].map(|(shape, count)| {
                Case::new(name, shape, count, move |m, n, s| {
                    with_eigenvalues(m, n, s, |i, s| law(i, m.min(n), s))
                })
            })
        })
        .collect()
}

fn heavy() -> Vec<Case> {
    let mut cases = Vec::new();
    for alpha in [2.0, 2.5, 3.0, 4.0] {
        for (shape, count) in [
            ((50, 100), 300),
            (SQUARE, 300),
            (WIDE, 150),
            ((200, 200), 100),
        ] {
            let name = format!("Pareto, alpha {alpha}");
            cases.push(Case::new(name, shape, count, move |m, n, s| {
                with_eigenvalues(m, n, s, |_, s| {
                    (1.0 - s.uniform()).powf(-1.0 / (alpha - 1.0))
                })
            }));
        }
    }
    for (shape, count) in [(WIDE, 150), ((256, 512), 50)] {
        let name = "Pareto, alpha 3, above a body of half the values";
        cases.push(Case::new(name, shape, count, |m, n, s| {
            with_eigenvalues(m, n, s, |i, s| {
                if 2 * i < m.min(n) {
                    (1.0 - s.uniform()).powf(-0.5)
                } else {
                    s.uniform()
                }
            })
        }));
    }
    cases
}

fn low_rank() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, storage) in [
        ("rank 16, F32", Storage::F32),
        ("rank 16, F16", Storage::F16),
        ("rank 16, BF16", Storage::Bf16),
    ] {
        for shape in [(128, 256), (384, 512)] {
            cases.push(Case {
                storage,
                ..Case::new(name, shape, 40, |m, n, s| {
                    noise(m, 16, Entries::Gaussian, s) * noise(16, n, Entries::Gaussian, s)
                })
            });
        }
    }
    cases
}

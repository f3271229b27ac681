//! A named, addressable stream of random numbers.

use super::philox::philox;
use rand::rand_core::{Infallible, TryRng};

/// A stream of random numbers, named by a seed and a path.
///
/// It is a [`rand::Rng`], so rand's own samplers (a shuffle, say) draw from it.
///
/// ```
/// use spectra::random::Stream;
///
/// let mut first = Stream::new(7, &[1, 2]);
/// let mut again = Stream::new(7, &[1, 2]);
/// assert_eq!(first.normal().to_bits(), again.normal().to_bits());
/// ```
#[derive(Debug, Clone)]
pub struct Stream {
    key: [u32; 2],
    name: [u32; 2],
    block: u64,
    word: Option<u64>,
    normal: Option<f64>,
}

impl Stream {
    /// The stream `path` of `seed`, at its beginning.
    pub fn new(seed: u64, path: &[u64]) -> Stream {
        Stream {
            key: words(seed),
            name: words(name(path)),
            block: 0,
            word: None,
            normal: None,
        }
    }

    /// Uniform on [0, 1), a multiple of 2⁻⁵³.
    pub fn uniform(&mut self) -> f64 {
        unit(self.word())
    }

    /// Standard normal.
    pub fn normal(&mut self) -> f64 {
        if let Some(second) = self.normal.take() {
            return second;
        }
        let [first, second] = self.next_block();
        let radius = (-2.0 * libm::log(1.0 - unit(first))).sqrt();
        let (sine, cosine) = libm::sincos(std::f64::consts::TAU * unit(second));
        self.normal = Some(radius * sine);
        radius * cosine
    }

    /// Chi with `degrees` ≥ 1 of freedom: the length of a vector of that many standard normals.
    /// Constant time (Marsaglia, Tsang 2000).
    pub fn chi(&mut self, degrees: usize) -> f64 {
        if degrees == 1 {
            return self.normal().abs();
        }
        let d = degrees as f64 / 2.0 - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let t = 1.0 + c * x;
            let v = t * t * t;
            if v > 0.0 {
                let accept = 0.5 * x * x + d - d * v + d * libm::log(v);
                if libm::log(1.0 - self.uniform()) < accept {
                    return (2.0 * d * v).sqrt();
                }
            }
        }
    }

    fn word(&mut self) -> u64 {
        match self.word.take() {
            Some(word) => word,
            None => {
                let [first, second] = self.next_block();
                self.word = Some(second);
                first
            }
        }
    }

    fn next_block(&mut self) -> [u64; 2] {
        let [low, high] = words(self.block);
        self.block += 1;
        let w = philox([low, high, self.name[0], self.name[1]], self.key);
        [
            u64::from(w[0]) | u64::from(w[1]) << 32,
            u64::from(w[2]) | u64::from(w[3]) << 32,
        ]
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.word() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.word())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.word().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

/// The path folded into 64 bits.
pub(super) fn name(path: &[u64]) -> u64 {
    let fold = |h: u64, &p: &u64| mix(h.wrapping_add(0x9E37_79B9_7F4A_7C15) ^ p);
    path.iter().fold(0, fold)
}

pub(super) fn words(x: u64) -> [u32; 2] {
    [x as u32, (x >> 32) as u32]
}

fn unit(x: u64) -> f64 {
    (x >> 11) as f64 / (1u64 << 53) as f64
}

fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::Stream;
    use rand::Rng;

    /// The definition is part of every published result: catches any change of a bit.
    #[test]
    fn golden_vectors() {
        let mut words = Stream::new(2026, &[1, 2, 3]);
        assert_eq!(
            [words.next_u64(), words.next_u64(), words.next_u64()],
            [
                3_182_306_712_964_433_404,
                8_443_658_815_883_215_150,
                4_080_845_350_623_257_860
            ]
        );
        let mut normals = Stream::new(2026, &[1, 2, 3]);
        assert_eq!(
            [normals.normal(), normals.normal(), normals.normal()].map(f64::to_bits),
            [
                13_826_896_000_770_814_133,
                4_594_987_564_497_474_884,
                13_825_325_813_457_771_161
            ]
        );
    }

    /// Mean and variance of each law within five standard errors: catches a wrong formula.
    #[test]
    fn moments() {
        let count = 200_000;
        let within = |values: Vec<f64>, mean: f64, variance: f64, fourth: f64| {
            let n = values.len() as f64;
            let m = values.iter().sum::<f64>() / n;
            let v = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
            assert!((m - mean).abs() < 5.0 * (variance / n).sqrt(), "{m} {mean}");
            let spread = ((fourth - variance * variance) / n).sqrt();
            assert!((v - variance).abs() < 5.0 * spread, "{v} {variance}");
        };
        let mut s = Stream::new(1, &[]);
        within(
            (0..count).map(|_| s.uniform()).collect(),
            0.5,
            1.0 / 12.0,
            1.0 / 80.0,
        );
        within((0..count).map(|_| s.normal()).collect(), 0.0, 1.0, 3.0);
        for k in [1usize, 2, 3, 64] {
            let d = k as f64;
            let squares = (0..count).map(|_| s.chi(k).powi(2)).collect();
            within(squares, d, 2.0 * d, 12.0 * d * (d + 4.0));
        }
    }

    /// Streams of different seeds or paths share no word: catches a path that is ignored.
    #[test]
    fn streams_differ() {
        let first = |seed, path: &[u64]| Stream::new(seed, path).next_u64();
        let words = [
            first(0, &[]),
            first(1, &[]),
            first(1 << 32, &[]),
            first(0, &[0]),
            first(0, &[1]),
            first(0, &[1, 0]),
            first(0, &[0, 1]),
        ];
        for (i, a) in words.iter().enumerate() {
            assert!(words[i + 1..].iter().all(|b| a != b));
        }
    }
}

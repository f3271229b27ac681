//! Counter-based generator: the same seed gives the same bits on every machine.
//!
//! A [`Stream`] is named by a seed and a path of numbers (what is drawn, of which shape, which
//! draw). Its word `i` is a pure function of seed, path and `i`, so streams can be made in any
//! order and on any thread.
//!
//! # The bits
//!
//! 1. The path `p₁ p₂ …` is folded into 64 bits: `h ← mix(h + 0x9E3779B97F4A7C15 ⊕ pᵢ)` from
//!    `h = 0`, `mix` being the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
//! 2. Block `i` is Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011) with key `(seed mod 2³²,
//!    seed / 2³²)` and counter `(i mod 2³², i / 2³², h mod 2³², h / 2³²)`; its words `w₀ … w₃`
//!    are the 64-bit numbers `w₀ + 2³² w₁` and `w₂ + 2³² w₃`.
//! 3. Uniform numbers take the upper 53 bits: `(x >> 11) · 2⁻⁵³`.
//! 4. Normal numbers come in pairs from one block by Box and Muller's transform, with logarithm,
//!    sine and cosine in software, so that no machine's own library changes a bit.
//!
//! # Entries
//!
//! [`Entries`] are numbers addressed by position, for matrices that are made tile by tile. Name and
//! key are a stream's; word `i`, of 32 bits, is word `i mod 4` of block `i / 4`.
//!
//! 1. Sign `i` is bit `i mod 32` of word `i / 32`: 0 is +1.
//! 2. Normal number `i` comes from word `i`, `w`. Its lowest bit is the sign (1 is minus) and
//!    `t = (w | 1) / 2³³` the tail probability. The normal quantile, rounded to a multiple of 2⁻²⁰, is
//!    tabulated at 64 equal steps in each octave of t from 2⁻³³ to ½; between two knots `a > b`, at the
//!    fraction `f` (16 bits, rounded down), stands `a - ⌊(a - b) f / 2¹⁶⌋`.

mod distribution;
mod entries;
mod philox;
mod stream;

pub use distribution::Distribution;
pub use entries::Entries;
pub use stream::Stream;

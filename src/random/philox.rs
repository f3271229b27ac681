//! Philox 4x32-10 (Salmon, Moraes, Dror, Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3").

use std::array::from_fn;

const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
const WEYL: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: usize = 10;

/// The four words that the key makes of the counter.
pub(super) fn philox(mut counter: [u32; 4], mut key: [u32; 2]) -> [u32; 4] {
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let [low, high] = [
            MULTIPLIERS[0] * u64::from(counter[0]),
            MULTIPLIERS[1] * u64::from(counter[2]),
        ];
        counter = [
            (high >> 32) as u32 ^ counter[1] ^ key[0],
            high as u32,
            (low >> 32) as u32 ^ counter[3] ^ key[1],
            low as u32,
        ];
    }
    counter
}

/// The words of several counters, side by side: the same numbers, each word in 64 bits, in a form that
/// compilers turn into vector instructions.
#[inline(always)]
pub(super) fn philox_lanes<const N: usize>(
    counters: [[u64; N]; 4],
    mut key: [u32; 2],
) -> [[u64; N]; 4] {
    const WORD: u64 = u32::MAX as u64;
    let [mut c0, mut c1, mut c2, mut c3] = counters;
    for round in 0..ROUNDS {
        if round > 0 {
            key = [key[0].wrapping_add(WEYL[0]), key[1].wrapping_add(WEYL[1])];
        }
        let [k0, k1] = key.map(u64::from);
        let low: [u64; N] = from_fn(|i| MULTIPLIERS[0].wrapping_mul(c0[i] & WORD));
        let high: [u64; N] = from_fn(|i| MULTIPLIERS[1].wrapping_mul(c2[i] & WORD));
        c0 = from_fn(|i| (high[i] >> 32) ^ c1[i] ^ k0);
        c2 = from_fn(|i| (low[i] >> 32) ^ c3[i] ^ k1);
        c1 = high.map(|x| x & WORD);
        c3 = low.map(|x| x & WORD);
    }
    [c0, c1, c2, c3]
}

#[cfg(test)]
mod tests {
    use super::{philox, philox_lanes};

    /// Catches a lane that takes a neighbour's numbers.
    #[test]
    fn lanes_are_single_blocks() {
        let counters: [[u64; 5]; 4] =
            std::array::from_fn(|which| std::array::from_fn(|lane| (which * 77 + lane * 9) as u64));
        let made = philox_lanes(counters, [3, 4]);
        for lane in 0..5 {
            let one = philox(counters.map(|words| words[lane] as u32), [3, 4]);
            assert_eq!(one.map(u64::from), made.map(|words| words[lane]));
        }
    }

    /// Known answers of Random123: catches a wrong constant, word order or round count.
    #[test]
    fn agrees_with_the_published_vectors() {
        let ones = u32::MAX;
        assert_eq!(
            philox([0; 4], [0; 2]),
            [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
        );
        assert_eq!(
            philox([ones; 4], [ones; 2]),
            [0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd]
        );
        assert_eq!(
            philox(
                [0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344],
                [0xa409_3822, 0x299f_31d0]
            ),
            [0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1]
        );
    }
}

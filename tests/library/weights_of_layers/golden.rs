//! The numbers that recipes of old runs depend on, pinned.

use super::{SEED, build, families, settings};

/// Initial parameters to the bit, and the matrix by a sum of its entries: catches another seed, path or order of draws, by
/// which a checkpoint would continue with another network.
#[test]
fn golden_weights() {
    let mut seen = 0;
    for (said, slots) in families() {
        let Some((_, golden, expected)) = GOLDEN.iter().find(|golden| golden.0 == said) else {
            continue;
        };
        seen += 1;
        let weight = build(&said, &slots[0], SEED, 3);
        let bits = weight.initial.iter();
        // FNV-1a
        let hash = bits
            .flat_map(|x| x.to_bits().to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
                (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            });
        assert_eq!(hash, *golden, "{said}");
        let matrix = weight.operator.dense(&weight.initial);
        let entries = matrix.col_iter().flat_map(|column| column.iter());
        let terms = entries.enumerate().map(|(i, x)| (i + 1) as f64 * x);
        let sum = terms.sum::<f64>();
        // Products of matrices round as the processor's instructions do.
        let bound = 1e-12 * (1.0 + sum.abs());
        assert!((sum - expected).abs() <= bound, "{said}: {sum} {expected}");
    }
    assert_eq!(seen, GOLDEN.len(), "settings of old recipes");
}

/// Catches a tag that recipes know by another name.
#[test]
fn tags_are_those_of_recipes() {
    for (said, ..) in GOLDEN {
        let tag = said.split('\'').nth(1).unwrap();
        assert_eq!(settings(said).family(), tag);
    }
}

/// Settings, hash of the initial parameters, weighted sum of the matrix.
const GOLDEN: &[(&str, u64, f64)] = &[
    ("family = 'dense'", 0x5c896bc1636cafa3, -45.35516593982155),
    (
        "family = 'dense', initial = 'he'",
        0xe8d2bba084549e93,
        101.76019634667489,
    ),
    (
        "family = 'block-diagonal', blocks = 2",
        0x33e1742b1db1e471,
        26.161292428043573,
    ),
    (
        "family = 'block-diagonal', blocks = [[1, 4], [3, 2], [2, 6]]",
        0x3bb86c06c978ed82,
        -43.033063849214805,
    ),
    (
        "family = 'low-rank', rank = 3",
        0xa366a5a08949b1b5,
        -38.80860672270909,
    ),
    ("family = 'diagonal'", 0x07543ba37839cd7e, 6.213098080808443),
    ("family = 'circulant'", 0xb3505cfe32ea53ba, 55.4998965131267),
    (
        "family = 'circulant', signs = true",
        0xb3505cfe32ea53ba,
        -52.47487728808797,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 5",
        0xfc8b12167822fb88,
        -162.2611707741953,
    ),
    (
        "family = 'product-of-sums', factors = 3, terms = 12, residual = true",
        0x79d72d3ef0ccbbc0,
        104.49362610217617,
    ),
    (
        "family = 'product-of-sums', factors = 3, terms = [12, 9, 14], basis = 'rademacher', inner = [8, 5]",
        0x18d757d98af20494,
        -20.352474182505254,
    ),
    (
        "family = 'product-of-sums', factors = 2, terms = 20, basis = 'rank-one'",
        0x4c83c41f95a12772,
        140.2516642196926,
    ),
    (
        "family = 'product-of-sums', factors = 2, terms = 7, basis = ['rademacher', 'gaussian'], stored = true",
        0xc8a178f703dbd477,
        82.61732072446333,
    ),
    (
        "family = 'product-of-sums', factors = 2, terms = 5, link = 'exp'",
        0x0a6e694d3638243a,
        66.1506822214665,
    ),
    (
        "family = 'product-of-sums', factors = 3, terms = 6, link = ['square', 'tanh', 'exp'], residual = true",
        0x5c8ec90c6334f666,
        55.22544647418444,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 18, basis = 'dct', link = 'tanh'",
        0x46efadf9e2d512c5,
        252.086781195975,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 30, basis = 'projection', link = 'sigmoid'",
        0x91e223d59aac33a8,
        -309.2913041949511,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 18, basis = 'dct'",
        0x476c7bf9d0d5092a,
        252.086781195975,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 20, basis = 'dct', residual = true",
        0x73b7c646f3b0fdef,
        135.21049963964174,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 25, basis = 'pixels'",
        0x75e36101d57a8dbe,
        -5.360477361096224,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 30, basis = 'projection'",
        0xbf8ecb316c785bae,
        106.74695299990076,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 6, basis = 'diagonal'",
        0x79046d4be9ac15c0,
        23.266171738729316,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 7, basis = 'circulant'",
        0x40b316bce5bf9d6c,
        -358.49741735931696,
    ),
    (
        "family = 'product-of-sums', factors = 2, terms = 6, basis = ['fastfood', 'circulant']",
        0xe5620a8565f37ae4,
        -11.358706820730232,
    ),
    (
        "family = 'product-of-sums', factors = 1, terms = 40, basis = 'srht'",
        0x5a94e760545a218c,
        -190.33103824880882,
    ),
    (
        "family = 'separable', rank = 3",
        0x9af67b50080dbb7c,
        118.86289149771098,
    ),
    (
        "family = 'projected', basis = 'dct', features = 7",
        0x9004c97fc9b9e26f,
        131.22516195834547,
    ),
    (
        "family = 'projected', basis = 'gaussian', features = 5",
        0x25540c880abd6c53,
        -34.28414813847106,
    ),
    (
        "family = 'projected', basis = 'pixels', features = 5",
        0xd8461d91dfa23031,
        -35.778855690119094,
    ),
    (
        "family = 'projected', basis = 'radial', features = 5, width = 1.5",
        0x6db4422f78d40a21,
        -98.72854021922035,
    ),
    (
        "family = 'hashed', parameters = 20",
        0x2137b588df3eb729,
        -119.49017161007565,
    ),
    (
        "family = 'hashed', parameters = 20, signs = false",
        0x2137b588df3eb729,
        -57.290232120696885,
    ),
    (
        "family = 'frequency-hashed', parameters = 30",
        0xbcf56673744e3f27,
        -63.86233986937974,
    ),
    (
        "family = 'frequency-hashed', parameters = 30, beta = 2.5",
        0xbcf56673744e3f27,
        -13.397780999579773,
    ),
    (
        "family = 'sketched', k = 2, l = 3",
        0x02c124fe18365f23,
        45.28285362757347,
    ),
    (
        "family = 'random-diagonals', terms = 4",
        0x0ea4b103d6a85887,
        -1.9536216920015725,
    ),
    (
        "family = 'fastfood'",
        0xe03cf6ea93baf300,
        140.99110469820005,
    ),
    (
        "family = 'fastfood', trained = ['g'], lengths = 'one', sigma = 'fan-in'",
        0xf020df43cac1a9c5,
        125.75209772992976,
    ),
    (
        "family = 'fastfood', trained = []",
        0xcbf29ce484222325,
        140.99110469820005,
    ),
    (
        "family = 'acdc', depth = 3",
        0x7aba68c73421e82f,
        182.0733895350222,
    ),
    (
        "family = 'acdc', depth = 1, shuffle = false, spread = 0.3",
        0x98dbdd66775db7b6,
        223.82407206160724,
    ),
    (
        "family = 'toeplitz-like', rank = 2",
        0x98c644b55af3a600,
        -114.13652905538513,
    ),
    ("family = 'dct'", 0xcbf29ce484222325, 36.15907834459984),
    ("family = 'random'", 0xcbf29ce484222325, 64.49901742490206),
    (
        "family = 'random', law = 'sign'",
        0xcbf29ce484222325,
        -84.87048957087501,
    ),
];

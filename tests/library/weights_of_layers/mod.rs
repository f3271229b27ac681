//! Every family of layers' weights, as recipes write it: conformance, scale, counts, seeds, refusals.

mod formulas;
mod golden;
mod growth;
mod initial;

use spectra::device::Cpu;
use spectra::operator::{Kernel, conformance};
use spectra::program::Exec;
use spectra::train::weight::{Slot, Weight, WeightFamily, WeightSettings};

/// Every family's examples, as recipes write them, with the slots that they are for.
fn families() -> Vec<(String, Vec<Slot>)> {
    let said = |family: WeightFamily| {
        let examples = family.examples.iter();
        examples.map(move |settings| {
            if settings.is_empty() {
                format!("family = '{}'", family.name)
            } else {
                format!("family = '{}', {settings}", family.name)
            }
        })
    };
    let all = WeightFamily::all().flat_map(said);
    all.map(|said| {
        let slots = slots(&said);
        (said, slots)
    })
    .collect()
}

/// The slots that settings are for: of all, but where a shape is asked for.
fn slots(said: &str) -> Vec<Slot> {
    match said {
        "family = 'dct'" => wide(),
        _ if said.contains("blocks = [[") || said.contains("basis = 'diagonal'") => wide(),
        _ if said.contains("'separable'") => images(),
        _ => any(),
    }
}

const SEED: u64 = 11;

fn settings(said: &str) -> WeightSettings {
    #[derive(serde::Deserialize)]
    struct Layer {
        weight: WeightSettings,
    }
    let layer: Layer = toml::from_str(&format!("weight = {{ {said} }}")).expect(said);
    layer.weight
}

fn kernel(channels_last: bool) -> Kernel {
    Kernel {
        channels: 2,
        height: 2,
        width: 3,
        channels_last,
    }
}

/// Slots of 12 columns and 6 rows, or 20: plain, of images, of convolutions of both layouts.
fn any() -> Vec<Slot> {
    let of = |rows: usize| {
        let image = Slot {
            image: Some([2, 2, 3]),
            ..Slot::plain(rows, 12)
        };
        [
            Slot::plain(rows, 12),
            image,
            Slot::convolution(rows, kernel(false)),
            Slot::convolution(rows, kernel(true)),
        ]
    };
    [6, 20].into_iter().flat_map(of).collect()
}

/// Those with fewer rows than columns.
fn wide() -> Vec<Slot> {
    any().into_iter().filter(|slot| slot.rows == 6).collect()
}

/// Those whose inputs are images.
fn images() -> Vec<Slot> {
    let plain = |slot: &Slot| slot.kernel.is_none() && slot.image.is_none();
    any().into_iter().filter(|slot| !plain(slot)).collect()
}

fn build(said: &str, slot: &Slot, seed: u64, layer: u64) -> Weight {
    let weight = settings(said).build(slot, seed, layer);
    weight.unwrap_or_else(|error| panic!("{said} for {slot:?}: {error}"))
}

fn check_all(exec: &mut dyn Exec, epsilon: f64) {
    for (said, slots) in families() {
        for slot in slots {
            let weight = build(&said, &slot, SEED, 3);
            assert_eq!(weight.operator.shape(), (slot.rows, slot.columns), "{said}");
            if let Err(violation) =
                conformance::check(weight.operator.as_ref(), exec, epsilon, SEED)
            {
                panic!("{said} for {slot:?}: {violation}");
            }
        }
    }
}

/// Catches a wrong action, adjoint, gradient or order of parameters in any family and slot.
#[test]
fn weights_conform_in_double_precision() {
    check_all(&mut Cpu::<f64>::new(), f64::EPSILON);
}

/// Catches constants that are right in one type of number only.
#[test]
fn weights_conform_in_single_precision() {
    check_all(&mut Cpu::<f32>::new(), f32::EPSILON.into());
}

/// The same seed and layer give the same bits, another layer or seed others: catches a path that forgets one.
#[test]
fn bits_follow_seed_and_layer() {
    for (said, slots) in families() {
        for slot in slots {
            let made = |seed, layer| {
                let weight = build(&said, &slot, seed, layer);
                let matrix = weight.operator.dense(&weight.initial);
                let entries = matrix
                    .col_iter()
                    .flat_map(|c| c.iter().map(|x| x.to_bits()));
                (weight.initial, entries.collect::<Vec<u64>>())
            };
            let first = made(SEED, 3);
            assert!(first == made(SEED, 3), "{said}: not repeated");
            if said == "family = 'dct'" {
                continue;
            }
            assert!(first.1 != made(SEED, 4).1, "{said}: layer ignored");
            assert!(first.1 != made(SEED + 1, 3).1, "{said}: seed ignored");
        }
    }
}

/// Counts in closed form, as the papers have them: catches a parameter that is hidden or counted twice.
#[test]
fn parameters_are_the_papers_counts() {
    for (said, rows, columns, expected) in [
        ("family = 'dense'", 500, 800, 400_000),
        ("family = 'block-diagonal', blocks = 10", 500, 800, 40_000),
        ("family = 'block-diagonal', blocks = 100", 500, 800, 4_000),
        ("family = 'low-rank', rank = 7", 500, 800, 7 * 1300),
        ("family = 'diagonal'", 2000, 784, 2000),
        ("family = 'diagonal'", 10, 784, 10),
        ("family = 'circulant'", 500, 800, 800),
        (
            "family = 'product-of-sums', factors = 10, terms = 50",
            10,
            784,
            500,
        ),
        (
            "family = 'product-of-sums', factors = 2, terms = [30, 4]",
            10,
            784,
            34,
        ),
        (
            "family = 'projected', basis = 'dct', features = 79",
            10,
            784,
            790,
        ),
        ("family = 'hashed', parameters = 1234", 500, 800, 1234),
        (
            "family = 'frequency-hashed', parameters = 1234",
            500,
            800,
            1234,
        ),
        (
            "family = 'sketched', k = 10, l = 2",
            500,
            800,
            2 * 10 * 1300,
        ),
        ("family = 'random-diagonals', terms = 9", 2000, 784, 3 * 9),
        ("family = 'fastfood'", 1500, 784, 1500 + 2 * (1024 + 784)),
        ("family = 'fastfood', trained = ['c']", 1500, 784, 1500),
        ("family = 'acdc', depth = 3", 500, 800, 2 * 800 * 3),
        ("family = 'acdc', depth = 3", 800, 500, 2 * 800 * 3 - 300),
        ("family = 'toeplitz-like', rank = 3", 500, 800, 2 * 800 * 3),
        ("family = 'dct'", 784, 784, 0),
        ("family = 'random'", 300, 784, 0),
    ] {
        let weight = build(said, &Slot::plain(rows, columns), 1, 0);
        assert_eq!(weight.operator.parameters(), expected, "{said}");
        assert_eq!(weight.initial.len(), expected, "{said}");
    }
    // kernels of 64 × (32 · 5 · 5): l k h w (c + m), and r (c h + m w)
    let kernel = Kernel {
        channels: 32,
        height: 5,
        width: 5,
        channels_last: false,
    };
    for (said, expected) in [
        ("family = 'sketched', k = 4, l = 2", 2 * 4 * 25 * (32 + 64)),
        ("family = 'separable', rank = 7", 7 * (32 * 5 + 64 * 5)),
    ] {
        let weight = build(said, &Slot::convolution(64, kernel), 1, 0);
        assert_eq!(weight.operator.parameters(), expected, "{said}");
    }
}

/// One sentence with the numbers: catches a panic, or a size that is taken silently.
#[test]
fn bad_sizes_are_refused_in_a_sentence() {
    for (said, sentence) in [
        (
            "family = 'block-diagonal', blocks = 10",
            "10 blocks do not divide 500x801",
        ),
        (
            "family = 'block-diagonal', blocks = 0",
            "0 blocks do not divide 500x801",
        ),
        (
            "family = 'block-diagonal', blocks = [[250, 400], [250, 400]]",
            "the blocks add up to 500x800, but the weight is 500x801",
        ),
        (
            "family = 'block-diagonal', blocks = [[250, 400], [250, 0]]",
            "block 2 is 250x0; a block has rows and columns",
        ),
        (
            "family = 'low-rank', rank = 501",
            "rank = 501 for a weight of 500x801; it can be 1 to 500",
        ),
        (
            "family = 'projected', basis = 'pixels', features = 802",
            "features = 802 for a weight of 500x801; it can be 1 to 801",
        ),
        (
            "family = 'frequency-hashed', parameters = 800",
            "parameters = 800 for a weight of 500x801; there can be 801 to 400500",
        ),
        (
            "family = 'hashed', parameters = 0",
            "parameters = 0 for a weight of 500x801; there can be 1 to 400500",
        ),
        (
            "family = 'sketched', k = 0, l = 1",
            "k = 0 for a weight of 500x801; it can be 1 to 801",
        ),
        (
            "family = 'fastfood', sigma = 0.0",
            "sigma = 0; it must be a positive number",
        ),
        (
            "family = 'acdc', depth = 0",
            "depth = 0; it can be 1 to 1000",
        ),
        (
            "family = 'toeplitz-like', rank = 802",
            "rank = 802 for a weight of 500x801; it can be 1 to 801",
        ),
        (
            "family = 'dense', initial = { gaussian = -1.0 }",
            "gaussian = -1; it must be a positive number",
        ),
        (
            "family = 'product-of-sums', factors = 3, terms = [1, 2]",
            "terms lists 2 values for 3 factors; give one for all, or one for each",
        ),
        (
            "family = 'product-of-sums', factors = 3, terms = 5, link = ['exp', 'tanh']",
            "link lists 2 values for 3 factors; give one for all, or one for each",
        ),
        (
            "family = 'product-of-sums', factors = 3, terms = 5, inner = [7]",
            "inner = [7] for 3 factors; it is 2 positive sizes, or none",
        ),
        (
            "family = 'product-of-sums', factors = 2, terms = 802, basis = 'diagonal'",
            "factor 1, 500x801, has 1 to 500 diagonal terms, not 802",
        ),
        (
            "family = 'product-of-sums', factors = 2, terms = 900, basis = 'srht'",
            "factor 1: 900 srht terms of 500x801 are stored and take more than 268435456 numbers; take fewer, or gaussian or rademacher terms without stored = true",
        ),
    ] {
        let error = settings(said).build(&Slot::plain(500, 801), 1, 0);
        let error = error.err().unwrap_or_else(|| panic!("{said} is taken"));
        assert_eq!(error.to_string(), sentence);
    }
}

/// Catches a misspelt key that is ignored.
#[test]
fn unknown_keys_are_refused() {
    for said in [
        "family = 'dense', block = 3",
        "family = 'block-diagonal', blocks = 2, bias = true",
        "family = 'product-of-sums', factors = 2, terms = 3, link = 'tan'",
        "family = 'dens'",
    ] {
        let text = format!("weight = {{ {said} }}");
        let parsed = toml::from_str::<std::collections::BTreeMap<String, WeightSettings>>(&text);
        assert!(parsed.is_err(), "{said}");
    }
}

/// Catches a default link that is written: the text of old recipes, and sums of it, would change.
#[test]
fn identity_links_are_not_written() {
    let said = "family = 'product-of-sums', factors = 2, terms = 3";
    let written = toml::to_string(&settings(said)).unwrap();
    assert!(!written.contains("link"), "{written}");
    let linked = toml::to_string(&settings(&format!("{said}, link = 'exp'"))).unwrap();
    assert!(linked.contains("link = \"exp\""), "{linked}");
}

/// A DCT of more outputs than inputs is refused: the one family whose shape is bounded.
#[test]
fn more_cosines_than_inputs_are_refused() {
    let error = settings("family = 'dct'").build(&Slot::plain(785, 784), 1, 0);
    assert_eq!(
        error.err().unwrap().to_string(),
        "a DCT of 784 inputs has at most 784 outputs, not 785"
    );
}

/// What is written of settings reads back as they are, defaults spelt out: catches a default that is not
/// repeated.
#[test]
fn settings_are_written_whole() {
    for (said, _) in families() {
        let settings = settings(&said);
        let written = toml::to_string(&settings).unwrap();
        let again: WeightSettings = toml::from_str(&written).unwrap();
        assert_eq!(settings, again);
        let fixed = ["fastfood", "dct", "random"].contains(&settings.family());
        assert_eq!(written.contains("initial"), !fixed, "{written}");
    }
    let dense = toml::to_string(&WeightSettings::default()).unwrap();
    assert_eq!(dense, "family = \"dense\"\ninitial = \"xavier\"\n");
}

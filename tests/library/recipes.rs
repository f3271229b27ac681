//! The recipes of `analysis/recipes`: each is read, and builds on data of its shape through all of its phases.

use spectra::data::{Dataset, Origin, Pixels, Samples};
use spectra::train::recipe::{LayerSettings, Recipe, read};
use spectra::train::{Network, Trainer};
use std::collections::BTreeMap;
use std::path::Path;

/// What is trained in the first phase and in the last: all weights and biases, by hand or as published.
///
/// 3,274,634, 1,333,770 and 7,850 are those of Wu 2018, 431,080 and 145,578 Caffe's. Of a layer m × n: m n / b in b
/// blocks; r m of r features; p K of a product of p sums of K; l k (m + n) sketched, l k h w (c + m) of a kernel; m
/// diagonal; 2 N depth of ACDC; m + N + n of Fastfood.
const COUNTS: [(&str, usize, usize); 37] = [
    ("acdc", 2 * (2 * 784 * 4 + 784) + 7850, 21_962),
    ("crosswise", 3 * (784 + 784) + 7850, 12_554),
    ("cuda-convnet", 145_578, 145_578),
    ("cuda-convnet-b64", 145_578 - 66_250 + 1418, 80_746),
    ("cuda-convnet-b64-pruned", 145_578, 80_746),
    ("cuda-convnet-magnitude", 145_578, 145_578),
    ("cuda-convnet-nodes", 145_578, 145_578 - 66_250 + 2050 + 30),
    ("cuda-convnet-shuffled", 145_578 - 65_536 * 7 / 8, 88_234),
    ("deep-mnist", 3_274_634, 3_274_634),
    ("digits", 208 + 3216 + 128 * 256 / 4 + 128 + 1290, 13_034),
    ("fastfood", 1024 + 1024 + 784 + 1024 + 10_250, 14_106),
    ("lenet5", 431_080, 431_080),
    ("lenet5-b10", 431_080 - 360_000, 71_080),
    ("lenet5-b100", 431_080 - 396_000 - 4500, 30_580),
    ("lenet5-blocks-pruned", 431_080, 30_580),
    ("lenet5-magnitude", 431_080, 431_080),
    ("lenet5-nodes", 431_080, 66_130),
    ("lenet5-product", 2974 + 580, 3554),
    ("lenet5-product-staged", 1487 + 580, 3554),
    ("lenet5-shuffled", 431_080 - 360_000, 71_080),
    ("linear", 7850, 7850),
    ("linear-dct", 800, 800),
    ("linear-gaussian", 800, 800),
    ("linear-pixels", 800, 800),
    ("linear-product", 10 * 10 + 10, 110),
    ("linear-product-staged", 10 * 5 + 10, 110),
    ("mckernel", 2 * 4096 * 10 + 10, 81_930),
    ("mlp", 1_333_770, 1_333_770),
    ("mlp-500", 392_500 + 250_500 + 5010, 648_010),
    ("nin", 966_986, 966_986),
    ("nin-dense", 246_186 - 970 + 4656 + 590_592 + 7690, 848_154),
    ("nin-small", 246_186, 246_186),
    ("one-hidden", 785_000 + 10_010, 795_010),
    ("one-hidden-pruned", 779_110, 26_470),
    (
        "sketched",
        520 + 4 * 25 * 70 + 50 + 2 * 16 * 1300 + 500 + 5010,
        54_680,
    ),
    ("without-convolutions", 8 * 64 + 2048 + 100 + 1010, 3670),
    (
        "without-convolutions-deep",
        800 + 6272 + 8 * 196 + 1568 + 3_213_312 + 20_490,
        3_244_010,
    ),
];

fn recipes() -> BTreeMap<String, Recipe> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("analysis/recipes");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path());
    let recipe = |path: std::path::PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let recipe = read(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, recipe)
    };
    files.map(recipe).collect()
}

/// Ten black images of the shape of the recipe's set.
fn data(recipe: &Recipe) -> Dataset {
    let shape = match recipe.data.set.as_str() {
        "cifar10" => [3, 32, 32],
        "mnist" | "digits" => [1, 28, 28],
        other => panic!("of what shape is {other}?"),
    };
    let samples = Samples {
        shape,
        pixels: Pixels::Bytes(vec![0; 10 * shape.iter().product::<usize>()]),
        labels: (0..10).collect(),
    };
    Dataset {
        name: recipe.data.set.clone(),
        train: samples.clone(),
        test: samples,
        classes: 10,
        class_names: Vec::new(),
        origin: Origin::Generated {
            generator: "black".into(),
            version: 1,
            seed: 0,
            train: 10,
            test: 10,
        },
    }
}

/// Weights and biases of the network of `layers`.
fn parameters(layers: &[LayerSettings], shape: [usize; 3]) -> usize {
    let network = Network::new(layers, shape, 1).unwrap();
    network.parameters().iter().sum()
}

/// The layers as the last phase has them.
fn last(recipe: &Recipe) -> Vec<LayerSettings> {
    let mut layers: Vec<LayerSettings> = first(recipe);
    for phase in &recipe.phases {
        for (name, change) in &phase.layers {
            let of_name = |layer: &&mut LayerSettings| layer.name() == Some(name);
            let layer = layers.iter_mut().find(of_name).unwrap();
            if let Some(weight) = &change.weight {
                *layer.weight_mut().unwrap() = weight.clone();
            }
            if let (LayerSettings::Linear { outputs, .. }, Some(nodes)) = (layer, change.keep_nodes)
            {
                *outputs = nodes;
            }
        }
    }
    layers
}

fn first(recipe: &Recipe) -> Vec<LayerSettings> {
    let layers = recipe.layers.iter();
    layers.cloned().collect()
}

/// Catches a recipe that is not read any more, whose sizes do not chain, or a phase that cannot follow.
#[test]
fn every_recipe_can_be_trained() {
    for (name, mut recipe) in recipes() {
        assert_eq!(recipe.name, name);
        recipe.data.train = None;
        let data = data(&recipe);
        if let Err(error) = Trainer::new(&recipe, &data) {
            panic!("{name}: {error}");
        }
        let again = read(&recipe.to_toml()).unwrap();
        assert_eq!(again, recipe, "{name} as resolved");
    }
}

/// Catches a setting that is written although it is absent: the text of old recipes, and sums of it, would change.
#[test]
fn absent_settings_of_the_data_are_not_written() {
    let text = recipes()["linear"].to_toml();
    let (_, rest) = text.split_once("[data]\n").unwrap();
    let (data, _) = rest.split_once("\n[").unwrap();
    let keys: Vec<&str> = data
        .lines()
        .filter_map(|line| Some(line.split_once(" = ")?.0))
        .collect();
    assert_eq!(keys, ["set", "scale", "mean", "order"]);
}

/// Catches a layer of other sizes than the paper's, and a family that counts otherwise than its formula.
#[test]
fn parameters_are_as_published() {
    let recipes = recipes();
    let names: Vec<&str> = recipes.keys().map(String::as_str).collect();
    let counted: Vec<&str> = COUNTS.iter().map(|row| row.0).collect();
    assert_eq!(names, counted);
    for (name, start, end) in COUNTS {
        let recipe = &recipes[name];
        let shape = data(recipe).train.shape;
        assert_eq!(parameters(&first(recipe), shape), start, "{name}, first");
        assert_eq!(parameters(&last(recipe), shape), end, "{name}, last");
    }
}

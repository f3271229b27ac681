//! A study's report made by hand: five numbers of blocks with three seeds each, one of which diverges, dense layers, and
//! families called by words.

use spectra::data::{FileRecord, Format, Origin, Split};
use spectra::study::{
    Candidate, Cell, CellValue, ChoiceReport, ClaimCell, ClaimReport, Curve, DataReport,
    Observation, Outcome, RunEnd, RunReport, StudyReport, Value, Verdict, read,
};

const STUDY: &str = r#"
title = "LeNet with block-diagonal layers on MNIST"
source = "A paper on structured layers, figure 3 and table 2"
question = "How much accuracy do block-diagonal weights cost, and do their singular values look random?"
cost = "15 runs of 3 minutes of one core"
notes = ["The published rate is a misprint.", "Published accuracies are of one run."]

[[group]]
name = "blocks"
train = "lenet.toml"
seeds = [1, 2, 3]
grid = { b1 = [1, 5, 10, 20, 50] }

[[group]]
name = "dense"
train = "lenet.toml"
seeds = [1, 2, 3]

[[group]]
name = "families"
table = "families.csv"

[[measure]]
name = "accuracy"
words = "test accuracy"
percent = true
groups = ["blocks", "dense"]
column = "test_accuracy"

[[measure]]
name = "loss"
words = "test loss"
groups = ["blocks"]
at = "all"
column = "test_loss"

[[measure]]
name = "ratio"
words = "singular value over its mean in random matrices"
groups = ["blocks"]
compare = { layer = "ip1" }

[[measure]]
name = "chance"
words = "random blocks"
groups = ["blocks"]
compare = { layer = "ip1" }

[[measure]]
name = "error"
words = "relative residual"
groups = ["families"]
column = "residual"

[[measure]]
name = "parameters"
groups = ["blocks", "dense"]
column = "parameters"

[[figure]]
name = "accuracy"
title = "Accuracy falls with the number of blocks"
x = "b1"
x-words = "blocks of the first layer"
y = ["accuracy"]
log-x = true
reading = "Published accuracies are those of table 2. Dense layers have no blocks and are drawn from end to end."
level = [{ value = 98.2, words = "a linear classifier of its features" }]

[[figure]]
name = "loss"
title = "Loss over the training"
x = "iteration"
y = ["loss"]
lines = ["b1"]
log-y = true
reading = "Mean cross-entropy on the test samples."

[[figure]]
name = "orders"
title = "Singular values of the first layer beside random ones"
x = "order"
y = ["ratio"]
beside = ["chance"]
lines = ["b1"]
where = { b1 = [1, 5, 50] }
reading = "Above 1 a value is larger than that of a random matrix of the same variance."
level = [{ value = 1.0, words = "" }]

[[figure]]
name = "families"
title = "Residual of each family at two budgets"
x = "family"
y = ["error"]
lines = ["budget"]
log-y = true
reading = "The share of the weight that the nearest member of a family leaves."

[[figure]]
name = "trade"
title = "Accuracy over parameters"
x = "parameters"
y = ["accuracy"]
groups = ["blocks"]
log-x = true
reading = "Each point is a number of blocks."

[[claim]]
claim = "One block reaches 98.9 %"
measure = "accuracy"
where = { group = "blocks", b1 = 1 }
value = 98.9
tolerance = 0.2

[[claim]]
claim = "Fifty blocks lose little"
measure = "accuracy"
where = { group = "blocks", b1 = 50 }
value = 97.6
tolerance = 0.2

[[claim]]
claim = "Dense layers reach 98.95 %"
measure = "accuracy"
where = { group = "dense" }
value = 98.95
tolerance = 0.2

[[claim]]
claim = "Fewer blocks are better"
measure = "accuracy"
where = { group = "blocks" }
above = { b1 = 1 }

[[claim]]
claim = "Random blocks have the same largest value"
null = true
measure = "chance"
at-least = 1.0

[[claim]]
claim = "The loss of five blocks is 0.12 halfway"
measure = "loss"
where = { b1 = 5 }
at = 5000
value = 0.12
tolerance = 0.05
"#;

/// A cell of these variables.
pub fn cell(variables: &[(&str, Value)]) -> Cell {
    let each = variables.iter().cloned();
    each.map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A single number with its range over three seeds.
pub fn single(group: &str, variables: Cell, measure: &str, mean: f64, half: f64) -> CellValue {
    curve(group, variables, measure, None, &[(0.0, mean, half)])
}

fn curve(
    group: &str,
    variables: Cell,
    measure: &str,
    over: Option<&str>,
    places: &[(f64, f64, f64)],
) -> CellValue {
    CellValue {
        group: group.into(),
        variables,
        measure: measure.into(),
        over: over.map(str::to_owned),
        at: places.iter().map(|place| place.0).collect(),
        mean: places.iter().map(|place| Some(place.1)).collect(),
        least: places.iter().map(|place| Some(place.1 - place.2)).collect(),
        most: places.iter().map(|place| Some(place.1 + place.2)).collect(),
        deviation: places.iter().map(|place| Some(0.7 * place.2)).collect(),
        seeds: 3,
    }
}

/// The loss of `b1` blocks after so many iterations.
fn loss(b1: f64, iteration: f64) -> f64 {
    let wave = 0.04 * (iteration / 170.0 + b1).sin() * (iteration / 61.0).cos();
    (0.03 + 0.012 * b1.ln() + 2.2 * (-iteration / 900.0).exp()) * (1.0 + wave)
}

/// A value of order `order` over that of random matrices.
fn ratio(b1: f64, order: f64) -> f64 {
    1.0 + 1.6 / (order * (1.0 + 0.3 * b1.ln())) - 0.0002 * order
}

fn blocks(b1: i64) -> Cell {
    cell(&[("b1", Value::Whole(b1))])
}

fn values() -> Vec<CellValue> {
    let mut values = Vec::new();
    for b1 in [1, 5, 10, 20, 50] {
        let b = b1 as f64;
        // The cell of 20 blocks diverges halfway.
        if b1 != 20 {
            let accuracy = 98.9 - 0.07 * b.ln();
            values.push(single(
                "blocks",
                blocks(b1),
                "accuracy",
                accuracy,
                0.07 + 0.001 * b,
            ));
            values.push(single(
                "blocks",
                blocks(b1),
                "parameters",
                431_080.0 / b.sqrt(),
                0.0,
            ));
        }
        let rows = (0..=400).map(|row| 25.0 * f64::from(row));
        let rows = rows.filter(|row| b1 != 20 || *row < 2600.0);
        let rows: Vec<_> = rows
            .map(|row| (row, loss(b, row), 0.12 * loss(b, row)))
            .collect();
        values.push(curve(
            "blocks",
            blocks(b1),
            "loss",
            Some("iteration"),
            &rows,
        ));
        let orders = || (1..=500).map(f64::from);
        let own: Vec<_> = orders().map(|i| (i, ratio(b, i), 0.02)).collect();
        values.push(curve("blocks", blocks(b1), "ratio", Some("order"), &own));
        let chance: Vec<_> = orders().map(|i| (i, 1.0 + 0.004 * b / i, 0.005)).collect();
        values.push(curve(
            "blocks",
            blocks(b1),
            "chance",
            Some("order"),
            &chance,
        ));
    }
    values.push(single("dense", cell(&[]), "accuracy", 98.9, 0.04));
    values.push(single("dense", cell(&[]), "parameters", 431_080.0, 0.0));
    for (place, family) in ["dense", "low rank", "block-diagonal", "Toeplitz"]
        .iter()
        .enumerate()
    {
        for (budget, name) in [(0.25, "1/4"), (0.0625, "1/16")] {
            let error = place as f64 * (0.2 - budget / 2.0);
            let variables = cell(&[
                ("family", Value::Word((*family).to_owned())),
                ("budget", Value::Word(name.to_owned())),
            ]);
            values.push(single("families", variables, "error", error, 0.1 * error));
        }
    }
    values
}

fn claim_cell(group: &str, variables: Cell, ours: f64, against: f64, holds: Outcome) -> ClaimCell {
    ClaimCell {
        group: group.into(),
        variables,
        ours: Some(ours),
        against: Some(against),
        deviation: Some(0.05),
        seeds: 3,
        holds,
    }
}

fn claims() -> Vec<ClaimReport> {
    let one = |place: usize, cell: ClaimCell, verdict: Verdict, sentence: &str| {
        let claim = &read(STUDY).unwrap().claims[place];
        ClaimReport {
            claim: claim.claim.clone(),
            null: claim.null,
            measure: claim.measure.clone(),
            percent: claim.measure == "accuracy",
            demanded: match claim.value {
                Some(value) => value.to_string(),
                None => "at least 1".to_owned(),
            },
            published: claim.value,
            tolerance: claim.tolerance,
            cells: vec![cell],
            verdict,
            sentence: sentence.to_owned(),
        }
    };
    let ours = |group: &str, variables: Cell, ours: f64, against: f64, holds| {
        claim_cell(group, variables, ours, against, holds)
    };
    let mut above = one(
        3,
        ours("blocks", blocks(5), 98.787, 98.86, Outcome::No),
        Verdict::InPart,
        "It holds in 2 of 3 cells; the seeds of one differ more than the cells do.",
    );
    above.demanded = "above b1 = 1".to_owned();
    above
        .cells
        .push(ours("blocks", blocks(10), 98.74, 98.7, Outcome::Yes));
    above
        .cells
        .push(ours("blocks", blocks(50), 98.63, 98.6, Outcome::Yes));
    vec![
        one(
            0,
            ours("blocks", blocks(1), 98.9, 98.9, Outcome::Yes),
            Verdict::Reproduced,
            "Ours is off by less than the tolerance.",
        ),
        one(
            1,
            ours("blocks", blocks(50), 98.63, 97.6, Outcome::No),
            Verdict::NotReproduced,
            "Ours is better by five times the tolerance.",
        ),
        one(
            2,
            ours("dense", cell(&[]), 98.9, 98.95, Outcome::Yes),
            Verdict::Reproduced,
            "Ours is off by a quarter of the tolerance.",
        ),
        above,
        one(
            4,
            ours("blocks", blocks(1), 1.004, 1.0, Outcome::Yes),
            Verdict::Reproduced,
            "Chance gives as much.",
        ),
        ClaimReport {
            null: true,
            ..one(
                5,
                ours("blocks", blocks(5), 0.06, 0.12, Outcome::No),
                Verdict::NotReproduced,
                "Ours is half of it.",
            )
        },
    ]
}

fn runs() -> Vec<RunReport> {
    let run = |group: &str, variables: Cell, seed: u64, diverged: bool| RunReport {
        group: group.into(),
        variables,
        seed,
        key: (seed > 0).then(|| format!("{seed:016x}")),
        ended: if diverged {
            RunEnd::Diverged
        } else {
            RunEnd::Finished
        },
        reason: diverged.then(|| "the loss was no finite number in iteration 2601".to_owned()),
        iterations: (seed > 0).then_some(if diverged { 2601 } else { 10_000 }),
        device: (seed > 0).then(|| "processor".to_owned()),
        seconds: (seed > 0).then_some(181.25),
    };
    let mut runs = Vec::new();
    for b1 in [1, 5, 10, 20, 50] {
        runs.extend((1..=3).map(|seed| run("blocks", blocks(b1), seed, b1 == 20)));
    }
    runs.extend((1..=3).map(|seed| run("dense", cell(&[]), seed, false)));
    let family = cell(&[("family", Value::Word("dense".to_owned()))]);
    runs.push(run("families", family, 0, false));
    runs
}

fn observations() -> Vec<Observation> {
    let mut observations = Vec::new();
    for run in 0..15 {
        observations.push(Observation {
            run,
            measure: "accuracy".to_owned(),
            curve: Curve {
                over: None,
                at: vec![0.0],
                values: vec![98.0 + 0.01 * run as f64],
            },
        });
        let rows = || (0..=400).map(|row| 25.0 * f64::from(row));
        observations.push(Observation {
            run,
            measure: "loss".to_owned(),
            curve: Curve {
                over: Some("iteration"),
                at: rows().collect(),
                values: rows().map(|row| loss(1.0 + run as f64, row)).collect(),
            },
        });
    }
    observations
}

/// The report.
pub fn sample() -> StudyReport {
    let candidate = |rate: f64, accuracy| Candidate {
        variables: cell(&[("rate", Value::Number(rate))]),
        key: None,
        accuracy,
    };
    StudyReport {
        schema_version: 1,
        program: "spectra 0.1.0".to_owned(),
        id: "lenet-blocks".to_owned(),
        study: read(STUDY).unwrap(),
        quick: false,
        shortened: 1,
        complete: true,
        verdict: Verdict::InPart,
        data: vec![
            DataReport {
                set: "mnist".to_owned(),
                origin: Some(Origin::Files {
                    format: Format::Idx,
                    files: vec![FileRecord {
                        name: "train-images-idx3-ubyte.gz".to_owned(),
                        bytes: 47_040_016,
                        sha256: "9f86d081884c7d65".to_owned(),
                    }],
                    split: Split::Given,
                }),
                problem: None,
            },
            DataReport {
                set: "cifar10".to_owned(),
                origin: None,
                problem: Some("no such folder".to_owned()),
            },
        ],
        runs: runs(),
        choices: vec![ChoiceReport {
            group: "blocks".to_owned(),
            variables: blocks(1),
            candidates: vec![
                candidate(0.01, Some(0.962)),
                candidate(0.1, Some(0.975)),
                candidate(1.0, None),
            ],
            chosen: Some(1),
        }],
        values: values(),
        claims: claims(),
        remarks: Vec::new(),
        observations: observations(),
    }
}

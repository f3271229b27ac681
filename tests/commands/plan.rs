//! `spectra plan`: one budget for a whole model.

use crate::common::command::{json, sentence, spectra, stdout, succeed};
use crate::common::files::write;
use crate::common::tensors::{
    Moments, Stored, double, low_rank, moment, normals, safetensors, single,
};
use nalgebra::DMatrix;
use serde_json::{Value, json};
use spectra::random::Stream;
use std::path::Path;
use tempfile::TempDir;

/// Two blocks whose second matrices have rank 2 and full rank, a head, and what is no layer; with moments.
struct Case {
    folder: TempDir,
    model: String,
    tensors: Vec<(String, [usize; 2], Vec<f64>)>,
    inputs: Vec<Vec<f64>>,
    gradients: Vec<Vec<f64>>,
}

const LAYERS: [(&str, [usize; 2]); 5] = [
    ("h.0.attn.q_proj", [24, 24]),
    ("h.0.mlp.up_proj", [40, 24]),
    ("h.1.attn.q_proj", [24, 24]),
    ("h.1.mlp.up_proj", [40, 24]),
    ("lm_head", [6, 24]),
];

impl Case {
    fn new() -> Case {
        let folder = tempfile::tempdir().unwrap();
        let mut stream = Stream::new(11, &[1]);
        let mut tensors = Vec::new();
        let (mut inputs, mut gradients) = (Vec::new(), Vec::new());
        for (name, [m, n]) in LAYERS {
            let values = if name == "h.0.mlp.up_proj" {
                low_rank(&mut stream, m, n, 2)
            } else {
                normals(&mut stream, m * n)
            };
            tensors.push((format!("{name}.weight"), [m, n], values));
            inputs.push(moment(&mut stream, n, 100));
            gradients.push(moment(&mut stream, m, 100));
        }
        let mut stored: Vec<Stored> = (tensors.iter())
            .map(|(name, shape, values)| double(name, shape, values))
            .collect();
        stored.push(single("h.0.attn.q_proj.bias", &[24], &[0.0; 24]));
        stored.push(single("wte.weight", &[50, 24], &normals(&mut stream, 1200)));
        let model = write(
            folder.path(),
            "model.safetensors",
            &safetensors(&stored, None),
        );
        Case {
            folder,
            model,
            tensors,
            inputs,
            gradients,
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn moments(&self, has_gradients: bool) -> Moments {
        let layers = LAYERS.iter().zip(self.inputs.iter().zip(&self.gradients));
        layers.fold(Moments::default(), |moments, ((name, shape), (c, g))| {
            moments.linear(name, *shape, c, has_gradients.then_some(g))
        })
    }

    fn plan(&self, arguments: &[&str]) -> Value {
        let mut command = spectra();
        command
            .args(["plan", &self.model, "--json"])
            .args(arguments);
        json(&succeed(command.output().unwrap()))
    }

    fn refused(&self, arguments: &[&str]) -> String {
        let mut command = spectra();
        command.args(["plan", &self.model]).args(arguments);
        sentence(&command.output().unwrap())
    }

    /// Returns tr(W C Wᵀ) of what truncation to a rank leaves of W C^½, over all of it, by another program.
    fn lost(&self, layer: usize, rank: usize) -> f64 {
        let (_, [m, n], values) = &self.tensors[layer];
        let w = DMatrix::from_row_slice(*m, *n, values);
        let c = DMatrix::from_row_slice(*n, *n, &self.inputs[layer]);
        let ridge = 1e-6 * c.trace() / *n as f64;
        let c = c + DMatrix::identity(*n, *n) * ridge;
        let root = c.cholesky().unwrap().l();
        let s = (w * root).singular_values();
        let squares: Vec<f64> = s.iter().map(|s| s * s).collect();
        squares[rank..].iter().sum::<f64>() / squares.iter().sum::<f64>()
    }
}

/// Returns the size of each layer in a budget; -1 of a matrix as it is.
fn sizes(budget: &Value) -> Vec<i64> {
    let layers = budget["layers"].as_array().unwrap();
    layers
        .iter()
        .map(|x| x["size"].as_i64().unwrap_or(-1))
        .collect()
}

/// Would catch a plan from weights alone that is not the uniform one, ranks that are not ⌊ρ mn/(m+n)⌋, a larger ratio that
/// would fit, a head that is cut, and a table whose use is not known inside of the budget.
#[test]
fn weights_alone_give_the_uniform_plan() {
    let case = Case::new();
    let plan = case.plan(&["--budget", "50%"]);
    assert_eq!(plan["knowledge"]["mode"], "weights");
    let budget = &plan["budgets"][0];
    assert_eq!(budget["layers"], budget["uniform"]["layers"]);
    assert_eq!(budget["optimal"], Value::Null);
    assert_eq!(budget["uniform"]["dense"], json!(["lm_head.weight"]));
    let ratio = budget["uniform"]["ratio"].as_f64().unwrap();
    let ranks = |ratio: f64| -> Vec<u64> {
        let rank = |[m, n]: [usize; 2]| (ratio * (m * n) as f64 / (m + n) as f64 + 1e-9) as u64;
        LAYERS[..4].iter().map(|(_, shape)| rank(*shape)).collect()
    };
    let cost = |ranks: &[u64]| -> u64 {
        let costs = ranks.iter().zip(&LAYERS);
        costs
            .map(|(r, (_, [m, n]))| r * (m + n) as u64)
            .sum::<u64>()
            + 144
    };
    let found: Vec<u64> = (sizes(budget)[..4].iter())
        .map(|&size| size as u64)
        .collect();
    assert_eq!(found, ranks(ratio));
    let dense: u64 = LAYERS.iter().map(|(_, [m, n])| (m * n) as u64).sum();
    assert_eq!(plan["compressible"]["cost"], dense);
    assert_eq!(budget["limit"], dense / 2);
    assert_eq!(budget["cost"], cost(&found));
    assert!(cost(&found) <= dense / 2);
    let more = (1..=1000).map(|i| ranks(ratio + f64::from(i) / 1000.0));
    let next = more.into_iter().find(|ranks| *ranks != found).unwrap();
    assert!(cost(&next) > dense / 2, "{next:?} would fit");
    let table = plan["layers"].as_array().unwrap();
    let table = table
        .iter()
        .find(|row| row["name"] == "wte.weight")
        .unwrap();
    assert!(
        table["reason"]
            .as_str()
            .unwrap()
            .contains("table of vectors")
    );
}

/// Would catch errors that are not those of the truncated product with a root of the moments, a budget that moves between
/// types of weight although nothing lets them be compared, and one that does not move to the layer that needs it.
#[test]
fn moments_move_the_budget_inside_a_type() {
    let case = Case::new();
    let moments = case
        .moments(false)
        .write(case.path(), "moments.safetensors");
    let plan = case.plan(&["--budget", "40%,60%", "--moments", &moments]);
    assert_eq!(plan["knowledge"]["mode"], "inputs");
    let said = plan["knowledge"]["sentence"].as_str().unwrap();
    assert!(said.contains("not shown to beat uniform"), "{said}");
    let mut command = spectra();
    command.args(["plan", &case.model, "--budget", "40%", "--moments"]);
    let text = stdout(&command.arg(&moments).output().unwrap());
    // The optimum is one of each type's budget, not of the whole.
    assert!(
        text.contains("(optimal inside each type of weight, proved"),
        "{text}"
    );
    for budget in plan["budgets"].as_array().unwrap() {
        let (ours, even) = (&budget["layers"], &budget["uniform"]["layers"]);
        let cost = |layers: &Value, places: [usize; 2]| -> u64 {
            places
                .iter()
                .map(|&i| layers[i]["cost"].as_u64().unwrap())
                .sum()
        };
        for places in [[0, 2], [1, 3]] {
            assert!(cost(ours, places) <= cost(even, places));
        }
        assert!(budget["error"].as_f64() <= budget["uniform"]["error"].as_f64());
        // rank 2 is enough for the one of rank 2, and the other one of its type gets what it leaves
        assert_eq!(ours[1]["size"], 2);
        assert!(ours[3]["cost"].as_u64() > even[3]["cost"].as_u64());
        for (layer, sized) in ours.as_array().unwrap().iter().enumerate() {
            let error = sized["error"]["calibration"].as_f64().unwrap();
            let expected = sized["size"]
                .as_u64()
                .map_or(0.0, |r| case.lost(layer, r as usize));
            assert!(
                (error - expected).abs() < 1e-9,
                "{layer}: {error} {expected}"
            );
            assert_eq!(sized["error"]["held_out"], Value::Null);
        }
    }
}

/// Would catch held-out errors that are those of the calibration, or not those that the plan goes by.
#[test]
fn errors_are_those_on_other_inputs() {
    let case = Case::new();
    let moments = case
        .moments(false)
        .write(case.path(), "moments.safetensors");
    let mut other = Case::new();
    let mut stream = Stream::new(12, &[1]);
    other.inputs = LAYERS
        .iter()
        .map(|(_, [_, n])| moment(&mut stream, *n, 60))
        .collect();
    let held_out = other.moments(false).write(case.path(), "other.safetensors");
    let plan = case.plan(&[
        "--budget",
        "50%",
        "--moments",
        &moments,
        "--held-out",
        &held_out,
    ]);
    assert_eq!(plan["knowledge"]["errors_on"], "held-out inputs");
    let layers = plan["budgets"][0]["layers"].as_array().unwrap();
    let mut sum = 0.0;
    for layer in layers {
        let [own, others] =
            ["calibration", "held_out"].map(|key| layer["error"][key].as_f64().unwrap());
        assert!(layer["size"].is_null() || layer["size"] == 2 || own < others);
        assert_eq!(layer["loss"].as_f64(), Some(others));
        sum += others;
    }
    assert!((sum - plan["budgets"][0]["error"].as_f64().unwrap()).abs() < 1e-12);
}

/// Would catch weights alpha that do not move the budget to where the loss rises, and a plan that is worse than the uniform
/// one by its own sum.
#[test]
fn alpha_moves_the_budget_over_the_model() {
    let case = Case::new();
    let moments = case
        .moments(false)
        .write(case.path(), "moments.safetensors");
    let size = |alpha: f64| {
        let weights: serde_json::Map<String, Value> = LAYERS
            .iter()
            .map(|(name, _)| {
                (
                    (*name).to_owned(),
                    if *name == LAYERS[2].0 {
                        alpha.into()
                    } else {
                        1.0.into()
                    },
                )
            })
            .collect();
        let file = write(
            case.path(),
            "alpha.json",
            json!({ "alpha": weights }).to_string().as_bytes(),
        );
        let plan = case.plan(&["--budget", "40%", "--moments", &moments, "--alpha", &file]);
        let budget = &plan["budgets"][0];
        assert_eq!(plan["knowledge"]["mode"], "alpha");
        assert_eq!(budget["optimal"], true);
        let [error, bound, even] = [
            &budget["error"],
            &budget["bound"],
            &budget["uniform"]["error"],
        ]
        .map(|x| x.as_f64().unwrap());
        assert!(bound <= error && error <= even, "{bound} {error} {even}");
        assert!(budget["next"]["error"].as_f64().unwrap() <= error);
        plan["budgets"][0]["layers"][2]["cost"].as_u64().unwrap()
    };
    let sizes = [1e-3, 1.0, 1e3].map(size);
    assert!(sizes[0] < sizes[1] && sizes[1] < sizes[2], "{sizes:?}");
    assert_eq!(sizes[2], 576);
}

/// Would catch a K-FAC error that is not ½ tr(G Δ C Δᵀ) with inputs averaged over vectors and gradients over samples.
#[test]
fn gradients_weigh_outputs_by_the_loss() {
    let case = Case::new();
    let moments = case.moments(true).write(case.path(), "moments.safetensors");
    let plan = case.plan(&["--budget", "30%", "--moments", &moments]);
    assert_eq!(plan["knowledge"]["mode"], "gradients");
    let budget = &plan["budgets"][0];
    assert!(budget["error"].as_f64() <= budget["uniform"]["error"].as_f64());
    for (layer, sized) in budget["layers"].as_array().unwrap().iter().enumerate() {
        let (_, [m, n], values) = &case.tensors[layer];
        let square =
            |values: &[f64], n: usize, count: f64| DMatrix::from_row_slice(n, n, values) / count;
        let w = DMatrix::from_row_slice(*m, *n, values);
        let c = square(&case.inputs[layer], *n, 100.0);
        let c = &c + DMatrix::identity(*n, *n) * (1e-6 * c.trace() / *n as f64);
        let g = square(&case.gradients[layer], *m, 50.0);
        let ridge = 1e-3 * g.trace() / *m as f64;
        let root = (&g + DMatrix::identity(*m, *m) * ridge).symmetric_eigen();
        let power = |p: f64| {
            let d = DMatrix::from_diagonal(&root.eigenvalues.map(|x| x.powf(p)));
            &root.eigenvectors * d * root.eigenvectors.transpose()
        };
        let weighted = power(0.5) * &w;
        let svd = (&weighted * c.clone().cholesky().unwrap().l()).svd(true, false);
        let rank = sized["size"].as_u64().map_or((*m).min(*n), |r| r as usize);
        let u = svd.u.unwrap().columns(0, rank).into_owned();
        let fit = power(-0.5) * &u * u.transpose() * &weighted;
        let d = &w - fit;
        let expected = 0.5 * (&g * &d * &c * d.transpose()).trace();
        let error = sized["error"]["calibration"].as_f64().unwrap();
        assert!(
            (error - expected).abs() < 1e-8 * (1.0 + expected),
            "{layer}: {error} {expected}"
        );
    }
}

/// Would catch work on what cannot become a plan, and sentences that do not say what is wrong.
#[test]
fn what_does_not_fit_is_refused_before_any_work() {
    let case = Case::new();
    let moments = case
        .moments(false)
        .write(case.path(), "moments.safetensors");
    let shape = [40, 24];
    let change = |change: &dyn Fn(&mut Moments)| {
        let mut moments = case.moments(false);
        change(&mut moments);
        moments.write(case.path(), "changed.safetensors")
    };
    let other = change(&|m| m.layers[0]["name"] = "h.7.attn.q_proj".into());
    let refused = |file: &str| case.refused(&["--budget", "40%", "--moments", file]);
    assert!(refused(&other).contains("moments are not in the file"));
    let renamed = change(&|m| {
        m.layers[0]["name"] = "h.7.attn.q_proj".into();
        m.tensors[0].0 = "h.7.attn.q_proj/inputs".into();
    });
    let said = refused(&renamed);
    assert!(
        said.contains("h.7.attn.q_proj") && said.contains("no tensor of this name"),
        "{said}"
    );
    let wide = Moments::default().linear("h.0.mlp.up_proj", [24, 24], &case.inputs[0], None);
    let said = refused(&wide.write(case.path(), "wide.safetensors"));
    assert!(
        said.contains("24 outputs and 24 inputs") && said.contains("40 × 24"),
        "{said}"
    );
    let mut nan = case.inputs[1].clone();
    nan[7] = f64::NAN;
    let nan = Moments::default().linear("h.0.mlp.up_proj", shape, &nan, None);
    let said = refused(&nan.write(case.path(), "nan.safetensors"));
    assert!(
        said.contains("h.0.mlp.up_proj: its inputs are NaN or infinite"),
        "{said}"
    );
    let mut negative = case.inputs[1].clone();
    negative[0] = -1.0;
    let negative = Moments::default().linear("h.0.mlp.up_proj", shape, &negative, None);
    let said = refused(&negative.write(case.path(), "negative.safetensors"));
    assert!(said.contains("no sums of squares"), "{said}");
    let said = refused(&case.model);
    assert!(said.contains("has no moments of layers"), "{said}");
    let alpha = write(case.path(), "alpha.json", br#"{"alpha": {"h.9": 1.0}}"#);
    for (arguments, words) in [
        (&["--budget", "0"][..], "above 0 and at most 1"),
        (&["--budget", "140%"], "above 0 and at most 1"),
        (
            &["--budget", "5%"],
            "but the least that the layers can cost is",
        ),
        (
            &["--budget", "40%", "--tie", "attn.q_proj,mlp.up_proj"],
            "unequal shapes cannot be tied",
        ),
        (&["--budget", "40%", "--tie", "q_proj,z_proj"], "z_proj"),
        (&["--budget", "40%", "--tie", "q_proj"], "nothing is tied"),
        (&["--budget", "40%", "--tie", ","], "a tie names no parts"),
        (
            &["--budget", "40%", "--keep", "nothing"],
            "no layer in the budget is named nothing",
        ),
        (
            &["--budget", "40%", "--exclude", "*"],
            "no tensor has a name",
        ),
        (
            &["--budget", "40%", "--moments", &moments, "--alpha", &alpha],
            "h.9: the model has no such layer",
        ),
        (
            &[
                "--budget",
                "40%",
                "--moments",
                &moments,
                "--held-out",
                &wide_only(&case),
            ],
            "no held-out moments",
        ),
    ] {
        let mut command = spectra();
        command.args(["plan", &case.model]).args(arguments);
        let output = command.output().unwrap();
        let said = crate::common::command::stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains(words), "{arguments:?}: {said}");
    }
}

/// Writes moments of one layer alone.
fn wide_only(case: &Case) -> String {
    let one = Moments::default().linear("lm_head", [6, 24], &case.inputs[4], None);
    one.write(case.path(), "one.safetensors")
}

/// Would catch sizes of a hostile file that memory is asked for, entries of which one hides another, and counts that are
/// divided by although they are zero.
#[test]
fn hostile_moments_are_refused() {
    let case = Case::new();
    let refused = |file: &str| case.refused(&["--budget", "40%", "--moments", file]);
    for (key, value, words) in [
        ("rows", json!(u64::MAX), "40 × 24"),
        ("columns", json!(1u64 << 40), "have shape [24, 24]"),
        ("columns", json!(0), "no inputs"),
        ("rows", json!(-3), "metadata"),
        ("rows", json!("40"), "metadata"),
        ("vectors", json!(0), "nothing has passed it"),
        ("samples", json!(0), "nothing has passed it"),
        ("kind", json!("conv9d\u{1b}"), "conv9d"),
        ("name", json!("h.0.attn.q_proj"), "listed twice"),
        ("name", json!("\u{1b}[31m\n"), "not in the file"),
    ] {
        let mut moments = case.moments(false);
        moments.layers[1][key] = value.clone();
        let said = refused(&moments.write(case.path(), "hostile.safetensors"));
        assert!(
            said.contains(words) && !said.contains('\u{1b}'),
            "{key} {value}: {said}"
        );
    }
    let bytes = safetensors(
        &case.moments(false).tensors,
        Some(("spectra.moments", "{\"schema_version\": 9, \"layers\": []}")),
    );
    let said = refused(&write(case.path(), "version.safetensors", &bytes));
    assert!(said.contains("version 9"), "{said}");
    let huge = case.inputs[1].iter().map(|x| x * 1e305).collect::<Vec<_>>();
    let huge = Moments::default().linear("h.0.mlp.up_proj", [40, 24], &huge, None);
    let plan = case.plan(&[
        "--budget",
        "40%",
        "--moments",
        &huge.write(case.path(), "huge.safetensors"),
    ]);
    assert_eq!(plan["budgets"][0]["layers"][0]["size"], 2);
}

/// Would catch tied layers of two sizes, ranks that are no multiples, and a kept layer that is cut or not paid for.
#[test]
fn ties_multiples_and_kept_layers_hold() {
    let case = Case::new();
    let moments = case.moments(true).write(case.path(), "moments.safetensors");
    let plan = case.plan(&[
        "--budget",
        "60%",
        "--moments",
        &moments,
        "--multiple-of",
        "4",
        "--keep",
        "h.1.attn*",
        "--tie",
        "0,1",
        "--exclude",
        "h.?.attn.q_proj.bias",
    ]);
    assert!(plan["budgets"][0]["layers"][0]["size"].is_null());
    let sizes = sizes(&plan["budgets"][0]);
    assert_eq!(sizes[0], sizes[2]);
    assert_eq!(sizes[1], sizes[3]);
    assert!(sizes[1] % 4 == 0 && sizes[1] > 0, "{sizes:?}");
    let rows = plan["layers"].as_array().unwrap();
    let row = |name: &str| rows.iter().find(|row| row["name"] == name).unwrap();
    assert_eq!(
        row("h.1.mlp.up_proj.weight")["tied"],
        "h.0.mlp.up_proj.weight"
    );
    assert_eq!(row("h.1.attn.q_proj.weight")["kept"], true);
    assert_eq!(row("wte.weight")["status"], "skipped");
}

/// Would catch a table that is fitted as if all of its rows were used alike: the rows that are looked up come back.
#[test]
fn a_table_is_fitted_by_how_often_its_rows_are_used() {
    let folder = tempfile::tempdir().unwrap();
    let mut stream = Stream::new(13, &[1]);
    // three rows that are used, and noise that is not
    let values = normals(&mut stream, 60 * 8);
    let model = [double("wte.weight", &[60, 8], &values)];
    let model = write(
        folder.path(),
        "model.safetensors",
        &safetensors(&model, None),
    );
    let mut counts = vec![0.0; 60];
    counts[..3].fill(1e12);
    let moments = Moments::default().table("wte", [60, 8], &counts);
    let moments = moments.write(folder.path(), "moments.safetensors");
    let mut command = spectra();
    command.args([
        "plan",
        &model,
        "--budget",
        "45%",
        "--moments",
        &moments,
        "--json",
    ]);
    let plan = json(&succeed(command.output().unwrap()));
    let sized = &plan["budgets"][0]["layers"][0];
    assert_eq!(sized["size"], 3);
    assert!(sized["error"]["calibration"].as_f64().unwrap() < 1e-9);
    assert_eq!(plan["layers"][0]["table"], true);
}

/// Would catch a capture of tied layers that cannot be planned, and a shared table that is cut for one of its uses.
#[test]
fn a_weight_of_two_layers_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let mut stream = Stream::new(14, &[1]);
    let stored = [
        double("wte.weight", &[60, 8], &normals(&mut stream, 480)),
        double("up.weight", &[24, 8], &normals(&mut stream, 192)),
    ];
    let model = write(
        folder.path(),
        "model.safetensors",
        &safetensors(&stored, None),
    );
    let c = moment(&mut stream, 8, 100);
    let moments = Moments::default().table("wte", [60, 8], &[1.0; 60]);
    let mut moments = moments.linear("lm_head", [60, 8], &c, None);
    moments = moments.linear("up", [24, 8], &c, None);
    moments.layers[0]["tied"] = json!(["lm_head"]);
    moments.layers[1]["tied"] = json!(["wte"]);
    let moments = moments.write(folder.path(), "moments.safetensors");
    let alpha = json!({"alpha": {"lm_head": 1.0, "wte": 1.0, "up": 1.0}}).to_string();
    let alpha = write(folder.path(), "alpha.json", alpha.as_bytes());
    let mut command = spectra();
    command.args(["plan", &model, "--budget", "50%", "--moments", &moments]);
    command.args(["--alpha", &alpha, "--json"]);
    let plan = json(&succeed(command.output().unwrap()));
    assert_eq!(plan["compressible"]["layers"], 1);
    let rows = plan["layers"].as_array().unwrap();
    let table = rows.iter().find(|row| row["name"] == "wte.weight").unwrap();
    assert_eq!(table["status"], "skipped");
    let reason = table["reason"].as_str().unwrap();
    assert!(
        reason.starts_with("the weight of several layers"),
        "{reason}"
    );
}

/// Would catch a table on the terminal without the sentence on what is known, a comparison that is not marked as predicted,
/// and a plan file that is not the document.
#[test]
fn the_terminal_says_what_may_be_claimed() {
    let case = Case::new();
    let file = case.path().join("plan.json");
    let mut command = spectra();
    command.args([
        "plan",
        &case.model,
        "--budget",
        "50%",
        "-o",
        file.to_str().unwrap(),
    ]);
    let text = stdout(&command.output().unwrap());
    assert!(text.starts_with("Only the weights are known"), "{text}");
    assert!(
        text.contains("predicted") && text.contains("rank"),
        "{text}"
    );
    let written: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(written, case.plan(&["--budget", "50%"]));
}

/// Would catch a page without its figures, one that does not say what may be claimed, or a curve on which the plan is worse
/// than uniform by its own sum.
#[test]
fn a_page_shows_the_curve_and_what_may_be_claimed() {
    let case = Case::new();
    let moments = case.moments(true).write(case.path(), "moments.safetensors");
    // The browser opens it as well.
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pages/plan");
    let _ = std::fs::remove_dir_all(&folder);
    let plan = case.plan(&[
        "--budget",
        "40%,20%",
        "--moments",
        &moments,
        "--report",
        folder.to_str().unwrap(),
    ]);
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
    let page = read("index.html");
    for words in [
        "What may be claimed",
        "measure both on data",
        "predicted",
        "1 % of the layers' cost more",
    ] {
        assert!(page.replace("&#39;", "'").contains(words), "{words}");
    }
    assert_eq!(page.matches("<figure>").count(), 3);
    assert!(read("plan-curve.svg").contains("uniform"));
    assert!(folder.join("budget-002-layers.png").exists());
    let curve = plan["curve"].as_array().unwrap();
    assert!(curve.len() > 10);
    for pair in curve.windows(2) {
        let error = |point: &Value| point["error"].as_f64().unwrap();
        assert!(error(&pair[1]) <= error(&pair[0]) * (1.0 + 1e-9));
        assert!(error(&pair[0]) <= pair[0]["uniform_error"].as_f64().unwrap() * (1.0 + 1e-9));
    }
    assert_eq!(curve.last().unwrap()["error"], 0.0);
}

/// Would catch names that are patterns, a list of the wrong layers, and numbers in another order or direction.
#[test]
fn other_programs_get_the_plan_in_their_words() {
    let case = Case::new();
    let file = |name: &str| case.path().join(name).to_str().unwrap().to_owned();
    let forms = ["alphapruning", "axolotl", "ignore"];
    let given = forms.map(|form| format!("{form}={}", file(form)));
    let mut arguments = vec!["--budget", "50%"];
    given
        .iter()
        .for_each(|form| arguments.extend(["--emit", form]));
    let plan = case.plan(&arguments);
    let layers = plan["budgets"][0]["layers"].as_array().unwrap();
    let bytes = std::fs::read(file("alphapruning")).unwrap();
    assert_eq!(bytes.len(), 128 + 8 * layers.len());
    for (number, layer) in bytes[128..].as_chunks::<8>().0.iter().zip(layers) {
        let pruned = 1.0 - layer["share"].as_f64().unwrap();
        assert_eq!(f64::from_le_bytes(*number), pruned);
    }
    let trained = std::fs::read_to_string(file("axolotl")).unwrap();
    assert!(
        trained.starts_with("unfrozen_parameters:\n  - \"^h\\\\.0\\\\.attn"),
        "{trained}"
    );
    assert_eq!(trained.lines().count(), 5);
    let ignored: Value = serde_json::from_slice(&std::fs::read(file("ignore")).unwrap()).unwrap();
    assert_eq!(ignored["llm-compressor"]["ignore"], json!(["lm_head"]));
    assert_eq!(ignored["auto-round"]["layer_config"]["lm_head"]["bits"], 16);
    assert!(
        case.refused(&["--budget", "50%", "--emit", &given[0], "--emit", &given[0]])
            .contains("one file")
    );
}

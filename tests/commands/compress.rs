//! `spectra compress`: a model in the sizes of a plan.

use crate::common::command::{sentence, spectra, succeed};
use crate::common::files::write;
use crate::common::tensors::{Moments, Stored, double, moment, normals, safetensors, single};
use nalgebra::DMatrix;
use safetensors::{Dtype, SafeTensors};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use spectra::random::Stream;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A model of a table, a layer stored inputs first, a convolution, a plain layer and a head, in shards or in one file.
struct Case {
    folder: TempDir,
    model: PathBuf,
    plan: PathBuf,
    moments: String,
    /// Σ x xᵀ of each layer, inputs × inputs.
    inputs: BTreeMap<&'static str, Vec<f64>>,
}

const UP: &str = "h.0.mlp.up_proj";
const SHARDS: [&str; 2] = ["model-1-of-2.safetensors", "model-2-of-2.safetensors"];

impl Case {
    fn new(is_sharded: bool, storage: &str) -> Case {
        let folder = tempfile::tempdir().unwrap();
        let mut stream = Stream::new(21, &[1]);
        let mut inputs = BTreeMap::new();
        let mut moments = Moments::default();
        let counts: Vec<f64> = (0..40).map(|i| f64::from(i % 7)).collect();
        moments = moments.table("wte", [40, 12], &counts);
        for (name, [m, n]) in [
            ("h.0.attn.c_attn", [36, 12]),
            ("conv1", [10, 24]),
            (UP, [30, 20]),
            ("lm_head", [6, 20]),
        ] {
            inputs.insert(name, moment(&mut stream, n, 100));
            moments = moments.linear(name, [m, n], &inputs[name], None);
        }
        let moments = moments.write(folder.path(), "moments.safetensors");
        let mut values = |count| normals(&mut stream, count);
        let first = [
            single("wte.weight", &[40, 12], &values(480)),
            single("h.0.attn.c_attn.weight", &[12, 36], &values(432)),
            single("conv1.weight", &[10, 6, 2, 2], &values(240)),
            ("odd\" name.ids".into(), Dtype::U8, vec![3], vec![1, 2, 3]),
        ];
        let second = [
            double(&format!("{UP}.weight"), &[30, 20], &values(600)),
            single("norm.bias", &[5], &[0.5; 5]),
            single("lm_head.weight", &[6, 20], &values(120)),
        ];
        let home = folder.path().join("model");
        let path = |name: &str| folder.path().join(name);
        let file = |name: &str, tensors: &[Stored]| {
            write(&home, name, &safetensors(tensors, Some(("format", "pt"))));
        };
        if is_sharded {
            file(SHARDS[0], &first);
            file(SHARDS[1], &second);
            let mut map = serde_json::Map::new();
            for (shard, tensors) in SHARDS.iter().zip([&first[..], &second[..]]) {
                map.extend(tensors.iter().map(|t| (t.0.clone(), json!(shard))));
            }
            let index = json!({ "metadata": { "total_size": 1 }, "weight_map": map });
            write(
                &home,
                "model.safetensors.index.json",
                index.to_string().as_bytes(),
            );
        } else {
            file("model.safetensors", &[&first[..], &second[..]].concat());
        }
        write(
            &home,
            "config.json",
            br#"{"model_type": "made-up", "hidden_size": 12}"#,
        );
        write(&home, "1_Pooling/config.json", b"{}");
        let case = Case {
            model: home.clone(),
            plan: path("plan.json"),
            moments,
            inputs,
            folder,
        };
        let mut command = spectra();
        command
            .arg("plan")
            .arg(&home)
            .args(["--budget", "40%,60%", "--storage", storage]);
        command
            .args(["--moments", &case.moments, "-o"])
            .arg(&case.plan);
        succeed(command.output().unwrap());
        case
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn command(&self, folder: &str, arguments: &[&str]) -> std::process::Command {
        let mut command = spectra();
        command.arg("compress").args([&self.model, &self.plan]);
        command
            .args(["--budget", "40%", "-o"])
            .arg(self.path(folder))
            .args(arguments);
        command
    }

    fn compressed(&self, folder: &str, arguments: &[&str]) -> PathBuf {
        succeed(self.command(folder, arguments).output().unwrap());
        self.path(folder)
    }

    /// Returns the sizes of the layers in the plan, by tensor.
    fn sizes(&self) -> BTreeMap<String, Option<usize>> {
        let plan = read(&self.plan);
        let layers = plan["budgets"][0]["layers"].as_array().unwrap();
        let size = |layer: &Value| layer["size"].as_u64().map(|size| size as usize);
        layers
            .iter()
            .map(|x| (x["name"].as_str().unwrap().to_owned(), size(x)))
            .collect()
    }
}

fn read(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// Returns the tensors of a file: type, shape, bytes.
fn tensors(path: &Path) -> BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)> {
    let bytes = std::fs::read(path).unwrap();
    let file = SafeTensors::deserialize(&bytes).unwrap();
    let tensor = |(name, view): (String, safetensors::tensor::TensorView<'_>)| {
        (
            name,
            (view.dtype(), view.shape().to_vec(), view.data().to_vec()),
        )
    };
    file.tensors().into_iter().map(tensor).collect()
}

fn numbers((dtype, _, bytes): &(Dtype, Vec<usize>, Vec<u8>)) -> Vec<f64> {
    match dtype {
        Dtype::F64 => bytes
            .as_chunks::<8>()
            .0
            .iter()
            .map(|x| f64::from_le_bytes(*x))
            .collect(),
        Dtype::F32 => {
            let chunks = bytes.as_chunks::<4>().0.iter();
            chunks.map(|x| f64::from(f32::from_le_bytes(*x))).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// Returns U_r U_rᵀ W, U the eigenvectors of W C Wᵀ, by another program.
fn expected(w: &DMatrix<f64>, c: &DMatrix<f64>, rank: usize) -> DMatrix<f64> {
    let n = c.nrows() as f64;
    let c = c + DMatrix::identity(c.nrows(), c.nrows()) * (1e-6 * c.trace() / n);
    let u = (w * c.cholesky().unwrap().l()).svd(true, false).u.unwrap();
    let u = u.columns(0, rank).into_owned();
    &u * u.transpose() * w
}

/// Would catch another matrix than the plan's, one in another orientation, and any change of what the plan leaves alone.
#[test]
fn dense_files_differ_in_the_planned_layers_alone() {
    let case = Case::new(false, "factors");
    let before = std::fs::read(case.model.join("model.safetensors")).unwrap();
    let folder = case.compressed("out", &["--as", "dense"]);
    let after = std::fs::read(folder.join("model.safetensors")).unwrap();
    assert_eq!(
        std::fs::read(case.model.join("model.safetensors")).unwrap(),
        before
    );
    let header = 8 + u64::from_le_bytes(before[..8].try_into().unwrap()) as usize;
    assert_eq!(before[..header], after[..header]);
    assert_eq!(before.len(), after.len());
    let old = tensors(&case.model.join("model.safetensors"));
    let new = tensors(&folder.join("model.safetensors"));
    let sizes = case.sizes();
    assert!(
        sizes.values().filter(|size| size.is_some()).count() >= 3,
        "{sizes:?}"
    );
    for (name, tensor) in &old {
        let Some(Some(rank)) = sizes.get(name) else {
            assert_eq!(tensor, &new[name], "{name}");
            continue;
        };
        let layer = name.strip_suffix(".weight").unwrap();
        let matrix = |tensor| {
            let values = numbers(tensor);
            match layer {
                "wte" => DMatrix::from_column_slice(12, 40, &values),
                "h.0.attn.c_attn" => DMatrix::from_column_slice(36, 12, &values),
                "conv1" => DMatrix::from_row_slice(10, 24, &values),
                _ => DMatrix::from_row_slice(tensor.1[0], tensor.1[1], &values),
            }
        };
        let w = matrix(tensor);
        let c = match layer {
            "wte" => DMatrix::from_diagonal(&nalgebra::DVector::from_fn(40, |i, _| {
                (i % 7) as f64 + 0.05
            })),
            _ => DMatrix::from_row_slice(w.ncols(), w.ncols(), &case.inputs[layer]),
        };
        let far = (matrix(&new[name]) - expected(&w, &c, *rank)).abs().max();
        assert!(far < 1e-4, "{name}, rank {rank}: {far}");
    }
    assert_eq!(read(&folder.join("config.json"))["hidden_size"], 12);
    assert!(folder.join("1_Pooling/config.json").exists());
}

/// Would catch fits that depend on anything but the plan, and a manifest that is not what lies in the folder.
#[test]
fn the_same_plan_gives_the_same_bytes() {
    let case = Case::new(true, "factors");
    let folders = ["a", "b"].map(|name| case.compressed(name, &[]));
    let manifest = read(&folders[0].join("manifest.json"));
    assert_eq!(manifest, read(&folders[1].join("manifest.json")));
    assert_eq!(manifest["as"], "dense");
    let files = manifest["files"].as_array().unwrap();
    assert_eq!(files.len(), 5);
    for file in files {
        let bytes = std::fs::read(folders[0].join(file["path"].as_str().unwrap())).unwrap();
        let sum: String = Sha256::digest(&bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(file["sha256"], sum);
        assert_eq!(file["bytes"], bytes.len());
    }
    let mut command = case.command("c", &[]);
    succeed(command.env("RAYON_NUM_THREADS", "1").output().unwrap());
    assert_eq!(
        manifest["files"],
        read(&case.path("c").join("manifest.json"))["files"]
    );
    let index = "model.safetensors.index.json";
    let [old, new] = [&case.model, &folders[0]].map(|f| std::fs::read(f.join(index)).unwrap());
    assert_eq!(old, new);
    for shard in SHARDS {
        let [old, new] = [&case.model, &folders[0]].map(|folder| tensors(&folder.join(shard)));
        assert!(old.keys().eq(new.keys()));
    }
    let single = Case::new(false, "factors");
    let one = single.compressed("one", &[]);
    let whole = tensors(&one.join("model.safetensors"));
    let parts = SHARDS.map(|shard| tensors(&folders[0].join(shard)));
    assert_eq!(whole, parts.into_iter().flatten().collect());
}

/// Would catch factors of another product than the dense form, unbalanced ones, and a configuration that does not say what
/// lies in the files.
#[test]
fn factors_multiply_to_the_dense_form() {
    for storage in ["factors", "pivoted"] {
        let case = Case::new(true, storage);
        let dense = case.compressed("dense", &[]);
        let folder = case.compressed("factors", &["--as", "factors"]);
        let all = |folder: &Path| -> BTreeMap<_, _> {
            SHARDS
                .iter()
                .flat_map(|shard| tensors(&folder.join(shard)))
                .collect()
        };
        let (dense, parts) = (all(&dense), all(&folder));
        let config = read(&folder.join("config.json"));
        assert_eq!(config["model_type"], "made-up");
        assert_eq!(config["quantization_config"]["quant_method"], "spectra");
        let layers = config["quantization_config"]["layers"].as_object().unwrap();
        let sizes = case.sizes();
        assert_eq!(
            layers.len(),
            sizes.values().filter(|size| size.is_some()).count()
        );
        let mut numbers_stored = 0;
        for (layer, form) in layers {
            let matrix = |part: &str| {
                let tensor = &parts[&format!("{layer}.{part}")];
                assert_eq!(tensor.1.len(), 2);
                DMatrix::from_row_slice(tensor.1[0], tensor.1[1], &numbers(tensor))
            };
            let name = form["tensor"].as_str().unwrap();
            let rank = sizes[name].unwrap();
            assert_eq!(form["size"], rank);
            let found = if storage == "factors" {
                let (a, b) = (matrix("A"), matrix("B"));
                numbers_stored += a.len() + b.len();
                let far = (a.transpose() * &a - &b * b.transpose()).abs().max();
                assert!(far < 1e-4, "{layer}: {far}");
                a * b
            } else {
                let (rows, multiples) = (matrix("rows"), matrix("multiples"));
                let kept = &parts[&format!("{layer}.kept")];
                numbers_stored += rows.len() + multiples.len() + rank;
                assert_eq!((kept.0, &kept.1[..]), (Dtype::I32, &[rank][..]));
                let chunks = kept.2.as_chunks::<4>().0.iter();
                let kept: Vec<usize> = chunks.map(|x| i32::from_le_bytes(*x) as usize).collect();
                let m = rank + multiples.nrows();
                let mut others = (multiples * &rows)
                    .row_iter()
                    .map(|row| row.into_owned())
                    .collect::<Vec<_>>()
                    .into_iter();
                let row = |i: usize| match kept.iter().position(|&row| row == i) {
                    Some(place) => rows.row(place).into_owned(),
                    None => others.next().unwrap(),
                };
                let whole = DMatrix::from_rows(&(0..m).map(row).collect::<Vec<_>>());
                if form["table"] == true {
                    whole.transpose()
                } else {
                    whole
                }
            };
            let values = numbers(&dense[name]);
            let (m, n) = found.shape();
            let expected = if form["transposed"] == true {
                DMatrix::from_column_slice(m, n, &values)
            } else {
                DMatrix::from_row_slice(m, n, &values)
            };
            let far = (found - expected).abs().max();
            assert!(far < 2e-5, "{layer}: {far}");
            assert!(!parts.contains_key(name));
        }
        let plan = read(&case.plan);
        let cost: u64 = plan["budgets"][0]["layers"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|layer| !layer["size"].is_null())
            .map(|layer| layer["cost"].as_u64().unwrap())
            .sum();
        assert_eq!(cost as usize, numbers_stored);
        let index = read(&folder.join("model.safetensors.index.json"));
        let map = index["weight_map"].as_object().unwrap();
        assert!(map.keys().collect::<std::collections::BTreeSet<_>>() == parts.keys().collect());
        assert_eq!(parts["odd\" name.ids"].2, [1, 2, 3]);
    }
}

/// Would catch adapters that do not add up to the dense form on the base beside them, scaled by anything but 1.
#[test]
fn adapters_on_their_base_are_the_dense_form() {
    let case = Case::new(false, "factors");
    let dense = tensors(&case.compressed("dense", &[]).join("model.safetensors"));
    let folder = case.compressed("peft", &["--as", "peft"]);
    let base = tensors(&folder.join("base/model.safetensors"));
    let adapters = tensors(&folder.join("adapter_model.safetensors"));
    let config = read(&folder.join("adapter_config.json"));
    assert_eq!(config["rank_pattern"], config["alpha_pattern"]);
    assert_eq!(config["r"], config["lora_alpha"]);
    let ranks = config["rank_pattern"].as_object().unwrap();
    assert_eq!(adapters.len(), 2 * ranks.len());
    for (layer, rank) in ranks {
        let rank = rank.as_u64().unwrap() as usize;
        let name = format!("{layer}.weight");
        let flat = |name: &str, height: usize| {
            let values = numbers(&adapters[&format!("base_model.model.{layer}.{name}")]);
            DMatrix::from_row_slice(height, values.len() / height, &values)
        };
        let shape = &dense[&name].1;
        let product = if layer == "wte" {
            let (a, b) = (
                flat("lora_embedding_A", rank),
                flat("lora_embedding_B", shape[1]),
            );
            (b * a).transpose()
        } else {
            let outputs = if layer == "h.0.attn.c_attn" {
                36
            } else {
                shape[0]
            };
            let product = flat("lora_B.weight", outputs) * flat("lora_A.weight", rank);
            if layer == "h.0.attn.c_attn" {
                product.transpose()
            } else {
                product
            }
        };
        assert!(numbers(&base[&name]).iter().all(|x| *x == 0.0));
        let expected = numbers(&dense[&name]);
        let expected = DMatrix::from_row_slice(product.nrows(), product.ncols(), &expected);
        let far = (product - expected).abs().max();
        assert!(far < 2e-5, "{layer}: {far}");
    }
    assert_eq!(
        adapters["base_model.model.conv1.lora_A.weight"].1[1..],
        [6, 2, 2]
    );
}

/// Would catch a folder that is overwritten, fits for another model or from other moments, and what is left of a refusal.
#[test]
fn what_is_not_the_plans_is_refused() {
    let case = Case::new(false, "factors");
    std::fs::create_dir(case.path("taken")).unwrap();
    let refused = |folder: &str, arguments: &[&str]| {
        let mut command = case.command(folder, arguments);
        sentence(&command.output().unwrap())
    };
    assert!(refused("taken", &[]).contains("exists already"));
    assert!(refused("none/out", &[]).contains("its folder does not exist"));
    let mut command = spectra();
    command
        .arg("compress")
        .args([&case.model, &case.plan])
        .arg("-o")
        .arg(case.path("out"));
    assert!(sentence(&command.output().unwrap()).contains("several budgets, 40 %, 60 %"));
    let other = Moments::default().linear(UP, [30, 20], &case.inputs[UP], None);
    let other = other.write(case.folder.path(), "other.safetensors");
    assert!(refused("out", &["--moments", &other]).contains("other moments"));
    let moved = case.path("moved.safetensors");
    std::fs::rename(&case.moments, &moved).unwrap();
    assert!(refused("out", &[]).contains("not there any more"));
    let whole = case.compressed("whole", &["--moments", moved.to_str().unwrap()]);
    assert!(whole.join("manifest.json").exists());
    let file = case.model.join("model.safetensors");
    let mut bytes = std::fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&file, bytes).unwrap();
    assert!(refused("out", &["--moments", moved.to_str().unwrap()]).contains("not the model"));
    let left = std::fs::read_dir(case.folder.path()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(
        !left
            .iter()
            .any(|name| name.to_string_lossy().contains("spectra-") || name == "out"),
        "{left:?}"
    );
}

/// Would catch sizes of a hostile plan that memory is asked for or that are used as indices.
#[test]
fn hostile_plans_are_refused() {
    let case = Case::new(false, "factors");
    let plan = read(&case.plan);
    let layers = plan["budgets"][0]["layers"].as_array().unwrap();
    let (sized, row) = layers
        .iter()
        .enumerate()
        .find(|(_, layer)| !layer["size"].is_null())
        .map(|(place, layer)| (place, layer["row"].as_u64().unwrap() as usize))
        .unwrap();
    let text = std::fs::read_to_string(&case.plan).unwrap();
    type Change<'a> = (&'a str, &'a dyn Fn(&mut Value));
    let cases: [Change<'_>; 13] = [
        ("sound", &|p| {
            p["budgets"][0]["layers"][sized]["row"] = json!(u64::MAX)
        }),
        ("sound", &|p| {
            let first = p["budgets"][0]["layers"][sized].clone();
            p["budgets"][0]["layers"]
                .as_array_mut()
                .unwrap()
                .push(first);
        }),
        ("sound", &|p| {
            p["budgets"][0]["layers"][sized]["size"] = json!(0)
        }),
        ("sound", &|p| {
            p["budgets"][0]["layers"][sized]["family"] = json!("dense")
        }),
        ("another matrix", &|p| {
            p["budgets"][0]["layers"][sized]["size"] = json!(1u64 << 60)
        }),
        ("another matrix", &|p| {
            p["layers"][row]["rows"] = json!(1u64 << 62)
        }),
        ("another matrix", &|p| p["layers"][row]["block"] = json!(7)),
        ("not in the model", &|p| {
            p["layers"][row]["tensor"] = json!("\u{1b}[1mx")
        }),
        ("no plan", &|p| {
            p["budgets"][0]["layers"][sized]["family"] = json!("gold")
        }),
        ("no plan", &|p| p["layers"] = json!({})),
        ("version 99", &|p| p["schema_version"] = json!(99)),
        ("no finished plan", &|p| p["complete"] = json!(false)),
        ("does not say which moments", &|p| {
            p["knowledge"]["moments"] = Value::Null
        }),
    ];
    for (words, change) in cases {
        let mut changed = plan.clone();
        change(&mut changed);
        std::fs::write(&case.plan, changed.to_string()).unwrap();
        let said = sentence(&case.command("out", &[]).output().unwrap());
        assert!(
            said.contains(words) && !said.contains('\u{1b}'),
            "{words}: {said}"
        );
    }
    let twice = text.replacen(
        "\"complete\":true",
        "\"complete\":true,\"complete\":true",
        1,
    );
    std::fs::write(&case.plan, twice).unwrap();
    let said = sentence(&case.command("out", &[]).output().unwrap());
    assert!(said.contains("duplicate field"), "{said}");
    assert!(!case.path("out").exists());
}

/// Would catch a family that is never chosen where it wins, or is stored as something else: a head of 6 outputs whose 64
/// inputs are copies of 8 is exact on 10 of them, which costs what rank 1 costs.
#[test]
fn redundant_inputs_of_a_head_are_left_away() {
    let folder = tempfile::tempdir().unwrap();
    let mut stream = Stream::new(23, &[1]);
    let core = moment(&mut stream, 8, 50);
    let copies: Vec<f64> = (0..64 * 64)
        .map(|i| core[i / 64 % 8 * 8 + i % 64 % 8])
        .collect();
    // weights that regressed ones do not leave far behind
    let mut w = normals(&mut stream, 6 * 64);
    w.iter_mut()
        .enumerate()
        .filter(|(i, _)| i % 64 >= 8)
        .for_each(|(_, x)| *x *= 0.1);
    let model = [double("lm_head.weight", &[6, 64], &w)];
    let model = write(
        folder.path(),
        "model.safetensors",
        &safetensors(&model, None),
    );
    let moments = Moments::default().linear("lm_head", [6, 64], &copies, None);
    let moments = moments.write(folder.path(), "moments.safetensors");
    let path = |name: &str| folder.path().join(name);
    let mut command = spectra();
    command
        .args([
            "plan",
            &model,
            "--budget",
            "20%",
            "--families",
            "columns",
            "--moments",
            &moments,
            "-o",
        ])
        .arg(path("plan.json"));
    succeed(command.output().unwrap());
    let plan = read(&path("plan.json"));
    let sized = &plan["budgets"][0]["layers"][0];
    assert_eq!(sized["family"], "columns");
    assert!(
        sized["error"]["calibration"].as_f64().unwrap() < 1e-6,
        "{sized}"
    );
    for form in ["dense", "factors"] {
        let mut command = spectra();
        command
            .args(["compress", &model])
            .arg(path("plan.json"))
            .args(["--as", form, "-o"])
            .arg(path(form));
        succeed(command.output().unwrap());
    }
    let dense = numbers(&tensors(&path("dense/model.safetensors"))["lm_head.weight"]);
    let parts = tensors(&path("factors/model.safetensors"));
    let (kept, values) = (&parts["lm_head.kept"], numbers(&parts["lm_head.values"]));
    let kept: Vec<usize> = kept
        .2
        .as_chunks::<4>()
        .0
        .iter()
        .map(|x| i32::from_le_bytes(*x) as usize)
        .collect();
    assert_eq!(
        values.len() + kept.len(),
        sized["cost"].as_u64().unwrap() as usize
    );
    for (i, x) in dense.iter().enumerate() {
        let place = kept.iter().position(|&column| column == i % 64);
        assert_eq!(
            *x,
            place.map_or(0.0, |place| values[i / 64 * kept.len() + place])
        );
    }
    // each source is kept once, with the weights of all its copies
    let sum = |values: &[f64], row: usize, source: usize| -> f64 {
        (0..8)
            .map(|copy| values[row * 64 + 8 * copy + source])
            .sum()
    };
    for (row, source) in (0..6).flat_map(|row| (0..8).map(move |source| (row, source))) {
        let (old, new) = (sum(&w, row, source), sum(&dense, row, source));
        assert!((old - new).abs() < 1e-3, "{old} {new}");
    }
}

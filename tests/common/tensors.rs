//! Made-up models and moments of their layers, as safetensors.

use super::files::write;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};
use spectra::random::Stream;
use std::collections::HashMap;
use std::path::Path;

/// A tensor: name, type, shape and bytes.
pub type Stored = (String, Dtype, Vec<usize>, Vec<u8>);

/// Returns a tensor of single precision.
pub fn single(name: &str, shape: &[usize], values: &[f64]) -> Stored {
    let bytes = values.iter().flat_map(|&x| (x as f32).to_le_bytes());
    (name.into(), Dtype::F32, shape.to_vec(), bytes.collect())
}

/// Returns a tensor of double precision.
pub fn double(name: &str, shape: &[usize], values: &[f64]) -> Stored {
    let bytes = values.iter().flat_map(|x| x.to_le_bytes());
    (name.into(), Dtype::F64, shape.to_vec(), bytes.collect())
}

/// Returns a safetensors file of these tensors with these metadata.
pub fn safetensors(tensors: &[Stored], metadata: Option<(&str, &str)>) -> Vec<u8> {
    let views = tensors.iter().map(|(name, dtype, shape, bytes)| {
        let view = TensorView::new(*dtype, shape.clone(), bytes);
        (name, view.unwrap())
    });
    let metadata = metadata.map(|(key, text)| HashMap::from([(key.to_owned(), text.to_owned())]));
    safetensors::serialize(views, metadata).unwrap()
}

/// Returns so many normal numbers.
pub fn normals(stream: &mut Stream, count: usize) -> Vec<f64> {
    (0..count).map(|_| stream.normal()).collect()
}

/// Returns m × n entries of rank r.
pub fn low_rank(stream: &mut Stream, m: usize, n: usize, r: usize) -> Vec<f64> {
    let (left, right) = (normals(stream, m * r), normals(stream, n * r));
    let entry = |i: usize| {
        (0..r)
            .map(|k| left[i / n * r + k] * right[i % n * r + k])
            .sum()
    };
    (0..m * n).map(entry).collect()
}

/// Returns Σ x xᵀ over so many normal vectors whose entries have falling scales.
pub fn moment(stream: &mut Stream, n: usize, vectors: usize) -> Vec<f64> {
    let mut sum = vec![0.0; n * n];
    for _ in 0..vectors {
        let x: Vec<f64> = (0..n)
            .map(|i| stream.normal() / (1.0 + i as f64 / 4.0))
            .collect();
        for i in 0..n {
            for j in 0..n {
                sum[i * n + j] += x[i] * x[j];
            }
        }
    }
    sum
}

/// A file of moments that is being made up.
#[derive(Default)]
pub struct Moments {
    pub tensors: Vec<Stored>,
    pub layers: Vec<Value>,
}

impl Moments {
    /// Adds a linear layer, m × n, with Σ x xᵀ of 100 vectors and, where they are given, Σ g gᵀ.
    pub fn linear(
        mut self,
        name: &str,
        [m, n]: [usize; 2],
        inputs: &[f64],
        gradients: Option<&[f64]>,
    ) -> Moments {
        self.tensors
            .push(double(&format!("{name}/inputs"), &[n, n], inputs));
        if let Some(gradients) = gradients {
            let name = format!("{name}/gradients");
            self.tensors.push(double(&name, &[m, m], gradients));
        }
        self.layers.push(json!({
            "name": name, "kind": "linear", "rows": m, "columns": n, "vectors": 100, "samples": 50,
            "gradient_vectors": 100, "calls": 1, "tied": [],
        }));
        self
    }

    /// Adds a table of m rows of n numbers, with how often each row was looked up.
    pub fn table(mut self, name: &str, [m, n]: [usize; 2], counts: &[f64]) -> Moments {
        self.tensors
            .push(double(&format!("{name}/input_counts"), &[m], counts));
        self.layers.push(json!({
            "name": name, "kind": "embedding", "rows": m, "columns": n, "vectors": 100, "samples": 50,
            "gradient_vectors": 0, "calls": 1, "tied": [],
        }));
        self
    }

    /// Writes the file; returns its path.
    pub fn write(&self, folder: &Path, name: &str) -> String {
        let header = json!({
            "schema_version": 1, "program": "made up", "gradients": false, "layers": self.layers, "skipped": [],
        });
        let bytes = safetensors(
            &self.tensors,
            Some(("spectra.moments", &header.to_string())),
        );
        write(folder, name, &bytes)
    }
}

//! Tensors in memory: the same results as of files.

use spectra::report::to_json;
use spectra::spectrum::{Analyzer, Settings, analyze_sources};
use spectra::weights::{Dtype, Guesses, MemoryReader, MemoryTensor, Selection, Source, ViewRules};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

#[derive(Debug)]
struct Bytes {
    tensors: Vec<Vec<u8>>,
    reads: AtomicUsize,
}

impl MemoryReader for Bytes {
    fn elements(&self, index: usize) -> io::Result<Box<dyn Read + '_>> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(self.tensors[index].as_slice()))
    }
}

fn declared(name: &str, dtype: Dtype, shape: &[usize]) -> MemoryTensor {
    MemoryTensor {
        name: name.into(),
        dtype,
        shape: shape.to_vec(),
        same_as: None,
        unreadable: None,
    }
}

fn in_memory(tensors: Vec<MemoryTensor>, bytes: Vec<Vec<u8>>) -> (Source, Arc<Bytes>) {
    let reader = Arc::new(Bytes {
        tensors: bytes,
        reads: AtomicUsize::new(0),
    });
    let source = Source::in_memory(Path::new("w"), tensors, reader.clone());
    (source, reader)
}

/// Numbers that look like noise, of either type.
fn entries(count: usize) -> Vec<f32> {
    let mut state = 1_u32;
    let mut next = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8) / f64::from(1 << 24) - 0.5
    };
    (0..count)
        .map(|_| (next() + next() + next()) as f32)
        .collect()
}

/// Catches entries in another order or type, and names that are read otherwise than those of a file.
#[test]
fn results_are_those_of_a_safetensors_file() {
    let tensors = [
        ("fc.weight", Dtype::F32, "F32", vec![24, 40]),
        ("conv.weight", Dtype::F32, "F32", vec![8, 3, 5, 5]),
        ("half.weight", Dtype::F16, "F16", vec![20, 30]),
        ("bn.running_var", Dtype::F32, "F32", vec![24]),
        ("mask", Dtype::U8, "U8", vec![4, 4]),
    ];
    let (mut header, mut data) = (serde_json::Map::new(), Vec::new());
    let (mut listed, mut bytes) = (Vec::new(), Vec::new());
    for (name, dtype, word, shape) in tensors {
        let numbers = entries(shape.iter().product());
        let own: Vec<u8> = match dtype {
            Dtype::F32 => numbers.iter().flat_map(|x| x.to_le_bytes()).collect(),
            Dtype::F16 => {
                let halves = numbers.iter().map(|&x| half::f16::from_f32(x));
                halves.flat_map(|x| x.to_le_bytes()).collect()
            }
            _ => numbers.iter().map(|&x| u8::from(x > 0.0)).collect(),
        };
        let offsets = [data.len(), data.len() + own.len()];
        header.insert(
            name.into(),
            serde_json::json!({"dtype": word, "shape": shape, "data_offsets": offsets}),
        );
        data.extend(&own);
        listed.push(declared(name, dtype, &shape));
        bytes.push(own);
    }
    let header = serde_json::to_vec(&header).unwrap();
    let file = [&(header.len() as u64).to_le_bytes()[..], &header, &data].concat();
    let from_file = Source::of_bytes(Path::new("w"), &file).unwrap();
    let (from_memory, reader) = in_memory(listed, bytes);
    assert_eq!(reader.reads.load(Ordering::Relaxed), 0);
    let json = |source: Source| {
        let guesses = Guesses {
            view: true,
            layout: true,
        };
        let selection = Selection::new(vec![], ViewRules::default()).unwrap();
        let selection = selection.guessing(guesses);
        let analyzer = Analyzer::new(Settings::default());
        let mut analysis = analyze_sources(&[source], &selection, &analyzer, |_| true);
        analysis.files.clear();
        to_json(&analysis).unwrap()
    };
    assert_eq!(json(from_memory), json(from_file));
    // What is no weight is not read.
    assert_eq!(reader.reads.load(Ordering::Relaxed), 3);
}

/// Catches a tensor that is analysed twice under two names, and two tensors that cannot be told apart.
#[test]
fn shared_and_repeated_names_are_marked() {
    let mut tied = declared("head.weight", Dtype::F64, &[2, 2]);
    tied.same_as = Some(0);
    let tensors = vec![
        declared("embed.weight", Dtype::F64, &[2, 2]),
        tied,
        declared("embed.weight", Dtype::F64, &[2, 2]),
    ];
    let (source, _) = in_memory(tensors, vec![vec![0; 32]; 3]);
    let [first, tied, repeated] = source.tensors() else {
        panic!("three tensors");
    };
    assert_eq!(first.alias_of, None);
    assert_eq!(tied.alias_of.as_deref(), Some("embed.weight"));
    assert_eq!(repeated.name, "embed.weight#2");
    assert_eq!(source.bytes(), 64);
    assert_eq!(source.files().count(), 0);
    assert_eq!(source.format().to_string(), "memory");
}

/// Catches memory that ends early and is taken for a tensor.
#[test]
fn missing_elements_are_an_error() {
    let (source, _) = in_memory(vec![declared("w", Dtype::F64, &[2, 2])], vec![vec![0; 31]]);
    assert!(source.read(0).is_err());
}

//! What a file is, by its content.

use std::fmt;

/// The formats that are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One array of NumPy.
    Npy,
    /// A zip archive of arrays of NumPy.
    Npz,
    /// Tensors behind a JSON header.
    Safetensors,
    /// The index of a model in several files (`*.index.json`).
    Index,
    /// What PyTorch 1.6 and later save: a zip archive with a pickle.
    Torch,
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Format::Npy => "npy",
            Format::Npz => "npz",
            Format::Safetensors => "safetensors",
            Format::Index => "index",
            Format::Torch => "torch",
        })
    }
}

/// What the first bytes of a file say.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Npy,
    /// npz or PyTorch: the directory tells.
    Zip,
    Safetensors,
    Json,
    /// Something else that is known: what it is and what to do.
    Foreign(String, String),
    /// Nothing known: what was found and what was expected.
    Unknown(String, String),
}

/// Bytes of the beginning that [`recognise`] looks at.
pub(super) const HEAD: u64 = 512;

pub(super) const NPY_MAGIC: &[u8] = b"\x93NUMPY";

/// The number 0x1950a86a20f9469cfc6c as PyTorch before 1.6 pickled it first.
const TORCH_LEGACY: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

const CONVERT_LEGACY: &str = "convert it with: import torch; torch.save(torch.load('OLD.pt', \
    map_location='cpu', weights_only=True), 'NEW.pt')";

/// Judges the first bytes of a file of `length` bytes. The name decides nothing but the words
/// of the refusal when the content says nothing.
pub(super) fn recognise(head: &[u8], length: u64, name: &str) -> Content {
    // First: a header of 0x180 bytes begins as a pickle does, others as gzip or zip.
    let header_length = head.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let fits = header_length.is_some_and(|header| header <= length.saturating_sub(8));
    let opens = head.get(8..).is_some_and(|json| {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        json.trim_ascii_start().starts_with(b"{")
    });
    if fits && opens {
        return Content::Safetensors;
    }
    if head.starts_with(NPY_MAGIC) {
        return Content::Npy;
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Content::Zip;
    }
    if let Some((found, advice)) = foreign(head) {
        return Content::Foreign(found.into(), advice.into());
    }
    let text = head.trim_ascii_start();
    if text.starts_with(b"{") {
        return Content::Json;
    }
    if name.ends_with(".safetensors") {
        return Content::Safetensors;
    }
    if opens {
        return Content::Safetensors;
    }
    unknown(head, length)
}

fn unknown(head: &[u8], length: u64) -> Content {
    let found = if length == 0 {
        "empty (0 bytes)".to_owned()
    } else {
        let first: Vec<String> = head.iter().take(8).map(|b| format!("{b:02x}")).collect();
        format!(
            "no known weight file: its {length} bytes begin with {}",
            first.join(" ")
        )
    };
    let advice = "npy files begin with 93 4e 55 4d 50 59, npz and PyTorch files with 50 4b 03 04, \
                  safetensors files with the length of a JSON header";
    Content::Unknown(found, advice.into())
}

/// Files that are often met where weights were expected.
fn foreign(head: &[u8]) -> Option<(&'static str, &'static str)> {
    let text = head.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let begins = |magic: &[u8]| head.starts_with(magic);
    let words = |word: &str| {
        text.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes()))
    };
    if begins(b"version https://git-lfs") {
        return Some((
            "a Git LFS pointer, not the weights it stands for",
            "fetch them with: git lfs pull",
        ));
    }
    if words("<!doctype") || words("<html") || words("<?xml") || words("<head") {
        return Some((
            "a web page (HTML or XML), not weights",
            "the download went wrong: fetch the file itself, not the page about it",
        ));
    }
    if head.first() == Some(&0x80) && head.get(1).is_some_and(|&protocol| protocol <= 5) {
        if head[2..].starts_with(TORCH_LEGACY) {
            return Some(("saved by PyTorch before 1.6", CONVERT_LEGACY));
        }
        return Some((
            "a Python pickle, which is a program and is not run",
            "load it where you trust it, and save the tensors with safetensors, numpy.savez or \
             torch.save",
        ));
    }
    if begins(b"GGUF") || begins(b"ggml") || begins(b"lmgg") || begins(b"tjgg") {
        return Some((
            "a GGUF or GGML file, mostly quantised",
            "give the safetensors file it was made from",
        ));
    }
    if begins(b"\x89HDF\r\n\x1a\n") {
        return Some((
            "an HDF5 file (Keras .h5, MATLAB 7.3)",
            "save the arrays with numpy.savez, from h5py or model.get_weights()",
        ));
    }
    if head.get(4..8) == Some(b"TFL3") {
        return Some((
            "a TensorFlow Lite model",
            "save the arrays of the model it was made from with numpy.savez",
        ));
    }
    if is_onnx(head) {
        return Some((
            "an ONNX model",
            "save its initialisers with numpy.savez: \
             {i.name: onnx.numpy_helper.to_array(i) for i in model.graph.initializer}",
        ));
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some((
            "a tar archive (a folder, or PyTorch before 0.1.10)",
            "unpack it, and convert what PyTorch saved with torch.load and torch.save",
        ));
    }
    let packed: [&[u8]; 5] = [
        b"\x1f\x8b",
        b"\xfd7zXZ",
        b"\x28\xb5\x2f\xfd",
        b"BZh",
        b"7z\xbc\xaf",
    ];
    if packed.iter().any(|magic| begins(magic)) {
        return Some(("a compressed file", "unpack it first"));
    }
    None
}

/// Protobuf: ir_version (field 1, a small number), then producer_name or a later field, as text.
fn is_onnx(head: &[u8]) -> bool {
    matches!(head, [0x08, 1..=20, 0x12, length, producer, ..]
        if *length < 64 && producer.is_ascii_alphabetic())
        || matches!(head, [0x08, 1..=20, 0x3a, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &[u8]) -> String {
        match recognise(head, head.len() as u64, "x.safetensors") {
            Content::Foreign(found, advice) | Content::Unknown(found, advice) => {
                format!("{found}; {advice}")
            }
            known => format!("{known:?}"),
        }
    }

    #[test]
    fn foreign_files_are_named_with_the_way_out() {
        for (head, words) in [
            (
                &b"version https://git-lfs.github.com/spec/v1\noid"[..],
                "git lfs pull",
            ),
            (b"\n<!DOCTYPE html><html>", "web page"),
            (b"\x80\x04\x95\x10\0\0\0\0\0\0\0", "Python pickle"),
            (
                b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.",
                "torch.save",
            ),
            (b"GGUF\x03\0\0\0\0\0\0\0", "GGUF"),
            (b"\x89HDF\r\n\x1a\n\0\0\0", "HDF5"),
            (b"\x08\x07\x12\x07pytorch\x1a", "ONNX"),
            (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "unpack"),
        ] {
            assert!(found(head).contains(words), "{}", found(head));
        }
    }

    /// The lengths of headers begin as pickle, gzip, zip and ONNX do.
    #[test]
    fn a_safetensors_length_that_spells_another_magic() {
        for length in [0x180_u64, 0x8b1f, 0x0403_4b50, 0x3a0708] {
            let mut head = length.to_le_bytes().to_vec();
            head.extend(b"{\"a\":{");
            assert_eq!(recognise(&head, 1 << 30, ""), Content::Safetensors);
        }
    }

    #[test]
    fn an_index_is_json_whatever_its_length_reads_as() {
        let head = b"{\n  \"metadata\": {\"total_size\": 1}}";
        assert_eq!(recognise(head, 34, "x"), Content::Json);
    }
}

//! Files that are often met where weights were expected: what they are and the way out.
//!
//! Every way out that is printed here was tried with the library that it names.

/// The kind of a file, and what to do about it.
pub(super) type Foreign = (&'static str, &'static str);

/// Recognises a file by its first bytes, and by its name where they say nothing.
pub(super) fn foreign(head: &[u8], name: &str) -> Option<Foreign> {
    text(head)
        .or_else(|| by_magic(head))
        .or_else(|| protobuf(head, name))
        .or_else(|| by_name(name))
}

fn text(head: &[u8]) -> Option<Foreign> {
    let text = head.trim_ascii_start();
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let begins = |words: &str| {
        let start = text.get(..words.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(words.as_bytes()))
    };
    if begins("version https://git-lfs") {
        return Some((
            "a Git LFS pointer, not the weights it stands for",
            "fetch them with: git lfs pull",
        ));
    }
    if ["<!doctype", "<html", "<?xml", "<head"]
        .into_iter()
        .any(begins)
    {
        return Some((
            "a web page (HTML or XML), not weights",
            "the download went wrong: fetch the file itself, not the page about it",
        ));
    }
    begins("model_checkpoint_path:").then_some(TENSORFLOW_CHECKPOINT)
}

const GGUF: Foreign = (
    "a GGML file, the format before GGUF",
    "give the safetensors file it was made from",
);

const TENSORFLOW_CHECKPOINT: Foreign = (
    "part of a TensorFlow checkpoint",
    "save its arrays with: import numpy, tensorflow as tf; r = tf.train.load_checkpoint('FOLDER'); \
     numpy.savez('NEW.npz', **{n: r.get_tensor(n) for n in r.get_variable_to_shape_map()})",
);

fn by_magic(head: &[u8]) -> Option<Foreign> {
    let begins = |magic: &[u8]| head.starts_with(magic);
    if let [0x80, protocol, ..] = head
        && *protocol <= 5
    {
        return Some((
            "a Python pickle, which is a program and is not run",
            "load it where you trust it, and save the tensors with safetensors, numpy.savez or torch.save",
        ));
    }
    // A map of a few entries whose first key is a short text.
    if let [0x81..=0x8f, key @ 0xa1..=0xbf, text @ ..] = head
        && let Some(text) = text.get(..usize::from(key - 0xa0))
        && text.iter().all(u8::is_ascii_graphic)
    {
        return Some((
            "a MessagePack file, as Flax writes",
            "save its arrays with: import numpy; from flax.serialization import msgpack_restore; \
             from flax.traverse_util import flatten_dict; numpy.savez('NEW.npz', **flatten_dict(\
             msgpack_restore(open('OLD.msgpack', 'rb').read()), sep='.')), and read NEW.npz as \
             (in, out)",
        ));
    }
    if begins(b"ggml") || begins(b"lmgg") || begins(b"tjgg") || begins(b"fmgg") {
        return Some(GGUF);
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
    if begins(b"\xba\x16\x4f\x2f") {
        return Some((
            "a fastText model",
            "save its vectors with: import fasttext, numpy; m = fasttext.load_model('OLD.bin'); \
             numpy.savez('NEW.npz', input=m.get_input_matrix(), output=m.get_output_matrix())",
        ));
    }
    if head.get(257..262) == Some(b"ustar") {
        return Some((
            "a tar archive (a folder, or PyTorch before 0.1.10)",
            "unpack it, and convert what PyTorch saved with torch.load and torch.save",
        ));
    }
    let packed: [&[u8]; 6] = [
        b"\x1f\x8b",
        b"\xfd7zXZ",
        b"\x28\xb5\x2f\xfd",
        b"BZh",
        b"7z\xbc\xaf",
        b"\x04\x22\x4d\x18",
    ];
    if packed.iter().any(|magic| begins(magic)) {
        return Some(("a compressed file", "unpack it first"));
    }
    None
}

/// Protocol buffers have no magic: the first fields and the name tell.
fn protobuf(head: &[u8], name: &str) -> Option<Foreign> {
    if name.ends_with(".mlmodel") {
        return Some((
            "a Core ML model",
            "give the file it was converted from; Core ML keeps weights by layer, not by name",
        ));
    }
    if name.ends_with("saved_model.pb") {
        return Some((
            "a TensorFlow SavedModel",
            "save its arrays with: import numpy, tensorflow as tf; \
             r = tf.train.load_checkpoint('FOLDER/variables/variables'); \
             numpy.savez('NEW.npz', **{n: r.get_tensor(n) for n in r.get_variable_to_shape_map()})",
        ));
    }
    is_onnx(head).then_some((
        "an ONNX model",
        "save its arrays with: import numpy, onnx; from onnx.numpy_helper import to_array; \
         g = onnx.load('OLD.onnx').graph; numpy.savez('NEW.npz', **{t.name: to_array(t) for t in \
         g.initializer}, **{n.output[0]: to_array(a.t) for n in g.node if n.op_type == 'Constant' \
         for a in n.attribute if a.name == 'value'})",
    ))
}

/// ir_version (field 1, a small number), then producer_name or a later field, as text.
fn is_onnx(head: &[u8]) -> bool {
    matches!(head, [0x08, 1..=20, 0x12, length, producer, ..]
        if *length < 64 && producer.is_ascii_alphabetic())
        || matches!(head, [0x08, 1..=20, 0x3a, ..])
}

fn by_name(name: &str) -> Option<Foreign> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let is_part = name.contains(".data-0") && name.contains("-of-");
    if is_part || name.ends_with(".index") {
        return Some(TENSORFLOW_CHECKPOINT);
    }
    None
}

/// Recognises a zip archive by the names of its members.
pub(super) fn foreign_archive<'a>(
    members: impl Iterator<Item = &'a str> + Clone,
) -> Option<Foreign> {
    let has = |end: &str| members.clone().any(|name| name.ends_with(end));
    if has(".data/extern_modules") {
        return Some((
            "a torch.package archive, which is a program with its own code",
            "where you trust it, save its weights with: import torch; torch.save(torch.package.\
             PackageImporter('OLD.pt').load_pickle('PACKAGE', 'RESOURCE').state_dict(), 'NEW.pt')",
        ));
    }
    if has("models/model.json") || has("serialized_exported_program.json") {
        return Some((
            "an exported program (torch.export, .pt2)",
            "save its weights with: import torch; torch.save(torch.export.load('OLD.pt2').state_dict, \
             'NEW.pt')",
        ));
    }
    if has("model.weights.h5") {
        return Some((
            "a Keras model (.keras)",
            "save its arrays with: import keras, numpy; numpy.savez('NEW.npz', **{w.path: w.numpy() for \
             w in keras.saving.load_model('OLD.keras').weights}), and read NEW.npz as (in, out)",
        ));
    }
    if has("/model.json") {
        return Some((
            "a TorchScript program of PyTorch before 1.4",
            "save its weights with: import torch; torch.save(torch.jit.load('OLD.pt', \
             map_location='cpu').state_dict(), 'NEW.pt')",
        ));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Catches a file that is called something else than it is, or gets no way out.
    #[test]
    fn files_and_archives_are_named_with_the_way_out() {
        for (head, name, words) in [
            (
                &b"\x81\xa6params\x81"[..],
                "flax_model.msgpack",
                ["MessagePack", "msgpack_restore"],
            ),
            (
                b"\x08\x01\x12\xd3E\n\xf8\x0b",
                "m/saved_model.pb",
                ["SavedModel", "variables/variables"],
            ),
            (
                b"\0\0\x06\x08\x01\x1a\x02\x08",
                "model-1.index",
                ["TensorFlow checkpoint", "load_checkpoint"],
            ),
            (
                b"\x01\0\0\0",
                "m.data-00000-of-00001",
                ["TensorFlow checkpoint", "get_tensor"],
            ),
            (
                b"model_checkpoint_path: \"model-1\"",
                "checkpoint",
                ["TensorFlow checkpoint", "FOLDER"],
            ),
            (
                b"\x08\x04\x12\x02",
                "m.mlmodel",
                ["Core ML", "converted from"],
            ),
            (
                b"\xba\x16\x4f\x2f\x0c\0\0\0",
                "m.bin",
                ["fastText", "get_input_matrix"],
            ),
            (
                b"\x04\x22\x4d\x18\x64",
                "m.npy.lz4",
                ["compressed", "unpack"],
            ),
            (
                b"\x08\x07\x12\x07pytorch\x1a",
                "m.onnx",
                ["ONNX", "Constant"],
            ),
            (b"tjgg\x03\0\0\0", "m.bin", ["before GGUF", "safetensors"]),
        ] {
            let (found, advice) = foreign(head, name).unwrap_or_else(|| panic!("{name}"));
            let text = format!("{found}; {advice}");
            assert!(
                words.iter().all(|word| text.contains(word)),
                "{name}: {text}"
            );
        }
        assert_eq!(
            foreign(b"\x80\x02}q\0.", "a.pkl").map(|(found, _)| found.contains("pickle")),
            Some(true)
        );
        assert_eq!(foreign(b"words", "a.bin"), None);
        for (members, word) in [
            (
                &["pkg/.data/extern_modules", "pkg/.data/ts_code/0/data.pkl"][..],
                "torch.package",
            ),
            (&["m/archive_format", "m/models/model.json"], "torch.export"),
            (&["metadata.json", "model.weights.h5"], "Keras"),
            (&["m/model.json", "m/code/m.py"], "before 1.4"),
        ] {
            let found = foreign_archive(members.iter().copied());
            assert!(
                found.is_some_and(|(found, _)| found.contains(word)),
                "{word}"
            );
        }
        assert_eq!(
            foreign_archive(["m/data.pkl", "m/data/0"].into_iter()),
            None
        );
    }
}

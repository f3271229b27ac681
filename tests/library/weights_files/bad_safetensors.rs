//! `.safetensors` files that are refused, and why.

use crate::memory::asked;

use spectra::weights::{ViewRules, escape, matrix_view};

use super::build::{Folder, assert_says, f32s, open, read_all, refusal, safetensors};

const NAME: &str = "m.safetensors";

/// A header of tensors `name: (begin, end)` of bytes.
fn spans(spans: &[(&str, u64, u64)]) -> String {
    let entries: Vec<String> = spans
        .iter()
        .map(|(name, begin, end)| {
            let length = end.saturating_sub(*begin);
            format!(
                r#""{name}":{{"dtype":"U8","shape":[{length}],"data_offsets":[{begin},{end}]}}"#
            )
        })
        .collect();
    format!("{{{}}}", entries.join(","))
}

fn refused(header: &str, data: &[u8]) -> String {
    refusal(NAME, &safetensors(header, data))
}

#[test]
fn shorter_than_its_length() {
    for length in 1..8 {
        assert_says(&refusal(NAME, &[2; 8][..length]), &["8 bytes of length"]);
    }
    assert_says(&refusal(NAME, b""), &["0 bytes are no safetensors file"]);
}

#[test]
fn header_lengths_that_cannot_be() {
    assert_says(&refusal(NAME, &[0; 8]), &["byte 0", "a header of 0 bytes"]);
    assert_says(
        &refusal(NAME, &[0xff; 16]),
        &["18446744073709551615", "but 8 follow"],
    );
    let mut bytes = safetensors("{}", &[]);
    bytes[0] = 3;
    assert_says(
        &refusal(NAME, &bytes),
        &["a header of 3 bytes, but 2 follow", "cut short"],
    );
}

#[test]
fn what_is_something_else_is_named_with_the_way_out() {
    for (bytes, words) in [
        (
            &b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 5\n"[..],
            "git lfs pull",
        ),
        (
            b"<!DOCTYPE html>\n<html><body>404</body></html>",
            "not the page about it",
        ),
        (
            b"\x80\x04\x95\x0b\x00\x00\x00\x00\x00\x00\x00]\x94K\x01a.",
            "a Python pickle",
        ),
        (b"GGUF\x03\0\0\0\x10\0\0\0\0\0\0\0", "GGUF"),
        (b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0", "HDF5"),
        (b"\x08\x08\x12\x07pytorch\x1a\x052.1.0:\x80", "ONNX"),
        (b"\x1f\x8b\x08\x08abcdefgh", "unpack it first"),
    ] {
        assert_says(&refusal(NAME, bytes), &[words, "; "]);
    }
}

#[test]
fn data_that_overlap() {
    let text = refused(&spans(&[("a", 0, 6), ("b", 4, 8)]), &[0; 8]);
    assert_says(
        &text,
        &["tensor 'b'", "offset 4", "overlap tensor 'a'", "ends at 6"],
    );
    let text = refused(&spans(&[("a", 0, 8), ("b", 0, 8)]), &[0; 8]);
    assert_says(&text, &["overlap"]);
}

#[test]
fn data_with_a_hole() {
    let text = refused(&spans(&[("a", 0, 4), ("b", 6, 8)]), &[0; 8]);
    assert_says(
        &text,
        &[
            "tensor 'b'",
            "offset 6",
            "a hole after tensor 'a'",
            "ends at 4",
        ],
    );
    assert_says(
        &refused(&spans(&[("a", 1, 8)]), &[0; 8]),
        &["'a'", "hole after the header"],
    );
}

#[test]
fn data_that_trail_or_are_cut_short() {
    let header = spans(&[("a", 0, 8)]);
    let end = 8 + header.len() + 8;
    let text = refused(&header, &[0; 9]);
    assert_says(
        &text,
        &[
            &format!("byte {end}"),
            "1 bytes follow the last tensor, tensor 'a',",
        ],
    );
    let text = refused(&header, &[0; 7]);
    assert_says(
        &text,
        &[
            "tensor 'a'",
            "end at offset 8",
            "holds 7 bytes",
            "cut short",
        ],
    );
    assert_says(
        &refused("{}", &[0; 3]),
        &["3 bytes follow the last tensor and belong to none"],
    );
}

#[test]
fn data_that_end_before_they_begin() {
    assert_says(
        &refused(&spans(&[("a", 8, 0)]), &[0; 8]),
        &["tensor 'a'", "end before, at 0"],
    );
}

#[test]
fn sizes_that_are_not_shape_times_type() {
    for (dtype, shape, declared) in [
        ("F32", "[3]", "takes 12 bytes"),
        ("F32", "[]", "takes 4 bytes"),
        ("F16", "[2,2,2]", "takes 16 bytes"),
        (
            "F32",
            "[4294967296,4294967296]",
            "takes more than 2^64 bytes",
        ),
        (
            "U8",
            "[9223372036854775809,2]",
            "takes more than 2^64 bytes",
        ),
        ("F32", "[4611686018427387906]", "takes more than 2^64 bytes"),
    ] {
        let header =
            format!(r#"{{"w":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,8]}}}}"#);
        assert_says(
            &refused(&header, &[0; 8]),
            &["tensor 'w'", declared, "its data have 8"],
        );
    }
}

/// Sums of these offsets wrap around 2^64.
#[test]
fn offsets_near_two_to_the_64() {
    let top = u64::MAX;
    for spans in [
        format!(
            r#"{{"a":{{"dtype":"U8","shape":[8],"data_offsets":[{},{top}]}}}}"#,
            top - 8
        ),
        format!(r#"{{"a":{{"dtype":"U8","shape":[{top}],"data_offsets":[0,{top}]}}}}"#),
        format!(r#"{{"a":{{"dtype":"U8","shape":[0],"data_offsets":[{top},{top}]}}}}"#),
    ] {
        assert_says(
            &refused(&spans, &[0; 8]),
            &["tensor 'a'", "18446744073709551615"],
        );
    }
    let beyond = r#"{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,18446744073709551616]}}"#;
    assert_says(&refused(beyond, &[0; 8]), &["JSON", "byte "]);
}

#[test]
fn duplicate_keys() {
    let one = r#""a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}"#;
    let escaped = one.replace("\"a\"", "\"\\u0061\"");
    for header in [format!("{{{one},{one}}}"), format!("{{{one},{escaped}}}")] {
        assert_says(
            &refused(&header, &[0; 4]),
            &["tensor 'a' is declared twice"],
        );
    }
    let field = r#"{"a":{"dtype":"U8","dtype":"I8","shape":[4],"data_offsets":[0,4]}}"#;
    assert_says(&refused(field, &[0; 4]), &["duplicate field", "dtype"]);
    let meta = r#"{"__metadata__":{"x":"1","x":"2"}}"#;
    assert_says(&refused(meta, &[]), &["the key 'x' stands twice"]);
    let metas = r#"{"__metadata__":{},"__metadata__":{}}"#;
    assert_says(&refused(metas, &[]), &["__metadata__ stands twice"]);
}

#[test]
fn a_leading_space_or_mark() {
    let one = r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#;
    for lead in [" ", "\n", "\t", "\u{feff}"] {
        let text = refused(&format!("{lead}{one}"), &[0; 4]);
        assert_says(&text, &["byte 8", "the header begins with byte"]);
    }
}

#[test]
fn text_that_is_not_utf_8() {
    let mut bytes = safetensors(
        r#"{"aXb":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}"#,
        &[0; 4],
    );
    bytes[11] = 0xff;
    assert_says(&refusal(NAME, &bytes), &["byte 1", "JSON"]);
}

#[test]
fn json_100_000_deep() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nest = open.repeat(100_000) + &close.repeat(100_000);
        for header in [
            format!("{{\"a\":{nest}}}"),
            format!("{{\"__metadata__\":{nest}}}"),
            format!("{{\"a\":{{\"dtype\":\"U8\",\"shape\":{nest}}}}}"),
            format!("{{\"a\":{{\"unknown\":{nest}}}}}"),
        ] {
            assert_says(&refused(&header, &[]), &["byte ", "JSON"]);
        }
    }
}

#[test]
fn headers_of_another_form() {
    for header in [
        r#"{"a":{"shape":[4],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"U8","shape":[4]}}"#,
        r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0]}}"#,
        r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4,8]}}"#,
        r#"{"a":{"dtype":"U8","shape":[-4],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"U8","shape":[4.0],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"U8","shape":[true],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":8,"shape":[4],"data_offsets":[0,4]}}"#,
        r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4],"extra":1}}"#,
        r#"{"a":[1,2]}"#,
        r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}"#,
        r#"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}} x"#,
        r#"{"__metadata__":{"x":1}}"#,
    ] {
        assert_says(&refused(header, &[0; 4]), &["byte ", "JSON"]);
    }
}

#[test]
fn too_many_dimensions() {
    let shape = "1,".repeat(64) + "1";
    let header = format!(r#"{{"a":{{"dtype":"U8","shape":[{shape}],"data_offsets":[0,1]}}}}"#);
    assert_says(
        &refused(&header, &[0]),
        &["tensor 'a'", "65 dimensions; at most 64"],
    );
}

/// A row that cannot be read has a shape that nobody checked; nothing may compute with it.
#[test]
fn an_unread_type_with_a_shape_beyond_counting() {
    let folder = Folder::new();
    let max = u64::MAX;
    let header = format!(r#"{{"a":{{"dtype":"F4","shape":[{max},{max}],"data_offsets":[0,1]}}}}"#);
    let source = open(&folder.file(NAME, &safetensors(&header, &[0]))).unwrap();
    let info = &source.tensors()[0];
    assert_eq!(info.len(), usize::MAX);
    let reason = matrix_view(&info.shape, &ViewRules::default()).unwrap_err();
    assert_says(&reason, &["more than 2^64 elements"]);
    assert!(source.read(0).is_err());
}

/// A header of 384 bytes begins with 80 01, as a pickle of protocol 1 would.
#[test]
fn a_header_whose_length_looks_like_a_pickle() {
    let folder = Folder::new();
    let header = r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#;
    let path = folder.file(NAME, &safetensors(&format!("{header:384}"), &[7]));
    assert_eq!(read_all(&path).unwrap()[0].data, [7.0]);
}

/// Catches a search through all names for each: billions of comparisons.
#[test]
fn a_hundred_thousand_empty_tensors_take_linear_work() {
    let entries: Vec<String> = (0..100_000)
        .map(|i| format!(r#""{i}":{{"dtype":"F32","shape":[0,{i}],"data_offsets":[0,0]}}"#))
        .collect();
    let folder = Folder::new();
    let path = folder.file(
        NAME,
        &safetensors(&format!("{{{}}}", entries.join(",")), &[]),
    );
    let (source, asked) = asked(|| open(&path).unwrap());
    assert_eq!(source.tensors().len(), 100_000);
    assert!(source.read(99_999).unwrap().data.is_empty());
    assert!(asked.bytes < 100_000 * (4 << 10), "{}", asked.bytes);
}

#[test]
fn types_without_a_meaning_of_their_own_mark_their_row_only() {
    let folder = Folder::new();
    let header = r#"{
"f":{"dtype":"F8_E8M0","shape":[4],"data_offsets":[0,4]},
"q":{"dtype":"F4","shape":[8],"data_offsets":[4,8]},
"x":{"dtype":"Q17","shape":[1],"data_offsets":[8,12]},
"c":{"dtype":"C64","shape":[1],"data_offsets":[12,20]},
"w":{"dtype":"F32","shape":[1],"data_offsets":[20,24]}}"#;
    let header = header.replace('\n', "");
    let path = folder.file(
        NAME,
        &safetensors(&header, &[&[0; 20][..], &f32s(&[7.0])].concat()),
    );
    let source = open(&path).unwrap();
    for (index, words) in [(0, "scale"), (1, "scale"), (2, "Q17"), (3, "C64")] {
        let reason = source.tensors()[index].unreadable.as_deref().unwrap();
        assert_says(reason, &[words, "is not read"]);
        assert!(source.read(index).is_err());
    }
    assert_eq!(source.read(4).unwrap().data, [7.0]);
}

/// Codes read as weights would give a plausible, meaningless spectrum.
#[test]
fn codes_of_quantised_weights_are_never_taken_for_weights() {
    let folder = Folder::new();
    let names = [
        ("a.qweight", "I32"),
        ("a.scales", "F32"),
        ("b.weight", "U8"),
        ("b.weight.absmax", "F32"),
        ("c.weight", "I8"),
        ("c.SCB", "F32"),
        ("d.weight", "I8"),
        ("d.weight_scale", "F32"),
        ("e.weight", "I32"),
    ];
    let entries: Vec<String> = names
        .iter()
        .enumerate()
        .map(|(i, (name, dtype))| {
            let count = if dtype.ends_with('8') { 4 } else { 1 };
            let (begin, end) = (i * 4, i * 4 + 4);
            format!(
                r#""{name}":{{"dtype":"{dtype}","shape":[{count}],"data_offsets":[{begin},{end}]}}"#
            )
        })
        .collect();
    let header = format!("{{{}}}", entries.join(","));
    let path = folder.file(NAME, &safetensors(&header, &[0; 36]));
    for info in open(&path).unwrap().tensors() {
        let is_code = info.dtype.is_integer() && info.name != "e.weight";
        assert_eq!(info.unreadable.is_some(), is_code, "{}", info.name);
    }
}

#[test]
fn hostile_names_are_inert() {
    let long = "n".repeat(1 << 20);
    for name in [
        "<script>alert(1)</script>",
        "\\u001b[31mred",
        "a\\u0000b",
        "\\u202egnp.exe",
        &long,
    ] {
        let header = spans(&[(name, 0, 4)]);
        // Refused: the sentence is judged by `refusal`. Read: the name is what the file says.
        assert_says(&refused(&header, &[0; 5]), &["tensor '"]);
        let folder = Folder::new();
        let source = open(&folder.file(NAME, &safetensors(&header, &[0; 4]))).unwrap();
        let shown = escape(&source.tensors()[0].name);
        assert!(shown.chars().count() < 200 && !shown.chars().any(char::is_control));
        assert!(!shown.contains('\u{202e}'));
    }
}

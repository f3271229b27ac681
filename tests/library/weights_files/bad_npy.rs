//! `.npy` files that are refused, and why.

use spectra::weights::{OpenOptions, Source, ViewRules, matrix_view};

use super::build::{Folder, assert_says, f32s, npy, npy_of, open, refusal, refusal_of};

#[test]
fn an_empty_file() {
    assert_says(
        &refusal("a.npy", b""),
        &["a.npy", "empty (0 bytes)", "npy files begin with"],
    );
}

#[test]
fn a_wrong_magic() {
    assert_says(
        &refusal("a.npy", b"\x93NUMPX\x01\0\x04\0{}  "),
        &["93 4e 55 4d 50 58", "PyTorch"],
    );
}

#[test]
fn an_unknown_version() {
    let text = refusal("a.npy", b"\x93NUMPY\x04\x00\x04\0\0\0{}  ");
    assert_says(&text, &["byte 6", "version 4.0 is unknown", "1, 2 and 3"]);
}

#[test]
fn a_file_cut_inside_its_magic_or_length() {
    for length in 6..12 {
        let text = refusal("a.npy", &b"\x93NUMPY\x02\x00\x04\0\0\0{}  "[..length]);
        assert_says(&text, &["bytes"]);
    }
}

#[test]
fn a_header_of_4_gib_in_12_bytes() {
    let text = refusal("a.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff");
    assert_says(&text, &["byte 8", "4294967295", "but 0 follow"]);
}

#[test]
fn a_header_longer_than_the_file() {
    let mut bytes = npy_of("<f4", "(1,)", &[]);
    bytes[8] += 1;
    assert_says(&refusal("a.npy", &bytes), &["byte 8", "header of"]);
}

/// The file holds it, the reader will not: a header is a line.
#[test]
fn a_header_beyond_64_kib() {
    let mut bytes = b"\x93NUMPY\x02\x00".to_vec();
    bytes.extend(70_000_u32.to_le_bytes());
    bytes.extend(vec![b' '; 70_000]);
    assert_says(&refusal("a.npy", &bytes), &["70000", "at most 65536"]);
}

/// Parsers that backtrack take 2^16 steps and more here, and do not come to an end.
#[test]
fn nested_brackets() {
    for count in [16, 40, 30_000] {
        for (open, close) in [("(", ")"), ("[", "]"), ("{", "}"), ("(", "")] {
            let nest = open.repeat(count) + &close.repeat(count);
            for field in ["descr", "shape"] {
                let text = refusal("a.npy", &npy(&format!("{{'{field}': {nest}, }}"), &[]));
                assert_says(&text, &["where", "was expected"]);
            }
        }
    }
}

#[test]
fn a_shape_without_its_data() {
    let text = refusal("a.npy", &npy_of("<f8", "(1099511627776,)", &[]));
    assert_says(
        &text,
        &[
            "[1099511627776] of F64",
            "8796093022208 bytes",
            "but 0 bytes follow",
        ],
    );
}

/// 2^62 · 4 + 4 elements of 4 bytes wrap to 16 bytes; 2^32 · 2^32 to none.
#[test]
fn a_product_that_wraps() {
    for shape in [
        "(4611686018427387905, 4)",
        "(4294967296, 4294967296)",
        "(2, 9223372036854775810)",
    ] {
        let text = refusal("a.npy", &npy_of("<f4", shape, &f32s(&[0.0; 4])));
        assert_says(&text, &["more than 2^64 bytes"]);
    }
}

/// The other dimensions may be anything: their product is not taken.
#[test]
fn a_dimension_of_zero_is_an_empty_tensor() {
    let folder = Folder::new();
    for shape in [
        "(3, 0, 18446744073709551615)",
        "(18446744073709551615, 18446744073709551615, 0)",
    ] {
        for order in ["True", "False"] {
            let header = format!("{{'descr': '<f4', 'fortran_order': {order}, 'shape': {shape}}}");
            let source = open(&folder.file("a.npy", &npy(&header, &[]))).unwrap();
            assert!(source.read(0).unwrap().data.is_empty());
            let reason = matrix_view(&source.tensors()[0].shape, &ViewRules::default());
            assert_says(&reason.unwrap_err(), &["empty"]);
        }
    }
}

#[test]
fn dimensions_that_are_no_counts() {
    for bad in [
        "-1",
        "2.0",
        "True",
        "18446744073709551616",
        "None",
        "'2'",
        "1e3",
        "0x10",
        "1_0",
    ] {
        let text = refusal("a.npy", &npy_of("<f4", &format!("({bad}, 2)"), &[0; 64]));
        assert_says(&text, &[bad, "integer from 0 to 2^64 - 1"]);
    }
}

#[test]
fn too_many_dimensions() {
    for count in [33, 65, 10_000] {
        let text = refusal(
            "a.npy",
            &npy_of("<f4", &format!("({})", "1,".repeat(count)), &[0; 4]),
        );
        assert_says(&text, &["more than 32 dimensions"]);
    }
}

#[test]
fn a_byte_short() {
    let text = refusal("a.npy", &npy_of("<f4", "(2, 2)", &[0; 15]));
    assert_says(&text, &["[2, 2] of F32, 16 bytes", "15 bytes follow"]);
}

#[test]
fn bytes_after_the_array_warn_and_are_refused_when_strict() {
    let folder = Folder::new();
    let path = folder.file("a.npy", &npy_of("<f4", "(2, 2)", &[0; 17]));
    let source = open(&path).unwrap();
    assert_says(
        &source.warnings()[0],
        &["1 bytes follow the array", "ignored"],
    );
    assert_eq!(source.read(0).unwrap().data.len(), 4);
    let strict = Source::open(&path, &OpenOptions { strict: true });
    assert_says(
        &strict.unwrap_err().to_string(),
        &["a.npy, byte ", "strict reading"],
    );
}

#[test]
fn keys_repeated_missing_and_unknown() {
    let whole = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), ";
    for key in ["'descr': '<f4'", "'fortran_order': False", "'shape': (1,)"] {
        let text = refusal("a.npy", &npy(&format!("{whole}{key}}}"), &[0; 4]));
        assert_says(&text, &["twice", key.split('\'').nth(1).unwrap(), "byte "]);
        let without = whole.replace(&format!("{key}, "), "");
        let text = refusal("a.npy", &npy(&format!("{without}}}"), &[0; 4]));
        assert_says(&text, &["lacks the key", key.split('\'').nth(1).unwrap()]);
    }
    let text = refusal("a.npy", &npy(&format!("{whole}'order': 1}}"), &[0; 4]));
    assert_says(&text, &["unknown key 'order'"]);
}

#[test]
fn a_header_that_is_no_dictionary() {
    for header in [
        "",
        "[]",
        "None",
        "('descr', '<f4')",
        "{'descr': '<f4'",
        "{",
        "{,}",
        "{'descr'}",
    ] {
        assert_says(
            &refusal("a.npy", &npy(header, &[0; 4])),
            &["byte ", "expected"],
        );
    }
    let text = refusal(
        "a.npy",
        &npy(
            "{'descr': '<f4', 'fortran_order': False, 'shape': ()}; 1",
            &[0; 4],
        ),
    );
    assert_says(&text, &["'; 1'", "nothing but spaces"]);
}

#[test]
fn a_header_with_a_call_is_not_evaluated() {
    let folder = Folder::new();
    let witness = folder.path().join("witness");
    let call = format!("__import__('os').system('touch {}')", witness.display());
    for header in [
        format!("{{'descr': {call}, 'fortran_order': False, 'shape': (1,)}}"),
        format!("{{'descr': '<f4', 'fortran_order': {call}, 'shape': (1,)}}"),
        format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({call},)}}"),
    ] {
        let text = refusal_of(&folder.file("a.npy", &npy(&header, &[0; 4])));
        assert_says(&text, &["__import__", "nothing in it is evaluated"]);
    }
    assert!(!witness.exists());
}

#[test]
fn types_that_are_not_read() {
    for (descr, words) in [
        ("|O", "numpy.asarray(a, dtype=numpy.float32)"),
        ("<U8", "strings"),
        ("|S3", "strings"),
        ("<M8[ns]", "dates or times"),
        ("<m8[s]", "dates or times"),
        ("|V2", "raw bytes"),
        ("<f16", "floats of another width"),
        ("<c8", "complex"),
        ("<c16", "complex"),
        ("<f3", "another width"),
        ("bogus", "unknown type"),
    ] {
        let text = refusal("a.npy", &npy_of(descr, "(1,)", &[0; 64]));
        assert_says(&text, &[words, descr]);
    }
    let record =
        "{'descr': [('x', '<f4'), ('y', '<f8', (2,))], 'fortran_order': False, 'shape': (1,)}";
    assert_says(
        &refusal("a.npy", &npy(record, &[0; 64])),
        &["records", "f2, f4, f8"],
    );
}

/// Catches arrays that vanish behind one whose type is not read but whose size is known, and what follows objects
/// without a word.
#[test]
fn arrays_behind_text_and_complex_numbers() {
    let folder = Folder::new();
    let floats = || npy_of("<f4", "(2,)", &[0; 8]);
    let several = |between: Vec<u8>| [floats(), between, floats()].concat();
    let count = |bytes: Vec<u8>| open(&folder.file("a.npy", &bytes)).unwrap().tensors().len();
    assert_eq!(count(several(npy_of("<U3", "(2,)", &[0; 24]))), 3);
    assert_eq!(count(several(npy_of("|S5", "()", &[0; 5]))), 3);
    assert_eq!(count(several(npy_of("<c16", "(1, 2)", &[0; 32]))), 3);
    assert_eq!(count(several(npy_of("<M8[s]", "(3,)", &[0; 24]))), 3);
    let objects = folder.file("b.npy", &several(npy_of("|O", "(1,)", b"\x80\x04N.")));
    let source = open(&objects).unwrap();
    assert_eq!(source.tensors().len(), 2);
    assert_says(&source.warnings()[0], &["what follows array 1 is not read"]);
}

//! PyTorch files that are refused, and why.

use super::build::{
    Folder, Member, Pickle, assert_says, f32s, one_tensor, open, refusal, torch, zip,
};
use crate::memory::asked;

fn four() -> Vec<u8> {
    f32s(&[1.0, 2.0, 3.0, 4.0])
}

fn refused(pickle: Pickle) -> String {
    refusal("m.pt", &torch(&pickle.stop(), &[&four()]))
}

#[test]
fn a_call_of_os_system_is_named_and_not_made() {
    let folder = Folder::new();
    let witness = folder.path().join("witness");
    let call = |pickle: Pickle| {
        pickle
            .global("os", "system")
            .text(&format!("touch {}", witness.display()))
            .raw(b"\x85R")
    };
    let alone = folder.file("a.pt", &torch(&call(Pickle::new()).stop(), &[]));
    let source = open(&alone).unwrap();
    assert!(source.tensors().is_empty());
    assert_says(
        &source.warnings()[0],
        &["os.system", "nothing was executed"],
    );

    let beside = call(one_tensor().text("x")).raw(b"s").stop();
    let source = open(&folder.file("b.pt", &torch(&beside, &[&four()]))).unwrap();
    assert_says(&source.warnings()[0], &["os.system"]);
    assert_eq!(source.read(0).unwrap().data, [1.0, 2.0, 3.0, 4.0]);
    assert!(!witness.exists());
}

/// Every way a pickle has of calling: REDUCE, INST, OBJ, NEWOBJ, NEWOBJ_EX, BUILD, STACK_GLOBAL.
#[test]
fn no_way_of_calling_runs_anything() {
    let folder = Folder::new();
    let ways: [&[u8]; 6] = [
        b"cos\nsystem\nX\x01\0\0\0x\x85R",
        b"(X\x01\0\0\0xios\nsystem\n",
        b"(cos\nsystem\nX\x01\0\0\0xo",
        b"cos\nsystem\nX\x01\0\0\0x\x85\x81",
        b"cos\nsystem\nX\x01\0\0\0x\x85}\x92",
        b"\x8c\x02os\x8c\x06system\x93X\x01\0\0\0x\x85R}b",
    ];
    for way in ways {
        let pickle = one_tensor().text("x").raw(way).raw(b"s").stop();
        let source = open(&folder.file("a.pt", &torch(&pickle, &[&four()]))).unwrap();
        assert_says(&source.warnings()[0], &["os.system"]);
        assert_eq!(source.read(0).unwrap().data.len(), 4);
    }
}

#[test]
fn globals_inside_allowed_modules_are_not_all_allowed() {
    let folder = Folder::new();
    for (module, name) in [
        ("builtins", "eval"),
        ("torch", "load"),
        ("collections", "namedtuple"),
    ] {
        let pickle = Pickle::new().global(module, name).raw(b")R").stop();
        let source = open(&folder.file("a.pt", &torch(&pickle, &[]))).unwrap();
        assert_says(&source.warnings()[0], &[&format!("{module}.{name}")]);
    }
}

#[test]
fn lengths_beyond_the_pickle() {
    for piece in [
        &b"X\xff\xff\xff\xff"[..],
        b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff",
        b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x96\0\0\0\0\0\x01\0\0",
        b"T\xff\xff\xff\xff",
        b"B\xff\xff\xff\xff",
        b"\x8b\xff\xff\xff\xff",
        b"\x8a\xff",
        b"\x95\xff\xff\xff\xff\xff\xff\xff\xff",
    ] {
        let text = refused(Pickle::new().raw(piece));
        assert_says(&text, &["byte 2", "in data.pkl", "are left in the pickle"]);
    }
}

#[test]
fn an_empty_stack() {
    for piece in [
        &b""[..],
        b"0",
        b"2",
        b"a",
        b"s",
        b"R",
        b"b",
        b"Q",
        b"\x85",
        b"N\x86",
        b"NN\x87",
        b"\x81",
        b"q\x00",
        b"\x94",
        b"\x93",
        b"(R",
        b"N(a",
        b"(0",
        b"\x92",
    ] {
        let text = refused(Pickle::new().raw(piece));
        assert_says(&text, &["byte ", "in data.pkl", "the stack is empty"]);
    }
    for piece in [
        &b"t"[..],
        b"l",
        b"d",
        b"e",
        b"u",
        b"1",
        b"o",
        b"ia\nb\n",
        b"\x90",
        b"\x91",
    ] {
        assert_says(&refused(Pickle::new().raw(piece)), &["a mark is missing"]);
    }
    assert_says(
        &refused(Pickle::new().raw(b"(o")),
        &["an object without a class"],
    );
}

#[test]
fn values_of_the_wrong_kind() {
    assert_says(&refused(Pickle::new().raw(b"NNa")), &["what is no list"]);
    assert_says(
        &refused(Pickle::new().raw(b"NNNs")),
        &["what is no dictionary"],
    );
    assert_says(
        &refused(Pickle::new().raw(b"}(Nu")),
        &["a key without a value"],
    );
    assert_says(
        &refused(Pickle::new().raw(b"NN\x93")),
        &["a global whose name is not text"],
    );
}

#[test]
fn a_missing_memo() {
    for piece in [&b"h\x07"[..], b"j\x07\0\0\0", b"g7\n"] {
        assert_says(
            &refused(Pickle::new().raw(piece)),
            &["memo entry 7 was never stored"],
        );
    }
    assert_says(
        &refused(Pickle::new().raw(b"gseven\n")),
        &["a memo entry without a number"],
    );
    assert_says(
        &refused(Pickle::new().raw(b"Np99999999999\n")),
        &["beyond 2^32"],
    );
}

#[test]
fn no_stop() {
    let text = refusal("m.pt", &torch(&one_tensor().0, &[&four()]));
    assert_says(&text, &["without its STOP", "cut short"]);
    assert_says(&refusal("m.pt", &torch(b"", &[])), &["without its STOP"]);
    assert_says(
        &refusal("m.pt", &torch(b"\x80\x02cos", &[])),
        &["a line that does not end"],
    );
}

#[test]
fn an_unknown_protocol_or_instruction() {
    assert_says(
        &refusal("m.pt", &torch(b"\x80\x06N.", &[])),
        &["protocol 6 is unknown"],
    );
    for opcode in [b'?', 0x82, 0x83, 0x84, 0x97, 0x98, 0xff] {
        let text = refused(Pickle::new().raw(&[opcode]));
        assert_says(
            &text,
            &["byte 2", &format!("{opcode:02x} is unknown or not read")],
        );
    }
}

#[test]
fn nested_200_000_deep() {
    let tuples = Pickle::new().raw(b"N").raw(&b"\x85".repeat(200_000));
    assert_says(&refused(tuples), &["nested more than 1000 deep"]);
    let lists = Pickle::new()
        .raw(&b"]".repeat(200_000))
        .raw(&b"a".repeat(199_999));
    assert_says(&refused(lists), &["nested more than 1000 deep"]);
    let marks = Pickle::new()
        .raw(&b"(".repeat(200_000))
        .raw(&b"t".repeat(200_000));
    assert_says(&refused(marks), &["more than 1000 open marks"]);
    let calls = Pickle::new()
        .raw(&b"cx\ny\n".repeat(50_000))
        .raw(b")")
        .raw(&b"\x85R".repeat(50_000));
    assert_says(&refused(calls), &["nested more than 1000 deep"]);
}

#[test]
fn a_program_without_end() {
    let pickle = Pickle::new().raw(&b"N0".repeat(4_000_001));
    assert_says(&refused(pickle), &["more than 8000000 instructions"]);
}

/// Two million containers from two million bytes, each looked into: catches a walk that begins again at each, and never
/// ends.
#[test]
fn millions_of_containers_take_linear_work() {
    let folder = Folder::new();
    let pickle = Pickle::new()
        .raw(b"](")
        .raw(&b"}".repeat(2_000_000))
        .raw(b"e");
    let path = folder.file("m.pt", &torch(&pickle.stop(), &[]));
    let (source, asked) = asked(|| open(&path).unwrap());
    assert!(source.tensors().is_empty());
    assert!(asked.bytes < 2_000_000 * 512, "{}", asked.bytes);
}

#[test]
fn parameters_of_parameters() {
    let shells = b"ctorch._utils\n_rebuild_parameter\n".repeat(20);
    let pickle = Pickle::new()
        .raw(&shells)
        .tensor("0", 4, 0, &[4], &[1])
        .raw(&b"\x85R".repeat(20));
    assert_says(&refused(pickle), &["a tensor inside 8 calls"]);
}

/// Sixty doublings: 2^60 paths to one tensor. Catches a walk that takes them all, or stops without a word.
#[test]
fn an_exponential_memo_is_bounded() {
    let folder = Folder::new();
    let mut pickle = Pickle::new().tensor("0", 4, 0, &[4], &[1]);
    for _ in 0..60 {
        pickle = pickle.raw(b"2\x86");
    }
    let source = open(&folder.file("m.pt", &torch(&pickle.stop(), &[&four()]))).unwrap();
    let listed = source.tensors().len();
    assert!((2..60_000).contains(&listed), "{listed}");
    let others = &source.tensors()[1..];
    assert!(others.iter().all(|info| info.alias_of.is_some()));
    assert_says(
        &source.warnings()[0],
        &["was listed before", "not repeated"],
    );
}

/// One name of a megabyte over 100,000 tensors is 100 GB of names.
#[test]
fn one_long_name_over_many_tensors_is_bounded() {
    let tensor = Pickle::default()
        .tensor("0", 4, 0, &[4], &[1])
        .raw(b"q\x00");
    let pickle = Pickle::new()
        .raw(b"}")
        .text(&"n".repeat(1 << 20))
        .raw(b"](")
        .raw(&tensor.0)
        .raw(&b"h\x00".repeat(100_000))
        .raw(b"es");
    assert_says(&refused(pickle), &["far more room than the pickle"]);
    let mut deep = Pickle::new().text(&"n".repeat(1 << 20)).raw(b"q\x000");
    for _ in 0..500 {
        deep = deep.raw(b"}h\x00");
    }
    let deep = deep.raw(&tensor.0).raw(&b"s".repeat(500));
    assert_says(&refused(deep), &["a name of more than 4194304 bytes"]);
}

/// Catches a child that knows its parent, and costs the file, or the tensors beside it, or time without end.
#[test]
fn a_self_reference() {
    let folder = Folder::new();
    let pickle = Pickle::new()
        .raw(b"}q\x00")
        .text("me")
        .raw(b"h\x00s")
        .text("list")
        .raw(b"]q\x01h\x01as")
        .text("w")
        .tensor("0", 4, 0, &[4], &[1])
        .raw(b"s")
        .stop();
    let source = open(&folder.file("m.pt", &torch(&pickle, &[&four()]))).unwrap();
    let names: Vec<&str> = (source.tensors().iter())
        .map(|info| info.name.as_str())
        .collect();
    assert_eq!(names, ["w"]);
    source.read(0).unwrap();
}

/// Catches a storage that is saved by itself and vanishes.
#[test]
fn a_bare_storage_is_a_row() {
    let folder = Folder::new();
    let pickle = Pickle::new()
        .raw(b"}")
        .text("s")
        .storage("FloatStorage", "0", 4)
        .raw(b"s")
        .stop();
    let source = open(&folder.file("m.pt", &torch(&pickle, &[&four()]))).unwrap();
    assert_eq!(source.tensors().len(), 1);
    let reason = source.tensors()[0]
        .unreadable
        .as_deref()
        .unwrap_or_default();
    assert_says(reason, &["storage without a tensor"]);
}

#[test]
fn views_outside_their_storage() {
    for (offset, size, stride) in [
        (1, &[2, 2][..], &[2, 1][..]),
        (0, &[2, 2], &[3, 1]),
        (0, &[5], &[1]),
        (5, &[0], &[1]),
        (i64::MAX, &[1], &[1]),
        (0, &[2], &[i64::MAX]),
        (0, &[3, 3], &[i64::MAX, i64::MAX]),
        (i64::MAX, &[2], &[i64::MAX]),
    ] {
        let text = refused(Pickle::new().tensor("0", 4, offset, size, stride));
        assert_says(
            &text,
            &["tensor 'tensor'", "outside its storage of 16 bytes"],
        );
    }
}

#[test]
fn sizes_strides_and_offsets_that_are_no_counts() {
    for (offset, size, stride, words) in [
        (-1, &[2][..], &[1][..], "offset is not 0 or more"),
        (0, &[-2], &[1], "negative: -2"),
        (0, &[2], &[-1], "negative: -1"),
        (0, &[2], &[1, 1], "1 dimensions and 2 strides"),
        (0, &[i64::MAX, 2], &[1, 1], "more than 2^64 bytes"),
    ] {
        assert_says(
            &refused(Pickle::new().tensor("0", 4, offset, size, stride)),
            &[words],
        );
    }
    let many = refused(Pickle::new().tensor("0", 4, 0, &[1; 65], &[1; 65]));
    assert_says(&many, &["65 integers; at most 64"]);
    let words = Pickle::new()
        .global("torch._utils", "_rebuild_tensor_v2")
        .raw(b"(")
        .storage("FloatStorage", "0", 4)
        .raw(b"K\x00NNt")
        .raw(b"R");
    assert_says(&refused(words), &["not a tuple of integers"]);
}

#[test]
fn a_storage_that_is_short_or_absent() {
    let pickle = one_tensor().stop();
    let short = refusal("m.pt", &torch(&pickle, &[&four()[..15]]));
    assert_says(
        &short,
        &["tensor 'w'", "storage 0 declares 16 bytes, but holds 15"],
    );
    assert_says(
        &refusal("m.pt", &torch(&pickle, &[])),
        &["tensor 'w'", "data/0 is not in the archive"],
    );
    let path = Pickle::new()
        .tensor("../../../etc/passwd", 4, 0, &[4], &[1])
        .stop();
    assert_says(
        &refusal("m.pt", &torch(&path, &[])),
        &["is not in the archive"],
    );
    let long = Pickle::new()
        .tensor(&"9".repeat(300), 4, 0, &[4], &[1])
        .stop();
    assert_says(
        &refusal("m.pt", &torch(&long, &[])),
        &["an id of an unknown form"],
    );
}

#[test]
fn a_storage_of_a_length_that_cannot_be() {
    for length in [-1, i64::MAX] {
        let text = refused(Pickle::new().tensor("0", length, 0, &[4], &[1]));
        assert_says(&text, &["tensor 'tensor'", "storage", "declares"]);
    }
}

#[test]
fn one_element_expanded() {
    for (size, stride) in [(&[1 << 40][..], &[0][..]), (&[1 << 20, 1 << 20], &[0, 0])] {
        let text = refused(Pickle::new().tensor("0", 4, 0, size, stride));
        assert_says(
            &text,
            &["expands 1 stored numbers to 1099511627776", "expanded from"],
        );
    }
}

#[test]
fn a_wrong_checksum() {
    let (pickle, data) = (one_tensor().stop(), four());
    let mut storage = Member::new("m/data/0", &data);
    storage.crc ^= 1;
    let bytes = zip(&[Member::new("m/data.pkl", &pickle), storage]);
    assert_says(&refusal("m.pt", &bytes), &["tensor 'w'", "checksum"]);
}

#[test]
fn several_pickles() {
    let pickle = one_tensor().stop();
    let members = [
        Member::new("a/data.pkl", &pickle),
        Member::new("b/data.pkl", &pickle),
    ];
    assert_says(&refusal("m.pt", &zip(&members)), &["several data.pkl"]);
}

/// Catches broken constants of a TorchScript program that take its weights with them.
#[test]
fn broken_constants_are_a_row() {
    let folder = Folder::new();
    let (pickle, data) = (one_tensor().stop(), four());
    let members = [
        Member::new("m/data.pkl", &pickle),
        Member::new("m/data/0", &data),
        Member::new("m/constants.pkl", b"x"),
    ];
    let source = open(&folder.file("m.pt", &zip(&members))).unwrap();
    let names: Vec<&str> = source
        .tensors()
        .iter()
        .map(|info| info.name.as_str())
        .collect();
    assert_eq!(names, ["w", "constants"]);
    source.read(0).unwrap();
    assert_says(
        &source.read(1).unwrap_err().to_string(),
        &["constants.pkl", "instruction 78"],
    );
}

#[test]
fn an_unknown_byte_order() {
    let pickle = one_tensor().stop();
    let members = [
        Member::new("m/data.pkl", &pickle),
        Member::new("m/byteorder", b"middle"),
    ];
    assert_says(
        &refusal("m.pt", &zip(&members)),
        &["neither little nor big"],
    );
}

#[test]
fn special_tensors_mark_their_row_only() {
    let folder = Folder::new();
    let pickle = one_tensor()
        .text("q")
        .global("torch._utils", "_rebuild_qtensor")
        .raw(b")Rs")
        .text("c")
        .global("torch._utils", "_rebuild_tensor_v2")
        .raw(b"(")
        .storage("ComplexFloatStorage", "0", 2)
        .raw(b"K\x00")
        .ints(&[2])
        .ints(&[1])
        .raw(b"tRs")
        .stop();
    let source = open(&folder.file("m.pt", &torch(&pickle, &[&four()]))).unwrap();
    let reason = |index: usize| {
        source.tensors()[index]
            .unreadable
            .clone()
            .unwrap_or_default()
    };
    assert_eq!(reason(0), "");
    assert_says(&reason(1), &["quantised", "dequantize()"]);
    assert_says(&reason(2), &["ComplexFloatStorage", "not read"]);
}

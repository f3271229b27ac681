//! What is read, and that it is read exactly.

use std::collections::HashMap;
use std::io::Write;

use spectra::weights::{Dtype, Format, Source, Tensor};

use super::build::{
    Folder, Member, Pickle, assert_says, f32s, npy, npy_of, one_tensor, open, read_all,
    safetensors, torch, zip,
};

fn read_one(name: &str, bytes: &[u8]) -> Tensor {
    let folder = Folder::new();
    read_all(&folder.file(name, bytes)).unwrap().remove(0)
}

/// Values that every bit pattern mistake changes: signs, exponents, subnormals, extremes.
#[test]
fn npy_types_in_both_byte_orders() {
    let floats = [1.5, -0.0, f64::MAX, 5e-324, -std::f64::consts::PI];
    let singles = [1.5_f32, -0.0, f32::MAX, 1e-45, std::f32::consts::PI];
    // 1, -2, the largest, the smallest subnormal.
    let halves = [0x3c00_u16, 0xc000, 0x7bff, 0x0001];
    let half_values = [1.0, -2.0, 65504.0, (-24_f64).exp2()];
    let i64s = [1_i64, -2, 1 << 53, i64::MIN];
    let u16s = [1_u16, 0x1234, u16::MAX];
    let check = |descr: &str, little: Vec<u8>, width: usize, expected: &[f64]| {
        let big: Vec<u8> = little
            .chunks(width)
            .flat_map(|b| b.iter().rev().copied())
            .collect();
        let shape = format!("({},)", expected.len());
        for (order, data) in [("<", &little), (">", &big)] {
            let tensor = read_one("a.npy", &npy_of(&format!("{order}{descr}"), &shape, data));
            let bits = |values: &[f64]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            assert_eq!(bits(&tensor.data), bits(expected), "{order}{descr}");
        }
    };
    check(
        "f8",
        floats.iter().flat_map(|v| v.to_le_bytes()).collect(),
        8,
        &floats,
    );
    check("f4", f32s(&singles), 4, &singles.map(f64::from));
    check(
        "f2",
        halves.iter().flat_map(|v| v.to_le_bytes()).collect(),
        2,
        &half_values,
    );
    check(
        "i8",
        i64s.iter().flat_map(|v| v.to_le_bytes()).collect(),
        8,
        &i64s.map(|v| v as f64),
    );
    check(
        "u2",
        u16s.iter().flat_map(|v| v.to_le_bytes()).collect(),
        2,
        &u16s.map(f64::from),
    );
    check("i4", (-7_i32).to_le_bytes().to_vec(), 4, &[-7.0]);
    check("i2", (-300_i16).to_le_bytes().to_vec(), 2, &[-300.0]);
    check("u4", u32::MAX.to_le_bytes().to_vec(), 4, &[4294967295.0]);
    check(
        "u8",
        (1_u64 << 63).to_le_bytes().to_vec(),
        8,
        &[9_223_372_036_854_775_808.0],
    );
    assert_eq!(
        read_one("a.npy", &npy_of("|i1", "(2,)", &[0x80, 5])).data,
        [-128.0, 5.0]
    );
    assert_eq!(
        read_one("a.npy", &npy_of("|u1", "(2,)", &[0x80, 5])).data,
        [128.0, 5.0]
    );
    assert_eq!(
        read_one("a.npy", &npy_of("|b1", "(3,)", &[0, 1, 7])).data,
        [0.0, 1.0, 1.0]
    );
}

/// Element (i, j, k) is 100 i + 10 j + k in both orders.
#[test]
fn npy_fortran_order() {
    let (a, b, c) = (3, 4, 5);
    let mut data = Vec::new();
    for k in 0..c {
        for j in 0..b {
            for i in 0..a {
                data.push((100 * i + 10 * j + k) as f32);
            }
        }
    }
    let dictionary = "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 4, 5), }";
    let tensor = read_one("a.npy", &npy(dictionary, &f32s(&data)));
    let expected: Vec<f64> = (0..a * b * c)
        .map(|n| f64::from(100 * (n / (b * c)) + 10 * (n / c % b) + n % c))
        .collect();
    assert_eq!(tensor.shape, [3, 4, 5]);
    assert_eq!(tensor.data, expected);
}

/// Larger than the piece decoded at a time, and not a multiple of it.
#[test]
fn npy_larger_than_a_chunk() {
    let data: Vec<f32> = (0..300_001).map(|i| i as f32).collect();
    let tensor = read_one("a.npy", &npy_of("<f4", "(300001,)", &f32s(&data)));
    assert!(
        tensor
            .data
            .iter()
            .zip(&data)
            .all(|(a, &b)| *a == f64::from(b))
    );
    let wide = "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 300001), }";
    assert_eq!(
        read_one("a.npy", &npy(wide, &f32s(&data))).data,
        tensor.data
    );
    let wide = "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 100000), }";
    let tensor = read_one("a.npy", &npy(wide, &f32s(&data[..300_000])));
    assert_eq!(tensor.data[99_999], 299_997.0);
    assert_eq!(tensor.data[100_000], 1.0);
}

#[test]
fn npy_headers_as_numpy_has_written_them() {
    let one = f32s(&[1.0]);
    for header in [
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }                    \n",
        "{\"shape\":(1L,),\"fortran_order\":False,\"descr\":\"<f4\"}",
        "{'shape': (1, 1), 'descr': 'f4', 'fortran_order': True}",
        "{'shape': ( ), 'descr': '<f4', 'fortran_order': False}\n",
    ] {
        assert_eq!(
            read_one("a.npy", &npy(header, &one)).data,
            [1.0],
            "{header}"
        );
    }
    for version in [2, 3] {
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\n";
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        bytes.extend((header.len() as u32).to_le_bytes());
        bytes.extend([header.as_bytes(), &one].concat());
        assert_eq!(read_one("a.npy", &bytes).data, [1.0]);
    }
}

#[test]
fn integers_carry_a_note() {
    let folder = Folder::new();
    let source = open(&folder.file("a.npy", &npy_of("<i8", "(1,)", &[0; 8]))).unwrap();
    assert_says(&source.tensors()[0].notes[0], &["I64", "2^53"]);
    assert!(
        open(&folder.file("b.npy", &npy_of("<f8", "(1,)", &[0; 8])))
            .unwrap()
            .tensors()[0]
            .notes
            .is_empty()
    );
}

#[test]
fn the_name_of_a_file_decides_nothing() {
    let folder = Folder::new();
    let path = folder.file("weights.pt", &npy_of("<f4", "(1,)", &f32s(&[3.0])));
    let source = open(&path).unwrap();
    assert_eq!(
        (source.format(), source.bytes()),
        (Format::Npy, path.metadata().unwrap().len())
    );
    assert_eq!(source.tensors()[0].name, "weights");
}

/// Deflated by another writer than the one that reads.
#[test]
fn npz_stored_and_deflated() {
    let folder = Folder::new();
    let path = folder.path().join("a.npz");
    let mut writer = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let values: Vec<f32> = (0..100_000).map(|i| (i % 17) as f32).collect();
    for (name, method) in [
        ("s.npy", zip::CompressionMethod::Stored),
        ("d.npy", zip::CompressionMethod::Deflated),
    ] {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(method)
            .large_file(true);
        writer.start_file(name, options).unwrap();
        writer
            .write_all(&npy_of("<f4", "(100, 1000)", &f32s(&values)))
            .unwrap();
    }
    writer.finish().unwrap();
    let source = open(&path).unwrap();
    assert_eq!(source.format(), Format::Npz);
    let tensors = read_all(&path).unwrap();
    assert_eq!(tensors[0], tensors[1]);
    assert!(
        tensors[0]
            .data
            .iter()
            .zip(&values)
            .all(|(a, &b)| *a == f64::from(b))
    );
}

#[test]
fn npz_with_64_bit_sizes() {
    let folder = Folder::new();
    let array = npy_of("<f4", "(2,)", &f32s(&[1.0, 2.0]));
    let mut member = Member::new("a.npy", &array);
    member.zip64 = true;
    let path = folder.file("a.npz", &zip(&[member]));
    assert_eq!(read_all(&path).unwrap()[0].data, [1.0, 2.0]);
}

/// The published crate writes, this one reads.
#[test]
fn safetensors_as_the_safetensors_crate_writes_them() {
    use safetensors::tensor::{Dtype as Theirs, TensorView, serialize};
    let single = f32s(&[1.0, -2.5, 3.0, 4.0, 5.0, 6.0]);
    let brain: Vec<u8> = [0x3f80_u16, 0xc040]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let half: Vec<u8> = [0x3c00_u16, 0x0001]
        .iter()
        .flat_map(|v| v.to_le_bytes())
        .collect();
    let double: Vec<u8> = std::f64::consts::E.to_le_bytes().to_vec();
    let tensors = [
        ("f32", Theirs::F32, vec![2, 3], &single),
        ("bf16", Theirs::BF16, vec![2], &brain),
        ("f16", Theirs::F16, vec![2, 1], &half),
        ("f64", Theirs::F64, vec![], &double),
    ];
    let views = tensors
        .map(|(name, dtype, shape, data)| (name, TensorView::new(dtype, shape, data).unwrap()));
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let folder = Folder::new();
    let path = folder.file("m", &serialize(views, Some(metadata)).unwrap());
    let source = open(&path).unwrap();
    assert_eq!(source.format(), Format::Safetensors);
    let tensor = |name: &str| {
        let index = source
            .tensors()
            .iter()
            .position(|info| info.name == name)
            .unwrap();
        (
            source.tensors()[index].dtype.clone(),
            source.read(index).unwrap(),
        )
    };
    let (dtype, single) = tensor("f32");
    assert_eq!((dtype, single.shape), (Dtype::F32, vec![2, 3]));
    assert_eq!(single.data, [1.0, -2.5, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(tensor("bf16").1.data, [1.0, -3.0]);
    assert_eq!(tensor("f16").1.data, [1.0, (-24_f64).exp2()]);
    assert_eq!(tensor("f64").1.data, [std::f64::consts::E]);
}

/// Spaces pad the header's end; the offsets need not follow the order of names.
#[test]
fn safetensors_padded_and_out_of_order() {
    let header = r#"{"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}     "#;
    let folder = Folder::new();
    let path = folder.file("m", &safetensors(header, &f32s(&[1.0, 2.0])));
    let tensors = read_all(&path).unwrap();
    assert_eq!((tensors[0].data[0], tensors[1].data[0]), (2.0, 1.0));
}

fn torch_source(folder: &Folder, pickle: Pickle, values: &[f32]) -> Source {
    open(&folder.file("m.pt", &torch(&pickle.stop(), &[&f32s(values)]))).unwrap()
}

#[test]
fn torch_views_of_a_storage() {
    let folder = Folder::new();
    let values: Vec<f32> = (0..24).map(|i| i as f32).collect();
    let pickle = [
        ("whole", 0, &[4, 6][..], &[6, 1][..]),
        ("transposed", 0, &[6, 4], &[1, 6]),
        ("row", 6, &[6], &[1]),
        ("column", 2, &[4], &[6]),
        ("steps", 6, &[2, 3], &[6, 2]),
        ("windows", 0, &[4, 3], &[1, 1]),
        ("expanded", 5, &[2, 3], &[0, 0]),
        ("again", 0, &[4, 6], &[6, 1]),
        ("empty", 24, &[0, 5], &[5, 1]),
        ("scalar", 7, &[], &[]),
    ]
    .into_iter()
    .fold(
        Pickle::new().raw(b"}("),
        |pickle, (name, offset, size, stride)| {
            pickle.text(name).tensor("0", 24, offset, size, stride)
        },
    )
    .raw(b"u");
    let source = torch_source(&folder, pickle, &values);
    assert_eq!(source.format(), Format::Torch);
    let read = |index| source.read(index).unwrap().data;
    let whole: Vec<f64> = (0..24).map(f64::from).collect();
    assert_eq!(read(0), whole);
    let transposed: Vec<f64> = (0..24).map(|n| f64::from(n % 4 * 6 + n / 4)).collect();
    assert_eq!(read(1), transposed);
    assert_eq!(read(2), [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
    assert_eq!(read(3), [2.0, 8.0, 14.0, 20.0]);
    assert_eq!(read(4), [6.0, 8.0, 10.0, 12.0, 14.0, 16.0]);
    assert_eq!(
        read(5),
        [0.0, 1.0, 2.0, 1.0, 2.0, 3.0, 2.0, 3.0, 4.0, 3.0, 4.0, 5.0]
    );
    assert_eq!(read(6), [5.0; 6]);
    assert_eq!(read(9), [7.0]);
    assert!(read(8).is_empty());
    let alias = |index: usize| source.tensors()[index].alias_of.as_deref();
    assert_eq!(
        (alias(0), alias(1), alias(7), alias(4)),
        (None, Some("whole"), Some("whole"), None)
    );
    assert_says(
        &source.tensors()[4].notes[0],
        &["shares its storage with 'whole'"],
    );
}

/// A module saved whole: classes are named, not imported; names are those of its state.
#[test]
fn torch_objects_are_looked_into() {
    let folder = Folder::new();
    let pickle = Pickle::new()
        .global("my.models", "Net")
        .raw(b")\x81}(")
        .text("training")
        .raw(b"\x88")
        .text("_modules")
        .global("collections", "OrderedDict")
        .raw(b")R")
        .text("fc")
        .global("torch.nn.modules.linear", "Linear")
        .raw(b")\x81}")
        .text("_parameters")
        .global("collections", "OrderedDict")
        .raw(b")R")
        .text("weight")
        .global("torch._utils", "_rebuild_parameter")
        .raw(b"(")
        .tensor("0", 4, 0, &[2, 2], &[2, 1])
        .raw(b"\x88NtRs")
        .raw(b"sb")
        .raw(b"s")
        .raw(b"ub");
    let source = torch_source(&folder, pickle, &[1.0, 2.0, 3.0, 4.0]);
    assert_eq!(source.tensors()[0].name, "fc.weight");
    assert_says(
        &source.warnings()[0],
        &["my.models.Net", "nothing was executed"],
    );
}

#[test]
fn torch_names_that_meet_are_told_apart() {
    let folder = Folder::new();
    let pickle = Pickle::new()
        .raw(b"}")
        .text("a.b")
        .tensor("0", 4, 0, &[1], &[1])
        .raw(b"s")
        .text("a")
        .raw(b"}")
        .text("b")
        .tensor("0", 4, 1, &[1], &[1])
        .raw(b"ss");
    let source = torch_source(&folder, pickle, &[1.0, 2.0, 3.0, 4.0]);
    let names: Vec<&str> = source.tensors().iter().map(|info| &*info.name).collect();
    assert_eq!(names, ["a.b", "a.b#2"]);
}

#[test]
fn torch_big_endian() {
    let folder = Folder::new();
    let pickle = one_tensor().stop();
    let data: Vec<u8> = [1.0_f32, 2.0, 3.0, 4.0]
        .iter()
        .flat_map(|v| v.to_be_bytes())
        .collect();
    let members = [
        Member::new("m/data.pkl", &pickle),
        Member::new("m/byteorder", b"big"),
        Member::new("m/data/0", &data),
    ];
    let path = folder.file("m.pt", &zip(&members));
    assert_eq!(read_all(&path).unwrap()[0].data, [1.0, 2.0, 3.0, 4.0]);
}

/// `torch.serialization.set_crc32_options(False)` leaves every checksum 0.
#[test]
fn torch_without_checksums() {
    let folder = Folder::new();
    let (pickle, data) = (one_tensor().stop(), f32s(&[1.0, 2.0, 3.0, 4.0]));
    let mut members = [
        Member::new("m/data.pkl", &pickle),
        Member::new("m/data/0", &data),
    ];
    members.iter_mut().for_each(|member| member.crc = 0);
    let path = folder.file("m.pt", &zip(&members));
    assert_says(&open(&path).unwrap().warnings()[0], &["without checksums"]);
    assert_eq!(read_all(&path).unwrap()[0].data, [1.0, 2.0, 3.0, 4.0]);
}

/// Several threads read one file, each its tensor.
#[test]
fn tensors_are_read_at_once() {
    let folder = Folder::new();
    let arrays: Vec<Vec<u8>> = (0..8)
        .map(|i| npy_of("<f4", "(5000,)", &f32s(&[i as f32; 5000])))
        .collect();
    let names: Vec<String> = (0..8).map(|i| format!("{i}.npy")).collect();
    let members: Vec<Member> = names
        .iter()
        .zip(&arrays)
        .map(|(name, array)| Member::new(name, array))
        .collect();
    let source = open(&folder.file("a.npz", &zip(&members))).unwrap();
    std::thread::scope(|scope| {
        for index in 0..8 {
            let source = &source;
            scope.spawn(move || {
                for _ in 0..20 {
                    assert_eq!(source.read(index).unwrap().data, [index as f64; 5000]);
                }
            });
        }
    });
}

//! Sound sets of every format, read to the last byte.

use super::build::*;
use sha2::{Digest, Sha256};
use spectra::data::{Content, FileRecord, Format, Origin, Pixels, Split, open};

fn files(origin: &Origin) -> (&[FileRecord], Format, Split) {
    match origin {
        Origin::Files {
            files,
            format,
            split,
        } => (files, *format, *split),
        other => panic!("{other:?}"),
    }
}

fn sum(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Catches swapped parts, shifted elements, and a record of other bytes than were read.
#[test]
fn idx_files_are_read() {
    let folder = Folder::new();
    for (name, bytes) in idx_files() {
        folder.file(name, &bytes);
    }
    let set = folder.open().unwrap();
    assert_eq!((set.train.shape, set.classes), ([1, 2, 2], 3));
    assert_eq!(set.train.labels, [1, 0, 2]);
    assert_eq!(set.test.labels, [2, 1]);
    assert_eq!(sample(&set.train, 2), [18.0, 19.0, 20.0, 21.0]);
    assert_eq!(sample(&set.test, 0), [22.0, 23.0, 24.0, 25.0]);
    assert!(set.class_names.is_empty());
    let (records, format, split) = files(&set.origin);
    assert_eq!((format, split), (Format::Idx, Split::Given));
    for (record, (name, bytes)) in records.iter().zip(idx_files()) {
        let expected = FileRecord {
            name: name.into(),
            bytes: bytes.len() as u64,
            sha256: sum(&bytes),
        };
        assert_eq!(*record, expected);
    }
}

/// Gzipped or not, in one member or several, with a dot in the name, beside their unpacked twins: the same
/// samples and the same sums.
#[test]
fn idx_files_under_every_name_and_packing() {
    let plain = idx_set("", |bytes| bytes).open().unwrap();
    let packed = Folder::new();
    let dotted = Folder::new();
    let both = Folder::new();
    for (name, bytes) in idx_files() {
        let (first, second) = bytes.split_at(9);
        let members = [gzip(first), gzip(second)].concat();
        packed.file(&format!("{name}.gz"), &members);
        dotted.file(&name.replace("-idx", ".idx"), &gzip(&bytes));
        both.file(name, &bytes);
        both.file(&format!("{name}.gz"), b"not looked at");
        both.file("README.md", b"train images");
        both.file(".train-images-idx3-ubyte", b"hidden");
        both.file("train-images-idx3-ubyte.gz.part", b"under way");
    }
    for folder in [packed, dotted, both] {
        let set = folder.open().unwrap();
        assert_eq!((&set.train, &set.test), (&plain.train, &plain.test));
        let sums = |origin| files(origin).0.iter().map(|f| f.sha256.clone());
        assert!(sums(&set.origin).eq(sums(&plain.origin)));
    }
}

/// Catches channels mixed up in four-dimensional files.
#[test]
fn idx_images_with_channels() {
    let folder = idx_set(IMAGES, |_| {
        idx(&[3, 3, 1, 2], &(0..18).collect::<Vec<u8>>())
    });
    folder.file(TEST_IMAGES, &idx(&[2, 3, 1, 2], &[0; 12]));
    let set = folder.open().unwrap();
    assert_eq!(set.train.shape, [3, 1, 2]);
    assert_eq!(sample(&set.train, 1), [6.0, 7.0, 8.0, 9.0, 10.0, 11.0]);
}

/// Catches batches in the wrong order and labels taken for pixels.
#[test]
fn cifar_batches_are_read() {
    let folder = cifar_set(3);
    let set = folder.open().unwrap();
    assert_eq!(set.name, "cifar10");
    assert_eq!((set.train.len(), set.test.len(), set.classes), (15, 3, 10));
    assert_eq!(set.train.shape, [3, 32, 32]);
    assert_eq!(set.train.labels[12..], [5, 6, 7]);
    assert_eq!(sample(&set.train, 13)[..4], [5.0, 1.0, 5.0, 1.0]);
    assert_eq!(sample(&set.test, 2)[3070..], [6.0, 2.0]);
    assert_eq!(set.class_names[9], "truck");
    let (records, format, _) = files(&set.origin);
    assert_eq!((records.len(), format), (6, Format::Cifar));
    assert_eq!(records[5].sha256, sum(&cifar_batch(6, 3)));
}

/// Catches coarse labels taken for fine ones or for pixels, parts in the wrong order, and names of CIFAR-10's; also in the
/// subfolder of the archive, where the list of names says other ones.
#[test]
fn cifar100_files_are_read() {
    for inner in ["", "cifar-100-binary/"] {
        let folder = Folder::new();
        folder.file(&format!("{inner}train.bin"), &cifar100_file(7, 5));
        folder.file(&format!("{inner}test.bin"), &cifar100_file(99, 2));
        let set = folder.open().unwrap();
        assert_eq!((&*set.name, set.classes), ("cifar100", 100));
        assert_eq!(set.train.labels, [7, 8, 9, 10, 11]);
        assert_eq!(set.test.labels, [99, 0]);
        assert_eq!(set.train.shape, [3, 32, 32]);
        assert_eq!(sample(&set.train, 4)[..3], [7.0, 4.0, 7.0]);
        assert_eq!(sample(&set.test, 1)[3070..], [99.0, 1.0]);
        assert_eq!([0, 99].map(|i| &*set.class_names[i]), ["apple", "worm"]);
        let (records, format, split) = files(&set.origin);
        assert_eq!((format, split), (Format::Cifar100, Split::Given));
        assert_eq!(records[1].sha256, sum(&cifar100_file(99, 2)));
        let names: String = (0..100).map(|i| format!("kind {i}\n")).collect();
        folder.file(&format!("{inner}fine_label_names.txt"), names.as_bytes());
        assert_eq!(folder.open().unwrap().class_names[99], "kind 99");
    }
}

/// In the subfolder of the archive, with its own list of names.
#[test]
fn cifar_batches_in_their_subfolder() {
    let folder = Folder::new();
    for batch in 1..=6 {
        let name = format!("cifar-10-batches-bin/{}", batch_name(batch));
        folder.file(&name, &cifar_batch(batch, 1));
    }
    let names: String = (0..10).map(|i| format!("kind {i}\n")).collect();
    folder.file(
        "cifar-10-batches-bin/batches.meta.txt",
        format!("{names}\n").as_bytes(),
    );
    let set = folder.open().unwrap();
    assert_eq!((set.train.len(), &*set.class_names[3]), (5, "kind 3"));
}

/// Catches images left column by column, labels counted from 1 and channels in another order; also in the subfolder of
/// the archive.
#[test]
fn stl_files_are_read() {
    let folder = stl_set();
    let set = folder.open().unwrap();
    assert_eq!((&*set.name, set.classes), ("stl10", 10));
    assert_eq!((set.train.shape, set.test.len()), ([3, 96, 96], 1));
    assert_eq!(set.train.labels, [0, 9, 3]);
    assert_eq!(set.test.labels, [1]);
    let image = sample(&set.train, 2);
    for (place, pixel) in image.iter().enumerate() {
        let (channel, row, column) = (place / 9216, place / 96 % 96, place % 96);
        assert_eq!(*pixel, f64::from(stl_pixel(2, channel, row, column)));
    }
    assert_eq!(set.class_names[7], "monkey");
    let (records, format, _) = files(&set.origin);
    assert_eq!((records.len(), format), (4, Format::Stl));
    assert_eq!(records[0].sha256, sum(&stl_images(3)));
    let archive = Folder::new();
    std::fs::rename(folder.path(), archive.path().join("stl10_binary")).unwrap();
    assert_eq!(archive.open().unwrap().train, set.train);
}

/// Catches pictures that are met class by class, labels that do not move with their pixels, and an order that changes
/// from one opening to the next.
#[test]
fn pictures_to_train_on_are_mixed() {
    let folder = Folder::new();
    for i in 0..60_u8 {
        folder.file(&format!("train/{}/{i:02}.png", i / 20), &grey(i));
        folder.file(&format!("test/{}/{i:02}.png", i / 20), &grey(i));
    }
    let set = folder.open().unwrap();
    let levels: Vec<f64> = (0..60).map(|i| sample(&set.train, i)[0]).collect();
    for (level, label) in levels.iter().zip(&set.train.labels) {
        assert_eq!((level / 20.0).floor(), f64::from(*label));
    }
    let mut sorted = levels.clone();
    sorted.sort_by(f64::total_cmp);
    let all: Vec<f64> = (0..60).map(f64::from).collect();
    assert_eq!(sorted, all, "each once");
    // The first third would be one class in the order of the folders; here it has a third of each.
    for class in 0..3 {
        let among = set.train.labels[..20]
            .iter()
            .filter(|label| **label == class);
        assert!((6..=8).contains(&among.count()), "{:?}", set.train.labels);
    }
    let tested: Vec<f64> = (0..60).map(|i| sample(&set.test, i)[0]).collect();
    assert_eq!(tested, all, "test pictures stay as listed");
    assert_eq!(folder.open().unwrap().train, set.train);
}

/// Catches pixels left in the file's order, classes out of order, hidden files taken for pictures, and a
/// result that depends on the number of threads.
#[test]
fn pictures_are_read() {
    let folder = Folder::new();
    let colour: Vec<u8> = (1..=12).collect();
    folder.file("train/b/2.png", &png(3, 2, 2, &[9; 12]));
    folder.file("train/b/1.PNG", &png(3, 2, 2, &colour));
    folder.file("train/a/x", &png(3, 2, 2, &[200; 12]));
    folder.file("train/a/.DS_Store", b"hidden");
    folder.file("test/b/y.png", &png(3, 2, 2, &[7; 12]));
    folder.file("notes.txt", b"not a class");
    let set = folder.open().unwrap();
    assert_eq!((set.train.shape, set.classes), ([3, 2, 2], 2));
    assert_eq!(set.class_names, ["a", "b"]);
    let channels = [1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12].map(f64::from);
    let mut found: Vec<(u16, Vec<f64>)> = (0..3)
        .map(|i| (set.train.labels[i], sample(&set.train, i)))
        .collect();
    found.sort_by(|a, b| a.partial_cmp(b).unwrap());
    let expected = [
        (0, vec![200.0; 12]),
        (1, channels.to_vec()),
        (1, vec![9.0; 12]),
    ];
    assert_eq!(
        (&found[..], &set.test.labels[..]),
        (&expected[..], &[1][..])
    );
    let (records, format, split) = files(&set.origin);
    assert_eq!((format, split), (Format::Images, Split::Given));
    assert_eq!([&*records[0].name, &*records[1].name], ["train", "test"]);
    let line = format!("{}  test/b/y.png\n", sum(&png(3, 2, 2, &[7; 12])));
    assert_eq!(records[1].sha256, sum(line.as_bytes()));
    let one = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert_eq!(one.install(|| folder.open().unwrap()), set);
}

/// Catches a held-out sample that stays in the other part too.
#[test]
fn pictures_without_a_split() {
    let folder = Folder::new();
    for i in 0..14_u8 {
        folder.file(
            &format!("{}/{i:02}.png", if i < 8 { "x" } else { "y" }),
            &grey(i),
        );
    }
    let set = folder.open().unwrap();
    assert_eq!(files(&set.origin).2, Split::ByClass(6));
    assert_eq!((set.train.len(), set.test.len()), (12, 2));
    assert_eq!(set.test.labels, [0, 1]);
    assert_eq!(
        (sample(&set.test, 0)[0], sample(&set.test, 1)[0]),
        (5.0, 13.0)
    );
    let mut levels: Vec<f64> = (0..12).map(|i| sample(&set.train, i)[0]).collect();
    levels.sort_by(f64::total_cmp);
    assert_eq!(
        levels,
        [0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12].map(f64::from)
    );
}

/// Catches a part that depends on how classes are laid out: with labels in a cycle as long as the share that is held out,
/// every sixth sample is of one class.
#[test]
fn arrays_are_divided_class_by_class() {
    let folder = Folder::new();
    let read = |labels: &[i64]| {
        let count = labels.len();
        let x: Vec<f32> = (0..count).map(|i| i as f32).collect();
        let x = npy("<f4", &format!("({count}, 1)"), &f32s(&x));
        let y = npy("<i8", &format!("({count},)"), &i64s(labels));
        let path = folder.file("a.npz", &npz(&[("x", x), ("y", y)]));
        let set = open(path.to_str().unwrap(), None).unwrap();
        let found = &spectra::data::find(&path).unwrap()[0].content;
        let counts = (set.train.len(), set.test.len());
        assert!(
            matches!(found, Content::Sound { train, test, .. } if (*train, *test) == counts),
            "{found:?}"
        );
        for part in [&set.train, &set.test] {
            for i in 0..part.len() {
                let [x] = sample(part, i)[..] else { panic!() };
                assert_eq!(i64::from(part.labels[i]), labels[x as usize]);
            }
        }
        set
    };
    for classes in [2, 3, 6, 7, 12] {
        let set = read(&(0..24 * classes).map(|i| i % classes).collect::<Vec<_>>());
        for class in 0..classes as u16 {
            let of = |labels: &[u16]| labels.iter().filter(|&&label| label == class).count();
            assert_eq!(
                [&set.train, &set.test].map(|part| of(&part.labels)),
                [20, 4]
            );
        }
    }
    let set = read(&[0, 0, 0, 2, 1, 1]);
    assert_eq!(set.train.labels.iter().filter(|&&l| l == 2).count(), 1);
    assert!(!set.test.labels.contains(&2));
}

/// Catches whole numbers of more bits that would be taken in other units than bytes, and numbers that bytes do not hold or
/// that are no whole ones taken for bytes.
#[test]
fn whole_numbers_up_to_255_are_bytes() {
    let folder = Folder::new();
    let is_bytes = |x: Vec<u8>| {
        let y = npy("<i8", "(4,)", &i64s(&[0, 1, 0, 1]));
        let path = folder.file("a.npz", &npz(&[("x", x), ("y", y)]));
        let set = open(path.to_str().unwrap(), None).unwrap();
        matches!(set.train.pixels, Pixels::Bytes(_))
    };
    let wide = |values: [i64; 4]| npy("<i8", "(4, 1)", &i64s(&values));
    assert!(is_bytes(wide([0, 255, 3, 4])));
    assert!(!is_bytes(wide([0, 256, 3, 4])));
    assert!(!is_bytes(wide([0, -1, 3, 4])));
    assert!(is_bytes(npy("|u1", "(4, 1)", &[0, 255, 3, 4])));
    assert!(!is_bytes(npy(
        "<f4",
        "(4, 1)",
        &f32s(&[0.0, 255.0, 3.0, 4.0])
    )));
    assert!(!is_bytes(npy("|b1", "(4, 1)", &[0, 1, 1, 0])));
}

/// The four corners of a picture of 16 × 8 in a JPEG file, each of its own level, as the eight orientations store them: all
/// say the same upright picture. Catches a turn the wrong way, a mirroring left out, height and width confused, data in the
/// other byte order, and an orientation out of range that is followed.
#[test]
fn pictures_stand_upright() {
    // Stored corners by row, for the upright levels 30 100 / 170 240 (CIPA DC-008: where row 0 and column 0 come to lie).
    let stored = [
        [30, 100, 170, 240],
        [100, 30, 240, 170],
        [240, 170, 100, 30],
        [170, 240, 30, 100],
        [30, 170, 100, 240],
        [100, 240, 30, 170],
        [240, 100, 170, 30],
        [170, 30, 240, 100],
    ];
    let cases = (1..).zip(stored).chain([(0, stored[0]), (9, stored[0])]);
    for (orientation, corners) in cases {
        for big_endian in [false, true] {
            let folder = Folder::new();
            let [width, height] = match orientation {
                5..=8 => [8, 16],
                _ => [16, 8],
            };
            let file = turned_jpeg(corners, [width, height], orientation, big_endian);
            let upright = turned_jpeg(stored[0], [16, 8], 1, big_endian);
            for (name, bytes) in [
                ("a/0", &upright),
                ("a/1", &file),
                ("b/0", &file),
                ("b/1", &file),
            ] {
                folder.file(&format!("train/{name}.jpg"), bytes);
                folder.file(&format!("test/{name}.jpg"), bytes);
            }
            let set = folder.open().unwrap();
            assert_eq!(set.test.shape, [1, 8, 16]);
            for i in 0..4 {
                let image = sample(&set.test, i);
                let levels = [0, 15, 7 * 16, 7 * 16 + 15].map(|place| image[place]);
                for (level, expected) in levels.iter().zip(stored[0]) {
                    assert!(
                        (level - f64::from(expected)).abs() <= 4.0,
                        "{orientation}: {levels:?}"
                    );
                }
            }
        }
    }
}

/// A JPEG of one grey level decodes to that level but for rounding.
#[test]
fn jpeg_pictures() {
    let folder = Folder::new();
    for (class, level) in [("dark", 20), ("light", 220)] {
        for i in 0..3 {
            let mut file = Vec::new();
            let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut file);
            let pixels = [level; 64];
            encoder.encode(&pixels, 8, 8, image::ColorType::L8).unwrap();
            folder.file(&format!("{class}/{i}.jpg"), &file);
        }
    }
    let set = folder.open().unwrap();
    assert_eq!((set.train.shape, set.train.len()), ([1, 8, 8], 4));
    for i in 0..4 {
        let level = [20.0, 220.0][usize::from(set.train.labels[i])];
        for x in sample(&set.train, i) {
            assert!((x - level).abs() <= 2.0, "{x}");
        }
    }
}

#[cfg(unix)]
#[test]
fn links_to_pictures_are_followed_and_links_to_folders_are_not() {
    let folder = Folder::new();
    let outside = Folder::new();
    let picture = outside.file("p.png", &grey(9));
    for i in 0..3 {
        folder.file(&format!("a/{i}.png"), &grey(1));
        folder.file(&format!("b/{i}.png"), &grey(2));
    }
    std::os::unix::fs::symlink(&picture, folder.path().join("b/3.png")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("c")).unwrap();
    let set = folder.open().unwrap();
    assert_eq!((set.classes, set.train.len() + set.test.len()), (2, 7));
    let parts = [&set.train, &set.test].into_iter();
    let levels = parts.flat_map(|part| (0..part.len()).map(|i| sample(part, i)[0]));
    assert_eq!(levels.filter(|level| *level == 9.0).count(), 1);
}

/// Catches channels or types mixed up, and labels of the wrong part.
#[test]
fn arrays_are_read() {
    let folder = Folder::new();
    let bytes: Vec<u8> = (0..24).collect();
    let path = folder.file(
        "keras.npz",
        &npz(&[
            ("x_train", npy("|u1", "(4, 2, 3)", &bytes)),
            ("y_train", npy("<i8", "(4,)", &i64s(&[3, 0, 1, 2]))),
            ("x_test", npy("|u1", "(1, 2, 3)", &bytes[..6])),
            ("y_test", npy("|u1", "(1, 1)", &[1])),
        ]),
    );
    let set = open(path.to_str().unwrap(), None).unwrap();
    assert_eq!(
        (&*set.name, set.classes, set.train.shape),
        ("keras", 4, [1, 2, 3])
    );
    assert!(matches!(set.train.pixels, Pixels::Bytes(_)));
    assert_eq!(set.train.labels, [3, 0, 1, 2]);
    assert_eq!(sample(&set.train, 3), [18.0, 19.0, 20.0, 21.0, 22.0, 23.0]);
    let (records, format, split) = files(&set.origin);
    assert_eq!((format, split), (Format::Npz, Split::Given));
    assert_eq!(records[0].sha256, sum(&std::fs::read(&path).unwrap()));
}

#[test]
fn arrays_with_channels_first_and_last_and_flat() {
    let floats = |n: usize| f32s(&(0..n).map(|i| i as f32 / 2.0).collect::<Vec<f32>>());
    let y = npy("<i8", "(7,)", &i64s(&[0, 1, 0, 1, 0, 1, 0]));
    let read = |shape: &str, count: usize| {
        let folder = Folder::new();
        let arrays = [
            ("x", npy("<f4", shape, &floats(7 * count))),
            ("y", y.clone()),
        ];
        let path = folder.file("a.npz", &npz(&arrays));
        open(path.to_str().unwrap(), None).unwrap()
    };
    let last = read("(7, 2, 2, 3)", 12);
    assert_eq!(last.train.shape, [3, 2, 2]);
    let expected = [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11].map(|i| f64::from(i) / 2.0);
    assert_eq!(sample(&last.train, 0), expected);
    let first = read("(7, 3, 2, 2)", 12);
    assert_eq!(first.train.shape, [3, 2, 2]);
    assert_eq!(sample(&first.train, 0)[11], 5.5);
    let flat = read("(7, 5)", 5);
    assert_eq!(
        (flat.train.shape, flat.train.len(), flat.test.len()),
        ([1, 1, 5], 5, 2)
    );
    assert_eq!(sample(&flat.test, 0)[0], 7.5);
    assert_eq!(flat.test.labels, [1, 0]);
}

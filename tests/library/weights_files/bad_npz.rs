//! Zip archives of arrays that are refused, and why.

use super::build::{
    Folder, Member, assert_says, f32s, npy_of, open, read_all, refusal, refusal_of, zip,
};
use crate::memory::asked;

fn array() -> Vec<u8> {
    npy_of("<f4", "(2, 2)", &f32s(&[1.0, 2.0, 3.0, 4.0]))
}

#[test]
fn a_broken_directory() {
    let array = array();
    let whole = zip(&[Member::new("a.npy", &array)]);
    for bytes in [
        &whole[..whole.len() - 1],
        &whole[..whole.len() - 30],
        &whole[..60],
    ] {
        assert_says(
            &refusal("a.npz", bytes),
            &["directory at the end", "cut short or damaged"],
        );
    }
    let mut moved = whole.clone();
    let at = moved.len() - 6;
    moved[at] ^= 0x40;
    assert_says(&refusal("a.npz", &moved), &["directory"]);
}

/// A directory that promises 65,535 members must not be believed.
#[test]
fn a_directory_with_more_members_than_bytes() {
    let array = array();
    let mut bytes = zip(&[Member::new("a.npy", &array)]);
    let end = bytes.len();
    bytes[end - 14..end - 10].fill(0xfe);
    assert_says(&refusal("a.npz", &bytes), &["directory"]);
}

#[test]
fn a_wrong_checksum() {
    let array = array();
    let mut member = Member::new("a.npy", &array);
    member.crc ^= 1;
    assert_says(
        &refusal("a.npz", &zip(&[member])),
        &["tensor 'a'", "checksum"],
    );
}

#[test]
fn a_flipped_bit_in_the_data() {
    let array = array();
    let mut bytes = zip(&[Member::new("a.npy", &array)]);
    bytes[30 + 5 + array.len() - 1] ^= 1;
    assert_says(&refusal("a.npz", &bytes), &["tensor 'a'", "checksum"]);
}

/// 16 MiB of zeros deflated, said to be 2 GiB; and little said to be much.
#[test]
fn a_bomb() {
    let mut member = Member::new("a.npy", &[0; 1 << 20]);
    member.method = 8;
    member.size = 2_000_000_000;
    assert_says(
        &refusal("a.npz", &zip(&[member])),
        &["member 'a.npy'", "2000000000", "bomb"],
    );
    let mut member = Member::new("a.npy", &[0; 100]);
    member.method = 8;
    member.size = 500_000;
    assert_says(
        &refusal("a.npz", &zip(&[member])),
        &["deflate cannot reach"],
    );
}

#[test]
fn a_stored_member_that_declares_another_size() {
    let array = array();
    let mut member = Member::new("a.npy", &array);
    member.size += 1;
    assert_says(
        &refusal("a.npz", &zip(&[member])),
        &["'a.npy' is stored in", "declares"],
    );
}

#[test]
fn duplicate_members() {
    let array = array();
    let twice = zip(&[Member::new("a.npy", &array), Member::new("a.npy", &array)]);
    assert_says(&refusal("a.npz", &twice), &["two members", "same name"]);
    let suffix = zip(&[Member::new("a.npy", &array), Member::new("a", &array)]);
    assert_says(&refusal("a.npz", &suffix), &["tensor 'a'", "two members"]);
}

#[test]
fn encryption() {
    let array = array();
    let mut member = Member::new("a.npy", &array);
    member.flags = 1;
    assert_says(
        &refusal("a.npz", &zip(&[member])),
        &["'a.npy' is encrypted", "password"],
    );
}

#[test]
fn a_compression_that_is_not_read() {
    let array = array();
    let mut member = Member::new("a.npy", &array);
    member.method = 14;
    assert_says(
        &refusal("a.npz", &zip(&[member])),
        &[
            "'a.npy' is compressed otherwise than by deflate",
            "numpy.savez",
        ],
    );
}

#[test]
fn damaged_deflate() {
    let mut member = Member::new("a.npy", &[0xff; 200]);
    member.method = 8;
    assert_says(
        &refusal("a.npz", &zip(&[member])),
        &["tensor 'a'", "damaged"],
    );
}

/// Nothing may appear beside or above the file; the name is data.
#[test]
fn a_member_named_as_a_path() {
    let folder = Folder::new();
    let array = array();
    let names = ["../../x.npy", "/etc/x.npy", "C:\\x.npy"];
    let members: Vec<Member> = names.iter().map(|name| Member::new(name, &array)).collect();
    let path = folder.file("a.npz", &zip(&members));
    let source = open(&path).unwrap();
    assert_eq!(source.tensors()[0].name, "../../x");
    assert_eq!(read_all(&path).unwrap()[0].data, [1.0, 2.0, 3.0, 4.0]);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn an_array_cut_inside_its_member() {
    let array = array();
    let text = refusal(
        "a.npz",
        &zip(&[Member::new("a.npy", &array[..array.len() - 1])]),
    );
    assert_says(&text, &["tensor 'a'", "16 bytes", "15 bytes follow"]);
}

#[test]
fn an_object_array_among_others_is_marked_and_the_others_are_read() {
    let folder = Folder::new();
    let (array, objects) = (array(), npy_of("|O", "(1,)", b"\x80\x04N."));
    let members = [Member::new("o.npy", &objects), Member::new("a.npy", &array)];
    let path = folder.file("a.npz", &zip(&members));
    let source = open(&path).unwrap();
    let reason = source.tensors()[0].unreadable.as_deref().unwrap();
    assert_says(reason, &["Python objects", "save again"]);
    assert_says(
        &source.read(0).unwrap_err().to_string(),
        &["tensor 'o'", "Python objects"],
    );
    assert_eq!(source.read(1).unwrap().data[3], 4.0);
}

#[test]
fn a_zip_of_something_else() {
    let text = refusal("a.npz", &zip(&[Member::new("readme.txt", b"hello, world")]));
    assert_says(&text, &["neither npy arrays nor what PyTorch saves"]);
}

/// Catches an archive without arrays, as `numpy.savez` writes it when it is given none, that is refused.
#[test]
fn an_archive_without_arrays_has_no_tensors() {
    let folder = Folder::new();
    assert!(
        open(&folder.file("a.npz", &zip(&[])))
            .unwrap()
            .tensors()
            .is_empty()
    );
}

/// Catches an archive that is read by the directory of an earlier one: every reader of Python takes the last.
#[test]
fn two_archives_one_after_another() {
    let one = zip(&[Member::new("a.npy", &array())]);
    let two = [one.as_slice(), &zip(&[Member::new("b.npy", &array())])].concat();
    assert_says(
        &refusal("a.npz", &two),
        &["several archives", "file of its own"],
    );
    assert_says(
        &refusal("a.npz", &[one.as_slice(), b"and more"].concat()),
        &["something was written after"],
    );
}

/// Catches a search through all names for each: billions of comparisons.
#[test]
fn members_without_data_take_linear_work() {
    let folder = Folder::new();
    let names: Vec<String> = (0..60_000).map(|i| format!("{i}.npy")).collect();
    let empty = npy_of("<f4", "(0,)", &[]);
    let members: Vec<Member> = names.iter().map(|name| Member::new(name, &empty)).collect();
    let path = folder.file("a.npz", &zip(&members));
    let (source, asked) = asked(|| open(&path).unwrap());
    assert_eq!(source.tensors().len(), 60_000);
    assert!(asked.bytes < 60_000 * (2 << 10), "{}", asked.bytes);
}

#[test]
fn a_file_that_only_begins_as_a_zip() {
    let folder = Folder::new();
    let mut bytes = b"PK\x03\x04".to_vec();
    bytes.extend(b"PK\x05\x06PK\x01\x02PK\x06\x06PK\x06\x07".repeat(50_000));
    assert_says(&refusal_of(&folder.file("a.npz", &bytes)), &["directory"]);
}

/// Catches a member that cannot be read and takes the others with it.
#[test]
fn a_member_that_is_not_read_is_a_row() {
    let array = array();
    let mut packed = Member::new("packed.npy", &array);
    packed.method = 12;
    let folder = Folder::new();
    let path = folder.file("a.npz", &zip(&[Member::new("good.npy", &array), packed]));
    let source = open(&path).unwrap();
    assert_eq!(source.tensors().len(), 2);
    source.read(0).unwrap();
    assert_says(
        &source.read(1).unwrap_err().to_string(),
        &["packed", "is compressed otherwise"],
    );
}

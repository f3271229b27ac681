//! Paths that are no weight files, and folders.

use std::process::Command;

use spectra::weights::discover;

use super::build::{Folder, assert_says, f32s, npy_of, open, read_all, refusal_of};

fn array() -> Vec<u8> {
    npy_of("<f4", "(2, 2)", &f32s(&[1.0, 2.0, 3.0, 4.0]))
}

#[test]
fn a_folder_where_a_file_was_needed() {
    assert_says(&refusal_of(Folder::new().path()), &["is a folder"]);
}

#[test]
fn nothing_at_the_path() {
    let folder = Folder::new();
    let path = folder.path().join("none.npy");
    assert_says(&refusal_of(&path), &["cannot be read", "No such file"]);
    assert!(discover(&path).is_err());
}

/// Opening a pipe would wait for ever.
#[cfg(unix)]
#[test]
fn a_pipe() {
    let folder = Folder::new();
    let path = folder.path().join("pipe.npy");
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    assert_says(&refusal_of(&path), &["is a pipe"]);
    assert_says(&discover(&path).unwrap_err().to_string(), &["is a pipe"]);
    folder.file("a.npy", &array());
    assert_eq!(
        discover(folder.path()).unwrap(),
        [folder.path().join("a.npy")]
    );
}

#[cfg(unix)]
#[test]
fn a_device_without_an_end() {
    assert_says(&refusal_of("/dev/zero".as_ref()), &["is a device"]);
    assert!(discover("/dev/zero".as_ref()).is_err());
}

#[cfg(unix)]
#[test]
fn a_link_loop() {
    let folder = Folder::new();
    let path = folder.path().join("a.npy");
    std::os::unix::fs::symlink(&path, &path).unwrap();
    assert_says(&refusal_of(&path), &["cannot be read", "symbolic links"]);
    assert!(discover(&path).is_err());
    // In a folder it is listed by its name, so that it is reported.
    assert_eq!(discover(folder.path()).unwrap(), [path]);
    let inside = folder.path().join("inside");
    std::os::unix::fs::symlink(folder.path(), &inside).unwrap();
    assert_eq!(discover(&inside).unwrap().len(), 1);
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    let path = folder.file("a.npy", &array());
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o000)).unwrap();
    // The superuser reads it all the same.
    match std::fs::File::open(&path) {
        Ok(_) => assert!(open(&path).is_ok()),
        Err(_) => assert_says(&refusal_of(&path), &["cannot be read", "ermission"]),
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_path_that_is_not_utf_8() {
    use std::os::unix::ffi::OsStrExt;
    let folder = Folder::new();
    let name = std::ffi::OsStr::from_bytes(b"a\xff\x1b[31m.npy");
    let path = folder.path().join(name);
    std::fs::write(&path, array()).unwrap();
    assert_eq!(
        discover(folder.path()).unwrap(),
        std::slice::from_ref(&path)
    );
    assert_eq!(read_all(&path).unwrap()[0].data, [1.0, 2.0, 3.0, 4.0]);
    std::fs::write(&path, &array()[..70]).unwrap();
    let text = open(&path).unwrap_err().to_string();
    assert!(!text.chars().any(char::is_control), "{text:?}");
}

#[test]
fn a_folder_lists_weights_by_content_sorted() {
    let folder = Folder::new();
    for name in ["b", "a.npy", "c.npz"] {
        folder.file(name, &array());
    }
    folder.file("readme.md", b"# no weights");
    folder.file("config.json", b"{\"layers\": 3}");
    folder.file(
        "broken.safetensors",
        b"version https://git-lfs.github.com/spec/v1\n",
    );
    folder.file(
        "pointer.bin",
        b"version https://git-lfs.github.com/spec/v1\n",
    );
    folder.file("tables.bin", b"anything at all");
    std::fs::create_dir(folder.path().join("deeper.npy")).unwrap();
    let names: Vec<String> = discover(folder.path())
        .unwrap()
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        ["a.npy", "b", "broken.safetensors", "c.npz", "pointer.bin"]
    );
}

#[test]
fn a_folder_without_weights() {
    let folder = Folder::new();
    folder.file("readme.md", b"# no weights");
    let text = discover(folder.path()).unwrap_err().to_string();
    assert_says(&text, &["those inside it hold a weight file"]);
}

/// The file shrinks after it was opened: a sentence, not a crash.
#[test]
fn a_file_cut_while_it_is_open() {
    let folder = Folder::new();
    let path = folder.file("a.npy", &array());
    let source = open(&path).unwrap();
    std::fs::write(&path, &array()[..70]).unwrap();
    let text = source.read(0).unwrap_err().to_string();
    assert_says(&text, &["changed while it was read"]);
}

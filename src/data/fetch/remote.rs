//! The sets that can be fetched, and their mirrors.

/// A set that can be fetched.
pub(super) struct RemoteSet<'a> {
    /// The name, and that of its folder.
    pub(super) name: &'a str,
    /// Folders that hold its files, the first asked first.
    pub(super) mirrors: &'a [&'a str],
    pub(super) files: &'a [Remote<'a>],
}

/// A file that can be fetched.
pub(super) struct Remote<'a> {
    pub(super) name: &'a str,
    pub(super) sum: Sum<'a>,
    /// Bytes that the sum is of.
    pub(super) bytes: u64,
    /// The members to unpack, when it is an archive.
    pub(super) archive: Option<Archive<'a>>,
}

/// A SHA-256 in hexadecimal digits.
pub(super) enum Sum<'a> {
    /// The sum of the contents of a gzipped file.
    Content(&'a str),
    /// The sum of the file itself.
    File(&'a str),
}

/// The members of a tar archive that are taken.
pub(super) struct Archive<'a> {
    /// The folder in the archive that holds them, and on disk.
    pub(super) folder: &'a str,
    /// Their names and sizes in bytes.
    pub(super) members: &'a [(&'a str, Size)],
}

/// Bytes of a member.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Size {
    Exactly(u64),
    AtMost(u64),
}

impl Sum<'_> {
    pub(super) fn digits(&self) -> &str {
        match self {
            Sum::Content(digits) | Sum::File(digits) => digits,
        }
    }
}

impl Remote<'_> {
    /// Bytes of the largest file that can be the one meant: gzip adds little to what it cannot shrink.
    pub(super) fn most(&self) -> u64 {
        self.bytes + self.bytes / 1000 + 1024
    }
}

const fn idx<'a>(name: &'a str, bytes: u64, sum: &'a str) -> Remote<'a> {
    Remote {
        name,
        sum: Sum::Content(sum),
        bytes,
        archive: None,
    }
}

/// Ten thousand records.
const BATCH: Size = Size::Exactly(30_730_000);

/// Mirrors and sums; the sums are those of the sets as their authors published them.
pub(super) const SETS: [RemoteSet<'static>; 3] = [
    RemoteSet {
        name: "mnist",
        mirrors: &[
            "https://ossci-datasets.s3.amazonaws.com/mnist",
            "https://storage.googleapis.com/cvdf-datasets/mnist",
        ],
        files: &[
            idx(
                "train-images-idx3-ubyte.gz",
                47_040_016,
                "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
            ),
            idx(
                "train-labels-idx1-ubyte.gz",
                60_008,
                "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
            ),
            idx(
                "t10k-images-idx3-ubyte.gz",
                7_840_016,
                "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
            ),
            idx(
                "t10k-labels-idx1-ubyte.gz",
                10_008,
                "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
            ),
        ],
    },
    RemoteSet {
        name: "fashion-mnist",
        mirrors: &["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"],
        files: &[
            idx(
                "train-images-idx3-ubyte.gz",
                47_040_016,
                "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
            ),
            idx(
                "train-labels-idx1-ubyte.gz",
                60_008,
                "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
            ),
            idx(
                "t10k-images-idx3-ubyte.gz",
                7_840_016,
                "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
            ),
            idx(
                "t10k-labels-idx1-ubyte.gz",
                10_008,
                "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
            ),
        ],
    },
    RemoteSet {
        name: "cifar10",
        mirrors: &["https://www.cs.toronto.edu/~kriz"],
        files: &[Remote {
            name: "cifar-10-binary.tar.gz",
            sum: Sum::File("c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd"),
            bytes: 170_052_171,
            archive: Some(Archive {
                folder: "cifar-10-batches-bin",
                members: &[
                    ("data_batch_1.bin", BATCH),
                    ("data_batch_2.bin", BATCH),
                    ("data_batch_3.bin", BATCH),
                    ("data_batch_4.bin", BATCH),
                    ("data_batch_5.bin", BATCH),
                    ("test_batch.bin", BATCH),
                    ("batches.meta.txt", Size::AtMost(1 << 16)),
                ],
            }),
        }],
    },
];

//! The public sets that are known by name.

/// A public set.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) name: &'static str,
    /// Folders it may lie in within a folder of sets.
    pub(super) folders: &'static [&'static str],
    pub(super) classes: [&'static str; 10],
    /// SHA-256 of the labels to train on, where it is told by content.
    label_sum: Option<&'static str>,
    /// Whether mirrors of it are known.
    pub(super) fetchable: bool,
}

pub(super) const KNOWN: [Known; 5] = [
    Known {
        name: "mnist",
        folders: &["mnist", "MNIST", "MNIST/raw"],
        classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        label_sum: Some("65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        fetchable: true,
    },
    Known {
        name: "fashion-mnist",
        folders: &[
            "fashion-mnist",
            "fashion_mnist",
            "FashionMNIST",
            "FashionMNIST/raw",
        ],
        classes: [
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ],
        label_sum: Some("bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        fetchable: true,
    },
    Known {
        name: "cifar10",
        folders: &["cifar10", "cifar-10", "CIFAR10", "cifar-10-batches-bin"],
        classes: [
            "airplane",
            "automobile",
            "bird",
            "cat",
            "deer",
            "dog",
            "frog",
            "horse",
            "ship",
            "truck",
        ],
        label_sum: None,
        fetchable: true,
    },
    Known {
        name: "stl10",
        folders: &["stl10", "stl-10", "STL10", "stl10_binary"],
        classes: [
            "airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck",
        ],
        label_sum: None,
        fetchable: false,
    },
    Known {
        name: "svhn",
        folders: &["svhn", "SVHN"],
        classes: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
        label_sum: None,
        fetchable: false,
    },
];

impl Known {
    pub(super) fn class_names(&self) -> Vec<String> {
        self.classes.map(str::to_owned).to_vec()
    }
}

pub(super) fn by_name(name: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|set| set.name == name)
}

/// The set whose labels to train on have this sum.
pub(super) fn by_sum(sum: &str) -> Option<&'static Known> {
    KNOWN.iter().find(|set| set.label_sum == Some(sum))
}

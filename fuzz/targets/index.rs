#![no_main]

use std::sync::Once;

use spectra_fuzz::{check, folder};

static SHARDS: Once = Once::new();

// Bytes are the index; two shards lie beside it.
libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    SHARDS.call_once(|| {
        for name in ["a", "b"] {
            let header =
                format!(r#"{{"{name}":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}}}"#);
            let mut shard = (header.len() as u64).to_le_bytes().to_vec();
            shard.extend(header.as_bytes());
            shard.extend([1, 2, 3, 4]);
            std::fs::write(folder().join(name), shard).expect("a file in the folder");
        }
    });
    check("i.index.json", bytes, 1);
});

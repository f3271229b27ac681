//! Recognition of formats by content.

use super::foreign::foreign;
use super::format::NPY_MAGIC;
use super::gguf;
use super::torch::DISTRIBUTED_MODULE;

/// The kind of a file by its first bytes.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Npy,
    /// npz or PyTorch: the directory tells.
    Zip,
    Safetensors,
    /// Files of `torch.save` before 1.6.
    TorchLegacy,
    Json,
    Gguf,
    /// The metadata of a folder of `torch.distributed.checkpoint`.
    Distributed,
    /// Something else that is known: what it is and what to do.
    Foreign(String, String),
    /// Nothing known: what was found and what was expected.
    Unknown(String, String),
}

/// Bytes of the beginning that [`recognise`] looks at.
pub(super) const HEAD: u64 = 512;

/// The number 0x1950a86a20f9469cfc6c as PyTorch before 1.6 pickled it first.
const TORCH_LEGACY: &[u8] = b"\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19";

/// Judges the first bytes of a file of `length` bytes. The name decides nothing but the words
/// of the refusal when the content says nothing.
pub(super) fn recognise(head: &[u8], length: u64, name: &str) -> Content {
    // First: a header of 0x180 bytes begins as a pickle does, others as gzip or zip.
    let header_length = head.first_chunk().map(|bytes| u64::from_le_bytes(*bytes));
    let fits = header_length.is_some_and(|header| header <= length.saturating_sub(8));
    let opens = head.get(8..).is_some_and(|json| {
        let json = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(json);
        json.trim_ascii_start().starts_with(b"{")
    });
    if fits && opens {
        return Content::Safetensors;
    }
    if head.starts_with(NPY_MAGIC) {
        return Content::Npy;
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Content::Zip;
    }
    if head.first() == Some(&0x80) && head.get(2..).is_some_and(|h| h.starts_with(TORCH_LEGACY)) {
        return Content::TorchLegacy;
    }
    let module = DISTRIBUTED_MODULE;
    if head.first() == Some(&0x80) && head.windows(module.len()).any(|bytes| bytes == module) {
        return Content::Distributed;
    }
    if head.starts_with(gguf::MAGIC) {
        return Content::Gguf;
    }
    if let Some((found, advice)) = foreign(head, name) {
        return Content::Foreign(found.into(), advice.into());
    }
    let text = head.trim_ascii_start();
    if text.starts_with(b"{") {
        return Content::Json;
    }
    if name.ends_with(".safetensors") {
        return Content::Safetensors;
    }
    if opens {
        return Content::Safetensors;
    }
    unknown(head, length)
}

fn unknown(head: &[u8], length: u64) -> Content {
    let found = if length == 0 {
        "empty (0 bytes)".to_owned()
    } else {
        let first: Vec<String> = head.iter().take(8).map(|b| format!("{b:02x}")).collect();
        format!(
            "no known weight file: its {length} bytes begin with {}",
            first.join(" ")
        )
    };
    let advice = "npy files begin with 93 4e 55 4d 50 59, npz and PyTorch files with 50 4b 03 04, \
                  safetensors files with the length of a JSON header";
    Content::Unknown(found, advice.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(head: &[u8]) -> String {
        match recognise(head, head.len() as u64, "x.safetensors") {
            Content::Foreign(found, advice) | Content::Unknown(found, advice) => {
                format!("{found}; {advice}")
            }
            known => format!("{known:?}"),
        }
    }

    #[test]
    fn foreign_files_are_named_with_the_way_out() {
        for (head, words) in [
            (
                &b"version https://git-lfs.github.com/spec/v1\noid"[..],
                "git lfs pull",
            ),
            (b"\n<!DOCTYPE html><html>", "web page"),
            (b"\x80\x04\x95\x10\0\0\0\0\0\0\0", "Python pickle"),
            (b"\x89HDF\r\n\x1a\n\0\0\0", "HDF5"),
            (b"\x08\x07\x12\x07pytorch\x1a", "ONNX"),
            (b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "unpack"),
        ] {
            assert!(found(head).contains(words), "{}", found(head));
        }
    }

    /// The lengths of headers begin as pickle, gzip, zip and ONNX do.
    #[test]
    fn a_safetensors_length_that_spells_another_magic() {
        for length in [0x180_u64, 0x8b1f, 0x0403_4b50, 0x3a0708] {
            let mut head = length.to_le_bytes().to_vec();
            head.extend(b"{\"a\":{");
            assert_eq!(recognise(&head, 1 << 30, ""), Content::Safetensors);
        }
    }

    #[test]
    fn an_index_is_json_whatever_its_length_reads_as() {
        let head = b"{\n  \"metadata\": {\"total_size\": 1}}";
        assert_eq!(recognise(head, 34, "x"), Content::Json);
    }
}

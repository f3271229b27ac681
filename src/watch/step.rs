//! The step of a checkpoint, read from its name.

use std::path::Path;

/// Words before the number of a step, as trainers write them.
const WORDS: [&str; 7] = [
    "step",
    "steps",
    "iter",
    "iters",
    "iteration",
    "global_step",
    "checkpoint",
];

/// Returns the step that a path names: the last number after a word for steps, as in `epoch=3-step=1500.ckpt` and
/// `checkpoint-500/model.safetensors`; else the last number of the innermost part that has one. The number of a shard,
/// as in `00001-of-00004`, is none.
pub(super) fn step(path: &Path) -> Option<u64> {
    let name = path.with_extension("");
    let parts: Vec<String> = name
        .components()
        .map(|part| part.as_os_str().to_string_lossy().to_lowercase())
        .collect();
    let numbers: Vec<Vec<(String, u64)>> = parts.iter().map(|part| numbers(part)).collect();
    let named = numbers.iter().flatten().rfind(|(word, _)| {
        let word = word.trim_end_matches(['=', '-', '_', '.', ' ']);
        WORDS.contains(&word) || word.ends_with("step") || word.ends_with("iter")
    });
    let last = || numbers.iter().rev().find_map(|part| part.last());
    named.or_else(last).map(|&(_, number)| number)
}

/// Returns the numbers of a text, each with the letters and signs since the one before.
fn numbers(text: &str) -> Vec<(String, u64)> {
    let mut numbers = Vec::new();
    let mut word = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            word.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        }
        // A shard and how many there are.
        if let Some(of) = word.strip_prefix("-of-")
            && of.is_empty()
        {
            numbers.pop();
        } else if let Ok(number) = rest[..digits].parse() {
            numbers.push((std::mem::take(&mut word), number));
        }
        word.clear();
        rest = &rest[digits..];
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::step;
    use std::path::Path;

    /// Would catch an epoch, a shard or a number of a version that is taken for the step.
    #[test]
    fn steps_are_read_from_names_as_trainers_write_them() {
        for (path, expected) in [
            ("checkpoint-500/model.safetensors", Some(500)),
            ("checkpoint-500/model-00001-of-00004.safetensors", Some(500)),
            ("epoch=3-step=1500.ckpt", Some(1500)),
            ("step=1500-epoch=3.ckpt", Some(1500)),
            ("iter_0001000/mp_rank_00/model.pt", Some(1000)),
            ("global_step80/model.pt", Some(80)),
            ("model_12.pt", Some(12)),
            ("net-3/weights.npz", Some(3)),
            ("iteration-00000200.safetensors", Some(200)),
            ("model-00001-of-00004.safetensors", None),
            ("last.ckpt", None),
            ("99999999999999999999999.pt", None),
        ] {
            assert_eq!(step(Path::new(path)), expected, "{path}");
        }
    }
}

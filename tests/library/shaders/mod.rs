//! Kernels for every adapter, without one: their texts are valid, translate to the languages of all drivers, and need no
//! more than every adapter has.

mod check;
mod plans;

use check::{problem, writes_components};
use plans::all;
use std::collections::BTreeSet;

/// Catches a kernel that a driver refuses which no test runs on, one that needs more than an adapter must have, and
/// threads that do not all come to a barrier, which no compiler refuses.
#[test]
fn kernels_are_portable() {
    let collected = all();
    let mut wrong = BTreeSet::new();
    for (text, name) in &collected.names {
        if let Some(problem) = problem(text) {
            wrong.insert(format!("{name}: {problem}"));
        }
    }
    let names: BTreeSet<&str> = collected.names.values().copied().collect();
    println!("{} kernels: {names:?}", collected.names.len());
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Catches a write of one component of a vector that threads share: by the language it may write the others, too, and on
/// Metal and Direct3D it does, over what a neighbour wrote there.
#[test]
fn threads_share_whole_vectors() {
    let names = all().names.into_iter();
    let wrong = names.filter(|(text, _)| writes_components(text));
    let wrong: BTreeSet<&str> = wrong.map(|(_, name)| name).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// The check itself: catches one that lets everything pass.
#[test]
fn kernels_that_are_not_are_found() {
    let shared = "var<workgroup> a: array<vec4<f32>, 64>;\n@group(0) @binding(0) var<storage, \
                  read_write> b: array<f32>;\n";
    let main = "@compute @workgroup_size(64)\nfn main(@builtin(local_invocation_index) i: u32) ";
    for (body, words) in [
        ("{ if (i < 3u) { workgroupBarrier(); } }", "branch"),
        ("{ if (i < 3u) { return; } workgroupBarrier(); }", "return"),
        ("{ b[i] = 1u; }", "error"),
    ] {
        let found = problem(&format!("{shared}{main}{body}")).unwrap_or_default();
        assert!(found.contains(words), "{body}: {found}");
    }
    for body in ["{ a[i][i % 4u] = 1.0; }", "{ a[i].y = 1.0; }"] {
        assert!(
            writes_components(&format!("{shared}{main}{body}")),
            "{body}"
        );
    }
    let right = "{ for (var k = 0u; k < 3u; k++) { a[i] = vec4<f32>(b[i]); workgroupBarrier(); } \
                 if (i < 3u) { return; } b[i] = a[63u - i].x; }";
    let right = format!("{shared}{main}{right}");
    assert_eq!(problem(&right), None);
    assert!(!writes_components(&right));
    for (text, words) in [
        ("var<workgroup> a: array<vec4<f32>, 1025>;", "16400 bytes"),
        ("var<workgroup> a: atomic<u32>;", "atomic"),
    ] {
        let main = "@compute @workgroup_size(1)\nfn main() { ";
        let used = if words == "atomic" {
            "atomicStore(&a, 1u); }"
        } else {
            "a[0] = vec4<f32>(); }"
        };
        let found = problem(&format!("{text}\n{main}{used}")).unwrap_or_default();
        assert!(found.contains(words), "{text}: {found}");
    }
    let wide = "@compute @workgroup_size(257)\nfn main() {}";
    assert_eq!(problem(wide), Some("257 threads".to_owned()));
}

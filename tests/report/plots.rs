//! The pictures as bytes: names, formats, determinism, and names that stay text.

use super::samples;
use std::collections::HashSet;
use std::path::Path;

use spectra::report::plots::{self, PICTURED_LAYERS, Pictures};
use spectra::spectrum::Analysis;

fn pictures(analysis: &Analysis) -> Pictures {
    plots::pictures(analysis, PICTURED_LAYERS).unwrap()
}

/// Would catch a missing picture, a name taken from a tensor, or a wrong number in a name.
#[test]
fn every_layer_has_its_pictures() {
    let drawn = pictures(&samples::small());
    let names: Vec<&str> = drawn.files.iter().map(|(name, _)| name.as_str()).collect();
    let mut expected = Vec::new();
    for layer in [1, 3, 4, 5, 8] {
        for what in ["density", "ratio", "tail"] {
            for format in ["png", "svg"] {
                expected.push(format!("layer-{layer:03}-{what}.{format}"));
            }
        }
    }
    expected.extend(["overview.png".to_owned(), "overview.svg".to_owned()]);
    assert_eq!(names, expected);
    assert_eq!((drawn.pictured, drawn.left_out), (5, 0));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in &drawn.files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}

/// Would catch an order that depends on threads, a clock, or a font of the machine.
#[test]
fn the_same_analysis_gives_the_same_pictures() {
    let analysis = samples::small();
    let alone = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    assert!(pictures(&analysis).files == alone.install(|| pictures(&analysis)).files);
}

/// Would catch SVG that no reader takes and PNG of another size.
#[test]
fn pictures_are_well_formed() {
    for (name, bytes) in pictures(&samples::small()).files {
        if name.ends_with(".svg") {
            let text = String::from_utf8(bytes).unwrap();
            assert!(
                text.starts_with("<svg role=\"img\" aria-label=\""),
                "{name}"
            );
            assert!(text.trim_end().ends_with("</svg>"), "{name}");
            for word in ["NaN", "inf", "\u{fffd}"] {
                assert!(!text.contains(word), "{name}: {word}");
            }
        } else {
            let reader = png::Decoder::new(bytes.as_slice()).read_info().unwrap();
            assert_eq!(
                (reader.info().width, reader.info().height),
                (1440, 880),
                "{name}"
            );
        }
    }
}

/// Would catch pictures that are blank: text without a font, curves out of the frame.
#[test]
fn pictures_show_the_layer_the_law_and_words() {
    let files = pictures(&samples::small()).files;
    let colors = |wanted: &str| -> HashSet<[u8; 3]> {
        let (_, bytes) = files.iter().find(|(name, _)| name == wanted).unwrap();
        let mut decoder = png::Decoder::new(bytes.as_slice());
        decoder.set_transformations(png::Transformations::EXPAND);
        let mut reader = decoder.read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size()];
        reader.next_frame(&mut pixels).unwrap();
        // The heading's key has all colours; what counts is the plot below it.
        let below = &pixels[1440 * 3 * 160..];
        below.chunks_exact(3).map(|p| [p[0], p[1], p[2]]).collect()
    };
    let (data, law, bulk, pale) = (
        [0x00, 0x67, 0xa3],
        [0xc2, 0x4e, 0x00],
        [0x00, 0x78, 0x5a],
        [0xb9, 0xd3, 0xe6],
    );
    for (name, wanted) in [
        ("layer-003-density.png", vec![data, law, bulk, pale]),
        ("layer-003-tail.png", vec![data, law, bulk]),
        ("layer-003-ratio.png", vec![data, pale]),
        ("overview.png", vec![data, law]),
    ] {
        let found = colors(name);
        for color in wanted {
            assert!(found.contains(&color), "{name} lacks {color:?}");
        }
        assert!(found.len() > 20, "{name} has no smooth text");
    }
}

/// Would catch a name that becomes markup or a path, and a picture that spectra without values,
/// of one value, or of zeros break.
#[test]
fn hostile_and_odd_layers_are_drawn() {
    for analysis in [
        samples::hostile(),
        samples::odd(),
        samples::analysis(vec![]),
    ] {
        for (name, bytes) in pictures(&analysis).files {
            let allowed =
                |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-.".contains(c);
            assert!(name.chars().all(allowed), "{name}");
            if name.ends_with(".svg") {
                let text = String::from_utf8(bytes).unwrap();
                assert!(
                    !text.contains("<script")
                        && !text.contains("<img")
                        && !text.contains("<svg onload")
                );
                assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{name}");
                assert!(!text.contains("NaN"), "{name}");
            }
        }
    }
}

/// Would catch thousands of pictures of a large model, and a choice that ignores the findings.
#[test]
fn a_large_model_has_pictures_of_its_farthest_layers() {
    let analysis = samples::large(40);
    let drawn = plots::pictures(&analysis, 3).unwrap();
    assert_eq!((drawn.pictured, drawn.left_out), (3, 37));
    assert_eq!(drawn.files.len(), 3 * 6 + 2);
    let distance = |i: usize| {
        let spectrum = analysis.rows[i].spectrum.as_ref().unwrap();
        spectrum.random_baseline.as_ref().unwrap().mean_distance
    };
    let chosen: HashSet<usize> = drawn
        .files
        .iter()
        .filter_map(|(name, _)| name.strip_prefix("layer-")?.get(..3)?.parse().ok())
        .collect();
    let nearest_chosen = chosen
        .iter()
        .map(|&i| distance(i - 1))
        .fold(f64::INFINITY, f64::min);
    let farther = (0..40).filter(|&i| distance(i) > nearest_chosen).count();
    assert_eq!(farther, 2);
}

//! The pictures as bytes: names, formats, determinism, and names that stay text.

use super::samples;
use std::collections::HashSet;
use std::path::Path;

use spectra::report::plots::{PICTURED_LAYERS, figure_pictures};
use spectra::report::{Figure, Mark, Point, analysis_figures};
use spectra::spectrum::{Analysis, LawComparison, LayerSpectrum, SingularLaw};
use statrs::distribution::{Continuous, ContinuousCDF};

fn pictures(analysis: &Analysis) -> Vec<(String, Vec<u8>)> {
    figure_pictures(&analysis_figures(analysis, PICTURED_LAYERS).figures).unwrap()
}

/// Would catch a missing picture, a name taken from a tensor, or a wrong number in a name.
#[test]
fn every_layer_has_its_pictures() {
    let drawn = pictures(&samples::small());
    let names: Vec<&str> = drawn.iter().map(|(name, _)| name.as_str()).collect();
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
    let figures = analysis_figures(&samples::small(), PICTURED_LAYERS);
    assert_eq!((figures.pictured, figures.left_out), (5, 0));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in &drawn {
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
    assert!(pictures(&analysis) == alone.install(|| pictures(&analysis)));
}

/// Would catch SVG that no reader takes and PNG of another size.
#[test]
fn pictures_are_well_formed() {
    for (name, bytes) in pictures(&samples::small()) {
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
    let files = pictures(&samples::small());
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
    let (data, law, bulk) = ([0x00, 0x67, 0xa3], [0xc2, 0x4e, 0x00], [0x00, 0x78, 0x5a]);
    // Of bars, and of a band through which others are seen.
    let (bars, band) = ([0xb9, 0xd5, 0xe6], [0xc7, 0xde, 0xeb]);
    for (name, wanted) in [
        ("layer-003-density.png", vec![data, law, bulk, bars]),
        ("layer-003-tail.png", vec![data, law, bulk]),
        ("layer-003-ratio.png", vec![data, band]),
        ("overview.png", vec![data, law]),
    ] {
        let found = colors(name);
        for color in wanted {
            // What is seen through a band is rounded.
            let is_near = |other: &[u8; 3]| (0..3).all(|i| u8::abs_diff(color[i], other[i]) <= 1);
            assert!(found.iter().any(is_near), "{name} lacks {color:?}");
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
        for (name, bytes) in pictures(&analysis) {
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
    let drawn = analysis_figures(&analysis, 3);
    assert_eq!((drawn.pictured, drawn.left_out), (3, 37));
    assert_eq!(drawn.figures.len(), 3 * 3 + 1);
    let distance = |i: usize| {
        let spectrum = analysis.rows[i].spectrum.as_ref().unwrap();
        spectrum.random_baseline.as_ref().unwrap().mean_distance
    };
    let chosen: HashSet<usize> = drawn
        .figures
        .iter()
        .filter_map(|figure| figure.stem.strip_prefix("layer-")?.get(..3)?.parse().ok())
        .collect();
    let nearest_chosen = chosen
        .iter()
        .map(|&i| distance(i - 1))
        .fold(f64::INFINITY, f64::min);
    let farther = (0..40).filter(|&i| distance(i) > nearest_chosen).count();
    assert_eq!(farther, 2);
}

/// The points of the line of a figure with these words.
fn line<'a>(figure: &'a Figure, wanted: &str) -> Option<&'a [Point]> {
    let mut marks = figure.panels[0].marks.iter();
    marks.find_map(|mark| match mark {
        Mark::Line { points, words, .. } if words == wanted => Some(points.as_slice()),
        _ => None,
    })
}

/// The numbers beside the first mark of a figure that have these words.
fn aside<'a>(figure: &'a Figure, words: &str) -> &'a [f64] {
    let mut asides = figure.panels[0].asides.iter();
    &asides.find(|aside| aside.words == words).unwrap().values
}

/// Catches a curve of another law, at another height than the bars or the points beside it, bars that lose values, and
/// numbers beside them that are those of another bin or point.
#[test]
fn curves_are_those_of_the_laws() {
    let analysis = samples::small();
    let drawn = analysis_figures(&analysis, PICTURED_LAYERS);
    let figure = |layer: usize, what: &str| {
        let stem = format!("layer-{layer:03}-{what}");
        drawn
            .figures
            .iter()
            .find(|figure| figure.stem == stem)
            .unwrap()
    };
    let mut laws = 0;
    for (position, layer) in (1..).zip(&analysis.rows) {
        let Some(s) = &layer.spectrum else { continue };
        let (density, tail) = (figure(position, "density"), figure(position, "tail"));
        let Mark::Bars { bars, .. } = &density.panels[0].marks[0] else {
            panic!("bars come first")
        };
        let count = s.singular_values.as_ref().unwrap().len() as f64;
        let width = bars[0].to - bars[0].from;
        let inside: f64 = bars.iter().map(|bar| bar.height * width).sum();
        assert!((0.97..=1.0 + 1e-9).contains(&inside), "{inside}");
        for (bar, number) in bars.iter().zip(aside(density, "count")) {
            assert!((bar.height * count * width - number).abs() < 1e-6);
        }
        let Mark::Points { points, .. } = &tail.panels[0].marks[0] else {
            panic!("points come first")
        };
        let orders = aside(tail, "order").iter().zip(aside(tail, "s"));
        for (point, (order, value)) in points.iter().zip(orders) {
            assert_eq!(point.y, order / count);
            assert_eq!(
                s.singular_values.as_ref().unwrap()[*order as usize - 1],
                *value
            );
        }
        let n = s.blocks.as_ref().map_or(s.columns, |blocks| blocks.columns) as f64;
        let of = |s: &LayerSpectrum| [s.marchenko_pastur.clone(), s.fitted_bulk.clone()];
        for (law, words) in of(s).into_iter().zip(["law of all entries", "fitted bulk"]) {
            let Some(LawComparison {
                rows,
                columns,
                variance,
                spikes,
                ..
            }) = law
            else {
                assert_eq!(line(density, words), None);
                continue;
            };
            laws += 1;
            let singular = SingularLaw::new(rows, columns, variance).unwrap();
            let (above, below) = match words {
                "fitted bulk" => (spikes as f64, count - spikes as f64),
                _ => (0.0, count),
            };
            let close = |x: f64, y: f64| (x - y).abs() <= 1e-9 * y.abs().max(1e-9);
            for point in line(density, words).unwrap() {
                assert!(
                    close(point.y, below / count * singular.pdf(point.x)),
                    "{words}: {point:?}"
                );
            }
            for (bar, value) in bars.iter().zip(aside(density, words)) {
                let middle = 0.5 * (bar.from + bar.to);
                assert!(close(*value, below / count * singular.pdf(middle)));
            }
            for point in line(tail, words).unwrap() {
                let share = (above + below * singular.sf((point.x * n).sqrt())) / count;
                assert!(
                    (point.y - share).abs() <= 1e-6,
                    "{words}: {point:?}, not {share}"
                );
            }
        }
    }
    assert_eq!(laws, 8);
}

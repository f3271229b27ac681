//! Figures as pictures: every kind of mark on every kind of axis.

use spectra::report::plots::figure_pictures;
use spectra::report::{Axis, Color, Figure, Mark, Point, Shape, Stretch, Stroke};
use std::path::Path;

fn axis(words: &str) -> Axis {
    Axis {
        words: words.to_owned(),
        ..Axis::default()
    }
}

fn line(points: Vec<Point>, number: usize, words: &str) -> Mark {
    Mark::Line {
        points,
        color: Color::Number(number),
        stroke: Stroke::Solid,
        dots: Some(Shape::of(number)),
        words: words.to_owned(),
    }
}

/// Ten lines with a dashed one beside, a band, published points, a level and a phase.
fn ten_lines(x: Axis, y: Axis) -> Figure {
    let at = |number: usize| {
        let points = (1..=8).map(move |x| Point {
            x: f64::from(x),
            y: 0.4 + 0.1 * number as f64 + 0.3 / f64::from(x),
        });
        points.collect::<Vec<Point>>()
    };
    let mut marks: Vec<Mark> = (0..10)
        .map(|number| line(at(number), number, &format!("family number {number}")))
        .collect();
    let band = at(2).into_iter().map(|point| Stretch {
        x: point.x,
        low: point.y - 0.04,
        high: point.y + 0.04,
    });
    marks.push(Mark::Band {
        stretches: band.collect(),
        color: Color::Number(2),
        words: "least to most over seeds".to_owned(),
    });
    marks.push(Mark::Line {
        points: at(0)
            .into_iter()
            .map(|point| Point { y: 0.3, ..point })
            .collect(),
        color: Color::Muted,
        stroke: Stroke::Dashed,
        dots: None,
        words: "chance".to_owned(),
    });
    marks.push(Mark::Line {
        points: at(0)
            .into_iter()
            .map(|point| Point { y: 0.25, ..point })
            .collect(),
        color: Color::Muted,
        stroke: Stroke::Dotted,
        dots: Some(Shape::Cross),
        words: "shuffled".to_owned(),
    });
    marks.push(Mark::Points {
        points: vec![
            Point { x: 3.0, y: 1.2 },
            Point {
                x: 5.0,
                y: f64::NAN,
            },
        ],
        color: Color::Number(4),
        shape: Shape::Diamond,
        words: "published".to_owned(),
    });
    marks.push(Mark::Level {
        at: 0.7,
        words: "dense".to_owned(),
    });
    for at in [4.0, 6.0, 99.0] {
        marks.push(Mark::Vertical {
            at,
            words: "a phase begins".to_owned(),
        });
    }
    let numbers = |of: fn(&Mark) -> Vec<f64>| marks.iter().flat_map(of).collect::<Vec<f64>>();
    Figure {
        stem: "figure-ten".to_owned(),
        title: "Ten lines and what stands beside them".to_owned(),
        x: x.holding(&numbers(Mark::across)),
        y: y.holding(&numbers(Mark::upward)),
        marks,
        reading: String::new(),
    }
}

fn svg(figure: &Figure) -> String {
    let files = figure_pictures(std::slice::from_ref(figure)).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in &files {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    assert_eq!(files.len(), 2);
    String::from_utf8(files[1].1.clone()).unwrap()
}

/// Catches an entry of the key that is lost or written twice, a mark that is not drawn on one kind of axis, long names that are all cut to the same, and a vertical
/// line outside of the figure.
#[test]
fn every_mark_is_drawn_on_every_axis() {
    let log = |words: &str| Axis {
        log: true,
        ..axis(words)
    };
    let names = Axis {
        names: (1..=8)
            .map(|place| format!("a structured family {place}"))
            .collect(),
        ..axis("family")
    };
    for (case, x) in [axis("place"), log("place"), names].into_iter().enumerate() {
        for y in [axis("residual"), log("residual")] {
            let mut figure = ten_lines(x.clone(), y);
            figure.stem = format!("figure-ten-{case}-{}", figure.y.log);
            let svg = svg(&figure);
            for number in 0..10 {
                assert_eq!(
                    svg.matches(&format!("\nfamily number {number}\n")).count(),
                    1
                );
            }
            for words in ["chance", "shuffled", "published", "dense", "a phase begins"] {
                assert_eq!(svg.matches(&format!("\n{words}\n")).count(), 1, "{words}");
            }
            assert!(!svg.contains("NaN") && !svg.contains("inf"));
            assert_eq!(svg.contains("\na str…ily 7\n"), case == 2);
        }
    }
}

/// Catches numbers that hang the search for ticks or reach the picture, a point between gaps that vanishes, and a picture of
/// nothing.
#[test]
fn odd_points_are_gaps_and_single_ones_dots() {
    let point = |x: f64, y: f64| Point { x, y };
    let odd = [f64::NAN, f64::INFINITY, 1e-310, -1e200];
    let mut points = vec![point(1.0, 2.0)];
    for y in odd {
        points.extend([point(2.0, y), point(y, 1.0), point(3.0, 3.0)]);
    }
    let mut figure = ten_lines(axis("x"), axis("y"));
    figure.marks = vec![Mark::Line {
        points,
        color: Color::Ramp(0.5),
        stroke: Stroke::Solid,
        dots: None,
        words: String::new(),
    }];
    let svg = svg(&figure);
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    // The first point and one after each gap.
    assert_eq!(svg.matches("<circle").count(), 5);
    figure.marks = vec![line(odd.map(|y| point(1.0, y)).to_vec(), 0, "none")];
    assert_eq!(figure_pictures(&[figure]).unwrap(), []);
}

/// Catches colours, or a mark's words, that two lines share.
#[test]
fn ten_colours_differ() {
    let svg = svg(&ten_lines(axis("x"), axis("y")));
    let colours: std::collections::HashSet<&str> = svg
        .split("stroke=\"#")
        .skip(1)
        .map(|rest| &rest[..6])
        .collect();
    assert!(colours.len() >= 11, "{colours:?}");
}

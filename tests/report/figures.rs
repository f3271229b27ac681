//! Figures as pictures: every kind of mark on every kind of axis.

use spectra::report::plots::figure_pictures;
use spectra::report::{
    Axis, Bar, Color, Figure, Layout, Mark, Panel, Point, Shape, Stretch, Stroke,
};
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
    Figure {
        stem: "figure-ten".to_owned(),
        title: "Ten lines and what stands beside them".to_owned(),
        layout: Layout::Columns,
        panels: vec![Panel::holding(x, y, marks)],
        stops: Vec::new(),
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
            figure.stem = format!("figure-ten-{case}-{}", figure.panels[0].y.log);
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
    let marks = vec![Mark::Line {
        points,
        color: Color::Ramp(0.5),
        stroke: Stroke::Solid,
        dots: None,
        words: String::new(),
    }];
    figure.panels = vec![Panel::holding(axis("x"), axis("y"), marks)];
    let svg = svg(&figure);
    assert!(!svg.contains("NaN") && !svg.contains("inf"));
    // The first point and one after each gap.
    assert_eq!(svg.matches("<circle").count(), 5);
    figure.panels[0].marks = vec![line(odd.map(|y| point(1.0, y)).to_vec(), 0, "none")];
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

/// The centres of the circles of one radius.
fn circles(svg: &str, radius: &str) -> Vec<[f64; 2]> {
    let of = |line: &str, name: &str| -> f64 {
        let rest = line.split_once(&format!(" {name}=\"")).unwrap().1;
        rest.split_once('"').unwrap().0.parse().unwrap()
    };
    let lines = svg.lines().filter(|line| line.starts_with("<circle"));
    let own = lines.filter(|line| line.contains(&format!(" r=\"{radius}\"")));
    own.map(|line| [of(line, "cx"), of(line, "cy")]).collect()
}

/// Catches points drawn elsewhere than their numbers say, on an axis of either kind, and those beyond an axis that are drawn.
#[test]
fn points_stand_where_their_numbers_say() {
    let numbers: [[f64; 2]; 5] = [
        [1.0, 30.0],
        [2.0, 10.0],
        [5.0, 400.0],
        [8.0, 20.0],
        [20.0, 50.0],
    ];
    for log in [false, true] {
        let of = |words| Axis { log, ..axis(words) };
        let points = numbers.map(|[x, y]| Point { x, y });
        let marks = vec![Mark::Points {
            points: points.to_vec(),
            color: Color::Number(0),
            shape: Shape::Dot,
            words: String::new(),
        }];
        let mut figure = ten_lines(axis("x"), axis("y"));
        figure.stem = format!("figure-points-{log}");
        figure.panels = vec![Panel::holding(of("x"), of("y"), marks)];
        figure.panels[0].x.to = 10.0;
        let drawn = circles(&svg(&figure), "2");
        assert_eq!(drawn.len(), 4, "one is beyond the axis");
        let scale = |x: f64| if log { x.ln() } else { x };
        for which in [0, 1] {
            let at = |place: usize| scale(numbers[place][which]);
            let slope = (drawn[2][which] - drawn[0][which]) / (at(2) - at(0));
            assert_eq!(slope > 0.0, which == 0, "to the right and upward");
            for (place, drawn) in drawn.iter().enumerate() {
                let expected = drawn[which] - slope * (at(place) - at(0));
                // Pixels are whole.
                assert!((expected - circles(&svg(&figure), "2")[0][which]).abs() <= 2.0);
            }
        }
    }
}

/// Catches bars that are not drawn from zero to their heights, a rug without its numbers, panels that are lost, and marks outside of their panel.
#[test]
fn bars_rugs_and_panels_are_drawn() {
    let bar = |from: f64, to: f64, height: f64| Bar { from, to, height };
    let marks = || {
        vec![
            Mark::Bars {
                bars: vec![bar(0.0, 1.0, 2.0), bar(1.0, 2.0, 9.0), bar(3.0, 3.0, 1.0)],
                color: Color::Number(1),
                words: "counts".to_owned(),
            },
            Mark::Rug {
                at: vec![0.5, 1.5, 7.0, f64::NAN],
                color: Color::Number(0),
                words: "values".to_owned(),
            },
            line(
                vec![Point { x: -9.0, y: 1.0 }, Point { x: 9.0, y: 1.0 }],
                0,
                "across",
            ),
        ]
    };
    for layout in [Layout::Rows, Layout::Columns] {
        let panel = || {
            let mut panel = Panel::holding(axis("value"), axis("count"), marks());
            (panel.x.from, panel.x.to) = (0.0, 4.0);
            (panel.y.from, panel.y.to) = (0.0, 4.0);
            panel.title = "corner".to_owned();
            panel
        };
        let mut figure = ten_lines(axis("x"), axis("y"));
        figure.stem = format!("figure-panels-{layout:?}");
        figure.layout = layout;
        figure.panels = vec![panel(), panel(), panel()];
        let svg = svg(&figure);
        let rectangles = svg.lines().filter(|line| line.starts_with("<rect"));
        // The paper, the key's, and two a panel.
        assert_eq!(rectangles.count(), 1 + 1 + 3 * 2, "{layout:?}");
        let corner = if layout == Layout::Rows {
            "count"
        } else {
            "corner"
        };
        assert_eq!(svg.matches(&format!("\n{corner}\n")).count(), 3);
        let named = if layout == Layout::Rows { 1 } else { 3 };
        assert_eq!(svg.matches("\nvalue\n").count(), named);
        let (_, drawn) = svg.split_once('\n').unwrap();
        let numbers = drawn.split(|c: char| !c.is_ascii_digit() && c != '.' && c != '-');
        let most = numbers
            .filter_map(|x| x.parse::<f64>().ok())
            .fold(0.0, f64::max);
        assert_eq!(most, 720.0, "nothing is drawn beyond the paper");
    }
}

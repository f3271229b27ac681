//! The figures of a study.

use super::across::unit;
use super::cells::missing;
use super::looks::{Look, looks, shared_words};
use super::points::{Plane, Published};
use super::series::Series;
use crate::report::axis::Axis;
use crate::report::figure::{Figure, Panel};
use crate::report::format::digits;
use crate::report::mark::{Color, Mark, Shape};
use crate::report::text::{shown_name, shown_sentence};
use crate::study::{FigureSettings, StudyReport};

/// Lines of so many points have markers.
const DOTTED: usize = 30;

/// Returns the figures that the study's file asks for, in its order. One without any number is among them; its reading
/// says why.
pub fn study_figures(report: &StudyReport) -> Vec<Figure> {
    let mut stems: Vec<String> = Vec::new();
    let figure = |settings: &FigureSettings| {
        stems.push(stem(&settings.name, &stems));
        let series = Series::all(report, settings);
        let plane = Plane::new(report, settings, &series);
        figure(&plane, &series, stems[stems.len() - 1].clone())
    };
    report.study.figures.iter().map(figure).collect()
}

/// Returns the name of a figure's files: `figure-` and the small letters, digits and hyphens of its name, with a number where
/// an earlier figure has that name.
fn stem(name: &str, taken: &[String]) -> String {
    let plain = |c: char| match c.to_ascii_lowercase() {
        c if c.is_ascii_lowercase() || c.is_ascii_digit() => c,
        _ => '-',
    };
    let name: String = name.chars().take(60).map(plain).collect();
    let stem = format!("figure-{name}");
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    let mut names = std::iter::once(stem.clone()).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or(stem)
}

fn figure(plane: &Plane<'_>, series: &[Series<'_>], stem: String) -> Figure {
    let (report, settings) = (plane.report, plane.settings);
    let marks = marks(plane, series);
    let numbers = |of: fn(&Mark) -> Vec<f64>| -> Vec<f64> { marks.iter().flat_map(of).collect() };
    let first = settings
        .y
        .first()
        .and_then(|name| report.study.measure(name));
    let words = settings.y_words.as_deref();
    // Of several measures the key tells which is which.
    let words = words.or(first
        .filter(|_| settings.y.len() == 1)
        .map(|measure| measure.title()));
    let words = shown_sentence(words.unwrap_or_default());
    let y = Axis {
        unit: unit(first.is_some_and(|measure| measure.percent), &words),
        words,
        log: settings.log_y,
        ..Axis::default()
    };
    let x = plane.across.axis(settings).holding(&numbers(Mark::across));
    let y = y.holding(&numbers(Mark::upward));
    let floor = |name: &str, axis: &Axis| match axis.floor {
        Some(floor) => format!(
            " On the {name} axis, numbers that are not positive are drawn at {}.",
            digits(floor, 3)
        ),
        None => String::new(),
    };
    let reading = format!(
        "{}{}{}{}",
        shown_sentence(&settings.reading),
        floor("horizontal", &x),
        floor("vertical", &y),
        missing(report, settings)
    );
    Panel::holding(x, y, marks).alone(stem, shown_sentence(&settings.title), reading)
}

fn marks(plane: &Plane<'_>, series: &[Series<'_>]) -> Vec<Mark> {
    let settings = plane.settings;
    let looks = looks(settings, series);
    let solid = series.iter().filter(|series| !series.beside).count();
    let aside = |place: usize| {
        if series[place].beside {
            0.0
        } else {
            plane.aside(place, solid)
        }
    };
    let mut marks = Vec::new();
    let mut bands = Vec::new();
    for (place, (series, look)) in series.iter().zip(&looks).enumerate() {
        let drawn = plane.drawn(series, aside(place));
        if !series.beside && !drawn.stretches.is_empty() {
            bands.push(Mark::Band {
                stretches: drawn.stretches,
                color: look.color,
                words: String::new(),
            });
        }
        let count = drawn
            .points
            .iter()
            .filter(|point| point.y.is_finite())
            .count();
        marks.push(Mark::Line {
            points: drawn.points,
            color: look.color,
            stroke: look.stroke,
            dots: (drawn.has_places && count <= DOTTED).then_some(look.shape),
            words: look.words.clone(),
        });
    }
    marks.extend(shared_words(settings, series));
    if !bands.is_empty() {
        bands.push(Mark::Band {
            stretches: Vec::new(),
            color: Color::Muted,
            words: "least to most over seeds".to_owned(),
        });
    }
    marks.extend(bands);
    marks.extend(published(&plane.published(series), &looks, aside));
    marks.extend(settings.levels.iter().map(|level| Mark::Level {
        at: level.value,
        words: match level.words.as_str() {
            "" => String::new(),
            words => shown_name(words),
        },
    }));
    marks
}

/// Returns the published numbers in the colours of their lines, and their entry in the key.
fn published(all: &[Published], looks: &[Look], aside: impl Fn(usize) -> f64) -> Vec<Mark> {
    let points = |color, points, words: &str| Mark::Points {
        points,
        color,
        shape: Shape::Diamond,
        words: words.to_owned(),
    };
    if all.is_empty() {
        return Vec::new();
    }
    let mut marks = vec![points(Color::Muted, Vec::new(), "published")];
    for place in (0..looks.len()).map(Some).chain([None]) {
        let own = all.iter().filter(|published| published.series == place);
        let own = own.map(|published| {
            let mut point = published.point;
            point.x += place.map_or(0.0, &aside);
            point
        });
        let own: Vec<_> = own.collect();
        if !own.is_empty() {
            let color = place.map_or(Color::Muted, |place| looks[place].color);
            marks.push(points(color, own, ""));
        }
    }
    marks
}

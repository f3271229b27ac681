//! How the lines of a study's figure look, and what its key says of them.

use super::series::Series;
use crate::report::mark::{Color, Mark, Shape, Stroke};
use crate::report::text::shown_name;
use crate::study::FigureSettings;

/// How a line looks.
pub(super) struct Look {
    /// The colour.
    pub color: Color,
    /// How it is drawn.
    pub stroke: Stroke,
    /// What marks its points.
    pub shape: Shape,
    /// What the key says; nothing of a line beside another one, whose colour it has.
    pub words: String,
}

/// Returns the look of each line, those that are drawn for themselves before those beside them.
pub(super) fn looks(settings: &FigureSettings, series: &[Series<'_>]) -> Vec<Look> {
    let groups = |beside: bool| {
        let own = series.iter().filter(|series| series.beside == beside);
        let mut groups: Vec<&str> = own.map(|series| series.group).collect();
        groups.sort_unstable();
        groups.dedup();
        groups.len()
    };
    let groups = [groups(false), groups(true)];
    let look = |(place, own): (usize, &Series<'_>)| {
        let partner = partner(settings, series, own);
        let color = match (own.beside, partner) {
            (false, _) => color(settings, series, place),
            (true, Some(partner)) => color(settings, series, partner),
            (true, None) => Color::Muted,
        };
        let shape = match color {
            _ if own.beside => Shape::Cross,
            Color::Number(number) => Shape::of(number),
            Color::Ramp(_) | Color::Muted => Shape::Disc,
        };
        let words = match (own.beside, partner) {
            (false, _) => own.words(settings, settings.y.len() > 1, groups[0] > 1),
            (true, Some(_)) => String::new(),
            // Its measure tells it from the lines that it stands beside.
            (true, None) => own.words(settings, true, groups[1] > 1),
        };
        Look {
            color,
            stroke: stroke(own),
            shape,
            words,
        }
    };
    series.iter().enumerate().map(look).collect()
}

fn stroke(series: &Series<'_>) -> Stroke {
    match (series.beside, series.order % 2) {
        (false, _) => Stroke::Solid,
        (true, 0) => Stroke::Dashed,
        (true, _) => Stroke::Dotted,
    }
}

/// Returns the lines of the key, without points, for lines beside others: one a measure.
pub(super) fn shared_words(settings: &FigureSettings, series: &[Series<'_>]) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for own in series
        .iter()
        .filter(|own| partner(settings, series, own).is_some())
    {
        let mark = Mark::Line {
            points: Vec::new(),
            color: Color::Muted,
            stroke: stroke(own),
            dots: None,
            words: shown_name(own.measure.title()),
        };
        if !marks.contains(&mark) {
            marks.push(mark);
        }
    }
    marks
}

/// Returns the place of the line that a line beside stands for: the same group and values, where there are several lines.
fn partner(settings: &FigureSettings, series: &[Series<'_>], own: &Series<'_>) -> Option<usize> {
    let solid = series.iter().filter(|series| !series.beside).count();
    if !own.beside || solid < 2 {
        return None;
    }
    let measure = own.order.min(settings.y.len().saturating_sub(1));
    series.iter().position(|other| {
        let paired = !other.beside && other.order == measure;
        paired && other.is_of(settings, own.group, &own.values)
    })
}

/// Returns the colour of a line that is drawn for itself: on a ramp where nothing but a variable with numbers tells the
/// lines apart.
fn color(settings: &FigureSettings, series: &[Series<'_>], place: usize) -> Color {
    let solid: Vec<&Series<'_>> = series.iter().filter(|series| !series.beside).collect();
    let is_alike = |own: &&Series<'_>| {
        let number = own
            .values
            .first()
            .and_then(|value| value.as_ref()?.number());
        own.order == 0 && own.group == series[0].group && number.is_some()
    };
    let ordered = solid.len() > 2 && settings.lines.len() == 1 && solid.iter().all(is_alike);
    if ordered {
        Color::Ramp(place as f64 / (solid.len() - 1) as f64)
    } else {
        Color::Number(place)
    }
}

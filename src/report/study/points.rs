//! The points of a study's figure: what was measured, and what was published.

use super::across::Across;
use super::cells::is_drawn;
use super::series::{Series, apart};
use super::thin::{PLACES, kept};
use crate::report::axis::ends;
use crate::report::mark::{Point, Stretch};
use crate::study::{CellValue, ClaimReport, FigureSettings, StudyReport};

/// Where the cells of a figure stand.
pub(super) struct Plane<'a> {
    /// The study.
    pub report: &'a StudyReport,
    /// What the figure's file asks for.
    pub settings: &'a FigureSettings,
    /// The horizontal axis.
    pub across: Across<'a>,
    /// The ends of what stands on it; `None` where nothing does.
    reach: Option<[f64; 2]>,
}

/// What was measured at one place, NaN where there is no number.
#[derive(Debug, Clone, Copy)]
struct Measured {
    x: f64,
    mean: f64,
    least: f64,
    most: f64,
}

/// A place without a number, which splits a line.
const GAP: Measured = Measured {
    x: f64::NAN,
    mean: f64::NAN,
    least: f64::NAN,
    most: f64::NAN,
};

/// A line's points and its range over seeds.
pub(super) struct Drawn {
    /// The means over seeds.
    pub points: Vec<Point>,
    /// The ranges; empty where they have no length.
    pub stretches: Vec<Stretch>,
    /// Whether its points stand for cells, and not for a number that holds all along the axis.
    pub has_places: bool,
}

/// A published number.
pub(super) struct Published {
    /// The place in the figure.
    pub point: Point,
    /// The line that it belongs to; `None` where nothing was measured.
    pub series: Option<usize>,
}

impl<'a> Plane<'a> {
    /// Returns the plane of a figure with these lines.
    pub(super) fn new(
        report: &'a StudyReport,
        settings: &'a FigureSettings,
        series: &[Series<'_>],
    ) -> Plane<'a> {
        let across = Across::new(report, settings);
        let cells = series.iter().flat_map(|series| &series.cells);
        let places = cells.flat_map(|value| match across {
            Across::Curve(over) if value.over.as_deref() == Some(over) => value.at.clone(),
            _ => Vec::from_iter(across.x(report, &value.group, &value.variables)),
        });
        let (least, most) = ends(places.filter(|x| x.is_finite()));
        Plane {
            report,
            settings,
            across,
            reach: (least <= most).then_some([least, most]),
        }
    }

    /// Returns how far a line stands beside its place: where words are on the axis nothing is joined, and numbers of several
    /// lines would hide each other.
    pub(super) fn aside(&self, place: usize, lines: usize) -> f64 {
        if self.across.has_names() {
            (place as f64 - 0.5 * (lines as f64 - 1.0)) * (0.6 / lines as f64).min(0.12)
        } else {
            0.0
        }
    }

    /// Returns what is drawn of a line.
    pub(super) fn drawn(&self, series: &Series<'_>, aside: f64) -> Drawn {
        let cells = series.cells.iter().map(|value| self.cell(value));
        let (mut runs, long): (Vec<_>, Vec<_>) = cells.partition(|run| run.len() == 1);
        let has_places = !runs.is_empty() || matches!(self.across, Across::Curve(_));
        runs.sort_by(|one, other| one[0].x.total_cmp(&other[0].x));
        if !self.across.has_names() {
            runs = vec![runs.concat()];
        }
        runs.extend(long);
        runs.retain(|run| !run.is_empty());
        let all: Vec<Measured> = runs.join(&GAP);
        let points = all.iter().map(|at| Point {
            x: at.x + aside,
            y: at.mean,
        });
        let stretches = all.iter().map(|at| Stretch {
            x: at.x + aside,
            low: at.least,
            high: at.most,
        });
        let has_range = all.iter().any(|at| at.least < at.most);
        Drawn {
            points: points.collect(),
            stretches: if has_range {
                stretches.collect()
            } else {
                Vec::new()
            },
            has_places,
        }
    }

    /// Returns what was measured in a cell: a curve's places, one number at the cell's place, or one number from end to end
    /// where the cell has no place of its own.
    fn cell(&self, value: &CellValue) -> Vec<Measured> {
        let at = |place: usize, x: f64| {
            let number = |all: &[Option<f64>]| all.get(place).copied().flatten();
            Measured {
                x,
                mean: number(&value.mean).unwrap_or(f64::NAN),
                least: number(&value.least).unwrap_or(f64::NAN),
                most: number(&value.most).unwrap_or(f64::NAN),
            }
        };
        let end = value.at.len().saturating_sub(1);
        let x = self.across.x(self.report, &value.group, &value.variables);
        match (&self.across, x, self.reach) {
            (Across::Curve(over), ..) if value.over.as_deref() == Some(*over) => {
                let places = kept(Some(over), value.at.len(), PLACES);
                places
                    .into_iter()
                    .map(|place| at(place, value.at[place]))
                    .collect()
            }
            (_, Some(x), _) => vec![at(end, x)],
            (Across::Measure(_), None, _) | (_, None, None) => Vec::new(),
            (_, None, Some(reach)) => reach.map(|x| at(end, x)).to_vec(),
        }
    }

    /// Returns the published numbers of the figure's measures.
    pub(super) fn published(&self, series: &[Series<'_>]) -> Vec<Published> {
        let claims = self.report.claims.iter();
        let claims = claims.filter(|claim| !claim.null && self.settings.y.contains(&claim.measure));
        let each = |claim: &'a ClaimReport| {
            let published = claim.published?;
            let drawn = claim
                .cells
                .iter()
                .filter(|cell| is_drawn(self.settings, &cell.group, &cell.variables));
            Some(drawn.filter_map(move |cell| {
                let values = apart(self.settings, &cell.group, &cell.variables);
                let own = series.iter().position(|series| {
                    let alike = !series.beside && series.measure.name == claim.measure;
                    alike && series.is_of(self.settings, &cell.group, &values)
                });
                let x = match self.across {
                    Across::Curve(_) => self.at(claim),
                    _ => self.across.x(self.report, &cell.group, &cell.variables),
                };
                let x = x.or(self.reach.map(|[_, end]| end))?;
                let y = cell.against.unwrap_or(published);
                Some(Published {
                    point: Point { x, y },
                    series: own,
                })
            }))
        };
        claims.filter_map(each).flatten().collect()
    }

    /// Returns the place on its measure's curve at which a claim is made; `None` at the end.
    fn at(&self, claim: &ClaimReport) -> Option<f64> {
        let mut claims = self.report.study.claims.iter();
        let own = claims.find(|own| own.claim == claim.claim && own.measure == claim.measure);
        own?.at
    }
}

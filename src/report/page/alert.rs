//! Alerts: a list at the top of a page of whatever a reader must know before the rest.

use super::html::breakable;
use crate::report::text::{file_name, shown_name, shown_sentence};
use crate::survey::{Entry, Run};
use crate::weights::Status;
use maud::{Markup, Render, html};

/// Layers named by an alert.
const LINKED: usize = 6;
/// Failed rows with an alert of their own.
const LISTED: usize = 5;

/// How urgent an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// Something could not be done.
    Error,
    /// Something to look at.
    Warning,
    /// Something to know.
    Note,
}

/// A layer that has the anchor `#layer-POSITION`.
#[derive(Debug, Clone)]
pub(super) struct Link {
    pub position: usize,
    pub name: String,
}

/// A sentence and the layers that it is about.
#[derive(Debug, Clone)]
pub(super) struct Alert {
    level: Level,
    /// The layer with which the sentence begins.
    subject: Option<Link>,
    text: String,
    about: Vec<Link>,
}

impl Alert {
    pub fn new(level: Level, text: impl Into<String>) -> Alert {
        Alert {
            level,
            subject: None,
            text: text.into(),
            about: Vec::new(),
        }
    }

    /// Names the layers that the sentence is about after it.
    pub fn about(mut self, layers: Vec<Link>) -> Alert {
        self.about = layers;
        self
    }
}

/// Returns an alert for each warning of a run.
pub(super) fn warnings(warnings: &[String]) -> impl Iterator<Item = Alert> {
    let shown = warnings.iter().map(|warning| shown_sentence(warning));
    shown.map(|text| Alert::new(Level::Warning, text))
}

/// Returns an alert for each of the first failed rows, which begins with a link where rows are `linked`; of the others
/// their number.
pub(super) fn failures<S, R: Entry, X>(run: &Run<S, R, X>, linked: bool) -> Vec<Alert> {
    let rows = (1..).zip(&run.rows);
    let failed = rows.filter(|(_, row)| row.status() == Status::Failed);
    let alert = |(position, row): (usize, &R)| {
        let (file, name, reason) = row.failure();
        let reason = shown_sentence(reason.unwrap_or("no reason was given"));
        let of = match run.files.len() {
            0 | 1 => String::new(),
            _ => format!(" of {}", file_name(file)),
        };
        let (name, rest) = (shown_name(name), format!("{of} failed: {reason}"));
        let text = if linked {
            rest
        } else {
            format!("{name}{rest}")
        };
        Alert {
            subject: linked.then_some(Link { position, name }),
            ..Alert::new(Level::Error, text)
        }
    };
    let mut alerts: Vec<Alert> = failed.take(LISTED).map(alert).collect();
    let more = run.count(Status::Failed).saturating_sub(LISTED);
    if more > 0 {
        let text = format!("{more} more failed; the table says why");
        alerts.push(Alert::new(Level::Error, text));
    }
    alerts
}

/// Returns the links to layers given by their positions (from 1) and names.
pub(super) fn links<'a>(layers: impl Iterator<Item = (usize, &'a str)>) -> Vec<Link> {
    let link = |(position, name)| Link {
        position,
        name: shown_name(name),
    };
    layers.map(link).collect()
}

impl Render for Link {
    fn render(&self) -> Markup {
        html! { a href={ "#layer-" (self.position) } { (breakable(&self.name)) } }
    }
}

impl Render for Alert {
    fn render(&self) -> Markup {
        let (class, word) = match self.level {
            Level::Error => ("error", "Error"),
            Level::Warning => ("warning", "Warning"),
            Level::Note => ("note", "Note"),
        };
        let more = self.about.len().saturating_sub(LINKED);
        html! {
            li class=(class) { b { (word) } " " span {
                @if let Some(subject) = &self.subject { (subject) }
                (self.text.trim_end_matches('.'))
                @for (i, layer) in self.about.iter().take(LINKED).enumerate() {
                    (if i == 0 { ": " } else { ", " }) (layer)
                }
                @if more > 0 { " and " (more) " more" }
                "."
            } }
            "\n"
        }
    }
}

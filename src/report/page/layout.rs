//! The layout that all pages share: policy, head, alerts, sections, terms, and how the results were made.

use super::alert::Alert;
use super::html::{Terms, terms};
use base64::prelude::{BASE64_STANDARD, Engine};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

const STYLE: &str = include_str!("page.css");
/// Draws the figures of a page's data, sorts and filters its tables.
const SCRIPT: &str = include_str!("page.js");

/// A page as plain data; texts are escaped when it is rendered.
#[derive(Default)]
pub(super) struct Page {
    /// The subject, after the name in the title: "sketches". It is the class of the body as well.
    pub kind: &'static str,
    /// The line above the name.
    pub kicker: String,
    pub title: String,
    /// The finding in a sentence.
    pub headline: String,
    /// Lines under the headline.
    pub account: Vec<Markup>,
    pub alerts: Vec<Alert>,
    pub sections: Markup,
    /// Words of the page that need one.
    pub terms: Terms,
    /// How the results were made.
    pub origin: Markup,
    /// The data that the script draws, as JSON without `<`, `>` and `&`; a page without data has no script.
    pub data: Option<String>,
    /// Whether it shows pictures that lie beside it.
    pub has_images: bool,
    /// Seconds after which a browser loads it again.
    pub reloads: Option<u32>,
}

/// Returns a line under the headline; nothing where there is no text.
pub(super) fn line(text: &str) -> Markup {
    html! { @if !text.is_empty() { p.account { (text) } "\n" } }
}

impl Page {
    /// Renders the page. Its policy allows only the style and the script in it, by their hashes: it asks for nothing.
    pub(super) fn render(&self) -> String {
        let code = || format!("\"use strict\";\n(() => {{\n{SCRIPT}}})();\n");
        let code = self.data.as_ref().map(|_| code());
        let page = html! {
            (DOCTYPE) "\n"
            html lang="en" { "\n"
                head { "\n"
                    meta charset="utf-8"; "\n"
                    meta http-equiv="Content-Security-Policy" content=(self.policy(code.as_deref())); "\n"
                    meta name="viewport" content="width=device-width, initial-scale=1"; "\n"
                    meta name="referrer" content="no-referrer"; "\n"
                    @if let Some(seconds) = self.reloads { meta http-equiv="refresh" content=(seconds); "\n" }
                    link rel="icon" href="data:,"; "\n"
                    title { (self.title) ": " (self.kind) } "\n"
                    style { (PreEscaped(STYLE)) } "\n"
                }
                "\n"
                body class=(self.kind.replace(' ', "-")) { "\n"
                    (self.header())
                    main { "\n"
                        ul.alerts aria-label="Alerts" { "\n" @for alert in &self.alerts { (alert) } } "\n"
                        (self.sections)
                        (terms(self.terms))
                    }
                    "\n"
                    footer { "\n" h2 { "How this was made" } "\n" (self.origin) } "\n"
                    @if let (Some(data), Some(code)) = (&self.data, &code) {
                        script type="application/json" id="data" { (PreEscaped(data)) } "\n"
                        script { (PreEscaped(code)) } "\n"
                    }
                }
                "\n"
            }
            "\n"
        };
        page.into_string()
    }

    fn header(&self) -> Markup {
        html! {
            header { "\n"
                p.kicker {
                    span { (self.kicker) }
                    @if self.data.is_some() { button type="button" id="theme" { "Theme: system" } }
                }
                "\n"
                h1 { (self.title) } "\n"
                p.headline { (self.headline) } "\n"
                @for line in &self.account { (line) }
            }
            "\n"
        }
    }

    fn policy(&self, code: Option<&str>) -> String {
        let hash =
            |text: &str| format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)));
        let own = if self.has_images { "'self' " } else { "" };
        let script = code.map_or(String::new(), |code| format!(" script-src {};", hash(code)));
        let style = hash(STYLE);
        format!(
            "default-src 'none'; img-src {own}data:; style-src {style};{script} base-uri 'none'; form-action 'none'"
        )
    }
}

//! Reads pages as a browser would: whether they hold together, what they ask for, and their tables.

use base64::prelude::{BASE64_STANDARD, Engine};
use sha2::{Digest, Sha256};

/// Elements without a content.
const VOID: [&str; 6] = ["img", "input", "link", "meta", "wbr", "br"];
/// Elements whose content is no markup.
const RAW: [&str; 2] = ["script", "style"];

/// A tag: its name, whether it closes, its attributes, and the text up to the next tag.
struct Tag<'a> {
    name: &'a str,
    closes: bool,
    attributes: Vec<(&'a str, &'a str)>,
    text: &'a str,
}

/// The tags of a page in order.
fn tags(html: &str) -> Vec<Tag<'_>> {
    let mut tags: Vec<Tag<'_>> = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        let (name_end, inside) = {
            let inside = &rest[start + 1..];
            let end = inside.find(['>', ' ', '\n']).expect("a tag ends");
            (end, inside)
        };
        let name = inside[..name_end].trim_end_matches('/');
        let (attributes, after) = attributes(&inside[name_end..], name);
        let text_end = if RAW.contains(&name) {
            after.find(&format!("</{name}")).expect("a raw text ends")
        } else {
            after.find('<').unwrap_or(after.len())
        };
        let empty = inside[..inside.len() - after.len()].ends_with("/>");
        let plain = name.trim_start_matches('/');
        tags.push(Tag {
            name: plain,
            closes: name.starts_with('/'),
            attributes,
            text: &after[..text_end],
        });
        if empty && !VOID.contains(&plain) {
            tags.push(Tag {
                name: plain,
                closes: true,
                attributes: Vec::new(),
                text: "",
            });
        }
        rest = &after[text_end..];
    }
    tags
}

/// The attributes of a tag, and what follows it.
fn attributes<'a>(mut rest: &'a str, name: &str) -> (Vec<(&'a str, &'a str)>, &'a str) {
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('>').or(rest.strip_prefix("/>")) {
            return (attributes, after);
        }
        let end = rest.find(['=', '>', ' ', '/']).expect("a tag ends");
        let key = &rest[..end];
        let Some(value) = rest[end..].strip_prefix("=\"") else {
            assert!(!rest[end..].starts_with('='), "{name}: {key} is not quoted");
            attributes.push((key, ""));
            rest = &rest[end..];
            continue;
        };
        let (value, after) = value.split_once('"').expect("a value ends");
        attributes.push((key, value));
        rest = after;
    }
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(text)))
}

/// Checks that elements are closed in order, that the page asks for nothing but pictures beside it, that its policy allows
/// its own style and script and nothing else, and that no attribute holds a script or a style.
pub fn check(html: &str) {
    let tags = tags(html);
    let mut open: Vec<&str> = Vec::new();
    let mut allowed = vec!["default-src 'none'".to_owned()];
    for tag in tags.iter().filter(|tag| tag.name != "!DOCTYPE") {
        if tag.closes {
            assert_eq!(open.pop(), Some(tag.name), "closed out of order");
        } else if !VOID.contains(&tag.name) {
            open.push(tag.name);
        }
        for (key, value) in &tag.attributes {
            assert!(!key.starts_with("on") && *key != "style", "{key}");
            if ["href", "src", "xlink:href"].contains(key) {
                let own = value.starts_with('#') || *value == "data:,";
                let beside = value.starts_with("figure-") && !value.contains(['/', ':']);
                assert!(own || beside, "{}: {key}=\"{value}\"", tag.name);
            }
        }
        let is_data = tag.attributes.contains(&("type", "application/json"));
        match tag.name {
            "style" if !tag.closes => {
                allowed.push(format!("style-src {}", hash(tag.text)));
                assert!(!tag.text.contains("url(") && !tag.text.contains("@import"));
            }
            "script" if !tag.closes && !is_data => {
                allowed.push(format!("script-src {}", hash(tag.text)));
            }
            _ => {}
        }
    }
    assert!(open.is_empty(), "never closed: {open:?}");
    let policies = tags.iter().filter(|tag| {
        let policy = ("http-equiv", "Content-Security-Policy");
        tag.attributes.contains(&policy)
    });
    let policies: Vec<&str> = policies.map(|tag| tag.attributes[1].1).collect();
    assert_eq!(policies.len(), 1, "one policy");
    let policy = unescaped(policies[0]);
    let is_fixed = |part: &&str| {
        !["img-src", "base-uri", "form-action"]
            .iter()
            .any(|p| part.starts_with(p))
    };
    let mut parts: Vec<&str> = policy.split("; ").filter(is_fixed).collect();
    parts.sort_unstable();
    allowed.sort_unstable();
    assert_eq!(parts, allowed);
    assert!(policy.contains("base-uri 'none'; form-action 'none'"));
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&amp;", "&")
}

/// The texts of the cells of every row of every table, heads included.
pub fn rows(html: &str) -> Vec<Vec<String>> {
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut is_inside = false;
    for tag in tags(html) {
        match (tag.name, tag.closes) {
            ("tr", false) => rows.push(Vec::new()),
            ("td" | "th", false) => {
                is_inside = true;
                rows.last_mut()
                    .expect("a cell is in a row")
                    .push(String::new());
            }
            ("td" | "th", true) => is_inside = false,
            _ => {}
        }
        if is_inside && let Some(cell) = rows.last_mut().and_then(|row| row.last_mut()) {
            cell.push_str(&unescaped(tag.text));
        }
    }
    rows
}

/// The first row in which a cell is this text.
pub fn row_with(html: &str, cell: &str) -> Vec<String> {
    let mut rows = rows(html).into_iter();
    let found = rows.find(|row| row.iter().any(|text| text == cell));
    found.unwrap_or_else(|| panic!("no row has {cell}"))
}

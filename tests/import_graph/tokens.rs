//! Imports, definitions and paths in the text of a file, without what is compiled for tests only.

/// The parts of a path such as `super::plan::Plan`.
pub type Path = Vec<String>;

/// What counts for imports.
pub enum Item {
    /// A path that is imported and the name that it gets; a star for all names.
    Use(Path, String),
    /// A name that the file defines.
    Definition(String),
    /// A path in code.
    Mention(Path),
}

/// Words before the name of a definition.
const DEFINING: [&str; 8] = [
    "fn", "struct", "enum", "trait", "type", "const", "static", "union",
];

/// Returns the items of a file.
pub fn items(text: &str) -> Vec<Item> {
    let tokens = tokens(text);
    let mut items = Vec::new();
    let mut depth = 0;
    let mut at = 0;
    while at < tokens.len() {
        let rest = &tokens[at..];
        let word = rest[0].as_str();
        if starts_with(rest, &["#", "[", "cfg", "(", "test", ")", "]"]) {
            at += 7 + item_length(&rest[7..]);
            continue;
        }
        match word {
            "{" => depth += 1,
            "}" => depth -= 1,
            "pub" if starts_with(&rest[1..], &["("]) => {
                at += rest.iter().position(|token| token == ")").unwrap_or(0);
            }
            "mod" if rest.get(2).is_some_and(|after| after == ";") => at += 2,
            "use" => {
                let end = rest.iter().position(|token| token == ";");
                let end = end.unwrap_or(rest.len());
                tree(&[], &rest[1..end], &mut items);
                at += end;
            }
            _ if depth == 0 && DEFINING.contains(&word) => {
                if let Some(name) = rest.get(1) {
                    items.push(Item::Definition(name.clone()));
                    at += 1;
                }
            }
            _ if is_word(word) => {
                let mut path = vec![word.to_owned()];
                while starts_with(&tokens[at + 1..], &[":", ":"])
                    && tokens.get(at + 3).is_some_and(|part| is_word(part))
                {
                    path.push(tokens[at + 3].clone());
                    at += 3;
                }
                items.push(Item::Mention(path));
            }
            _ => {}
        }
        at += 1;
    }
    items
}

/// Reads one tree of a `use` declaration behind `prefix`.
fn tree(prefix: &[String], tokens: &[String], items: &mut Vec<Item>) {
    let Some(open) = tokens.iter().position(|token| token == "{") else {
        let renamed = tokens.iter().position(|token| token == "as");
        let named = &tokens[..renamed.unwrap_or(tokens.len())];
        let words = named.iter().filter(|token| *token == "*" || is_word(token));
        let mut path = [prefix, &words.cloned().collect::<Path>()].concat();
        path.pop_if(|last| last == "self");
        let name = match renamed {
            Some(at) => tokens.get(at + 1),
            None => path.last(),
        };
        if let Some(name) = name.cloned() {
            items.push(Item::Use(path, name));
        }
        return;
    };
    let words = tokens[..open].iter().filter(|token| is_word(token));
    let prefix = [prefix, &words.cloned().collect::<Path>()].concat();
    let (mut depth, mut start) = (0, open + 1);
    for (at, token) in tokens.iter().enumerate().skip(open + 1) {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth > 0 => depth -= 1,
            "," | "}" if depth == 0 => {
                tree(&prefix, &tokens[start..at], items);
                start = at + 1;
            }
            _ => {}
        }
    }
}

/// The number of tokens of the item at the beginning, up to its semicolon or closing brace.
fn item_length(tokens: &[String]) -> usize {
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at + 1,
            "}" => depth -= 1,
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    tokens.len()
}

fn starts_with(tokens: &[String], wanted: &[&str]) -> bool {
    tokens.len() >= wanted.len() && tokens.iter().zip(wanted).all(|(token, word)| token == word)
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Words and signs, without comments and without what stands in quotation marks.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            raw.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if first == '"' {
            quoted(rest)
        } else if first == '\'' {
            character(rest)
        } else if first.is_alphanumeric() || first == '_' {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            let word = &rest[..end.unwrap_or(rest.len())];
            tokens.push(word.to_owned());
            word.len()
        } else {
            if !first.is_whitespace() {
                tokens.push(first.to_string());
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    tokens
}

/// The length of the string literal at the beginning.
fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of the character literal at the beginning, or of the mark of a lifetime.
fn character(text: &str) -> usize {
    let mut inside = text.char_indices().skip(1);
    match (inside.next(), inside.next()) {
        (Some((_, '\\')), Some((start, c))) => {
            let after = start + c.len_utf8();
            text[after..]
                .find('\'')
                .map_or(text.len(), |end| after + end + 1)
        }
        (Some(_), Some((end, '\''))) => end + 1,
        _ => 1,
    }
}

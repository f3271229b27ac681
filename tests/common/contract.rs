//! The JSON contracts: `docs/schema/NAME.json` holds every key of a document and its types, and is compared key by key.

use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// Checks that documents together have the keys and types of `docs/schema/NAME.json`, no more and no less. Keys under the
/// paths `names` are data, such as names of variables, and not compared.
///
/// Where a difference is meant, this writes the schema again, descriptions kept:
///
///     SPECTRA_UPDATE_CONTRACTS=1 cargo test --release --test commands contracts
///
/// Removing or renaming a key raises the document's `schema_version`; adding one does not.
#[track_caller]
pub fn check(name: &str, documents: &[Value], names: &[&str]) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schema/{name}.json"));
    let committed: Value = std::fs::read(&file).map_or(Value::Null, |bytes| {
        serde_json::from_slice(&bytes).expect("a schema is JSON")
    });
    let all: Vec<&Value> = documents.iter().collect();
    let mut schema = schema(&all, "", names);
    let found = keys(&schema);
    if std::env::var_os("SPECTRA_UPDATE_CONTRACTS").is_some() {
        describe(&mut schema, &committed);
        let mut whole = json!({ "$schema": "https://json-schema.org/draft/2020-12/schema" });
        let head = whole.as_object_mut().unwrap();
        let fields = schema.as_object_mut().unwrap();
        for key in ["title", "description"] {
            if let Some(text) = fields.shift_remove(key) {
                head.insert(key.into(), text);
            }
        }
        head.append(fields);
        let text = serde_json::to_string_pretty(&whole).unwrap() + "\n";
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, text).unwrap();
        return;
    }
    let expected = keys(&committed);
    let lost: Vec<_> = expected.difference(&found).collect();
    let new: Vec<_> = found.difference(&expected).collect();
    assert!(
        lost.is_empty() && new.is_empty(),
        "{name}: the document and its schema differ\nonly in {file:?}: {lost:#?}\nonly in the document: {new:#?}\n\
         if that is meant: SPECTRA_UPDATE_CONTRACTS=1 cargo test --release --test commands contracts"
    );
}

/// The schema of all these values, which stand at `path`.
fn schema(values: &[&Value], path: &str, names: &[&str]) -> Value {
    let mut schema = Map::new();
    let types: BTreeSet<&str> = values.iter().map(|value| type_of(value)).collect();
    // every integer is a number
    let is_wider = |name: &&&str| **name != "integer" || !types.contains("number");
    let types: Vec<&str> = types.iter().filter(is_wider).copied().collect();
    match types[..] {
        [] => {}
        [one] => drop(schema.insert("type".into(), one.into())),
        _ => drop(schema.insert("type".into(), types.clone().into())),
    }
    let objects: Vec<&Map<String, Value>> = values.iter().filter_map(|x| x.as_object()).collect();
    if !objects.is_empty() && names.contains(&path) {
        let inner: Vec<&Value> = objects.iter().flat_map(|object| object.values()).collect();
        let inner = schema_of_entries(&inner, path, names);
        schema.insert("additionalProperties".into(), inner);
    } else if !objects.is_empty() {
        let mut order: Vec<&String> = Vec::new();
        for key in objects.iter().flat_map(|object| object.keys()) {
            if !order.contains(&key) {
                order.push(key);
            }
        }
        let mut properties = Map::new();
        for key in &order {
            let inner: Vec<&Value> = objects
                .iter()
                .filter_map(|object| object.get(*key))
                .collect();
            let path = format!("{path}.{key}");
            properties.insert((*key).clone(), self::schema(&inner, &path, names));
        }
        let required = order
            .iter()
            .filter(|key| objects.iter().all(|object| object.contains_key(**key)));
        let required: Vec<Value> = required.map(|key| key.as_str().into()).collect();
        schema.insert("properties".into(), properties.into());
        schema.insert("required".into(), required.into());
    }
    let items: Vec<&Value> = values
        .iter()
        .filter_map(|x| x.as_array())
        .flatten()
        .collect();
    if !items.is_empty() {
        let inner = self::schema(&items, &format!("{path}[]"), names);
        schema.insert("items".into(), inner);
    }
    schema.into()
}

/// The schema of what stands under keys that are data.
fn schema_of_entries(values: &[&Value], path: &str, names: &[&str]) -> Value {
    schema(values, &format!("{path}.*"), names)
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// A line for each key of a schema: its path, its types, and whether it may be absent.
fn keys(schema: &Value) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    collect(schema, "", "", &mut lines);
    lines
}

fn collect(schema: &Value, path: &str, note: &str, lines: &mut BTreeSet<String>) {
    let types: Vec<&str> = match &schema["type"] {
        Value::Array(types) => types.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    lines.insert(format!("{path}: {}{note}", types.join(" or ")));
    for (key, inner) in schema["properties"].as_object().into_iter().flatten() {
        let required = schema["required"].as_array().into_iter().flatten();
        let is_required = required.into_iter().any(|name| name == key);
        let note = if is_required { "" } else { ", may be absent" };
        collect(inner, &format!("{path}.{key}"), note, lines);
    }
    if schema["additionalProperties"].is_object() {
        let inner = &schema["additionalProperties"];
        collect(inner, &format!("{path}.*"), "", lines);
    }
    if schema["items"].is_object() {
        collect(&schema["items"], &format!("{path}[]"), "", lines);
    }
}

/// Takes over the descriptions that people wrote.
fn describe(schema: &mut Value, committed: &Value) {
    let Some(fields) = schema.as_object_mut() else {
        return;
    };
    for key in ["title", "description"] {
        if let Some(text) = committed.get(key) {
            fields.insert(key.into(), text.clone());
        }
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = fields.get_mut(key) {
            describe(inner, &committed[key]);
        }
    }
    if let Some(properties) = fields.get_mut("properties").and_then(Value::as_object_mut) {
        for (key, inner) in properties {
            describe(inner, &committed["properties"][key]);
        }
    }
}

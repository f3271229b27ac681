//! The way through a pickle's graph to its tensors.

use super::rebuild::{self, Rebuilt};
use crate::weights::error::Fault;
use crate::weights::escape::escape;
use crate::weights::pickle::{Graph, Node, Value};

/// Containers inside containers.
const DEEPEST: usize = 1000;
/// Tensors of one file.
const MOST_TENSORS: usize = 300_000;
/// Bytes of the longest name: one long key may stand at every level.
const LONGEST_NAME: usize = 4 << 20;
/// Objects and tensors that are visited again, under other names, in all.
const MOST_AGAIN: usize = 50_000;
/// Repeated objects that are mentioned.
const MOST_WARNINGS: usize = 100;

/// Parts of a module that are not part of its tensors' names.
const SILENT: [&[u8]; 3] = [b"_modules", b"_parameters", b"_buffers"];

/// A walk in the order of the pickle, without recursion. A container that has several names is entered under each, up to
/// [`MOST_AGAIN`]: a graph may have exponentially many paths.
pub(super) struct Walk<'a> {
    graph: &'a Graph<'a>,
    /// From the root to here.
    path: Vec<Level>,
    /// By node.
    seen: Vec<Seen>,
    tensors: usize,
    /// Values visited.
    visits: usize,
    /// Those of them that were visited before.
    again: usize,
}

/// A container that is being walked.
struct Level {
    key: Value,
    node: u32,
    /// Children already visited.
    visited: usize,
    /// Tensors found, and values visited, before it was entered.
    before: (usize, usize),
}

#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Never,
    Inside,
    Left { has_tensors: bool, visits: usize },
}

impl<'a> Walk<'a> {
    pub(super) fn new(graph: &'a Graph<'a>) -> Self {
        Walk {
            graph,
            path: Vec::new(),
            seen: vec![Seen::Never; graph.nodes.len()],
            tensors: 0,
            visits: 0,
            again: 0,
        }
    }

    /// Hands every tensor and its name to `found`; returns warnings.
    pub(super) fn run(
        mut self,
        found: &mut dyn FnMut(String, Rebuilt) -> Result<(), Fault>,
    ) -> Result<Vec<String>, Fault> {
        let mut warnings = Vec::new();
        self.visit(Value::None, self.graph.root, found, &mut warnings)?;
        while let Some(level) = self.path.last_mut() {
            let child = child(self.graph, level.node, level.visited);
            level.visited += 1;
            if let Some((key, value)) = child {
                self.visit(key, value, found, &mut warnings)?;
            } else {
                let (tensors, visits) = level.before;
                self.seen[level.node as usize] = Seen::Left {
                    has_tensors: self.tensors > tensors,
                    visits: self.visits - visits,
                };
                self.path.pop();
            }
        }
        Ok(warnings)
    }

    /// Hands on a tensor, or enters a container.
    fn visit(
        &mut self,
        key: Value,
        value: Value,
        found: &mut dyn FnMut(String, Rebuilt) -> Result<(), Fault>,
        warnings: &mut Vec<String>,
    ) -> Result<(), Fault> {
        let Value::Node(node) = value else {
            return Ok(());
        };
        self.visits += 1;
        if let Some(rebuilt) = rebuild::recognise(self.graph, value) {
            self.tensors += 1;
            if self.tensors > MOST_TENSORS {
                return Err(Fault::malformed(format!(
                    "more than {MOST_TENSORS} tensors"
                )));
            }
            found(self.name(key)?, rebuilt)?;
            // What was set on it may be tensors too.
            return match rebuild::attributes(self.graph, value) {
                Some(attributes) => self.visit(key, attributes, found, warnings),
                None => Ok(()),
            };
        }
        if let Some(Node::Persistent(_)) = self.graph.node(value) {
            let reason =
                "a storage without a tensor: its numbers have no shape; save a tensor of it";
            return found(self.name(key)?, Rebuilt::Broken(reason.into()));
        }
        match self.seen[node as usize] {
            Seen::Never => self.enter(key, node),
            // A child that knows its parent, for instance.
            Seen::Inside => Ok(()),
            Seen::Left {
                has_tensors: true,
                visits,
            } if visits <= MOST_AGAIN - self.again => {
                self.again += visits;
                self.enter(key, node)
            }
            Seen::Left {
                has_tensors: true, ..
            } if warnings.len() < MOST_WARNINGS => {
                warnings.push(format!(
                    "'{}' is an object that was listed before; its tensors are not repeated",
                    escape(&self.name(key)?)
                ));
                Ok(())
            }
            Seen::Left { .. } => Ok(()),
        }
    }

    /// Enters a container.
    fn enter(&mut self, key: Value, node: u32) -> Result<(), Fault> {
        if self.path.len() == DEEPEST {
            return Err(Fault::malformed(format!(
                "objects are nested more than {DEEPEST} deep"
            )));
        }
        self.seen[node as usize] = Seen::Inside;
        self.path.push(Level {
            key,
            node,
            visited: 0,
            before: (self.tensors, self.visits),
        });
        Ok(())
    }

    /// The keys from the root to `last`, joined by dots. The root itself has none.
    fn name(&self, last: Value) -> Result<String, Fault> {
        let mut name = String::new();
        let inner = self.path.iter().map(|level| level.key).skip(1);
        let last = (!self.path.is_empty()).then_some(last);
        for key in inner.chain(last) {
            let part = match key {
                Value::Text(span) if SILENT.contains(&self.graph.slice(span)) => continue,
                Value::Text(span) if self.graph.slice(span).len() > LONGEST_NAME => {
                    return Err(too_long());
                }
                Value::Text(span) => self.graph.text(span),
                Value::Int(number) => number.to_string().into(),
                _ => "?".into(),
            };
            if name.len() + part.len() > LONGEST_NAME {
                return Err(too_long());
            }
            if !name.is_empty() {
                name.push('.');
            }
            name.push_str(&part);
        }
        Ok(if name.is_empty() {
            "tensor".into()
        } else {
            name
        })
    }
}

/// Child number `index` of a container with its key: of a call, its arguments, what was appended
/// to it, what was set in it, and its state.
fn child(graph: &Graph<'_>, node: u32, index: usize) -> Option<(Value, Value)> {
    let numbered = |values: &[Value], index: usize| {
        let value = values.get(index)?;
        Some((Value::Int(index as i64), *value))
    };
    let call = match graph.nodes.get(node as usize)? {
        Node::Tuple(values) | Node::List(values) => return numbered(values, index),
        Node::Dict(pairs) => return pairs.get(index).copied(),
        Node::Call(call) => call,
        Node::Global(..) | Node::Persistent(_) => return None,
    };
    let is_ordered = graph.global(call.callable) == Some((b"collections", b"OrderedDict"));
    let arguments = graph.sequence(call.arguments).unwrap_or_default();
    // OrderedDict([(key, value), …]), as Python 2 wrote it.
    let listed = match arguments {
        [list] if is_ordered => graph.sequence(*list).unwrap_or_default(),
        _ => arguments,
    };
    let mut index = index;
    if let Some(&value) = listed.get(index) {
        return match graph.sequence(value) {
            Some(&[key, value]) if is_ordered => Some((key, value)),
            _ => numbered(listed, index),
        };
    }
    index -= listed.len();
    if let Some(element) = numbered(&call.elements, index) {
        return Some(element);
    }
    index -= call.elements.len();
    if let Some(&pair) = call.pairs.get(index) {
        return Some(pair);
    }
    index -= call.pairs.len();
    // An OrderedDict's own attributes hold the versions of modules.
    match graph.node(call.state)? {
        Node::Dict(pairs) if !is_ordered => pairs.get(index).copied(),
        Node::Tuple(values) if !is_ordered => numbered(values, index),
        _ => None,
    }
}

fn too_long() -> Fault {
    Fault::malformed(format!(
        "a tensor has a name of more than {LONGEST_NAME} bytes"
    ))
}

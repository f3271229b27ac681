//! The way through a pickle's graph to its tensors.

use std::collections::HashMap;

use super::error::Fault;
use super::escape::escape;
use super::pickle::{Graph, Node, Value};
use super::rebuild::{self, Rebuilt};

/// Containers inside containers.
const DEEPEST: usize = 1000;
/// Tensors of one file.
const MOST_TENSORS: usize = 1_000_000;
/// Bytes of the longest name: one long key may stand at every level.
const LONGEST_NAME: usize = 4 << 20;

/// Parts of a module that are not part of its tensors' names.
const SILENT: [&[u8]; 3] = [b"_modules", b"_parameters", b"_buffers"];

/// A walk in the order of the pickle, without recursion. Every container is entered once, so a
/// graph whose paths are exponentially many takes linear time.
pub(super) struct Walk<'a> {
    graph: &'a Graph<'a>,
    steps: Vec<Step>,
    /// Keys from the root to here.
    path: Vec<Value>,
    seen: HashMap<u32, Seen>,
    tensors: usize,
}

enum Step {
    Enter { key: Value, value: Value },
    Leave { node: u32, tensors_before: usize },
}

enum Seen {
    Inside,
    Left { has_tensors: bool },
}

impl<'a> Walk<'a> {
    pub(super) fn new(graph: &'a Graph<'a>) -> Self {
        Walk {
            graph,
            steps: vec![Step::Enter {
                key: Value::None,
                value: graph.root,
            }],
            path: Vec::new(),
            seen: HashMap::new(),
            tensors: 0,
        }
    }

    /// Hands every tensor and its name to `found`; returns warnings.
    pub(super) fn run(
        mut self,
        found: &mut dyn FnMut(String, Rebuilt) -> Result<(), Fault>,
    ) -> Result<Vec<String>, Fault> {
        let mut warnings = Vec::new();
        while let Some(step) = self.steps.pop() {
            let (key, value) = match step {
                Step::Enter { key, value } => (key, value),
                Step::Leave {
                    node,
                    tensors_before,
                } => {
                    let has_tensors = self.tensors > tensors_before;
                    self.seen.insert(node, Seen::Left { has_tensors });
                    self.path.pop();
                    continue;
                }
            };
            let Value::Node(node) = value else { continue };
            self.path.push(key);
            if let Some(rebuilt) = rebuild::recognise(self.graph, value)? {
                self.tensors += 1;
                if self.tensors > MOST_TENSORS {
                    return Err(Fault::malformed(format!(
                        "more than {MOST_TENSORS} tensors"
                    )));
                }
                found(self.name()?, rebuilt)?;
                self.path.pop();
                continue;
            }
            match self.seen.get(&node) {
                Some(Seen::Inside) => {
                    return Err(Fault::malformed(format!(
                        "'{}' contains itself",
                        escape(&self.name()?)
                    )));
                }
                Some(Seen::Left { has_tensors }) => {
                    if *has_tensors && warnings.len() < 100 {
                        warnings.push(format!(
                            "'{}' is an object that was listed before; its tensors are not \
                             repeated",
                            escape(&self.name()?)
                        ));
                    }
                    self.path.pop();
                    continue;
                }
                None => {}
            }
            if self.path.len() > DEEPEST {
                return Err(Fault::malformed(format!(
                    "objects are nested more than {DEEPEST} deep"
                )));
            }
            self.seen.insert(node, Seen::Inside);
            self.steps.push(Step::Leave {
                node,
                tensors_before: self.tensors,
            });
            let first = self.steps.len();
            self.push_children(value);
            self.steps[first..].reverse();
        }
        Ok(warnings)
    }

    fn push_children(&mut self, value: Value) {
        let graph = self.graph;
        match graph.node(value) {
            Some(Node::Tuple(values) | Node::List(values)) => self.push_numbered(values),
            Some(Node::Dict(pairs)) => self.push_pairs(pairs),
            Some(Node::Call(call)) => {
                let is_ordered = graph
                    .global(call.callable)
                    .is_some_and(|global| global == (b"collections", b"OrderedDict"));
                if is_ordered {
                    self.push_ordered(call.arguments);
                } else if let Some(arguments) = graph.sequence(call.arguments) {
                    self.push_numbered(arguments);
                }
                self.push_numbered(&call.elements);
                self.push_pairs(&call.pairs);
                // An OrderedDict's own attributes hold the versions of modules.
                match graph.node(call.state) {
                    Some(Node::Dict(pairs)) if !is_ordered => self.push_pairs(pairs),
                    Some(Node::Tuple(values)) if !is_ordered => self.push_numbered(values),
                    _ => {}
                }
            }
            Some(Node::Global(..) | Node::Persistent(_)) | None => {}
        }
    }

    /// `OrderedDict([(key, value), …])`, as Python 2 wrote it.
    fn push_ordered(&mut self, arguments: Value) {
        let graph = self.graph;
        let list = match graph.sequence(arguments) {
            Some([list]) => graph.sequence(*list).unwrap_or_default(),
            _ => return,
        };
        for item in list {
            if let Some(&[key, value]) = graph.sequence(*item) {
                self.steps.push(Step::Enter { key, value });
            }
        }
    }

    fn push_numbered(&mut self, values: &[Value]) {
        let entries = values
            .iter()
            .enumerate()
            .map(|(index, &value)| Step::Enter {
                key: Value::Int(index as i64),
                value,
            });
        self.steps.extend(entries);
    }

    fn push_pairs(&mut self, pairs: &[(Value, Value)]) {
        let entries = pairs.iter().map(|&(key, value)| Step::Enter { key, value });
        self.steps.extend(entries);
    }

    /// The keys from the root, joined by dots. The root itself has none.
    fn name(&self) -> Result<String, Fault> {
        let mut name = String::new();
        for key in self.path.iter().skip(1) {
            let part = match key {
                Value::Text(span) if SILENT.contains(&self.graph.slice(*span)) => continue,
                Value::Text(span) if self.graph.slice(*span).len() > LONGEST_NAME => {
                    return Err(too_long());
                }
                Value::Text(span) => self.graph.text(*span),
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
        Ok(match name.is_empty() {
            true => "tensor".into(),
            false => name,
        })
    }
}

fn too_long() -> Fault {
    Fault::malformed(format!(
        "a tensor has a name of more than {LONGEST_NAME} bytes"
    ))
}

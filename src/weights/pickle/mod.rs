//! Pickles read without running them.
//!
//! A pickle is a program for a stack machine whose instructions may import and call anything.
//! This machine writes the calls down and makes none: the result is a graph of containers,
//! constants, names of globals, and calls with their arguments. Opcodes:
//! <https://github.com/python/cpython/blob/main/Lib/pickletools.py>, protocols 0 to 5.
//!
//! This is the graph; [`machine`] makes it. Time and memory are
//! linear in the pickle: every value is an index into it or into the list of nodes, and a shared
//! value stays shared.

mod bytes;
mod machine;
mod memo;
mod stack;

pub use machine::interpret;

use std::borrow::Cow;

/// A piece of the pickle's bytes.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    pub start: u32,
    pub length: u32,
}

#[derive(Debug, Clone, Copy)]
pub enum Value {
    None,
    Int(i64),
    Bool(bool),
    /// A float or a large integer: nothing that a tensor is built of.
    Opaque,
    Text(Span),
    Bytes(Span),
    Node(u32),
}

#[derive(Debug)]
pub enum Node {
    Tuple(Vec<Value>),
    /// A list or a set.
    List(Vec<Value>),
    Dict(Vec<(Value, Value)>),
    Global(Span, Span),
    Persistent(Value),
    Call(Box<Call>),
}

/// A call that was not made, and what was then done to its result.
#[derive(Debug)]
pub struct Call {
    pub callable: Value,
    pub arguments: Value,
    pub pairs: Vec<(Value, Value)>,
    pub elements: Vec<Value>,
    pub state: Value,
}

/// The graph that a pickle describes.
#[derive(Debug)]
pub struct Graph<'a> {
    /// The pickle, up to and with its STOP.
    pub bytes: &'a [u8],
    pub nodes: Vec<Node>,
    pub root: Value,
}

impl<'a> Graph<'a> {
    pub fn node(&self, value: Value) -> Option<&Node> {
        match value {
            Value::Node(index) => self.nodes.get(index as usize),
            _ => None,
        }
    }

    pub fn slice(&self, span: Span) -> &'a [u8] {
        let start = span.start as usize;
        &self.bytes[start..start + span.length as usize]
    }

    pub fn text(&self, span: Span) -> Cow<'a, str> {
        String::from_utf8_lossy(self.slice(span))
    }

    pub fn sequence(&self, value: Value) -> Option<&[Value]> {
        match self.node(value)? {
            Node::Tuple(values) | Node::List(values) => Some(values),
            _ => None,
        }
    }

    /// Module and name of a global.
    pub fn global(&self, value: Value) -> Option<(&'a [u8], &'a [u8])> {
        match self.node(value)? {
            Node::Global(module, name) => Some((self.slice(*module), self.slice(*name))),
            _ => None,
        }
    }
}

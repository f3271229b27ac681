//! Pickles read without running them.
//!
//! A pickle is a program for a stack machine whose instructions may import and call anything.
//! This machine writes the calls down and makes none: the result is a graph of containers,
//! constants, names of globals, and calls with their arguments. Opcodes:
//! <https://github.com/python/cpython/blob/main/Lib/pickletools.py>, protocols 0 to 5.
//!
//! Time and memory are linear in the pickle: every value is an index into it or into the
//! list of nodes, and a shared value stays shared.

use std::borrow::Cow;
use std::collections::HashMap;

use super::error::Fault;

/// Marks that may be open at once.
const DEEPEST: usize = 1000;
/// Instructions of the longest program: some 100,000 tensors take six million.
const MOST_STEPS: usize = 8_000_000;

/// A piece of the pickle's bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    start: u32,
    length: u32,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    None,
    Int(i64),
    /// A boolean, a float, a large integer, bytes: nothing that a tensor is built of.
    Opaque,
    Text(Span),
    Node(u32),
}

#[derive(Debug)]
pub(super) enum Node {
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
pub(super) struct Call {
    pub(super) callable: Value,
    pub(super) arguments: Value,
    pub(super) pairs: Vec<(Value, Value)>,
    pub(super) elements: Vec<Value>,
    pub(super) state: Value,
}

/// What a pickle describes.
#[derive(Debug)]
pub(super) struct Graph<'a> {
    bytes: &'a [u8],
    pub(super) nodes: Vec<Node>,
    pub(super) root: Value,
}

impl<'a> Graph<'a> {
    pub(super) fn node(&self, value: Value) -> Option<&Node> {
        match value {
            Value::Node(index) => self.nodes.get(index as usize),
            _ => None,
        }
    }

    pub(super) fn bytes(&self, span: Span) -> &'a [u8] {
        let start = span.start as usize;
        &self.bytes[start..start + span.length as usize]
    }

    pub(super) fn text(&self, span: Span) -> Cow<'a, str> {
        String::from_utf8_lossy(self.bytes(span))
    }

    pub(super) fn sequence(&self, value: Value) -> Option<&[Value]> {
        match self.node(value)? {
            Node::Tuple(values) | Node::List(values) => Some(values),
            _ => None,
        }
    }

    /// Module and name of a global.
    pub(super) fn global(&self, value: Value) -> Option<(&'a [u8], &'a [u8])> {
        match self.node(value)? {
            Node::Global(module, name) => Some((self.bytes(*module), self.bytes(*name))),
            _ => None,
        }
    }
}

/// Reads a whole pickle. Offsets in faults count from its beginning.
pub(super) fn interpret(bytes: &[u8]) -> Result<Graph<'_>, Fault> {
    if u32::try_from(bytes.len()).is_err() {
        return Err(Fault::malformed("the pickle has more than 2^32 bytes"));
    }
    let mut machine = Machine {
        bytes,
        at: 0,
        stack: Vec::new(),
        marks: Vec::new(),
        memo: HashMap::new(),
        nodes: Vec::new(),
    };
    for _ in 0..MOST_STEPS {
        let start = machine.at;
        let fault = |fault: Fault| fault.at(start as u64);
        if let Some(root) = machine.step().map_err(fault)? {
            return Ok(Graph {
                bytes,
                nodes: machine.nodes,
                root,
            });
        }
    }
    Err(Fault::malformed(format!(
        "the pickle has more than {MOST_STEPS} instructions"
    )))
}

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    stack: Vec<Value>,
    /// Heights of the stack at the open marks.
    marks: Vec<usize>,
    memo: HashMap<u32, Value>,
    nodes: Vec<Node>,
}

impl Machine<'_> {
    /// One instruction; the result of the program at its STOP.
    fn step(&mut self) -> Result<Option<Value>, Fault> {
        let [opcode] = self.array()?;
        match opcode {
            b'.' => return self.pop().map(Some),
            0x80 => {
                let [protocol] = self.array()?;
                if protocol > 5 {
                    return Err(Fault::malformed(format!(
                        "pickle protocol {protocol} is unknown; 0 to 5 are read"
                    )));
                }
            }
            0x95 => {
                let length = self.length::<8>()?;
                if length > self.bytes.len() - self.at {
                    return Err(self.too_long(length));
                }
            }
            b'(' => {
                if self.marks.len() == DEEPEST {
                    return Err(Fault::malformed(format!("more than {DEEPEST} open marks")));
                }
                self.marks.push(self.stack.len());
            }
            b'0' => {
                // POP takes a mark when nothing stands above it.
                if self.marks.last() == Some(&self.stack.len()) {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            b'1' => drop(self.pop_mark()?),
            b'2' => {
                let top = self.top()?;
                self.stack.push(top);
            }
            b'N' | 0x88 | 0x89 | b'I' | b'J' | b'K' | b'L' | b'M' | b'F' | b'G' | 0x8a | 0x8b => {
                let value = self.number(opcode)?;
                self.stack.push(value);
            }
            b'S' | b'T' | b'U' | b'V' | b'X' | b'B' | b'C' | 0x8c | 0x8d | 0x8e | 0x96 => {
                let value = self.string(opcode)?;
                self.stack.push(value);
            }
            b'p' | b'q' | b'r' | 0x94 | b'g' | b'h' | b'j' => self.memory(opcode)?,
            b'c' | 0x93 | b'P' | b'Q' | b'R' | b'i' | b'o' | 0x81 | 0x92 | b'b' => {
                self.object(opcode)?;
            }
            b')' | b't' | 0x85 | 0x86 | 0x87 | b']' | b'l' | b'a' | b'e' | b'}' | b'd' | b's'
            | b'u' | 0x8f | 0x90 | 0x91 => self.container(opcode)?,
            _ => {
                return Err(Fault::malformed(format!(
                    "pickle instruction {opcode:02x} is unknown or not read"
                )));
            }
        }
        Ok(None)
    }

    fn number(&mut self, opcode: u8) -> Result<Value, Fault> {
        Ok(match opcode {
            b'N' => Value::None,
            0x88 | 0x89 => Value::Opaque,
            b'J' => Value::Int(i32::from_le_bytes(self.array()?).into()),
            b'K' => Value::Int(self.length::<1>()? as i64),
            b'M' => Value::Int(self.length::<2>()? as i64),
            b'I' | b'L' => {
                let line = self.line()?;
                let text = String::from_utf8_lossy(self.span_bytes(line));
                // Booleans are written as I00 and I01.
                match (opcode, &*text) {
                    (b'I', "00" | "01") => Value::Opaque,
                    _ => text
                        .trim_end_matches('L')
                        .parse()
                        .map_or(Value::Opaque, Value::Int),
                }
            }
            b'F' => {
                self.line()?;
                Value::Opaque
            }
            b'G' => {
                self.array::<8>()?;
                Value::Opaque
            }
            _ => {
                let length = match opcode {
                    0x8a => self.length::<1>()?,
                    _ => self.length::<4>()?,
                };
                let span = self.take(length)?;
                let bytes = self.span_bytes(span);
                let sign = if bytes.last().is_some_and(|&b| b >= 0x80) {
                    0xff
                } else {
                    0
                };
                let mut wide = [sign; 8];
                match bytes.len() {
                    0..=8 => {
                        wide[..bytes.len()].copy_from_slice(bytes);
                        Value::Int(i64::from_le_bytes(wide))
                    }
                    _ => Value::Opaque,
                }
            }
        })
    }

    fn string(&mut self, opcode: u8) -> Result<Value, Fault> {
        let length = match opcode {
            b'V' => return self.line().map(Value::Text),
            b'S' => {
                let mut line = self.line()?;
                let bytes = self.span_bytes(line);
                if let [b'\'' | b'"', .., b'\'' | b'"'] = bytes {
                    line.start += 1;
                    line.length -= 2;
                }
                return Ok(Value::Text(line));
            }
            b'U' | b'C' | 0x8c => self.length::<1>()?,
            b'T' | b'X' | b'B' => self.length::<4>()?,
            _ => self.length::<8>()?,
        };
        let span = self.take(length)?;
        Ok(match opcode {
            b'B' | b'C' | 0x8e | 0x96 => Value::Opaque,
            _ => Value::Text(span),
        })
    }

    fn memory(&mut self, opcode: u8) -> Result<(), Fault> {
        let key = match opcode {
            0x94 => self.memo.len(),
            b'q' | b'h' => self.length::<1>()?,
            b'r' | b'j' => self.length::<4>()?,
            _ => {
                let line = self.line()?;
                let text = String::from_utf8_lossy(self.span_bytes(line));
                let key = text.parse();
                key.map_err(|_| Fault::malformed("a memo entry without a number"))?
            }
        };
        let key = u32::try_from(key)
            .map_err(|_| Fault::malformed(format!("memo entry {key} is beyond 2^32")))?;
        if matches!(opcode, b'g' | b'h' | b'j') {
            let value = self.memo.get(&key).copied();
            let missing = || Fault::malformed(format!("memo entry {key} was never stored"));
            self.stack.push(value.ok_or_else(missing)?);
        } else {
            let top = self.top()?;
            self.memo.insert(key, top);
        }
        Ok(())
    }

    fn object(&mut self, opcode: u8) -> Result<(), Fault> {
        match opcode {
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.push(Node::Global(module, name));
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (Value::Text(module), Value::Text(name)) = (module, name) else {
                    return Err(Fault::malformed("a global whose name is not text"));
                };
                self.push(Node::Global(module, name));
            }
            b'P' => {
                let line = self.line()?;
                self.push(Node::Persistent(Value::Text(line)));
            }
            b'Q' => {
                let id = self.pop()?;
                self.push(Node::Persistent(id));
            }
            b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                let arguments = self.pop_mark()?;
                self.push(Node::Global(module, name));
                let callable = self.pop()?;
                self.call(callable, arguments);
            }
            b'o' => {
                let mut values = self.pop_mark()?;
                if values.is_empty() {
                    return Err(Fault::malformed("an object without a class"));
                }
                let callable = values.remove(0);
                self.call(callable, values);
            }
            b'b' => {
                let state = self.pop()?;
                // The state of what is not a call (a list, say) says nothing of tensors.
                if let Some(Node::Call(call)) = self.top_node()? {
                    call.state = state;
                }
            }
            _ => {
                if opcode == 0x92 {
                    self.pop()?;
                }
                let (arguments, callable) = (self.pop()?, self.pop()?);
                self.push_call(callable, arguments);
            }
        }
        Ok(())
    }

    fn call(&mut self, callable: Value, arguments: Vec<Value>) {
        let arguments = self.add(Node::Tuple(arguments));
        self.push_call(callable, arguments);
    }

    fn push_call(&mut self, callable: Value, arguments: Value) {
        self.push(Node::Call(Box::new(Call {
            callable,
            arguments,
            pairs: Vec::new(),
            elements: Vec::new(),
            state: Value::None,
        })));
    }

    fn container(&mut self, opcode: u8) -> Result<(), Fault> {
        match opcode {
            b')' => self.push(Node::Tuple(Vec::new())),
            b']' | 0x8f => self.push(Node::List(Vec::new())),
            b'}' => self.push(Node::Dict(Vec::new())),
            0x85..=0x87 => {
                let count = usize::from(opcode - 0x84);
                if self.stack.len() - self.fence() < count {
                    return Err(underflow());
                }
                let values = self.stack.split_off(self.stack.len() - count);
                self.push(Node::Tuple(values));
            }
            b't' => {
                let values = self.pop_mark()?;
                self.push(Node::Tuple(values));
            }
            b'l' | 0x91 => {
                let values = self.pop_mark()?;
                self.push(Node::List(values));
            }
            b'd' => {
                let values = self.pop_mark()?;
                self.push(Node::Dict(pair(&values)?));
            }
            b'a' => {
                let value = self.pop()?;
                self.append(&[value])?;
            }
            b'e' | 0x90 => {
                let values = self.pop_mark()?;
                self.append(&values)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set(&[key, value])?;
            }
            _ => {
                let values = self.pop_mark()?;
                self.set(&values)?;
            }
        }
        Ok(())
    }

    fn append(&mut self, values: &[Value]) -> Result<(), Fault> {
        let list = match self.top_node()? {
            Some(Node::List(list)) => list,
            Some(Node::Call(call)) => &mut call.elements,
            _ => return Err(Fault::malformed("elements appended to what is no list")),
        };
        list.extend_from_slice(values);
        Ok(())
    }

    fn set(&mut self, values: &[Value]) -> Result<(), Fault> {
        let entries = match self.top_node()? {
            Some(Node::Dict(entries)) => entries,
            Some(Node::Call(call)) => &mut call.pairs,
            _ => return Err(Fault::malformed("entries set in what is no dictionary")),
        };
        entries.extend(pair(values)?);
        Ok(())
    }

    fn add(&mut self, node: Node) -> Value {
        // There are fewer nodes than bytes, and those fit in 32 bits.
        let index = self.nodes.len() as u32;
        self.nodes.push(node);
        Value::Node(index)
    }

    fn push(&mut self, node: Node) {
        let value = self.add(node);
        self.stack.push(value);
    }

    /// Values below the last mark cannot be reached.
    fn fence(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Value, Fault> {
        self.stack[self.fence()..]
            .last()
            .copied()
            .ok_or_else(underflow)
    }

    fn top_node(&mut self) -> Result<Option<&mut Node>, Fault> {
        match self.top()? {
            Value::Node(index) => Ok(self.nodes.get_mut(index as usize)),
            _ => Ok(None),
        }
    }

    fn pop(&mut self) -> Result<Value, Fault> {
        let top = self.top()?;
        self.stack.pop();
        Ok(top)
    }

    fn pop_mark(&mut self) -> Result<Vec<Value>, Fault> {
        let mark = self.marks.pop();
        let mark = mark.ok_or_else(|| Fault::malformed("a mark is missing on the stack"))?;
        Ok(self.stack.split_off(mark))
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let rest = &self.bytes[self.at..];
        let chunk = rest.first_chunk().copied();
        self.at += N.min(rest.len());
        chunk.ok_or_else(|| {
            Fault::malformed("the pickle ends without its STOP instruction; it is cut short")
        })
    }

    /// An unsigned little-endian integer of `N` bytes.
    fn length<const N: usize>(&mut self) -> Result<usize, Fault> {
        let bytes: [u8; N] = self.array()?;
        let value = bytes
            .iter()
            .rev()
            .fold(0, |n, &byte| n << 8 | u64::from(byte));
        usize::try_from(value).map_err(|_| Fault::malformed("a length beyond this machine"))
    }

    fn take(&mut self, length: usize) -> Result<Span, Fault> {
        if length > self.bytes.len() - self.at {
            return Err(self.too_long(length));
        }
        let span = self.span(self.at, length);
        self.at += length;
        Ok(span)
    }

    fn too_long(&self, length: usize) -> Fault {
        Fault::malformed(format!(
            "declares a piece of {length} bytes, but {} are left in the pickle",
            self.bytes.len() - self.at
        ))
    }

    /// The bytes up to the next line feed, without it.
    fn line(&mut self) -> Result<Span, Fault> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().position(|&byte| byte == b'\n');
        let length = length.ok_or_else(|| Fault::malformed("a line that does not end"))?;
        let span = self.span(self.at, length);
        self.at += length + 1;
        Ok(span)
    }

    /// `interpret` has checked that offsets fit.
    fn span(&self, start: usize, length: usize) -> Span {
        Span {
            start: start as u32,
            length: length as u32,
        }
    }

    fn span_bytes(&self, span: Span) -> &[u8] {
        let start = span.start as usize;
        &self.bytes[start..start + span.length as usize]
    }
}

fn underflow() -> Fault {
    Fault::malformed("the stack is empty where a value is needed")
}

fn pair(values: &[Value]) -> Result<Vec<(Value, Value)>, Fault> {
    let (pairs, rest) = values.as_chunks::<2>();
    match rest {
        [] => Ok(pairs.iter().map(|&[key, value]| (key, value)).collect()),
        _ => Err(Fault::malformed("a key without a value")),
    }
}

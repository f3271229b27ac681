//! The stack machine that reads a pickle into a [`Graph`].

use super::bytes::Bytes;
use super::memo::Memo;
use super::stack::Stack;
use super::{Call, Graph, Node, Value};
use crate::weights::error::Fault;

/// Instructions of the longest program: some 100,000 tensors take six million.
const MOST_STEPS: usize = 8_000_000;

/// Reads a whole pickle. Offsets in faults count from its beginning.
pub fn interpret(bytes: &[u8]) -> Result<Graph<'_>, Fault> {
    let mut machine = Machine {
        bytes: Bytes::new(bytes)?,
        stack: Stack::default(),
        memo: Memo::default(),
        nodes: Vec::new(),
    };
    for _ in 0..MOST_STEPS {
        let start = machine.bytes.at();
        let fault = |fault: Fault| fault.at(start as u64);
        if let Some(root) = machine.step().map_err(fault)? {
            return Ok(Graph {
                bytes: &bytes[..machine.bytes.at()],
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
    bytes: Bytes<'a>,
    stack: Stack,
    memo: Memo,
    nodes: Vec<Node>,
}

impl Machine<'_> {
    /// One instruction; the result of the program at its STOP.
    fn step(&mut self) -> Result<Option<Value>, Fault> {
        let [opcode] = self.bytes.array()?;
        match opcode {
            b'.' => return self.stack.pop().map(Some),
            0x80 => {
                let [protocol] = self.bytes.array()?;
                if protocol > 5 {
                    return Err(Fault::malformed(format!(
                        "pickle protocol {protocol} is unknown; 0 to 5 are read"
                    )));
                }
            }
            0x95 => {
                let length = self.bytes.length::<8>()?;
                self.bytes.check(length)?;
            }
            b'(' => self.stack.mark()?,
            b'0' => self.stack.drop_top()?,
            b'1' => drop(self.stack.pop_mark()?),
            b'2' => self.stack.push(self.stack.top()?),
            b'N' | 0x88 | 0x89 | b'I' | b'J' | b'K' | b'L' | b'M' | b'F' | b'G' | 0x8a | 0x8b => {
                let value = self.bytes.number(opcode)?;
                self.stack.push(value);
            }
            b'S' | b'T' | b'U' | b'V' | b'X' | b'B' | b'C' | 0x8c | 0x8d | 0x8e | 0x96 => {
                let value = self.bytes.string(opcode)?;
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

    fn memory(&mut self, opcode: u8) -> Result<(), Fault> {
        let key = match opcode {
            0x94 => self.memo.len(),
            b'q' | b'h' => self.bytes.length::<1>()?,
            b'r' | b'j' => self.bytes.length::<4>()?,
            _ => {
                let line = self.bytes.line()?;
                let text = String::from_utf8_lossy(self.bytes.slice(line));
                let key = text.parse();
                key.map_err(|_| Fault::malformed("a memo entry without a number"))?
            }
        };
        let key = u32::try_from(key)
            .map_err(|_| Fault::malformed(format!("memo entry {key} is beyond 2^32")))?;
        if matches!(opcode, b'g' | b'h' | b'j') {
            let value = self.memo.get(key);
            let missing = || Fault::malformed(format!("memo entry {key} was never stored"));
            self.stack.push(value.ok_or_else(missing)?);
        } else {
            let top = self.stack.top()?;
            self.memo.insert(key, top);
        }
        Ok(())
    }

    fn object(&mut self, opcode: u8) -> Result<(), Fault> {
        match opcode {
            b'c' => {
                let (module, name) = (self.bytes.line()?, self.bytes.line()?);
                self.push(Node::Global(module, name));
            }
            0x93 => {
                let (name, module) = (self.stack.pop()?, self.stack.pop()?);
                let (Value::Text(module), Value::Text(name)) = (module, name) else {
                    return Err(Fault::malformed("a global whose name is not text"));
                };
                self.push(Node::Global(module, name));
            }
            b'P' => {
                let line = self.bytes.line()?;
                self.push(Node::Persistent(Value::Text(line)));
            }
            b'Q' => {
                let id = self.stack.pop()?;
                self.push(Node::Persistent(id));
            }
            b'i' => {
                let (module, name) = (self.bytes.line()?, self.bytes.line()?);
                let arguments = self.stack.pop_mark()?;
                self.push(Node::Global(module, name));
                let callable = self.stack.pop()?;
                self.call(callable, arguments);
            }
            b'o' => {
                let mut values = self.stack.pop_mark()?;
                if values.is_empty() {
                    return Err(Fault::malformed("an object without a class"));
                }
                let callable = values.remove(0);
                self.call(callable, values);
            }
            b'b' => {
                let state = self.stack.pop()?;
                // The state of what is not a call (a list, say) says nothing of tensors.
                if let Some(Node::Call(call)) = self.top_node()? {
                    call.state = state;
                }
            }
            _ => {
                if opcode == 0x92 {
                    self.stack.pop()?;
                }
                let (arguments, callable) = (self.stack.pop()?, self.stack.pop()?);
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
                let values = self.stack.pop_many(count)?;
                self.push(Node::Tuple(values));
            }
            b't' => {
                let values = self.stack.pop_mark()?;
                self.push(Node::Tuple(values));
            }
            b'l' | 0x91 => {
                let values = self.stack.pop_mark()?;
                self.push(Node::List(values));
            }
            b'd' => {
                let values = self.stack.pop_mark()?;
                self.push(Node::Dict(pair(&values)?));
            }
            b'a' => {
                let value = self.stack.pop()?;
                self.append(&[value])?;
            }
            b'e' | 0x90 => {
                let values = self.stack.pop_mark()?;
                self.append(&values)?;
            }
            b's' => {
                let (value, key) = (self.stack.pop()?, self.stack.pop()?);
                self.set(&[key, value])?;
            }
            _ => {
                let values = self.stack.pop_mark()?;
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
        // An instruction makes three nodes at most: their number fits in 32 bits.
        let index = self.nodes.len() as u32;
        self.nodes.push(node);
        Value::Node(index)
    }

    fn push(&mut self, node: Node) {
        let value = self.add(node);
        self.stack.push(value);
    }

    fn top_node(&mut self) -> Result<Option<&mut Node>, Fault> {
        match self.stack.top()? {
            Value::Node(index) => Ok(self.nodes.get_mut(index as usize)),
            _ => Ok(None),
        }
    }
}

fn pair(values: &[Value]) -> Result<Vec<(Value, Value)>, Fault> {
    let (pairs, rest) = values.as_chunks::<2>();
    match rest {
        [] => Ok(pairs.iter().map(|&[key, value]| (key, value)).collect()),
        _ => Err(Fault::malformed("a key without a value")),
    }
}

//! Pickle machine: what the opcodes do to a stack of objects. Invariants: an opcode makes at most one object,
//! nothing recurses, and both bytes and objects are counted.

use crate::error::{Error, FileProblem, PickleProblem, Result};
use crate::weights::pickle::{Id, MOST_OBJECTS, Pickle, PickleValue};
use std::collections::HashMap;

/// Runs a pickle to its end.
///
/// # Errors
/// [`Error::File`] with a [`PickleProblem`].
pub fn run(file: &str, bytes: &[u8]) -> Result<Pickle> {
    let objects = vec![PickleValue::Inert];
    let (stack, marks, memo) = (Vec::new(), Vec::new(), HashMap::new());
    let (foreign, names) = (Vec::new(), HashMap::new());
    Machine { file, bytes, at: 0, objects, stack, marks, memo, foreign, names }.run()
}

pub(super) struct Machine<'a> {
    pub(super) file: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Object 0 is [`PickleValue::Inert`], so that nothing and truth values cost none.
    pub(super) objects: Vec<PickleValue>,
    pub(super) stack: Vec<Id>,
    /// Heights of the stack.
    pub(super) marks: Vec<usize>,
    pub(super) memo: HashMap<u64, Id>,
    /// Names of Python code that we do not know, and the place of each.
    pub(super) foreign: Vec<String>,
    pub(super) names: HashMap<String, usize>,
}

impl Machine<'_> {
    fn run(mut self) -> Result<Pickle> {
        loop {
            let start = self.at;
            let [code] = self.array()?;
            match code {
                // PROTO, FRAME: how it is packed.
                0x80 => drop(self.array::<1>()?),
                0x95 => drop(self.array::<8>()?),
                // STOP
                b'.' => {
                    let root = self.pop()?;
                    let Self { objects, foreign, at: length, .. } = self;
                    return Ok(Pickle { objects, root, foreign, length });
                }
                // NONE, NEWTRUE, NEWFALSE, EMPTY_SET
                b'N' | 0x88 | 0x89 | 0x8f => self.stack.push(0),
                // BININT, BININT1, BININT2, LONG1, LONG4, BINFLOAT
                b'J' => {
                    let value = i64::from(i32::from_le_bytes(self.array()?));
                    self.push(PickleValue::Int(value))?;
                }
                b'K' => {
                    let [value] = self.array()?;
                    self.push(PickleValue::Int(i64::from(value)))?;
                }
                b'M' => {
                    let value = i64::from(u16::from_le_bytes(self.array()?));
                    self.push(PickleValue::Int(value))?;
                }
                0x8a => {
                    let [length] = self.array()?;
                    self.long(u64::from(length))?;
                }
                0x8b => {
                    let length = u32::from_le_bytes(self.array()?);
                    self.long(u64::from(length))?;
                }
                b'G' => {
                    self.array::<8>()?;
                    self.stack.push(0);
                }
                // BINUNICODE, SHORT_BINUNICODE, BINUNICODE8, and the byte strings of Python 2
                b'X' | b'T' => {
                    let length = u64::from(u32::from_le_bytes(self.array()?));
                    self.text(length)?;
                }
                0x8c | b'U' => {
                    let [length] = self.array()?;
                    self.text(u64::from(length))?;
                }
                0x8d => {
                    let length = u64::from_le_bytes(self.array()?);
                    self.text(length)?;
                }
                // BINBYTES, SHORT_BINBYTES, BINBYTES8 and BYTEARRAY8
                0x8e | 0x96 => {
                    let length = u64::from_le_bytes(self.array()?);
                    self.take(length)?;
                    self.stack.push(0);
                }
                b'B' => {
                    let length = u64::from(u32::from_le_bytes(self.array()?));
                    self.take(length)?;
                    self.stack.push(0);
                }
                b'C' => {
                    let [length] = self.array()?;
                    self.take(u64::from(length))?;
                    self.stack.push(0);
                }
                // EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE, MARK, TUPLE, TUPLE1, TUPLE2, TUPLE3
                b'}' => self.push(PickleValue::Dict(Vec::new()))?,
                b']' => self.push(PickleValue::List(Vec::new()))?,
                b')' => self.push(PickleValue::Tuple(Vec::new()))?,
                b'(' => self.marks.push(self.stack.len()),
                b't' => {
                    let items = self.pop_mark()?;
                    self.push(PickleValue::Tuple(items))?;
                }
                0x85..=0x87 => {
                    let count = usize::from(code - 0x84);
                    let mut items = Vec::with_capacity(count);
                    for _ in 0..count {
                        items.push(self.pop()?);
                    }
                    items.reverse();
                    self.push(PickleValue::Tuple(items))?;
                }
                // FROZENSET, DUP
                0x91 => {
                    self.pop_mark()?;
                    self.stack.push(0);
                }
                b'2' => {
                    let top = self.top()?;
                    self.stack.push(top);
                }
                // POP, POP_MARK
                b'0' => drop(self.pop()?),
                b'1' => drop(self.pop_mark()?),
                // BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET
                b'q' => {
                    let [key] = self.array()?;
                    self.put(u64::from(key))?;
                }
                b'r' => {
                    let key = u32::from_le_bytes(self.array()?);
                    self.put(u64::from(key))?;
                }
                0x94 => self.put(self.memo.len() as u64)?,
                b'h' => {
                    let [key] = self.array()?;
                    self.fetch(u64::from(key))?;
                }
                b'j' => {
                    let key = u32::from_le_bytes(self.array()?);
                    self.fetch(u64::from(key))?;
                }
                // APPEND, APPENDS, ADDITEMS
                b'a' => {
                    let item = self.pop()?;
                    self.extend(vec![item])?;
                }
                b'e' | 0x90 => {
                    let items = self.pop_mark()?;
                    self.extend(items)?;
                }
                // SETITEM, SETITEMS
                b's' => {
                    let value = self.pop()?;
                    let key = self.pop()?;
                    self.set(&[key, value])?;
                }
                b'u' => {
                    let items = self.pop_mark()?;
                    self.set(&items)?;
                }
                // GLOBAL, STACK_GLOBAL
                b'c' => {
                    let (module, name) = (self.line()?, self.line()?);
                    self.name(&module, &name)?;
                }
                0x93 => {
                    let name = self.pop()?;
                    let module = self.pop()?;
                    let (PickleValue::Text(module), PickleValue::Text(name)) =
                        (self.objects[module].clone(), self.objects[name].clone())
                    else {
                        return Err(self.malformed());
                    };
                    self.name(&module, &name)?;
                }
                // REDUCE, NEWOBJ, NEWOBJ_EX, BUILD, BINPERSID
                b'R' | 0x81 => self.made()?,
                0x92 => {
                    self.pop()?;
                    self.made()?;
                }
                b'b' => {
                    // Attributes: of settings, or the versions of modules in a state dictionary.
                    self.pop()?;
                    let object = self.top()?;
                    use PickleValue::{Dict, Foreign, Inert, Tensor};
                    match self.objects[object] {
                        Dict(_) | Inert | Foreign(_) | Tensor { .. } => {}
                        _ => return Err(self.malformed()),
                    }
                }
                b'Q' => self.storage()?,
                _ => {
                    return Err(self.refused(PickleProblem::Instruction { code, at: start }));
                }
            }
        }
    }

    /// The instruction before this byte does not go with what lies on the stack.
    pub(super) fn malformed(&self) -> Error {
        self.refused(PickleProblem::Malformed { at: self.at })
    }

    pub(super) fn refused(&self, problem: PickleProblem) -> Error {
        Error::file(self.file, FileProblem::Pickle(problem))
    }

    fn take(&mut self, length: u64) -> Result<&[u8]> {
        let end = usize::try_from(length).ok().and_then(|n| self.at.checked_add(n));
        let Some(end) = end.filter(|end| *end <= self.bytes.len()) else {
            return Err(self.refused(PickleProblem::Truncated { at: self.at }));
        };
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N as u64)?);
        Ok(array)
    }

    /// Text up to the end of the line.
    fn line(&mut self) -> Result<String> {
        let rest = &self.bytes[self.at..];
        let Some(length) = rest.iter().position(|b| *b == b'\n') else {
            return Err(self.malformed());
        };
        let line = String::from_utf8_lossy(&rest[..length]).into_owned();
        self.at += length + 1;
        Ok(line)
    }

    fn text(&mut self, length: u64) -> Result<()> {
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        self.push(PickleValue::Text(text))
    }

    /// A whole number of any length; one that does not fit is no shape.
    fn long(&mut self, length: u64) -> Result<()> {
        let bytes = self.take(length)?;
        if bytes.len() > 8 {
            self.stack.push(0);
            return Ok(());
        }
        let negative = bytes.last().is_some_and(|b| b >> 7 == 1);
        let mut value = [if negative { 0xff } else { 0 }; 8];
        value[..bytes.len()].copy_from_slice(bytes);
        self.push(PickleValue::Int(i64::from_le_bytes(value)))
    }

    pub(super) fn push(&mut self, value: PickleValue) -> Result<()> {
        if self.objects.len() == MOST_OBJECTS {
            return Err(self.refused(PickleProblem::TooMany { most: MOST_OBJECTS }));
        }
        self.stack.push(self.objects.len());
        self.objects.push(value);
        Ok(())
    }

    /// The lowest place of the stack that may be taken.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    fn top(&self) -> Result<Id> {
        match self.stack.last() {
            Some(id) if self.stack.len() > self.floor() => Ok(*id),
            _ => Err(self.malformed()),
        }
    }

    pub(super) fn pop(&mut self) -> Result<Id> {
        let id = self.top()?;
        self.stack.pop();
        Ok(id)
    }

    fn pop_mark(&mut self) -> Result<Vec<Id>> {
        let Some(mark) = self.marks.pop() else {
            return Err(self.malformed());
        };
        Ok(self.stack.split_off(mark))
    }

    fn put(&mut self, key: u64) -> Result<()> {
        let id = self.top()?;
        self.memo.insert(key, id);
        Ok(())
    }

    fn fetch(&mut self, key: u64) -> Result<()> {
        let Some(id) = self.memo.get(&key).copied() else {
            return Err(self.malformed());
        };
        self.stack.push(id);
        Ok(())
    }

    fn extend(&mut self, items: Vec<Id>) -> Result<()> {
        let list = self.top()?;
        match &mut self.objects[list] {
            PickleValue::List(list) => list.extend(items),
            PickleValue::Inert | PickleValue::Foreign(_) => {}
            _ => return Err(self.malformed()),
        }
        Ok(())
    }

    /// Keys and values, by turns.
    fn set(&mut self, items: &[Id]) -> Result<()> {
        let dict = self.top()?;
        let (pairs, rest) = items.as_chunks::<2>();
        match &mut self.objects[dict] {
            _ if !rest.is_empty() => return Err(self.malformed()),
            PickleValue::Dict(dict) => dict.extend(pairs.iter().map(|[key, value]| (*key, *value))),
            PickleValue::Inert | PickleValue::Foreign(_) => {}
            _ => return Err(self.malformed()),
        }
        Ok(())
    }
}

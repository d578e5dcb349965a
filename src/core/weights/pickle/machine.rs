//! Pickle machine: what the instructions do to a stack of values. Invariants: an instruction makes at most one object,
//! nothing recurses, and nothing is called.

use crate::error::{Error, FileProblem, PickleProblem, Result};
use crate::weights::pickle::{PickleObject, PickleValue, Span};
use std::collections::HashMap;

/// A pickle that is being read.
pub(super) struct Machine<'a> {
    file: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    /// Whether all of a long list is kept.
    pub(super) whole: bool,
    /// Object 0 is the empty tuple, so that no arguments cost nothing.
    pub(super) objects: Vec<PickleObject>,
    pub(super) stack: Vec<PickleValue>,
    /// Heights of the stack.
    pub(super) marks: Vec<usize>,
    /// Values by numbers that run on, and by others.
    pub(super) memo: Vec<PickleValue>,
    pub(super) far: HashMap<u64, PickleValue>,
    /// Names of Python code that we do not know, and the place of each.
    pub(super) foreign: Vec<String>,
    pub(super) names: HashMap<String, u32>,
    /// Storages of types that we do not know.
    pub(super) unknown: Vec<(Span, u32)>,
    /// Bytes of memory that were counted.
    pub(super) held: usize,
}

impl<'a> Machine<'a> {
    pub(super) fn new(file: &'a str, bytes: &'a [u8], whole: bool) -> Self {
        Self {
            file,
            bytes,
            at: 0,
            whole,
            objects: vec![PickleObject::Tuple(Vec::new())],
            stack: Vec::new(),
            marks: Vec::new(),
            memo: Vec::new(),
            far: HashMap::new(),
            foreign: Vec::new(),
            names: HashMap::new(),
            unknown: Vec::new(),
            held: 0,
        }
    }

    /// Runs the pickle to its end; the value that it is about, and the machine with all objects.
    ///
    /// # Errors
    /// [`Error::File`] with a [`PickleProblem`].
    pub(super) fn run(mut self) -> Result<(PickleValue, Self)> {
        loop {
            if let Some(root) = self.instruction()? {
                return Ok((root, self));
            }
        }
    }
}

impl Machine<'_> {
    /// The next instruction; the root after the last one.
    fn instruction(&mut self) -> Result<Option<PickleValue>> {
        let start = self.at;
        let [code] = self.array()?;
        match code {
            // PROTO, FRAME: how it is packed.
            0x80 => drop(self.array::<1>()?),
            0x95 => drop(self.array::<8>()?),
            // STOP
            b'.' => {
                return Ok(Some(self.pop()?));
            }
            // NONE, NEWTRUE, NEWFALSE, EMPTY_SET
            b'N' => self.push(PickleValue::None)?,
            0x88 | 0x89 => self.push(PickleValue::Bool(code == 0x88))?,
            0x8f => self.push(PickleValue::Inert)?,
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
                let value = f64::from_be_bytes(self.array()?);
                self.push(PickleValue::Float(value))?;
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
                self.piece(length)?;
            }
            b'B' => {
                let length = u64::from(u32::from_le_bytes(self.array()?));
                self.piece(length)?;
            }
            b'C' => {
                let [length] = self.array()?;
                self.piece(u64::from(length))?;
            }
            // EMPTY_DICT, EMPTY_LIST, EMPTY_TUPLE, MARK, TUPLE, TUPLE1, TUPLE2, TUPLE3
            b'}' => {
                self.make(PickleObject::Dict { pairs: Vec::new(), attributes: false })?;
            }
            b']' => self.make(PickleObject::List(Vec::new()))?,
            b')' => self.push(PickleValue::Object(0))?,
            b'(' => self.mark()?,
            b't' => {
                let items = self.pop_mark()?;
                let items = self.kept(0, items);
                self.make(PickleObject::Tuple(items))?;
            }
            0x85..=0x87 => {
                let count = usize::from(code - 0x84);
                let mut items = Vec::with_capacity(count);
                for _ in 0..count {
                    items.push(self.pop()?);
                }
                items.reverse();
                self.make(PickleObject::Tuple(items))?;
            }
            // FROZENSET, DUP
            0x91 => {
                self.pop_mark()?;
                self.push(PickleValue::Inert)?;
            }
            b'2' => {
                let top = self.top()?;
                self.push(top)?;
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
            0x94 => self.put((self.memo.len() + self.far.len()) as u64)?,
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
                self.global(module, name)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (PickleValue::Text(module), PickleValue::Text(name)) = (module, name) else {
                    return Err(self.malformed());
                };
                self.global(module, name)?;
            }
            // REDUCE, NEWOBJ, NEWOBJ_EX, BUILD, BINPERSID
            b'R' | 0x81 => self.made()?,
            0x92 => {
                self.pop()?;
                self.made()?;
            }
            b'b' => self.build()?,
            b'Q' => self.storage()?,
            _ if self.line_instruction(code)? => {}
            _ => {
                return Err(self.refused(PickleProblem::Instruction { code, at: start }));
            }
        }
        Ok(None)
    }

    /// A name of Python code, by two pieces.
    fn global(&mut self, module: Span, name: Span) -> Result<()> {
        let text = |span: Span| String::from_utf8_lossy(span.of(self.bytes)).into_owned();
        let (module, name) = (text(module), text(name));
        let name = self.name(&module, &name)?;
        self.push(name)
    }

    /// The instruction before this byte does not go with what lies on the stack.
    pub(super) fn malformed(&self) -> Error {
        self.refused(PickleProblem::Malformed { at: self.at })
    }

    pub(super) fn refused(&self, problem: PickleProblem) -> Error {
        Error::file(self.file, FileProblem::Pickle(problem))
    }

    pub(super) fn take(&mut self, length: u64) -> Result<&[u8]> {
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

    fn text(&mut self, length: u64) -> Result<()> {
        let span = self.span(length)?;
        self.push(PickleValue::Text(span))
    }

    fn piece(&mut self, length: u64) -> Result<()> {
        let span = self.span(length)?;
        self.push(PickleValue::Bytes(span))
    }

    /// A whole number of any length; one that does not fit is no shape.
    fn long(&mut self, length: u64) -> Result<()> {
        let bytes = self.take(length)?;
        if bytes.len() > 8 {
            return self.push(PickleValue::Inert);
        }
        let negative = bytes.last().is_some_and(|b| b >> 7 == 1);
        let mut value = [if negative { 0xff } else { 0 }; 8];
        value[..bytes.len()].copy_from_slice(bytes);
        self.push(PickleValue::Int(i64::from_le_bytes(value)))
    }
}

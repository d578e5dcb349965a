//! Lines of the pickle machine: the instructions of protocols 0 and 1, whose arguments are words up to the end of the
//! line. Invariant: as everywhere, a name of code is a word.

use crate::error::{PickleProblem, Result};
use crate::weights::pickle::machine::Machine;
use crate::weights::pickle::{PickleObject, PickleValue, Span};

impl Machine<'_> {
    /// Carries out an instruction; false if it is none of these.
    pub(super) fn line_instruction(&mut self, code: u8) -> Result<bool> {
        match code {
            // INT and LONG, of which 00 and 01 are truth values
            b'I' | b'L' => {
                let line = self.line()?;
                let value = match self.words(line).trim_end_matches('L') {
                    "00" => PickleValue::Bool(false),
                    "01" => PickleValue::Bool(true),
                    // One that is too large is no shape.
                    digits => digits.parse().map_or(PickleValue::Inert, PickleValue::Int),
                };
                self.push(value)?;
            }
            // FLOAT
            b'F' => {
                let line = self.line()?;
                let value = self.words(line).parse().map_or(PickleValue::Inert, PickleValue::Float);
                self.push(value)?;
            }
            // STRING, in quotes, and UNICODE
            b'S' => {
                let Span { start, length } = self.line()?;
                let inner =
                    Span { start: start + u32::from(length > 1), length: length.max(2) - 2 };
                self.push(PickleValue::Text(inner))?;
            }
            b'V' => {
                let line = self.line()?;
                self.push(PickleValue::Text(line))?;
            }
            // PUT, GET
            b'p' | b'g' => {
                let line = self.line()?;
                let Ok(key) = self.words(line).parse() else { return Err(self.malformed()) };
                if code == b'p' { self.put(key)? } else { self.fetch(key)? }
            }
            // LIST, DICT
            b'l' => {
                let items = self.pop_mark()?;
                let items = self.kept(0, items);
                self.make(PickleObject::List(items))?;
            }
            b'd' => {
                let items = self.pop_mark()?;
                self.make(PickleObject::Dict { pairs: Vec::new(), attributes: false })?;
                self.set(&items)?;
            }
            // INST, OBJ: an object of a class
            b'i' => {
                let (module, name) = (self.line()?, self.line()?);
                let (module, name) = (self.words(module).to_owned(), self.words(name).to_owned());
                let items = self.pop_mark()?;
                let class = self.name(&module, &name)?;
                let arguments = self.add(PickleObject::Tuple(items))?;
                self.object_of(class, PickleValue::Object(arguments))?;
            }
            b'o' => {
                let mut items = self.pop_mark()?;
                if items.is_empty() {
                    return Err(self.malformed());
                }
                let class = items.remove(0);
                let arguments = self.add(PickleObject::Tuple(items))?;
                self.object_of(class, PickleValue::Object(arguments))?;
            }
            // PERSID: torch.load does not read the words that protocol 0 makes of a storage.
            b'P' => return Err(self.refused(PickleProblem::ProtocolZero)),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// A piece up to the end of the line.
    pub(super) fn line(&mut self) -> Result<Span> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let Some(length) = rest.iter().position(|b| *b == b'\n') else {
            return Err(self.malformed());
        };
        let line = self.span(length as u64)?;
        self.at += 1;
        Ok(line)
    }

    /// A piece as words; none if it is no text.
    pub(super) fn words(&self, span: Span) -> &str {
        std::str::from_utf8(span.of(self.bytes)).unwrap_or_default()
    }
}

//! Stack, marks and memo of the pickle machine. Invariant: what they and the objects take together is counted, and
//! bounded by the length of the pickle.

use crate::error::{PickleProblem, Result};
use crate::weights::pickle::machine::Machine;
use crate::weights::pickle::{Id, MEMORY, MEMORY_PER_BYTE, PickleObject, PickleValue, Span};

/// Bytes that a value, an object, a pair and a memo of a far number take.
pub(super) const VALUE: usize = size_of::<PickleValue>();
const OBJECT: usize = size_of::<PickleObject>();
pub(super) const PAIR: usize = 2 * VALUE;
const FAR: usize = 40;
/// Values of a list that are kept whatever they are.
const SHORT: usize = 16;

impl Machine<'_> {
    /// Counts memory that is about to be taken.
    pub(super) fn hold(&mut self, bytes: usize) -> Result<()> {
        self.held = self.held.saturating_add(bytes);
        let most = MEMORY + MEMORY_PER_BYTE * self.bytes.len();
        let open = VALUE * self.stack.len() + size_of::<usize>() * self.marks.len();
        if self.held.saturating_add(open) > most {
            return Err(self.refused(PickleProblem::TooMuch { most }));
        }
        Ok(())
    }

    pub(super) fn push(&mut self, value: PickleValue) -> Result<()> {
        self.hold(0)?;
        self.stack.push(value);
        Ok(())
    }

    /// A new object, on the stack.
    pub(super) fn make(&mut self, object: PickleObject) -> Result<()> {
        let id = self.add(object)?;
        self.push(PickleValue::Object(id))
    }

    /// A new object.
    pub(super) fn add(&mut self, object: PickleObject) -> Result<Id> {
        let items = match &object {
            PickleObject::Tuple(items) | PickleObject::List(items) => VALUE * items.len(),
            PickleObject::Dict { pairs, .. } => PAIR * pairs.len(),
            PickleObject::Tensor(tensor) => 80 + 16 * tensor.shape.len(),
            PickleObject::Foreign { contents, .. } => VALUE * contents.len(),
            PickleObject::Storage { .. } => 0,
        };
        self.hold(OBJECT + items)?;
        let id = self.objects.len() as Id;
        self.objects.push(object);
        Ok(id)
    }

    /// The object of a value; nothing if it is small.
    pub(super) fn object(&self, value: PickleValue) -> Option<&PickleObject> {
        match value {
            PickleValue::Object(id) => self.objects.get(id as usize),
            _ => None,
        }
    }

    pub(super) fn object_mut(&mut self, value: PickleValue) -> Option<&mut PickleObject> {
        match value {
            PickleValue::Object(id) => self.objects.get_mut(id as usize),
            _ => None,
        }
    }

    /// The lowest place of the stack that may be taken.
    fn floor(&self) -> usize {
        self.marks.last().copied().unwrap_or(0)
    }

    pub(super) fn mark(&mut self) -> Result<()> {
        self.hold(0)?;
        self.marks.push(self.stack.len());
        Ok(())
    }

    pub(super) fn top(&self) -> Result<PickleValue> {
        match self.stack.last() {
            Some(value) if self.stack.len() > self.floor() => Ok(*value),
            _ => Err(self.malformed()),
        }
    }

    pub(super) fn pop(&mut self) -> Result<PickleValue> {
        let value = self.top()?;
        self.stack.pop();
        Ok(value)
    }

    pub(super) fn pop_mark(&mut self) -> Result<Vec<PickleValue>> {
        let Some(mark) = self.marks.pop() else {
            return Err(self.malformed());
        };
        Ok(self.stack.split_off(mark))
    }

    pub(super) fn put(&mut self, key: u64) -> Result<()> {
        let value = self.top()?;
        match usize::try_from(key) {
            Ok(key) if key < self.memo.len() => self.memo[key] = value,
            Ok(key) if key == self.memo.len() => {
                self.hold(VALUE)?;
                self.memo.push(value);
            }
            _ => {
                self.hold(FAR)?;
                self.far.insert(key, value);
            }
        }
        Ok(())
    }

    pub(super) fn fetch(&mut self, key: u64) -> Result<()> {
        let near = usize::try_from(key).ok().and_then(|key| self.memo.get(key));
        let Some(value) = near.or_else(|| self.far.get(&key)).copied() else {
            return Err(self.malformed());
        };
        self.push(value)
    }

    /// Of a tuple or list what is kept: all of a short one, of a long one what may hold a tensor.
    pub(super) fn kept(&self, have: usize, items: Vec<PickleValue>) -> Vec<PickleValue> {
        if self.whole || have + items.len() <= SHORT {
            return items;
        }
        let holds =
            |value: &PickleValue| matches!(value, PickleValue::Object(_) | PickleValue::Foreign(_));
        items.into_iter().filter(holds).collect()
    }

    /// Adds values to a list.
    pub(super) fn extend(&mut self, items: Vec<PickleValue>) -> Result<()> {
        let list = self.top()?;
        let have = match (self.object(list), list) {
            (Some(PickleObject::List(list)), _) => list.len(),
            (Some(PickleObject::Foreign { contents, .. }), _) => contents.len(),
            (_, PickleValue::Inert | PickleValue::Foreign(_)) => return Ok(()),
            _ => return Err(self.malformed()),
        };
        let items = self.kept(have, items);
        self.hold(VALUE * items.len())?;
        if let Some(PickleObject::List(list) | PickleObject::Foreign { contents: list, .. }) =
            self.object_mut(list)
        {
            list.extend(items);
        }
        Ok(())
    }

    /// Sets keys and values, by turns.
    pub(super) fn set(&mut self, items: &[PickleValue]) -> Result<()> {
        let dict = self.top()?;
        let (found, rest) = items.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(self.malformed());
        }
        let text = |key: &PickleValue| matches!(key, PickleValue::Text(_) | PickleValue::Bytes(_));
        let holds =
            |value: &PickleValue| matches!(value, PickleValue::Object(_) | PickleValue::Foreign(_));
        let kept = found.iter().filter(|[key, value]| text(key) || holds(value));
        let pairs: Vec<_> = kept.map(|[key, value]| (*key, *value)).collect();
        match (self.object(dict), dict) {
            (Some(PickleObject::Dict { .. }), _) => {
                self.hold(PAIR * pairs.len())?;
                if let Some(PickleObject::Dict { pairs: all, .. }) = self.object_mut(dict) {
                    all.extend(pairs);
                }
            }
            (Some(PickleObject::Foreign { .. }), _) => {
                let items = self.add(PickleObject::Dict { pairs, attributes: false })?;
                self.hold(VALUE)?;
                if let Some(PickleObject::Foreign { contents, .. }) = self.object_mut(dict) {
                    contents.push(PickleValue::Object(items));
                }
            }
            (_, PickleValue::Inert | PickleValue::Foreign(_)) => {}
            _ => return Err(self.malformed()),
        }
        Ok(())
    }

    /// The next so many bytes as a piece.
    pub(super) fn span(&mut self, length: u64) -> Result<Span> {
        let start = self.at;
        let length = self.take(length)?.len();
        // A pickle is shorter than 4 GB.
        Ok(Span { start: start as u32, length: length as u32 })
    }
}

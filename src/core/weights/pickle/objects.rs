//! Objects of a pickle that Python code would have made: tensors, storages and containers as what they are, all others as
//! a name with what it was given. Invariant: nothing is called.

use crate::error::Result;
use crate::weights::pickle::known::{self, Known};
use crate::weights::pickle::machine::Machine;
use crate::weights::pickle::stack::{PAIR, VALUE};
use crate::weights::pickle::{PickleObject, PickleTensor, PickleValue};

/// Bytes that a name of Python code takes.
const NAME: usize = 256;

impl Machine<'_> {
    /// A name of Python code, known or not.
    pub(super) fn name(&mut self, module: &str, name: &str) -> Result<PickleValue> {
        if let Some(known) = known::find(module, name) {
            return Ok(PickleValue::Known(known));
        }
        let shown: String = format!("{module}.{name}").chars().take(80).collect();
        if let Some(place) = self.names.get(&shown) {
            return Ok(PickleValue::Foreign(*place));
        }
        self.hold(NAME)?;
        let place = self.foreign.len() as u32;
        self.foreign.push(shown.clone());
        self.names.insert(shown, place);
        Ok(PickleValue::Foreign(place))
    }

    /// What a name makes of its arguments.
    pub(super) fn made(&mut self) -> Result<()> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        match self.object(arguments) {
            Some(PickleObject::Tuple(_)) => self.object_of(callable, arguments),
            _ => Err(self.malformed()),
        }
    }

    /// The object that a callable would make of a tuple of arguments, on the stack.
    pub(super) fn object_of(
        &mut self,
        callable: PickleValue,
        arguments: PickleValue,
    ) -> Result<()> {
        let known = match (callable, self.object(callable)) {
            (PickleValue::Known(known), _) => known,
            (PickleValue::Inert, _) => return self.push(PickleValue::Inert),
            // What the unknown makes is as unknown.
            (PickleValue::Foreign(name), _) => return self.foreign_object(name, Some(arguments)),
            (_, Some(PickleObject::Foreign { name, .. })) => {
                let name = *name;
                return self.foreign_object(name, Some(arguments));
            }
            _ => return Err(self.malformed()),
        };
        let arguments = self.first(arguments);
        match (known, arguments.as_slice()) {
            (Known::RebuildFromType, [function, _, inner, ..]) => match *function {
                PickleValue::Foreign(name) => self.foreign_object(name, Some(*inner)),
                // A subclass within a subclass is none that torch writes; nothing recurses.
                PickleValue::Known(known) if known != Known::RebuildFromType => {
                    let inner = self.first(*inner);
                    self.known_object(known, &inner)
                }
                _ => Err(self.malformed()),
            },
            (Known::Reconstructor, [class, ..]) => match *class {
                PickleValue::Foreign(name) => self.foreign_object(name, None),
                PickleValue::Known(known @ (Known::Dict | Known::Attributes)) => {
                    self.known_object(known, &[])
                }
                _ => self.push(PickleValue::Inert),
            },
            (known, arguments) => self.known_object(known, arguments),
        }
    }

    /// The first arguments of a tuple: nothing that is known here has more.
    fn first(&self, tuple: PickleValue) -> Vec<PickleValue> {
        match self.object(tuple) {
            Some(PickleObject::Tuple(all)) => all.iter().take(8).copied().collect(),
            _ => Vec::new(),
        }
    }

    fn foreign_object(&mut self, name: u32, holds: Option<PickleValue>) -> Result<()> {
        let contents = holds.into_iter().collect();
        self.make(PickleObject::Foreign { name, contents })
    }

    fn known_object(&mut self, known: Known, arguments: &[PickleValue]) -> Result<()> {
        match (known, arguments) {
            (Known::Inert, _) => self.push(PickleValue::Inert),
            (Known::Attributes, _) => {
                self.make(PickleObject::Dict { pairs: Vec::new(), attributes: true })
            }
            // The last argument holds the pairs; before it may stand what a missing key would give.
            (Known::Dict, arguments) => {
                let pairs = match arguments.last() {
                    Some(last) => self.pairs(*last)?,
                    None => Vec::new(),
                };
                self.make(PickleObject::Dict { pairs, attributes: false })
            }
            (Known::List, arguments) => {
                let items = self.items(arguments.first().copied())?;
                self.make(PickleObject::List(items))
            }
            (Known::Encode, [PickleValue::Text(text), ..]) => self.push(PickleValue::Bytes(*text)),
            (Known::Encode, _) => self.push(PickleValue::Inert),
            (Known::RebuildParameter, [tensor, ..]) => match (self.object(*tensor), tensor) {
                (Some(PickleObject::Tensor(_) | PickleObject::Foreign { .. }), _)
                | (_, PickleValue::Foreign(_) | PickleValue::Inert) => self.push(*tensor),
                _ => Err(self.malformed()),
            },
            (Known::RebuildTensor, [storage, offset, shape, strides, ..]) => {
                self.tensor(*storage, *offset, *shape, *strides)
            }
            _ => Err(self.malformed()),
        }
    }

    fn tensor(
        &mut self,
        storage: PickleValue,
        offset: PickleValue,
        shape: PickleValue,
        strides: PickleValue,
    ) -> Result<()> {
        if let (Some(PickleObject::Foreign { .. }), _) | (_, PickleValue::Foreign(_)) =
            (self.object(storage), storage)
        {
            return self.push(storage);
        }
        let sides = [shape, strides].map(|list| self.sides(list));
        match (storage, self.object(storage), side(offset), sides) {
            (
                PickleValue::Object(storage),
                Some(PickleObject::Storage { .. }),
                Some(offset),
                [Some(shape), Some(strides)],
            ) if shape.len() == strides.len() => {
                let tensor = PickleTensor { storage, offset, shape, strides };
                self.make(PickleObject::Tensor(Box::new(tensor)))
            }
            _ => Err(self.malformed()),
        }
    }

    /// The items that a list is made of: another's.
    fn items(&mut self, value: Option<PickleValue>) -> Result<Vec<PickleValue>> {
        let items = match value.and_then(|value| self.object(value)) {
            Some(PickleObject::List(items) | PickleObject::Tuple(items)) => items.len(),
            _ => return Ok(Vec::new()),
        };
        // Counted before they are copied: one long list could be meant again and again.
        self.hold(VALUE * items)?;
        match value.and_then(|value| self.object(value)) {
            Some(PickleObject::List(items) | PickleObject::Tuple(items)) => Ok(items.clone()),
            _ => Ok(Vec::new()),
        }
    }

    /// The pairs that a dictionary is made of: another's, or a list's.
    fn pairs(&mut self, value: PickleValue) -> Result<Vec<(PickleValue, PickleValue)>> {
        // Counted before they are looked at: one long list could be meant again and again.
        let items = match self.object(value) {
            Some(PickleObject::Dict { pairs, .. }) => pairs.len(),
            Some(PickleObject::List(items) | PickleObject::Tuple(items)) => items.len(),
            _ => 0,
        };
        self.hold(VALUE * items)?;
        let pair = |item: &PickleValue| match self.object(*item) {
            Some(PickleObject::Tuple(pair) | PickleObject::List(pair)) => match pair[..] {
                [key, value] => Some((key, value)),
                _ => None,
            },
            _ => None,
        };
        let pairs: Vec<_> = match self.object(value) {
            Some(PickleObject::Dict { pairs, .. }) => pairs.clone(),
            Some(PickleObject::List(items) | PickleObject::Tuple(items)) => {
                items.iter().filter_map(pair).collect()
            }
            _ => Vec::new(),
        };
        Ok(pairs)
    }

    /// Sets attributes: of settings as values, of an unknown object as what it holds, of others, such as the versions of
    /// modules in a state dictionary, not at all.
    pub(super) fn build(&mut self) -> Result<()> {
        let state = self.pop()?;
        let object = self.top()?;
        match (self.object(object), object) {
            (Some(PickleObject::Dict { attributes: true, .. }), _) => {
                let mut pairs = self.pairs_of_state(state)?;
                self.hold(PAIR * pairs.len())?;
                if let Some(PickleObject::Dict { pairs: all, .. }) = self.object_mut(object) {
                    all.append(&mut pairs);
                }
            }
            (Some(PickleObject::Foreign { .. }), _) => {
                self.hold(VALUE)?;
                if let Some(PickleObject::Foreign { contents, .. }) = self.object_mut(object) {
                    contents.push(state);
                }
            }
            (Some(PickleObject::Dict { .. } | PickleObject::Tensor(_)), _)
            | (_, PickleValue::Inert | PickleValue::Foreign(_)) => {}
            _ => return Err(self.malformed()),
        }
        Ok(())
    }

    /// The attributes of a state: a dictionary, or two of which one is of slots.
    fn pairs_of_state(&mut self, state: PickleValue) -> Result<Vec<(PickleValue, PickleValue)>> {
        let parts = match self.object(state) {
            Some(PickleObject::Tuple(parts)) if parts.len() == 2 => parts.clone(),
            _ => vec![state],
        };
        let mut all = Vec::new();
        for part in parts {
            if let Some(PickleObject::Dict { .. }) = self.object(part) {
                all.append(&mut self.pairs(part)?);
            }
        }
        Ok(all)
    }

    /// Up to eight sizes.
    fn sides(&self, value: PickleValue) -> Option<Vec<u64>> {
        match self.object(value)? {
            PickleObject::Tuple(sides) if sides.len() <= 8 => {
                sides.iter().map(|value| side(*value)).collect()
            }
            _ => None,
        }
    }

    /// ("storage", type, key, device, number of values), before PyTorch 1.6 with a part of it beside, where it is one
    pub(super) fn storage(&mut self) -> Result<()> {
        let id = self.pop()?;
        let parts = match self.object(id) {
            Some(PickleObject::Tuple(parts)) => parts.clone(),
            _ => return Err(self.malformed()),
        };
        let ([_, kind, key, _, count] | [_, kind, key, _, count, PickleValue::None]) = parts[..]
        else {
            return Err(self.malformed());
        };
        match (kind, key, side(count)) {
            (PickleValue::Known(Known::Storage(kind)), PickleValue::Text(key), Some(count)) => {
                self.make(PickleObject::Storage { kind, key, count })
            }
            // Of a type that we do not know.
            (PickleValue::Foreign(name), PickleValue::Text(key), _) => {
                self.hold(VALUE)?;
                self.unknown.push((key, name));
                self.foreign_object(name, None)
            }
            (PickleValue::Foreign(name), ..) => self.foreign_object(name, None),
            _ => Err(self.malformed()),
        }
    }
}

fn side(value: PickleValue) -> Option<u64> {
    match value {
        PickleValue::Int(side) => u64::try_from(side).ok(),
        _ => None,
    }
}

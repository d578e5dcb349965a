//! Objects of a pickle that Python code would have made: tensors and storages as what they are, all others as a name
//! without content. Invariant: nothing is called.

use crate::error::Result;
use crate::weights::pickle::machine::Machine;
use crate::weights::pickle::{Id, KNOWN, Known, PickleValue};

impl Machine<'_> {
    /// A name of Python code, known or not.
    pub(super) fn name(&mut self, module: &str, name: &str) -> Result<()> {
        let known = KNOWN.iter().find(|(m, n, _)| (*m, *n) == (module, name));
        if let Some((.., known)) = known {
            return self.push(PickleValue::Name(*known));
        }
        let shown: String = format!("{module}.{name}").chars().take(80).collect();
        let place = *self.names.entry(shown.clone()).or_insert_with(|| {
            self.foreign.push(shown);
            self.foreign.len() - 1
        });
        self.push(PickleValue::Foreign(place))
    }

    /// What a known name makes of its arguments.
    pub(super) fn made(&mut self) -> Result<()> {
        let (arguments, callable) = (self.pop()?, self.pop()?);
        let known = match self.objects[callable] {
            PickleValue::Name(known) => known,
            // What the unknown makes is as unknown.
            PickleValue::Foreign(_) | PickleValue::Inert => {
                self.stack.push(callable);
                return Ok(());
            }
            _ => return Err(self.malformed()),
        };
        let PickleValue::Tuple(arguments) = &self.objects[arguments] else {
            return Err(self.malformed());
        };
        let (known, arguments) = match (known, arguments.as_slice()) {
            (Known::RebuildFromType, [function, _, inner, ..]) => {
                match (&self.objects[*function], &self.objects[*inner]) {
                    (PickleValue::Name(known), PickleValue::Tuple(inner)) => {
                        (*known, inner.as_slice())
                    }
                    _ => (Known::Inert, &[][..]),
                }
            }
            (known, arguments) => (known, arguments),
        };
        let made = match (known, arguments) {
            (Known::Inert, _) => PickleValue::Inert,
            (Known::Dict, _) => PickleValue::Dict(Vec::new()),
            (Known::RebuildParameter, [tensor, ..])
                if matches!(
                    self.objects[*tensor],
                    PickleValue::Tensor { .. } | PickleValue::Foreign(_) | PickleValue::Inert
                ) =>
            {
                self.stack.push(*tensor);
                return Ok(());
            }
            (Known::RebuildTensor, [storage, ..])
                if matches!(self.objects[*storage], PickleValue::Foreign(_)) =>
            {
                self.stack.push(*storage);
                return Ok(());
            }
            (Known::RebuildTensor, [storage, offset, shape, strides, ..]) => {
                let sides = [shape, strides].map(|list| self.sides(*list));
                match (&self.objects[*storage], self.side(*offset), sides) {
                    (PickleValue::Storage { .. }, Some(offset), [Some(shape), Some(strides)])
                        if shape.len() == strides.len() =>
                    {
                        PickleValue::Tensor { storage: *storage, offset, shape, strides }
                    }
                    _ => return Err(self.malformed()),
                }
            }
            _ => return Err(self.malformed()),
        };
        self.push(made)
    }

    fn side(&self, id: Id) -> Option<u64> {
        match self.objects[id] {
            PickleValue::Int(side) => u64::try_from(side).ok(),
            _ => None,
        }
    }

    /// Up to eight sizes.
    fn sides(&self, id: Id) -> Option<Vec<u64>> {
        match &self.objects[id] {
            PickleValue::Tuple(sides) if sides.len() <= 8 => {
                sides.iter().map(|side| self.side(*side)).collect()
            }
            _ => None,
        }
    }

    /// ("storage", type, key, device, number of values), before PyTorch 1.6 with a part of it beside, where it is one
    pub(super) fn storage(&mut self) -> Result<()> {
        let id = self.pop()?;
        let storage = match &self.objects[id] {
            PickleValue::Tuple(parts) => match parts.as_slice() {
                // Object 0 is Python's None: no part.
                [_, kind, key, _, count] | [_, kind, key, _, count, 0] => {
                    match (&self.objects[*kind], &self.objects[*key], self.side(*count)) {
                        (
                            PickleValue::Name(Known::Storage(kind)),
                            PickleValue::Text(_),
                            Some(count),
                        ) => Some(PickleValue::Storage { kind: *kind, key: *key, count }),
                        // Of a type that we do not know.
                        (PickleValue::Foreign(name), ..) => Some(PickleValue::Foreign(*name)),
                        _ => None,
                    }
                }
                _ => None,
            },
            _ => None,
        };
        match storage {
            Some(storage) => self.push(storage),
            None => Err(self.malformed()),
        }
    }
}

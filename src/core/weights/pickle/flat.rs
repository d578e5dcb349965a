//! Names of the values of a pickle: keys of dictionaries and places in lists, joined by dots. Invariant: whatever plain
//! data holds is named once; what lies within an object of unknown code is named with that code.

use crate::weights::pickle::{Pickle, PickleObject, PickleValue};
use std::borrow::Cow;
use std::collections::HashSet;

/// Containers within containers that are looked into.
const DEPTH: usize = 64;
/// Bytes of all names; a file could otherwise unfold by long names of dictionaries.
const MOST_CHARACTERS: usize = 128 << 20;
/// Bytes that a name takes beside its characters.
const ENTRY: usize = 96;
/// Ends of the names of parameters: what stands under such a name is listed although it is no tensor.
const PARAMETERS: [&str; 8] =
    ["weight", "bias", "token", "embed", "embedding", "embeddings", "gamma", "lambda1"];

/// A value and its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Named {
    pub name: String,
    pub value: PickleValue,
    /// The object of unknown code that it lies in.
    pub within: Option<PickleValue>,
    /// Where in the name the first key begins that is no text: a number, or a place in a list.
    pub numbered: Option<usize>,
}

impl Pickle<'_> {
    /// All tensors and objects of code, and what stands in the place of a parameter; a container that has two names is
    /// under the first, and what is plain comes before what lies within objects of code.
    pub fn flat(&self) -> Vec<Named> {
        let (mut found, mut later) = (Vec::new(), Vec::new());
        let (mut seen, mut left) = (HashSet::new(), MOST_CHARACTERS);
        let root = Named { name: String::new(), value: self.root, within: None, numbered: None };
        let mut open = vec![(root, 0)];
        // The stack gives the last one first.
        while let Some((named, depth)) = open.pop().or_else(|| later.pop()) {
            if self.is_listed(named.value, &named.name) {
                found.push(named.clone());
            }
            let PickleValue::Object(id) = named.value else { continue };
            if depth > DEPTH || !seen.insert(id) {
                continue;
            }
            let foreign = matches!(self.object(named.value), Some(PickleObject::Foreign { .. }));
            let target = if foreign { &mut later } else { &mut open };
            let within = if foreign { Some(named.value) } else { named.within };
            for (key, value) in self.inner(named.value).into_iter().rev() {
                let bare = named.name.is_empty() || key.text.is_empty();
                let dot = if bare { "" } else { "." };
                let name = format!("{}{dot}{}", named.name, key.text);
                let object = matches!(value, PickleValue::Object(_));
                if !object && !self.is_listed(value, &name) {
                    continue;
                }
                let Some(rest) = left.checked_sub(name.len() + ENTRY) else { continue };
                left = rest;
                let start = named.name.len();
                let numbered = named.numbered.or((!key.is_text).then_some(start));
                target.push((Named { name, value, within, numbered }, depth + 1));
            }
        }
        found
    }

    /// True of what a reader of names must know.
    fn is_listed(&self, value: PickleValue, name: &str) -> bool {
        let parameter = || PARAMETERS.iter().any(|end| name.ends_with(end));
        match (value, self.object(value)) {
            (PickleValue::Foreign(_), _) => true,
            (_, Some(PickleObject::Tensor(_) | PickleObject::Foreign { .. })) => true,
            (_, Some(PickleObject::Tuple(_) | PickleObject::List(_))) => parameter(),
            (_, Some(_)) | (PickleValue::None, _) => false,
            _ => parameter(),
        }
    }

    /// What a container holds, by its keys.
    fn inner(&self, value: PickleValue) -> Vec<(Key<'_>, PickleValue)> {
        let numbered = |items: &[PickleValue]| {
            items.iter().enumerate().map(|(i, value)| (Key::number(i), *value)).collect()
        };
        match self.object(value) {
            Some(PickleObject::Dict { pairs, .. }) => {
                pairs.iter().map(|(key, value)| (self.key(*key), *value)).collect()
            }
            Some(PickleObject::List(items) | PickleObject::Tuple(items)) => {
                match self.pairs(items) {
                    Some(pairs) => {
                        pairs.into_iter().map(|(key, value)| (self.key(key), value)).collect()
                    }
                    None => numbered(items),
                }
            }
            Some(PickleObject::Foreign { contents, .. }) => match contents[..] {
                // What one thing holds needs no number.
                [value] => vec![(Key { text: "".into(), is_text: true }, value)],
                _ => numbered(contents),
            },
            _ => Vec::new(),
        }
    }

    /// The items of a list, if all are pairs of a text and a value, as those of a dictionary's list of items.
    fn pairs(&self, items: &[PickleValue]) -> Option<Vec<(PickleValue, PickleValue)>> {
        let pair = |item: &PickleValue| match self.object(*item)? {
            PickleObject::Tuple(pair) | PickleObject::List(pair) => match pair[..] {
                [key @ (PickleValue::Text(_) | PickleValue::Bytes(_)), value] => Some((key, value)),
                _ => None,
            },
            _ => None,
        };
        (!items.is_empty()).then(|| items.iter().map(pair).collect())?
    }

    /// A key as a part of a name, as Python writes it.
    fn key(&self, key: PickleValue) -> Key<'_> {
        let other = |text: String| Key { text: text.into(), is_text: false };
        match key {
            PickleValue::Text(span) | PickleValue::Bytes(span) => {
                Key { text: self.text(span), is_text: true }
            }
            PickleValue::Int(number) => other(number.to_string()),
            PickleValue::Float(number) => other(format!("{number:?}")),
            PickleValue::Bool(value) => other(if value { "True" } else { "False" }.to_owned()),
            PickleValue::None => other("None".to_owned()),
            key => match (self.code(key), self.object(key)) {
                // With the words that it was made of, as a member of an enumeration has its name.
                (Some(code), Some(PickleObject::Foreign { contents, .. })) => {
                    let given = contents.first().and_then(|given| self.object(*given));
                    let words: Vec<Cow<str>> = match given {
                        Some(PickleObject::Tuple(items)) => self.plain(items),
                        _ => Vec::new(),
                    };
                    let all: Vec<Cow<str>> = std::iter::once(code.into()).chain(words).collect();
                    other(all.join("."))
                }
                (Some(code), _) => other(code.to_owned()),
                (None, Some(PickleObject::Tuple(items))) => other(self.plain(items).join(".")),
                _ => other("?".to_owned()),
            },
        }
    }

    /// The small values of a key as parts of a name: nothing recurses.
    fn plain(&self, items: &[PickleValue]) -> Vec<Cow<'_, str>> {
        let small = |item: &&PickleValue| {
            !matches!(
                item,
                PickleValue::Object(_) | PickleValue::Foreign(_) | PickleValue::Known(_)
            )
        };
        items.iter().take(8).filter(small).map(|item| self.key(*item).text).collect()
    }
}

/// A part of a name.
struct Key<'a> {
    text: Cow<'a, str>,
    is_text: bool,
}

impl Key<'_> {
    fn number(number: usize) -> Self {
        Self { text: number.to_string().into(), is_text: false }
    }
}

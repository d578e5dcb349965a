//! Half network: one whose name says that it is what was asked for, but of which parts are missing or cannot be read.
//! Invariant: another network is never taken in its place in silence.

use crate::error::{Error, FileProblem, HalfNetwork};
use crate::run::network::Network;
use crate::weights::networks::Networks;
use crate::weights::roles::rank;
use crate::weights::source::{Listed, What};
use crate::weights::{Choice, beside, places, wrappers};
use std::collections::BTreeMap;

/// Tensors of which none has a name of ours, and that are a network nevertheless: more than a schedule or a mean has.
const SOME: usize = 8;
/// The parts by which networks are found, in our names.
const PARTS: [&str; 4] =
    ["cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.0.norm1.weight"];

/// What is known of one.
#[derive(Default)]
struct Half {
    tensors: usize,
    parts: [bool; 4],
    code: Option<String>,
}

/// The refusal of a file of which the network that was asked for is half there, while `networks` holds others.
pub fn refusal(
    file: &str,
    listed: &[Listed],
    networks: &Networks,
    choice: &Choice,
) -> Option<Error> {
    let taken = rank(&networks.taken, choice.network());
    if choice.prefix.is_some() || taken == 0 {
        return None;
    }
    let whole = |name: &str| {
        let mut all = networks.left.iter().chain([&networks.taken]);
        all.any(|prefix| !prefix.is_empty() && name.starts_with(prefix.as_str()))
    };
    let mut halves: BTreeMap<&str, Half> = BTreeMap::new();
    for Listed { name, what, .. } in listed {
        if !matches!(what, What::Weights | What::Code(_) | What::Inside(_)) || whole(name) {
            continue;
        }
        let anchor = places::anchor(name);
        let better = |prefix: &str| rank(prefix, choice.network()) < taken;
        let prefix = match (anchor, what) {
            (Some((prefix, _)), What::Weights) => prefix,
            // Of an object of code only its own name was written by a person.
            (Some((prefix, _)), _) => shortest(prefix, better),
            (None, _) => shortest(places::owner(name), better),
        };
        let own = wrappers::bare(&name[prefix.len()..]);
        if prefix.split('.').any(beside::is_apart) || beside::is_beside(&own) || !better(prefix) {
            continue;
        }
        let half = halves.entry(prefix).or_default();
        half.tensors += 1;
        if let Some((_, part)) = anchor {
            half.parts[part] = true;
        }
        if let What::Code(code) | What::Inside(code) = what {
            half.code.get_or_insert_with(|| code.clone());
        }
    }
    let counts = |half: &Half| (half.parts.iter().filter(|there| **there).count(), half.tensors);
    let (prefix, half) = halves
        .into_iter()
        .filter(|(_, half)| counts(half) >= (1, 0) || half.tensors >= SOME)
        .max_by_key(|(_, half)| counts(half))?;
    let missing = PARTS.iter().zip(half.parts).filter(|(_, there)| !there);
    let problem = HalfNetwork {
        student: choice.network() == Network::Student,
        prefix: prefix.to_owned(),
        missing: missing.map(|(part, _)| (*part).to_owned()).collect(),
        code: half.code,
        whole: networks.taken.clone(),
    };
    Some(Error::file(file, FileProblem::HalfNetwork(Box::new(problem))))
}

/// The shortest part of a prefix that is better; all of it if none is.
fn shortest(prefix: &str, better: impl Fn(&str) -> bool) -> &str {
    let mut ends = prefix.match_indices('.').map(|(at, _)| &prefix[..=at]);
    ends.find(|part| better(part)).unwrap_or(prefix)
}

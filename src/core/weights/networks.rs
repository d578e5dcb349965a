//! Networks of a file: which backbones its names tell of, and the one that is taken. Invariant: a network is a prefix
//! with all of its parts behind it; if no prefix has all, the one with the most is taken, so that what is missing can
//! be named.

use crate::weights::roles::rank;
use crate::weights::{Choice, places};
use std::collections::BTreeMap;

/// The networks of a file, as prefixes of names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Networks {
    /// What stands before the names of the one that is taken.
    pub taken: String,
    /// The others.
    pub left: Vec<String>,
}

/// Finds the networks among names; nothing if there is none.
pub fn find<'a>(names: impl Iterator<Item = &'a str>, choice: &Choice) -> Option<Networks> {
    let mut parts: BTreeMap<&str, [bool; 4]> = BTreeMap::new();
    for (prefix, part) in names.filter_map(places::anchor) {
        parts.entry(prefix).or_default()[part] = true;
    }
    let count = |parts: &[bool; 4]| parts.iter().filter(|there| **there).count();
    let most = parts.values().map(count).max()?;
    let whole = parts.iter().filter(|(_, parts)| count(parts) == most);
    let mut prefixes: Vec<&str> = whole.map(|(prefix, _)| *prefix).collect();
    let chosen = |prefix: &str| choice.prefix.as_deref() == Some(prefix);
    prefixes.sort_by_key(|p| (!chosen(p), rank(p, choice.network()), p.len()));
    let mut prefixes = prefixes.into_iter().map(str::to_owned);
    Some(Networks { taken: prefixes.next()?, left: prefixes.collect() })
}

impl Networks {
    /// The name without its prefix, if it belongs to the network that is taken and to no other.
    pub fn own<'a>(&self, name: &'a str) -> Option<&'a str> {
        let longer = |left: &&String| left.len() > self.taken.len();
        let others = self.left.iter().filter(longer).any(|left| name.starts_with(left.as_str()));
        name.strip_prefix(self.taken.as_str()).filter(|_| !others)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::network::Network;

    fn whole(prefix: &str) -> Vec<String> {
        ["cls_token", "pos_embed", "patch_embed.proj.weight", "blocks.0.norm1.weight"]
            .map(|name| format!("{prefix}{name}"))
            .to_vec()
    }

    fn taken(prefixes: &[&str], network: Network) -> String {
        let names: Vec<String> = prefixes.iter().flat_map(|prefix| whole(prefix)).collect();
        let found = find(names.iter().map(String::as_str), &Choice::of(network, None)).unwrap();
        assert_eq!(found.left.len(), prefixes.len() - 1);
        found.taken
    }

    #[test]
    fn the_teacher_is_taken_and_the_student_where_it_is_asked_for() {
        for (student, teacher) in [
            ("student.backbone.", "teacher.backbone."),
            ("backbone.", "momentum_backbone."),
            ("module.base_encoder.", "module.momentum_encoder."),
            ("", "ema_"),
            ("model.", "model_ema."),
            ("encoder_q.", "encoder_k."),
            ("online.", "target."),
            ("student_backbone.", "teacher_backbone."),
            ("studentModel.", "teacherModel."),
            ("student1.", "teacher1."),
            ("model.", "modelEMA."),
            ("visual_encoder.", "visual_encoder_m."),
            ("net.", "net_avg."),
            ("net_s.", "net_t."),
        ] {
            assert_eq!(taken(&[student, teacher], Network::Teacher), teacher);
            assert_eq!(taken(&[teacher, student], Network::Student), student);
        }
        assert_eq!(taken(&["x."], Network::Teacher), "x.");
        let names: Vec<String> = ["a.", "b.", "teacher."].iter().flat_map(|p| whole(p)).collect();
        let find = |prefix: &str| {
            let choice = Choice { prefix: Some(prefix.to_owned()), ..Choice::default() };
            find(names.iter().map(String::as_str), &choice).unwrap().taken
        };
        assert_eq!([find("b."), find("a."), find("c.")], ["b.", "a.", "teacher."]);
    }

    #[test]
    fn half_a_network_beside_a_whole_one_is_none() {
        let mut names = whole("");
        names.extend(["decoder_pos_embed", "cls_pos_embed"].map(str::to_owned));
        let found = find(names.iter().map(String::as_str), &Choice::default());
        assert_eq!(found, Some(Networks::default()));
        assert_eq!(find(["conv1.weight"].into_iter(), &Choice::default()), None);
    }
}

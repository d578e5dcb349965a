//! Role of a network by the words before its names: a teacher's, a student's or neither's. Invariant: words are told
//! apart as people write them, by dots, underscores, capitals and numbers.

use crate::run::network::Network;

/// Words in the prefix of a teacher, whose weights are an average of a student's.
const TEACHER: [&str; 25] = [
    "teacher", "teachers", "tea", "momentum", "ema", "emas", "ewma", "target", "k", "key",
    "averaged", "average", "avg", "averager", "swa", "mean", "m", "mom", "polyak", "shadow",
    "slow", "moving", "smoothed", "sma", "offline",
];
/// Words in the prefix of a student.
const STUDENT: [&str; 7] = ["student", "students", "stu", "online", "q", "query", "learner"];
/// What `ema` is glued to in small letters, as in `modelema`.
const GLUED: [&str; 8] =
    ["model", "net", "network", "encoder", "backbone", "vit", "weights", "params"];

/// How well a prefix suits the network that is asked for: 0 best, 1 of no role, 2 of the other role.
pub fn rank(prefix: &str, network: Network) -> usize {
    let (mut teacher, mut student) = (false, false);
    for component in prefix.split('.') {
        let words = words(component);
        for (i, word) in words.iter().enumerate() {
            // One letter means something only behind a name, and not where it is the size of a model.
            let size = i > 0 && matches!(words[i - 1].as_str(), "vit" | "deit" | "size");
            let last = i > 0 && i + 1 == words.len() && !size;
            teacher |= match word.as_str() {
                "m" | "t" => last,
                word => TEACHER.contains(&word) || is_glued(word, &["teacher", "momentum"]),
            };
            student |= match word.as_str() {
                "s" => last,
                word => STUDENT.contains(&word) || is_glued(word, &["student"]),
            };
        }
    }
    match (teacher, student) {
        (true, _) if network == Network::Student => 2,
        (true, _) => 0,
        (false, true) if network == Network::Student => 0,
        (false, true) => 2,
        (false, false) => 1,
    }
}

/// True of a word with a role glued into it: `teachernet`, `modelema`.
fn is_glued(word: &str, roles: &[&str]) -> bool {
    let other = word.strip_prefix("ema").or_else(|| word.strip_suffix("ema"));
    let ema = roles.contains(&"teacher") && other.is_some_and(|other| GLUED.contains(&other));
    ema || roles.iter().any(|role| word.starts_with(role) || word.ends_with(role))
}

/// The words of a name in small letters, without the numbers behind them: `teacherModel1` and `modelEMA` are two each.
pub fn words(component: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), String::new());
    let letters: Vec<char> = component.chars().collect();
    for (i, letter) in letters.iter().enumerate() {
        let after_small = i > 0 && letters[i - 1].is_lowercase();
        let before_small = letters.get(i + 1).is_some_and(|next| next.is_lowercase());
        let starts = letter.is_uppercase()
            && (after_small || (i > 0 && letters[i - 1].is_uppercase() && before_small));
        if (starts || !letter.is_alphabetic()) && !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
        if letter.is_alphabetic() {
            word.extend(letter.to_lowercase());
        }
    }
    words.extend(Some(word).filter(|word| !word.is_empty()));
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_as_people_write_them() {
        for (component, expected) in [
            ("teacherModel", &["teacher", "model"][..]),
            ("modelEMA", &["model", "ema"]),
            ("EMAModel2", &["ema", "model"]),
            ("student1", &["student"]),
            ("visual_encoder_m", &["visual", "encoder", "m"]),
            ("net-avg", &["net", "avg"]),
            ("", &[]),
        ] {
            assert_eq!(words(component), expected, "{component}");
        }
    }

    #[test]
    fn a_role_is_a_word_and_no_part_of_another() {
        for (prefix, expected) in [
            ("teacher.backbone.", 0),
            ("teachernet.", 0),
            ("modelema.", 0),
            ("module.momentumEncoder.", 0),
            ("encoder_m.", 0),
            ("ema2.", 0),
            ("net_t.", 0),
            ("schema.", 1),
            ("vit_t.", 1),
            ("m.", 1),
            ("image_encoder.", 1),
            ("studentNet.", 2),
            ("net_s.", 2),
        ] {
            assert_eq!(rank(prefix, Network::Teacher), expected, "{prefix}");
        }
        assert_eq!(rank("teacher1.", Network::Student), 2);
        assert_eq!(rank("student1.", Network::Student), 0);
    }
}

//! Fragment of an address as it came: programs that pass links on take a sentence's full stop along, or write signs as
//! percents. Invariant: a fragment that this page wrote is left as it is.

/// Signs after a link that belong to the sentence around it; no link of this page ends with one.
const AFTER: &[char] = &[
    '.', ',', ';', ':', '!', '?', ')', ']', '}', '>', '\'', '"', '»', '”', '’', '…', '。', '，',
    '、', '；', '！', '？', '）', '」', '』', '》',
];

/// The fragment as it was written.
pub fn mended(fragment: &str) -> String {
    let text = decoded(fragment).unwrap_or_else(|| fragment.to_owned());
    text.trim_end_matches(|sign: char| AFTER.contains(&sign) || sign.is_whitespace()).to_owned()
}

/// Percents as the bytes that they stand for; `None` if there are none, or they make no text.
fn decoded(text: &str) -> Option<String> {
    let mut parts = text.split('%');
    let mut bytes = parts.next()?.as_bytes().to_vec();
    if bytes.len() == text.len() {
        return None;
    }
    for part in parts {
        let (digits, rest) = part.split_at_checked(2)?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_others_add_or_encode_is_undone() {
        for (came, written) in [
            ("#map=1.eNq-_9", "#map=1.eNq-_9"),
            ("#map=1.eNq-_9.", "#map=1.eNq-_9"),
            ("#map=1.eNq-_9).", "#map=1.eNq-_9"),
            ("#map=1.eNq」。", "#map=1.eNq"),
            ("#map%3D1.eNq", "#map=1.eNq"),
            ("#map%3d1%2EeNq%20", "#map=1.eNq"),
            ("#v=1&preset=spark&lr=0.001,", "#v=1&preset=spark&lr=0.001"),
            ("#v%3D1%26preset%3Dspark", "#v=1&preset=spark"),
            ("#map=", "#map="),
            ("#100%", "#100%"),
            ("#%zz", "#%zz"),
            ("#%E4%BD%A0", "#你"),
            ("#%ff", "#%ff"),
            ("", ""),
        ] {
            assert_eq!(mended(came), written, "{came}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_mended_stays(text in ".{0,60}") {
            let once = mended(&text);
            if !once.contains('%') {
                prop_assert_eq!(mended(&once), once);
            }
        }
    }
}

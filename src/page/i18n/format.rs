//! Numbers, sizes and lists as text: the same in every language. Invariant: no word of any language is here.

/// A file's size.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => megabytes(bytes),
    }
}

/// Memory, always in megabytes.
pub fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// Memory in whole megabytes, or in gigabytes; number and unit stay on one line.
pub fn memory(bytes: u64) -> String {
    match bytes as f64 {
        b if b < 1e9 => format!("{:.0}\u{a0}MB", b / 1e6),
        b => format!("{:.1}\u{a0}GB", b / 1e9),
    }
}

/// A share of 1 in percent.
pub fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// A number with a mark between its thousands.
pub fn thousands(n: usize, mark: &str) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push_str(mark);
        }
        text.push(digit);
    }
    text
}

/// Up to six names, and how many more.
pub fn list(names: &[String], between: &str, more: &str) -> String {
    const MOST: usize = 6;
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(between);
    match names.len().saturating_sub(MOST) {
        0 => shown,
        rest => format!("{shown}{between}+{rest} {more}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_change_their_unit_at_a_megabyte() {
        assert_eq!(size(1), "1 kB");
        assert_eq!(size(999_999), "1000 kB");
        assert_eq!(size(1_000_000), "1.0 MB");
        assert_eq!(memory(999_400_000), "999\u{a0}MB");
        assert_eq!(memory(1_500_000_000), "1.5\u{a0}GB");
    }

    #[test]
    fn thousands_are_set_apart_from_the_right() {
        let marked = [0, 999, 1000, 1_234_567].map(|n| thousands(n, ","));
        assert_eq!(marked, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn a_list_names_six_and_counts_the_rest() {
        let names: Vec<_> = (1..=8).map(|n| n.to_string()).collect();
        assert_eq!(list(&names[..6], ", ", "more"), "1, 2, 3, 4, 5, 6");
        assert_eq!(list(&names, ", ", "more"), "1, 2, 3, 4, 5, 6, +2 more");
    }
}

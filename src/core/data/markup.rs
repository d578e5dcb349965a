//! Markup by its first element: a drawing or a page. Invariant: comments and declarations before it decide nothing,
//! however long they are, and neither does the encoding of the text.

/// What a file of markup is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Markup {
    Svg,
    Html,
}

/// Judges a text by its first element; none for another, or if it has none.
pub fn recognise(text: &[u8]) -> Option<Markup> {
    let mut text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    loop {
        text = text.trim_ascii_start();
        let rest = text.strip_prefix(b"<")?;
        if rest.starts_with(b"!--") {
            text = behind(rest.get(3..)?, b"-->")?;
        } else if rest.starts_with(b"?") {
            text = behind(rest, b"?>")?;
        } else if let Some(rest) = rest.strip_prefix(b"!") {
            let (word, rest) = name(rest);
            if !word.eq_ignore_ascii_case(b"doctype") {
                return None;
            }
            let (root, _) = name(rest.trim_ascii_start());
            return of_element(root).or_else(|| recognise(behind(rest, b">")?));
        } else {
            let (word, _) = name(rest);
            return of_element(word);
        }
    }
}

fn of_element(name: &[u8]) -> Option<Markup> {
    // A prefix of a namespace may stand before it.
    let name = name.rsplit(|byte| *byte == b':').next()?.to_ascii_lowercase();
    match name.as_slice() {
        b"svg" => Some(Markup::Svg),
        b"html" | b"head" | b"body" | b"title" | b"meta" | b"script" | b"div" => Some(Markup::Html),
        _ => None,
    }
}

/// A name and what stands behind it.
fn name(text: &[u8]) -> (&[u8], &[u8]) {
    let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/' | b'[');
    text.split_at(text.iter().position(ends).unwrap_or(text.len()))
}

fn behind<'a>(text: &'a [u8], mark: &[u8]) -> Option<&'a [u8]> {
    let at = text.windows(mark.len()).position(|window| window == mark)?;
    text.get(at + mark.len()..)
}

//! Shader text for the compiler, made from a shader file: `const NAME: u32 = …;` lines get this dispatch's
//! values, blocks marked `// when` stay where their condition holds, and loops marked `// unroll` are written
//! out. No compiler of a software adapter unrolls loops, and an array indexed by a loop variable is memory, while
//! one indexed by literals is registers: 5 to 10 times faster (SwiftShader, f32 products). Invariant: the file as
//! written is valid WGSL with the same meaning.

use crate::gpu::params::Constants;
use std::collections::BTreeMap;

impl Constants {
    /// The shader text with its `const` lines rewritten, its conditions decided and its marked loops written out.
    ///
    /// # Errors
    /// A sentence about what is missing or malformed: a constant that the text does not declare, a marked loop that
    /// is not `for (var i = 0u; i < BOUND; i++) { // unroll` or has no end.
    pub fn specialise(&self, source: &str) -> Result<String, String> {
        let mut text = source.to_owned();
        for (name, value) in &self.0 {
            let missing = || format!("it declares no `const {name}: u32`");
            let head = format!("const {name}: u32 = ");
            let start = text.find(&head).ok_or_else(missing)? + head.len();
            let end = start + text[start..].find(';').ok_or_else(missing)?;
            text.replace_range(start..end, &format!("{value}u"));
        }
        let constants = declared(&text);
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let mut out = String::with_capacity(2 * text.len());
        write_out(&lines, &constants, &mut out)?;
        Ok(out)
    }
}

/// Values of all `const NAME: u32 = …;` lines.
fn declared(text: &str) -> BTreeMap<String, u32> {
    let mut constants = BTreeMap::new();
    for line in text.lines() {
        let Some((name, rest)) = line.strip_prefix("const ").and_then(|l| l.split_once(": u32 = "))
        else {
            continue;
        };
        let value = rest.split_once(';').and_then(|(e, _)| evaluate(e, &constants));
        if let Some(value) = value {
            constants.insert(name.to_owned(), value);
        }
    }
    constants
}

/// The value of a chain of names and literals with `*`, `/`, `+` and `-`, from left to right.
fn evaluate(expression: &str, constants: &BTreeMap<String, u32>) -> Option<u32> {
    let value = |word: &str| match constants.get(word) {
        Some(value) => Some(*value),
        None => word.strip_suffix('u').unwrap_or(word).parse().ok(),
    };
    let mut words = expression.split_whitespace();
    let mut result = value(words.next()?)?;
    while let Some(operator) = words.next() {
        let right = value(words.next()?)?;
        result = match operator {
            "*" => result.checked_mul(right)?,
            "/" => result.checked_div(right)?,
            "+" => result.checked_add(right)?,
            "-" => result.checked_sub(right)?,
            _ => return None,
        };
    }
    Some(result)
}

fn write_out(
    lines: &[String],
    constants: &BTreeMap<String, u32>,
    out: &mut String,
) -> Result<(), String> {
    let mut at = 0;
    while at < lines.len() {
        let line = &lines[at];
        at += 1;
        if line.trim_end().ends_with("// when") {
            let holds = condition(line, constants)
                .ok_or_else(|| format!("this condition is not constant: {}", line.trim()))?;
            let length = body(&lines[at..])
                .ok_or_else(|| format!("this block has no end: {}", line.trim()))?;
            if holds {
                out.push_str("{\n");
                write_out(&lines[at..at + length], constants, out)?;
                out.push_str("}\n");
            }
            at += length + 1;
            continue;
        }
        if !line.trim_end().ends_with("// unroll") {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        let (name, count) = loop_of(line, constants)
            .ok_or_else(|| format!("this loop cannot be unrolled: {}", line.trim()))?;
        let length =
            body(&lines[at..]).ok_or_else(|| format!("this loop has no end: {}", line.trim()))?;
        let body = &lines[at..at + length];
        at += length + 1;
        for i in 0..count {
            let turn: Vec<String> =
                body.iter().map(|l| substitute(l, &name, &format!("{i}u"))).collect();
            out.push_str("{\n");
            write_out(&turn, constants, out)?;
            out.push_str("}\n");
        }
    }
    Ok(())
}

/// Whether `if (A == B) { // when` holds, or `!=`.
fn condition(line: &str, constants: &BTreeMap<String, u32>) -> Option<bool> {
    let rest = line.trim().strip_prefix("if (")?;
    let comparison = rest.split_once(')')?.0;
    let (equal, operator) =
        if comparison.contains(" == ") { (true, " == ") } else { (false, " != ") };
    let (left, right) = comparison.split_once(operator)?;
    Some((evaluate(left, constants)? == evaluate(right, constants)?) == equal)
}

/// Variable and number of turns of `for (var i = 0u; i < BOUND; i++) { // unroll`.
fn loop_of(line: &str, constants: &BTreeMap<String, u32>) -> Option<(String, u32)> {
    let rest = line.trim().strip_prefix("for (var ")?;
    let (name, rest) = rest.split_once(" = 0u; ")?;
    let rest = rest.strip_prefix(name)?.strip_prefix(" < ")?;
    let (bound, rest) = rest.split_once("; ")?;
    let step = rest.split_once(')')?.0;
    (step == format!("{name}++")).then_some(())?;
    Some((name.to_owned(), evaluate(bound, constants)?))
}

/// Number of lines before the one that closes the block.
fn body(lines: &[String]) -> Option<usize> {
    let mut depth = 1;
    for (i, line) in lines.iter().enumerate() {
        let code = line.split("//").next().unwrap_or(line);
        depth += code.matches('{').count();
        depth -= code.matches('}').count().min(depth);
        if depth == 0 {
            return Some(i);
        }
    }
    None
}

/// `line` with every whole word `name` replaced.
fn substitute(line: &str, name: &str, value: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut out = String::with_capacity(line.len());
    let mut word = String::new();
    for c in line.chars().chain(['\n']) {
        if is_word(c) {
            word.push(c);
            continue;
        }
        // A member (`v.i`) is no variable.
        let replaced = word == name && !out.ends_with('.');
        out.push_str(if replaced { value } else { &word });
        word.clear();
        out.push(c);
    }
    out.pop();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constants_are_rewritten_and_loops_written_out() {
        let source = "const N: u32 = 8u;\nconst HALF: u32 = N / 2u;\nfor (var i = 0u; i < HALF; i++) { // unroll\n    x[i] = v.i + i8(i);\n}\n";
        let text = Constants(vec![("N", 4)]).specialise(source).expect("specialises");
        let expected = "const N: u32 = 4u;\nconst HALF: u32 = N / 2u;\n{\n    x[0u] = v.i + i8(0u);\n}\n{\n    x[1u] = v.i + i8(1u);\n}\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn nested_loops_and_blocks() {
        let source = "for (var i = 0u; i < 2u; i++) { // unroll\n  for (var j = 0u; j < 1u; j++) { // unroll\n    if (i == j) { a(); }\n  }\n}\nend";
        let text = Constants::default().specialise(source).expect("specialises");
        assert_eq!(text.matches("if (").count(), 2);
        assert!(text.contains("if (1u == 0u)") && text.trim_end().ends_with("end"));
    }

    #[test]
    fn blocks_stay_only_where_they_hold() {
        let source = "const F: u32 = 0u;\nconst A: u32 = 0u;\nconst B: u32 = 1u;\nif (F == A) { // when\n    a();\n}\nif (F == B) { // when\n    if (x) { b(); }\n}\nend";
        let text = Constants(vec![("F", 1)]).specialise(source).expect("specialises");
        assert!(!text.contains("a()") && text.contains("b()") && text.contains("end"));
        let text =
            Constants::default().specialise("const A: u32 = 1u;\nif (A != 1u) { // when\n x\n}");
        assert!(!text.expect("specialises").contains('x'));
        assert!(Constants::default().specialise("if (x == 1u) { // when\n}").is_err());
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let unknown = Constants(vec![("M", 1)]).specialise("const N: u32 = 1u;");
        assert!(unknown.expect_err("no M").contains("const M"));
        for source in [
            "for (var i = 1u; i < 2u; i++) { // unroll\n}",
            "for (var i = 0u; i < 2u; i++) { // unroll\n{",
        ] {
            assert!(Constants::default().specialise(source).is_err());
        }
    }
}

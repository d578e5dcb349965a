//! Floors of the crates: the order in which modules may import each other. Invariant: a module imports only
//! modules that stand before it in its crate's list, which is read from `src/core/lib.rs`, `src/engine/lib.rs` or
//! `src/page/lib.rs`.
#![cfg(not(target_arch = "wasm32"))]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// An import against the order: the file, and the path as it is written.
type Offence = (String, String);

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name)
}

/// All Rust files under a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The modules of a `lib.rs` in their order.
fn floors(lib: &str) -> Vec<String> {
    let name = |line: &str| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')).map(str::to_owned)
    };
    lib.lines().filter_map(name).collect()
}

/// The code of a file: without comments, and without what is compiled for tests alone.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.split("//").next().unwrap_or_default();
        if line.trim_start().starts_with("#[cfg(test)]") {
            // The item after it: one line, or up to the brace that closes it.
            let mut depth = 0;
            for line in lines.by_ref() {
                depth += line.matches('{').count() as i64 - line.matches('}').count() as i64;
                let ends = line.trim_end().ends_with([';', '}', ',']);
                if depth <= 0 && ends {
                    break;
                }
            }
        } else {
            code.push_str(line);
            code.push('\n');
        }
    }
    code
}

/// Every path behind `crate::` in this code, groups of one `use` resolved to their parts.
fn paths(code: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        // Neither a crate whose name ends in `crate` nor a macro's `$crate`.
        let before = code[..at].chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            paths.extend(group_parts(group));
        } else {
            paths.push(path_of(rest));
        }
    }
    paths
}

/// The path at the beginning of a text, without a group at its end.
fn path_of(text: &str) -> String {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_' && c != ':');
    text[..end.unwrap_or(text.len())].trim_end_matches(':').to_owned()
}

/// The first paths of the parts of a group, of which the opening brace is gone.
fn group_parts(group: &str) -> Vec<String> {
    let (mut parts, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                let part = path_of(group[start..at].trim());
                parts.extend(Some(part).filter(|part| !part.is_empty()));
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    parts
}

/// The module of the crate in which a file is.
fn module_of(file: &Path, root: &Path) -> String {
    let inside = file.strip_prefix(root).unwrap();
    let first = inside.iter().next().unwrap().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

/// The folders and the name of a file, without its ending.
fn name_parts(file: &Path) -> impl Iterator<Item = String> {
    let parts = file.iter().map(|part| part.to_string_lossy().trim_end_matches(".rs").to_owned());
    parts.collect::<Vec<_>>().into_iter().rev().take(2)
}

/// Imports of modules that stand after the file's own.
fn offences(floors: &[String], module: &str, file: &str, code: &str) -> Vec<Offence> {
    let height = |name: &str| floors.iter().position(|floor| floor == name);
    let Some(own) = height(module) else { return Vec::new() };
    let above = |path: &String| {
        let first = path.split("::").next().unwrap_or_default();
        height(first).is_some_and(|height| height > own)
    };
    let above = paths(code).into_iter().filter(above);
    above.map(|path| (file.to_owned(), format!("crate::{path}"))).collect()
}

/// Imports against the order in a crate of this repository.
fn offences_of(name: &str) -> Vec<Offence> {
    let root = folder(name);
    let floors = floors(&std::fs::read_to_string(root.join("lib.rs")).unwrap());
    assert!(floors.len() > 5, "{floors:?}");
    let mut all = Vec::new();
    for file in files(&root) {
        let module = module_of(&file, &root);
        let is_test = name_parts(&file).any(|part| part == "tests");
        if !is_test && module != "lib" {
            let text = std::fs::read_to_string(&file).unwrap();
            let name = file.strip_prefix(&root).unwrap().display().to_string();
            all.extend(offences(&floors, &module, &name, &code(&text)));
        }
    }
    all
}

fn assert_none(offences: &[Offence]) {
    let lines: Vec<String> =
        offences.iter().map(|(file, path)| format!("{file} imports {path}")).collect();
    assert!(offences.is_empty(), "{} against the order:\n{}", lines.len(), lines.join("\n"));
}

#[test]
fn core_imports_downwards() {
    assert_none(&offences_of("core"));
}

#[test]
fn engine_imports_downwards() {
    assert_none(&offences_of("engine"));
}

#[test]
fn page_imports_downwards() {
    assert_none(&offences_of("page"));
}

/// Which places import which others.
fn imports_of_places() -> BTreeMap<String, BTreeSet<String>> {
    let root = folder("page").join("places");
    let mut imports: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files(&root) {
        let place = module_of(&file, &root);
        let text = std::fs::read_to_string(&file).unwrap();
        for path in paths(&code(&text)) {
            let mut parts = path.split("::");
            if let (Some("places"), Some(other)) = (parts.next(), parts.next())
                && other != place
            {
                imports.entry(place.clone()).or_default().insert(other.to_owned());
            }
        }
    }
    imports
}

#[test]
fn only_sharing_imports_another_place() {
    let expected = BTreeMap::from([("share".to_owned(), BTreeSet::from(["charts".to_owned()]))]);
    assert_eq!(imports_of_places(), expected);
}

#[test]
fn the_state_of_the_page_names_nothing_of_a_browser() {
    let mut found = Vec::new();
    for file in files(&folder("page").join("state")) {
        let code = code(&std::fs::read_to_string(&file).unwrap());
        for browser in [
            "web_sys",
            "js_sys",
            "wasm_bindgen",
            "window()",
            "document()",
            "set_timeout",
            "set_interval",
        ] {
            if code.contains(browser) {
                found.push((file.clone(), browser));
            }
        }
    }
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn an_import_upwards_is_found_wherever_it_is_written() {
    let floors = floors("//! mod comment;\npub mod low;\n\npub mod middle;\nmod high;\n");
    assert_eq!(floors, ["low", "middle", "high"]);
    let found = |text: &str| {
        let found = offences(&floors, "middle", "middle/a.rs", &code(text));
        found.into_iter().map(|(_, path)| path).collect::<Vec<_>>()
    };
    assert_eq!(
        found("use crate::high::A;\nuse crate::low::B;\nuse crate::middle::C;"),
        ["crate::high::A"]
    );
    assert_eq!(found("fn f() { crate::high::g(); }"), ["crate::high::g"]);
    assert_eq!(found("use crate::{\n    low::{A, B},\n    high::{C, D},\n};"), ["crate::high"]);
    assert_eq!(found("pub(crate) use crate::high::{A, B};"), ["crate::high"]);
    let hidden = "/// See crate::high::A.\n// crate::high\n#[cfg(test)]\nuse crate::high::A;\n\
                  #[cfg(test)]\nmod tests {\n    use crate::high::A;\n    fn f() {}\n}\n";
    assert_eq!(found(hidden), [""; 0]);
    let after = format!("{hidden}use crate::high::Z;\n");
    assert_eq!(found(&after), ["crate::high::Z"]);
}

/// Paths in backquotes that a document names, and the targets of its links: those with a folder, as they are in the
/// repository or under `src`. Placeholders in capitals are left out.
fn named(document: &str) -> Vec<&str> {
    let quoted = document.split('`').skip(1).step_by(2);
    let linked = document.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    let is_path = |path: &&str| {
        let mut letters = path.chars();
        path.contains('/')
            && path.contains('.')
            && letters.all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "/._-".contains(c))
            && !path.starts_with("http")
            && !path.starts_with(['/', '.'])
    };
    quoted.chain(linked).filter(is_path).collect()
}

#[test]
fn documents_name_files_that_are_there() {
    let root = folder("..");
    for document in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md", "README.zh-Hant.md"] {
        let text = std::fs::read_to_string(root.join(document)).unwrap();
        let named = named(&text);
        assert!(!named.is_empty(), "{document} names no file");
        for path in named {
            let there = root.join(path).exists() || root.join("src").join(path).exists();
            assert!(there, "{document} names `{path}`, which is not there");
        }
    }
}

//! Folder of the page, put together from `www/index.html`: what its `<link data-trunk>` elements name is copied,
//! and they become the elements of a finished page. The elements are Trunk's, so `trunk serve` builds the same
//! page; Trunk itself takes five minutes to compile. Invariant: a folder is replaced when the new one is
//! complete, and an element that is not understood is an error.

use crate::project;
use crate::say::Result;
use std::fs;
use std::path::{Path, PathBuf};

/// The word that marks an element which names a part of the page.
const MARK: &str = "data-trunk";

/// A page's source.
pub struct Site {
    /// Folder of `index.html`.
    folder: PathBuf,
    html: String,
    links: Vec<Link>,
    /// The element that starts the program, with `{base}`, `{js}` and `{wasm}` to be filled in.
    script: String,
}

/// A `<link data-trunk>` element.
struct Link {
    /// Its place in the html, with the whole line if nothing else is on it.
    place: std::ops::Range<usize>,
    attributes: Vec<(String, String)>,
}

impl Link {
    fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    fn need(&self, name: &str) -> Result<&str> {
        self.get(name).ok_or_else(|| {
            let known: Vec<_> =
                self.attributes.iter().map(|(n, value)| format!("{n}=\"{value}\"")).collect();
            format!("index.html: `<link {MARK} {}>` has no {name}", known.join(" "))
        })
    }
}

/// A program of the page.
pub struct Program {
    /// The package that it belongs to.
    pub package: String,
    /// Its name as a binary.
    pub name: String,
    /// wasm-opt's level for it.
    pub wasm_opt: String,
}

impl Site {
    /// Reads a page's source.
    ///
    /// # Errors
    /// When it cannot be read or an element has no end.
    pub fn read(index: &Path) -> Result<Self> {
        let trunk = project::read(&project::root().join("Trunk.toml"))?;
        let script = trunk
            .lines()
            .find_map(|line| line.strip_prefix("pattern_script = '")?.strip_suffix('\''))
            .ok_or("Trunk.toml has no pattern_script")?
            .to_owned();
        let folder = index.parent().unwrap_or(Path::new(".")).to_path_buf();
        let html = project::read(index)?;
        Ok(Self { folder, links: links(&html)?, html, script })
    }

    /// The programs to compile.
    ///
    /// # Errors
    /// When an element lacks something, or its `Cargo.toml` names no package.
    pub fn programs(&self) -> Result<Vec<Program>> {
        let rust = self.links.iter().filter(|link| link.get("rel") == Some("rust"));
        rust.map(|link| {
            let manifest = self.folder.join(link.need("href")?);
            let package = project::read(&manifest)?
                .lines()
                .find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'))
                .ok_or_else(|| format!("{} names no package", manifest.display()))?
                .to_owned();
            let name = link.need("data-bin")?.to_owned();
            Ok(Program { package, name, wasm_opt: link.need("data-wasm-opt")?.to_owned() })
        })
        .collect()
    }

    /// Writes the finished page in place of `dist`; `programs` has the JavaScript and wasm of each.
    ///
    /// # Errors
    /// When a file cannot be read or written, or an element is not understood.
    pub fn write(&self, programs: &Path, dist: &Path) -> Result<()> {
        let mut partial = dist.as_os_str().to_owned();
        partial.push(".partial");
        let partial = PathBuf::from(partial);
        remove(&partial)?;
        project::make(&partial)?;
        let mut html = String::with_capacity(self.html.len());
        let mut end = 0;
        for link in &self.links {
            html.push_str(&self.html[end..link.place.start]);
            if let Some(element) = self.place(link, programs, &partial)? {
                html.push_str(&format!("    {element}\n"));
            }
            end = link.place.end;
        }
        html.push_str(&self.html[end..]);
        let index = partial.join("index.html");
        fs::write(&index, html).map_err(|e| format!("{}: {e}", index.display()))?;
        remove(dist)?;
        fs::rename(&partial, dist).map_err(|e| format!("{}: {e}", dist.display()))
    }

    /// Copies what an element names; gives the element that takes its place.
    fn place(&self, link: &Link, programs: &Path, dist: &Path) -> Result<Option<String>> {
        let rel = link.need("rel")?;
        let from = self.folder.join(link.need("href")?);
        let name = || {
            let name = from.file_name().and_then(|n| n.to_str());
            name.ok_or_else(|| format!("index.html: {} is no file's name", from.display()))
        };
        Ok(match rel {
            "css" | "icon" => {
                let (stem, extension) = name()?.rsplit_once('.').unwrap_or((name()?, ""));
                let hashed = format!("{stem}-{}.{extension}", project::hash(&[&from])?);
                copy(&from, &dist.join(&hashed))?;
                let rel = if rel == "css" { "stylesheet" } else { rel };
                Some(format!("<link rel=\"{rel}\" href=\"./{hashed}\" />"))
            }
            "copy-file" => copy(&from, &dist.join(name()?)).map(|()| None)?,
            "copy-dir" => copy_folder(&from, &dist.join(name()?)).map(|()| None)?,
            "rust" => {
                let program = link.need("data-bin")?;
                let js = programs.join(format!("{program}.js"));
                let wasm = programs.join(format!("{program}_bg.wasm"));
                if programs.join("snippets").exists() {
                    return Err(format!(
                        "{program}: a crate brings snippets of JavaScript, which the \
                                        finished page has no place for"
                    ));
                }
                // The page asks for its worker by this name.
                let worker = link.get("data-type") == Some("worker");
                let base = if worker {
                    program.to_owned()
                } else {
                    format!("{program}-{}", project::hash(&[&js, &wasm])?)
                };
                let (to_js, to_wasm) = (format!("{base}.js"), format!("{base}_bg.wasm"));
                copy(&js, &dist.join(&to_js))?;
                copy(&wasm, &dist.join(&to_wasm))?;
                (!worker).then(|| self.start(&to_js, &to_wasm))
            }
            _ => return Err(format!("index.html: `rel=\"{rel}\"` is not understood")),
        })
    }

    /// The element that loads and starts the page's program.
    fn start(&self, js: &str, wasm: &str) -> String {
        let script =
            self.script.replace("{base}", "./").replace("{js}", js).replace("{wasm}", wasm);
        format!(
            "<link rel=\"modulepreload\" href=\"./{js}\" crossorigin=\"anonymous\" />\n    \
             <link rel=\"preload\" href=\"./{wasm}\" crossorigin=\"anonymous\" as=\"fetch\" \
             type=\"application/wasm\" />\n    {script}"
        )
    }
}

/// Every element that names a part of the page, in the order of the html.
fn links(html: &str) -> Result<Vec<Link>> {
    let mut links = Vec::new();
    let mut from = 0;
    while let Some(start) = html[from..].find("<link").map(|at| from + at) {
        let end = html[start..].find('>').ok_or("index.html: an element has no end")? + start + 1;
        from = end;
        let element = &html[start..end];
        if !element.split_whitespace().any(|word| word == MARK) {
            continue;
        }
        let mut attributes = Vec::new();
        let mut rest = element;
        while let Some((before, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"').ok_or("index.html: a value has no end")?;
            let name = before.split_whitespace().next_back().unwrap_or_default();
            attributes.push((name.to_owned(), value.to_owned()));
            rest = after;
        }
        let line = html[..start].rfind('\n').map_or(0, |at| at + 1);
        let alone = html[line..start].trim().is_empty() && html[end..].starts_with('\n');
        let place = if alone { line..end + 1 } else { start..end };
        links.push(Link { place, attributes });
    }
    Ok(links)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .map(|_| ())
        .map_err(|e| format!("{} cannot be copied to {}: {e}", from.display(), to.display()))
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    project::make(to)?;
    let unreadable = |e| format!("{}: {e}", from.display());
    for entry in fs::read_dir(from).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let to = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() { copy_folder(&path, &to)? } else { copy(&path, &to)? }
    }
    Ok(())
}

fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{} cannot be removed: {e}", folder.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page's source and its programs in a folder of their own.
    fn source(name: &str, extra: &str) -> PathBuf {
        let base = std::env::temp_dir().join(format!("xtask-site-{name}-{}", std::process::id()));
        let files = [
            ("www/style.css", "a{}"),
            ("www/boot.js", "boot"),
            ("www/samples/cat/1.jpg", "jpg"),
            ("built/app.js", "js"),
            ("built/app_bg.wasm", "wasm"),
            ("built/worker.js", "js"),
            ("built/worker_bg.wasm", "wasm"),
            ("Cargo.toml", "[package]\nname = \"x\"\n"),
        ];
        for (path, text) in files {
            let path = base.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let html = format!(
            "<head>\n    <link data-trunk rel=\"css\" href=\"style.css\" />\n    \
             <link data-trunk rel=\"copy-file\" href=\"boot.js\" />\n    \
             <link data-trunk rel=\"copy-dir\" href=\"samples\" />\n    \
             <link data-trunk rel=\"rust\" href=\"../Cargo.toml\" data-bin=\"app\" data-wasm-opt=\"s\" />\n    \
             <link rel=\"manifest\" href=\"./boot.js\" />\n    \
             <link\n      data-trunk\n      rel=\"rust\"\n      href=\"../Cargo.toml\" data-bin=\"worker\"\n      \
             data-type=\"worker\" data-wasm-opt=\"z\"\n    />{extra}\n</head>"
        );
        fs::write(base.join("www/index.html"), html).unwrap();
        base
    }

    #[test]
    fn a_finished_page_has_everything_and_names_it() {
        let base = source("whole", "");
        let site = Site::read(&base.join("www/index.html")).unwrap();
        let programs = site.programs().unwrap();
        let seen: Vec<_> = programs.iter().map(|p| (&*p.package, &*p.name, &*p.wasm_opt)).collect();
        assert_eq!(seen, [("x", "app", "s"), ("x", "worker", "z")]);

        let dist = base.join("dist");
        site.write(&base.join("built"), &dist).unwrap();
        let html = fs::read_to_string(dist.join("index.html")).unwrap();
        assert!(!html.contains(MARK), "{html}");
        assert!(
            html.contains("<script type=\"module\" src=\"./boot.js\" data-js=\"./app-"),
            "{html}"
        );
        for path in ["boot.js", "samples/cat/1.jpg", "worker.js", "worker_bg.wasm"] {
            assert!(dist.join(path).is_file(), "{path}");
        }
        let named: Vec<_> = html.split('"').filter_map(|word| word.strip_prefix("./")).collect();
        assert!(named.iter().any(|n| n.starts_with("style-") && n.ends_with(".css")), "{html}");
        for name in named {
            assert!(dist.join(name).is_file(), "{name}");
        }

        // Another program gets another name, and nothing of the old page stays.
        fs::write(base.join("built/app_bg.wasm"), "other").unwrap();
        site.write(&base.join("built"), &dist).unwrap();
        assert_ne!(fs::read_to_string(dist.join("index.html")).unwrap(), html);
        let wasm = fs::read_dir(&dist).unwrap().flatten();
        let wasm = wasm.filter(|e| e.file_name().to_string_lossy().ends_with(".wasm"));
        assert_eq!(wasm.count(), 2);
        fs::remove_dir_all(&base).unwrap();
    }

    #[test]
    fn a_page_that_cannot_be_finished_leaves_the_last_one() {
        let base = source("broken", "<link data-trunk rel=\"tailwind\" href=\"style.css\" />");
        let site = Site::read(&base.join("www/index.html")).unwrap();
        let dist = base.join("dist");
        fs::create_dir_all(&dist).unwrap();
        fs::write(dist.join("index.html"), "last").unwrap();
        let error = site.write(&base.join("built"), &dist).unwrap_err();
        assert!(error.contains("tailwind"), "{error}");
        assert_eq!(fs::read_to_string(dist.join("index.html")).unwrap(), "last");
        fs::remove_dir_all(&base).unwrap();
    }
}

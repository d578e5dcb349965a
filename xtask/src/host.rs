//! `cargo xtask build`: the page for a web server, the size of each of its files, and what a host should
//! know. Invariant: `dist/` is all that a host needs, and nothing in it depends on where it is served.

use crate::project;
use crate::say::{self, Result};
use crate::tools;
use crate::wasm::{self, Profile};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

const ADVICE: &str = "\
How to host it: copy dist/ to any static host, into any folder, for instance
https://example.org/some/path/. It needs no program on the server and no database.

  HTTPS           needed, except on localhost: browsers give WebGPU to secure pages only.
  address         ends in a slash (/some/path/): the page names its files relative to it.
  Content-Type    .js text/javascript (needed), .wasm application/wasm (starts faster),
                  .webmanifest application/manifest+json.
  compression     gzip or Brotli for .html .js .wasm .css .svg .json; photographs and weights
                  are compressed already.
  Cache-Control   names with 16 hexadecimal digits: `public, max-age=31536000, immutable`.
                  All others: `no-cache`, so that the page and its worker are of one build.
  not needed      COOP and COEP (there is no shared memory), CORS, a Content-Security-Policy
                  (the page brings its own; `frame-ancestors` may be added by a header).

A plain static server is enough: the page is tested behind one, under a sub-path.";

/// Builds `dist/`, then says what is in it and how to host it.
///
/// # Errors
/// When it does not compile, or a tool is missing and cannot be installed.
pub fn build() -> Result<()> {
    let start = Instant::now();
    let dist = project::root().join("dist");
    wasm::page_into(&dist, Profile::Release)?;
    say::times(start);
    println!("==> what is in {}", dist.display());
    for size in sizes(&dist)? {
        println!("    {size}");
    }
    println!("\n{ADVICE}");
    Ok(())
}

/// A line for each file, the largest first, a line for each folder, and a line for all.
fn sizes(dist: &Path) -> Result<Vec<String>> {
    let mut rows: Vec<(String, Size)> = Vec::new();
    let unreadable = |e: std::io::Error| format!("{}: {e}", dist.display());
    for entry in fs::read_dir(dist).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let files = files(&path)?;
        let mut size = Size::default();
        for file in &files {
            size = size.add(Size::of(file)?);
        }
        let name = if path.is_dir() { format!("{name}/ ({} files)", files.len()) } else { name };
        rows.push((name, size));
    }
    rows.sort_by_key(|(name, size)| (std::cmp::Reverse(size.bytes), name.clone()));
    let all = rows.iter().fold(Size::default(), |sum, (_, size)| sum.add(*size));
    rows.push(("altogether".to_owned(), all));
    let head = format!("{:>10}  {:>10}", "kB", "gzipped");
    Ok(std::iter::once(head).chain(rows.iter().map(|(n, size)| size.row(n))).collect())
}

/// The files of a folder and of those inside it; a file itself.
fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let unreadable = |e: std::io::Error| format!("{}: {e}", path.display());
    let mut all = Vec::new();
    for entry in fs::read_dir(path).map_err(unreadable)? {
        all.extend(files(&entry.map_err(unreadable)?.path())?);
    }
    Ok(all)
}

/// Bytes as they are and as a server may send them.
#[derive(Clone, Copy, Default)]
struct Size {
    bytes: u64,
    /// Unknown where there is no gzip.
    zipped: Option<u64>,
}

impl Size {
    fn of(file: &Path) -> Result<Self> {
        let bytes = fs::metadata(file).map_err(|e| format!("{}: {e}", file.display()))?.len();
        let zipped = tools::find("gzip")
            .and_then(|gzip| Command::new(gzip).args(["-9", "-c"]).arg(file).output().ok())
            .filter(|out| out.status.success())
            .map(|out| out.stdout.len() as u64);
        Ok(Self { bytes, zipped })
    }

    fn add(self, other: Self) -> Self {
        let first = self.bytes == 0 && self.zipped.is_none();
        let zipped =
            if first { other.zipped } else { self.zipped.zip(other.zipped).map(|(a, b)| a + b) };
        Self { bytes: self.bytes + other.bytes, zipped }
    }

    fn row(self, name: &str) -> String {
        let kilobytes = |bytes: u64| format!("{:.1}", bytes as f64 / 1000.0);
        let zipped = self.zipped.map_or_else(|| "-".to_owned(), kilobytes);
        format!("{:>10}  {zipped:>10}  {name}", kilobytes(self.bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_name_every_file_and_add_up() {
        let dist = std::env::temp_dir().join(format!("xtask-host-{}", std::process::id()));
        fs::create_dir_all(dist.join("samples/cat")).unwrap();
        fs::write(dist.join("app.wasm"), vec![0; 4000]).unwrap();
        fs::write(dist.join("index.html"), vec![0; 1000]).unwrap();
        fs::write(dist.join("samples/cat/1.jpg"), vec![0; 2000]).unwrap();
        let rows = sizes(&dist).unwrap();
        let names: Vec<_> =
            rows.iter().map(|r| r.split_whitespace().nth(2).unwrap_or("")).collect();
        assert_eq!(names, ["", "app.wasm", "samples/", "index.html", "altogether"]);
        assert!(rows[4].trim_start().starts_with("7.0 "), "{rows:?}");
        assert!(rows[2].ends_with("(1 files)"), "{rows:?}");
        fs::remove_dir_all(&dist).unwrap();
    }
}

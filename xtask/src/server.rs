//! A static file server for the page and the tests: GET and HEAD on 127.0.0.1, one thread a request.
//! Invariant: nothing outside the mounted folders is ever sent, whatever the address or a link says.

use crate::say::Result;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Bytes of a request's head that are read at most.
const LONGEST_HEAD: u64 = 16 * 1024;

/// Folders by the beginning of the address, as ("/case/", folder); the first that fits is taken.
pub type Mounts = Vec<(&'static str, PathBuf)>;

/// A bound server.
pub struct Server {
    listener: TcpListener,
    mounts: Arc<Mounts>,
}

impl Server {
    /// Takes a port; 0 takes any free one.
    ///
    /// # Errors
    /// When the port is taken.
    pub fn bind(port: u16, mounts: Mounts) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).map_err(|e| {
            format!("port {port} cannot be used ({e}): choose another one with --port")
        })?;
        Ok(Self { listener, mounts: Arc::new(mounts) })
    }

    /// The address to open.
    ///
    /// # Errors
    /// When the system does not tell the port.
    pub fn url(&self) -> Result<String> {
        let address = self.listener.local_addr().map_err(|e| format!("no address: {e}"))?;
        Ok(format!("http://{address}"))
    }

    /// Serves until the program ends.
    pub fn serve(&self) {
        for stream in self.listener.incoming().flatten() {
            let mounts = self.mounts.clone();
            // A connection that breaks off does not concern the others.
            thread::spawn(move || answer(stream, &mounts).ok());
        }
    }

    /// Serves in a thread until the program ends; gives the address.
    ///
    /// # Errors
    /// When the system does not tell the port.
    pub fn serve_beside(self) -> Result<String> {
        let url = self.url()?;
        thread::spawn(move || self.serve());
        Ok(url)
    }
}

fn answer(mut stream: TcpStream, mounts: &Mounts) -> io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new((&stream).take(LONGEST_HEAD));
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let mut words = request.split(' ');
    let (method, address) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let with_body = method == "GET";
    if !with_body && method != "HEAD" {
        return text(&mut stream, "405 Method Not Allowed", "only GET and HEAD\n", true);
    }
    let Some(path) = locate(mounts, address) else {
        return text(&mut stream, "404 Not Found", "not found\n", with_body);
    };
    if path.is_dir() {
        return match File::open(path.join("index.html")) {
            Ok(file) => send(&mut stream, file, "text/html; charset=utf-8", with_body),
            Err(_) => list(&mut stream, &path, with_body),
        };
    }
    match File::open(&path) {
        Ok(file) => send(&mut stream, file, mime(&path), with_body),
        Err(_) => text(&mut stream, "404 Not Found", "not found\n", with_body),
    }
}

/// The existing file or folder at an address.
fn locate(mounts: &Mounts, address: &str) -> Option<PathBuf> {
    let address = decode(address.split(['?', '#']).next()?)?;
    let (prefix, folder) = mounts.iter().find(|(p, _)| address.starts_with(p))?;
    let rest = &address[prefix.len()..];
    if rest.contains(['\\', '\0', ':']) || rest.split('/').any(|part| part == "..") {
        return None;
    }
    let base = folder.canonicalize().ok()?;
    let path = base.join(rest.trim_start_matches('/')).canonicalize().ok()?;
    // A link may lead out of the folder.
    path.starts_with(&base).then_some(path)
}

fn decode(address: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'%' {
            bytes.push(*first);
            continue;
        }
        let digits = std::str::from_utf8(after.get(..2)?).ok()?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &after[2..];
    }
    String::from_utf8(bytes).ok()
}

/// A folder without an index: the names of its files as JSON, for tests that read a whole folder.
fn list(stream: &mut TcpStream, folder: &Path, with_body: bool) -> io::Result<()> {
    let mut names: Vec<String> = fs::read_dir(folder)?
        .flatten()
        .filter(|entry| entry.path().is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| !name.contains(['"', '\\']) && !name.contains(char::is_control))
        .map(|name| format!("\"{name}\""))
        .collect();
    names.sort();
    let body = format!("[{}]", names.join(","));
    head(stream, "200 OK", "application/json", body.len() as u64)?;
    if with_body { stream.write_all(body.as_bytes()) } else { Ok(()) }
}

fn send(stream: &mut TcpStream, mut file: File, mime: &str, with_body: bool) -> io::Result<()> {
    head(stream, "200 OK", mime, file.metadata()?.len())?;
    if with_body { io::copy(&mut file, stream).map(|_| ()) } else { Ok(()) }
}

fn text(stream: &mut TcpStream, status: &str, body: &str, with_body: bool) -> io::Result<()> {
    head(stream, status, "text/plain; charset=utf-8", body.len() as u64)?;
    if with_body { stream.write_all(body.as_bytes()) } else { Ok(()) }
}

fn head(stream: &mut TcpStream, status: &str, mime: &str, length: u64) -> io::Result<()> {
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {length}\r\n\
         Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|e| e.to_str()).unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        "ico" => "image/x-icon",
        "txt" | "md" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(url: &str, request: &str) -> String {
        let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn it_serves_its_folders_and_nothing_else() {
        let base = std::env::temp_dir().join(format!("xtask-server-{}", std::process::id()));
        let (site, case) = (base.join("site"), base.join("case"));
        fs::create_dir_all(&site).unwrap();
        fs::create_dir_all(&case).unwrap();
        fs::write(base.join("secret"), "secret").unwrap();
        fs::write(site.join("index.html"), "<p>").unwrap();
        fs::write(site.join("a b.wasm"), "wasm").unwrap();
        fs::write(case.join("x.json"), "{}").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(base.join("secret"), site.join("link")).unwrap();
        let mounts = vec![("/case/", case), ("/some/path/", site.clone()), ("/", site)];
        let url = Server::bind(0, mounts).unwrap().serve_beside().unwrap();

        let get = |path: &str| ask(&url, &format!("GET {path} HTTP/1.1\r\nHost: x\r\n\r\n"));
        assert!(get("/").contains("text/html") && get("/?x=1").ends_with("<p>"));
        assert!(get("/a%20b.wasm").contains("application/wasm"));
        assert!(get("/some/path/").ends_with("<p>"));
        assert!(get("/some/path/a%20b.wasm").contains("application/wasm"));
        assert!(get("/case/").ends_with("[\"x.json\"]"));
        assert!(get("/case/x.json").ends_with("{}"));
        for path in ["/../secret", "/%2e%2e/secret", "/..%2fsecret", "/link", "/nothing", "/%f", ""]
        {
            let answer = get(path);
            assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
        }
        assert!(ask(&url, "POST / HTTP/1.1\r\n\r\n").starts_with("HTTP/1.1 405"));
        assert!(ask(&url, "HEAD / HTTP/1.1\r\n\r\n").ends_with("\r\n\r\n"));
        fs::remove_dir_all(&base).unwrap();
    }
}

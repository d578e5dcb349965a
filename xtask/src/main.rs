//! Commands of the repository. `serve` and `test` are the two that everybody needs: they install what is missing,
//! say what they do and how long it takes. Invariant: only the standard library is used, so this compiles in
//! seconds.

mod bench;
mod browser;
mod composites;
mod deny;
mod fuzz;
mod host;
mod oracle;
mod peers;
mod project;
mod python;
mod registers;
mod say;
mod server;
mod site;
mod target;
mod test;
mod tools;
mod wasm;

use say::Result;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;
use wasm::Profile;

const HELP: &str = "\
usage: cargo xtask COMMAND

  serve [--port 8080]   build the page, fast to compile, and serve it on this machine
  build                 build the page for a web server into dist/, and say how to host it
  test [browser]        run all tests, native, in Chromium and in Firefox, or only those in browsers

  browser-tests [FILE] [--grep TEXT]
                        the page's tests in Chromium: all, those of a file in tests/browser, or those with TEXT in
                        their name; other options go to Playwright's runner
  firefox-tests [FILE] [--grep TEXT]
                        the same in Firefox
  checks [PART] [--firefox]
                        the library's checks in Chromium or Firefox, those with PART in their name
  replay CASE_DIR       run a training case in Chromium and compare with its expectations
  augment CASE_DIR      the same for an augmentation case
  bench SUITE           measure: kernels, products, step or scale, natively or with --browser in Chromium, of
                        all presets or those named after it. Results into target/bench
  bench peers           ours beside other systems in Chromium, or with --native beside those that
                        need no browser
  bench registers       registers, spills and occupancy of every shader on AMD GPUs, by Mesa's compiler, without
                        such a GPU
  python                types and tests of the PyTorch package in python/
  composites [DIR]      pictures with known masks, objects on the sample photographs, for `dino evaluate
                        --masks`; into target/composites or DIR
  soak [STEPS]          train on the page for 5000 steps, or so many, and watch memory and answers
  oracle [--record]     timm in PyTorch beside ours: weights in four formats, features, attention; with
                        --record the repository keeps what timm gave
  fuzz TARGET [SECONDS] fuzz a target of fuzz/fuzz_targets for 600 seconds, or so many
  clippy-wasm           clippy for wasm32, warnings are errors
  deny                  licences, bans, sources and known vulnerabilities of the dependencies

Missing tools are installed: from Debian's packages where there is apt-get, the others into a
folder of the user's cache. CHROMIUM and FIREFOX name other browsers, CHROMIUM_FLAGS other flags.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["serve"] => serve("8080"),
        ["serve", "--port", port] => serve(port),
        ["build"] => host::build(),
        ["test"] => test::all(true),
        ["test", "browser"] => test::all(false),
        ["browser-tests", ref words @ ..] => test::browser_tests(words),
        ["firefox-tests", ref words @ ..] => test::firefox_tests(words),
        ["checks"] => test::only_checks("", false),
        ["checks", "--firefox"] => test::only_checks("", true),
        ["checks", part] => test::only_checks(part, false),
        ["checks", part, "--firefox"] => test::only_checks(part, true),
        [kind @ ("replay" | "augment"), folder] => test::case(kind, Path::new(folder)),
        ["bench", "peers"] | ["bench", "peers", "--browser"] => peers::in_browser(),
        ["bench", "peers", "--native"] => peers::native(),
        ["bench", "registers"] => registers::run(),
        ["bench", suite, ref options @ ..] => bench::suite(suite, options),
        ["python"] => python::all(),
        ["composites"] => project::target().and_then(|t| composites::make(&t.join("composites"))),
        ["composites", folder] => composites::make(Path::new(folder)),
        ["soak"] => test::soak("5000"),
        ["soak", steps] => test::soak(steps),
        ["oracle"] => oracle::run(false),
        ["oracle", "--record"] => oracle::run(true),
        ["fuzz", target] => fuzz::run(target, "600"),
        ["fuzz", target, seconds] => fuzz::run(target, seconds),
        ["clippy-wasm"] => target::clippy(),
        ["deny"] => deny::all(),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(())
        }
        _ => Err(format!("`{}` is no command\n\n{HELP}", words.join(" "))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("error: {}", message.trim_end());
            ExitCode::FAILURE
        }
    }
}

/// Builds the page, then serves it until the program is ended.
fn serve(port: &str) -> Result<()> {
    let port = port
        .parse()
        .map_err(|_| format!("--port: expected a whole number from 0 to 65535, found `{port}`"))?;
    // A taken port should be noticed before minutes of building.
    drop(server::Server::bind(port, Vec::new())?);
    let start = Instant::now();
    let dist = project::target()?.join("page");
    wasm::page_into(&dist, Profile::Local)?;
    say::times(start);
    let server = server::Server::bind(port, vec![("/", dist)])?;
    println!("==> {} (Ctrl-C ends it)", server.url()?);
    server.serve();
    Ok(())
}

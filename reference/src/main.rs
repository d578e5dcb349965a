//! Program of the referee: `reference make SHAPES DIR` writes a golden case per entry of the JSON file SHAPES
//! into DIR/NAME; `reference check DIR` runs the case in DIR again and prints how far each quantity is from what
//! the files expect. Invariant: an error is a sentence on standard error and a status that is not 0.

use reference::compare::compare;
use reference::files::Files;
use reference::shapes::Shape;
use reference::{Error, Result};
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match words[..] {
        ["make", shapes, directory] => make(Path::new(shapes), Path::new(directory)),
        ["check", directory] => check(Path::new(directory)),
        _ => {
            eprintln!("usage: reference make SHAPES DIR | reference check DIR");
            return ExitCode::FAILURE;
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn make(shapes: &Path, directory: &Path) -> Result<()> {
    let fail = |message: String| Error::File { file: shapes.display().to_string(), message };
    let text = std::fs::read_to_string(shapes).map_err(|e| fail(e.to_string()))?;
    let shapes: Vec<Shape> = serde_json::from_str(&text).map_err(|e| fail(e.to_string()))?;
    for shape in shapes {
        let directory = directory.join(&shape.name);
        shape.make()?.write(&directory)?;
        println!("{}", directory.display());
    }
    Ok(())
}

fn check(directory: &Path) -> Result<()> {
    let files = Files::read(directory)?;
    let again = Files::run(files.settings, files.init, files.crops)?;
    for row in compare(&again.expect, &files.expect) {
        println!("{:16} {:9.1e}  {}", row.quantity, row.error, row.worst);
    }
    Ok(())
}

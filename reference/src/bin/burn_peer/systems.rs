//! Systems of the native comparison behind one interface: a first step, then some more. Invariant: they run in
//! turn, never two at once.

use dino_core::Config;
use dino_engine::tune::TunedGpu;
use reference::peer::Peer;
use reference::{Settings, work};
use serde::Deserialize;
use std::error::Error;
use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

pub const NAMES: [&str; 3] = ["ours", "burn-wgpu", "pytorch-cpu"];

/// Times and losses of some steps; `first_ms` if the very first was among them.
#[derive(Debug, Default, Deserialize)]
pub struct Steps {
    pub first_ms: Option<f64>,
    #[serde(default)]
    pub build_ms: Option<f64>,
    #[serde(default)]
    pub ms: Vec<f64>,
    pub losses: Vec<f32>,
}

pub enum System {
    Ours { gpu: Rc<TunedGpu>, config: Box<Config> },
    Burn(Option<Box<Peer>>),
    Torch(Torch),
}

impl System {
    /// Starts a system and, but for ours, does its first step.
    ///
    /// # Errors
    /// When it is missing or fails.
    pub fn start(name: &str, work: &str) -> Result<(Self, Steps)> {
        match name {
            "ours" => {
                let gpu = Rc::new(pollster::block_on(TunedGpu::new())?);
                println!("adapter: {}", gpu.name());
                let config = Box::new(config(&work::settings(work).ok_or("no such work")?)?);
                Ok((Self::Ours { gpu, config }, Steps::default()))
            }
            "burn-wgpu" => {
                let start = Instant::now();
                let device = pollster::block_on(Peer::device())?;
                let peer = Peer::new(&device, work)?;
                let (peer, loss) = pollster::block_on(peer.step())?;
                let first_ms = Some(milliseconds(start));
                let steps = Steps { first_ms, losses: vec![loss], ..Steps::default() };
                Ok((Self::Burn(Some(Box::new(peer))), steps))
            }
            _ => {
                let mut torch = Torch::start()?;
                let steps = torch.ask(&format!("begin {work}"))?;
                Ok((Self::Torch(torch), steps))
            }
        }
    }

    /// At least one and at most `n` steps; a peer stops after `limit`.
    ///
    /// # Errors
    /// When a step fails.
    pub fn steps(&mut self, n: usize, limit: Duration) -> Result<Steps> {
        match self {
            Self::Ours { gpu, config } => {
                let run = dino_engine::bench::run(gpu.clone(), (**config).clone(), n);
                let found = pollster::block_on(run)?;
                Ok(Steps {
                    first_ms: Some(found.first_ms),
                    build_ms: Some(found.build_ms),
                    ms: found.ms,
                    losses: found.losses,
                })
            }
            Self::Burn(peer) => {
                let (start, mut steps) = (Instant::now(), Steps::default());
                while steps.ms.is_empty() || steps.ms.len() < n && start.elapsed() < limit {
                    let start = Instant::now();
                    let now = peer.take().ok_or("an earlier step failed")?;
                    let (next, loss) = pollster::block_on(now.step())?;
                    *peer = Some(Box::new(next));
                    steps.ms.push(milliseconds(start));
                    steps.losses.push(loss);
                }
                Ok(steps)
            }
            Self::Torch(torch) => torch.ask(&format!("steps {n} {}", limit.as_secs_f64())),
        }
    }
}

/// Our configuration for the peers' settings: the same sizes, a full step.
fn config(settings: &Settings) -> Result<Config> {
    let mut json = serde_json::to_value(settings)?;
    if let Some(vit) = json.get_mut("vit").and_then(|vit| vit.as_object_mut()) {
        vit.insert("drop_path_rate".to_owned(), 0.1.into());
    }
    if let Some(all) = json.as_object_mut() {
        all.remove("steps");
    }
    Ok(serde_json::from_value(json)?)
}

/// A Python program that answers each line with a line of JSON and ends when its input ends.
pub struct Torch {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Torch {
    fn start() -> Result<Self> {
        let python = python().ok_or(
            "no python3 can import torch: install Debian's python3-torch and libopenblas0-pthread, \
             or set PYTHON to one that can",
        )?;
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let script = root.join("benches/peers/torch_peer.py");
        let mut command = Command::new(python);
        command.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("its output is missing")?;
        let input = child.stdin.take();
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    fn ask(&mut self, question: &str) -> Result<Steps> {
        let input = self.input.as_mut().ok_or("it was ended")?;
        writeln!(input, "{question}")?;
        input.flush()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        if answer.is_empty() {
            return Err("torch_peer.py ended, see above".into());
        }
        Ok(serde_json::from_str(&answer)?)
    }
}

impl Drop for Torch {
    fn drop(&mut self) {
        drop(self.input.take());
        // It ends by itself now; its status does not matter.
        let _ = self.child.wait();
    }
}

/// PYTHON, else the first that can import torch: Debian's is not always the first on PATH.
fn python() -> Option<OsString> {
    let imports = |python: &OsString| {
        let mut command = Command::new(python);
        command.args(["-c", "import torch"]).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    let chosen = std::env::var_os("PYTHON").filter(|python| !python.is_empty());
    let usual = ["python3", "/usr/bin/python3"].map(OsString::from);
    chosen.map_or(usual.to_vec(), |python| vec![python]).into_iter().find(imports)
}

fn milliseconds(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

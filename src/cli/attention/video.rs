//! Clip of a video's frames with the mean attention of all heads over them, as a GIF or, where ffmpeg is
//! installed, as MP4. Invariant: every frame of the clip has the size of the first, and the colours of a map are
//! those of its own range.

use crate::attention::{OPACITY, maps};
use crate::folder::list;
use crate::open;
use crate::options::Attention;
use crate::{files, train_loop};
use dino_core::data::picture::{DEFAULT_SIDE, Picture};
use dino_core::data::preprocess;
use dino_core::error::{Error, FileProblem, Result};
use dino_core::share::gif::Clip;
use dino_core::view::overlay;
use dino_core::view::overlay::{Mode, Style};
use dino_core::weights::Weights;
use dino_engine::infer::frozen_backbone::FrozenBackbone;
use serde_json::json;
use std::ffi::OsStr;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Frames that the GIF's colours are chosen from.
const SAMPLES: usize = 8;

/// Draws the clip.
///
/// # Errors
/// [`Error::File`] for a clip that cannot be written or a folder without images, [`Error::Device`].
pub async fn run(options: &Attention, weights: &Weights, folder: &Path) -> Result<()> {
    let out = &options.out;
    let mp4 = match out.extension().and_then(OsStr::to_str).map(str::to_lowercase).as_deref() {
        Some("gif") => false,
        Some("mp4") => true,
        _ => return Err(Error::file(out.display(), FileProblem::NotAFilm)),
    };
    files::check_writable(out)?;
    let listing = list(folder)?;
    listing.tell();
    let paths: Vec<PathBuf> = listing.files.into_iter().map(|file| file.path).collect();
    let first = paths.iter().find_map(|path| files::picture(path, DEFAULT_SIDE).ok());
    let Some(first) = first else {
        let problem = FileProblem::NoImages { files: paths.len() };
        return Err(Error::file(folder.display(), problem));
    };
    let size = even(&first);
    let mut looker = FrozenBackbone::new(open().await?, weights).await?;
    let frames = if mp4 {
        movie(options, &mut looker, &paths, size).await?
    } else {
        gif(options, &mut looker, &paths, size).await?
    };
    if options.json {
        let [width, height] = size;
        let file = out.display().to_string();
        println!("{}", json!({ "file": file, "frames": frames, "width": width, "height": height }));
    } else {
        println!("{}", out.display());
    }
    Ok(())
}

/// The image's sides, made even, because most video encoders require it.
fn even(picture: &Picture) -> [usize; 2] {
    [picture.width, picture.height].map(|side| (side & !1).max(2))
}

/// Writes a GIF; its number of frames.
async fn gif(
    options: &Attention,
    looker: &mut FrozenBackbone,
    paths: &[PathBuf],
    size: [usize; 2],
) -> Result<u64> {
    // The samples are drawn twice, so that not all frames must stay in memory until the palette is known.
    let mut samples = Vec::new();
    for path in paths.iter().step_by(paths.len().div_ceil(SAMPLES)) {
        samples.extend(drawn(options, looker, path, size).await.ok());
    }
    let mut clip = Clip::new(&samples.iter().collect::<Vec<_>>())?;
    let hundredths = (100.0 / f64::from(options.fps)).round() as u16;
    let mut frames = 0;
    let bar = train_loop::bar(options.json, paths.len() as u64, "frames");
    for path in paths {
        match drawn(options, looker, path, size).await {
            Ok(frame) => {
                clip.push(&frame, hundredths)?;
                frames += 1;
            }
            Err(error @ Error::Image { .. }) => bar.suspend(|| eprintln!("skipped {error}")),
            Err(error) => return Err(error),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    files::write(&options.out, &clip.finish()?)?;
    Ok(frames)
}

/// Lets ffmpeg write an MP4; its number of frames.
async fn movie(
    options: &Attention,
    looker: &mut FrozenBackbone,
    paths: &[PathBuf],
    size: [usize; 2],
) -> Result<u64> {
    // Beside the file, so that an older one stays until the new one is whole.
    let part = options.out.with_extension("part.mp4");
    let failed = |problem: FileProblem| Error::file(options.out.display(), problem);
    let mut ffmpeg = start(&part, size, options.fps).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => failed(FileProblem::NoFfmpeg),
        _ => failed(FileProblem::Ffmpeg(format!("it cannot be started: {e}"))),
    })?;
    let mut frames = 0;
    let bar = train_loop::bar(options.json, paths.len() as u64, "frames");
    for path in paths {
        match drawn(options, looker, path, size).await {
            Ok(frame) => {
                let written = ffmpeg.stdin.as_mut().map(|pipe| pipe.write_all(&frame.rgba));
                if let Some(Err(error)) = written {
                    return Err(failed(FileProblem::Ffmpeg(error.to_string())));
                }
                frames += 1;
            }
            Err(error @ Error::Image { .. }) => bar.suspend(|| eprintln!("skipped {error}")),
            Err(error) => return Err(error),
        }
        bar.inc(1);
    }
    bar.finish_and_clear();
    // ffmpeg ends when its input ends.
    drop(ffmpeg.stdin.take());
    let status = ffmpeg.wait().map_err(|e| failed(FileProblem::Ffmpeg(e.to_string())))?;
    if !status.success() {
        return Err(failed(FileProblem::Ffmpeg(status.to_string())));
    }
    std::fs::rename(&part, &options.out)
        .map_err(|e| failed(FileProblem::Unwritable(e.to_string())))?;
    Ok(frames)
}

/// ffmpeg, waiting for frames.
fn start(out: &Path, [width, height]: [usize; 2], fps: u32) -> std::io::Result<Child> {
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg.args(["-loglevel", "error", "-y", "-f", "rawvideo", "-pixel_format", "rgba"]);
    ffmpeg.args(["-video_size", &format!("{width}x{height}"), "-framerate", &fps.to_string()]);
    // A format that every player takes.
    ffmpeg.args(["-i", "-", "-pix_fmt", "yuv420p", "-movflags", "+faststart"]).arg(out);
    ffmpeg.stdin(Stdio::piped()).spawn()
}

/// A frame with its map over it.
async fn drawn(
    options: &Attention,
    looker: &mut FrozenBackbone,
    path: &Path,
    size: [usize; 2],
) -> Result<Picture> {
    let picture = preprocess::resized(&files::picture(path, DEFAULT_SIDE)?, size[0], size[1])?;
    let maps = maps(looker, &picture, options.side).await?;
    let style = Style { mode: Mode::Heat, opacity: OPACITY, mass: None };
    Ok(overlay::paint(&picture, maps.grid, &[(0, &maps.mean())], style))
}

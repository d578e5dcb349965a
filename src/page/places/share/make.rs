//! Maker of what is to go out, of a kind, from what is shown now. Invariant: the preview shows the file itself,
//! and of a link what its reader will get.

use crate::context::Page;
use crate::i18n::share::Kind;
use crate::places::charts::lines::{self, LineStyle};
use crate::places::share::film::{Film, wait};
use crate::places::share::{map, out, pictures, video};
use crate::ui::thumbnail::Address;
use dino_core::data::picture::Picture;
use dino_core::eval::metrics::Place;
use dino_core::run::network::Network;
use dino_core::share::gif::Clip;
use dino_core::share::html;
use dino_core::share::html::{Curve, Curves};
use dino_core::share::{SharedMap, map_link};
use js_sys::{Array, Uint8Array};
use leptos::prelude::*;
use std::time::Duration;
use web_sys::{Blob, BlobPropertyBag, File, FilePropertyBag};

/// How it is shown before it goes out.
pub enum Preview {
    Picture,
    Video,
    /// Photograph and maps, as they are in it.
    Map(SharedMap),
}

/// What goes out.
pub struct Made {
    pub kind: Kind,
    pub file: Option<(File, Address)>,
    pub link: Option<String>,
    pub preview: Preview,
    /// What it is, then what is in it.
    pub facts: Vec<String>,
}

impl Made {
    /// A file with an address in this tab.
    fn file(
        kind: Kind,
        blob: &Blob,
        name: &str,
        preview: Preview,
        facts: Vec<String>,
    ) -> Result<Self, String> {
        let bag = FilePropertyBag::new();
        bag.set_type(&blob.type_());
        let file = File::new_with_blob_sequence_and_options(&Array::of1(blob), name, &bag);
        let file = file.map_err(|error| crate::client::dom::describe(&error))?;
        let address = Address::of_blob(&file).ok_or_else(|| name.to_owned())?;
        Ok(Self { kind, file: Some((file, address)), link: None, preview, facts })
    }
}

/// Makes it; `told` hears of the progress and answers whether anybody still waits.
///
/// # Errors
/// A sentence: what there is nothing of yet, or the browser's words.
pub async fn make(
    page: Page,
    kind: Kind,
    told: impl Fn(usize, usize) -> bool + Copy,
) -> Result<Made, String> {
    // The dialog is painted first.
    wait(Duration::from_millis(20)).await;
    match kind {
        Kind::Map => picture(page, kind, pictures::one(page)?, "map").await,
        Kind::Heads => picture(page, kind, pictures::heads(page)?, "heads").await,
        Kind::Crops => picture(page, kind, pictures::crops(page)?, "crops").await,
        Kind::Charts => picture(page, kind, pictures::charts(page)?, "charts").await,
        Kind::Gif => gif(page, told).await,
        Kind::Video => film(page, told).await,
        Kind::Link => carried(page),
        Kind::Page => file(page),
    }
}

async fn picture(
    page: Page,
    kind: Kind,
    board: crate::places::share::board::Board,
    what: &str,
) -> Result<Made, String> {
    let blob = board.png().await?;
    let size = [board.canvas.width(), board.canvas.height()];
    let facts = vec![(page.words.now().share.file)("PNG", blob.size() as usize, Some(size))];
    let name = match kind {
        Kind::Map | Kind::Heads => out::name_of_map(page, what),
        _ => out::name(page, what),
    };
    Made::file(kind, &blob, &format!("{name}.png"), Preview::Picture, facts)
}

async fn gif(page: Page, told: impl Fn(usize, usize) -> bool + Copy) -> Result<Made, String> {
    let text = page.words.now();
    let words = |error: dino_core::Error| (text.errors.error)(&error);
    let film = Film::of(page, told).await?;
    let samples: Vec<Picture> =
        film.samples().into_iter().map(|frame| film.pixels(frame)).collect::<Result<_, _>>()?;
    let mut clip = Clip::new(&samples.iter().collect::<Vec<_>>()).map_err(words)?;
    for frame in 0..film.frames() {
        if !told(frame, film.frames()) {
            break;
        }
        clip.push(&film.pixels(frame)?, film.hundredths(frame)).map_err(words)?;
        wait(Duration::ZERO).await;
    }
    let bytes = clip.finish().map_err(words)?;
    let size = [film.board.canvas.width(), film.board.canvas.height()];
    let facts = vec![(text.share.file)("GIF", bytes.len(), Some(size))];
    let blob = blob(&bytes, "image/gif")?;
    let name = format!("{}.gif", out::name(page, "timelapse"));
    Made::file(Kind::Gif, &blob, &name, Preview::Picture, facts)
}

async fn film(page: Page, told: impl Fn(usize, usize) -> bool + Copy) -> Result<Made, String> {
    let text = page.words.now();
    let empty = || text.share.no_video.to_owned();
    let (kind, ending) = video::supported().ok_or_else(empty)?;
    let film = Film::of(page, told).await?;
    let Some(blob) = video::record(&film, kind, told).await? else {
        page.share.no_video.set(true);
        return Err(empty());
    };
    let size = [film.board.canvas.width(), film.board.canvas.height()];
    let name = if ending == "mp4" { "MP4" } else { "WebM" };
    let facts = vec![(text.share.file)(name, blob.size() as usize, Some(size))];
    let name = format!("{}.{ending}", out::name(page, "timelapse"));
    Made::file(Kind::Video, &blob, &name, Preview::Video, facts)
}

/// The link; its preview is what is read from it.
fn carried(page: Page) -> Result<Made, String> {
    let text = page.words.now();
    let shared = map::shown(page).ok_or(text.share.no_map)?;
    let packed = map_link::pack(&shared).map_err(|error| (text.errors.error)(&error))?;
    let read = map_link::unpack(&packed.fragment).unwrap_or(Err(map_link::Refusal::Damaged));
    let read = read.map_err(|refusal| (text.share.refusal)(&refusal))?;
    let here = window().location().href().unwrap_or_default();
    let link = format!("{}#{}", here.split('#').next().unwrap_or_default(), packed.fragment);
    let text = &text.share;
    let mut facts = vec![
        (text.link_size)(link.len()),
        (text.link_photo)(packed.photo),
        (text.link_maps)(shared.maps.heads, packed.grid),
    ];
    if packed.grid != shared.maps.grid {
        facts.push((text.link_coarser)(shared.maps.grid));
    }
    facts.push(if shared.settings.is_some() { text.link_rest } else { text.link_layer }.to_owned());
    Ok(Made { kind: Kind::Link, file: None, link: Some(link), preview: Preview::Map(read), facts })
}

/// The page in one file; its preview is the photograph that is in it.
fn file(page: Page) -> Result<Made, String> {
    let text = page.words.now();
    let mut shared = map::shown(page).ok_or(text.share.no_map)?;
    let jpeg = html::photograph(&shared);
    let (attention, share) = (&text.attention, &text.share);
    let words = html::Words {
        language: page.words.0.get_untracked().tag().to_owned(),
        title: share.page_title.to_owned(),
        original: share.original.to_owned(),
        about: share.page_about.to_owned(),
        map: attention.title.to_owned(),
        mean: attention.mean.to_owned(),
        // The head's number takes this place.
        head: (attention.head)(0).replace('1', "{}"),
        heads: attention.maps.to_owned(),
        strength: attention.opacity.to_owned(),
        threshold: attention.threshold.to_owned(),
        share: attention.share_of_mass.to_owned(),
        curves: text.charts.title.to_owned(),
    };
    let mut caption = vec![map::of_map(text, &shared).join(" · ")];
    caption.extend(shared.settings.as_ref().map(|s| map::of_settings(text, s).join(" · ")));
    // The run's have nothing to do with the starter's map.
    let charts = if shared.network == Network::Starter { Vec::new() } else { curves(page) };
    let page_text = html::page(&shared, &words, &caption, &charts);
    let html = page_text.map_err(|error| (text.errors.error)(&error))?;
    if let Some(picture) = dino_core::data::picture::Picture::of_jpeg(&jpeg) {
        shared.photo = picture;
    }
    let size = crate::ui::canvas::size(&shared.photo);
    let mut facts = vec![
        (share.file)("HTML", html.len(), None),
        (share.page_photo)(size),
        (share.page_maps)(shared.maps.heads),
    ];
    if !charts.is_empty() {
        facts.push((share.page_charts)(charts.len()));
    }
    facts.push(caption.join(" · "));
    let blob = blob(html.as_bytes(), "text/html")?;
    let name = format!("{}.html", out::name_of_map(page, "attention"));
    Made::file(Kind::Page, &blob, &name, Preview::Map(shared), facts)
}

/// The curves of the run, those that have more than one point.
fn curves(page: Page) -> Vec<Curves> {
    let text = page.words.now();
    let curves = lines::charts(Place::Main).into_iter().map(|chart| {
        let data = chart.data(page);
        let (title, about) = chart.words(text);
        let lines = data.lines.into_iter().zip(chart.lines(text)).map(|(values, (_, style))| {
            let style = match style {
                LineStyle::Faint => "faint",
                LineStyle::Strong => "strong",
                LineStyle::Dashed => "dashed",
                LineStyle::Dotted => "dotted",
            };
            let values = values.into_iter().map(|v| v.is_finite().then_some(v)).collect();
            Curve { look: style, values }
        });
        let lines = lines.collect();
        Curves { title: title.to_owned(), about: about.to_owned(), steps: data.steps, lines }
            .thinned()
    });
    curves.filter(|curves| curves.steps.len() > 1).collect()
}

fn blob(bytes: &[u8], kind: &str) -> Result<Blob, String> {
    let options = BlobPropertyBag::new();
    options.set_type(kind);
    let parts = Array::of1(&Uint8Array::from(bytes));
    Blob::new_with_u8_array_sequence_and_options(&parts, &options)
        .map_err(|error| crate::client::dom::describe(&error))
}

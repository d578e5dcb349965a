//! HTML page in one file: photograph, maps, threshold and curves, to be opened from a disk. Invariant: nothing
//! that is put in can end the place that it is put into, and nothing is loaded from elsewhere.

use crate::error::{Error, FileProblem, ImageProblem, Result};
use crate::share::SharedMap;
use crate::share::quantize::levels;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::Serialize;

/// The page with `{{places}}` for what is put in.
const TEMPLATE: &str = include_str!("page.html");

/// Longest side in pixels of the photograph.
pub const SIDE: usize = 768;

/// Points of a curve at most.
const POINTS: usize = 500;

/// What a page says, in the language of who shares it.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Words {
    #[serde(skip)]
    pub language: String,
    #[serde(skip)]
    pub title: String,
    /// What the photograph is without its map.
    #[serde(skip)]
    pub original: String,
    pub about: String,
    pub map: String,
    pub mean: String,
    /// With `{}` for the head's number.
    pub head: String,
    pub heads: String,
    pub strength: String,
    pub threshold: String,
    pub share: String,
    pub curves: String,
}

/// A chart's numbers.
#[derive(Debug, Clone, Serialize)]
pub struct Curves {
    pub title: String,
    pub about: String,
    pub steps: Vec<f64>,
    pub lines: Vec<Curve>,
}

#[derive(Debug, Clone, Serialize)]
pub struct Curve {
    /// A class of the page: `strong`, `faint`, `dashed` or `dotted`.
    pub look: &'static str,
    /// What is no number becomes a gap.
    pub values: Vec<Option<f64>>,
}

#[derive(Serialize)]
struct Head {
    low: f32,
    high: f32,
    levels: String,
}

#[derive(Serialize)]
struct Data<'a> {
    words: &'a Words,
    grid: [usize; 2],
    heads: Vec<Head>,
    caption: &'a [String],
    charts: &'a [Curves],
}

impl Curves {
    /// The same curves with every so many points left out.
    #[must_use]
    pub fn thinned(mut self) -> Self {
        let step = self.steps.len().div_ceil(POINTS).max(1);
        let last = self.steps.len().saturating_sub(1);
        let kept = |i: usize| i.is_multiple_of(step) || i == last;
        let mut at = 0..;
        self.steps.retain(|_| at.next().is_none_or(kept));
        for line in &mut self.lines {
            let mut at = 0..;
            line.values.retain(|_| at.next().is_none_or(kept));
        }
        self
    }
}

/// The photograph as it goes into a page.
pub fn photograph(map: &SharedMap) -> Vec<u8> {
    map.photo.shrunk(SIDE).jpeg()
}

/// The page.
///
/// # Errors
/// [`Error::Image`] for a photograph without pixels or maps without values.
pub fn page(
    map: &SharedMap,
    words: &Words,
    caption: &[String],
    charts: &[Curves],
) -> Result<String> {
    let jpeg = photograph(map);
    if jpeg.is_empty()
        || map.maps.heads == 0
        || map.maps.values.len() != map.maps.heads * map.maps.patches()
    {
        return Err(Error::image("", ImageProblem::NoMaps));
    }
    let head = |head: usize| {
        let ([low, high], levels) = levels(map.maps.head(head));
        Head { low, high, levels: BASE64.encode(levels) }
    };
    let heads = (0..map.maps.heads).map(head).collect();
    let data = Data { words, grid: map.maps.grid, heads, caption, charts };
    let json = serde_json::to_string(&data)
        .map_err(|e| Error::file("page", FileProblem::Unwritable(e.to_string())))?;
    let photo = format!("data:image/jpeg;base64,{}", BASE64.encode(jpeg));
    let place = |name: &str| match name {
        "lang" => escaped(&words.language),
        "title" => escaped(&words.title),
        "original" => escaped(&words.original),
        "photo" => photo.clone(),
        // Without a "<" nothing in a script's text can end it.
        "data" => json.replace('<', "\\u003c"),
        _ => String::new(),
    };
    let mut page = String::with_capacity(TEMPLATE.len() + photo.len() + json.len());
    // What is put in is not looked through for places again.
    let mut parts = TEMPLATE.split("{{");
    page.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once("}}").unwrap_or((part, ""));
        page.push_str(&place(name));
        page.push_str(rest);
    }
    Ok(page)
}

/// Text between tags and in attributes.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::picture::Picture;
    use crate::run::network::Network;
    use crate::view::attention::AttentionMaps;
    use proptest::prelude::*;

    fn map() -> SharedMap {
        SharedMap {
            photo: Picture { width: 8, height: 4, rgba: vec![90; 128] },
            maps: AttentionMaps { heads: 2, grid: [2, 1], values: vec![0.1, 0.3, 0.2, 0.4] },
            network: Network::Teacher,
            layer: 0,
            layers: 1,
            step: 3,
            settings: None,
        }
    }

    #[test]
    fn everything_is_in_the_file_and_nothing_is_loaded() {
        let words = Words { language: "en".into(), title: "A map".into(), ..Words::default() };
        let page = page(&map(), &words, &["Step 3".into()], &[]).unwrap();
        assert!(page.contains("<html lang=\"en\">") && page.contains("<title>A map</title>"));
        assert!(page.contains("src=\"data:image/jpeg;base64,/9j/"), "the photograph");
        assert!(page.contains("\"caption\":[\"Step 3\"]") && page.contains("\"grid\":[2,1]"));
        assert!(!page.contains("{{"), "a place was left");
        for elsewhere in ["https://", "src=\"http", "href=", "@import", "url("] {
            assert!(!page.contains(elsewhere), "{elsewhere}");
        }
        let mut empty = map();
        empty.maps.values.clear();
        assert!(super::page(&empty, &words, &[], &[]).is_err());
    }

    #[test]
    fn long_curves_are_thinned_to_their_ends() {
        let values = (0..5000).map(|i| Some(f64::from(i))).collect();
        let steps = (0..5000).map(f64::from).collect();
        let lines = vec![Curve { look: "strong", values }];
        let thin = Curves { title: String::new(), about: String::new(), steps, lines }.thinned();
        assert!(thin.steps.len() <= POINTS + 1 && thin.lines[0].values.len() == thin.steps.len());
        assert_eq!((thin.steps.first(), thin.steps.last()), (Some(&0.0), Some(&4999.0)));
    }

    proptest! {
        #[test]
        fn no_text_gets_out_of_its_place(
            text in "(\\PC|</script>|<!--|\\{\\{data\\}\\}|\"|'|<img src=x>){0,12}",
        ) {
            let words = Words { title: text.clone(), map: text.clone(), ..Words::default() };
            let page = page(&map(), &words, std::slice::from_ref(&text), &[]).unwrap();
            let plain = super::page(&map(), &Words::default(), &[], &[]).unwrap();
            // No tag more or less than without.
            prop_assert_eq!(page.matches('<').count(), plain.matches('<').count());
            let json = page.split("type=\"application/json\">").nth(1).unwrap();
            let json = json.split("</script>").next().unwrap();
            let data: serde_json::Value = serde_json::from_str(json).unwrap();
            prop_assert_eq!(data["words"]["map"].as_str(), Some(text.as_str()));
            prop_assert_eq!(data["caption"][0].as_str(), Some(text.as_str()));
        }
    }
}

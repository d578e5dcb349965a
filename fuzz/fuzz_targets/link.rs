//! Link to the page, of any text: a map in it, or the settings of a run. Invariant: no text causes a panic; settings
//! that were read are written to a link that gives them again.
#![no_main]

use dino_core::run::settings::Settings;
use dino_core::share::fragment::mended;
use dino_core::share::map_link;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for fragment in [text.to_owned(), format!("#map=1.{text}"), format!("#v=1&{text}")] {
        let fragment = mended(&fragment);
        let _ = map_link::unpack(&fragment);
        if let Some((settings, _)) = Settings::from_fragment(&fragment, "spark") {
            let again = Settings::from_fragment(&settings.to_fragment(), "spark");
            assert_eq!(again.map(|(settings, _)| settings), Some(settings));
        }
    }
});

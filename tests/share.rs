//! Maps that leave the page as links and clips. Invariant: a real photograph's link stays within its size, a
//! hostile link is refused, and other programs can read a clip.

use dino_core::data::picture::{self, Picture};
use dino_core::run::network::Network;
use dino_core::run::settings::Settings;
use dino_core::share::SharedMap;
use dino_core::share::gif::Clip;
use dino_core::share::map_link::{LONGEST_LINK, LinkNumber, Refusal, is_map, pack, unpack};
use dino_core::view::attention::AttentionMaps;
use dino_core::view::overlay;
use dino_core::view::overlay::{Mode, Style};
use proptest::prelude::*;
use std::fs;
use std::path::Path;

fn photo(path: &str) -> Picture {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/samples").join(path);
    picture::decode("sample", &fs::read(path).unwrap(), 512).unwrap()
}

/// Attention as trained heads have it: a few blobs over noise, different in each head.
fn attention(heads: usize, [across, down]: [usize; 2]) -> Vec<f32> {
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as f32 / (1 << 24) as f32
    };
    let mut values = Vec::new();
    for head in 0..heads {
        let centre = [noise() * across as f32, noise() * down as f32];
        let mut map: Vec<f32> = (0..across * down)
            .map(|i| {
                let (x, y) = ((i % across) as f32, (i / across) as f32);
                let far = (x - centre[0]).powi(2) + (y - centre[1]).powi(2);
                (-far / (4.0 + head as f32 * 3.0)).exp() + 0.15 * noise()
            })
            .collect();
        let sum: f32 = map.iter().sum();
        map.iter_mut().for_each(|v| *v /= sum);
        values.extend(map);
    }
    values
}

fn shared(sample: &str, heads: usize, grid: [usize; 2]) -> SharedMap {
    let mut settings = Settings::of("small", 7);
    settings.set(dino_core::run::settings::Setting::LearningRate, 0.001);
    SharedMap {
        photo: photo(sample),
        maps: AttentionMaps { heads, grid, values: attention(heads, grid) },
        network: Network::Teacher,
        layer: 11,
        layers: 12,
        step: 12_345,
        settings: Some(settings),
    }
}

/// The sample with the largest file, which is the hardest to make small.
fn busiest() -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../www/samples");
    let mut largest = (0, String::new());
    for folder in fs::read_dir(&root).unwrap().flatten().filter(|f| f.path().is_dir()) {
        for file in fs::read_dir(folder.path()).unwrap().flatten() {
            let size = file.metadata().unwrap().len();
            if size > largest.0 {
                let path = file.path();
                let name = path.strip_prefix(&root).unwrap();
                largest = (size, name.to_string_lossy().into_owned());
            }
        }
    }
    largest.1
}

#[test]
fn six_heads_of_a_real_photograph_take_less_than_8_kb() {
    for sample in
        [busiest().as_str(), "bird/animals_owl.jpg", "building/categorization_tajMahal.jpg"]
    {
        let map = shared(sample, 6, [14, 14]);
        let packed = pack(&map).unwrap();
        println!("{sample}: {} bytes, photograph {:?}", packed.fragment.len(), packed.photo);
        assert!(packed.fragment.len() < 7900, "{sample}: {} bytes", packed.fragment.len());
        assert!(packed.photo.into_iter().max() >= Some(128), "{sample}: {:?}", packed.photo);
        let back = unpack(&format!("#{}", packed.fragment)).unwrap().unwrap();
        assert_eq!((back.maps.grid, back.maps.heads, back.step), ([14, 14], 6, 12_345));
        assert_eq!((back.layer, back.layers, back.network), (11, 12, Network::Teacher));
        assert_eq!(back.settings, map.settings);
        assert_eq!([back.photo.width, back.photo.height], packed.photo);
        for head in 0..6 {
            let most = map.maps.head(head).iter().copied().fold(0.0, f32::max);
            for (a, b) in map.maps.head(head).iter().zip(back.maps.head(head)) {
                assert!((a - b).abs() <= most / 255.0, "head {head}: {a} {b}");
            }
        }
    }
}

#[test]
fn large_maps_take_more_and_the_largest_are_made_coarser() {
    for (heads, grid, coarse) in [
        (3, [28, 28], [28, 28]),
        (6, [28, 28], [28, 28]),
        (12, [14, 14], [14, 14]),
        (6, [60, 45], [30, 23]),
        (24, [120, 120], [15, 15]),
        (1, [120, 1], [120, 1]),
    ] {
        let packed = pack(&shared("bird/animals_owl.jpg", heads, grid)).unwrap();
        println!("{heads} × {grid:?}: {} bytes, {:?}", packed.fragment.len(), packed.photo);
        assert!(packed.fragment.len() < 16_000, "{}", packed.fragment.len());
        assert_eq!(packed.grid, coarse, "{heads} heads of {grid:?}");
        let back = unpack(&packed.fragment).unwrap().unwrap();
        assert_eq!(
            (back.maps.grid, back.maps.values.len()),
            (coarse, heads * coarse[0] * coarse[1])
        );
        let sum: f32 = back.maps.mean().iter().sum::<f32>() * (grid[0] * grid[1]) as f32;
        let sum = sum / (coarse[0] * coarse[1]) as f32;
        assert!((sum - 1.0).abs() < 0.05, "the mass stays: {sum}");
    }
}

#[test]
fn maps_beyond_the_links_limits_are_refused() {
    let map = shared("bird/animals_owl.jpg", 2, [4, 3]);
    let with_maps = |change: fn(&mut AttentionMaps)| {
        let mut other = map.clone();
        change(&mut other.maps);
        other
    };
    let cases = [
        with_maps(|maps| maps.grid = [0, 3]),
        with_maps(|maps| maps.grid = [4, 121]),
        with_maps(|maps| maps.heads = 25),
        SharedMap { layer: 12, ..map.clone() },
        with_maps(|maps| maps.values = vec![0.0; 5]),
        SharedMap { photo: Picture { width: 0, height: 4, rgba: vec![] }, ..map.clone() },
        SharedMap { photo: Picture { width: 9, height: 4, rgba: vec![1; 5] }, ..map.clone() },
    ];
    for (i, case) in cases.iter().enumerate() {
        assert!(pack(case).is_err(), "case {i}");
    }
    let numbers = with_maps(|maps| maps.values = vec![f32::NAN; 24]);
    assert!(unpack(&pack(&numbers).unwrap().fragment).unwrap().is_ok());
}

/// A link made of these bytes.
fn link(bytes: &[u8]) -> String {
    use base64::Engine as _;
    let stream = miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6);
    format!("#map=1.{}", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(stream))
}

/// The bytes of a good link.
fn bytes() -> Vec<u8> {
    use base64::Engine as _;
    let packed = pack(&shared("bird/animals_owl.jpg", 2, [4, 3])).unwrap();
    let text = packed.fragment.strip_prefix("map=1.").unwrap();
    let stream = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).unwrap();
    miniz_oxide::inflate::decompress_to_vec_zlib(&stream).unwrap()
}

fn refusal(fragment: &str) -> Refusal {
    unpack(fragment).expect("of a map").expect_err("refused")
}

#[test]
fn hostile_links_are_refused_with_a_reason() {
    let good = bytes();
    assert!(unpack(&link(&good)).unwrap().is_ok());
    let with = |at: usize, value: u8| {
        let mut bytes = good.clone();
        bytes[at] = value;
        refusal(&link(&bytes))
    };
    let range = |part, least, most, found| Refusal::Range { part, least, most, found };
    assert_eq!(with(0, 0), range(LinkNumber::Across, 1, 120, 0));
    assert_eq!(with(1, 255), range(LinkNumber::Down, 1, 120, 255));
    assert_eq!(with(2, 0), range(LinkNumber::Heads, 1, 24, 0));
    assert_eq!(with(2, 25), range(LinkNumber::Heads, 1, 24, 25));
    assert_eq!(with(3, 12), range(LinkNumber::Layer, 0, 11, 12));
    assert_eq!(with(4, 0), range(LinkNumber::Layers, 1, 64, 0));
    assert_eq!(with(5, 3), range(LinkNumber::Network, 0, 2, 3));
    // The announced settings reach beyond the end.
    assert_eq!(with(15, 255), Refusal::Short);
    let length = usize::from(u16::from_le_bytes([good[14], good[15]]));
    let ranges = 16 + length;
    let mut nan = good.clone();
    nan[ranges..ranges + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    assert_eq!(refusal(&link(&nan)), Refusal::NotANumber { head: 0 });
    let mut upside_down = good.clone();
    upside_down[ranges + 8..ranges + 12].copy_from_slice(&9f32.to_le_bytes());
    assert_eq!(refusal(&link(&upside_down)), Refusal::NotANumber { head: 1 });
    // More patches than there are levels: they take the photograph's bytes, and none are left for it.
    assert!(matches!(with(0, 120), Refusal::Short | Refusal::Photo));
    let maps = ranges + 2 * 8 + 24;
    assert_eq!(refusal(&link(&good[..maps])), Refusal::Photo, "no photograph");
    assert_eq!(refusal(&link(&good[..maps - 1])), Refusal::Short);
    let mut png = good[..maps].to_vec();
    png.extend(
        dino_core::view::colormap::png(
            "x",
            &dino_core::view::colormap::heat(&[0.0, 1.0], [2, 1], 3).unwrap(),
        )
        .unwrap(),
    );
    assert_eq!(refusal(&link(&png)), Refusal::Photo, "another format");
    // A header that claims 60,000 pixels a side.
    let mut huge = good.clone();
    let size = (maps..huge.len()).find(|i| huge[*i..].starts_with(&[0xff, 0xc0])).unwrap() + 5;
    huge[size..size + 4].copy_from_slice(&[0xea, 0x60, 0xea, 0x60]);
    assert_eq!(refusal(&link(&huge)), Refusal::Photo);

    assert_eq!(refusal("#map=2.abc"), Refusal::Version { found: "2".into() });
    assert_eq!(refusal("map="), Refusal::Version { found: String::new() });
    let long = Refusal::Version { found: "9".repeat(20) };
    assert_eq!(refusal(&format!("#map={}", "9".repeat(5000))), long);
    for broken in
        ["#map=1.", "#map=1.!!!", "#map=1.AAAA", "#map=1.eJw", "#map=1.<b>x</b>", "#map=1.%00"]
    {
        assert_eq!(refusal(broken), Refusal::Damaged, "{broken}");
    }
    assert_eq!(refusal(&link(&[])), Refusal::Short);
    let flood = format!("#map=1.{}", "A".repeat(LONGEST_LINK));
    assert!(matches!(refusal(&flood), Refusal::TooLong { bytes } if bytes > LONGEST_LINK));
    // 20 MB of zeros in 27 kB.
    assert_eq!(refusal(&link(&vec![0; 20_000_000])), Refusal::Bomb);

    // Settings of any kind are clamped, never a reason to refuse.
    let mut hostile = good[..14].to_vec();
    let text = "v=1&preset=<script>&batch=1e99&x=1";
    hostile.extend((text.len() as u16).to_le_bytes());
    hostile.extend(text.bytes());
    hostile.extend(&good[ranges..]);
    let settings = unpack(&link(&hostile)).unwrap().unwrap().settings.unwrap();
    assert!(settings.config(5).is_ok() && settings.preset != "<script>");
}

#[test]
fn a_link_that_was_cut_off_or_changed_is_damaged() {
    let packed = pack(&shared("bird/animals_owl.jpg", 3, [14, 10])).unwrap();
    let text = packed.fragment;
    for cut in [text.len() - 1, text.len() - 5, text.len() / 2, 20] {
        assert_eq!(refusal(&text[..cut]), Refusal::Damaged, "cut at {cut}");
    }
    for at in (10..text.len()).step_by(97) {
        let mut changed = text.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert_eq!(refusal(&changed), Refusal::Damaged, "changed at {at}");
    }
}

#[test]
fn a_map_link_is_no_settings_link_and_vice_versa() {
    let packed = pack(&shared("bird/animals_owl.jpg", 1, [2, 2])).unwrap();
    assert!(
        is_map(&packed.fragment) && Settings::from_fragment(&packed.fragment, "spark").is_none()
    );
    for other in ["", "#", "#v=1&preset=small", "#images", "mapping"] {
        assert!(!is_map(other) && unpack(other).is_none(), "{other}");
    }
}

fn any_map() -> impl Strategy<Value = SharedMap> {
    let sizes = (1usize..9, 1usize..9, 1usize..7, 1usize..20);
    (sizes, 1usize..40, 1usize..40, any::<u64>(), 0usize..3).prop_flat_map(
        |((across, down, heads, layers), width, height, step, network)| {
            let values = prop::collection::vec(-1e3f32..1e3, heads * across * down);
            let rgba = prop::collection::vec(any::<u8>(), width * height * 4);
            (values, rgba, 0..layers).prop_map(move |(values, rgba, layer)| SharedMap {
                photo: Picture { width, height, rgba },
                maps: AttentionMaps { heads, grid: [across, down], values },
                network: [Network::Teacher, Network::Student, Network::Starter][network],
                layer,
                layers,
                step,
                settings: None,
            })
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn what_is_written_is_read_again(map in any_map()) {
        let packed = pack(&map).unwrap();
        let back = unpack(&packed.fragment).unwrap().unwrap();
        prop_assert_eq!((back.maps.grid, back.maps.heads, back.step), (map.maps.grid, map.maps.heads, map.step));
        prop_assert_eq!((back.layer, back.layers, back.network), (map.layer, map.layers, map.network));
        for head in 0..map.maps.heads {
            let (low, high) = map.maps.head(head).iter().fold((f32::MAX, f32::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
            for (a, b) in map.maps.head(head).iter().zip(back.maps.head(head)) {
                prop_assert!((a - b).abs() <= (high - low) / 255.0 + 1e-3, "{} {}", a, b);
            }
        }
    }

    #[test]
    fn any_fragment_is_read_without_a_panic(text in "\\PC{0,200}") {
        let _ = unpack(&text);
        let _ = unpack(&format!("#map=1.{text}"));
    }

    #[test]
    fn any_bytes_give_a_refusal_or_a_map_that_fits_together(
        start in prop::collection::vec(any::<u8>(), 0..40), at in 0usize..400, change in any::<u8>(),
    ) {
        let mut changed = bytes();
        let at = at % changed.len();
        changed[at] ^= change;
        for fragment in [link(&start), link(&changed)] {
            if let Some(Ok(map)) = unpack(&fragment) {
                prop_assert_eq!(map.maps.values.len(), map.maps.heads * map.maps.patches());
                prop_assert!(map.maps.values.iter().all(|v| v.is_finite()));
                prop_assert_eq!(map.photo.rgba.len(), map.photo.width * map.photo.height * 4);
                prop_assert!(map.layer < map.layers);
                let maps: Vec<_> = (0..map.maps.heads).map(|h| (h, map.maps.head(h))).collect();
                let style = Style { mode: Mode::Heads, opacity: 0.6, mass: Some(0.6) };
                overlay::paint(&map.photo, map.maps.grid, &maps, style);
            }
        }
    }
}

/// Every frame of a GIF as a whole image, its delay in hundredths, and how often it plays.
fn frames(file: &[u8]) -> (Vec<(Vec<u8>, u16)>, gif::Repeat) {
    let mut options = gif::DecodeOptions::new();
    options.set_color_output(gif::ColorOutput::RGBA);
    let mut decoder = options.read_info(file).unwrap();
    let mut canvas = vec![0; usize::from(decoder.width()) * usize::from(decoder.height()) * 4];
    let mut all = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        for (to, from) in canvas.chunks_exact_mut(4).zip(frame.buffer.chunks_exact(4)) {
            if from[3] != 0 {
                to.copy_from_slice(from);
            }
        }
        all.push((canvas.clone(), frame.delay));
    }
    (all, decoder.repeat())
}

#[test]
fn a_clip_loops_and_shows_what_went_in() {
    let grid = [14, 14];
    let photo = dino_core::view::resize::resized(&photo("bird/animals_scarlet_macaw.jpg"), 240);
    let maps = attention(6, grid);
    let painted: Vec<Picture> = maps
        .chunks(196)
        .map(|map| overlay::heat(&photo, grid, map, overlay::range(map), 0.6))
        .collect();
    let mut clip = Clip::new(&painted.iter().collect::<Vec<_>>()).unwrap();
    for (i, frame) in painted.iter().enumerate() {
        clip.push(frame, if i == 5 { 150 } else { 12 }).unwrap();
    }
    let file = clip.finish().unwrap();
    println!("6 frames of {} × {}: {} bytes", photo.width, photo.height, file.len());
    let (read, repeat) = frames(&file);
    assert!(matches!(repeat, gif::Repeat::Infinite));
    assert_eq!(read.len(), 6);
    assert_eq!(read.iter().map(|(_, delay)| *delay).collect::<Vec<_>>(), [12, 12, 12, 12, 12, 150]);
    for ((shown, _), meant) in read.iter().zip(&painted) {
        let differences = shown.chunks_exact(4).zip(meant.rgba.chunks_exact(4)).map(|(a, b)| {
            (0..3).map(|i| f64::from(a[i].abs_diff(b[i])).powi(2)).sum::<f64>() / 3.0
        });
        let error = differences.sum::<f64>() / (meant.width * meant.height) as f64;
        let psnr = 10.0 * (255.0 * 255.0 / error).log10();
        println!("PSNR {psnr:.1} dB");
        assert!(psnr > 30.0, "{psnr:.1} dB");
    }
}

#[test]
fn unchanged_frames_cost_few_bytes_and_frames_of_another_size_are_refused() {
    let frame = dino_core::view::resize::resized(&photo("bird/animals_owl.jpg"), 160);
    let clip = |n: usize| {
        let mut clip = Clip::new(&[&frame]).unwrap();
        (0..n).for_each(|_| clip.push(&frame, 10).unwrap());
        clip.finish().unwrap().len()
    };
    let (one, ten) = (clip(1), clip(10));
    assert!(ten < one + one / 4, "{one} {ten}");
    assert!(Clip::new(&[]).is_err() && Clip::new(&[&frame]).unwrap().finish().is_err());
    let other = dino_core::view::resize::resized(&frame, 80);
    assert!(Clip::new(&[&frame, &other]).is_err());
    assert!(Clip::new(&[&frame]).unwrap().push(&other, 10).is_err());
    let wide = Picture { width: 70_000, height: 1, rgba: vec![0; 280_000] };
    assert!(Clip::new(&[&wide]).is_err());
}

//! Words of what leaves the page: the dialog, the captions of pictures, the viewer of a link's map.

use crate::places::share::Kind;
use dino_core::share::map_link::{Part, Refusal};

pub struct ShareText {
    // The dialog.
    pub open: &'static str,
    pub title: &'static str,
    pub about: &'static str,
    pub what: &'static str,
    /// Name of a kind and what it is.
    pub kind: fn(Kind) -> (&'static str, &'static str),
    pub preview: &'static str,
    /// What is being made, so many parts of so many.
    pub making: &'static str,
    pub making_of: fn(usize, usize) -> String,
    pub save: &'static str,
    pub copy: &'static str,
    pub copy_link: &'static str,
    pub copied: &'static str,
    pub send: &'static str,
    pub anew: &'static str,
    pub failed: fn(&str) -> String,

    // What is in it.
    /// Kind of file, its bytes, and its pixels if it has some.
    pub file: fn(&str, usize, Option<[u32; 2]>) -> String,
    /// Characters of the link, patches across and down of how many there are, pixels of the photograph.
    pub link_size: fn(usize) -> String,
    pub link_photo: fn([usize; 2]) -> String,
    pub link_maps: fn(usize, [usize; 2]) -> String,
    pub link_coarser: fn([usize; 2]) -> String,
    pub link_rest: &'static str,
    /// What a link carries instead of it where there is no run.
    pub link_layer: &'static str,
    pub page_photo: fn([u32; 2]) -> String,
    pub page_maps: fn(usize) -> String,
    pub page_charts: fn(usize) -> String,
    pub never: &'static str,

    // What there is nothing of yet.
    pub no_map: &'static str,
    pub no_crops: &'static str,
    pub no_charts: &'static str,
    pub no_film: &'static str,
    pub no_video: &'static str,

    // Captions.
    pub original: &'static str,
    pub step: fn(u64) -> String,
    pub layer: fn(usize, usize) -> String,
    pub seed: fn(u64) -> String,
    pub steps: fn(u64) -> String,
    pub outline: fn(u32) -> String,

    // The page in one file.
    pub page_title: &'static str,
    pub page_about: &'static str,

    // The viewer.
    pub viewer: &'static str,
    pub viewer_about: &'static str,
    pub viewer_private: &'static str,
    /// Heads, and patches across and down.
    pub viewer_maps: fn(usize, [usize; 2]) -> String,
    pub shared_image: &'static str,
    pub train: &'static str,
    pub train_about: &'static str,
    pub refused: &'static str,
    pub to_page: &'static str,
    pub refusal: fn(&Refusal) -> String,
    pub facts: &'static str,
}

pub const EN: ShareText = ShareText {
    open: "Share",
    title: "Share",
    about: "Nothing is uploaded. What you see here is exactly what goes out, and it goes where you put it.",
    what: "What",
    kind: |kind| match kind {
        Kind::Map => ("This map", "over the image, as it is shown"),
        Kind::Heads => ("All heads", "with the original, on one sheet"),
        Kind::Crops => ("Crops", "with their frames on the original"),
        Kind::Charts => ("Charts", "the curves of the run"),
        Kind::Gif => ("Time-lapse as GIF", "plays everywhere"),
        Kind::Video => ("Time-lapse as video", "smaller and finer"),
        Kind::Link => ("A link that carries the map", "opens in any browser, without a server"),
        Kind::Page => ("A page in one file", "image, maps, threshold and charts"),
    },
    preview: "Preview",
    making: "Working …",
    making_of: |n, all| format!("Working … {n} of {all}"),
    save: "Download",
    copy: "Copy",
    copy_link: "Copy the link",
    copied: "Copied",
    send: "Send …",
    anew: "Take it again",
    failed: |why| format!("This did not work: {why}"),

    file: |kind, bytes, size| match size {
        Some([width, height]) => format!("{kind}, {width} × {height} pixels, {}", bytes_of(bytes)),
        None => format!("{kind}, {}", bytes_of(bytes)),
    },
    link_size: |characters| {
        format!("The link has {} characters. In it are:", thousands(characters, ","))
    },
    link_photo: |[w, h]| format!("the photograph above, {w} × {h} pixels"),
    link_maps: |heads, [w, h]| match heads {
        1 => format!("the map of the one head, {w} × {h} patches"),
        _ => format!("the maps of {heads} heads, {w} × {h} patches each"),
    },
    link_coarser: |[w, h]| {
        format!("They were {w} × {h} patches: some were taken together to keep the link short.")
    },
    link_rest: "layer, step, and the settings of the run",
    link_layer: "the layer",
    page_photo: |[w, h]| format!("the photograph above, {w} × {h} pixels"),
    page_maps: |heads| match heads {
        1 => "the map of the one head, with strength and threshold to move".to_owned(),
        _ => format!("the maps of {heads} heads, with strength and threshold to move"),
    },
    page_charts: |charts| match charts {
        1 => "one chart".to_owned(),
        _ => format!("{charts} charts"),
    },
    never: "Names of files and folders, and what a camera wrote into the photograph, are never in it.",

    no_map: "There is no map yet: it appears once an image is loaded.",
    no_crops: "There are no crops yet: they appear once an image is loaded.",
    no_charts: "There are no curves yet: they appear once the run has made a step.",
    no_film: "There is nothing to play yet: train some steps. Pinned images play from the step at which \
              they were pinned; without one, the kept moments of the image that is shown.",
    no_video: "The recording of this browser was empty. The GIF works everywhere.",

    original: "original",
    step: |step| format!("step {}", thousands(step as usize, ",")),
    layer: |n, all| format!("layer {n} of {all}"),
    seed: |seed| format!("seed {seed}"),
    steps: |steps| format!("{} steps", thousands(steps as usize, ",")),
    outline: |percent| format!("outlined: {percent} % of the attention"),

    page_title: "What a self-taught network looks at",
    page_about: "Attention maps of a vision transformer that learned from images without labels (DINO), \
                 trained in a browser tab. Each square is a patch of the image; the brighter, the more \
                 the network attends to it when it sums up the image in one vector.",

    viewer: "An attention map that somebody shared",
    viewer_about: "This is where a vision transformer looks when it sums up the image in one vector. It \
                   taught itself to see, without a single label. Each square is a patch; \
                   the brighter, the more attention it gets.",
    viewer_private: "Image and maps are in the link itself: no server has them.",
    viewer_maps: |heads, [w, h]| match heads {
        1 => format!("1 head, {w} × {h} patches"),
        _ => format!("{heads} heads, {w} × {h} patches"),
    },
    shared_image: "the shared image",
    train: "Train your own",
    train_about: "on your own images, with the same settings, in this browser",
    refused: "This link cannot be shown.",
    to_page: "Go to the page",
    refusal: |refusal| match refusal {
        Refusal::TooLong { bytes } => {
            format!("It has {} characters, more than is read.", thousands(*bytes, ","))
        }
        Refusal::Version { found } => format!(
            "It is of version “{found}”, which this page does not know. Perhaps it was made by a newer page."
        ),
        Refusal::Damaged => {
            "It was cut off or changed on its way. Ask for it once more, and copy all of \
                             it."
            .to_owned()
        }
        Refusal::Bomb => "It would become far larger than any map.".to_owned(),
        Refusal::Short => "It ends before everything that it announces.".to_owned(),
        Refusal::Range { part, least, most, found } => format!(
            "It says {} are {found}; from {least} to {most} was expected.",
            match part {
                Part::Across => "the patches across",
                Part::Down => "the patches down",
                Part::Heads => "the heads",
                Part::Layers => "the layers",
                Part::Layer => "the layers before this one",
                Part::Network => "the kinds of network",
            }
        ),
        Refusal::NotANumber { head } => {
            format!("The values of head {} are no numbers.", head + 1)
        }
        Refusal::Photo => "Its photograph cannot be read.".to_owned(),
    },
    facts: "About this map",
};

pub const ZH_HANT: ShareText = ShareText {
    open: "分享",
    title: "分享",
    about: "什麼都不會上傳。這裡看到的就是送出的全部內容，要送到哪裡由你決定。",
    what: "內容",
    kind: |kind| match kind {
        Kind::Map => ("這張圖", "疊在影像上，與畫面相同"),
        Kind::Heads => ("所有頭", "連同原圖排成一張"),
        Kind::Crops => ("裁切", "並在原圖上標出位置"),
        Kind::Charts => ("圖表", "這次訓練的曲線"),
        Kind::Gif => ("縮時 GIF", "到處都能播放"),
        Kind::Video => ("縮時影片", "檔案更小、畫質更好"),
        Kind::Link => ("帶著圖的連結", "任何瀏覽器都能開啟，不需要伺服器"),
        Kind::Page => ("單一檔案網頁", "影像、注意力圖、門檻與圖表"),
    },
    preview: "預覽",
    making: "製作中…",
    making_of: |n, all| format!("製作中… {n}／{all}"),
    save: "下載",
    copy: "複製",
    copy_link: "複製連結",
    copied: "已複製",
    send: "傳送…",
    anew: "重新擷取",
    failed: |why| format!("沒有成功：{why}"),

    file: |kind, bytes, size| match size {
        Some([width, height]) => format!("{kind}，{width} × {height} 像素，{}", bytes_of(bytes)),
        None => format!("{kind}，{}", bytes_of(bytes)),
    },
    link_size: |characters| format!("這個連結有 {} 個字元，裡面有：", thousands(characters, ",")),
    link_photo: |[w, h]| format!("上面的照片，{w} × {h} 像素"),
    link_maps: |heads, [w, h]| format!("{heads} 個頭的注意力圖，各 {w} × {h} 個圖塊"),
    link_coarser: |[w, h]| format!("原本是 {w} × {h} 個圖塊：為了縮短連結，部分圖塊已合併。"),
    link_rest: "層、步數，以及這次訓練的設定",
    link_layer: "所在的層",
    page_photo: |[w, h]| format!("上面的照片，{w} × {h} 像素"),
    page_maps: |heads| format!("{heads} 個頭的注意力圖，可調整強度與門檻"),
    page_charts: |charts| format!("{charts} 張圖表"),
    never: "檔案與資料夾的名稱，以及相機寫進照片的資料，都不會包含在內。",

    no_map: "還沒有注意力圖：載入影像後就會出現。",
    no_crops: "還沒有裁切：載入影像後就會出現。",
    no_charts: "還沒有曲線：訓練一步之後就會出現。",
    no_film: "還沒有可以播放的內容：請先訓練幾步。釘選的影像從釘選的那一步開始播放；沒有釘選時，播放目前影像的各個時刻。",
    no_video: "這個瀏覽器錄下的影片是空的。GIF 到處都能使用。",

    original: "原圖",
    step: |step| format!("第 {} 步", thousands(step as usize, ",")),
    layer: |n, all| format!("第 {n}／{all} 層"),
    seed: |seed| format!("種子 {seed}"),
    steps: |steps| format!("共 {} 步", thousands(steps as usize, ",")),
    outline: |percent| format!("圈出 {percent} % 的注意力"),

    page_title: "自學的網路在看哪裡",
    page_about: "視覺 Transformer 不靠標註、從影像自學（DINO）後的注意力圖，在瀏覽器分頁裡訓練而成。每個方格是影像的一個圖塊；越亮，表示網路把影像濃縮成一個向量時越注意它。",

    viewer: "有人分享的注意力圖",
    viewer_about: "這是一個視覺 Transformer 把影像濃縮成一個向量時看向的地方。它自己學會看，沒有用到任何標註。每個方格是一個圖塊；越亮，得到的注意力越多。",
    viewer_private: "影像與注意力圖都在連結裡，沒有任何伺服器存有它們。",
    viewer_maps: |heads, [w, h]| format!("{heads} 個頭，{w} × {h} 個圖塊"),
    shared_image: "分享的影像",
    train: "訓練你自己的",
    train_about: "用你自己的影像與相同的設定，就在這個瀏覽器裡",
    refused: "無法顯示這個連結。",
    to_page: "前往頁面",
    refusal: |refusal| match refusal {
        Refusal::TooLong { bytes } => {
            format!("它有 {} 個字元，超過可讀取的長度。", thousands(*bytes, ","))
        }
        Refusal::Version { found } => {
            format!("它的版本是「{found}」，這個頁面不認得。也許它是由較新的頁面製作的。")
        }
        Refusal::Damaged => "它在途中被截斷或更動了。請對方再傳一次，並複製完整的連結。".to_owned(),
        Refusal::Bomb => "它展開後會遠大於任何注意力圖。".to_owned(),
        Refusal::Short => "它在應有的內容之前就結束了。".to_owned(),
        Refusal::Range { part, least, most, found } => format!(
            "它的{}是 {found}，應為 {least} 到 {most}。",
            match part {
                Part::Across => "橫向圖塊數",
                Part::Down => "縱向圖塊數",
                Part::Heads => "頭數",
                Part::Layers => "層數",
                Part::Layer => "層號",
                Part::Network => "網路種類",
            }
        ),
        Refusal::NotANumber { head } => format!("頭 {} 的值不是數字。", head + 1),
        Refusal::Photo => "無法讀取它的照片。".to_owned(),
    },
    facts: "關於這張圖",
};

/// A file's size.
fn bytes_of(bytes: usize) -> String {
    if bytes < 1_000_000 {
        format!("{} kB", bytes.div_ceil(1000))
    } else {
        format!("{:.1} MB", bytes as f64 / 1e6)
    }
}

/// A number with its thousands set apart.
fn thousands(n: usize, mark: &str) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push_str(mark);
        }
        text.push(digit);
    }
    text
}

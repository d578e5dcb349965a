//! Traditional Chinese text of sharing and of the viewer.

use crate::i18n::format::{size, thousands};
use crate::i18n::share::{Kind, ShareText};
use dino_core::share::map_link::{LinkNumber, Refusal};

pub const TEXT: ShareText = ShareText {
    open: "分享",
    title: "分享",
    about: "不會上傳任何東西。這裡看到的就是分享的全部內容，要送到哪裡由你決定。",
    what: "格式",
    kind: |kind| match kind {
        Kind::Map => ("這張圖", "疊在影像上，與畫面相同"),
        Kind::Heads => ("所有頭", "連同原圖排成一張"),
        Kind::Crops => ("裁切", "並在原圖上標出位置"),
        Kind::Charts => ("圖表", "這次訓練的曲線"),
        Kind::Gif => ("縮時 GIF", "到處都能播放"),
        Kind::Video => ("縮時影片", "檔案更小、畫質更好"),
        Kind::Link => ("內含注意力圖的連結", "任何瀏覽器都能開啟，不需要伺服器"),
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
    anew: "更新",
    failed: |why| format!("無法完成：{why}"),

    file: |kind, bytes, pixels| match pixels {
        Some([width, height]) => format!("{kind}，{width} × {height} 像素，{}", size(bytes as u64)),
        None => format!("{kind}，{}", size(bytes as u64)),
    },
    link_size: |characters| format!("這個連結有 {} 個字元，裡面有：", thousands(characters, ",")),
    link_photo: |[w, h]| format!("上面的照片，{w} × {h} 像素"),
    link_maps: |heads, [w, h]| format!("{heads} 個頭的注意力圖，各 {w} × {h} 個圖塊"),
    link_coarser: |[w, h]| format!("注意力圖原有 {w} × {h} 個圖塊。為了縮短連結，部分圖塊已合併。"),
    link_rest: "層、步數，以及這次訓練的設定",
    link_layer: "所在的層",
    page_photo: |[w, h]| format!("上面的照片，{w} × {h} 像素"),
    page_maps: |heads| format!("{heads} 個頭的注意力圖，可調整不透明度與門檻"),
    page_charts: |charts| format!("{charts} 張圖表"),
    never: "檔案與資料夾的名稱，以及相機寫入照片的資料，都不會包含在內。",

    no_map: "還沒有注意力圖：載入影像後就會出現。",
    no_crops: "還沒有裁切：載入影像後就會出現。",
    no_charts: "還沒有圖表：訓練一步之後就會出現。",
    no_film: "還沒有可以播放的內容：請先訓練幾步。釘選的影像從釘選的那一步開始播放；沒有釘選時，播放目前影像的快照。",
    no_video: "這個瀏覽器錄下的影片是空的。GIF 到處都能使用。",

    original: "原圖",
    step: |step| format!("第 {} 步", thousands(step as usize, ",")),
    layer: |n, all| format!("第 {n}／{all} 層"),
    seed: |seed| format!("種子 {seed}"),
    steps: |steps| format!("共 {} 步", thousands(steps as usize, ",")),
    outline: |percent| format!("圈出 {percent} % 的注意力"),

    page_title: "自學的網路注意哪裡",
    page_about: "視覺 Transformer 不靠標籤、從影像自學（DINO）的注意力圖，在瀏覽器分頁裡訓練而成。每個方格是影像的一個圖塊；圖塊越亮，網路把影像濃縮成一個向量時越注意它。",

    viewer: "有人與你分享：神經網路注意哪裡",
    viewer_about: "這是視覺 Transformer 把影像濃縮成一個向量時注意的地方。它只從影像學習，沒有用到任何標籤。每個方格是一個圖塊；圖塊越亮，得到的注意力越多。",
    viewer_private: "影像與注意力圖都在連結裡，任何伺服器都沒有。",
    viewer_maps: |heads, [w, h]| format!("{heads} 個頭，{w} × {h} 個圖塊"),
    shared_image: "分享的影像",
    train: "訓練你自己的",
    train_about: "用你自己的影像與相同的設定，就在這個瀏覽器裡",
    refused: "無法顯示這個連結。",
    to_page: "前往頁面",
    refusal: |refusal| match refusal {
        Refusal::TooLong { bytes } => {
            format!("它有 {} 個字元，太長了。", thousands(*bytes, ","))
        }
        Refusal::Version { found } => {
            format!("它的版本是「{found}」，這個頁面不認得。它可能來自較新的頁面。")
        }
        Refusal::Damaged => {
            "它在傳送途中被截斷或更動。請對方再傳一次，並複製完整的連結。".to_owned()
        }
        Refusal::Bomb => "它解壓縮後會遠大於任何注意力圖。".to_owned(),
        Refusal::Short => "它的內容不完整。".to_owned(),
        Refusal::Range { part, least, most, found } => format!(
            "{}應為 {least} 到 {most}，實際為 {found}。",
            match part {
                LinkNumber::Across => "橫向圖塊數",
                LinkNumber::Down => "縱向圖塊數",
                LinkNumber::Heads => "頭數",
                LinkNumber::Layers => "層數",
                LinkNumber::Layer => "層號",
                LinkNumber::Network => "網路種類",
            }
        ),
        Refusal::NotANumber { head } => format!("頭 {} 的值不是數字。", head + 1),
        Refusal::Values { expected, found } => {
            format!("它應有 {expected} 個值，實際有 {found} 個。")
        }
        Refusal::Photo => "無法讀取它的照片。".to_owned(),
    },
    facts: "關於這張圖",
};

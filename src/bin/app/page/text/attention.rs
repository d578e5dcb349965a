//! Words of the attention place.

pub struct AttentionText {
    pub title: &'static str,
    pub about: &'static str,
    pub waits: &'static str,
    pub original: &'static str,
    pub mean: &'static str,
    /// A head, counted from 0.
    pub head: fn(usize) -> String,
    /// A map of a head of an image.
    pub map_of: fn(&str, &str) -> String,
}

pub const EN: AttentionText = AttentionText {
    title: "Attention",
    about: "Where the teacher's last layer looks when it sums up the image in one vector: one map for \
            each head, and their mean.",
    waits: "The maps appear once an image is loaded.",
    original: "image",
    mean: "mean",
    head: |index| format!("head {}", index + 1),
    map_of: |head, image| format!("Attention map, {head}, of {image}"),
};

pub const ZH_HANT: AttentionText = AttentionText {
    title: "注意力（attention）",
    about: "教師網路（teacher）的最後一層在把影像濃縮成一個向量時看向哪裡：每個注意力頭（head）一張圖，以及它們的平均。",
    waits: "載入影像後，注意力圖就會出現。",
    original: "原圖",
    mean: "平均",
    head: |index| format!("頭 {}", index + 1),
    map_of: |head, image| format!("{image} 的注意力圖，{head}"),
};

//! Words of the neighbours' place.

use dino_core::eval::knn::Verdict;

pub struct NeighboursText {
    pub title: &'static str,
    pub about: &'static str,
    pub waits: &'static str,
    pub alone: &'static str,
    pub working: &'static str,
    pub refresh: &'static str,
    pub nearest: &'static str,
    pub query: &'static str,
    /// The thumbnail of an image that is near, to be chosen.
    pub choose: fn(&str) -> String,
    pub similarity: fn(f32) -> String,
    pub similarity_about: &'static str,
    pub agrees: fn(&str) -> String,
    pub differs: fn(&str) -> String,
    /// So many of so many neighbours have the image's label.
    pub agreeing: fn(usize, usize) -> String,
    pub accuracy: &'static str,
    /// Share of right answers in percent, images, labels.
    pub accuracy_of: fn(f32, usize, usize) -> String,
    pub verdict: fn(Verdict) -> &'static str,
    pub knn: &'static str,
    pub pixels: &'static str,
    pub chance: &'static str,
    pub percent: fn(f32) -> String,
    pub no_labels: &'static str,
}

pub const EN: NeighboursText = NeighboursText {
    title: "Neighbours",
    about: "The images that the teacher finds most like the chosen one, by the vector that it sums each \
            up in.",
    waits: "The neighbours appear once the images are read and the network is prepared.",
    alone: "An image needs others to have neighbours.",
    working: "Comparing …",
    refresh: "Refresh",
    nearest: "Nearest images",
    query: "this image",
    choose: |image| format!("Show {image}"),
    similarity: |cosine| format!("{cosine:.3}"),
    similarity_about: "Cosine similarity, at most 1",
    agrees: |label| format!("same label: {label}"),
    differs: |label| format!("other label: {label}"),
    agreeing: |same, all| format!("{same} of {all} have its label"),
    accuracy: "Do neighbours share their label?",
    accuracy_of: |percent, images, labels| {
        format!(
            "A vote of the nearest neighbours names the right one of {labels} labels for {percent:.0} % \
             of {images} images."
        )
    },
    verdict: |verdict| match verdict {
        Verdict::Chance => {
            "As far as so many images can tell, that is no better than always naming the commonest."
        }
        Verdict::Pixels => {
            "Better than always naming the commonest; as far as so many images can tell, comparing bare pixels \
             does as well."
        }
        Verdict::Learned => {
            "Better than always naming the commonest and than comparing bare pixels: the network has learned \
             something about these images."
        }
    },
    knn: "network",
    pixels: "bare pixels",
    chance: "commonest",
    percent: |share| format!("{:.0} %", share * 100.0),
    no_labels: "Images in folders get the folder’s name as their label; then it is said here how often \
                neighbours share it.",
};

pub const ZH_HANT: NeighboursText = NeighboursText {
    title: "最近鄰（neighbours）",
    about: "教師網路認為與所選影像最相像的影像，依據是它為每張影像濃縮出的向量。",
    waits: "讀完影像、準備好網路之後，最近鄰就會出現。",
    alone: "需要其他影像才會有鄰居。",
    working: "比較中…",
    refresh: "重新整理",
    nearest: "最相近的影像",
    query: "這張影像",
    choose: |image| format!("顯示 {image}"),
    similarity: |cosine| format!("{cosine:.3}"),
    similarity_about: "餘弦相似度，最大為 1",
    agrees: |label| format!("標籤相同：{label}"),
    differs: |label| format!("標籤不同：{label}"),
    agreeing: |same, all| format!("{all} 張中有 {same} 張標籤相同"),
    accuracy: "鄰居的標籤相同嗎？",
    accuracy_of: |percent, images, labels| {
        format!(
            "由最近鄰投票（k-NN），{images} 張影像中有 {percent:.0} % 從 {labels} 個標籤中選對。"
        )
    },
    verdict: |verdict| match verdict {
        Verdict::Chance => "就這麼多影像所能判斷，這並不比一律猜最常見的標籤好。",
        Verdict::Pixels => "比一律猜最常見的標籤好；但就這麼多影像所能判斷，直接比較像素也一樣好。",
        Verdict::Learned => {
            "比一律猜最常見的標籤好，也比直接比較像素好：網路從這些影像學到了東西。"
        }
    },
    knn: "網路",
    pixels: "直接比像素",
    chance: "猜最常見",
    percent: |share| format!("{:.0} %", share * 100.0),
    no_labels: "資料夾中的影像會以資料夾名稱作為標籤；有了標籤，這裡就會顯示鄰居的標籤多常相同。",
};

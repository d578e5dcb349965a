//! Traditional Chinese words of the neighbours.

use super::super::neighbours::NeighboursText;
use dino::knn::Verdict;

pub const TEXT: NeighboursText = NeighboursText {
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

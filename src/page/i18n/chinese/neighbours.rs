//! Traditional Chinese text of the neighbours.

use crate::i18n::neighbours::NeighboursText;
use dino_core::eval::knn::Verdict;

pub const TEXT: NeighboursText = NeighboursText {
    title: "最近鄰（nearest neighbours）",
    about: "教師網路認為與所選影像最相似的影像，依特徵向量比較。",
    waits: "影像讀取完成、網路準備好之後，最近鄰就會出現。",
    alone: "請加入更多影像：只有一張影像時沒有最近鄰。",
    working: "比較中…",
    refresh: "重新整理",
    nearest: "最相似的影像",
    query: "這張影像",
    choose: |image| format!("顯示 {image}"),
    similarity: |cosine| format!("{cosine:.3}"),
    similarity_about: "餘弦相似度，最大為 1",
    agrees: |label| format!("標籤相同：{label}"),
    differs: |label| format!("標籤不同：{label}"),
    agreeing: |same, all| format!("{all} 張中有 {same} 張標籤相同"),
    accuracy: "最近鄰的標籤相同嗎？",
    accuracy_of: |percent, images, labels| {
        format!(
            "由最近鄰投票（k-NN），{images} 張影像中有 {percent:.0} % 從 {labels} 個標籤中選對。"
        )
    },
    verdict: |verdict| match verdict {
        Verdict::Chance => "這並未明顯優於一律猜最常見的標籤。",
        Verdict::Pixels => "這優於一律猜最常見的標籤，但並未明顯優於直接比較原始像素。",
        Verdict::Learned => {
            "這優於一律猜最常見的標籤，也優於直接比較原始像素：網路已從這些影像學到了東西。"
        }
    },
    knn: "網路",
    pixels: "原始像素",
    chance: "最常見標籤",
    percent: |share| format!("{:.0} %", share * 100.0),
    no_labels: "將影像放進資料夾就能加上標籤：資料夾名稱就是標籤。之後這裡會顯示最近鄰的標籤有多常相同。",
};

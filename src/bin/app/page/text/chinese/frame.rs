//! Traditional Chinese words of the header, the help and the footer.

use super::super::frame::{Frame, Theme};

pub const TEXT: Frame = Frame {
    title: "瀏覽器裡的 DINO",
    sentence: "看一個視覺 Transformer 不靠任何標註，自己學會看懂你的影像：訓練就在這個分頁、用你的顯示卡進行，什麼都不會上傳。",
    skip: "跳到主要內容",
    language: "語言",
    theme: "配色",
    theme_of: |theme| match theme {
        Theme::Auto => "跟隨系統配色",
        Theme::Light => "淺色",
        Theme::Dark => "深色",
    },
    help: "說明",
    help_terms: "名詞旁的問號會用兩句話解釋它。頁面最後的兩個網路示意圖說明它們如何互相配合，並標出剛完成那一步的數值。",
    keyboard: "鍵盤操作",
    keys: || {
        [
            (&["空白鍵"], "開始或暫停"),
            (&["."], "前進一步"),
            (&["1", "…", "9"], "查看該注意力頭"),
            (&["0"], "查看所有注意力頭的平均"),
            (&["←", "→", "↑", "↓"], "在清單中選擇影像"),
            (&["Delete"], "在清單中移除所選影像"),
            (&["Ctrl V"], "加入剪貼簿裡的影像"),
            (&["?"], "開啟這份說明"),
        ]
    },
    keyboard_where: "在欄位中輸入文字時，按鍵照常打字。",
    tour_again: "再看一次導覽",
    after: "依據論文 “Emerging Properties in Self-Supervised Vision Transformers”（Caron 等人，2021）。",
    samples: ["範例照片的作者與授權列於 ", "。"],
    samples_list: "samples/manifest.json",
};

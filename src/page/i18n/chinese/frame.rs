//! Traditional Chinese text of the header, the help and the footer.

use crate::i18n::frame::{Frame, Theme};

pub const TEXT: Frame = Frame {
    title: "瀏覽器裡的 DINO",
    sentence: "看看神經網路注意到你影像中的哪些地方，並在這個分頁裡親自訓練它。不需要標籤，也不會上傳任何東西。",
    skip: "跳到主要內容",
    language: "語言",
    theme: "配色",
    theme_of: |theme| match theme {
        Theme::Auto => "跟隨系統配色",
        Theme::Light => "淺色",
        Theme::Dark => "深色",
    },
    help: "說明",
    help_terms: "點選名詞旁的問號，就能看到兩句話的解釋。頁面最後的示意圖說明兩個網路如何配合，並標出最新一步的數值。",
    keyboard: "鍵盤操作",
    keys: || {
        [
            (&["空白鍵"], "開始或暫停"),
            (&["."], "訓練一步"),
            (&["1", "…", "9"], "顯示該注意力頭"),
            (&["0"], "顯示所有注意力頭的平均"),
            (&["←", "→", "↑", "↓"], "在清單中選擇影像"),
            (&["Delete"], "在清單中移除所選影像"),
            (&["Ctrl V"], "貼上影像"),
            (&["?"], "開啟這份說明"),
        ]
    },
    keyboard_where: "在欄位中輸入文字時，快速鍵不會作用。",
    tour_again: "再看一次導覽",
    after: "根據論文 “Emerging Properties in Self-Supervised Vision Transformers”（Caron 等人，2021）。",
    samples: ["範例照片的作者與授權列於 ", "。"],
    samples_list: "samples/manifest.json",
};

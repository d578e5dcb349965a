//! Words of the page's head, its help and its foot.

use crate::ui::theme::Theme;

/// Keys, and what they do.
pub type Keys = [(&'static [&'static str], &'static str); 8];

pub struct Frame {
    pub title: &'static str,
    pub sentence: &'static str,
    pub skip: &'static str,
    pub language: &'static str,
    pub theme: &'static str,
    pub theme_of: fn(Theme) -> &'static str,
    pub help: &'static str,
    /// Where words are explained.
    pub help_terms: &'static str,
    pub keyboard: &'static str,
    /// Keys, and what they do.
    pub keys: fn() -> Keys,
    /// When they do nothing.
    pub keyboard_where: &'static str,
    pub tour_again: &'static str,
    /// The paper; then, before and after the link to the samples' list, whose they are.
    pub after: &'static str,
    pub samples: [&'static str; 2],
    pub samples_list: &'static str,
}

pub const EN: Frame = Frame {
    title: "DINO in the browser",
    sentence: "Watch a vision transformer teach itself to see your images, without a single label: it \
               trains on your graphics card, in this tab, and nothing is uploaded.",
    skip: "Skip to the page",
    language: "Language",
    theme: "Colours",
    theme_of: |theme| match theme {
        Theme::Auto => "Colours of the system",
        Theme::Light => "Light colours",
        Theme::Dark => "Dark colours",
    },
    help: "Help",
    help_terms: "A question mark beside a word explains it in two sentences. The picture of the two \
                 networks, at the end of the page, shows how they belong together, with the numbers of \
                 the step that was just made.",
    keyboard: "Keyboard",
    keys: || {
        [
            (&["Space"], "run or pause"),
            (&["."], "one step"),
            (&["1", "…", "9"], "look at that head"),
            (&["0"], "look at the mean of all heads"),
            (&["←", "→", "↑", "↓"], "choose an image, in the list"),
            (&["Delete"], "remove the chosen image, in the list"),
            (&["Ctrl V"], "add an image from the clipboard"),
            (&["?"], "this help"),
        ]
    },
    keyboard_where: "Keys write as always while you type in a field.",
    tour_again: "Show the tour again",
    after: "After “Emerging Properties in Self-Supervised Vision Transformers”, Caron et al. 2021.",
    samples: ["The authors and licences of the sample photographs are listed in ", "."],
    samples_list: "samples/manifest.json",
};

pub const ZH_HANT: Frame = Frame {
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

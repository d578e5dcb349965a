//! Words of the settings: name, meaning and unit of every number, what is wrong with one, and what of a
//! link was not taken.

mod chinese;
mod english;

use chinese::chinese;
use dino_core::run::settings::{Group, LONGEST_LINK, Notice, Problem, Setting};
use english::english;

/// A setting in words.
pub struct Named {
    pub label: &'static str,
    pub about: &'static str,
    pub unit: &'static str,
}

const fn named(label: &'static str, about: &'static str, unit: &'static str) -> Named {
    Named { label, about, unit }
}

pub struct SettingsText {
    pub title: &'static str,
    pub about: &'static str,
    pub group: fn(Group) -> &'static str,
    /// So many settings differ from the preset.
    pub changed: fn(usize) -> String,
    pub of: fn(Setting) -> Named,
    pub steps: Named,
    pub seed: Named,
    pub new_seed: &'static str,
    /// The paper's value.
    pub paper: fn(&str) -> String,
    /// Button of one field, and what a screen reader hears: the field's name.
    pub as_preset: fn(&str) -> String,
    pub as_preset_label: fn(&str) -> String,
    pub problem: fn(&Problem) -> String,
    pub waiting: &'static str,
    pub faulty: &'static str,
    pub apply: &'static str,
    pub undo: &'static str,
    pub copy_link: &'static str,
    pub copied: &'static str,
    pub copy_yourself: &'static str,
    pub notices: &'static str,
    pub notice: fn(&Notice) -> String,
    pub from_link: &'static str,
}

/// A field by its name in links.
fn label(of: fn(Setting) -> Named, key: &str) -> String {
    dino_core::run::settings::by_key(key).map_or(key, |row| of(row.setting).label).to_owned()
}

pub const EN: SettingsText = SettingsText {
    title: "Advanced settings",
    about: "All numbers of the run. They apply when you begin anew; the paper's values are those of ViT-S/16 on \
            1.3 million images.",
    group: |group| match group {
        Group::Optimiser => "Optimiser",
        Group::Teacher => "Teacher",
        Group::Crops => "Crops",
        Group::Head => "Head",
        Group::Network => "Network",
    },
    changed: |count| format!("{count} changed"),
    of: english,
    steps: named("Steps", "Length of the run; all schedules end with it.", ""),
    seed: named(
        "Seed",
        "Beginning of all random numbers: the same seed gives the same run on the same adapter.",
        "",
    ),
    new_seed: "Draw another",
    paper: |value| format!("Paper: {value}"),
    as_preset: |value| format!("As in preset: {value}"),
    as_preset_label: |label| format!("{label}: as in the preset"),
    problem: |problem| match problem {
        Problem::Range { range: [low, high], whole: true, .. } => {
            format!("Expected a whole number from {low} to {high}.")
        }
        Problem::Range { range: [low, high], .. } => {
            format!("Expected a number from {low} to {high}.")
        }
        Problem::Patch { .. } => "Expected 4, 8, 14 or 16.".to_owned(),
        Problem::Heads { width, heads } => format!(
            "A width of {width} does not divide into {heads} heads: width over heads must be 4, 8, 12 … up to 64."
        ),
        Problem::Patches { patch, .. } => {
            format!("Expected a multiple of the patch, {patch} pixels.")
        }
        Problem::Above { high, .. } => format!("Expected at most the largest area, {high}."),
        Problem::Other(message) => format!("{message}."),
    },
    waiting: "These settings are not those of the run. Applying them throws the run away.",
    faulty: "Some settings are not possible yet: see the fields below.",
    apply: "Apply and begin anew",
    undo: "Back to the run's",
    copy_link: "Copy a link to these settings",
    copied: "Copied.",
    copy_yourself: "The browser does not let the page copy; here is the link:",
    notices: "Not everything in the link could be used:",
    notice: |notice| match notice {
        Notice::TooLong { bytes } => format!(
            "The link has {bytes} characters after its #, at most {LONGEST_LINK} are read; none of it was used."
        ),
        Notice::Version { found } => {
            format!(
                "The link is of version “{found}”, this page reads version 1; none of it was used."
            )
        }
        Notice::UnknownPreset { found } => format!("There is no preset “{found}”."),
        Notice::UnknownKey { key } => format!("There is no setting “{key}”."),
        Notice::NotANumber { key, found } => {
            format!("{}: “{found}” is not a number.", label(english, key))
        }
        Notice::Clamped { key, found, taken } => {
            format!("{}: {found} became {taken}.", label(english, key))
        }
        Notice::Conflict { key } => {
            format!("{}: left as in the preset, it does not go with the rest.", label(english, key))
        }
        Notice::More { count } => format!("And {count} more."),
    },
    from_link: "The link's settings are filled in. Apply them to begin anew.",
};

pub const ZH_HANT: SettingsText = SettingsText {
    title: "進階設定",
    about: "這次訓練的所有數值，重新開始時才會套用。論文的值是以 130 萬張影像訓練 ViT-S/16 時所用。",
    group: |group| match group {
        Group::Optimiser => "最佳化",
        Group::Teacher => "教師網路",
        Group::Crops => "裁切",
        Group::Head => "投影頭",
        Group::Network => "網路",
    },
    changed: |count| format!("已更改 {count} 項"),
    of: chinese,
    steps: named("步數", "訓練的長度；所有排程都隨它結束。", "步"),
    seed: named(
        "亂數種子（seed）",
        "所有亂數的起點：在同一張顯示卡上，同樣的種子會得到同樣的訓練。",
        "",
    ),
    new_seed: "換一個",
    paper: |value| format!("論文：{value}"),
    as_preset: |value| format!("改回預設組合的 {value}"),
    as_preset_label: |label| format!("{label}：改回預設組合的值"),
    problem: |problem| match problem {
        Problem::Range { range: [low, high], whole: true, .. } => {
            format!("需要 {low} 到 {high} 的整數。")
        }
        Problem::Range { range: [low, high], .. } => format!("需要 {low} 到 {high} 的數字。"),
        Problem::Patch { .. } => "需要 4、8、14 或 16。".to_owned(),
        Problem::Heads { width, heads } => {
            format!("寬度 {width} 無法分成 {heads} 個頭：寬度除以頭數必須是 4、8、12……最多 64。")
        }
        Problem::Patches { patch, .. } => format!("必須是圖塊邊長 {patch} 像素的倍數。"),
        Problem::Above { high, .. } => format!("不能超過最大面積 {high}。"),
        Problem::Other(message) => format!("無法使用：{message}。"),
    },
    waiting: "這些設定和目前的訓練不同；套用會捨棄目前的訓練。",
    faulty: "有些設定還不可行，請看下方欄位。",
    apply: "套用並重新開始",
    undo: "恢復目前訓練的設定",
    copy_link: "複製這些設定的連結",
    copied: "已複製。",
    copy_yourself: "瀏覽器不允許這個頁面複製，連結如下：",
    notices: "連結裡有些內容無法使用：",
    notice: |notice| match notice {
        Notice::TooLong { bytes } => {
            format!(
                "連結在 # 之後有 {bytes} 個字元，最多只讀 {LONGEST_LINK} 個，因此完全沒有採用。"
            )
        }
        Notice::Version { found } => {
            format!("連結是第「{found}」版，這個頁面讀的是第 1 版，因此完全沒有採用。")
        }
        Notice::UnknownPreset { found } => format!("沒有名為「{found}」的預設組合。"),
        Notice::UnknownKey { key } => format!("沒有名為「{key}」的設定。"),
        Notice::NotANumber { key, found } => {
            format!("{}：「{found}」不是數字。", label(chinese, key))
        }
        Notice::Clamped { key, found, taken } => {
            format!("{}：{found} 已改為 {taken}。", label(chinese, key))
        }
        Notice::Conflict { key } => {
            format!("{}：與其他設定不相容，維持預設組合的值。", label(chinese, key))
        }
        Notice::More { count } => format!("還有另外 {count} 項。"),
    },
    from_link: "已填入連結裡的設定，套用後會重新開始。",
};

//! Traditional Chinese text of the settings: name, sentence and unit of each, and what is wrong with one.

use crate::i18n::settings::{Named, SettingsText, label, named};
use dino_core::run::settings::{Group, LONGEST_LINK, Notice, Setting, SettingProblem};

pub const TEXT: SettingsText = SettingsText {
    title: "進階設定",
    about: "這次訓練的所有設定。變更會在重新開始時套用。論文的值適用於以 130 萬張影像訓練 ViT-S/16。",
    group: |group| match group {
        Group::Optimiser => "最佳化",
        Group::Teacher => "教師網路",
        Group::Crops => "裁切",
        Group::Head => "投影頭",
        Group::Network => "網路",
    },
    changed: |count| format!("已更改 {count} 項"),
    of,
    steps: named("步數", "訓練的長度。所有排程都隨它結束。", "步"),
    seed: named(
        "亂數種子（seed）",
        "所有亂數的種子。在同一張顯示卡上，相同的種子會得到相同的訓練。",
        "",
    ),
    new_seed: "產生新的種子",
    paper: |value| format!("論文：{value}"),
    as_preset: |value| format!("恢復為 {value}"),
    as_preset_label: |label| format!("{label}：恢復為預設組合的值"),
    problem: |problem| match problem {
        SettingProblem::Range { range: [low, high], whole: true, .. } => {
            format!("需要 {low} 到 {high} 的整數。")
        }
        SettingProblem::Range { range: [low, high], .. } => {
            format!("需要 {low} 到 {high} 的數字。")
        }
        SettingProblem::Choice { choices, found } => {
            format!("應為 {} 其中之一，實際為「{found}」。", choices.join("、"))
        }
        SettingProblem::NotANumber { found } => format!("需要數字，實際為「{found}」。"),
        SettingProblem::NoPair { found } => format!("需要「名稱=值」，實際為「{found}」。"),
        SettingProblem::Patch { .. } => "需要 4、8、14 或 16。".to_owned(),
        SettingProblem::Heads { width, heads } => {
            format!("寬度 {width} 無法分成 {heads} 個頭：寬度除以頭數必須是 4、8、12……最多 64。")
        }
        SettingProblem::Patches { patch, most, .. } => {
            format!("必須是圖塊邊長 {patch} 像素的倍數，最多 {most}。")
        }
        SettingProblem::Above { high, .. } => format!("不能超過最大面積 {high}。"),
        SettingProblem::Rate { found } => format!("需要 0 以上、小於 1 的數字，實際為 {found}。"),
        SettingProblem::Areas { low, high } => {
            format!("最小面積必須大於 0，最大面積不能超過 1，實際為 {low} 與 {high}。")
        }
        SettingProblem::OfWeights { expected, found } => {
            format!("載入的權重是 {expected}，不是 {found}。")
        }
        SettingProblem::HeadsUnknown { width } => {
            format!("檔案沒有說明有幾個頭，而寬度 {width} 不是 64 的倍數。")
        }
        SettingProblem::OfCheckpoint => {
            "只能更改裁切與訓練的設定，檢查點的網路不能更改。".to_owned()
        }
        SettingProblem::Divisor { batch, found } => {
            format!("必須能整除批次大小 {batch}，實際為 {found}。")
        }
        SettingProblem::OnlyBackbone => "只有骨幹網路能以半精度寫入。".to_owned(),
    },
    waiting: "這些設定和目前的訓練不同。套用會捨棄目前的訓練。",
    faulty: "有些設定無法使用。請看下方欄位。",
    apply: "套用並重新開始",
    undo: "復原變更",
    copy_link: "複製這些設定的連結",
    copied: "已複製。",
    copy_yourself: "瀏覽器不允許這個頁面複製。連結如下：",
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
            format!("{}：「{found}」不是數字。", label(of, key))
        }
        Notice::NotAChoice { key, choices, found } => {
            format!("{}：「{found}」不是 {} 其中之一。", label(of, key), choices.join("、"))
        }
        Notice::Clamped { key, found, taken } => {
            format!("{}：{found} 已改為 {taken}。", label(of, key))
        }
        Notice::Conflict { key } => {
            format!("{}：與其他設定衝突，維持預設組合的值。", label(of, key))
        }
        Notice::More { count } => format!("還有另外 {count} 項。"),
    },
    from_link: "已填入連結裡的設定。套用後會重新開始。",
};

fn of(setting: Setting) -> Named {
    match setting {
        Setting::Batch => named(
            "批次大小（batch）",
            "每一步的影像數。越多，梯度的雜訊越小，但每一步也越慢。",
            "張影像",
        ),
        Setting::LearningRate => named(
            "最高學習率（learning rate）",
            "每一步移動學生網路的幅度。太高，損失會跳動；太低，什麼都學不到。",
            "",
        ),
        Setting::Warmup => {
            named("暖身（warm-up）", "學習率從 0 升到最高值所占的訓練比例。", "（占整個訓練）")
        }
        Setting::WeightDecay => {
            named("初始權重衰減（weight decay）", "訓練開始時，把權重拉向 0 的力道。", "")
        }
        Setting::WeightDecayEnd => {
            named("最終權重衰減", "訓練結束時的力道。中間依餘弦曲線變化。", "")
        }
        Setting::Clip => {
            named("梯度裁剪（clipping）", "每個張量的梯度範數上限，超過就縮小。0 表示不裁剪。", "")
        }
        Setting::FreezeLastLayer => named(
            "凍結最後一層",
            "在最初的這些週期（epoch）內不訓練原型，以免原型學得比其他部分快。",
            "個週期",
        ),
        Setting::FreezeBackbone => named(
            "凍結骨幹網路（backbone）",
            "訓練開始時只訓練投影頭的比例。新的投影頭會破壞載入權重原有的特徵。",
            "（占整個訓練）",
        ),
        Setting::Momentum => named(
            "初始教師動量（momentum）",
            "每一步教師網路保留自己的比例，其餘來自學生網路。最後會升到 1。",
            "",
        ),
        Setting::TeacherTemp => named(
            "教師溫度（temperature）",
            "小於 1 時會讓教師的輸出更尖銳。太高，所有輸出都會變得均勻。",
            "",
        ),
        Setting::TeacherTempStart => named("初始教師溫度", "若有溫度暖身，從這個值開始。", ""),
        Setting::TeacherTempEpochs => {
            named("溫度暖身", "教師溫度從初始值變到最終值所用的週期數。", "個週期")
        }
        Setting::StudentTemp => {
            named("學生溫度", "學生輸出的尖銳程度。教師的輸出必須更尖銳，否則沒有東西可學。", "")
        }
        Setting::CenterMomentum => named(
            "中心動量（centre momentum）",
            "中心跟隨教師平均輸出的速度有多慢。設為 1 時中心完全不動，最後會由一個原型獨占。",
            "",
        ),
        Setting::GlobalSize => named(
            "全域裁切（global crop）邊長",
            "兩個大裁切的邊長，學生與教師都看得到。必須是圖塊邊長的倍數。",
            "像素",
        ),
        Setting::GlobalScaleLow => {
            named("全域裁切最小面積", "大裁切最少涵蓋影像的多少。", "（占影像面積）")
        }
        Setting::GlobalScaleHigh => {
            named("全域裁切最大面積", "大裁切最多涵蓋影像的多少。", "（占影像面積）")
        }
        Setting::Locals => {
            named("局部裁切（local crop）數", "每張影像的小裁切數，只有學生看得到。", "個")
        }
        Setting::LocalSize => named("局部裁切邊長", "小裁切的邊長。必須是圖塊邊長的倍數。", "像素"),
        Setting::LocalScaleLow => {
            named("局部裁切最小面積", "小裁切最少涵蓋影像的多少。", "（占影像面積）")
        }
        Setting::LocalScaleHigh => {
            named("局部裁切最大面積", "小裁切最多涵蓋影像的多少。", "（占影像面積）")
        }
        Setting::Blur => named(
            "最大模糊",
            "裁切最多模糊多少。兩個像素對小裁切很多，對大裁切則很少。0 表示不模糊。",
            "像素",
        ),
        Setting::Jitter => named(
            "色彩抖動（colour jitter）",
            "亮度、對比、飽和度與色相最多改變多少。1 和論文相同，0 表示不變。",
            "",
        ),
        Setting::Prototypes => {
            named("原型（prototype）數 K", "輸出的維度，也就是網路自己想出來的類別數。", "")
        }
        Setting::HeadHidden => named("投影頭（head）寬度", "投影頭兩個隱藏層的寬度。", "維"),
        Setting::Bottleneck => {
            named("瓶頸層（bottleneck）", "原型之前那一層的寬度。它的輸出會縮放成長度 1。", "維")
        }
        Setting::Patch => named(
            "圖塊（patch）邊長",
            "影像切成的方塊的邊長：4、8、14 或 16。越小，注意力圖越細緻，也越花時間。",
            "像素",
        ),
        Setting::Width => named("寬度 D", "網路裡代表一個圖塊的向量長度。", "維"),
        Setting::Depth => named("區塊（block）數", "注意力與 MLP 依序堆疊的層數。", ""),
        Setting::Heads => named(
            "注意力頭（head）數",
            "每個區塊的注意力圖數。寬度除以頭數必須是 4、8、12……最多 64。",
            "",
        ),
        Setting::DropPath => named(
            "隨機深度（drop path）",
            "學生略過最後一個區塊的機率；越前面的區塊越少被略過。",
            "",
        ),
    }
}

//! Words of the settings: name, meaning and unit of every number, what is wrong with one, and what of a
//! link was not taken.

use dino::settings::{Group, LONGEST_LINK, Notice, Problem, Setting};

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
    dino::settings::by_key(key).map_or(key, |row| of(row.setting).label).to_owned()
}

fn english(setting: Setting) -> Named {
    match setting {
        Setting::Batch => named(
            "Batch",
            "Images that a step looks at. More make the gradient less noisy and a step longer.",
            "images",
        ),
        Setting::LearningRate => named(
            "Peak learning rate",
            "How far a step moves the student. Too high and the loss jumps, too low and nothing happens.",
            "",
        ),
        Setting::Warmup => named(
            "Warm-up",
            "Share of the run in which the learning rate rises from 0 to its peak.",
            "of the run",
        ),
        Setting::WeightDecay => named(
            "Weight decay, at first",
            "How strongly weights are drawn towards 0 when the run begins.",
            "",
        ),
        Setting::WeightDecayEnd => named(
            "Weight decay, at last",
            "The same when the run ends; in between it follows a cosine.",
            "",
        ),
        Setting::Clip => named(
            "Gradient clipping",
            "Longest gradient that a tensor may have; longer ones are shortened. 0 switches it off.",
            "",
        ),
        Setting::FreezeLastLayer => named(
            "Last layer frozen",
            "Epochs in which the prototypes are not trained, so that they do not run ahead of the rest.",
            "epochs",
        ),
        Setting::FreezeBackbone => named(
            "Backbone frozen",
            "Share of the run in which only the head is trained: a fresh head would spoil the features of \
             weights that were loaded.",
            "of the run",
        ),
        Setting::Momentum => named(
            "Teacher momentum, at first",
            "Share that the teacher keeps of itself at each step; the rest comes from the student. It ends at 1.",
            "",
        ),
        Setting::TeacherTemp => named(
            "Teacher temperature",
            "Below 1 it sharpens the teacher's answers. Too high and all answers become uniform.",
            "",
        ),
        Setting::TeacherTempStart => {
            named("Teacher temperature, at first", "Where its warm-up begins, if there is one.", "")
        }
        Setting::TeacherTempEpochs => named(
            "Temperature warm-up",
            "Epochs in which the teacher's temperature goes from the first to the final one.",
            "epochs",
        ),
        Setting::StudentTemp => named(
            "Student temperature",
            "Sharpness of the student's answers; the teacher's must be sharper, or there is nothing to learn.",
            "",
        ),
        Setting::CenterMomentum => named(
            "Centre momentum",
            "How slowly the centre follows the teacher's mean answer. At 1 it never moves, and one prototype wins.",
            "",
        ),
        Setting::GlobalSize => named(
            "Global crops",
            "Side of the two large views, which student and teacher see: a multiple of the patch.",
            "pixels",
        ),
        Setting::GlobalScaleLow => named(
            "Smallest global area",
            "Smallest part of the image that a large view may show.",
            "of the image",
        ),
        Setting::GlobalScaleHigh => named(
            "Largest global area",
            "Largest part of the image that a large view may show.",
            "of the image",
        ),
        Setting::Locals => named(
            "Local crops",
            "Small views of each image, which only the student sees.",
            "an image",
        ),
        Setting::LocalSize => named(
            "Size of local crops",
            "Side of the small views: a multiple of the patch.",
            "pixels",
        ),
        Setting::LocalScaleLow => named(
            "Smallest local area",
            "Smallest part of the image that a small view may show.",
            "of the image",
        ),
        Setting::LocalScaleHigh => named(
            "Largest local area",
            "Largest part of the image that a small view may show.",
            "of the image",
        ),
        Setting::Prototypes => named(
            "Prototypes K",
            "Numbers in an answer: the classes that the networks make up by themselves.",
            "",
        ),
        Setting::HeadHidden => {
            named("Width of the head", "Width of the head's two hidden layers.", "numbers")
        }
        Setting::Bottleneck => named(
            "Bottleneck",
            "Numbers that are left before the prototypes; they are scaled to length 1.",
            "numbers",
        ),
        Setting::Patch => named(
            "Patch",
            "Side of the squares that an image is cut into: 4, 8, 14 or 16. Smaller ones give finer maps and more work.",
            "pixels",
        ),
        Setting::Width => {
            named("Width D", "Numbers that stand for a patch inside the network.", "numbers")
        }
        Setting::Depth => named("Blocks", "Layers of attention and MLP, one after the other.", ""),
        Setting::Heads => named(
            "Heads",
            "Attention maps a block. The width over the heads must be 4, 8, 12 … up to 64.",
            "",
        ),
        Setting::DropPath => named(
            "Drop path",
            "Chance that the student skips its last block; earlier ones are skipped less often.",
            "",
        ),
    }
}

fn chinese(setting: Setting) -> Named {
    match setting {
        Setting::Batch => named(
            "批次大小（batch）",
            "每一步會看的影像數。越多，梯度的雜訊越小，但每一步也越久。",
            "張影像",
        ),
        Setting::LearningRate => named(
            "最高學習率（learning rate）",
            "每一步移動學生網路的幅度。太高，損失會亂跳；太低，什麼都不會發生。",
            "",
        ),
        Setting::Warmup => {
            named("暖身（warm-up）", "學習率從 0 升到最高值所占的訓練比例。", "（占整個訓練）")
        }
        Setting::WeightDecay => {
            named("權重衰減（weight decay），開始時", "訓練開始時，把權重拉向 0 的力道。", "")
        }
        Setting::WeightDecayEnd => {
            named("權重衰減，結束時", "訓練結束時的力道；中間依餘弦曲線變化。", "")
        }
        Setting::Clip => named(
            "梯度裁剪（clipping）",
            "每個張量的梯度最長可以多長，超過就縮短。0 表示不裁剪。",
            "",
        ),
        Setting::FreezeLastLayer => named(
            "凍結最後一層",
            "在這些週期（epoch）內不訓練原型，以免原型跑得比其他部分快。",
            "個週期",
        ),
        Setting::FreezeBackbone => named(
            "凍結骨幹（backbone）",
            "訓練開始時只訓練投影頭的比例：全新的投影頭會破壞載入權重原有的特徵。",
            "（占整個訓練）",
        ),
        Setting::Momentum => named(
            "教師動量（momentum），開始時",
            "每一步教師網路保留自己的比例，其餘來自學生網路。最後會到 1。",
            "",
        ),
        Setting::TeacherTemp => named(
            "教師溫度（temperature）",
            "小於 1 時會讓教師的答案更尖銳。太高，所有答案都會變得均勻。",
            "",
        ),
        Setting::TeacherTempStart => {
            named("教師溫度，開始時", "如果有溫度暖身，從這個值開始。", "")
        }
        Setting::TeacherTempEpochs => {
            named("溫度暖身", "教師溫度從開始值走到最終值所用的週期數。", "個週期")
        }
        Setting::StudentTemp => {
            named("學生溫度", "學生答案的尖銳程度；教師的答案必須更尖銳，否則沒有東西可學。", "")
        }
        Setting::CenterMomentum => named(
            "中心動量（centre momentum）",
            "中心跟隨教師平均答案的速度有多慢。設為 1 時中心完全不動，最後會由一個原型獨占。",
            "",
        ),
        Setting::GlobalSize => named(
            "全域裁切（global crop）邊長",
            "兩個大視野的邊長，學生與教師都看得到；必須是圖塊邊長的倍數。",
            "像素",
        ),
        Setting::GlobalScaleLow => {
            named("全域裁切最小面積", "大視野最少涵蓋影像的多少。", "（占影像面積）")
        }
        Setting::GlobalScaleHigh => {
            named("全域裁切最大面積", "大視野最多涵蓋影像的多少。", "（占影像面積）")
        }
        Setting::Locals => {
            named("局部裁切（local crop）數", "每張影像的小視野數，只有學生看得到。", "個")
        }
        Setting::LocalSize => named("局部裁切邊長", "小視野的邊長；必須是圖塊邊長的倍數。", "像素"),
        Setting::LocalScaleLow => {
            named("局部裁切最小面積", "小視野最少涵蓋影像的多少。", "（占影像面積）")
        }
        Setting::LocalScaleHigh => {
            named("局部裁切最大面積", "小視野最多涵蓋影像的多少。", "（占影像面積）")
        }
        Setting::Prototypes => named(
            "原型（prototype）數 K",
            "一個答案裡有幾個數字，也就是網路自己想出來的類別數。",
            "",
        ),
        Setting::HeadHidden => named("投影頭（head）寬度", "投影頭兩個隱藏層的寬度。", "個數字"),
        Setting::Bottleneck => {
            named("瓶頸層（bottleneck）", "原型之前剩下的數字個數；它們會縮放成長度 1。", "個數字")
        }
        Setting::Patch => named(
            "圖塊（patch）邊長",
            "影像切成的小方塊的邊長：4、8、14 或 16。越小，注意力圖越細緻，計算量也越大。",
            "像素",
        ),
        Setting::Width => named("寬度 D", "網路裡用多少個數字代表一個圖塊。", "個數字"),
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

//! Words of the training place.

use dino_core::protocol::Estimate;

pub struct Training {
    pub title: &'static str,
    pub presets: &'static str,
    /// Name and purpose of a preset; `None` for one that has no words yet.
    pub preset: fn(&str) -> Option<(&'static str, &'static str)>,
    /// Time and memory.
    pub estimate: fn(&Estimate) -> String,
    pub measuring: &'static str,
    pub refused: fn(&str) -> String,
    pub start: &'static str,
    /// Start, while the form holds other settings than the run.
    pub go_on: &'static str,
    pub pause: &'static str,
    pub step: &'static str,
    pub reset: &'static str,
    /// Steps that would be lost.
    pub reset_question: fn(u64) -> String,
    pub reset_comfort: &'static str,
    pub reset_not: &'static str,
    /// Start begins with random weights although the starter is looked at.
    pub begins_at_random: &'static str,
    /// The step until which the backbone rests.
    pub head_first: fn(u64) -> String,
    pub software: &'static str,
    pub steps: &'static str,
    pub loss: &'static str,
    pub entropy: &'static str,
    pub speed: &'static str,
    pub elapsed: &'static str,
    pub left: &'static str,
    pub memory: &'static str,
    pub adapter: &'static str,
    pub health: &'static str,
    pub duration: fn(f64) -> String,
    pub repeating: fn(usize, usize) -> String,
    pub step_of: fn(u64, u64) -> String,
    pub entropy_of: fn(f32, usize) -> String,
    /// What a screen reader hears: the state's word and the step.
    pub announce: fn(&str, u64) -> String,
}

// Numbers and their units stay on one line.
fn english_duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.95 => format!("{s:.1}\u{a0}s"),
        s if s < 99.5 => format!("{s:.0}\u{a0}s"),
        s if s < 5940.0 => format!("{:.0}\u{a0}min", s / 60.0),
        s if s < 356_400.0 => format!("{:.1}\u{a0}h", s / 3600.0),
        s => format!("{:.0}\u{a0}days", s / 86_400.0),
    }
}

fn chinese_duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.95 => format!("{s:.1} 秒"),
        s if s < 99.5 => format!("{s:.0} 秒"),
        s if s < 5940.0 => format!("{:.0} 分鐘", s / 60.0),
        s if s < 356_400.0 => format!("{:.1} 小時", s / 3600.0),
        s => format!("{:.0} 天", s / 86_400.0),
    }
}

fn memory(bytes: u64) -> String {
    match bytes as f64 {
        b if b < 1e9 => format!("{:.0}\u{a0}MB", b / 1e6),
        b => format!("{:.1}\u{a0}GB", b / 1e9),
    }
}

pub const EN: Training = Training {
    title: "Training",
    presets: "What for",
    preset: |name| match name {
        "spark" => Some((
            "A first look",
            "The smallest network, on pictures of 32 pixels. It runs everywhere, even where a processor plays the \
             graphics card.",
        )),
        "small" => Some((
            "An evening on a laptop",
            "A small network on pictures of 64 pixels, for the graphics that come with a processor.",
        )),
        "tiny8" => Some((
            "Sharp attention maps",
            "ViT-Tiny with patches of 8 pixels on pictures of 96: fine maps, for a real graphics card.",
        )),
        "tiny" => Some((
            "As in the paper",
            "ViT-Tiny with the paper's crops of 224 and 96 pixels, for a fast graphics card.",
        )),
        _ => None,
    },
    estimate: |e| {
        format!(
            "about {} for 100 steps of {}, {}; {} for all {}",
            english_duration(100.0 * e.seconds),
            match e.batch {
                1 => "1 image".to_owned(),
                n => format!("{n} images"),
            },
            memory(e.bytes),
            english_duration(e.steps as f64 * e.seconds),
            e.steps
        )
    },
    measuring: "measuring this adapter …",
    refused: |reason| format!("Not on this adapter: {reason}."),
    start: "Start",
    go_on: "Go on as before",
    pause: "Pause",
    step: "Step",
    reset: "Reset",
    reset_question: |steps| format!("Begin anew and give up {steps} steps of training?"),
    reset_comfort: "“Save checkpoint” keeps them as a file, to go on from later.",
    reset_not: "Keep the run",
    begins_at_random: "Start begins with random weights. To go on from the starter, choose “Continue on these images” \
                       at the map first.",
    head_first: |until| {
        format!(
            "Up to step {until} only the new head learns, so that the features survive: the maps stay as they are."
        )
    },
    software: "This browser offers no graphics card, only a program that imitates one on the processor, \
               so the smallest preset was chosen.",
    steps: "Step",
    loss: "Loss",
    entropy: "Teacher entropy",
    speed: "Images a second",
    elapsed: "Trained for",
    left: "To go",
    memory: "Device memory",
    adapter: "Adapter",
    health: "Health",
    duration: english_duration,
    repeating: |images, batch| {
        let images = match images {
            1 => "is only 1 image".to_owned(),
            n => format!("are only {n} images"),
        };
        format!("There {images} for a batch of {batch}, so they are repeated within it.")
    },
    step_of: |step, total| if total == 0 { step.to_string() } else { format!("{step} of {total}") },
    entropy_of: |nats, k| format!("{nats:.3} (ln\u{a0}K\u{a0}{:.3})", (k.max(1) as f64).ln()),
    announce: |state, step| format!("{state}, step {step}"),
};

pub const ZH_HANT: Training = Training {
    title: "訓練",
    presets: "用途",
    preset: |name| match name {
        "spark" => Some((
            "先看看",
            "最小的網路，影像只有 32 像素。到處都能跑，即使只是由處理器模擬顯示卡。",
        )),
        "small" => Some(("筆電跑一晚", "小型網路，影像為 64 像素，適合處理器內建的顯示晶片。")),
        "tiny8" => Some((
            "清晰的注意力圖",
            "ViT-Tiny，圖塊 8 像素、影像 96 像素：注意力圖更細緻，需要真正的顯示卡。",
        )),
        "tiny" => {
            Some(("和論文一樣", "ViT-Tiny，採用論文的 224 與 96 像素裁切，需要快速的顯示卡。"))
        }
        _ => None,
    },
    estimate: |e| {
        format!(
            "每 100 步（每步 {} 張）約 {}，{}；全部 {} 步約 {}",
            e.batch,
            chinese_duration(100.0 * e.seconds),
            memory(e.bytes),
            e.steps,
            chinese_duration(e.steps as f64 * e.seconds)
        )
    },
    measuring: "正在測量這張顯示卡…",
    refused: |reason| format!("無法在這張顯示卡上執行：{reason}。"),
    start: "開始",
    go_on: "照舊繼續",
    pause: "暫停",
    step: "單步",
    reset: "重設",
    reset_question: |steps| format!("要放棄 {steps} 步的訓練，重新開始嗎？"),
    reset_comfort: "按「下載儲存檔」可以先存成檔案，之後再接著訓練。",
    reset_not: "保留這次訓練",
    begins_at_random: "按下「開始」會從隨機權重開始。想接著入門模型訓練，請先在注意力圖那裡選「用這些影像接著訓練」。",
    head_first: |until| {
        format!("到第 {until} 步為止只訓練新的頭，以保住學到的特徵：注意力圖暫時不會改變。")
    },
    software: "這個瀏覽器沒有提供顯示卡，只有在處理器上模擬顯示卡的程式，因此選擇了最小的預設組合。",
    steps: "步數",
    loss: "損失（loss）",
    entropy: "教師熵（entropy）",
    speed: "每秒影像數",
    elapsed: "已訓練",
    left: "還需要",
    memory: "裝置記憶體",
    adapter: "顯示卡",
    health: "健康狀況",
    duration: chinese_duration,
    repeating: |images, batch| {
        format!("批次大小為 {batch}，但只有 {images} 張影像，因此同一批次中會重複使用。")
    },
    step_of: |step, total| {
        if total == 0 { step.to_string() } else { format!("{step}／{total}") }
    },
    entropy_of: |nats, k| format!("{nats:.3}（ln K {:.3}）", (k.max(1) as f64).ln()),
    announce: |state, step| format!("{state}，第 {step} 步"),
};

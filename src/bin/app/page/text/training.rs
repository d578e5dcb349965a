//! Words of the training place.

pub struct Training {
    pub title: &'static str,
    pub preset: &'static str,
    pub start: &'static str,
    pub pause: &'static str,
    pub step: &'static str,
    pub reset: &'static str,
    pub software: &'static str,
    pub steps: &'static str,
    pub loss: &'static str,
    pub entropy: &'static str,
    pub speed: &'static str,
    pub memory: &'static str,
    pub adapter: &'static str,
    pub repeating: fn(usize, usize) -> String,
    pub step_of: fn(u64, u64) -> String,
    pub entropy_of: fn(f32, usize) -> String,
    /// What a screen reader hears: the state's word and the step.
    pub announce: fn(&str, u64) -> String,
}

pub const EN: Training = Training {
    title: "Training",
    preset: "Preset",
    start: "Start",
    pause: "Pause",
    step: "Step",
    reset: "Reset",
    software: "This browser offers no graphics card, only a program that imitates one on the processor, \
               so the smallest preset was chosen.",
    steps: "Step",
    loss: "Loss",
    entropy: "Teacher entropy",
    speed: "Images a second",
    memory: "Device memory",
    adapter: "Adapter",
    repeating: |images, batch| {
        let images = match images {
            1 => "is only 1 image".to_owned(),
            n => format!("are only {n} images"),
        };
        format!("There {images} for a batch of {batch}, so they are repeated within it.")
    },
    step_of: |step, total| if total == 0 { step.to_string() } else { format!("{step} of {total}") },
    entropy_of: |nats, k| format!("{nats:.3} (ln K {:.3})", (k.max(1) as f64).ln()),
    announce: |state, step| format!("{state}, step {step}"),
};

pub const ZH_HANT: Training = Training {
    title: "訓練",
    preset: "預設組合",
    start: "開始",
    pause: "暫停",
    step: "單步",
    reset: "重設",
    software: "這個瀏覽器沒有提供顯示卡，只有在處理器上模擬顯示卡的程式，因此選擇了最小的預設組合。",
    steps: "步數",
    loss: "損失（loss）",
    entropy: "教師熵（teacher entropy）",
    speed: "每秒影像數",
    memory: "裝置記憶體",
    adapter: "顯示卡",
    repeating: |images, batch| {
        format!("批次大小為 {batch}，但只有 {images} 張影像，因此同一批次中會重複使用。")
    },
    step_of: |step, total| {
        if total == 0 { step.to_string() } else { format!("{step}／{total}") }
    },
    entropy_of: |nats, k| format!("{nats:.3}（ln K {:.3}）", (k.max(1) as f64).ln()),
    announce: |state, step| format!("{state}，第 {step} 步"),
};

//! Traditional Chinese text of the training section.

use crate::i18n::format::memory;
use crate::i18n::training::Training;

pub const TEXT: Training = Training {
    title: "訓練",
    presets: "選擇預設組合",
    preset: |name| match name {
        "spark" => {
            Some(("先看看", "最小的網路，使用 32 像素的影像。任何電腦都能執行，沒有顯示卡也可以。"))
        }
        "small" => Some(("筆電跑一晚", "小型網路，使用 64 像素的影像，適合內建顯示晶片。")),
        "tiny8" => Some((
            "清晰的注意力圖",
            "ViT-Tiny，圖塊 8 像素、影像 96 像素。注意力圖細緻，需要獨立顯示卡。",
        )),
        "tiny" => {
            Some(("和論文一樣", "ViT-Tiny，採用論文的 224 與 96 像素裁切。需要高速的顯示卡。"))
        }
        _ => None,
    },
    estimate: |e| {
        format!(
            "每 100 步（每步 {} 張影像）約 {}，記憶體 {}；全部 {} 步約 {}",
            e.batch,
            duration(100.0 * e.seconds),
            memory(e.bytes),
            e.steps,
            duration(e.steps as f64 * e.seconds)
        )
    },
    measuring: "正在測量這張顯示卡…",
    refused: |reason| format!("無法在這張顯示卡上執行：{reason}。"),
    start: "開始",
    go_on: "不變更，繼續訓練",
    pause: "暫停",
    step: "單步",
    reset: "重新開始",
    reset_question: |steps| format!("要捨棄 {steps} 步的訓練，重新開始嗎？"),
    reset_comfort: "按「下載檢查點」可以先存成檔案，之後再繼續訓練。",
    reset_not: "保留這次訓練",
    begins_at_random: "按下「開始」會從隨機權重開始。若要從入門模型繼續，請先在注意力圖旁選擇「使用入門模型」。",
    head_first: |until| {
        format!(
            "第 {until} 步之前只訓練新的投影頭，以保護骨幹網路的特徵。在那之前注意力圖不會改變。"
        )
    },
    software: "找不到顯示卡，只有軟體模擬的顯示卡。它在處理器上執行，速度較慢，因此選擇了最小的預設組合。",
    steps: "步數",
    loss: "損失（loss）",
    entropy: "教師熵（entropy）",
    speed: "每秒影像數",
    elapsed: "已訓練時間",
    left: "剩餘時間",
    memory: "裝置記憶體",
    adapter: "顯示卡",
    health: "訓練狀況",
    duration,
    repeating: |images, batch| {
        format!("批次大小為 {batch}，但只有 {images} 張影像，因此每個批次會重複使用部分影像。")
    },
    step_of: |step, total| {
        if total == 0 { step.to_string() } else { format!("{step}／{total}") }
    },
    entropy_of: |nats, k| format!("{nats:.3}（ln K {:.3}）", (k.max(1) as f64).ln()),
    announce: |state, step| format!("{state}，第 {step} 步"),
};

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 0.95 => format!("{s:.1} 秒"),
        s if s < 99.5 => format!("{s:.0} 秒"),
        s if s < 5940.0 => format!("{:.0} 分鐘", s / 60.0),
        s if s < 356_400.0 => format!("{:.1} 小時", s / 3600.0),
        s => format!("{:.0} 天", s / 86_400.0),
    }
}

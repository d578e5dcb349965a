//! Traditional Chinese words of the training section.

use super::super::format::memory;
use super::super::training::Training;

pub const TEXT: Training = Training {
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
            duration(100.0 * e.seconds),
            memory(e.bytes),
            e.steps,
            duration(e.steps as f64 * e.seconds)
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
    duration: duration,
    repeating: |images, batch| {
        format!("批次大小為 {batch}，但只有 {images} 張影像，因此同一批次中會重複使用。")
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

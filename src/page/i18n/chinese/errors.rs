//! Traditional Chinese text of errors and of skipped files.

use crate::i18n::errors::Errors;
use dino_core::Error;
use dino_core::data::picture::{MAX_BYTES, MAX_PIXELS, Rejected};

pub const TEXT: Errors = Errors {
    error,
    fault,
    fault_kind: |fault| match fault {
        Rejected::Empty => "空檔案".to_owned(),
        Rejected::Heavy { .. } | Rejected::Huge { .. } => "太大".to_owned(),
        Rejected::Svg => "SVG".to_owned(),
        Rejected::Heic => "HEIC".to_owned(),
        Rejected::Avif => "AVIF".to_owned(),
        Rejected::Format { name } => name.to_string(),
        Rejected::Text => "文字檔".to_owned(),
        Rejected::Unknown => "非影像".to_owned(),
        Rejected::Truncated => "不完整".to_owned(),
        Rejected::Damaged { .. } => "損毀".to_owned(),
    },
};

fn error(error: &Error) -> String {
    match error {
        Error::Config { field, message } => format!("設定「{}」有誤：{message}", setting(field)),
        Error::NoGpu(message) => format!("無法使用顯示卡：{message}"),
        Error::Shader { kernel, message } => {
            format!("顯示卡驅動程式拒絕了著色器 `{kernel}`：{message}")
        }
        Error::Device(message) => format!("顯示卡發生錯誤：{message}"),
        Error::TooLarge { tensor, bytes, limit, which, largest_batch } => format!(
            "`{tensor}` 需要 {bytes} 位元組，但這張顯示卡最多允許 {limit}（{which}）；最大可用的批次大小為 \
             {largest_batch}"
        ),
        Error::File { file, message } => format!("檔案 {file} 有問題：{message}"),
        Error::Tensor { name, expected, found } => {
            format!("張量 `{name}` 不符：應為 {expected}，實際為 {found}")
        }
        Error::Image { name, reason } => format!("無法使用影像 {name}：{reason}"),
        Error::NotFinite { step, loss } => {
            format!("第 {step} 步的損失（loss）為 {loss}，訓練已停止；請降低學習率")
        }
        Error::Storage(message) => format!("瀏覽器的儲存空間發生錯誤：{message}"),
        Error::Died(message) => format!("背景程式意外結束：{message}"),
        Error::NoImages => "沒有可供訓練的影像：請至少加入一張".to_owned(),
    }
}

/// The settings that the page shows by a word of its own.
fn setting(field: &str) -> &str {
    match field {
        "batch" => "批次大小",
        "lr" => "學習率",
        "steps" => "步數",
        "preset" => "預設組合",
        "image" => "影像",
        "run" => "訓練",
        "teacher_temp" => "教師溫度",
        "student_temp" => "學生溫度",
        "center_momentum" => "中心的動量",
        "momentum_teacher" => "教師的動量",
        _ => field,
    }
}

fn fault(fault: &Rejected) -> String {
    match fault {
        Rejected::Empty => "檔案是空的（0 位元組）".to_owned(),
        Rejected::Heavy { bytes } => format!(
            "檔案有 {} MB，太大了；上限為 {} MB",
            bytes.div_ceil(1_000_000),
            MAX_BYTES / 1_000_000
        ),
        Rejected::Huge { width, height } => format!(
            "{width}×{height} 共 {} 百萬像素，太大了；上限為 {} 百萬像素",
            width.saturating_mul(*height).div_ceil(1_000_000),
            MAX_PIXELS / 1_000_000
        ),
        Rejected::Svg => "SVG 是向量圖，不是照片：請先匯出成 PNG 或 JPEG".to_owned(),
        Rejected::Heic => {
            "這裡無法解碼 HEIC：請匯出成 JPEG（iPhone：設定 › 相機 › 格式 › 最相容）".to_owned()
        }
        Rejected::Avif => "這裡無法解碼 AVIF：請另存為 JPEG、PNG 或 WebP".to_owned(),
        Rejected::Format { name } => format!("這裡無法解碼 {name}：請另存為 JPEG、PNG 或 WebP"),
        Rejected::Text => "這是文字檔，不是影像".to_owned(),
        Rejected::Unknown => {
            "這不是可辨識的影像；支援的格式有 JPEG、PNG、WebP、GIF 與 BMP".to_owned()
        }
        Rejected::Truncated => "檔案在影像結束前就中斷了".to_owned(),
        Rejected::Damaged { message } => format!("影像已損毀：{message}"),
    }
}

//! Traditional Chinese text of errors and of skipped files.

use crate::i18n::chinese::{files, settings, share};
use crate::i18n::errors::Errors;
use crate::i18n::settings::label;
use dino_core::Error;
use dino_core::data::picture::{MAX_BYTES, Rejected};
use dino_core::error::{
    Bound, DeviceProblem, ImageProblem, JpegKind, ShaderProblem, StateError, Unread, WorkerProblem,
};
use dino_core::storage::StorageError;

pub const TEXT: Errors = Errors {
    error,
    fault,
    fault_kind: |fault| match fault {
        Rejected::Empty => "空檔案".to_owned(),
        Rejected::Heavy { .. } | Rejected::Huge { .. } => "太大".to_owned(),
        Rejected::Svg => "SVG".to_owned(),
        Rejected::Heic => "HEIC".to_owned(),
        Rejected::Avif => "AVIF".to_owned(),
        Rejected::Format { name }
        | Rejected::Raw { name }
        | Rejected::Video { name }
        | Rejected::Document { name }
        | Rejected::Archive { name }
        | Rejected::Other { name } => name.to_string(),
        Rejected::Jpeg { .. } => "特殊的 JPEG".to_owned(),
        Rejected::Text => "文字檔".to_owned(),
        Rejected::Unknown => "非影像".to_owned(),
        Rejected::Truncated => "不完整".to_owned(),
        Rejected::Damaged { .. } => "損毀".to_owned(),
        Rejected::Unread { why: Unread::Gone } => "已不存在".to_owned(),
        Rejected::Unread { why: Unread::Changed } => "已變動或無法讀取".to_owned(),
        Rejected::Unread { why: Unread::Denied } => "不允許讀取".to_owned(),
        Rejected::Unread { .. } | Rejected::NotLoaded { .. } => "無法讀取".to_owned(),
        Rejected::Full => "空間不足".to_owned(),
        Rejected::TooMany { .. } => "超過上限".to_owned(),
    },
};

fn error(error: &Error) -> String {
    match error {
        Error::Setting(error) => {
            let name = label(settings::TEXT.of, &error.key);
            format!("設定「{name}」有誤：{}", (settings::TEXT.problem)(&error.problem))
        }
        Error::State(error) => state(error),
        Error::NoAdapter(words) => format!("這個瀏覽器或電腦沒有 WebGPU 顯示卡：{words}"),
        Error::NoDevice(words) => format!("顯示卡無法使用：{words}"),
        Error::Shader { kernel, problem } => shader(kernel, problem),
        Error::Device(problem) => format!("顯示卡發生錯誤：{}", device(problem)),
        Error::TooLarge { tensor, bytes, limit, bound, largest_batch } => {
            let what =
                if tensor.is_empty() { "這次訓練".to_owned() } else { format!("`{tensor}`") };
            let bound = match bound {
                Bound::Binding => "單一繫結",
                Bound::Total => "總共",
            };
            let batch = match largest_batch {
                None => String::new(),
                Some(0) => "；連一張影像也放不下".to_owned(),
                Some(batch) => format!("；最大可用的批次大小為 {batch}"),
            };
            format!("{what}需要 {bytes} 位元組，但這張顯示卡{bound}最多允許 {limit}{batch}")
        }
        Error::File { file, problem } => format!("檔案 {file}：{}", files::file(problem)),
        Error::Tensor { name, file: Some(file), problem } => {
            format!("`{file}` 的張量 `{name}`：{}", files::tensor(problem))
        }
        Error::Tensor { name, file: None, problem } => {
            format!("張量 `{name}`：{}", files::tensor(problem))
        }
        Error::Image { name, problem } if name.is_empty() => {
            format!("無法使用影像：{}", image(problem))
        }
        Error::Image { name, problem } => format!("無法使用影像 {name}：{}", image(problem)),
        Error::Map(refusal) => format!("這張圖放不進連結：{}", (share::TEXT.refusal)(refusal)),
        Error::NotFinite { step, loss } => {
            format!("第 {step} 步的損失（loss）為 {loss}，訓練已停止；請降低學習率")
        }
        Error::Storage(error) => format!("瀏覽器的儲存空間發生錯誤：{}", storage(error)),
        Error::Died(problem) => match problem {
            WorkerProblem::Crashed(words) => format!("背景程式意外結束：{words}"),
            WorkerProblem::Silent { seconds } => format!("背景程式已有 {seconds} 秒沒有回應"),
            WorkerProblem::NotUnderstood(words) => format!("背景程式看不懂頁面的訊息：{words}"),
        },
        Error::NoImages => "沒有可供訓練的影像：請至少加入一張".to_owned(),
    }
}

fn state(error: &StateError) -> String {
    match error {
        StateError::OtherTab => "另一個分頁正在訓練，這個分頁只能檢視".to_owned(),
        StateError::OtherTabStores => "儲存的資料由另一個分頁管理".to_owned(),
        StateError::NoStarter => "入門模型尚未載入".to_owned(),
        StateError::StarterNotInRun => "入門模型不屬於任何訓練".to_owned(),
        StateError::NoDevice => "顯示卡尚未就緒".to_owned(),
        StateError::NoRun => "還沒有訓練：請先加入影像".to_owned(),
        StateError::NoSavedRun => "這裡沒有儲存的訓練".to_owned(),
        StateError::NoStoredImage => "儲存的影像已損毀".to_owned(),
        StateError::NoStorage => "這個瀏覽器沒有為這個頁面儲存檔案".to_owned(),
        StateError::NoFile => "沒有收到要讀取的檔案".to_owned(),
        StateError::Complete { steps } => {
            format!("{steps} 步的訓練已經完成：要再訓練，請重新開始")
        }
        StateError::NothingLeft { done, total } => {
            format!("{total} 步已完成 {done} 步，沒有剩下的步數；請用 --steps 或 --until 增加")
        }
        StateError::NoLayer { last, found } => format!("沒有第 {found} 層：應為 0 到 {last}"),
        StateError::NoSnapshot { steps, found } => {
            let steps: Vec<String> = steps.iter().map(u64::to_string).collect();
            match steps.is_empty() {
                true => format!("沒有第 {found} 步的快照"),
                false => format!("沒有第 {found} 步的快照：只有第 {} 步", steps.join("、")),
            }
        }
        StateError::NoImage { last, found } => format!("沒有第 {found} 張影像：應為 0 到 {last}"),
        StateError::TooManyImages { most, found } => {
            format!("{found} 張影像太多：上限為 {most} 張")
        }
    }
}

fn shader(kernel: &str, problem: &ShaderProblem) -> String {
    match problem {
        ShaderProblem::Refused(words) => {
            format!("顯示卡驅動程式拒絕了著色器 `{kernel}`：{words}")
        }
        ShaderProblem::NotTimed => {
            format!("無法測量著色器 `{kernel}` 的時間：執行次數增加，時間卻沒有變長")
        }
        ShaderProblem::Constants(words) => format!("著色器 `{kernel}` 的常數不符：{words}"),
        ShaderProblem::Inexact { error, allowed } => {
            format!("著色器 `{kernel}` 的結果有誤：相對誤差為 {error:.1e}，最多允許 {allowed:.0e}")
        }
        ShaderProblem::Subgroups { announced, found, .. } => {
            format!("子群組（subgroup）應有 {announced} 個通道，實際為 {found} 個")
        }
    }
}

fn device(problem: &DeviceProblem) -> String {
    match problem {
        DeviceProblem::Reported(words) => words.clone(),
        DeviceProblem::OutOfMemory { bytes: 0 } => "記憶體不足".to_owned(),
        DeviceProblem::OutOfMemory { bytes } => {
            format!("記憶體不足：這次訓練需要 {bytes} 位元組")
        }
        DeviceProblem::Unreadable(words) => format!("無法讀取緩衝區：{words}"),
        DeviceProblem::Dropped => "工作還沒完成就中斷了".to_owned(),
        DeviceProblem::NoOwner(name) => format!("沒有程式擁有緩衝區 `{name}`"),
    }
}

fn storage(error: &StorageError) -> String {
    match error {
        StorageError::Full => "空間不足".to_owned(),
        StorageError::NoFiles => "這個瀏覽器不提供檔案".to_owned(),
        StorageError::NoWriting => "這個瀏覽器無法在背景寫入檔案".to_owned(),
        StorageError::NotCreated(name) => format!("無法建立 `{name}`"),
        StorageError::BadName(name) => format!("`{name}` 不是可用的名稱"),
        StorageError::NotAsWritten { name, written, read } => {
            format!("`{name}`：寫入 {written} 位元組，讀回的 {read} 位元組與寫入的不同")
        }
        StorageError::Other(words) => words.clone(),
    }
}

fn image(problem: &ImageProblem) -> String {
    match problem {
        ImageProblem::Rejected(rejected) => fault(rejected),
        ImageProblem::Unreadable(words) => format!("無法讀取：{words}"),
        ImageProblem::Unwritable(words) => format!("無法寫入：{words}"),
        ImageProblem::NotFilled { width, height, bytes } => {
            format!("像素與大小不符：{width} × {height} 像素，每個 4 位元組，實際有 {bytes} 位元組")
        }
        ImageProblem::Size { expected: [w, h], found: [across, down] } => {
            format!("應為 {w} × {h} 像素，實際為 {across} × {down}")
        }
        ImageProblem::TooLargeForFormat { found: [w, h] } => {
            format!("{w} × {h} 像素超過這種格式的上限")
        }
        ImageProblem::NoFrames => "沒有任何畫面".to_owned(),
        ImageProblem::NoMaps => "沒有注意力圖，或注意力圖與格數不符".to_owned(),
        ImageProblem::NoRoom { room, pixels } => {
            format!("有 {pixels} 像素，但只剩 {room} 像素的空間")
        }
        ImageProblem::BoxOutside { frame } => format!("裁切框 {frame:?}（上、左、高、寬）超出影像"),
        ImageProblem::CropSize { crop, planned, found } => {
            format!("第 {crop} 個裁切為 {found} 像素，應為 {planned}")
        }
        ImageProblem::BoxTooLarge { most, found: [w, h] } => {
            format!("裁切框為 {w} × {h} 像素，但每邊最多 {most}")
        }
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
        Rejected::Huge { width, height, most } => format!(
            "{width}×{height} 共 {} 百萬像素，太大了；上限為 {} 百萬像素",
            width.saturating_mul(*height).div_ceil(1_000_000),
            most / 1_000_000
        ),
        Rejected::Svg => "SVG 是向量圖，不是照片：請先匯出成 PNG 或 JPEG".to_owned(),
        Rejected::Heic => {
            "這裡無法解碼 HEIC：請匯出成 JPEG（iPhone：設定 › 相機 › 格式 › 最相容）".to_owned()
        }
        Rejected::Avif => "這裡無法解碼 AVIF：請另存為 JPEG、PNG 或 WebP".to_owned(),
        Rejected::Format { name } => format!("這裡無法解碼 {name}：請另存為 JPEG、PNG 或 WebP"),
        Rejected::Raw { name } => {
            format!("{name} 是相機的 RAW 檔，這裡無法顯影：請用相片軟體匯出成 JPEG")
        }
        Rejected::Video { name } => {
            format!("{name} 是影片，不是影像：請把其中一格畫面存成 JPEG 或 PNG")
        }
        Rejected::Document { name } => format!("{name} 是文件：請先把頁面匯出成 PNG 或 JPEG"),
        Rejected::Archive { name } => format!("{name} 是壓縮檔：請先解壓縮，再選取裡面的影像"),
        Rejected::Other { name } => format!("{name} 不是影像"),
        Rejected::Jpeg { kind } => {
            format!("{}：請用相片軟體開啟，再另存為 JPEG 或 PNG", jpeg(*kind))
        }
        Rejected::Text => "這是文字檔，不是影像".to_owned(),
        Rejected::Unknown => {
            "這不是可辨識的影像；支援的格式有 JPEG、PNG、WebP、GIF 與 BMP".to_owned()
        }
        Rejected::Truncated => "檔案在影像結束前就中斷了".to_owned(),
        Rejected::Damaged { message } => format!("影像已損毀：{message}"),
        Rejected::Unread { why } => files::unread(why),
        Rejected::NotLoaded { error: cause } => error(cause),
        Rejected::Full => {
            "記憶體與此瀏覽器的儲存空間都已沒有空間可放更多影像：請移除一些影像，或釋出磁碟空間"
                .to_owned()
        }
        Rejected::TooMany { most } => format!("上限為 {most} 張影像：請先移除一些"),
    }
}

fn jpeg(kind: JpegKind) -> String {
    match kind {
        JpegKind::Lossless => "這是無失真 JPEG，這裡無法解碼".to_owned(),
        JpegKind::Arithmetic => "這個 JPEG 使用算術編碼，這裡無法解碼".to_owned(),
        JpegKind::Hierarchical => "這是階層式 JPEG，這裡無法解碼".to_owned(),
        JpegKind::Deep { bits } => format!("JPEG 應為 8 位元，實際是 {bits} 位元"),
        JpegKind::Components { found } => {
            format!("JPEG 應有 1、3 或 4 個色彩分量，實際有 {found} 個")
        }
        JpegKind::Sampling { found: [x, y], most: [across, down] } => {
            format!("JPEG 的取樣係數應能整除 {across}×{down}，實際是 {x}×{y}")
        }
        JpegKind::NoHeight => "這個 JPEG 的開頭沒有寫明高度，這裡無法解碼".to_owned(),
    }
}

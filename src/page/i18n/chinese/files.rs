//! Traditional Chinese text of what is wrong with a file or a tensor.

use dino_core::error::other::{OtherFile, OtherModel};
use dino_core::error::{
    EntryProblem, FileProblem, HalfNetwork, LineProblem, PickleProblem, Plain, TensorProblem,
    Unread,
};

/// Why a file that was chosen could not be read.
pub fn unread(why: &Unread) -> String {
    match why {
        Unread::Gone => "檔案已經不在了：選取之後被刪除、移動或重新命名".to_owned(),
        Unread::Changed => "檔案在選取之後有變動，或權限不允許讀取：請重新選取".to_owned(),
        Unread::Denied => "系統不允許讀取這個檔案".to_owned(),
        Unread::NoMemory => "記憶體不足，無法讀取這個檔案".to_owned(),
        Unread::Other { words } => format!("無法讀取這個檔案：{words}"),
    }
}

pub fn file(problem: &FileProblem) -> String {
    match problem {
        FileProblem::Unreadable(words) => format!("無法讀取：{words}"),
        FileProblem::Unread(why) => unread(why),
        FileProblem::Unwritable(words) => format!("無法寫入：{words}"),
        FileProblem::NoFolder(words) => format!("應為資料夾：{words}"),
        FileProblem::FolderNotCreated(words) => format!("無法建立資料夾：{words}"),
        FileProblem::IsFolder => "應為要寫入的檔案，實際是資料夾".to_owned(),
        FileProblem::TooLong { most, found } => format!("最多 {most} 位元組，實際有 {found}"),
        FileProblem::NotStored => "這個瀏覽器已經沒有儲存這個檔案".to_owned(),
        FileProblem::NoAnswer => "伺服器沒有回應".to_owned(),
        FileProblem::Late { seconds } => format!("伺服器沒有在 {seconds} 秒內送出檔案"),
        FileProblem::Status { status } => format!("伺服器回應 {status}"),
        FileProblem::NoImages { files } => format!("{files} 個檔案中沒有任何影像"),
        FileProblem::NoMasks { images, files } => {
            format!("{files} 個檔案中沒有與 {images} 裡的影像同名的遮罩")
        }
        FileProblem::NotAFilm => "檔名必須以 .gif 或 .mp4 結尾".to_owned(),
        FileProblem::NoFfmpeg => "寫入 MP4 需要 ffmpeg，但沒有安裝：請改用 .gif 檔名".to_owned(),
        FileProblem::Ffmpeg(words) => format!("ffmpeg 發生錯誤：{words}"),
        FileProblem::Content(words) => format!("內容不正確：{words}"),
        FileProblem::Line { line, problem } => format!("第 {line} 行：{}", of_line(problem)),
        FileProblem::Missing { found } => match found.is_empty() {
            true => "缺少這個檔案；資料夾是空的".to_owned(),
            false => format!("缺少這個檔案；只有 {}", found.join("、")),
        },
        FileProblem::OtherAdapter { expected, found } => {
            format!("應為顯示卡 `{expected}` 的測量，實際是 `{found}` 的")
        }
        FileProblem::NoLength { found } => {
            format!("應為 safetensors 檔案（開頭 8 位元組是長度），實際只有 {found} 位元組")
        }
        FileProblem::HeaderTruncated { expected, found } => format!(
            "safetensors 標頭應有 {expected} 位元組，實際只有 {found}：檔案不完整，或是其他格式"
        ),
        FileProblem::Header(words) => format!("safetensors 標頭不是正確的 JSON：{words}"),
        FileProblem::Safetensors(words) => format!("不是正確的 safetensors 檔案：{words}"),
        FileProblem::DataLength { expected, found } => {
            format!("張量資料應有 {expected} 位元組，實際有 {found}")
        }
        FileProblem::Absent => "缺少這個檔案".to_owned(),
        FileProblem::Changed => "內容與寫入時不同".to_owned(),
        FileProblem::Length { expected, found } => {
            format!("應有 {expected} 位元組，實際有 {found}")
        }
        FileProblem::Misnamed { of } => format!("內容屬於 `{of}`"),
        FileProblem::NoPart { part } => format!("沒有 `{part}` 這個部分"),
        FileProblem::BadPart { name } => format!("`{name}` 不是可用的名稱"),
        FileProblem::NoMetadata { key } => {
            format!("不是這個程式的檢查點：沒有中繼資料 `{key}`")
        }
        FileProblem::Metadata { key, words } => format!("中繼資料 `{key}` 不正確：{words}"),
        FileProblem::Version { expected, found } => {
            format!("檢查點應為第 {expected} 版，實際是第 {found} 版")
        }
        FileProblem::OtherNetwork { expected, found } => {
            format!("裡面是另一個網路：應為 {expected}，實際為 {found}")
        }
        FileProblem::NotTorch(words) => format!("不是 torch.save 寫的 zip 檔案：{words}"),
        FileProblem::NoPickle => "這個壓縮檔裡沒有 torch.save 的 data.pkl".to_owned(),
        FileProblem::Entry { entry, problem } => {
            format!("壓縮檔裡的 `{entry}`：{}", of_entry(problem))
        }
        FileProblem::Storage { entry, problem } => {
            format!("儲存空間 `{entry}`：{}", of_entry(problem))
        }
        FileProblem::Pickle(problem) => pickle(problem),
        FileProblem::NotWeights(other) => other_file(other),
        FileProblem::OtherModel { model, tensor } => {
            format!("從張量 `{tensor}` 看來，這是{}", other_model(*model))
        }
        FileProblem::NoBackbone { found, names } => match names.is_empty() {
            true => "沒有 Vision Transformer 骨幹網路的張量".to_owned(),
            false => format!(
                "沒有 Vision Transformer 骨幹網路的張量，只有其他 {found} 個，例如 {}",
                names.join("、")
            ),
        },
        FileProblem::Blocks { most, found } => {
            format!("網路應有 1 到 {most} 個區塊，實際有 {found}")
        }
        FileProblem::Incomplete { expected, blocks, found, missing } => format!(
            "{blocks} 個區塊的骨幹網路應有 {expected} 個張量，實際有 {found}；缺少 {}",
            missing.join("、")
        ),
        FileProblem::Shard { part, of } => format!(
            "這是分成 {of} 個檔案儲存的模型的第 {part} 個，無法單獨讀取：請載入模型後儲存它的 `state_dict()`，或用 `max_shard_size=\"50GB\"` 重新儲存"
        ),
        FileProblem::HalfNetwork(half) => {
            let HalfNetwork { student, prefix, missing, code, whole } = &**half;
            let (asked, other, option) = if *student {
                ("學生", "教師", "teacher")
            } else {
                ("教師", "學生", "student")
            };
            let lack = match code {
                Some(code) => format!("其中的張量要由 Python 的 `{code}` 產生，沒有執行任何內容"),
                None => format!("其中沒有 {}", missing.join("、")),
            };
            format!(
                "{asked}網路（`{prefix}…`）不完整：{lack}。另一個網路（`{whole}…`）是完整的：請用 `dino convert --network {option}` 取出{other}，或只儲存它的張量"
            )
        }
    }
}

fn of_line(problem: &LineProblem) -> String {
    match problem {
        LineProblem::NoNames => "應為欄位名稱".to_owned(),
        LineProblem::Values { expected, found } => format!("應有 {expected} 個值，實際有 {found}"),
        LineProblem::NotANumber(text) => format!("`{text}` 不是數字"),
    }
}

fn of_entry(problem: &EntryProblem) -> String {
    match problem {
        EntryProblem::Missing => "沒有這個項目".to_owned(),
        EntryProblem::Unreadable(words) => format!("無法讀取：{words}"),
        EntryProblem::Compressed(method) => {
            format!("應為 torch.save 未壓縮的資料，實際為 {method}")
        }
        EntryProblem::TooLong { most, found } => format!("最多 {most} 位元組，實際有 {found}"),
        EntryProblem::Length { expected, found } => {
            format!("應有 {expected} 位元組，實際有 {found}")
        }
        EntryProblem::Storage { tensor, expected, found } => {
            format!("張量 {tensor} 應有 {expected} 位元組，實際有 {found}")
        }
        EntryProblem::ByteOrder(found) => format!("位元組順序應為 little，實際為 {found}"),
        EntryProblem::UnknownType(found) => {
            format!("不知道型別 `{found}` 的大小：請只儲存 `state_dict()`")
        }
    }
}

fn pickle(problem: &PickleProblem) -> String {
    match problem {
        PickleProblem::TooLong { most, found } => {
            format!("pickle 最多 {most} 位元組，實際有 {found}")
        }
        PickleProblem::Truncated { at } => format!("pickle 不完整：在第 {at} 位元組就結束了"),
        PickleProblem::Instruction { code, at } => {
            format!("pickle 只能有張量與一般的值，第 {at} 位元組卻是指令 {code:#04x}")
        }
        PickleProblem::Malformed { at } => format!("pickle 在第 {at} 位元組之前有不正確的指令"),
        PickleProblem::TooMuch { most } => {
            format!("pickle 的物件需要超過 {most} 位元組的記憶體：請只儲存 `state_dict()`")
        }
        PickleProblem::ProtocolZero => {
            "這是協定 0 的 pickle，torch.load 也無法讀取：請用 torch.save 預設的協定重新儲存"
                .to_owned()
        }
        PickleProblem::Code(name) => format!(
            "pickle 只能有張量與一般的值，卻參照了 Python 的 `{name}`：那可能是程式碼，因此拒絕這個檔案，其中沒有任何內容被執行"
        ),
    }
}

pub fn tensor(problem: &TensorProblem) -> String {
    match problem {
        TensorProblem::Missing { shape } => format!("應有形狀 {shape:?} 的張量，實際沒有"),
        TensorProblem::Shape { expected, found } => {
            format!("形狀應為 {expected:?}，實際為 {found:?}")
        }
        TensorProblem::Count { expected, found } => format!("應有 {expected} 個值，實際有 {found}"),
        TensorProblem::Unknown => "設定的網路沒有這個參數".to_owned(),
        TensorProblem::NotFinite { value, at, count } => {
            format!("應為有限的數字，{count} 個值中的第 {at} 個卻是 {value}")
        }
        TensorProblem::Negative { value } => format!("不能是負數，實際有 {value}"),
        TensorProblem::TooLargeForHalf { value } => {
            format!("16 位元的數字最大為 65504，實際有 {value}")
        }
        TensorProblem::Entry(found) => format!("應有型別、形狀與兩個資料位置，實際為 {found}"),
        TensorProblem::Type(found) => {
            format!("值的型別應為 F32、F16、BF16 或 F64，實際為 {found}")
        }
        TensorProblem::Bytes { bytes, shape, dtype, start, end } => {
            let bytes = bytes.map_or("過多".to_owned(), |bytes| bytes.to_string());
            format!(
                "{dtype} 的形狀 {shape:?} 應有 {bytes} 位元組，實際為第 {start} 到 {end} 位元組"
            )
        }
        TensorProblem::Truncated { start, end, data } => {
            format!(
                "資料應在第 {start} 到 {end} 位元組，但檔案只有 {data} 位元組的資料：檔案不完整"
            )
        }
        TensorProblem::Start { expected, found } => {
            let why = if found < expected { "與前一個重疊" } else { "中間有空隙" };
            format!("資料應從第 {expected} 位元組開始，實際從第 {found} 位元組開始，{why}")
        }
        TensorProblem::NoStorage => "沒有具名的儲存空間".to_owned(),
        TensorProblem::Code { python } => {
            format!(
                "這個張量要由 Python 的 `{python}` 產生，那可能是程式碼，所以不採用，也沒有執行任何內容"
            )
        }
        TensorProblem::Unfolds { left, shape } => {
            format!("形狀 {shape:?} 比檔案的內容多出 {left} 個值以上")
        }
        TensorProblem::NotFloats => "值應為浮點數，實際為整數或布林值".to_owned(),
        TensorProblem::Complex => "值應為浮點數，實際為複數".to_owned(),
        TensorProblem::NotTensor { found } => match found {
            Plain::Number => "應為張量，實際是 Python 的數字：請存成張量".to_owned(),
            Plain::Other => "應為張量，實際是 Python 的其他值".to_owned(),
            Plain::Text => "應為張量，實際是文字".to_owned(),
            Plain::List => "應為張量，實際是串列或元組：請存成張量".to_owned(),
        },
        TensorProblem::StorageTooLarge { left, values } => {
            format!("檔案只剩 {left} 位元組，儲存空間卻有 {values} 個值")
        }
        TensorProblem::OutsideStorage { values, shape, strides, offset } => format!(
            "形狀 {shape:?}、步幅 {strides:?}、起點 {offset} 超出有 {values} 個值的儲存空間"
        ),
        TensorProblem::Foreign => "這個網路沒有的部分：只能有 DINO 骨幹網路的參數".to_owned(),
        TensorProblem::Normalises => {
            "網路應接受正規化後的影像，實際上它自己用這個平均值或標準差做正規化".to_owned()
        }
        TensorProblem::Twice => "這個張量出現了兩次".to_owned(),
        TensorProblem::NoLinear => "沒有可以縮放的線性層".to_owned(),
        TensorProblem::PatchShape { found } => {
            format!("形狀應為 [寬度, 3, 圖塊, 圖塊]，實際為 {found:?}")
        }
        TensorProblem::NotSquare { found } => format!("圖塊應為正方形，實際為 {found:?}"),
        TensorProblem::Positions { width, found } => format!(
            "形狀應為 [1, token 數, {width}]，其中一個是 CLS，其餘排成正方形，實際為 {found:?}"
        ),
        TensorProblem::LaterStep { most, found } => {
            format!("步數最多為 {most}，實際為 {found}")
        }
        TensorProblem::NoRoom => "沒有空間再放一個快照".to_owned(),
        TensorProblem::NoSuchImage { count, found, crop } => {
            format!("第 {crop} 個裁切取自第 {found} 張影像，但只有 {count} 張")
        }
    }
}

/// A file that holds no weights.
fn other_file(other: &OtherFile) -> String {
    let words = match other {
        OtherFile::Archive { name } => return format!("這是壓縮檔（{name}）：請先解壓縮"),
        OtherFile::Named { name } => return format!("這是 {name}，裡面沒有可讀取的權重"),
        OtherFile::Empty => "檔案是空的，請重新下載",
        OtherFile::Html => "這是 HTML 網頁：伺服器送來的是網頁而不是檔案，請重新下載",
        OtherFile::Json => "這是 JSON：伺服器的回應或設定檔，裡面沒有權重",
        OtherFile::Text => "這是文字，裡面沒有權重：伺服器可能送來訊息而不是檔案",
        OtherFile::LfsPointer => {
            "這是 Git LFS 的指標檔，只寫了檔案的名稱：請用 `git lfs pull` 或從儲存庫的網頁取得檔案本身"
        }
        OtherFile::HalfZip => "檔案的結尾不見了，下載沒有完成，請重新下載",
        OtherFile::HalfTorch => "這是 PyTorch 1.6 之前的 torch.save 檔案，但結尾不見了，請重新下載",
        OtherFile::TorchScript => {
            "這是 TorchScript 程式：請用 `torch.jit.load` 載入，再用 `torch.save` 儲存它的 `state_dict()`"
        }
        OtherFile::Npz => "這是 NumPy 陣列的壓縮檔：請以 PyTorch 的名稱存成 safetensors",
        OtherFile::OtherZip => {
            "這個 zip 壓縮檔裡沒有 torch.save 的檔案：請先解壓縮，再載入裡面的檔案"
        }
        OtherFile::Gzip => "這是 gzip 壓縮檔：請先解壓縮",
        OtherFile::Tar => "這是 tar 封存檔：請先解開，再載入裡面的檔案",
        OtherFile::Hdf5 => "這是 HDF5 檔案（例如 Keras 的）：請先轉成 PyTorch 或 safetensors",
        OtherFile::Gguf => "這是語言模型的 GGUF 檔案，不是 Vision Transformer",
        OtherFile::Onnx => "這是 ONNX 模型：請載入同一個模型的 PyTorch 或 safetensors 檔案",
        OtherFile::OtherPickle => {
            "這是 Python 物件的 pickle，但不是 `torch.save` 寫的：請用它儲存 `state_dict()`"
        }
        OtherFile::PartsIndex => {
            "這是分成多個檔案儲存的模型的清單，裡面沒有權重：請載入模型後儲存它的 `state_dict()`，或用 `max_shard_size=\"50GB\"` 重新儲存"
        }
        OtherFile::Npy => "這是 NumPy 陣列：請把所有張量以 PyTorch 的名稱存成 safetensors",
        OtherFile::Msgpack => {
            "這是 MessagePack 檔案（例如 Flax 的）：請先轉成 PyTorch 或 safetensors"
        }
        OtherFile::TensorFlow => {
            "這是 TensorFlow 的檔案：請載入同一個模型的 PyTorch 或 safetensors 檔案，或先轉換"
        }
        OtherFile::Program => "這是程式，裡面沒有權重",
        OtherFile::Zeros => "檔案裡全是零：沒有寫完，請重新下載或複製",
        OtherFile::ZipBehind => "這個 zip 壓縮檔前面還有其他內容：請刪去開頭 PK 兩個字母之前的部分",
        OtherFile::Unknown => {
            "這不是 torch.save 的檔案，也不是 safetensors：請用 `torch.save` 儲存模型的 `state_dict()`，或存成 safetensors"
        }
        OtherFile::Image => "這是影像：請拖放到影像區",
    };
    words.to_owned()
}

/// A model that this network cannot be.
fn other_model(model: OtherModel) -> &'static str {
    match model {
        OtherModel::Dinov3 => {
            " DINOv3，使用旋轉位置編碼與暫存器：請載入 DINO 的權重，或沒有暫存器的 DINOv2"
        }
        OtherModel::Registers => "有暫存器（register）的網路：請載入同一個模型沒有暫存器的版本",
        OtherModel::SwiGlu => "使用閘控 MLP（SwiGLU）的網路，例如 DINOv2 giant：請載入較小的模型",
        OtherModel::Distilled => "有第二個標記的蒸餾網路（DeiT）：請載入沒有蒸餾的版本",
        OtherModel::Clip => " CLIP，在第一個區塊之前先做正規化：請載入 DINO 或 DINOv2 的權重",
        OtherModel::Swin => {
            " Swin Transformer，只在視窗內計算注意力：請載入一般的 Vision Transformer"
        }
        OtherModel::ResNet => " ResNet，沒有注意力：請載入 Vision Transformer",
        OtherModel::NoClsToken => {
            "沒有 CLS 標記的網路（例如 I-JEPA），而這個頁面顯示的正是它的注意力：請載入有 CLS 標記的網路"
        }
    }
}

//! Words on files of weights: checkpoints out and in, official weights.

use crate::i18n::keeping::size;
use dino_core::protocol::Loaded;

pub struct WeightsText {
    pub title: &'static str,
    pub about: &'static str,
    pub save: &'static str,
    pub save_backbone: &'static str,
    pub load: &'static str,
    pub official: &'static str,
    pub busy: &'static str,
    pub loaded: fn(&Loaded) -> String,
    pub not_weights: &'static str,
    pub kept: &'static str,
    /// A checkpoint of a run: its preset, its step.
    pub at_step: fn(&str, u64) -> String,
    pub size_and_time: fn(u64, &str) -> String,
    pub open: &'static str,
    pub delete: &'static str,
    pub delete_of: fn(&str) -> String,
    pub official_title: &'static str,
    pub official_about: &'static str,
    /// The address that is asked.
    pub official_request: fn(&str) -> String,
    /// A model's name and bytes.
    pub fetch: fn(&str, u64) -> String,
    pub from_kept: fn(&str) -> String,
    pub asking: &'static str,
    pub progress: fn(u64, u64) -> String,
    pub stop: &'static str,
    pub close: &'static str,
    pub stopped: &'static str,
    pub offline: fn(&str) -> String,
    pub status: fn(u16) -> String,
    pub unlisted: &'static str,
    pub length: fn(u64, u64) -> String,
    pub checksum: &'static str,
}

pub const EN: WeightsText = WeightsText {
    title: "Checkpoints",
    about: "Take the model elsewhere, or bring one: a checkpoint of this page, or a backbone as a .pth of \
            facebookresearch or .safetensors of Hugging Face or timm. Files can be dropped anywhere on the page.",
    save: "Save checkpoint",
    save_backbone: "Save backbone for timm",
    load: "Load file …",
    official: "Official weights …",
    busy: "Working on the file …",
    loaded: |loaded| {
        let mut said = match loaded.run {
            true => format!("{}: the run goes on from step {}.", loaded.name, loaded.step),
            false => format!(
                "{}: its backbone is here under a fresh head. Look at its attention at once, or train on: \
                 the backbone rests at first, so that its features survive.",
                loaded.name
            ),
        };
        if !loaded.unused.is_empty() {
            said.push_str(&format!(" Not used: {}.", named(&loaded.unused, ", ", "more")));
        }
        said
    },
    not_weights: "Dropped here, only a file of weights is understood (.safetensors, .pth, .pt); images belong \
                  into the place for images.",
    kept: "In this browser",
    at_step: |preset, step| format!("Run “{preset}”, step {step}"),
    size_and_time: |bytes, when| format!("{}, {when}", size(bytes)),
    open: "Load",
    delete: "Delete",
    delete_of: |name| format!("Delete {name}"),
    official_title: "Start from official weights",
    official_about: "The DINO authors trained these on ImageNet for 800 epochs and released them under the \
                     Apache-2.0 licence. The run that is here makes room for them; save it first if you want it.",
    official_request: |hub| {
        format!(
            "They are fetched from {hub}, which learns your address and which file you want, and nothing else. It \
         is the only request that this page makes to anybody. The file is then kept in this browser."
        )
    },
    fetch: |title, bytes| format!("Fetch {title}, {}", size(bytes)),
    from_kept: |title| format!("Load {title}, kept here"),
    asking: "Asking for the file …",
    progress: |done, total| format!("{} of {}", size(done), size(total)),
    stop: "Stop",
    close: "Close",
    stopped: "Stopped. Nothing was kept, and the run is as it was.",
    offline: |hub| format!("{hub} cannot be reached. The run is as it was."),
    status: |status| {
        format!("The hub answered {status} instead of the file. The run is as it was.")
    },
    unlisted: "The hub does not list the file with a size and a checksum, so it was not fetched.",
    length: |found, expected| {
        format!(
            "Expected {expected} bytes, found {found}: the file was cut off or is another one. The run is as it was."
        )
    },
    checksum: "The file that came is not the one that the hub's list names: its SHA-256 differs. It was thrown \
               away, and the run is as it was.",
};

pub const ZH_HANT: WeightsText = WeightsText {
    title: "儲存檔（checkpoint）",
    about: "把模型帶到別處，或帶一個進來：這個頁面的儲存檔，或骨幹網路（backbone）：facebookresearch 的 .pth、\
            Hugging Face 或 timm 的 .safetensors。檔案可以拖放到頁面任何地方。",
    save: "下載儲存檔",
    save_backbone: "下載骨幹（給 timm）",
    load: "載入檔案…",
    official: "官方權重…",
    busy: "正在處理檔案…",
    loaded: |loaded| {
        let mut said = match loaded.run {
            true => format!("{}：從第 {} 步繼續訓練。", loaded.name, loaded.step),
            false => format!(
                "{}：已載入骨幹，並配上全新的投影頭。可以立刻看它的注意力，或繼續訓練：一開始會凍結骨幹，以保留原有的特徵。",
                loaded.name
            ),
        };
        if !loaded.unused.is_empty() {
            said.push_str(&format!("未使用：{}。", named(&loaded.unused, "、", "個")));
        }
        said
    },
    not_weights: "這裡只能拖放權重檔（.safetensors、.pth、.pt）；影像請拖放到影像區。",
    kept: "保存在這個瀏覽器",
    at_step: |preset, step| format!("訓練「{preset}」，第 {step} 步"),
    size_and_time: |bytes, when| format!("{}，{when}", size(bytes)),
    open: "載入",
    delete: "刪除",
    delete_of: |name| format!("刪除 {name}"),
    official_title: "從官方權重開始",
    official_about: "DINO 作者在 ImageNet 上訓練了 800 個週期，並以 Apache-2.0 授權釋出。目前的訓練會被取代；若想保留，請先下載儲存檔。",
    official_request: |hub| {
        format!(
            "檔案來自 {hub}，對方只會知道你的網路位址和你要哪個檔案。這是這個頁面唯一會對外發出的請求。檔案會保存在這個瀏覽器。"
        )
    },
    fetch: |title, bytes| format!("下載 {title}，{}", size(bytes)),
    from_kept: |title| format!("載入已保存的 {title}"),
    asking: "正在請求檔案…",
    progress: |done, total| format!("{}／{}", size(done), size(total)),
    stop: "停止",
    close: "關閉",
    stopped: "已停止。沒有保存任何東西，訓練保持原樣。",
    offline: |hub| format!("無法連上 {hub}。訓練保持原樣。"),
    status: |status| format!("對方沒有給檔案，而是回應 {status}。訓練保持原樣。"),
    unlisted: "對方的清單沒有列出這個檔案的大小與檢查碼，因此沒有下載。",
    length: |found, expected| {
        format!(
            "應有 {expected} 位元組，實際收到 {found}：檔案不完整，或是另一個檔案。訓練保持原樣。"
        )
    },
    checksum: "收到的檔案與清單不符：SHA-256 不同。檔案已捨棄，訓練保持原樣。",
};

/// Up to six names, and how many more.
fn named(names: &[String], between: &str, more: &str) -> String {
    const MOST: usize = 6;
    let shown = names.iter().take(MOST).cloned().collect::<Vec<_>>().join(between);
    match names.len().saturating_sub(MOST) {
        0 => shown,
        rest => format!("{shown}{between}+{rest} {more}"),
    }
}

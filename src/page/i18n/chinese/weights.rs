//! Traditional Chinese text of files of weights.

use crate::i18n::format::{list, size};
use crate::i18n::weights::WeightsText;

pub const TEXT: WeightsText = WeightsText {
    title: "檢查點（checkpoint）",
    about: "儲存這個模型，或載入一個模型：這個頁面的檢查點，或來自 DINO 作者（.pth）、Hugging Face 或 timm（.safetensors）的骨幹網路（backbone）。\
            檔案可以拖放到頁面任何地方。",
    save: "下載檢查點",
    save_backbone: "下載骨幹網路（給 timm）",
    load: "載入檔案…",
    official: "官方權重…",
    busy: |waiting| match waiting {
        0 => "正在處理檔案…".to_owned(),
        n => format!("正在處理檔案…還有 {n} 個在等候。"),
    },
    loaded: |loaded| {
        let mut said = match loaded.run {
            true => format!("{}：從第 {} 步繼續訓練。", loaded.name, loaded.step),
            false => format!(
                "{}：已載入骨幹網路，並配上新的投影頭。現在可以看它的注意力，或繼續訓練：前幾步只訓練投影頭，以保護骨幹網路的特徵。",
                loaded.name
            ),
        };
        let account = &loaded.account;
        if !account.left.is_empty() {
            let (taken, left) =
                (network(&account.taken), account.left.iter().map(|left| network(left)));
            let left: Vec<String> = left.collect();
            said.push_str(&format!(
                "檔案裡有多個網路：採用 {taken}，沒有採用 {}。",
                list(&left, "、", "個")
            ));
        }
        if !account.unused.is_empty() {
            said.push_str(&format!("未使用：{}。", list(&account.unused, "、", "個")));
        }
        if !account.passed_over.is_empty() {
            let names = list(&account.passed_over, "、", "個");
            said.push_str(&format!("略過而且沒有執行：{names}。"));
        }
        if account.heads_guessed {
            said.push_str(&format!(
                "檔案沒有說明有幾個注意力頭：假設為 {} 個，每個寬 64。",
                loaded.heads
            ));
        }
        said
    },
    one_of: |taken, left| {
        format!(
            "一次收到多個權重檔：已載入 {taken}，沒有載入 {}。若要載入另一個，請單獨拖放。",
            list(left, "、", "個")
        )
    },
    take_instead: |prefix| format!("改用 {}", network(prefix)),
    heads: "注意力頭數",
    kept: "保存在這個瀏覽器",
    at_step: |preset, step| format!("訓練「{preset}」，第 {step} 步"),
    size_and_time: |bytes, when| format!("{}，{when}", size(bytes)),
    open: "載入",
    delete: "刪除",
    delete_of: |name| format!("刪除 {name}"),
    official_title: "從官方權重開始",
    official_about: "DINO 作者在 ImageNet 上訓練了 800 個週期，並以 Apache-2.0 授權釋出。它們會取代目前的訓練；若想保留，請先下載檢查點。",
    official_request: |hub| {
        format!(
            "檔案從 {hub} 下載，對方只會知道你的網路位址和你要的檔案。這是這個頁面唯一對其他伺服器發出的請求。下載後，檔案會保存在這個瀏覽器。"
        )
    },
    fetch: |title, bytes| format!("下載 {title}，{}", size(bytes)),
    from_kept: |title| format!("載入已保存的 {title}"),
    asking: "正在請求檔案…",
    progress: |done, total| format!("{}／{}", size(done), size(total)),
    stop: "停止",
    close: "關閉",
    stopped: "已停止。沒有保存任何東西，訓練沒有變動。",
    offline: |hub| format!("無法連上 {hub}。訓練沒有變動。"),
    status: |status| format!("伺服器回應 {status}，沒有傳送檔案。訓練沒有變動。"),
    unlisted: "伺服器沒有列出這個檔案的大小與檢查碼，因此沒有下載。",
    length: |found, expected| {
        format!(
            "應有 {expected} 位元組，實際收到 {found}：檔案不完整，或是另一個檔案。訓練沒有變動。"
        )
    },
    checksum: "下載的檔案與伺服器列出的不符：SHA-256 不同。檔案已捨棄，訓練沒有變動。",
};

/// A network of a file, by what stands before its names.
fn network(prefix: &str) -> String {
    if prefix.is_empty() { "沒有前綴的網路".to_owned() } else { format!("`{prefix}…`") }
}

//! Traditional Chinese text of the whole page.

use crate::i18n::common::Common;
use crate::i18n::format::megabytes;
use dino_core::protocol::{NoGpu, State};

pub const TEXT: Common = Common {
    not_here: "這個瀏覽器無法進行訓練。",
    reload: "請重新載入頁面再試一次。",
    other_build: "頁面與背景程式（worker）的版本不同，因為其中一個來自快取。",
    worker_gone: "背景程式已停止。",
    not_a_file: "需要檔案，但收到其他東西。",
    dismiss: "關閉",
    none: "–",
    no_worker: |message| match message {
        "" => "訓練用的背景程式無法啟動。".to_owned(),
        _ => format!("訓練用的背景程式發生錯誤：{message}"),
    },
    no_gpu: |reason| match reason {
        NoGpu::Insecure => (
            "這個頁面不是透過安全連線開啟的，而瀏覽器只在安全連線下提供 WebGPU。",
            "請改用 https 開啟，或在本機以 http://localhost 開啟。",
        ),
        NoGpu::Missing => (
            "這個瀏覽器沒有訓練所需的 WebGPU。",
            "請改用最新版的 Chrome 或 Edge、Safari 26 以上，或 Firefox 141 以上的版本。",
        ),
        NoGpu::NoAdapter { .. } => (
            "這個瀏覽器有 WebGPU，但找不到可用的顯示卡。",
            "請在瀏覽器設定中開啟硬體加速，並更新顯示卡驅動程式。在 Chrome 中，chrome://gpu 會列出已關閉的功能。",
        ),
    },
    driver: |words| format!("瀏覽器回報：{words}。"),
    state: |state| match state {
        State::Idle => "閒置",
        State::Preparing => "準備中",
        State::Paused => "已暫停",
        State::Running => "訓練中",
        State::Finished => "已完成",
        State::Stopped => "已停止",
    },
    at_step: |step| format!("第 {step} 步"),
    megabytes,
    not_whole: |found| match found {
        Some(found) => format!("需要 0 以上的整數，但收到 {found}。"),
        None => "需要 0 以上的整數。".to_owned(),
    },
};

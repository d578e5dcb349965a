//! Traditional Chinese text on the graphics device.

use crate::i18n::device::DeviceText;
use crate::i18n::format::memory;

pub const TEXT: DeviceText = DeviceText {
    compiling: |done, total| format!("正在編譯著色器，第 {done} 個，共 {total} 個…"),
    narrowed: |n| {
        let twice = match n.recompute {
            true => "部分數值會重新計算而不保留，因此每一步較慢。",
            false => "",
        };
        format!(
            "這個裝置的記憶體比預期少，因此這次訓練最多使用 {}，一次計算 {} 張影像。{twice}",
            memory(n.memory),
            n.micro_batch
        )
    },
    stray: |words| format!("顯示卡回報了錯誤，因此關閉了即時畫面。訓練會繼續。它的訊息：{words}"),
    linux: "在 Linux 上，Chrome 預設不使用大多數的顯示卡。請開啟 chrome://flags/#enable-vulkan 和 \
            chrome://flags/#enable-unsafe-webgpu 再重新啟動，或改用 Firefox 141 以上的版本。",
    integrated: "瀏覽器正在使用內建顯示晶片。如果電腦有另一張顯示卡，請到 Windows「設定 › 系統 › 顯示器 › 圖形」\
                 加入這個瀏覽器，並選擇「高效能」。",
    check: "檢查這個裝置",
    check_about: "訓練的每一種計算都會在這個裝置上執行，並和處理器的結果比較。訓練會暫停。報告只留在這裡，由你自行複製。",
    check_no_device: "沒有可以檢查的顯示卡。報告會列出瀏覽器提供的資訊。",
    check_begin: "開始檢查",
    check_stop: "停止",
    checked: |done, total, failed| match failed {
        0 => format!("已檢查 {done}／{total} 項，全部正確。"),
        failed => format!("已檢查 {done}／{total} 項，{failed} 項錯誤。"),
    },
    memory: "一次訓練最多使用的裝置記憶體",
    memory_automatic: "依裝置自動決定",
    memory_about: "從下一次訓練開始生效。放不下的批次會分成幾部分計算。",
    slow: |preset| format!("對目前的預設組合來說，這個裝置較慢。「{preset}」可以更快看到結果。"),
};

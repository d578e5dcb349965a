//! Traditional Chinese text of saved runs and recovery.

use crate::i18n::format::size;
use crate::i18n::storage::StorageText;

pub const TEXT: StorageText = StorageText {
    offer: |preset, step, total, when| {
        format!(
            "要繼續上次的訓練嗎？{preset}，第 {step} 步（共 {total} 步），儲存於 {when}。\
             新的訓練第一次儲存時，會取代上次的訓練。"
        )
    },
    go_on: "繼續訓練",
    restoring: "正在還原訓練…",
    anew: "重新開始",
    reader: "這個瀏覽器的另一個分頁正在進行這次訓練。這個分頁顯示已儲存的內容，等那個分頁關閉後會自動接手。",
    saved: |step, bytes, seconds| {
        let size = size(bytes);
        format!("已在這個瀏覽器儲存到第 {step} 步（{size}）。最多損失 {seconds} 秒的進度。")
    },
    not_saved: |why| format!("無法儲存訓練進度：{why}。訓練仍繼續進行。"),
    full: "無法儲存訓練進度，因為這個瀏覽器的儲存空間已滿。訓練仍繼續進行。請刪除保留的影像或清出磁碟空間，\
           之後就會恢復儲存。",
    damaged: |step| match step {
        Some(step) => {
            format!("第 {step} 步的檢查點已損毀，已移到一旁。若有前一個檢查點，會改用前一個。")
        }
        None => "最新的檢查點已損毀，已移到一旁。若有前一個檢查點，會改用前一個。".to_owned(),
    },
    other_images: |kept, found| {
        if kept == found {
            return format!("這次訓練原本使用另外 {kept} 張影像，現在改用目前的影像繼續。");
        }
        format!("這次訓練原本使用 {kept} 張影像，現在改用目前的 {found} 張影像繼續。")
    },
    keep_images: "將影像保留在這個瀏覽器，供下次造訪使用",
    images_take: |bytes| format!("已保留 {}", size(bytes)),
    lost_device: "與顯示卡的連線中斷了。",
    died: "訓練用的背景程式已停止。",
    recovering: "正在還原訓練…",
    recovered: |step, lost| match lost {
        0 => format!("已還原到第 {step} 步，沒有損失任何進度。"),
        _ => format!("已還原到第 {step} 步，損失了 {lost} 步。"),
    },
    asks: "兩分鐘內再次發生，因此頁面不再自動重試。已儲存的進度不受影響。",
    failed: |why| format!("無法還原訓練：{why}已儲存的進度不受影響。"),
    recover: "還原訓練",
    copy: "複製錯誤報告",
    copied: "已複製",
    report: "錯誤報告",
    close: "關閉",
};

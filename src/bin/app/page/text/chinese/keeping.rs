//! Traditional Chinese words of saved runs and recovery.

use super::super::format::size;
use super::super::keeping::Keeping;

pub const TEXT: Keeping = Keeping {
    offer: |preset, step, total, when| {
        format!(
            "這個瀏覽器保存了先前的訓練：{preset}，第 {step} 步（共 {total} 步），儲存於 {when}。\
             開始新的訓練並儲存後，會取代這份紀錄。"
        )
    },
    go_on: "繼續訓練",
    restoring: "正在還原訓練…",
    anew: "重新開始",
    reader: "另一個分頁正在訓練。這個分頁只顯示已儲存的內容，等那個分頁關閉後會自動接手。",
    saved: |step, bytes, seconds| {
        let size = size(bytes);
        format!("已在這個瀏覽器儲存到第 {step} 步（{size}）；最多只會損失 {seconds} 秒的進度。")
    },
    not_saved: |why| format!("目前無法儲存訓練進度：{why}。訓練仍在繼續。"),
    full: "目前無法儲存訓練進度：這個瀏覽器的儲存空間已滿。訓練仍在繼續；請刪除保留的影像或清出磁碟空間，\
           之後就會恢復儲存。",
    damaged: |step| match step {
        Some(step) => {
            format!("第 {step} 步的儲存檔已損毀，已另外擱置；若有更早的儲存檔，會改用那一份。")
        }
        None => "最近一次的儲存檔已損毀，已另外擱置；若有更早的儲存檔，會改用那一份。".to_owned(),
    },
    other_images: |kept, found| {
        if kept == found {
            return format!("這次訓練原本使用另外 {kept} 張影像，接下來會使用目前的影像繼續。");
        }
        format!("這次訓練原本使用 {kept} 張影像，接下來會使用目前的 {found} 張影像繼續。")
    },
    keep_images: "將影像保留在這個瀏覽器，下次造訪時使用",
    images_take: |bytes| format!("已保留 {}", size(bytes)),
    lost_device: "與顯示卡的連線中斷了。",
    died: "負責訓練的背景程式停止了。",
    recovering: "正在還原訓練…",
    recovered: |step, lost| match lost {
        0 => format!("已還原到第 {step} 步，沒有損失任何進度。"),
        _ => format!("已還原到第 {step} 步，損失了 {lost} 步。"),
    },
    asks: "兩分鐘內再次發生，因此不再自動重試。已儲存的進度不受影響。",
    failed: |why| format!("無法還原訓練：{why}已儲存的進度不受影響。"),
    recover: "還原訓練",
    copy: "複製錯誤報告",
    copied: "已複製",
    report: "錯誤報告",
    close: "關閉",
};

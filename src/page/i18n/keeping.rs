//! Words on what this browser keeps, and on what happens when the worker dies.

pub struct Keeping {
    /// A run of an earlier visit: preset, step, all steps, when it was kept.
    pub offer: fn(&str, u64, u64, &str) -> String,
    pub go_on: &'static str,
    pub restoring: &'static str,
    pub anew: &'static str,
    pub reader: &'static str,
    /// Step, bytes, and seconds of work that can be lost.
    pub saved: fn(u64, u64, u64) -> String,
    /// Why the run is not kept.
    pub not_saved: fn(&str) -> String,
    pub full: &'static str,
    /// Step of a checkpoint that was damaged, if it is known.
    pub damaged: fn(Option<u64>) -> String,
    /// Images that the run had, and that are here.
    pub other_images: fn(usize, usize) -> String,
    pub keep_images: &'static str,
    /// Bytes of the images that are kept.
    pub images_take: fn(u64) -> String,
    pub lost_device: &'static str,
    pub died: &'static str,
    pub recovering: &'static str,
    /// Step from which the run goes on, and steps that were lost.
    pub recovered: fn(u64, u64) -> String,
    pub asks: &'static str,
    pub failed: fn(&str) -> String,
    pub recover: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub report: &'static str,
    pub close: &'static str,
}

pub const EN: Keeping = Keeping {
    offer: |preset, step, total, when| {
        format!(
            "A run from an earlier visit is kept: {preset}, step {step} of {total}, saved {when}. \
             A new run takes its place once it is saved itself."
        )
    },
    go_on: "Go on",
    restoring: "Restoring the run …",
    anew: "Begin anew",
    reader: "Another tab of this browser trains the run. This one shows what was saved of it and takes \
             over by itself when that tab is closed.",
    saved: |step, bytes, seconds| {
        let size = size(bytes);
        format!(
            "Saved in this browser up to step {step} ({size}); at most {seconds} s of work can be lost."
        )
    },
    not_saved: |why| format!("The run is not being saved: {why}. Training goes on."),
    full: "The run is not being saved: this browser's storage is full. Training goes on; delete kept \
           images or free some disk space, and it will be saved again.",
    damaged: |step| {
        match step {
        Some(step) => format!(
            "What was saved at step {step} was damaged and has been set aside; what was saved before it \
             counts, if there is any."
        ),
        None => "What was saved last was damaged and has been set aside; what was saved before it counts, \
                 if there is any."
            .to_owned(),
    }
    },
    other_images: |kept, found| {
        if kept == found {
            return format!(
                "The run was trained on {kept} other images than those that are here now: it goes on with these."
            );
        }
        format!(
            "The run was trained on {kept} images and goes on with the {found} that are here now."
        )
    },
    keep_images: "Keep the images in this browser for the next visit",
    images_take: |bytes| format!("{} kept", size(bytes)),
    lost_device: "The graphics device was lost.",
    died: "The worker that trains has stopped.",
    recovering: "The run is being restored …",
    recovered: |step, lost| match lost {
        0 => format!("The run was restored at step {step}; nothing was lost."),
        1 => format!("The run was restored at step {step}; 1 step was lost."),
        _ => format!("The run was restored at step {step}; {lost} steps were lost."),
    },
    asks: "It happened again within two minutes, so nothing is tried by itself now. What was saved is safe.",
    failed: |why| format!("The run could not be restored: {why} What was saved is safe."),
    recover: "Restore the run",
    copy: "Copy the report",
    copied: "Copied",
    report: "Report",
    close: "Dismiss",
};

pub const ZH_HANT: Keeping = Keeping {
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

pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

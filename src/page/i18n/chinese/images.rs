//! Traditional Chinese text of the images section.

use crate::i18n::images::{CameraError, CameraText, Images};

pub const TEXT: Images = Images {
    title: "影像",
    drop: "將影像或資料夾拖放到這裡，或直接貼上影像",
    choose: "選擇檔案",
    choose_folder: "選擇資料夾",
    stays: "影像不會離開你的裝置。資料夾名稱會成為標籤。",
    remove: "移除影像",
    clear: "全部移除",
    samples: "載入範例照片",
    thumbnails: "已載入的影像",
    thumbnails_how: "用方向鍵選擇影像，按 Delete 移除。",
    no_files: "拖放的內容裡沒有檔案。",
    address: "你拖放的是網址，不是檔案。請先儲存影像（在影像上按右鍵，選「另存影像」），再把存好的檔案拖放到這裡。",
    too_many_files: |most| format!("檔案超過 {most} 個，只檢查前 {most} 個。"),
    too_many: |most, left| format!("上限為 {most} 張影像，因此略過了 {left} 個檔案。"),
    count: |images| match images {
        0 => "還沒有影像".to_owned(),
        n => format!("{n} 張影像"),
    },
    searching: |found| format!("正在搜尋資料夾：已找到 {found} 個檔案…"),
    importing: |done, total| format!("正在讀取第 {done} 張，共 {total} 張…"),
    progress: "讀取影像",
    summary: |added, kinds, passed_over| {
        let mut said = format!("已加入 {added} 張");
        if !kinds.is_empty() {
            let skipped: usize = kinds.iter().map(|(_, n)| n).sum();
            let kinds: Vec<_> = kinds.iter().map(|(kind, n)| format!("{kind} {n} 個")).collect();
            said.push_str(&format!("，略過 {skipped} 個：{}", kinds.join("、")));
        }
        if passed_over > 0 {
            said.push_str(&format!("；另有 {passed_over} 個隱藏檔或系統檔不列入"));
        }
        said
    },
    skipped: "略過的檔案",
    more: |n| format!("還有 {n} 個"),
    labels: |n| format!("{n} 個標籤"),
    labels_from: "標籤來自",
    label_level: |names, count| {
        let more =
            if count > names.len() { format!("…（共 {count} 個）") } else { String::new() };
        format!("{}{more}", names.join("、"))
    },
    no_labels: "不使用標籤",
    labels_how: "標籤就是用來區分影像的資料夾名稱。訓練完全不會用到標籤，只用來衡量最近鄰的標籤是否相同。",
    clear_question: |n| format!("要從頁面移除全部 {n} 張影像嗎？"),
    clear_comfort: "裝置上的檔案不會變動。訓練會暫停。",
    keep: "保留",
    camera: CameraText {
        open: "使用相機",
        title: "相機",
        take: "拍照",
        close: "關閉相機",
        waits: "正在等待相機。瀏覽器可能會詢問權限…",
        taken: |name| format!("已拍攝 {name}"),
        trouble: |trouble| match trouble {
            CameraError::Denied => {
                "沒有相機權限。請在網址列左側允許這個頁面使用相機，然後再試一次。".to_owned()
            }
            CameraError::Missing => "找不到相機。請接上相機後再試一次。".to_owned(),
            CameraError::Busy => "無法啟動相機。可能有其他程式正在使用。".to_owned(),
            CameraError::Forbidden => {
                "這個頁面在這裡無法使用相機。請改用 https，並在獨立的視窗中開啟。".to_owned()
            }
            CameraError::Other(message) => format!("相機發生錯誤：{message}"),
        },
    },
};

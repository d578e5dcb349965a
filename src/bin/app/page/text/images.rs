//! Words of the images' place.

pub struct Images {
    pub title: &'static str,
    pub drop: &'static str,
    pub choose: &'static str,
    pub stays: &'static str,
    pub clear: &'static str,
    pub samples: &'static str,
    pub thumbnails: &'static str,
    pub no_files: &'static str,
    pub count: fn(usize) -> String,
    pub importing: fn(usize, usize) -> String,
    /// "412 added, 3 skipped: 2 HEIC, 1 too large": images added, and how many were skipped of each kind.
    pub summary: fn(usize, &[(String, usize)]) -> String,
}

pub const EN: Images = Images {
    title: "Images",
    drop: "Drop images here, or",
    choose: "choose files",
    stays: "They are read in this tab and never leave your device.",
    clear: "Remove all",
    samples: "Load the samples",
    thumbnails: "Loaded images",
    no_files: "There was no file in what you dropped.",
    count: |images| match images {
        0 => "no images yet".to_owned(),
        1 => "1 image".to_owned(),
        n => format!("{n} images"),
    },
    importing: |done, total| format!("Reading {done} of {total} …"),
    summary: |added, kinds| {
        if kinds.is_empty() {
            return format!("{added} added");
        }
        let skipped: usize = kinds.iter().map(|(_, n)| n).sum();
        let kinds: Vec<_> = kinds.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
        format!("{added} added, {skipped} skipped: {}", kinds.join(", "))
    },
};

pub const ZH_HANT: Images = Images {
    title: "影像",
    drop: "把影像拖放到這裡，或",
    choose: "選擇檔案",
    stays: "影像只在這個分頁中讀取，不會離開您的裝置。",
    clear: "全部移除",
    samples: "載入範例照片",
    thumbnails: "已載入的影像",
    no_files: "拖放的內容裡沒有檔案。",
    count: |images| match images {
        0 => "還沒有影像".to_owned(),
        n => format!("{n} 張影像"),
    },
    importing: |done, total| format!("正在讀取第 {done} 張，共 {total} 張…"),
    summary: |added, kinds| {
        if kinds.is_empty() {
            return format!("已加入 {added} 張");
        }
        let skipped: usize = kinds.iter().map(|(_, n)| n).sum();
        let kinds: Vec<_> = kinds.iter().map(|(kind, n)| format!("{kind} {n} 個")).collect();
        format!("已加入 {added} 張，略過 {skipped} 個：{}", kinds.join("、"))
    },
};

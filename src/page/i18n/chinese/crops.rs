//! Traditional Chinese text of the crops.

use crate::i18n::crops::CropsText;

pub const TEXT: CropsText = CropsText {
    title: "裁切（crops）",
    about: "每一步從影像隨機取出裁切。學生網路對每個裁切的輸出，都要與教師網路對全域裁切的輸出相同，因此必須學會什麼是不變的。",
    wait: "影像讀取完成、網路準備好之後，裁切就會出現。",
    again: "重新取樣",
    again_about: "從同一張影像重新隨機裁切",
    next: "顯示下一步的裁切",
    is_next: "下一步將使用的裁切",
    is_other: |draw| format!("另一次取樣，第 {draw} 次"),
    original: |image| format!("{image} 與各裁切的框線"),
    teacher_title: "全域（global）：教師與學生",
    teacher_about: "大範圍的裁切。教師網路只看這些。",
    student_title: "局部（local）：只有學生",
    student_about: "小範圍的裁切。學生網路要讓它們對應到教師網路的全域裁切：由局部到全域。",
    crop_of: |crop, image| format!("{image} 的{crop}裁切"),
    name: |name| name.replace("global", "全域").replace("local", "局部"),
    area: |percent| format!("占面積 {percent:.0} %"),
    flip: "翻轉",
    flip_about: "左右鏡像",
    jitter: "色彩",
    jitter_about: |[brightness, contrast, saturation, hue]| {
        format!(
            "色彩抖動：亮度 × {brightness:.2}、對比 × {contrast:.2}、飽和度 × {saturation:.2}、色相 {hue:+.2}"
        )
    },
    grey: "灰階",
    grey_about: "轉為灰階",
    blur: |sigma| format!("模糊 σ {sigma:.1} 像素"),
    blur_about: "高斯模糊，σ 以裁切的像素為單位",
    solarized: "曝光反轉",
    solarized_about: "比中灰更亮的部分全部反轉（solarize）",
};

//! Words of the crops' place.

pub struct CropsText {
    pub title: &'static str,
    pub about: &'static str,
    pub wait: &'static str,
    pub again: &'static str,
    pub again_about: &'static str,
    pub next: &'static str,
    pub is_next: &'static str,
    /// Another draw, counted from 1.
    pub is_other: fn(u32) -> String,
    pub original: fn(&str) -> String,
    pub teacher_title: &'static str,
    pub teacher_about: &'static str,
    pub student_title: &'static str,
    pub student_about: &'static str,
    /// A crop of an image.
    pub crop_of: fn(&str, &str) -> String,
    /// "global 2" or "local 3" of a crop's name.
    pub name: fn(&str) -> String,
    /// Percent of the image's area.
    pub area: fn(f64) -> String,
    pub flip: &'static str,
    pub flip_about: &'static str,
    pub jitter: &'static str,
    /// Brightness, contrast, saturation, hue.
    pub jitter_about: fn([f64; 4]) -> String,
    pub grey: &'static str,
    pub grey_about: &'static str,
    pub blur: fn(f64) -> String,
    pub blur_about: &'static str,
    pub solarized: &'static str,
    pub solarized_about: &'static str,
}

pub const EN: CropsText = CropsText {
    title: "Crops",
    about: "What a step draws from the image at random. The student has to say of every crop what the \
            teacher says of a global one, so it must learn what stays the same.",
    wait: "The crops appear once the images are read and the network is prepared.",
    again: "Draw again",
    again_about: "Other random crops of the same image",
    next: "Back to the next step’s",
    is_next: "as the next step draws them",
    is_other: |draw| format!("another draw, number {draw}"),
    original: |image| format!("{image} with the frames of its crops"),
    teacher_title: "Global: teacher and student",
    teacher_about: "Large views. The teacher sees only these.",
    student_title: "Local: student only",
    student_about: "Small views, to be matched with the teacher’s global ones: local to global.",
    crop_of: |crop, image| format!("{crop} crop of {image}"),
    name: str::to_owned,
    area: |percent| format!("{percent:.0} % of the area"),
    flip: "flipped",
    flip_about: "Mirrored, left to right",
    jitter: "colours",
    jitter_about: |[brightness, contrast, saturation, hue]| {
        format!(
            "Colour jitter: brightness × {brightness:.2}, contrast × {contrast:.2}, saturation × \
             {saturation:.2}, hue {hue:+.2}"
        )
    },
    grey: "grey",
    grey_about: "Without colours",
    blur: |sigma| format!("blur σ {sigma:.1} px"),
    blur_about: "Gaussian blur, σ in pixels of the crop",
    solarized: "solarized",
    solarized_about: "Everything brighter than the middle is inverted",
};

pub const ZH_HANT: CropsText = CropsText {
    title: "裁切（crops）",
    about: "每一步從影像隨機抽出的視圖。學生網路必須對每個裁切說出教師網路對全域裁切所說的話，因此得學會什麼是不變的。",
    wait: "讀完影像、準備好網路之後，裁切就會出現。",
    again: "重新抽取",
    again_about: "同一張影像的其他隨機裁切",
    next: "回到下一步的裁切",
    is_next: "下一步將使用的裁切",
    is_other: |draw| format!("另一次抽取，第 {draw} 次"),
    original: |image| format!("{image} 與各裁切的框線"),
    teacher_title: "全域（global）：教師與學生",
    teacher_about: "大範圍的視圖。教師網路只看這些。",
    student_title: "局部（local）：只有學生",
    student_about: "小範圍的視圖，要與教師網路的全域視圖對應：由局部到全域。",
    crop_of: |crop, image| format!("{image} 的{crop}裁切"),
    name: |name| name.replace("global", "全域").replace("local", "局部"),
    area: |percent| format!("佔面積 {percent:.0} %"),
    flip: "翻轉",
    flip_about: "左右鏡像",
    jitter: "色彩",
    jitter_about: |[brightness, contrast, saturation, hue]| {
        format!(
            "色彩抖動：亮度 × {brightness:.2}、對比 × {contrast:.2}、飽和度 × {saturation:.2}、色相 {hue:+.2}"
        )
    },
    grey: "灰階",
    grey_about: "去除色彩",
    blur: |sigma| format!("模糊 σ {sigma:.1} 像素"),
    blur_about: "高斯模糊，σ 以裁切的像素為單位",
    solarized: "曝光反轉",
    solarized_about: "比中間值亮的部分全部反轉（solarize）",
};

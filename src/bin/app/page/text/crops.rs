//! Words of the crops' place.

pub struct CropsText {
    pub title: &'static str,
    pub about: &'static str,
    pub wait: &'static str,
    pub again: &'static str,
    /// A crop of an image.
    pub crop_of: fn(&str, &str) -> String,
    /// "global 2" or "local 3" of a crop's name.
    pub name: fn(&str) -> String,
}

pub const EN: CropsText = CropsText {
    title: "Crops",
    about: "The views that the next step would draw from the chosen image. The student sees all of \
            them, the teacher only the two global ones.",
    wait: "The crops appear once an image is loaded.",
    again: "Refresh",
    crop_of: |crop, image| format!("{crop} crop of {image}"),
    name: str::to_owned,
};

pub const ZH_HANT: CropsText = CropsText {
    title: "裁切（crops）",
    about: "下一步會從所選影像抽出的視圖。學生網路（student）看到全部，教師網路（teacher）只看兩個全域裁切。",
    wait: "載入影像後，裁切就會出現。",
    again: "重新抽取",
    crop_of: |crop, image| format!("{image} 的{crop}裁切"),
    name: |name| name.replace("global", "全域").replace("local", "局部"),
};

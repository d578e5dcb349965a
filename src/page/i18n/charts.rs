//! Words of the charts, their table and their downloads.

pub struct ChartsText {
    pub title: &'static str,
    pub waits: &'static str,
    pub schedules: &'static str,
    /// Name and meaning of each chart.
    pub loss: (&'static str, &'static str),
    pub entropy: (&'static str, &'static str),
    pub kl: (&'static str, &'static str),
    pub feature_std: (&'static str, &'static str),
    pub speed: (&'static str, &'static str),
    pub accuracy: (&'static str, &'static str),
    pub lr: (&'static str, &'static str),
    pub weight_decay: (&'static str, &'static str),
    pub momentum: (&'static str, &'static str),
    pub teacher_temp: (&'static str, &'static str),
    pub center_norm: &'static str,
    pub step: &'static str,
    pub each_step: &'static str,
    pub smoothed: &'static str,
    pub chance: &'static str,
    pub pixels: &'static str,
    /// What a screen reader hears of a chart: its name and last value.
    pub label: fn(&str, &str) -> String,
    pub no_script: &'static str,
    pub table: &'static str,
    pub rows: &'static str,
    pub last_rows: fn(usize) -> String,
    pub spread_rows: fn(usize) -> String,
    pub caption: fn(usize, usize) -> String,
    pub csv: &'static str,
    pub json: &'static str,
}

pub const EN: ChartsText = ChartsText {
    title: "Curves",
    waits: "The curves begin with the first step.",
    schedules: "Schedules",
    loss: (
        "Loss",
        "How badly the student foretells the teacher's answers, averaged over all pairs of crops. Staying at ln K \
         means uniform answers. It may rise while the teacher becomes less one-sided: the KL divergence tells.",
    ),
    entropy: (
        "Teacher entropy",
        "How undecided the teacher is. At ln K all prototypes are alike, at 0 one has everything; healthy is in \
         between.",
    ),
    kl: (
        "KL divergence",
        "What the student still has to learn from its teacher: the loss without the teacher's own entropy.",
    ),
    feature_std: (
        "Feature deviation",
        "How much the features of different images differ. Near 1/√D they use all directions, at 0 all images look \
         alike.",
    ),
    speed: ("Images a second", "How fast the steps go."),
    accuracy: (
        "k-NN accuracy",
        "How often the nearest images have the right label, which nobody told the networks. Compare with chance \
         and with the pixels themselves.",
    ),
    lr: ("Learning rate", "Rises during the warm-up, then falls along a cosine."),
    weight_decay: ("Weight decay", "Rises along a cosine."),
    momentum: ("Teacher momentum", "Rises to 1, so that the teacher comes to rest."),
    teacher_temp: ("Teacher temperature", "Constant unless it is warmed up."),
    center_norm: "Centre norm",
    step: "Step",
    each_step: "each step",
    smoothed: "smoothed",
    chance: "chance",
    pixels: "raw pixels",
    label: |name, value| format!("Curve of {name}, now {value}"),
    no_script: "The charts' program could not be loaded; the table below holds the same numbers.",
    table: "As a table",
    rows: "Rows",
    last_rows: |n| format!("the last {n}"),
    spread_rows: |n| format!("{n} over the whole run"),
    caption: |rows, points| format!("{rows} of {points} kept steps"),
    csv: "Save as CSV",
    json: "Save as JSON",
};

pub const ZH_HANT: ChartsText = ChartsText {
    title: "曲線",
    waits: "完成第一步之後，這裡會開始畫曲線。",
    schedules: "排程",
    loss: (
        "損失（loss）",
        "學生有多不會預測教師的答案，對所有裁切配對取平均。停在 ln K 表示答案全是均勻的。",
    ),
    entropy: (
        "教師熵（entropy）",
        "教師有多猶豫。在 ln K 時所有原型都一樣，在 0 時一個原型獨占一切；健康的訓練介於兩者之間。",
    ),
    kl: ("KL 散度", "學生還要向教師學多少：損失扣掉教師自己的熵。"),
    feature_std: (
        "特徵標準差",
        "不同影像的特徵差多少。接近 1/√D 時用到所有方向，為 0 時所有影像看起來都一樣。",
    ),
    speed: ("每秒影像數", "訓練的速度。"),
    accuracy: (
        "k-NN 準確率",
        "最近鄰影像的標籤有多常是對的；沒有人告訴過網路這些標籤。請和隨機猜測及原始像素比較。",
    ),
    lr: ("學習率", "暖身時上升，之後沿餘弦曲線下降。"),
    weight_decay: ("權重衰減", "沿餘弦曲線上升。"),
    momentum: ("教師動量", "逐漸升到 1，讓教師安定下來。"),
    teacher_temp: ("教師溫度", "除非有暖身，否則固定不變。"),
    center_norm: "中心的長度",
    step: "步",
    each_step: "每一步",
    smoothed: "平滑後",
    chance: "隨機猜測",
    pixels: "原始像素",
    label: |name, value| format!("{name}的曲線，目前為 {value}"),
    no_script: "無法載入畫圖的程式；下方的表格有同樣的數字。",
    table: "以表格檢視",
    rows: "列",
    last_rows: |n| format!("最近 {n} 步"),
    spread_rows: |n| format!("整個訓練中的 {n} 步"),
    caption: |rows, points| format!("已保留 {points} 步，顯示其中 {rows} 步"),
    csv: "存成 CSV",
    json: "存成 JSON",
};

//! Traditional Chinese words of the curves.

use super::super::charts::ChartsText;

pub const TEXT: ChartsText = ChartsText {
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

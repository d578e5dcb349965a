//! Traditional Chinese text of the curves.

use crate::i18n::charts::ChartsText;
use dino_core::eval::metrics::{Column, Unit};

pub const TEXT: ChartsText = ChartsText {
    title: "圖表",
    waits: "完成第一步之後，圖表就會出現。",
    schedules: "排程",
    column: |column| match column {
        Column::Loss => (
            "損失（loss）",
            "學生預測教師輸出的誤差，對所有裁切配對取平均。一直停在 ln K 表示輸出是均勻的。教師的輸出變得較分散時，損失可能上升；這時請看 KL 散度。",
        ),
        Column::Entropy => (
            "教師熵（entropy）",
            "教師有多不確定。在 ln K 時所有原型的機率相同，在 0 時一個原型獨占一切。健康的訓練介於兩者之間。",
        ),
        Column::Kl => ("KL 散度", "學生的輸出與教師相差多少：損失減去教師本身的熵。"),
        Column::FeatureStd => (
            "特徵標準差",
            "不同影像的特徵相差多少。接近 1/√D 時用到所有方向，為 0 時所有影像看起來都一樣。",
        ),
        Column::CenterNorm => ("中心的長度", ""),
        Column::ImagesPerSecond => ("每秒影像數", "訓練的速度。"),
        Column::LearningRate => ("學習率", "暖身時上升，之後依餘弦曲線下降。"),
        Column::WeightDecay => ("權重衰減", "依餘弦曲線上升。"),
        Column::Momentum => ("教師動量", "逐漸升到 1，讓教師趨於穩定。"),
        Column::TeacherTemp => ("教師溫度", "固定不變，除非設有暖身。"),
    },
    unit: |unit| match unit {
        Unit::Nats => "奈特",
        Unit::PerSecond | Unit::One => "",
    },
    accuracy: (
        "k-NN 準確率",
        "最近鄰影像的標籤有多常是對的；網路從未看過標籤。請與最常見的標籤及原始像素比較。",
    ),
    step: "步",
    each_step: "每一步",
    smoothed: "平滑後",
    chance: "最常見的標籤",
    pixels: "原始像素",
    label: |name, value| format!("{name}的圖表，最新值為 {value}"),
    no_script: "無法載入繪圖程式。下方的表格有同樣的數字。",
    table: "以表格顯示",
    rows: "列",
    last_rows: |n| format!("最近 {n} 步"),
    spread_rows: |n| format!("平均取自整個訓練的 {n} 步"),
    caption: |rows, points| format!("已記錄 {points} 步，顯示其中 {rows} 步"),
    csv: "存成 CSV",
    json: "存成 JSON",
};

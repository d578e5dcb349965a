//! Traditional Chinese text of the diagram of student and teacher.

use crate::i18n::learning::Learning;

pub const TEXT: Learning = Learning {
    title: "它如何學習",
    about: "兩個網路看同一張影像。學生網路（student）學習預測教師網路（teacher）的輸出；教師則是學生的緩慢移動平均。\
            中心化與銳化這兩個小技巧，讓它們不會一起收斂到毫無內容的輸出。",
    diagram: "學生與教師",
    image: "影像",
    all_crops: "所有裁切",
    globals: "全域裁切",
    student: "學生網路",
    teacher: "教師網路",
    softmax: "softmax",
    centre: "− 中心",
    loss: "損失",
    gradient: "梯度",
    stop: "停止梯度",
    ema: "EMA",
    entropy: "熵",
    student_temp: "學生溫度",
    teacher_temp: "教師溫度",
    momentum: "動量",
    centre_norm: "中心的長度",
    description: "從一張影像取出多個裁切。全部交給學生網路，輸出經過學生溫度的 softmax 變成機率。\
                  只有全域裁切交給教師網路：輸出先減去中心，再經過溫度較低的 softmax，變成更尖銳的機率。\
                  損失是兩者之間的交叉熵，梯度只傳回學生，在教師那一側停止。\
                  每一步之後，教師以指數移動平均向學生靠近一點。",
    now: |step| format!("第 {step} 步"),
    before: "完成第一步後就會顯示數值。",
    terms: "所有名詞",
};

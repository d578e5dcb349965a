//! Words of the learning place: the picture of the two networks.

pub struct Learning {
    pub title: &'static str,
    pub about: &'static str,
    pub diagram: &'static str,
    pub image: &'static str,
    pub all_crops: &'static str,
    pub globals: &'static str,
    pub student: &'static str,
    pub teacher: &'static str,
    pub softmax: &'static str,
    pub centre: &'static str,
    pub loss: &'static str,
    pub gradient: &'static str,
    pub stop: &'static str,
    pub ema: &'static str,
    pub entropy: &'static str,
    pub student_temp: &'static str,
    pub teacher_temp: &'static str,
    pub momentum: &'static str,
    pub centre_norm: &'static str,
    /// The picture in words, without its numbers.
    pub description: &'static str,
    pub now: fn(u64) -> String,
    pub before: &'static str,
    pub terms: &'static str,
}

pub const EN: Learning = Learning {
    title: "How it learns",
    about: "Two networks look at the same image. The student is trained to say what the teacher says; the \
            teacher is the student's own slow average. Two small tricks, centring and sharpening, keep \
            them from agreeing on nothing.",
    diagram: "Student and teacher",
    image: "image",
    all_crops: "all crops",
    globals: "global crops",
    student: "Student",
    teacher: "Teacher",
    softmax: "softmax",
    centre: "− centre",
    loss: "Loss",
    gradient: "gradient",
    stop: "stop-gradient",
    ema: "EMA",
    entropy: "entropy",
    student_temp: "Student temperature",
    teacher_temp: "Teacher temperature",
    momentum: "Momentum",
    centre_norm: "Norm of the centre",
    description: "Crops are drawn from an image. All of them go to the student, whose answers become \
                  probabilities by a softmax with the student's temperature. The global ones also go to \
                  the teacher: its answers lose the centre and become sharper probabilities by a softmax \
                  with a lower temperature. The loss is the cross-entropy between the two. Its gradient \
                  flows back into the student only; into the teacher it is stopped. After each step the \
                  teacher moves towards the student by an exponential moving average.",
    now: |step| format!("at step {step}"),
    before: "The numbers appear with the first step.",
    terms: "All terms",
};

pub const ZH_HANT: Learning = Learning {
    title: "它如何學習",
    about: "兩個網路看同一張影像。學生網路（student）學著說出教師網路（teacher）的答案，而教師只是學生自己的緩慢平均。\
            置中與銳化這兩個小技巧，讓它們不會約好一個空洞的答案。",
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
    description: "從一張影像抽出多個裁切。全部交給學生網路，它的答案經過學生溫度的 softmax 變成機率。\
                  全域裁切也交給教師網路：答案先減去中心，再經過溫度較低的 softmax，變成更銳利的機率。\
                  損失是兩者之間的交叉熵，梯度只往回傳進學生，在教師那一側停止。\
                  每一步之後，教師以指數移動平均向學生靠近一點。",
    now: |step| format!("第 {step} 步"),
    before: "完成第一步後就會顯示數值。",
    terms: "所有名詞",
};

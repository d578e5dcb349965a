//! Words of the first visit's tour.

pub struct Tour {
    pub title: &'static str,
    /// Title and text of each stop.
    pub stops: [(&'static str, &'static str); 4],
    pub next: &'static str,
    pub done: &'static str,
    pub skip: &'static str,
    pub stop_of: fn(usize, usize) -> String,
}

pub const EN: Tour = Tour {
    title: "Tour",
    stops: [
        (
            "Start with images",
            "Sample photographs come by themselves. Drop your own, paste one, or use the camera: they stay \
             on your device.",
        ),
        (
            "Let it train",
            "Start runs the training, step by step, on this machine; Space pauses it. The numbers tell you \
             whether it is learning.",
        ),
        (
            "Watch it look",
            "The map shows where a network looks: before your training the starter's, then your teacher's. From \
             scratch it is noise at first; as training goes on, it begins to follow the things in the picture.",
        ),
        (
            "See how it works",
            "Here are the two networks with the numbers of the current step. A question mark beside any \
             word explains it.",
        ),
    ],
    next: "Next",
    done: "Done",
    skip: "Skip the tour",
    stop_of: |stop, of| format!("{stop} of {of}"),
};

pub const ZH_HANT: Tour = Tour {
    title: "導覽",
    stops: [
        (
            "先準備影像",
            "範例照片會自動載入。也可以拖放自己的影像、直接貼上，或用相機拍照：影像都留在你的裝置上。",
        ),
        (
            "開始訓練",
            "按下「開始」就會在這台機器上一步一步訓練，空白鍵可以暫停。數字會告訴你它是否真的在學習。",
        ),
        (
            "看它在看哪裡",
            "這張圖顯示網路看向哪裡：訓練之前是入門模型，之後是你的教師網路。從頭訓練時一開始只是雜訊，隨著訓練進行，\
             會漸漸貼合畫面中的物體。",
        ),
        (
            "了解它如何運作",
            "這裡畫出兩個網路，以及目前這一步的數值。任何名詞旁的問號都能看到解釋。",
        ),
    ],
    next: "下一步",
    done: "完成",
    skip: "略過導覽",
    stop_of: |stop, of| format!("{stop}／{of}"),
};

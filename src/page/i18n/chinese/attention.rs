//! Traditional Chinese text of the attention section.

use crate::i18n::attention::AttentionText;

pub const TEXT: AttentionText = AttentionText {
    title: "注意力（attention）",
    about: "越亮的圖塊，網路把整張影像濃縮成一個向量時越注意它。沒有人告訴過它影像中有什麼。",
    waits: "影像讀取完成、網路準備好之後，注意力圖就會出現。",

    network: "網路",
    teacher: "教師",
    student: "學生",
    starter: "入門模型",
    starter_about: |parameters| {
        format!(
            "這是入門模型的注意力。入門模型是隨頁面附上的小型網路（約 {} 萬個參數），由本程式用 3,272 張可自由使用的照片訓練，沒有用到任何標籤。\
             在訓練自己的網路之前，你可以先看它。",
            (parameters as f64 / 1000.0).round() / 10.0
        )
    },
    starter_aside: "這是你自己的訓練的注意力，而訓練還沒開始：權重是隨機的，所以注意力圖只是雜訊。入門模型是隨頁面附上的小型網路，已經學過一些。\
                    請選擇你的訓練從哪裡開始。",
    starter_go_on: "使用入門模型",
    starter_scratch: "使用隨機權重",
    starter_choice: "「使用入門模型」會以較小的學習率繼續訓練它。「使用隨機權重」則如論文一樣從頭開始：\
                     要看過數十萬張影像之後，注意力才會找到東西。",
    only_teacher: "快照只保留教師網路。",
    layer: "層",
    side: "解析度",
    side_of: |side, [across, down], trained| {
        let trained = if trained { "，與訓練時相同" } else { "" };
        match across * down {
            0 => format!("{side} 像素{trained}"),
            _ => format!("{side} 像素：{across} × {down} 個圖塊{trained}"),
        }
    },
    snapshot: "快照（snapshot）",
    now: "現在",
    step: |step| format!("第 {step} 步"),
    play_snapshots: "播放所有快照",
    stop: "停止",

    display: "顯示方式",
    heat: "熱圖",
    mask: "遮罩",
    in_colours: "各頭分色",
    opacity: "不透明度",
    threshold: "圈出注意力範圍",
    share_of_mass: "注意力的比例",
    percent: |percent| format!("{percent} % 的注意力"),
    of: |n, all| format!("{n}／{all}"),
    pointing: "游標所指的圖塊",
    similarity: "相似的圖塊",
    from_patch: "該圖塊的注意力",

    stage: "逐塊檢視影像",
    stage_keys: "方向鍵在圖塊間移動，Enter 固定圖塊，Esc 取消固定。",
    low: "低",
    high: "高",
    mean: "平均",
    all_heads: "所有頭",
    head: |index| format!("頭 {}", index + 1),
    map_of: |head, image| format!("{image} 的注意力圖，{head}"),
    maps: "各注意力頭（head）的圖",
    hint: "把游標移到圖塊（patch）上；點一下即可固定。",
    similarity_about: "最後一層特徵的餘弦相似度",
    similar_to: |x, y| format!("與圖塊（{x}, {y}）的相似度"),
    looks_from: |x, y, head| format!("圖塊（{x}, {y}）的注意力，{head}"),
    held: "已固定",

    live: "相機畫面的注意力",
    live_open: "使用相機觀看",
    live_close: "關閉相機",
    live_about: "以上面選擇的網路、層、解析度與顏色顯示相機畫面。畫面不會保存，也不會傳送。訓練進行時，每兩個畫面之間會訓練一步。",
    live_rate: |rate| format!("每秒 {rate:.1} 個畫面"),

    pin: "釘選這張影像",
    unpin: "取消釘選",
    unpin_of: |image| format!("取消釘選 {image}"),
    show_of: |image| format!("顯示 {image}"),
    pinned: "已釘選",
    pinned_about: "訓練時會記錄釘選影像的注意力圖；播放時可以看到注意力如何浮現。",
    most_pinned: |most| format!("最多可釘選 {most} 張影像。"),
    every: "每",
    steps: "步",
    frame: "縮時影片的步數",
    play: "播放",
    pinned_map_of: |image, step| format!("{image} 在第 {step} 步的平均注意力圖"),

    colours: "圖塊的顏色",
    colours_about: "網路視為相近的圖塊會有相同的顏色，不同影像之間也是如此。圖塊特徵的第一主成分把背景（深色）與其餘部分分開，其後三個主成分以紅、綠、藍表示。",
    colours_from: "對象",
    of_first: "前幾張影像",
    of_pinned: "釘選的影像",
    of_nearest: "這張影像與最相似的影像",
    count: "張數",
    colour_them: "顯示顏色",
    colour_again: "更新顏色",
    colouring: "計算中…",
    colours_of: |image| format!("{image} 各圖塊的主成分顏色"),
    none_pinned: "還沒有釘選任何影像。",
};

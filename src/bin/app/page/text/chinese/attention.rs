//! Traditional Chinese words of the attention section.

use super::super::attention::AttentionText;

pub const TEXT: AttentionText = AttentionText {
    title: "注意力（attention）",
    about: "網路把整張影像濃縮成一個向量時，看向哪些地方。從來沒有人告訴它圖中有什麼。",
    waits: "讀完影像、準備好網路之後，注意力圖就會出現。",

    network: "網路",
    teacher: "教師",
    student: "學生",
    starter: "入門模型",
    starter_about: |parameters| {
        format!(
            "你現在看到的是入門模型的注意力：一個由本程式用 3272 張可自由使用的照片訓練出來的小網路（約 {} 萬個參數），沒有用到任何標籤。\
             它隨頁面附上，讓你在自己的訓練開始之前就有東西可看。",
            (parameters as f64 / 1000.0).round() / 10.0
        )
    },
    starter_aside: "你現在看到的是自己的訓練，它還沒開始：權重是隨機的，所以注意力圖只是雜訊。隨頁面附上的入門模型已經學過一些；\
                    請選擇你的訓練從哪裡開始。",
    starter_go_on: "用這些影像接著訓練",
    starter_scratch: "從頭開始",
    starter_choice: "「接著訓練」會以較小的學習率繼續訓練入門模型。「從頭開始」則如論文一樣從隨機權重開始，\
                     要看過數十萬張影像之後，注意力才會找到東西。",
    only_teacher: "過去的時刻只保留教師網路。",
    layer: "層",
    side: "解析度",
    side_of: |side, [across, down], trained| {
        let trained = if trained { "，與訓練時相同" } else { "" };
        match across * down {
            0 => format!("{side} 像素{trained}"),
            _ => format!("{side} 像素：{across} × {down} 個圖塊{trained}"),
        }
    },
    moment: "時刻",
    now: "現在",
    step: |step| format!("第 {step} 步"),
    play_moments: "從第一步播放到現在",
    stop: "停止",

    display: "顯示方式",
    heat: "熱度圖",
    mask: "遮罩",
    in_colours: "各頭分色",
    opacity: "強度",
    threshold: "圈出注意力所在",
    share_of_mass: "注意力的比例",
    percent: |percent| format!("{percent} % 的注意力"),
    of: |n, all| format!("{n}／{all}"),
    pointing: "指向圖塊時顯示",
    similarity: "相似之處",
    from_patch: "它看向哪裡",

    stage: "逐塊檢視影像",
    stage_keys: "方向鍵在圖塊間移動，Enter 固定圖塊，Esc 放開。",
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
    live_open: "透過相機看",
    live_close: "關閉相機",
    live_about: "相機的每一格畫面，使用上面選擇的網路、層、解析度與顏色。畫面不會保存，也不會傳送。訓練進行時，每兩格之間會訓練一步。",
    live_rate: |rate| format!("每秒 {rate:.1} 格"),

    pin: "釘選這張影像",
    unpin: "取消釘選",
    unpin_of: |image| format!("取消釘選 {image}"),
    show_of: |image| format!("顯示 {image}"),
    pinned: "已釘選",
    pinned_about: "釘選的影像每隔幾步會重新檢視一次；播放時可以看到注意力如何浮現。",
    most_pinned: |most| format!("最多可釘選 {most} 張影像。"),
    every: "每",
    steps: "步",
    frame: "縮時影片的步數",
    play: "播放",
    pinned_map_of: |image, step| format!("{image} 在第 {step} 步的平均注意力圖"),

    colours: "圖塊的顏色",
    colours_about: "所有圖塊之間差異最大的方向（主成分）把背景（深色）與其餘部分分開；其後三個方向以紅、綠、藍表示：網路視為相同的部分會有相同的顏色。",
    colours_from: "對象",
    of_first: "前幾張影像",
    of_pinned: "釘選的影像",
    of_nearest: "這張影像與最相近的影像",
    count: "張數",
    colour_them: "上色",
    colour_again: "重新上色",
    colouring: "計算中…",
    colours_of: |image| format!("{image} 各圖塊的主成分顏色"),
    none_pinned: "還沒有釘選任何影像。",
};

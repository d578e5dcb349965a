//! Words of the attention place.

pub struct AttentionText {
    pub title: &'static str,
    pub about: &'static str,
    pub waits: &'static str,

    // What is watched.
    pub network: &'static str,
    pub teacher: &'static str,
    pub student: &'static str,
    pub starter: &'static str,
    /// Parameters of the starter.
    pub starter_about: fn(usize) -> String,
    /// While another network is looked at and nothing is chosen yet.
    pub starter_aside: &'static str,
    pub starter_go_on: &'static str,
    pub starter_scratch: &'static str,
    pub starter_choice: &'static str,
    /// Why the student cannot be chosen.
    pub only_teacher: &'static str,
    pub layer: &'static str,
    pub side: &'static str,
    /// Side in pixels, patches across and down, and whether it is the size of the training.
    pub side_of: fn(usize, [usize; 2], bool) -> String,
    pub moment: &'static str,
    pub now: &'static str,
    pub step: fn(u64) -> String,
    pub play_moments: &'static str,
    pub stop: &'static str,

    // How it is shown.
    pub display: &'static str,
    pub heat: &'static str,
    pub mask: &'static str,
    pub in_colours: &'static str,
    pub opacity: &'static str,
    pub threshold: &'static str,
    pub share_of_mass: &'static str,
    /// So many percent of the attention.
    pub percent: fn(u32) -> String,
    /// A part of a whole, as "3 of 12".
    pub of: fn(usize, usize) -> String,
    pub pointing: &'static str,
    pub similarity: &'static str,
    pub from_patch: &'static str,

    // The picture.
    pub stage: &'static str,
    pub stage_keys: &'static str,
    pub low: &'static str,
    pub high: &'static str,
    pub mean: &'static str,
    pub all_heads: &'static str,
    /// A head, counted from 0.
    pub head: fn(usize) -> String,
    /// A map of a head of an image.
    pub map_of: fn(&str, &str) -> String,
    pub maps: &'static str,
    pub hint: &'static str,
    pub similarity_about: &'static str,
    /// Column and row of a patch, from 1, that is compared with all others.
    pub similar_to: fn(usize, usize) -> String,
    /// Column and row of a patch, from 1, whose attention is shown, and the head.
    pub looks_from: fn(usize, usize, &str) -> String,
    pub held: &'static str,

    // The camera.
    pub live: &'static str,
    pub live_open: &'static str,
    pub live_close: &'static str,
    pub live_about: &'static str,
    /// Frames a second.
    pub live_rate: fn(f64) -> String,

    // Pinned images.
    pub pin: &'static str,
    pub unpin: &'static str,
    pub unpin_of: fn(&str) -> String,
    pub show_of: fn(&str) -> String,
    pub pinned: &'static str,
    pub pinned_about: &'static str,
    pub most_pinned: fn(usize) -> String,
    pub every: &'static str,
    pub steps: &'static str,
    pub frame: &'static str,
    pub play: &'static str,
    pub pinned_map_of: fn(&str, u64) -> String,

    // Colours.
    pub colours: &'static str,
    pub colours_about: &'static str,
    pub colours_from: &'static str,
    pub of_first: &'static str,
    pub of_pinned: &'static str,
    pub of_nearest: &'static str,
    pub count: &'static str,
    pub colour_them: &'static str,
    pub colour_again: &'static str,
    pub colouring: &'static str,
    pub colours_of: fn(&str) -> String,
    pub none_pinned: &'static str,
}

pub const EN: AttentionText = AttentionText {
    title: "Attention",
    about: "Where a network looks when it sums up the image in one vector. Nobody ever told it what is \
            in the picture.",
    waits: "The maps appear once the images are read and the network is prepared.",

    network: "Network",
    teacher: "Teacher",
    student: "Student",
    starter: "Starter",
    starter_about: |parameters| {
        format!(
            "You look through the starter: a small network ({} thousand parameters) that this program trained on \
             3272 free photographs, without a single label. It comes with the page, so that there is something \
             to see before your own training begins.",
            (parameters as f64 / 1000.0).round()
        )
    },
    starter_aside: "You look at your own run, which has not begun: its weights are random, so its map is noise. The \
                    starter, a small network that comes with the page, has learned already; choose what your \
                    training begins with.",
    starter_go_on: "Continue on these images",
    starter_scratch: "From scratch",
    starter_choice: "Continue trains the starter further, gently. From scratch begins with random weights, as the \
                     paper does, and takes some hundred thousand images until attention finds anything.",
    only_teacher: "Of earlier moments only the teacher is kept.",
    layer: "Layer",
    side: "Resolution",
    side_of: |side, [across, down], trained| {
        let trained = if trained { ", as in training" } else { "" };
        match across * down {
            0 => format!("{side} px{trained}"),
            _ => format!("{side} px: {across} × {down} patches{trained}"),
        }
    },
    moment: "Moment",
    now: "now",
    step: |step| format!("step {step}"),
    play_moments: "Play from the first step to now",
    stop: "Stop",

    display: "Show as",
    heat: "Heat",
    mask: "Mask",
    in_colours: "Heads in colours",
    opacity: "Strength",
    threshold: "Outline where the attention is",
    share_of_mass: "Share of the attention",
    percent: |percent| format!("{percent} % of the attention"),
    of: |n, all| format!("{n} of {all}"),
    pointing: "Point at a patch to see",
    similarity: "what is similar",
    from_patch: "where it looks",

    stage: "The image, patch by patch",
    stage_keys: "Arrow keys move from patch to patch, Enter holds one, Escape lets go.",
    low: "low",
    high: "high",
    mean: "mean",
    all_heads: "all heads",
    head: |index| format!("head {}", index + 1),
    map_of: |head, image| format!("Attention map, {head}, of {image}"),
    maps: "Maps of the heads",
    hint: "Point at a patch; click to hold it.",
    similarity_about: "Cosine of the last layer’s features",
    similar_to: |x, y| format!("Similarity to patch {x}, {y}"),
    looks_from: |x, y, head| format!("Attention from patch {x}, {y}, {head}"),
    held: "held",

    live: "Attention of the camera’s picture",
    live_open: "Look through the camera",
    live_close: "Close the camera",
    live_about: "The camera’s picture, frame by frame, with the network, layer, resolution and colours chosen \
                 above. Nothing of it is kept or sent. While the run trains, a step is done between two frames.",
    live_rate: |rate| format!("{rate:.1} frames a second"),

    pin: "Pin this image",
    unpin: "Unpin this image",
    unpin_of: |image| format!("Unpin {image}"),
    show_of: |image| format!("Show {image}"),
    pinned: "Pinned",
    pinned_about: "Pinned images are looked at again every so many steps; played, they show attention \
                   emerge.",
    most_pinned: |most| format!("At most {most} images can be pinned."),
    every: "Every",
    steps: "steps",
    frame: "Step of the time-lapse",
    play: "Play",
    pinned_map_of: |image, step| format!("Mean attention map of {image} at step {step}"),

    colours: "Colours of patches",
    colours_about: "The strongest direction in which the patches of all these images differ tells the \
                    background, which is dark, from the rest. The next three are red, green and blue: parts \
                    that the network takes for the same get the same colour.",
    colours_from: "Of",
    of_first: "the first images",
    of_pinned: "the pinned images",
    of_nearest: "this image and its nearest",
    count: "How many",
    colour_them: "Colour them",
    colour_again: "Colour again",
    colouring: "Working …",
    colours_of: |image| format!("Principal components of the patches of {image} as colours"),
    none_pinned: "No image is pinned yet.",
};

pub const ZH_HANT: AttentionText = AttentionText {
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

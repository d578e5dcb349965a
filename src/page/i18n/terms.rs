//! The terms of the paper, each explained in two sentences.

/// A term that the page explains where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TermKey {
    Student,
    Teacher,
    Momentum,
    StopGradient,
    Centring,
    Sharpening,
    Prototypes,
    Loss,
    Entropy,
    Kl,
    FeatureStd,
    MultiCrop,
    GlobalLocal,
    Attention,
    Head,
    Cls,
    Patch,
    Knn,
    WeightDecay,
    WarmUp,
    Collapse,
    MassThreshold,
    PcaColors,
}

impl TermKey {
    /// In the order in which one builds on the other.
    pub const ALL: [Self; 23] = [
        Self::Student,
        Self::Teacher,
        Self::MultiCrop,
        Self::GlobalLocal,
        Self::Prototypes,
        Self::Loss,
        Self::Momentum,
        Self::StopGradient,
        Self::Centring,
        Self::Sharpening,
        Self::Collapse,
        Self::Entropy,
        Self::Kl,
        Self::FeatureStd,
        Self::WarmUp,
        Self::WeightDecay,
        Self::Patch,
        Self::Cls,
        Self::Attention,
        Self::Head,
        Self::MassThreshold,
        Self::PcaColors,
        Self::Knn,
    ];
}

pub struct Terms {
    /// What the button beside a term is called.
    pub what_is: fn(&str) -> String,
    /// A term and its two sentences.
    pub of: fn(TermKey) -> (&'static str, &'static str),
}

pub const EN: Terms = Terms {
    what_is: |term| format!("What is “{term}”?"),
    of: |key| match key {
        TermKey::Student => (
            "Student",
            "The network that learns: after every step its weights move along the gradient. It sees all \
             crops, and should answer to each as the teacher answers to a large one.",
        ),
        TermKey::Teacher => (
            "Teacher",
            "A second network of the same shape, whose answers the student imitates. Nobody trains it: it \
             is a slow running average of the student itself.",
        ),
        TermKey::Momentum => (
            "EMA, momentum",
            "After each step the teacher becomes m times itself plus 1 − m times the student, an \
             exponential moving average. The momentum m close to 1 makes it slow: it remembers about \
             1 / (1 − m) steps.",
        ),
        TermKey::StopGradient => (
            "Stop-gradient",
            "The loss is not carried back into the teacher: its answers are taken as given. Otherwise \
             both networks could agree on the same empty answer at once.",
        ),
        TermKey::Centring => (
            "Centring",
            "The running mean of the teacher's answers, the centre, is subtracted from them, so that no \
             prototype can win every time. Alone it would push towards all prototypes alike; sharpening \
             balances it.",
        ),
        TermKey::Sharpening => (
            "Sharpening, temperature",
            "Answers are divided by a temperature before the softmax: the lower it is, the more the \
             largest one wins. The teacher's is lower than the student's (about .04 against .1), so its \
             answers are more decided.",
        ),
        TermKey::Prototypes => (
            "Prototypes, K",
            "The K directions that the last layer compares an image with: kinds of images that the \
             network invents for itself. An answer is a probability for each; ln K is its entropy when \
             all are alike.",
        ),
        TermKey::Loss => (
            "Loss",
            "The cross-entropy between the teacher's answer to a large crop and the student's to another \
             crop of the same image. It is no measure of quality: it falls, rises and falls again; near \
             ln K for long, nothing is learned.",
        ),
        TermKey::Entropy => (
            "Teacher entropy",
            "How undecided the teacher is: 0 if one prototype gets everything, ln K if all get the same. \
             Healthy training stays well between the two.",
        ),
        TermKey::Kl => (
            "KL divergence",
            "The part of the loss that the student could still win: how far its answer is from the \
             teacher's. At 0 both say the same of everything, which is bliss or collapse.",
        ),
        TermKey::FeatureStd => (
            "Feature deviation",
            "The standard deviation of the features over the images of a batch, each feature vector made \
             length 1. About 1/√D is healthy; at 0 all images look the same to the network.",
        ),
        TermKey::MultiCrop => (
            "Multi-crop",
            "From each image a step draws two large and several small crops, flipped, recoloured and \
             blurred at random. To answer alike to all of them, the network has to know what belongs \
             together.",
        ),
        TermKey::GlobalLocal => (
            "Global and local crops",
            "A global crop shows more than 40 % of the image, a local one only 5 to 40 %. The teacher \
             sees only globals, so the student learns to tell the whole from a part.",
        ),
        TermKey::Attention => (
            "Attention",
            "In each layer every token looks at all others and takes from each in proportion to a weight; \
             the weights add up to 1. The maps show these weights: where the network looks.",
        ),
        TermKey::Head => (
            "Attention head",
            "A layer looks several times at once, each time with other eyes: these are its heads. After \
             training they often settle on different things, one on the foreground, another on edges.",
        ),
        TermKey::Cls => (
            "CLS token",
            "An extra token without a place in the image, which collects what the image is about. Its \
             last state is the image's feature vector, and its attention is the map.",
        ),
        TermKey::Patch => (
            "Patch",
            "The image is cut into squares of 8 or 16 pixels, the patches; each becomes a token. Smaller \
             patches give finer maps and cost more time.",
        ),
        TermKey::Knn => (
            "k-NN accuracy",
            "Each image is named after its k nearest neighbours by features, and compared with its own \
             label, its folder's name. It says how much the features know, though training never saw a \
             label.",
        ),
        TermKey::WeightDecay => (
            "Weight decay",
            "At each step all weights shrink by a tiny share, which keeps them from growing without need. \
             The paper raises it from .04 to .4 in the course of training.",
        ),
        TermKey::WarmUp => (
            "Learning rate, warm-up",
            "How far a step moves the weights. It rises from 0 in the first part of the run, because early \
             gradients are wild, and then falls along a cosine.",
        ),
        TermKey::Collapse => (
            "Collapse",
            "The easy way out: the network answers the same to every image, all prototypes alike or always \
             the same one. Then the loss has nothing more to say and the features are worthless.",
        ),
        TermKey::MassThreshold => (
            "Mass threshold",
            "The smallest set of patches that holds this share of the attention, 60 % in the paper. What \
             remains is a mask of the thing that the head looks at.",
        ),
        TermKey::PcaColors => (
            "PCA colours",
            "The direction in which the patch features differ most tells the background, which is dark, \
             from the rest; the next three become red, green and blue. Patches of the same colour mean \
             the same to the network, across images too.",
        ),
    },
};

pub const ZH_HANT: Terms = Terms {
    what_is: |term| format!("什麼是「{term}」？"),
    of: |key| match key {
        TermKey::Student => (
            "學生網路（student）",
            "真正在學習的網路：每一步都沿著梯度更新權重。它會看到所有裁切，對每一張都要答得像教師看到大裁切時一樣。",
        ),
        TermKey::Teacher => (
            "教師網路（teacher）",
            "結構相同的第二個網路，學生模仿的就是它的答案。沒有人訓練它：它只是學生權重的緩慢移動平均。",
        ),
        TermKey::Momentum => (
            "EMA、動量（momentum）",
            "每一步之後，教師變成 m 倍的自己加上 1 − m 倍的學生，也就是指數移動平均。動量 m 越接近 1 就變得越慢：大約記得最近 1 / (1 − m) 步。",
        ),
        TermKey::StopGradient => (
            "停止梯度（stop-gradient）",
            "損失不會往回傳進教師，它的答案被視為給定。否則兩個網路可能同時約好一個毫無內容的答案。",
        ),
        TermKey::Centring => (
            "置中（centering）",
            "教師的答案會減去其移動平均（中心），因此沒有任何原型能每次都贏。只有置中會把所有原型推向相同，所以要靠銳化來平衡。",
        ),
        TermKey::Sharpening => (
            "銳化（sharpening）、溫度",
            "答案在 softmax 之前先除以溫度：溫度越低，最大的越占優勢。教師的溫度比學生低（約 0.04 對 0.1），所以答案更果斷。",
        ),
        TermKey::Prototypes => (
            "原型（prototype）、K",
            "最後一層拿影像去比對的 K 個方向，是網路自己發明的影像類別。答案是每個原型的機率；全部相同時，熵等於 ln K。",
        ),
        TermKey::Loss => (
            "損失（loss）",
            "教師對一張大裁切的答案，與學生對同一影像另一裁切的答案之間的交叉熵。它不代表品質：會下降、上升、再下降；如果長期停在 ln K 附近，就什麼也沒學到。",
        ),
        TermKey::Entropy => (
            "教師熵（teacher entropy）",
            "教師有多猶豫：全部押在一個原型時為 0，每個原型都一樣時為 ln K。健康的訓練會一直停在兩者之間。",
        ),
        TermKey::Kl => (
            "KL 散度（KL divergence）",
            "損失中學生還能改進的部分：它的答案離教師還有多遠。到 0 時兩者對所有影像說法一致，可能是學成了，也可能是崩塌。",
        ),
        TermKey::FeatureStd => (
            "特徵標準差（feature std）",
            "把每個特徵向量縮放成長度 1 之後，特徵在同一批影像之間的標準差。約 1/√D 是健康的；變成 0 時，所有影像在網路眼中都一樣。",
        ),
        TermKey::MultiCrop => (
            "多重裁切（multi-crop）",
            "每一步從每張影像抽出兩張大裁切和數張小裁切，隨機翻轉、改變顏色、模糊。要對它們都給出相同的答案，網路就得知道哪些東西屬於同一個整體。",
        ),
        TermKey::GlobalLocal => (
            "全域與局部裁切（global / local crop）",
            "全域裁切涵蓋影像的 40 % 以上，局部裁切只有 5 % 到 40 %。教師只看全域裁切，所以學生學會從局部推知整體。",
        ),
        TermKey::Attention => (
            "注意力（attention）",
            "在每一層，每個 token 都會看其他所有 token，並依權重取用它們的內容，權重總和為 1。注意力圖畫的就是這些權重：網路在看哪裡。",
        ),
        TermKey::Head => (
            "注意力頭（head）",
            "同一層會同時看好幾次，每次用不同的眼光，這就是注意力頭。訓練之後它們常各有專長，有的看前景，有的看邊緣。",
        ),
        TermKey::Cls => (
            "CLS token",
            "一個不屬於影像任何位置的額外 token，負責蒐集整張影像的內容。它最後的狀態就是影像的特徵向量，它的注意力就是注意力圖。",
        ),
        TermKey::Patch => (
            "圖塊（patch）",
            "影像會切成 8 或 16 像素見方的圖塊，每個圖塊成為一個 token。圖塊越小，注意力圖越細緻，也越花時間。",
        ),
        TermKey::Knn => (
            "k-NN 準確率",
            "每張影像依特徵最接近的 k 個鄰居來命名，再和自己的標籤（資料夾名稱）比對。雖然訓練從未看過標籤，這個數字說明特徵懂得多少。",
        ),
        TermKey::WeightDecay => (
            "權重衰減（weight decay）",
            "每一步所有權重都縮小一點點，避免無謂地變大。論文在訓練過程中把它從 0.04 提高到 0.4。",
        ),
        TermKey::WarmUp => (
            "學習率（learning rate）、暖身",
            "每一步移動權重的幅度。開始時從 0 逐漸升高，因為初期的梯度很不穩定，之後沿著餘弦曲線下降。",
        ),
        TermKey::Collapse => (
            "崩塌（collapse）",
            "偷懶的捷徑：網路對每張影像都給相同的答案，不是所有原型都一樣，就是永遠選同一個。這時損失不再有意義，特徵也毫無用處。",
        ),
        TermKey::MassThreshold => (
            "質量門檻（mass threshold）",
            "剛好包含這個比例注意力的最小圖塊集合，論文用 60 %。留下來的就是這個注意力頭所看物體的遮罩。",
        ),
        TermKey::PcaColors => (
            "PCA 色彩",
            "圖塊特徵差異最大的方向把背景（深色）與其餘部分分開，其後三個方向分別變成紅、綠、藍。顏色相同的圖塊在網路眼中意義相同，不同影像之間也是如此。",
        ),
    },
};

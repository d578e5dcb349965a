//! Traditional Chinese words of the health line.

use super::super::format::percent;
use super::super::health::HealthText;
use dino::health::Health;

pub const TEXT: HealthText = HealthText {
    word: |health| match health {
        Health::TooEarly => "言之過早",
        Health::WarmingUp => "暖身中",
        Health::Learning => "學習中",
        Health::CollapsingUniform => "正在崩潰：所有答案都變得均勻",
        Health::CollapsingOneHot => "正在崩潰：一個原型獨占一切",
        Health::Memorised => "已認得每一張影像",
        Health::Stalled => "停滯不前",
        Health::Diverged => "已發散",
    },
    because: |d| match d.health {
        Health::TooEarly => "前幾步還看不出什麼。".to_owned(),
        Health::WarmingUp => format!(
            "學習率還在上升。教師熵為 ln K 的 {}，特徵標準差為 1/√D 的 {:.2} 倍。",
            percent(d.entropy_share()),
            d.deviation
        ),
        Health::Learning => format!(
            "學生與教師相距 {:.2} nat，開始時為 {:.2}。教師熵為 ln K 的 {}，特徵標準差為 1/√D 的 {:.2} 倍。",
            d.kl,
            d.first_kl,
            percent(d.entropy_share()),
            d.deviation
        ),
        Health::CollapsingUniform => format!(
            "教師熵 {:.3}，上限為 {:.3}，損失 {:.3}：不論看到什麼，教師都給每個原型同樣的比例。",
            d.entropy, d.ln_k, d.loss
        ),
        Health::CollapsingOneHot => format!(
            "教師熵 {:.3}，損失 {:.3}：不論看到什麼，教師都把一切給同一個原型。",
            d.entropy, d.loss
        ),
        Health::Memorised => format!(
            "教師熵 {:.3}，損失 {:.3}，特徵標準差為 1/√D 的 {:.2} 倍：它已能分辨每一張影像，從這些影像能再學到的不多了。",
            d.entropy, d.loss, d.deviation
        ),
        Health::Stalled => {
            format!("學生與教師相距 {:.2} nat，和開始時（{:.2}）一樣遠。", d.kl, d.first_kl)
        }
        Health::Diverged if !d.loss.is_finite() => "損失已經不是數字。".to_owned(),
        Health::Diverged => format!(
            "損失上下擺動 {:.2}，所有影像的特徵都變得一樣：標準差只有 1/√D 的 {:.3} 倍。",
            d.swing, d.deviation
        ),
    },
    advice: |health| match health {
        Health::TooEarly | Health::WarmingUp | Health::Learning => "",
        Health::CollapsingUniform => "請降低教師溫度（.02 到 .04）或學習率，然後重新開始。",
        Health::CollapsingOneHot => {
            "請讓中心跟隨教師（中心動量 .9），或稍微提高教師溫度，然後重新開始。"
        }
        Health::Memorised => "請加入更多影像：在這些影像上多訓練也學不到什麼。",
        Health::Stalled => "請提高學習率或縮短暖身，然後重新開始。",
        Health::Diverged => "請把學習率降到十分之一，保持梯度裁剪，然後重新開始。",
    },
};

//! Traditional Chinese text of the health line.

use crate::i18n::format::percent;
use crate::i18n::health::HealthText;
use dino_core::eval::health::Health;

pub const TEXT: HealthText = HealthText {
    word: |health| match health {
        Health::TooEarly => "還無法判斷",
        Health::WarmingUp => "暖身中",
        Health::Learning => "學習中",
        Health::CollapsingUniform => "正在崩塌：所有輸出都變得均勻",
        Health::CollapsingOneHot => "正在崩塌：一個原型獨占一切",
        Health::Memorised => "已記住每一張影像",
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
            "學生與教師相差 {:.2} nat，開始時為 {:.2}。教師熵為 ln K 的 {}，特徵標準差為 1/√D 的 {:.2} 倍。",
            d.kl,
            d.first_kl,
            percent(d.entropy_share()),
            d.deviation
        ),
        Health::CollapsingUniform => format!(
            "教師熵 {:.3}，上限為 {:.3}，損失 {:.3}：不論看到什麼，教師都給每個原型相同的機率。",
            d.entropy, d.ln_k, d.loss
        ),
        Health::CollapsingOneHot => format!(
            "教師熵 {:.3}，損失 {:.3}：不論看到什麼，教師都把全部機率給同一個原型。",
            d.entropy, d.loss
        ),
        Health::Memorised => format!(
            "教師熵 {:.3}，損失 {:.3}，特徵標準差為 1/√D 的 {:.2} 倍：網路已能分辨每一張影像，能再學到的不多。",
            d.entropy, d.loss, d.deviation
        ),
        Health::Stalled => {
            format!("學生與教師相差 {:.2} nat，和開始時（{:.2}）一樣。", d.kl, d.first_kl)
        }
        Health::Diverged if !d.loss.is_finite() => "損失已經不是數字。".to_owned(),
        Health::Diverged => format!(
            "損失上下擺動 {:.2}，所有影像的特徵都很相近：標準差只有 1/√D 的 {:.3} 倍。",
            d.swing, d.deviation
        ),
    },
    advice: |health| match health {
        Health::TooEarly | Health::WarmingUp | Health::Learning => "",
        Health::CollapsingUniform => "請降低教師溫度（0.02 到 0.04）或學習率，然後重新開始。",
        Health::CollapsingOneHot => {
            "請讓中心跟隨教師（中心動量 0.9），或稍微提高教師溫度，然後重新開始。"
        }
        Health::Memorised => "請加入更多影像。繼續用這些影像訓練，能學到的很少。",
        Health::Stalled => "請提高學習率或縮短暖身，然後重新開始。",
        Health::Diverged => "請把學習率降到十分之一，保持梯度裁剪，然後重新開始。",
    },
};

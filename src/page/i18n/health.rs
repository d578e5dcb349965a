//! Words of the health line: how the run goes, the numbers that say so, and what to change.

use dino_core::eval::health::{Diagnosis, Health};

pub struct HealthText {
    pub word: fn(Health) -> &'static str,
    /// The numbers that decided.
    pub because: fn(&Diagnosis) -> String,
    /// What to change; empty where nothing is.
    pub advice: fn(Health) -> &'static str,
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

pub const EN: HealthText = HealthText {
    word: |health| match health {
        Health::TooEarly => "too early to say",
        Health::WarmingUp => "warming up",
        Health::Learning => "learning",
        Health::CollapsingUniform => "collapsing: every answer is uniform",
        Health::CollapsingOneHot => "collapsing: one prototype takes all",
        Health::Memorised => "it knows every image",
        Health::Stalled => "standing still",
        Health::Diverged => "diverged",
    },
    because: |d| match d.health {
        Health::TooEarly => "The first steps say little.".to_owned(),
        Health::WarmingUp => format!(
            "The learning rate still rises. Teacher entropy {} of ln K, features at {:.2} of 1/√D.",
            percent(d.entropy_share()),
            d.deviation
        ),
        Health::Learning => format!(
            "The student is {:.2} nats from its teacher, {:.2} at first. Teacher entropy {} of ln K, \
             features at {:.2} of 1/√D.",
            d.kl,
            d.first_kl,
            percent(d.entropy_share()),
            d.deviation
        ),
        Health::CollapsingUniform => format!(
            "Teacher entropy {:.3} of at most {:.3}, loss {:.3}: the teacher gives all prototypes the \
             same share, whatever it sees.",
            d.entropy, d.ln_k, d.loss
        ),
        Health::CollapsingOneHot => format!(
            "Teacher entropy {:.3}, loss {:.3}: the teacher gives one prototype everything, whatever it \
             sees.",
            d.entropy, d.loss
        ),
        Health::Memorised => format!(
            "Teacher entropy {:.3}, loss {:.3}, features at {:.2} of 1/√D: it tells each image from every other, so \
             little is left to learn from them.",
            d.entropy, d.loss, d.deviation
        ),
        Health::Stalled => format!(
            "The student is {:.2} nats from its teacher, as far as at first ({:.2}).",
            d.kl, d.first_kl
        ),
        Health::Diverged if !d.loss.is_finite() => "The loss is no longer a number.".to_owned(),
        Health::Diverged => format!(
            "The loss swings by {:.2}, and the features of all images are alike: {:.3} of 1/√D.",
            d.swing, d.deviation
        ),
    },
    advice: |health| match health {
        Health::TooEarly | Health::WarmingUp | Health::Learning => "",
        Health::CollapsingUniform => {
            "Lower the teacher's temperature (.02 to .04), or the learning rate, and begin anew."
        }
        Health::CollapsingOneHot => {
            "Let the centre follow the teacher (centre momentum .9), or raise the teacher's temperature a \
             little, and begin anew."
        }
        Health::Memorised => "Add images: more steps on these teach little.",
        Health::Stalled => "Raise the learning rate, or shorten its warm-up, and begin anew.",
        Health::Diverged => "Lower the learning rate to a tenth, keep clipping on, and begin anew.",
    },
};

pub const ZH_HANT: HealthText = HealthText {
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

//! English text of the health line.

use crate::i18n::format::percent;
use crate::i18n::health::HealthText;
use dino_core::eval::health::Health;

pub const TEXT: HealthText = HealthText {
    word: |health| match health {
        Health::TooEarly => "too early to tell",
        Health::WarmingUp => "warming up",
        Health::Learning => "learning",
        Health::CollapsingUniform => "collapsing: every output is uniform",
        Health::CollapsingOneHot => "collapsing: one prototype takes all",
        Health::Memorised => "every image memorised",
        Health::Stalled => "stalled",
        Health::Diverged => "diverged",
    },
    because: |d| match d.health {
        Health::TooEarly => "The first steps say little.".to_owned(),
        Health::WarmingUp => format!(
            "The learning rate is still rising. Teacher entropy {} of ln K, feature std {:.2} of 1/√D.",
            percent(d.entropy_share()),
            d.deviation
        ),
        Health::Learning => format!(
            "The student is {:.2} nats from its teacher; it began at {:.2}. Teacher entropy {} of ln K, \
             feature std {:.2} of 1/√D.",
            d.kl,
            d.first_kl,
            percent(d.entropy_share()),
            d.deviation
        ),
        Health::CollapsingUniform => format!(
            "Teacher entropy {:.3} of at most {:.3}, loss {:.3}: the teacher gives every prototype the \
             same share, whatever it sees.",
            d.entropy, d.ln_k, d.loss
        ),
        Health::CollapsingOneHot => format!(
            "Teacher entropy {:.3}, loss {:.3}: the teacher gives everything to one prototype, whatever \
             it sees.",
            d.entropy, d.loss
        ),
        Health::Memorised => format!(
            "Teacher entropy {:.3}, loss {:.3}, feature std {:.2} of 1/√D: the network tells every image apart, so \
             little is left to learn from them.",
            d.entropy, d.loss, d.deviation
        ),
        Health::Stalled => format!(
            "The student is {:.2} nats from its teacher, as far as at the start ({:.2}).",
            d.kl, d.first_kl
        ),
        Health::Diverged if !d.loss.is_finite() => "The loss is no longer a number.".to_owned(),
        Health::Diverged => format!(
            "The loss swings by {:.2}, and all images have similar features: feature std {:.3} of 1/√D.",
            d.swing, d.deviation
        ),
    },
    advice: |health| match health {
        Health::TooEarly | Health::WarmingUp | Health::Learning => "",
        Health::CollapsingUniform => {
            "Lower the teacher's temperature (0.02 to 0.04) or the learning rate, then start over."
        }
        Health::CollapsingOneHot => {
            "Let the centre follow the teacher (centre momentum 0.9) or raise the teacher's temperature a \
             little, then start over."
        }
        Health::Memorised => "Add images. More steps on these teach little.",
        Health::Stalled => "Raise the learning rate or shorten its warm-up, then start over.",
        Health::Diverged => {
            "Lower the learning rate to a tenth, keep gradient clipping on, then start over."
        }
    },
};

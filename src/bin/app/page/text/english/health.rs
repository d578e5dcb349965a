//! English words of the health line.

use super::super::format::percent;
use super::super::health::HealthText;
use dino::health::Health;

pub const TEXT: HealthText = HealthText {
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

//! Recipe: settings by scale, from how much a run sees to the numbers that the paper chose for a million images
//! of 224 px and a hundred epochs. Invariant: valid for any scale above zero. The runs behind each number stand
//! in docs/LEARNING.md.

use crate::run::config::TrainConfig;

/// Share of the run in which the learning rate rises.
const WARMUP: f64 = 0.1;
/// Largest share of the run in which the last layer is frozen; whole epochs only, so a short run on many
/// images has none.
const FREEZE: f64 = 0.03;
/// The teacher remembers about 1 / (1 − momentum) steps: this share of a short run, and no more than the runs
/// that learned …
const MEMORY: f64 = 1.0 / 3.0;
const MEMORY_STEPS: f64 = 100.0;
/// … but this share of a long one, up to the paper's .996, and never fewer steps than the least: the centre
/// follows the teacher with a memory of 10 steps, so a teacher of 30 steps outruns it: measured with
/// "spark", all images got the same features within 60 steps.
const LONG_MEMORY: f64 = 1.0 / 300.0;
const LEAST_MEMORY: f64 = 50.0;
const PAPER_MEMORY: f64 = 250.0;
/// Images for each prototype: 3,272 were learned with 256. More prototypes than images help nobody: two hundred
/// images end with one each.
const IMAGES_PER_PROTOTYPE: usize = 16;
/// Fewest prototypes, and the paper's.
const PROTOTYPES: [usize; 2] = [256, 65_536];
/// A cold teacher finds objects after so many images, and stands still from then on …
const COLD: f64 = 0.02;
const COLD_IMAGES: f64 = 96_000.0;
/// … one at .04, where the paper's begins, takes four times as many and goes further. So a longer run begins
/// cold and warms up within this share of it, which found more than .04 from its first step did.
const PAPER_COLD: f64 = 0.04;
const WARM: f64 = 0.6;
/// Peak learning rate of a network this wide with so many images a step.
const LR: f64 = 1e-3;
const LR_WIDTH: f64 = 64.0;
const LR_BATCH: f64 = 32.0;
/// Side of the paper's global crops in pixels, and the largest blur there. Two pixels of 32 hide the object:
/// two thirds of what attention gains are gone.
const PAPER_SIDE: f64 = 224.0;
const PAPER_BLUR: f64 = 2.0;
/// Less than half a pixel is no blur.
const LEAST_BLUR: f64 = 0.5;
/// Strength of the colours' jitter below the paper's size.
const JITTER: f64 = 0.8;

/// How much a run sees, and of what size.
#[derive(Debug, Clone, PartialEq)]
pub struct Scale {
    /// Photographs.
    pub images: usize,
    /// Steps of the run; whole epochs, so it becomes a few more when they cannot be divided.
    pub steps: usize,
    /// Images B a step.
    pub batch: usize,
    /// Side of the global crops in pixels.
    pub side: usize,
    /// Width D of the network.
    pub width: usize,
}

/// The settings of a run of that scale.
#[derive(Debug, Clone, PartialEq)]
pub struct Recipe {
    /// Prototypes K.
    pub out_dim: usize,
    /// Largest standard deviation of the blur, in pixels of a crop.
    pub blur: f64,
    /// Strength of the colour jitter, 1 the paper's.
    pub jitter: f64,
    pub train: TrainConfig,
}

/// The settings of a run of this scale.
pub fn recipe(scale: &Scale) -> Recipe {
    let (batch, steps) = (scale.batch.max(1), scale.steps.max(1));
    let (epochs, steps_per_epoch) = epochs(steps, scale.images / batch);
    let [fewest, most] = PROTOTYPES;
    let prototypes = (scale.images / IMAGES_PER_PROTOTYPE).clamp(fewest, most);
    let total = (epochs * steps_per_epoch) as f64;
    let memory = (MEMORY * total).min(MEMORY_STEPS).max(LONG_MEMORY * total);
    let memory = memory.clamp(LEAST_MEMORY, PAPER_MEMORY);
    let seen = batch as f64 * total / COLD_IMAGES;
    let teacher_temp = (COLD * seen.sqrt()).clamp(COLD, PAPER_COLD);
    let warm_epochs = (WARM * epochs as f64).round() as usize;
    // Below 32 images with the batch, as the paper's: after 96,000 images 8 a step have a mask IoU of .281
    // so, of .217 by the root. Above with the root, as Adam's noise does: 64 a step have .307, 32 .297 to .324.
    let share = batch as f64 / LR_BATCH;
    let lr = LR * share.min(share.sqrt()) * LR_WIDTH / scale.width.max(1) as f64;
    let side = scale.side as f64;
    Recipe {
        out_dim: prototypes.next_power_of_two(),
        blur: (PAPER_BLUR * side / PAPER_SIDE).clamp(LEAST_BLUR, PAPER_BLUR),
        jitter: if side < PAPER_SIDE { JITTER } else { 1.0 },
        train: TrainConfig {
            batch,
            epochs,
            steps_per_epoch,
            warmup_epochs: WARMUP * epochs as f64,
            lr,
            min_lr: lr.min(1e-6),
            weight_decay_end: 0.1,
            momentum_teacher: 1.0 - 1.0 / memory,
            teacher_temp,
            warmup_teacher_temp: COLD,
            warmup_teacher_temp_epochs: if teacher_temp > COLD { warm_epochs } else { 0 },
            freeze_last_layer: (FREEZE * epochs as f64).floor(),
            ..TrainConfig::default()
        },
    }
}

/// Epochs, and steps of each: at least `steps` together, and as few more as can be. An epoch is about
/// `once` steps, once through the images: longer or shorter ones for a run of few, whole ones for a run of many.
fn epochs(steps: usize, once: usize) -> (usize, usize) {
    let once = once.max(1);
    let epochs = ((steps as f64 / once as f64).round() as usize).max(1);
    let divided = (epochs, steps.div_ceil(epochs));
    let whole = (steps.div_ceil(once), once);
    if divided.0 * divided.1 <= whole.0 * whole.1 { divided } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::schedule;

    const SPARK: Scale = Scale { images: 204, steps: 3000, batch: 32, side: 32, width: 64 };

    #[test]
    fn the_starters_scale_gives_the_starters_settings() {
        // Each of the 204 samples four times, so that they count beside the others.
        let starter = Scale { images: 3068 + 4 * 204, steps: 12_000, ..SPARK };
        let found = recipe(&starter);
        assert_eq!((found.out_dim, found.blur, found.jitter), (256, 0.5, 0.8));
        let train = found.train;
        assert_eq!((train.lr, train.teacher_temp, train.weight_decay_end), (1e-3, 0.04, 0.1));
        assert_eq!(train.momentum_teacher, 0.99);
        let warming = (train.warmup_teacher_temp, train.warmup_teacher_temp_epochs);
        assert_eq!((train.epochs, warming), (99, (0.02, 59)));
        let short = recipe(&Scale { steps: 3000, ..starter }).train;
        assert_eq!((short.teacher_temp, short.warmup_teacher_temp_epochs), (0.02, 0));
    }

    #[test]
    fn the_papers_scale_gives_nearly_the_papers_numbers() {
        let scale = Scale { images: 1_281_167, steps: 125_100, batch: 1024, side: 224, width: 384 };
        let found = recipe(&scale);
        assert_eq!((found.out_dim, found.blur, found.jitter), (65_536, 2.0, 1.0));
        assert_eq!((found.train.epochs, found.train.warmup_epochs), (100, 10.0));
        assert!((found.train.momentum_teacher - 0.996).abs() < 1e-12);
        assert!((0.4..=2.5).contains(&(found.train.lr / 2e-3)), "{}", found.train.lr);
    }

    #[test]
    fn rates_follow_batch_and_width_blur_the_size() {
        let usual = recipe(&SPARK);
        let of = |scale: Scale| recipe(&scale);
        assert_eq!(of(Scale { batch: 128, ..SPARK }).train.lr, 2.0 * usual.train.lr);
        assert_eq!(of(Scale { batch: 8, ..SPARK }).train.lr, 0.25 * usual.train.lr);
        assert_eq!(of(Scale { width: 128, ..SPARK }).train.lr, 0.5 * usual.train.lr);
        assert_eq!(of(Scale { side: 112, ..SPARK }).blur, 1.0);
        assert_eq!(of(Scale { side: 448, ..SPARK }).blur, 2.0);
        assert_eq!([204, 9_000].map(|images| of(Scale { images, ..SPARK }).out_dim), [256, 1024]);
    }

    #[test]
    fn a_run_has_hardly_more_steps_than_were_asked_for() {
        // 2,000 steps of 32 of 204 photographs were 333 epochs of 7: a sixth more.
        assert_eq!(epochs(2000, 204 / 32), (334, 6));
        assert_eq!(
            [epochs(3000, 6), epochs(500, 1562), epochs(20, 0)],
            [(500, 6), (1, 500), (20, 1)]
        );
        for steps in [1, 7, 100, 999, 2000, 12_345] {
            for once in [0, 1, 6, 25, 127, 40_000] {
                let (epochs, each) = epochs(steps, once);
                let more = (epochs * each).checked_sub(steps).unwrap();
                assert!(
                    more < epochs.min(once.max(1)),
                    "{steps} steps, {once} an epoch: {more} more"
                );
            }
        }
    }

    #[test]
    fn short_runs_get_short_schedules() {
        for (images, steps) in [(204, 300), (204, 3000), (3, 100), (50_000, 500)] {
            let train = recipe(&Scale { images, steps, ..SPARK }).train;
            let total = train.epochs * train.steps_per_epoch;
            assert!(schedule::warmup_steps(&train) <= total / 10 + 1);
            let frozen = (0..total).filter(|i| schedule::at(&train, *i).freeze_last_layer);
            assert!(frozen.count() * 25 <= total, "{steps} steps");
            let memory = 1.0 / (1.0 - train.momentum_teacher);
            assert!(memory <= (total as f64 / 2.9).max(51.0), "{memory} of {total} steps");
            assert!(memory >= 49.0, "outruns the centre: {memory}");
        }
    }
}

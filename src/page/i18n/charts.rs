//! Text of the charts, their table and their downloads.

pub struct ChartsText {
    pub title: &'static str,
    pub waits: &'static str,
    pub schedules: &'static str,
    /// Name and meaning of each chart.
    pub loss: (&'static str, &'static str),
    pub entropy: (&'static str, &'static str),
    pub kl: (&'static str, &'static str),
    pub feature_std: (&'static str, &'static str),
    pub speed: (&'static str, &'static str),
    pub accuracy: (&'static str, &'static str),
    pub lr: (&'static str, &'static str),
    pub weight_decay: (&'static str, &'static str),
    pub momentum: (&'static str, &'static str),
    pub teacher_temp: (&'static str, &'static str),
    pub center_norm: &'static str,
    pub step: &'static str,
    pub each_step: &'static str,
    pub smoothed: &'static str,
    pub chance: &'static str,
    pub pixels: &'static str,
    /// What a screen reader hears of a chart: its name and last value.
    pub label: fn(&str, &str) -> String,
    pub no_script: &'static str,
    pub table: &'static str,
    pub rows: &'static str,
    pub last_rows: fn(usize) -> String,
    pub spread_rows: fn(usize) -> String,
    pub caption: fn(usize, usize) -> String,
    pub csv: &'static str,
    pub json: &'static str,
}

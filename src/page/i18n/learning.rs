//! Text of the diagram of student and teacher.

pub struct Learning {
    pub title: &'static str,
    pub about: &'static str,
    pub diagram: &'static str,
    pub image: &'static str,
    pub all_crops: &'static str,
    pub globals: &'static str,
    pub student: &'static str,
    pub teacher: &'static str,
    pub softmax: &'static str,
    pub centre: &'static str,
    pub loss: &'static str,
    pub gradient: &'static str,
    pub stop: &'static str,
    pub ema: &'static str,
    pub entropy: &'static str,
    pub student_temp: &'static str,
    pub teacher_temp: &'static str,
    pub momentum: &'static str,
    pub centre_norm: &'static str,
    /// The picture in words, without its numbers.
    pub description: &'static str,
    pub now: fn(u64) -> String,
    pub before: &'static str,
    pub terms: &'static str,
}

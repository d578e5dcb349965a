//! English text of the diagram of student and teacher.

use crate::i18n::learning::Learning;

pub const TEXT: Learning = Learning {
    title: "How it learns",
    about: "Two networks look at the same image. The student is trained to predict the teacher's output; the teacher \
            is a slow moving average of the student. Two small tricks, centring and sharpening, keep them from \
            agreeing on nothing.",
    diagram: "Student and teacher",
    image: "image",
    all_crops: "all crops",
    globals: "global crops",
    student: "Student",
    teacher: "Teacher",
    softmax: "softmax",
    centre: "− centre",
    loss: "Loss",
    gradient: "gradient",
    stop: "stop-gradient",
    ema: "EMA",
    entropy: "entropy",
    student_temp: "Student temperature",
    teacher_temp: "Teacher temperature",
    momentum: "Momentum",
    centre_norm: "Centre norm",
    description: "Crops are drawn from an image. All of them go to the student, and a softmax with the student's \
                  temperature turns its output into probabilities. Only the global crops go to the teacher: the \
                  centre is subtracted from its output, and a softmax with a lower temperature makes sharper \
                  probabilities. The loss is the cross-entropy between the two. Its gradient flows back into the \
                  student only and is stopped at the teacher. After each step, the teacher moves towards the \
                  student by an exponential moving average.",
    now: |step| format!("at step {step}"),
    before: "The numbers appear with the first step.",
    terms: "All terms",
};

//! English words of the diagram of student and teacher.

use super::super::learning::Learning;

pub const TEXT: Learning = Learning {
    title: "How it learns",
    about: "Two networks look at the same image. The student is trained to say what the teacher says; the \
            teacher is the student's own slow average. Two small tricks, centring and sharpening, keep \
            them from agreeing on nothing.",
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
    centre_norm: "Norm of the centre",
    description: "Crops are drawn from an image. All of them go to the student, whose answers become \
                  probabilities by a softmax with the student's temperature. The global ones also go to \
                  the teacher: its answers lose the centre and become sharper probabilities by a softmax \
                  with a lower temperature. The loss is the cross-entropy between the two. Its gradient \
                  flows back into the student only; into the teacher it is stopped. After each step the \
                  teacher moves towards the student by an exponential moving average.",
    now: |step| format!("at step {step}"),
    before: "The numbers appear with the first step.",
    terms: "All terms",
};

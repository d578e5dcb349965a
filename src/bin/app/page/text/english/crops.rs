//! English words of the crops.

use super::super::crops::CropsText;

pub const TEXT: CropsText = CropsText {
    title: "Crops",
    about: "What a step draws from the image at random. The student has to say of every crop what the \
            teacher says of a global one, so it must learn what stays the same.",
    wait: "The crops appear once the images are read and the network is prepared.",
    again: "Draw again",
    again_about: "Other random crops of the same image",
    next: "Back to the next step’s",
    is_next: "as the next step draws them",
    is_other: |draw| format!("another draw, number {draw}"),
    original: |image| format!("{image} with the frames of its crops"),
    teacher_title: "Global: teacher and student",
    teacher_about: "Large views. The teacher sees only these.",
    student_title: "Local: student only",
    student_about: "Small views, to be matched with the teacher’s global ones: local to global.",
    crop_of: |crop, image| format!("{crop} crop of {image}"),
    name: str::to_owned,
    area: |percent| format!("{percent:.0} % of the area"),
    flip: "flipped",
    flip_about: "Mirrored, left to right",
    jitter: "colours",
    jitter_about: |[brightness, contrast, saturation, hue]| {
        format!(
            "Colour jitter: brightness × {brightness:.2}, contrast × {contrast:.2}, saturation × \
             {saturation:.2}, hue {hue:+.2}"
        )
    },
    grey: "grey",
    grey_about: "Without colours",
    blur: |sigma| format!("blur σ {sigma:.1} px"),
    blur_about: "Gaussian blur, σ in pixels of the crop",
    solarized: "solarized",
    solarized_about: "Everything brighter than the middle is inverted",
};

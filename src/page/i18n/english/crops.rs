//! English text of the crops.

use crate::i18n::crops::CropsText;

pub const TEXT: CropsText = CropsText {
    title: "Crops",
    about: "Each step draws random crops from an image. The student must give every crop the output that the \
            teacher gives a global one, so it has to learn what stays the same.",
    wait: "The crops appear once the images are read and the network is ready.",
    again: "Draw again",
    again_about: "Draw other random crops of the same image",
    next: "Show the next step’s",
    is_next: "as the next step draws them",
    is_other: |draw| format!("another draw, number {draw}"),
    original: |image| format!("{image} with its crops outlined"),
    teacher_title: "Global: teacher and student",
    teacher_about: "Large crops. The teacher sees only these.",
    student_title: "Local: student only",
    student_about: "Small crops. The student must match them to the teacher’s global ones: local to global.",
    crop_of: |crop, image| format!("{crop} crop of {image}"),
    name: str::to_owned,
    area: |percent| format!("{percent:.0} % of the area"),
    flip: "flipped",
    flip_about: "Mirrored left to right",
    jitter: "colours",
    jitter_about: |[brightness, contrast, saturation, hue]| {
        format!(
            "Colour jitter: brightness × {brightness:.2}, contrast × {contrast:.2}, saturation × \
             {saturation:.2}, hue {hue:+.2}"
        )
    },
    grey: "grey",
    grey_about: "Converted to greyscale",
    blur: |sigma| format!("blur σ {sigma:.1} px"),
    blur_about: "Gaussian blur, σ in pixels of the crop",
    solarized: "solarized",
    solarized_about: "Everything brighter than mid-grey is inverted",
};

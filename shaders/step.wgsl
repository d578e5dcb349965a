// Scalars of a step, rewritten by the host before it. Appended to the shaders that read them.

struct Step {
    lr: f32,
    weight_decay: f32,
    momentum: f32,
    teacher_temp: f32,
    first_correction: f32,        // 1 - beta1^t
    second_correction: f32,       // 1 - beta2^t
    last_first_correction: f32,   // the same for the last layer, which counts its own steps
    last_second_correction: f32,
    freeze_last_layer: f32,       // 1 while the last layer is not trained
    backbone_first_correction: f32,   // the backbone counts its own steps too
    backbone_second_correction: f32,
    freeze_backbone: f32,         // 1 while the backbone is not trained
}

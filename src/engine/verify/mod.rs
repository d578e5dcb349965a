//! Verification on the device: kernels against CPU twins, gradients against finite differences, recorded cases of
//! the official code. Invariant: the same bodies run natively and in a browser.

pub mod augment_case;
pub mod checks;
pub mod golden;
pub mod images;
pub mod replay;
pub mod report;

//! Errors of the library, typed: each carries the values that a sentence needs, and says it in English.
//! Invariants: whatever a person, a file, a URL or a GPU can cause ends here, never in a panic; only words that
//! come from outside (a driver's, a system's, another library's) are carried as text.

mod device;
mod file;
mod image;
pub mod other;
pub mod refusal;
mod rejected;
mod setting;
mod state;
mod storage;
mod tensor;

pub use device::{Bound, DeviceProblem, ShaderProblem, WorkerProblem};
pub use file::{EntryProblem, FileProblem, HalfNetwork, LineProblem, PickleProblem};
pub use image::ImageProblem;
pub use refusal::Refusal;
pub use rejected::{JpegKind, MAX_BYTES, MAX_DECODED, MAX_JPEG_PIXELS, Rejected, Unread};
use serde::{Deserialize, Serialize};
pub use setting::{SettingError, SettingProblem};
pub use state::StateError;
pub use storage::StorageError;
pub use tensor::{Plain, TensorProblem};

/// Anything that can go wrong. It travels from the worker to the page as it is, so that the page can say it in
/// its own language.
#[derive(Debug, Clone, PartialEq, thiserror::Error, Serialize, Deserialize)]
pub enum Error {
    /// A setting out of range or two settings that contradict each other.
    #[error(transparent)]
    Setting(SettingError),
    /// What was asked for does not go with the state that the program is in.
    #[error(transparent)]
    State(StateError),
    /// No adapter; the browser's or the system's words.
    #[error("this browser or machine offers no WebGPU adapter: {0}")]
    NoAdapter(String),
    /// An adapter that gave no device; its words.
    #[error("the adapter gave no device: {0}")]
    NoDevice(String),
    /// A shader or pipeline that cannot be used.
    #[error("shader `{kernel}` {problem}")]
    Shader { kernel: String, problem: ShaderProblem },
    /// The device reported an error or was lost.
    #[error("the graphics device failed: {0}")]
    Device(DeviceProblem),
    /// The memory plan is over a limit of the adapter.
    #[error("{}", device::too_large(tensor, *bytes, *limit, *bound, *largest_batch))]
    TooLarge {
        /// The tensor or buffer; empty for the whole plan.
        tensor: String,
        bytes: u64,
        limit: u64,
        bound: Bound,
        /// The largest batch that fits, 0 if not even one image does; `None` if it is not about a batch.
        largest_batch: Option<usize>,
    },
    /// A file that cannot be read or written, or does not hold what it should.
    #[error("{file}: {problem}")]
    File { file: String, problem: FileProblem },
    /// A tensor of the wrong shape, type or content.
    #[error("tensor `{name}`{}: {problem}", tensor::within(file))]
    Tensor {
        name: String,
        /// The file that it is in, if it is in one.
        file: Option<String>,
        problem: Box<TensorProblem>,
    },
    /// An image that cannot be used; training goes on with the rest.
    #[error("{}: {problem}", image::named(name))]
    Image {
        /// Its file; `#3` for one of a batch, empty for one that has no name.
        name: String,
        problem: ImageProblem,
    },
    /// Attention maps that no link can hold.
    #[error("this map does not fit into a link: {0}")]
    Map(Refusal),
    /// The loss stopped being a number.
    #[error("the loss was {loss} at step {step}: training stopped; lower the learning rate")]
    NotFinite { step: u64, loss: f32 },
    /// The browser keeps nothing, or nothing more.
    #[error("this browser's storage failed: {0}")]
    Storage(StorageError),
    /// The worker ended, or does not answer.
    #[error("the worker {0}")]
    Died(WorkerProblem),
    /// A training run without any image.
    #[error("there are no images to train on: add at least one")]
    NoImages,
}

/// Result with the library's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// A setting, by its name in links or in a configuration, that cannot be so.
    pub fn setting(
        key: impl Into<std::borrow::Cow<'static, str>>,
        problem: SettingProblem,
    ) -> Self {
        Self::Setting(SettingError { key: key.into(), problem })
    }

    /// A file and what is wrong with it.
    pub fn file(file: impl std::fmt::Display, problem: FileProblem) -> Self {
        Self::File { file: file.to_string(), problem }
    }

    /// True if the device can no longer be used; memory that is full is full for one purpose.
    pub fn loses_device(&self) -> bool {
        matches!(self, Self::Device(problem) if !matches!(problem, DeviceProblem::OutOfMemory { .. }))
    }

    /// An image and what is wrong with it.
    pub fn image(name: impl std::fmt::Display, problem: ImageProblem) -> Self {
        Self::Image { name: name.to_string(), problem }
    }

    /// A tensor of a file and what is wrong with it.
    pub fn tensor_in(file: &str, name: &str, problem: TensorProblem) -> Self {
        let problem = Box::new(problem);
        Self::Tensor { name: name.to_owned(), file: Some(file.to_owned()), problem }
    }

    /// A tensor of no file and what is wrong with it.
    pub fn tensor(name: impl std::fmt::Display, problem: TensorProblem) -> Self {
        Self::Tensor { name: name.to_string(), file: None, problem: Box::new(problem) }
    }
}

impl From<SettingError> for Error {
    fn from(error: SettingError) -> Self {
        Self::Setting(error)
    }
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<StateError> for Error {
    fn from(error: StateError) -> Self {
        Self::State(error)
    }
}

/// Words as a list: `none`, or the words with commas.
pub(crate) fn list<S: AsRef<str>>(words: &[S]) -> String {
    match words {
        [] => "none".to_owned(),
        words => words.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was sent from the worker to the page.
    fn sent(error: &Error) -> Error {
        serde_json::from_str(&serde_json::to_string(error).unwrap()).unwrap()
    }

    #[test]
    fn an_error_survives_the_way_to_the_page() {
        let range = SettingProblem::Range { range: [1.0, 1024.0], whole: true, found: 0.0 };
        let choice = SettingProblem::Choice {
            choices: vec!["fixed".into(), "trained".into()],
            found: "melted".to_owned(),
        };
        let late = Error::file("b.jpg", FileProblem::Late { seconds: 30 });
        let not_loaded = Rejected::NotLoaded { error: Box::new(late) };
        for error in [
            Error::setting("batch", range),
            Error::setting("last_layer", choice),
            StateError::OtherTab.into(),
            Error::file("a.pth", FileProblem::NotTorch("no end".to_owned())),
            Error::tensor_in("a", "b", TensorProblem::Missing { shape: vec![2, 3] }),
            Error::image("a.heic", ImageProblem::Rejected(Rejected::Heic)),
            Error::image("a.jpg", ImageProblem::Rejected(Rejected::Unread { why: Unread::Gone })),
            Error::image("b.jpg", ImageProblem::Rejected(not_loaded)),
            Error::Storage(StorageError::Full),
            Error::Died(WorkerProblem::Silent { seconds: 125 }),
            Error::Device(DeviceProblem::Dropped),
        ] {
            assert_eq!(sent(&error), error);
        }
    }

    #[test]
    fn a_browsers_reason_not_to_read_a_file_is_told_without_its_words_where_it_is_known() {
        for (name, expected) in [
            ("NotFoundError", Unread::Gone),
            ("NotReadableError", Unread::Changed),
            ("NotAllowedError", Unread::Denied),
            ("RangeError", Unread::NoMemory),
        ] {
            assert_eq!(Unread::of_browser(name, "A requested file …"), expected);
            assert!(!expected.to_string().contains("Error"));
        }
        let other = Unread::of_browser("AbortError", "stopped");
        assert_eq!(other.to_string(), "the file could not be read: AbortError: stopped");
    }

    #[test]
    fn a_tensor_that_is_too_large_names_a_batch_only_where_there_is_one() {
        let error = |largest_batch| {
            let (bytes, limit) = (300, 200);
            let tensor = "logits".to_owned();
            let bound = Bound::Binding;
            Error::TooLarge { tensor, bytes, limit, bound, largest_batch }.to_string()
        };
        assert!(error(Some(3)).ends_with("the largest batch that fits is 3"), "{}", error(Some(3)));
        assert!(error(Some(0)).ends_with("not even one image fits"), "{}", error(Some(0)));
        assert!(!error(None).contains("batch") && !error(None).contains(';'), "{}", error(None));
    }
}

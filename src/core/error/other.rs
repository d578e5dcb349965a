//! Other things than a backbone: files and models that a person may take for one, told by their content. Invariant: each
//! is named as what it is, with the way on.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// A file that holds no weights that can be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum OtherFile {
    #[error("it is empty: download it again")]
    Empty,
    #[error(
        "it is a page of HTML: the server sent its page instead of the file; download it again"
    )]
    Html,
    #[error("it is JSON: a server's answer or a configuration, without weights")]
    Json,
    #[error("it is text, without weights: a server may have sent a message instead of the file")]
    Text,
    #[error(
        "it is a Git LFS pointer, which only names the file: fetch the file itself with `git lfs pull` or from the \
         repository's page"
    )]
    LfsPointer,
    #[error("its end is missing: the download was cut off; download it again")]
    HalfZip,
    #[error(
        "it is a file of torch.save in the format before PyTorch 1.6, and its end is missing: download it again"
    )]
    HalfTorch,
    #[error(
        "it is a TorchScript program: load it with `torch.jit.load` and save its `state_dict()` with `torch.save`"
    )]
    TorchScript,
    #[error("it is an archive of NumPy arrays: save them as safetensors with PyTorch's names")]
    Npz,
    #[error(
        "it is a zip archive without a file of torch.save in it: unpack it and load the file inside"
    )]
    OtherZip,
    #[error("it is compressed with gzip: unpack it first")]
    Gzip,
    #[error("it is a tar archive: unpack it and load the file inside")]
    Tar,
    #[error("it is an HDF5 file, as of Keras: convert it to PyTorch or safetensors first")]
    Hdf5,
    #[error("it is a GGUF file of a language model, which is no Vision Transformer")]
    Gguf,
    #[error("it is an ONNX model: load the PyTorch or safetensors file of the same model")]
    Onnx,
    #[error(
        "it is a pickle of Python objects that `torch.save` did not write: save the `state_dict()` with it"
    )]
    OtherPickle,
    #[error(
        "it is the list of a model that was saved in parts, without weights: load the model and save its `state_dict()`, \
         or save it again with `max_shard_size=\"50GB\"`"
    )]
    PartsIndex,
    #[error("it is a NumPy array: save all tensors as safetensors with PyTorch's names")]
    Npy,
    #[error("it is a MessagePack file, as of Flax: convert it to PyTorch or safetensors first")]
    Msgpack,
    #[error(
        "it is a file of TensorFlow: load the PyTorch or safetensors file of the same model, or convert it first"
    )]
    TensorFlow,
    #[error("it is a program, without weights")]
    Program,
    #[error("it consists of zeros: it was never written to its end; download or copy it again")]
    Zeros,
    #[error(
        "it is a zip archive with something else before it: cut off what stands before the first letters PK"
    )]
    ZipBehind,
    #[error("it is an archive ({name}): unpack it first")]
    Archive { name: Cow<'static, str> },
    #[error("it is {name}, without weights that are read here")]
    Named { name: Cow<'static, str> },
    #[error(
        "it is neither a file of torch.save nor safetensors: save the model's `state_dict()` with `torch.save`, or as \
         safetensors"
    )]
    Unknown,
    #[error("it is an image: drop it on the images section")]
    Image,
}

/// A model that this network cannot be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum OtherModel {
    #[error(
        "DINOv3, which has rotary positions: load weights of DINO, or of DINOv2 without registers"
    )]
    Dinov3,
    #[error("a network with registers: load the same model without registers")]
    Registers,
    #[error("a network whose MLP is gated (SwiGLU), such as DINOv2 giant: load a smaller one")]
    SwiGlu,
    #[error(
        "a distilled network, which has a second token (DeiT): load the one without distillation"
    )]
    Distilled,
    #[error("CLIP, which normalises before its first block: load weights of DINO or DINOv2")]
    Clip,
    #[error("a Swin Transformer, which attends in windows: load a plain Vision Transformer")]
    Swin,
    #[error("a ResNet, which has no attention: load a Vision Transformer")]
    ResNet,
    #[error(
        "a network without a CLS token, such as I-JEPA, whose attention this page shows: load one that has it"
    )]
    NoClsToken,
}

//! Known names of Python code: the few that mean something in a file of weights. Invariant: nothing of them is ever
//! called; these are words.

/// Type of a storage's values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageType {
    Half,
    BFloat,
    Float,
    Double,
    /// Whole numbers or truth values, of so many bytes each.
    Whole(u8),
    /// Complex numbers, of so many bytes each.
    Complex(u8),
}

impl StorageType {
    /// Bytes of one value.
    pub fn width(self) -> u64 {
        match self {
            Self::Half | Self::BFloat => 2,
            Self::Float => 4,
            Self::Double => 8,
            Self::Whole(width) | Self::Complex(width) => u64::from(width),
        }
    }

    /// True of what weights are made of.
    pub fn is_float(self) -> bool {
        !matches!(self, Self::Whole(_) | Self::Complex(_))
    }
}

/// What a name of Python code stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    RebuildTensor,
    RebuildParameter,
    /// A subclass of a tensor: the function that makes it, its class, the arguments.
    RebuildFromType,
    /// A dictionary, of pairs or of nothing yet.
    Dict,
    /// A list, tuple or queue of what is given.
    List,
    /// An object whose attributes are plain data.
    Attributes,
    /// Python's own way to make an object of a class, before it had instructions for that.
    Reconstructor,
    /// Bytes that an old protocol writes as text.
    Encode,
    Storage(StorageType),
    /// Something that is there and holds no tensor.
    Inert,
}

/// The names that mean something here, by the parts of Python or of a library that they are in.
const KNOWN: &[(&[&str], &[&str], Known)] = &[
    (&["torch._utils"], &["_rebuild_tensor_v2", "_rebuild_tensor"], Known::RebuildTensor),
    (
        &["torch._utils"],
        &["_rebuild_parameter", "_rebuild_parameter_with_state"],
        Known::RebuildParameter,
    ),
    (&["torch._tensor"], &["_rebuild_from_type_v2", "_rebuild_from_type"], Known::RebuildFromType),
    (&["collections"], &["OrderedDict", "defaultdict"], Known::Dict),
    (&["builtins", "__builtin__"], &["dict"], Known::Dict),
    (&["builtins", "__builtin__"], &["list", "tuple"], Known::List),
    (&["collections"], &["deque"], Known::List),
    (&["argparse"], &["Namespace"], Known::Attributes),
    (&["types"], &["SimpleNamespace"], Known::Attributes),
    (&["copyreg", "copy_reg"], &["_reconstructor", "__newobj__"], Known::Reconstructor),
    (&["_codecs"], &["encode"], Known::Encode),
    (&["torch"], &["HalfStorage"], Known::Storage(StorageType::Half)),
    (&["torch"], &["BFloat16Storage"], Known::Storage(StorageType::BFloat)),
    (&["torch"], &["FloatStorage"], Known::Storage(StorageType::Float)),
    (&["torch"], &["DoubleStorage"], Known::Storage(StorageType::Double)),
    (&["torch"], &["LongStorage"], Known::Storage(StorageType::Whole(8))),
    (&["torch"], &["IntStorage", "QInt32Storage"], Known::Storage(StorageType::Whole(4))),
    (&["torch"], &["ShortStorage"], Known::Storage(StorageType::Whole(2))),
    (
        &["torch"],
        &[
            "CharStorage",
            "ByteStorage",
            "BoolStorage",
            "QInt8Storage",
            "QUInt8Storage",
            "QUInt4x2Storage",
            "QUInt2x4Storage",
        ],
        Known::Storage(StorageType::Whole(1)),
    ),
    (&["torch", "torch.storage"], &["UntypedStorage"], Known::Storage(StorageType::Whole(1))),
    (&["torch"], &["ComplexFloatStorage"], Known::Storage(StorageType::Complex(8))),
    (&["torch"], &["ComplexDoubleStorage"], Known::Storage(StorageType::Complex(16))),
    (&["torch"], &["Size", "device"], Known::Inert),
    (&["pathlib", "pathlib._local"], &["PosixPath", "WindowsPath"], Known::Inert),
    (&["numpy.core.multiarray", "numpy._core.multiarray"], &["scalar"], Known::Inert),
    (&["numpy"], &["dtype"], Known::Inert),
    (
        &["builtins", "__builtin__"],
        &["set", "frozenset", "bytearray", "complex", "range", "xrange", "slice", "object"],
        Known::Inert,
    ),
];

/// What a name means; nothing if it is not known.
pub fn find(module: &str, name: &str) -> Option<Known> {
    let found = KNOWN.iter().find(|(m, n, _)| m.contains(&module) && n.contains(&name));
    found.map(|(.., known)| *known)
}

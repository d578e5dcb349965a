//! Uniform structs and shader constants. Invariant: a uniform is a flat struct of `u32` and `f32` fields, four
//! bytes each, so Rust and WGSL have the same layout; a test compares names and order with the parsed WGSL.

/// A field of a uniform struct: its name and whether it is an `f32` (else `u32`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub float: bool,
}

/// A uniform struct as words.
pub trait Params: Sized {
    /// Fields in order.
    const FIELDS: &'static [Field];
    /// The struct as little-endian words.
    fn words(&self) -> Vec<u32>;
    /// The inverse of [`Params::words`].
    fn from_words(words: &[u32]) -> Self;
}

/// A four-byte value of a uniform.
pub trait Word: Copy {
    const FLOAT: bool;
    fn to_word(self) -> u32;
    fn from_word(word: u32) -> Self;
}

impl Word for u32 {
    const FLOAT: bool = false;
    fn to_word(self) -> u32 {
        self
    }
    fn from_word(word: u32) -> Self {
        word
    }
}

impl Word for f32 {
    const FLOAT: bool = true;
    fn to_word(self) -> u32 {
        self.to_bits()
    }
    fn from_word(word: u32) -> Self {
        f32::from_bits(word)
    }
}

/// Declares a uniform struct of `u32` and `f32` and implements [`Params`] for it.
#[macro_export]
macro_rules! params {
    ($(#[$meta:meta])* pub struct $name:ident { $($(#[$fm:meta])* pub $field:ident: $ty:ty,)* }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub struct $name { $($(#[$fm])* pub $field: $ty,)* }

        impl $crate::gpu::params::Params for $name {
            const FIELDS: &'static [$crate::gpu::params::Field] = &[$($crate::gpu::params::Field {
                name: stringify!($field),
                float: <$ty as $crate::gpu::params::Word>::FLOAT,
            },)*];
            fn words(&self) -> Vec<u32> {
                use $crate::gpu::params::Word;
                vec![$(self.$field.to_word(),)*]
            }
            fn from_words(words: &[u32]) -> Self {
                use $crate::gpu::params::Word;
                let mut words = words.iter().copied();
                Self { $($field: <$ty>::from_word(words.next().unwrap_or(0)),)* }
            }
        }
    };
}

/// Values for `const NAME: u32 = …;` lines of a shader, rewritten before it is compiled (see
/// [`crate::gpu::specialize`]). WGSL's `override` cannot size a private array, and every array here is
/// sized at compile time so that it lives in registers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Constants(pub Vec<(&'static str, u32)>);

impl Constants {
    /// The value of a constant of this dispatch.
    pub fn get(&self, name: &str) -> Option<u32> {
        self.0.iter().find(|(n, _)| *n == name).map(|(_, v)| *v)
    }
}

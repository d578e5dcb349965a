//! Identity of a set of images: how many files it has, and a fingerprint of their bytes in the set's order. Invariant:
//! the same files in the same order have the same identity wherever it is computed; Python has it by `zlib.crc32`
//! (`python/dino_web/identity.py`).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A file's bytes, as far as a set's identity asks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileIdentity {
    /// CRC-32, zlib's.
    pub crc: u32,
    pub length: u64,
}

impl FileIdentity {
    pub fn of(bytes: &[u8]) -> Self {
        Self { crc: crc32fast::hash(bytes), length: bytes.len() as u64 }
    }
}

/// A set of images, as a checkpoint remembers it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetIdentity {
    /// Images.
    pub count: usize,
    /// CRC-32 over checksum (4 bytes) and length (8 bytes, both little-endian) of every file; 8 hexadecimal digits in
    /// JSON.
    #[serde(serialize_with = "to_hex", deserialize_with = "from_hex")]
    pub fingerprint: u32,
}

impl SetIdentity {
    /// Of the files of a set, in its order.
    pub fn of(files: impl IntoIterator<Item = FileIdentity>) -> Self {
        let mut hasher = crc32fast::Hasher::new();
        let mut count = 0;
        for FileIdentity { crc, length } in files {
            hasher.update(&crc.to_le_bytes());
            hasher.update(&length.to_le_bytes());
            count += 1;
        }
        Self { count, fingerprint: hasher.finalize() }
    }

    /// A sentence, if the set that a run goes on with is not the one that it had until `before`; none if it is.
    pub fn change_from(&self, before: &Self) -> Option<String> {
        let images = |count: usize| match count {
            1 => "1 image".to_owned(),
            _ => format!("{count} images"),
        };
        if self == before {
            None
        } else if self.count == before.count {
            Some(format!(
                "the set of images is another than before: {} as then, but other files or another order, so the run \
                 goes on with other images in its batches",
                images(self.count)
            ))
        } else {
            Some(format!(
                "the set of images is another than before: {} then, {} now, so the run goes on with other images in \
                 its batches",
                images(before.count),
                images(self.count)
            ))
        }
    }
}

fn to_hex<S: Serializer>(fingerprint: &u32, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{fingerprint:08x}"))
}

fn from_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u32, D::Error> {
    let text = String::deserialize(deserializer)?;
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let number = u32::from_str_radix(&text, 16).ok().filter(|_| digits);
    number.ok_or_else(|| {
        de::Error::invalid_value(de::Unexpected::Str(&text), &"8 hexadecimal digits")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_zlib() {
        // python3 -c "import zlib; print(hex(zlib.crc32(b'123456789')))"
        let file = FileIdentity::of(b"123456789");
        assert_eq!(file, FileIdentity { crc: 0xcbf4_3926, length: 9 });
        // zlib.crc32(struct.pack('<IQ', 0xcbf43926, 9) + struct.pack('<IQ', 0, 0))
        let set = SetIdentity::of([file, FileIdentity::of(b"")]);
        assert_eq!(set, SetIdentity { count: 2, fingerprint: 0xed1f_da95 });
        assert_eq!(SetIdentity::of([]), SetIdentity { count: 0, fingerprint: 0 });
    }

    #[test]
    fn order_and_content_count() {
        let [a, b, c] = [b"a", b"b", b"c"].map(|bytes| FileIdentity::of(bytes));
        let set = SetIdentity::of([a, b]);
        assert_ne!(set, SetIdentity::of([b, a]));
        assert_ne!(set, SetIdentity::of([a, c]));
        assert_eq!(set.change_from(&SetIdentity::of([a, b])), None);
        let words = SetIdentity::of([b, a]).change_from(&set).unwrap();
        assert!(words.contains("2 images as then, but other files or another order"), "{words}");
        let words = SetIdentity::of([a]).change_from(&set).unwrap();
        assert!(words.contains("2 images then, 1 image now"), "{words}");
    }

    #[test]
    fn json_has_eight_digits() {
        let set = SetIdentity { count: 3, fingerprint: 0x2a };
        let json = serde_json::to_string(&set).unwrap();
        assert_eq!(json, r#"{"count":3,"fingerprint":"0000002a"}"#);
        assert_eq!(serde_json::from_str::<SetIdentity>(&json).unwrap(), set);
        for wrong in ["2a", "+000002a", "0000002g", "00000002a", ""] {
            let json = json.replace("0000002a", wrong);
            let error = serde_json::from_str::<SetIdentity>(&json).unwrap_err().to_string();
            assert!(error.contains("8 hexadecimal digits"), "{error}");
        }
    }
}

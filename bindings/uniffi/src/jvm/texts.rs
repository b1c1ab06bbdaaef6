//! Texts as bytes, on the way to Kotlin, whose side is `Texts.kt`.

/// Writes texts as [`Reader`](crate::texts::Reader) reads them.
pub(crate) fn write<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(texts.clone().map(|text| 4 + text.len()).sum());
    for text in texts {
        let length = u32::try_from(text.len()).expect("the engine bounds names, values and words");
        bytes.extend(length.to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

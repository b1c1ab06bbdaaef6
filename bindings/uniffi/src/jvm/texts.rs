//! Texts as bytes: each is its length in four bytes, the highest first, and its UTF-8. Kotlin's
//! side is `Texts.kt`.

/// Reads texts. At the end, and where a length is wrong, there is no more.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }
}

impl Iterator for Reader<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let (length, rest) = self.0.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let (text, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(String::from_utf8_lossy(text).into_owned())
    }
}

/// Writes texts.
pub(crate) fn write<'a>(texts: impl Iterator<Item = &'a str> + Clone) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(texts.clone().map(|text| 4 + text.len()).sum());
    for text in texts {
        let length = u32::try_from(text.len()).expect("the engine bounds names, values and words");
        bytes.extend(length.to_be_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

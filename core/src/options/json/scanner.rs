//! Finds the tokens of valid JSON text.

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum TokenKind {
    Open,
    Close,
    Scalar,
}

pub(super) struct Token {
    pub(super) kind: TokenKind,
    pub(super) start: usize,
}

/// Walks over the tokens of valid JSON. After [`next`](Self::next), `at` is the end of the token.
pub(crate) struct Scanner<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn next(&mut self) -> Option<Token> {
        let bytes = self.text.as_bytes();
        // Valid JSON has its commas and colons in the right places, so they are skipped like
        // blanks.
        let between = |b: &u8| matches!(b, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':');
        self.at += bytes[self.at..].iter().take_while(|b| between(b)).count();
        let start = self.at;
        let kind = match *bytes.get(start)? {
            b'{' | b'[' => TokenKind::Open,
            b'}' | b']' => TokenKind::Close,
            _ => TokenKind::Scalar,
        };
        self.at = match bytes[start] {
            b'"' => end_of_string(bytes, start),
            _ if kind != TokenKind::Scalar => start + 1,
            _ => {
                let within = |b: &u8| !between(b) && !matches!(b, b'}' | b']');
                start + bytes[start..].iter().take_while(|b| within(b)).count()
            }
        };
        Some(Token { kind, start })
    }

    /// Skips the next value, nested values included, and returns its text.
    pub(super) fn value(&mut self) -> &'a str {
        let mut depth = 0_usize;
        let mut first = None;
        while let Some(token) = self.next() {
            let start = *first.get_or_insert(token.start);
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth -= 1,
                TokenKind::Scalar => {}
            }
            if depth == 0 {
                return &self.text[start..self.at];
            }
        }
        ""
    }
}

/// The offset after a string literal. An escape is skipped as two bytes: the digits of `\uXXXX` are
/// neither a quote nor a backslash.
fn end_of_string(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'"' => return at + 1,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
    at
}

//! Compares what is with what should be, for all kinds of vectors.

/// Fails with both texts if they differ.
pub(crate) fn same(what: &str, is: &str, should_be: &str) -> Result<(), String> {
    if is == should_be {
        return Ok(());
    }
    Err(format!("{what}\n    is        {is}\n    should be {should_be}"))
}

/// Replaces `{a*9}` in a text by nine times `a`.
pub(crate) fn repeated(text: &str) -> String {
    let mut parts = text.split('{');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let many = part.split_once('}').and_then(|(inside, behind)| {
            let (what, count) = inside.split_once('*')?;
            Some((what.repeat(count.parse().ok()?), behind))
        });
        match many {
            Some((many, behind)) => whole.extend([&many, behind]),
            None => whole.extend(["{", part]),
        }
    }
    whole
}

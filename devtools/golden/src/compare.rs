//! Compares what is with what should be, for all kinds of vectors.

use serde_json::Value;

/// Fails with both texts if they differ.
pub(crate) fn same(what: &str, is: &str, should_be: &str) -> Result<(), String> {
    if is == should_be {
        return Ok(());
    }
    Err(format!("{what}\n    is        {is}\n    should be {should_be}"))
}

/// Fails with both texts if they are not the same JSON value.
pub(crate) fn same_json(what: &str, is: &str, should_be: &str) -> Result<(), String> {
    if is == should_be {
        return Ok(());
    }
    let value = |text: &str| {
        serde_json::from_str::<Value>(text).map_err(|error| format!("{error} in {text}"))
    };
    same(what, &value(is)?.to_string(), &value(should_be)?.to_string())
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

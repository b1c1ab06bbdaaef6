//! Finds what another process has changed in the shared cookie file.
//!
//! Merging compares three states: the cookies that this process last saw in the file, the ones that
//! are there now, and the ones in memory. [`differences`] compares the first two; the store then
//! applies each difference unless the cookie was changed in memory too. So nobody's change is lost,
//! except if both have changed the same cookie: then this process's own change wins, and is saved.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use crate::cookies::stored::Stored;

/// A change of a cookie in the file since the file was last read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Difference<'c> {
    /// It was added, or changed.
    Set { was: Option<&'c Arc<Stored>>, is: &'c Arc<Stored> },
    /// It was removed.
    Removed { was: &'c Arc<Stored> },
}

/// Cookies by their keys.
type Cookies<'c> = HashMap<(&'c [u8], &'c str, bool, &'c [u8]), &'c Arc<Stored>>;

impl<'c> Difference<'c> {
    pub(crate) fn was(&self) -> Option<&'c Arc<Stored>> {
        match *self {
            Self::Set { was, .. } => was,
            Self::Removed { was } => Some(was),
        }
    }

    pub(crate) fn is(&self) -> Option<&'c Stored> {
        match *self {
            Self::Set { is, .. } => Some(is),
            Self::Removed { .. } => None,
        }
    }

    /// Returns the cookie as it is now, or as it was before it was removed.
    pub(crate) fn cookie(&self) -> &'c Stored {
        match *self {
            Self::Set { is: cookie, .. } | Self::Removed { was: cookie } => cookie,
        }
    }
}

/// Returns what leads from the cookies that were last seen in the file to the ones that are there
/// now, removals first. A cookie has changed if any of its saved fields has. An expired cookie
/// counts as no cookie.
pub(crate) fn differences<'c>(
    seen: &'c [Arc<Stored>],
    theirs: &'c [Arc<Stored>],
    now: SystemTime,
) -> Vec<Difference<'c>> {
    let (before, after) = (by_key(seen, now), by_key(theirs, now));
    let removed = seen.iter().filter(|was| !was.is_expired(now) && !after.contains_key(&was.key()));
    let removed = removed.map(|was| Difference::Removed { was });
    let there = theirs.iter().filter(|is| !is.is_expired(now));
    let set = there.map(|is| Difference::Set { was: before.get(&is.key()).copied(), is });
    // Removals come first, because they make room.
    removed.chain(set.filter(|set| set.was().map(|was| &**was) != set.is())).collect()
}

fn by_key(cookies: &[Arc<Stored>], now: SystemTime) -> Cookies<'_> {
    let alive = cookies.iter().filter(|cookie| !cookie.is_expired(now));
    alive.map(|cookie| (cookie.key(), cookie)).collect()
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::cookies::document::tests::cookie;
    use crate::cookies::store::{Change, Store};

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(1)
    }

    fn alive(value: &str) -> Stored {
        Stored { expires: Some(now() + Duration::from_secs(1)), ..cookie("n", value) }
    }

    fn some(cookie: Option<Stored>) -> Vec<Arc<Stored>> {
        cookie.map(Arc::new).into_iter().collect()
    }

    /// Merges a jar of at most one cookie, checks the reported changes, and returns what the jar
    /// has then.
    fn merged(
        seen: Option<Stored>,
        ours: Option<Stored>,
        theirs: Option<Stored>,
    ) -> Option<Stored> {
        let (seen, theirs) = (some(seen), some(theirs));
        let mut store = Store::new(false);
        for cookie in some(ours) {
            store.insert(cookie, now());
        }
        let before = store.list(now());
        let differences = differences(&seen, &theirs, now());
        let reported: Vec<Change> =
            differences.iter().flat_map(|change| store.apply(change, now())).collect();
        let after = store.list(now());
        let made = match (before.first(), after.first()) {
            (before, after) if before == after => vec![],
            (_, Some(after)) => vec![Change::Set(Arc::clone(after))],
            (Some(before), None) => vec![Change::Removed(Arc::clone(before))],
            (None, None) => vec![],
        };
        assert_eq!(reported, made);
        assert!(after.len() <= 1);
        after.first().map(|cookie| Stored::clone(cookie))
    }

    #[test]
    fn changes_of_others_are_taken_unless_the_jar_has_changed_the_same_cookie() {
        const NONE: Option<&str> = None;
        let (a, b, c) = (Some("a"), Some("b"), Some("c"));
        // Seen last, in the jar now, in the file now, and in the jar after the merge.
        for (seen, ours, theirs, result) in [
            (NONE, NONE, NONE, NONE),
            (NONE, NONE, a, a),    // added there
            (NONE, a, NONE, a),    // added here
            (NONE, a, a, a),       // by both, alike
            (NONE, a, b, a),       // by both: ours
            (a, a, a, a),          // left alone
            (a, a, b, b),          // changed there
            (a, b, a, b),          // changed here
            (a, b, b, b),          // by both, alike
            (a, b, c, b),          // by both: ours
            (a, a, NONE, NONE),    // removed there
            (a, NONE, a, NONE),    // removed here
            (a, NONE, NONE, NONE), // by both
            (a, NONE, b, NONE),    // removed here, changed there: ours
            (a, b, NONE, b),       // changed here, removed there: ours
        ] {
            let [was, here, there] = [seen, ours, theirs].map(|value| value.map(alive));
            assert_eq!(merged(was, here, there), result.map(alive), "{seen:?} {ours:?} {theirs:?}");
        }
    }

    #[test]
    fn a_session_cookie_is_replaced_only_by_a_cookie_that_was_set_elsewhere() {
        let session = || Stored { expires: None, ..alive("session") };
        let (a, b) = (|| Some(alive("a")), || Some(alive("b")));
        assert_eq!(merged(None, Some(session()), a()), a());
        assert_eq!(merged(None, Some(session()), None), Some(session()));
        // It was set here in place of a saved cookie, which is a change.
        assert_eq!(merged(a(), Some(session()), a()), Some(session()));
        assert_eq!(merged(a(), Some(session()), b()), Some(session()));
        assert_eq!(merged(a(), Some(session()), None), Some(session()));
    }

    #[test]
    fn a_cookie_has_changed_if_any_saved_field_has() {
        let (one, b) = (|| alive("a"), || Some(alive("b")));
        for other in [
            Stored { expires: Some(now() + Duration::from_secs(2)), ..one() },
            Stored { secure: false, ..one() },
            Stored { http_only: true, ..one() },
            Stored { same_site: Some(crate::SameSite::Lax), ..one() },
            Stored { created: now(), ..one() },
        ] {
            let other = || Some(other.clone());
            assert_eq!(merged(Some(one()), Some(one()), other()), other(), "there");
            assert_eq!(merged(Some(one()), other(), b()), other(), "here");
        }
        // Another key is another cookie.
        for other in [
            Stored { name: b"N".to_vec(), ..one() },
            Stored { domain: "a.example.com".to_owned(), ..one() },
            Stored { host_only: false, ..one() },
            Stored { path: b"/a".to_vec(), ..one() },
        ] {
            let (one, other) = (some(Some(one())), some(Some(other)));
            let removed = Difference::Removed { was: &one[0] };
            let set = Difference::Set { was: None, is: &other[0] };
            assert_eq!(differences(&one, &other, now()), [removed, set]);
        }
    }

    #[test]
    fn an_expired_cookie_counts_as_none() {
        let (expired, b) = (|| Some(cookie("n", "expired")), || Some(alive("b")));
        // It expired, which is not a change by the jar: a new one that was set elsewhere is taken.
        assert_eq!(merged(expired(), None, b()), b());
        assert_eq!(merged(None, None, expired()), None);
        assert_eq!(merged(expired(), None, expired()), None);
        assert_eq!(merged(b(), b(), expired()), None);
    }

    #[test]
    fn removals_come_first_and_new_cookies_keep_their_order() {
        let named = |name: &str| Arc::new(Stored { name: name.into(), ..alive("a") });
        let (seen, theirs) = (["a", "b"].map(named), ["z", "b", "c"].map(named));
        let set = |is| Difference::Set { was: None, is };
        let expected = [Difference::Removed { was: &seen[0] }, set(&theirs[0]), set(&theirs[2])];
        assert_eq!(differences(&seen, &theirs, now()), expected);
    }
}

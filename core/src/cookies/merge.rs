//! Two processes with one file: what the other has made of the cookies that both had seen there.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use crate::cookies::store::{Stored, is_over};

/// What has become of a cookie on disk since it was last seen there.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Difference<'c> {
    /// Another is there, or the first one in its place.
    Set { was: Option<&'c Arc<Stored>>, is: &'c Arc<Stored> },
    /// None is there any more.
    Removed { was: &'c Arc<Stored> },
}

/// Those that are not over, by what makes two cookies one.
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

    /// A cookie that stands for its place.
    pub(crate) fn place(&self) -> &'c Stored {
        match *self {
            Self::Set { is: cookie, .. } | Self::Removed { was: cookie } => cookie,
        }
    }
}

/// What leads from the cookies that were last seen on disk to those that are there now. A cookie is another where
/// anything of it is that is kept; one that is over is none.
pub(crate) fn differences<'c>(
    seen: &'c [Arc<Stored>],
    theirs: &'c [Arc<Stored>],
    now: SystemTime,
) -> Vec<Difference<'c>> {
    let (before, after) = (by_place(seen, now), by_place(theirs, now));
    let gone = seen.iter().filter(|was| !is_over(was, now) && !after.contains_key(&place(was)));
    let removed = gone.map(|was| Difference::Removed { was });
    let there = theirs.iter().filter(|is| !is_over(is, now));
    let set = there.map(|is| Difference::Set { was: before.get(&place(is)).copied(), is });
    // Those that are removed make room for the others, which come in their order.
    removed.chain(set.filter(|set| set.was().map(|was| &**was) != set.is())).collect()
}

fn by_place(cookies: &[Arc<Stored>], now: SystemTime) -> Cookies<'_> {
    let alive = cookies.iter().filter(|cookie| !is_over(cookie, now));
    alive.map(|cookie| (place(cookie), cookie)).collect()
}

fn place(cookie: &Stored) -> (&[u8], &str, bool, &[u8]) {
    (&cookie.name, &cookie.domain, cookie.host_only, &cookie.path)
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

    /// What a jar with at most one cookie has after it was merged, and that the changes told are those made.
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
        let told: Vec<Change> =
            differences.iter().flat_map(|change| store.follow(change, now())).collect();
        let after = store.list(now());
        let made = match (before.first(), after.first()) {
            (before, after) if before == after => vec![],
            (_, Some(after)) => vec![Change::Set(Arc::clone(after))],
            (Some(before), None) => vec![Change::Removed(Arc::clone(before))],
            (None, None) => vec![],
        };
        assert_eq!(told, made);
        assert!(after.len() <= 1);
        after.first().map(|cookie| Stored::clone(cookie))
    }

    #[test]
    fn what_others_changed_is_taken_where_the_jar_has_not_changed_it_too() {
        const NONE: Option<&str> = None;
        let (a, b, c) = (Some("a"), Some("b"), Some("c"));
        // What was seen, what the jar has, what is there: and what the jar is to have.
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
    fn a_cookie_of_the_session_gives_way_to_one_that_was_set_elsewhere_and_to_nothing_else() {
        let session = || Stored { expires: None, ..alive("session") };
        let (a, b) = (|| Some(alive("a")), || Some(alive("b")));
        assert_eq!(merged(None, Some(session()), a()), a());
        assert_eq!(merged(None, Some(session()), None), Some(session()));
        // It was set here in the place of one that is kept: a change.
        assert_eq!(merged(a(), Some(session()), a()), Some(session()));
        assert_eq!(merged(a(), Some(session()), b()), Some(session()));
        assert_eq!(merged(a(), Some(session()), None), Some(session()));
    }

    #[test]
    fn a_cookie_has_changed_where_anything_that_is_kept_of_it_has() {
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
        // Another place is another cookie.
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
    fn a_cookie_that_is_over_is_none() {
        let (over, b) = (|| Some(cookie("n", "over")), || Some(alive("b")));
        // It ended by itself, which is no change of the jar's: one that was set anew elsewhere comes.
        assert_eq!(merged(over(), None, b()), b());
        assert_eq!(merged(None, None, over()), None);
        assert_eq!(merged(over(), None, over()), None);
        assert_eq!(merged(b(), b(), over()), None);
    }

    #[test]
    fn what_was_removed_makes_room_before_what_was_set_comes_in_its_order() {
        let named = |name: &str| Arc::new(Stored { name: name.into(), ..alive("a") });
        let (seen, theirs) = (["a", "b"].map(named), ["z", "b", "c"].map(named));
        let set = |is| Difference::Set { was: None, is };
        let expected = [Difference::Removed { was: &seen[0] }, set(&theirs[0]), set(&theirs[2])];
        assert_eq!(differences(&seen, &theirs, now()), expected);
    }
}

//! The cookies of a jar in memory: which ones it takes, sends and evicts (RFC 6265bis sections 5.7
//! and 5.8).
//!
//! The rules are the same as in browsers. Cookies are grouped by domain, so that a request looks
//! only at its host and the domains above it. While saved cookies are still being loaded, the store
//! remembers what was deleted, so that a saved copy does not bring a deleted cookie back.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::vec;

use crate::cookies::merge::Difference;
use crate::cookies::parse::{MaxAge, SetCookie};
use crate::cookies::same_site::SameSite;
use crate::cookies::stored::Stored;
use crate::cookies::suffix::is_public_suffix;
use crate::cookies::target::Target;
use crate::names::is_below;

/// The most cookies of one domain (docs/contract.md#5-cookies).
const MAX_PER_DOMAIN: usize = 180;

/// The most cookies of a jar (docs/contract.md#5-cookies).
pub(crate) const MAX_COOKIES: usize = 3000;

/// The longest time until a cookie expires (RFC 6265bis section 5.5).
pub(crate) const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 3600);

/// The cookies of one jar.
#[derive(Default)]
pub(crate) struct Store {
    domains: HashMap<String, Vec<Entry>>,
    /// The cookies of all domains.
    count: usize,
    /// When the expired cookies of all domains were removed last.
    swept: Option<SystemTime>,
    /// While saved cookies are being loaded: the cookies that were deleted meanwhile.
    deleted: Option<Vec<Arc<Stored>>>,
    /// Counts up with each use. It orders uses, and cookies made in the same millisecond.
    clock: u64,
}

struct Entry {
    cookie: Arc<Stored>,
    made: u64,
    used: u64,
}

/// A change of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Set(Arc<Stored>),
    Removed(Arc<Stored>),
}

impl Store {
    /// Makes an empty store. If `is_loading`, saved cookies will be added until
    /// [`end_loading`](Self::end_loading).
    pub(crate) fn new(is_loading: bool) -> Self {
        Self { deleted: is_loading.then(Vec::new), ..Self::default() }
    }

    /// Ends loading. Returns the cookies that were deleted while it ran, so that the saved copies
    /// are skipped.
    pub(crate) fn end_loading(&mut self) -> Vec<Arc<Stored>> {
        self.deleted.take().unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// Returns the cookies for a request, in the order of section 5.8.3: longest path first, then
    /// oldest first.
    pub(crate) fn cookies_for(&mut self, target: &Target<'_>, now: SystemTime) -> Vec<Arc<Stored>> {
        self.clock += 1;
        let clock = self.clock;
        let mut found: Vec<(u64, Arc<Stored>)> = Vec::new();
        let mut domain = target.host;
        // The host itself, then each domain above it.
        loop {
            let is_host = domain == target.host;
            for entry in self.domains.get_mut(domain).into_iter().flatten() {
                let cookie = &entry.cookie;
                if (is_host || !cookie.host_only)
                    && !cookie.is_expired(now)
                    && (target.is_secure || !cookie.secure)
                    && path_matches(target.path.as_bytes(), &cookie.path)
                {
                    entry.used = clock;
                    found.push((entry.made, Arc::clone(cookie)));
                }
            }
            match domain.split_once('.') {
                Some((_, parent)) if target.is_name => domain = parent,
                _ => break,
            }
        }
        found.sort_by(|(made, one), (other_made, other)| {
            let longest = other.path.len().cmp(&one.path.len());
            longest.then(one.created.cmp(&other.created)).then(made.cmp(other_made))
        });
        found.into_iter().map(|(_, cookie)| cookie).collect()
    }

    /// Sets a cookie of a response, if section 5.7 allows it.
    pub(crate) fn set(
        &mut self,
        cookie: SetCookie,
        target: &Target<'_>,
        now: SystemTime,
    ) -> Vec<Change> {
        let Some((domain, host_only)) = domain_of(&cookie, target) else { return Vec::new() };
        let path = match &cookie.path {
            Some(path) => path.clone(),
            None => target.default_path().to_vec(),
        };
        if cookie.secure && !target.is_secure {
            return Vec::new(); // step 13
        }
        let stored = Stored {
            expires: expiry(&cookie, now),
            name: cookie.name,
            value: cookie.value,
            domain,
            host_only,
            path,
            secure: cookie.secure,
            http_only: cookie.http_only,
            same_site: cookie.same_site,
            created: now,
        };
        let is_refused =
            (!stored.secure && !target.is_secure && self.has_secure_twin(&stored, now))
                || (stored.same_site == Some(SameSite::None) && !stored.secure)
                || !keeps_prefix_promise(&stored, cookie.has_path);
        if is_refused { Vec::new() } else { self.insert(stored, now) }
    }

    /// Sets a cookie, in place of the one with the same key. A cookie that has expired deletes that
    /// one. Evicts other cookies if there are too many.
    pub(crate) fn insert(
        &mut self,
        cookie: impl Into<Arc<Stored>>,
        now: SystemTime,
    ) -> Vec<Change> {
        self.clock += 1;
        let (mut cookie, mut made) = (cookie.into(), self.clock);
        let expired = self.remove_in(&cookie.domain, |there| there.is_expired(now));
        let mut changes: Vec<Change> = expired.map(|entry| Change::Removed(entry.cookie)).collect();
        let replaced = self.remove_in(&cookie.domain, |there| there.key() == cookie.key()).next();
        let mut created = in_millis(cookie.created);
        if let Some(replaced) = &replaced {
            (created, made) = (replaced.cookie.created, replaced.made); // step 23.3
        }
        let times = (cookie.expires.map(in_millis), created);
        if (cookie.expires, cookie.created) != times {
            let cookie = Arc::make_mut(&mut cookie);
            (cookie.expires, cookie.created) = times;
        }
        if cookie.is_expired(now) {
            changes.extend(replaced.map(|entry| Change::Removed(entry.cookie)));
            if let Some(deleted) = self.deleted.as_mut().filter(|it| it.len() < MAX_COOKIES) {
                deleted.push(cookie);
            }
            return changes;
        }
        if replaced.is_none_or(|replaced| replaced.cookie != cookie) {
            changes.push(Change::Set(Arc::clone(&cookie)));
        }
        let entry = Entry { cookie: Arc::clone(&cookie), made, used: self.clock };
        self.domains.entry(cookie.domain.clone()).or_default().push(entry);
        self.count += 1;
        changes.extend(self.evict(&cookie.domain, now).into_iter().map(Change::Removed));
        changes
    }

    /// Makes a change that another process made to a saved cookie, unless the cookie was changed
    /// here too. The cookie then equals the other process's, also in its age. A session cookie with
    /// the same key counts as no cookie.
    pub(crate) fn apply(&mut self, change: &Difference<'_>, now: SystemTime) -> Vec<Change> {
        let place = change.cookie();
        let here = self.get(place).filter(|here| here.is_saved() && !here.is_expired(now));
        if here != change.was() {
            return Vec::new();
        }
        let was = self.remove_in(&place.domain, |there| there.key() == place.key()).next();
        match change {
            Difference::Set { is, .. } => self.insert(Arc::clone(is), now),
            Difference::Removed { .. } => {
                was.map(|was| Change::Removed(was.cookie)).into_iter().collect()
            }
        }
    }

    /// Returns all cookies that have not expired, the oldest first.
    pub(crate) fn list(&self, now: SystemTime) -> Vec<Arc<Stored>> {
        let mut all: Vec<&Entry> = self.domains.values().flatten().collect();
        all.sort_by_key(|entry| (entry.cookie.created, entry.made));
        let alive = all.into_iter().filter(|entry| !entry.cookie.is_expired(now));
        alive.map(|entry| Arc::clone(&entry.cookie)).collect()
    }

    /// Returns true if there is a cookie with the same key, even an expired one.
    pub(crate) fn has(&self, cookie: &Stored) -> bool {
        self.get(cookie).is_some()
    }

    fn get(&self, place: &Stored) -> Option<&Arc<Stored>> {
        let cookies = self.domains.get(&place.domain)?.iter().map(|entry| &entry.cookie);
        cookies.into_iter().find(|cookie| cookie.key() == place.key())
    }

    /// Removes the cookies for which `which` returns true.
    pub(crate) fn remove(&mut self, mut which: impl FnMut(&Stored) -> bool) -> Vec<Arc<Stored>> {
        let mut removed = Vec::new();
        self.domains.retain(|_, entries| {
            let found = entries.extract_if(.., |entry| which(&entry.cookie));
            removed.extend(found.map(|entry| entry.cookie));
            !entries.is_empty()
        });
        self.count -= removed.len();
        removed
    }

    /// The same for the cookies of one domain.
    fn remove_in(&mut self, domain: &str, which: impl Fn(&Stored) -> bool) -> vec::IntoIter<Entry> {
        let mut removed = Vec::new();
        if let Some(entries) = self.domains.get_mut(domain) {
            removed.extend(entries.extract_if(.., |entry| which(&entry.cookie)));
            if entries.is_empty() {
                self.domains.remove(domain);
            }
        }
        self.count -= removed.len();
        removed.into_iter()
    }

    /// Removes cookies until there are not too many, in the order of section 5.7: expired ones
    /// first; in a domain with too many, the ones that are not secure, then any; at last any of all
    /// domains. Among equals, the one that was used longest ago goes first.
    fn evict(&mut self, domain: &str, now: SystemTime) -> Vec<Arc<Stored>> {
        let is_full = |store: &Self| store.domains.get(domain).map_or(0, Vec::len) > MAX_PER_DOMAIN;
        if !is_full(self) && self.count <= MAX_COOKIES {
            return Vec::new();
        }
        let mut removed = Vec::new();
        // All cookies of a response are set with the same `now`, so this runs once for all of them.
        if self.swept.replace(now) != Some(now) {
            removed = self.remove(|cookie| cookie.is_expired(now));
        }
        while is_full(self) {
            let entries = self.domains.get(domain).into_iter().flatten();
            let last = entries.min_by_key(|entry| (entry.cookie.secure, entry.used, entry.made));
            let Some(made) = last.map(|entry| entry.made) else { break };
            removed.extend(self.remove_entry(domain, made));
        }
        while self.count > MAX_COOKIES {
            let entries = self.domains.values().flatten();
            let last = entries.min_by_key(|entry| (entry.used, entry.made));
            let Some((domain, made)) = last.map(|last| (last.cookie.domain.clone(), last.made))
            else {
                break;
            };
            removed.extend(self.remove_entry(&domain, made));
        }
        removed
    }

    fn remove_entry(&mut self, domain: &str, made: u64) -> Option<Arc<Stored>> {
        let entries = self.domains.get_mut(domain)?;
        let index = entries.iter().position(|entry| entry.made == made)?;
        let taken = entries.swap_remove(index).cookie;
        if entries.is_empty() {
            self.domains.remove(domain);
        }
        self.count -= 1;
        Some(taken)
    }

    /// Returns true if a cookie set over cleartext would overwrite or hide a secure one (step 16).
    fn has_secure_twin(&self, new: &Stored, now: SystemTime) -> bool {
        let is_related =
            |domain: &String| is_within(domain, &new.domain) || is_within(&new.domain, domain);
        let related = self.domains.iter().filter(|(domain, _)| is_related(domain));
        related.flat_map(|(_, entries)| entries).map(|entry| &entry.cookie).any(|cookie| {
            cookie.secure
                && cookie.name == new.name
                && path_matches(&new.path, &cookie.path)
                && !cookie.is_expired(now)
        })
    }
}

/// Returns a cookie's domain, and true if only that host gets the cookie (steps 7 to 10). Returns
/// `None` if the cookie is refused.
fn domain_of(cookie: &SetCookie, target: &Target<'_>) -> Option<(String, bool)> {
    let host_only = || Some((target.host.to_owned(), true));
    let Some(domain) = cookie.domain.as_deref().filter(|domain| !domain.is_empty()) else {
        return host_only();
    };
    let domain = std::str::from_utf8(domain).ok().filter(|domain| domain.is_ascii())?;
    if target.is_name && is_public_suffix(domain) {
        return if domain == target.host { host_only() } else { None };
    }
    target.domain_matches(domain).then(|| (domain.to_owned(), false))
}

/// Returns when a cookie expires (section 5.7 step 6): Max-Age wins over Expires, and neither
/// reaches beyond 400 days.
fn expiry(cookie: &SetCookie, now: SystemTime) -> Option<SystemTime> {
    let latest = now + MAX_AGE;
    match cookie.max_age {
        Some(MaxAge::Expired) => Some(SystemTime::UNIX_EPOCH),
        Some(MaxAge::For(age)) => Some(now.checked_add(age).map_or(latest, |at| at.min(latest))),
        None => cookie.expires.map(|at| at.min(latest)),
    }
}

/// Returns true if a cookie keeps what the prefix of its name promises (steps 20 to 22).
pub(crate) fn keeps_prefix_promise(cookie: &Stored, has_path: bool) -> bool {
    let begins = |text: &[u8], prefix: &[u8]| {
        text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let (secure, host) = (b"__Secure-", b"__Host-");
    if cookie.name.is_empty() {
        return !begins(&cookie.value, secure) && !begins(&cookie.value, host);
    }
    if begins(&cookie.name, host) {
        return cookie.secure && cookie.host_only && has_path && cookie.path == b"/";
    }
    cookie.secure || !begins(&cookie.name, secure)
}

/// Cuts a time to milliseconds, which is how the host app sees times and how they are saved. So a
/// cookie that the host app reads and sets again has not changed.
fn in_millis(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    time - Duration::from_nanos(u64::from(since.subsec_nanos() % 1_000_000))
}

/// Section 5.1.4 of RFC 6265bis.
fn path_matches(request: &[u8], cookie: &[u8]) -> bool {
    request
        .strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with(b"/") || rest.starts_with(b"/"))
}

fn is_within(name: &str, domain: &str) -> bool {
    name == domain || (is_below(name, domain) && name.parse::<IpAddr>().is_err())
}

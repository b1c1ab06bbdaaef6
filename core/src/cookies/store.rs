//! The cookies of a jar: which are taken, which are sent, which make room (RFC 6265bis sections 5.7 and 5.8).

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::vec;

use crate::cookies::cookie::SameSite;
use crate::cookies::document::is_kept;
use crate::cookies::merge::Difference;
use crate::cookies::parse::{MaxAge, SetCookie};
use crate::cookies::suffix::is_public_suffix;
use crate::cookies::target::Target;
use crate::names::is_below;

/// Cookies of one domain (docs/contract.md#5-cookies).
const MAX_PER_DOMAIN: usize = 180;

/// Cookies in all (docs/contract.md#5-cookies).
pub(crate) const MAX_COOKIES: usize = 3000;

/// No cookie lives longer (RFC 6265bis section 5.5).
pub(crate) const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 3600);

/// A cookie that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) name: Vec<u8>,
    pub(crate) value: Vec<u8>,
    /// In lower case and Punycode, an IPv6 address in brackets.
    pub(crate) domain: String,
    pub(crate) host_only: bool,
    pub(crate) path: Vec<u8>,
    /// Nothing: it ends with the process.
    pub(crate) expires: Option<SystemTime>,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) same_site: Option<SameSite>,
    pub(crate) created: SystemTime,
}

/// The cookies of one jar.
#[derive(Default)]
pub(crate) struct Store {
    domains: HashMap<String, Vec<Entry>>,
    /// Of all domains.
    count: usize,
    /// When those that were over had been taken out of all domains.
    swept: Option<SystemTime>,
    /// What was set and over at once, as long as there is more that it may remove.
    gone: Option<Vec<Arc<Stored>>>,
    /// Counts up: tells the order of cookies made in the same instant, and of their uses.
    clock: u64,
}

struct Entry {
    cookie: Arc<Stored>,
    made: u64,
    used: u64,
}

/// A cookie that came, or went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Set(Arc<Stored>),
    Removed(Arc<Stored>),
}

impl Store {
    /// An empty one, to which more will be added that was set before.
    pub(crate) fn new(is_more_to_come: bool) -> Self {
        Self { gone: is_more_to_come.then(Vec::new), ..Self::default() }
    }

    /// No more that was set before is to come; what is not to be taken in of that.
    pub(crate) fn all_there(&mut self) -> Vec<Arc<Stored>> {
        self.gone.take().unwrap_or_default()
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    /// The cookies for a request, in the order of section 5.8.3: longest path first, then oldest.
    pub(crate) fn cookies_for(&mut self, target: &Target<'_>, now: SystemTime) -> Vec<Arc<Stored>> {
        self.clock += 1;
        let clock = self.clock;
        let mut found: Vec<(u64, Arc<Stored>)> = Vec::new();
        let mut domain = target.host.as_str();
        // The host itself, then what it is below: all of these it matches.
        loop {
            let is_host = domain == target.host;
            for entry in self.domains.get_mut(domain).into_iter().flatten() {
                let cookie = &entry.cookie;
                if (is_host || !cookie.host_only)
                    && !is_over(cookie, now)
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

    /// Takes what a response to a request set, or does not (section 5.7).
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

    /// Puts a cookie in the place of the one there was, and makes room where there are too many.
    pub(crate) fn insert(
        &mut self,
        cookie: impl Into<Arc<Stored>>,
        now: SystemTime,
    ) -> Vec<Change> {
        self.clock += 1;
        let (mut cookie, mut made) = (cookie.into(), self.clock);
        let over = self.remove_in(&cookie.domain, |there| is_over(there, now));
        let mut changes: Vec<Change> = over.map(|entry| Change::Removed(entry.cookie)).collect();
        let replaced = self.remove_in(&cookie.domain, |there| is_same(there, &cookie)).next();
        let mut created = in_millis(cookie.created);
        if let Some(replaced) = &replaced {
            (created, made) = (replaced.cookie.created, replaced.made); // step 23.3
        }
        let times = (cookie.expires.map(in_millis), created);
        if (cookie.expires, cookie.created) != times {
            let cookie = Arc::make_mut(&mut cookie);
            (cookie.expires, cookie.created) = times;
        }
        if is_over(&cookie, now) {
            changes.extend(replaced.map(|entry| Change::Removed(entry.cookie)));
            if let Some(gone) = self.gone.as_mut().filter(|gone| gone.len() < MAX_COOKIES) {
                gone.push(cookie);
            }
            return changes;
        }
        if replaced.is_none_or(|replaced| replaced.cookie != cookie) {
            changes.push(Change::Set(Arc::clone(&cookie)));
        }
        let entry = Entry { cookie: Arc::clone(&cookie), made, used: self.clock };
        self.domains.entry(cookie.domain.clone()).or_default().push(entry);
        self.count += 1;
        changes.extend(self.make_room(&cookie.domain, now).into_iter().map(Change::Removed));
        changes
    }

    /// Makes a change that was made elsewhere of a cookie that is kept, unless it has been changed here too. It is
    /// then as it is there, its age too; a cookie of the session in its place is none.
    pub(crate) fn follow(&mut self, change: &Difference<'_>, now: SystemTime) -> Vec<Change> {
        let place = change.place();
        let here = self.get(place).filter(|here| is_kept(here) && !is_over(here, now));
        if here != change.was() {
            return Vec::new();
        }
        let was = self.remove_in(&place.domain, |there| is_same(there, place)).next();
        match change {
            Difference::Set { is, .. } => self.insert(Arc::clone(is), now),
            Difference::Removed { .. } => {
                was.map(|was| Change::Removed(was.cookie)).into_iter().collect()
            }
        }
    }

    /// All that are not over, those made first before the others.
    pub(crate) fn list(&self, now: SystemTime) -> Vec<Arc<Stored>> {
        let mut all: Vec<&Entry> = self.domains.values().flatten().collect();
        all.sort_by_key(|entry| (entry.cookie.created, entry.made));
        let alive = all.into_iter().filter(|entry| !is_over(&entry.cookie, now));
        alive.map(|entry| Arc::clone(&entry.cookie)).collect()
    }

    /// Whether there is one in the place of this one, over or not.
    pub(crate) fn has(&self, cookie: &Stored) -> bool {
        self.get(cookie).is_some()
    }

    fn get(&self, place: &Stored) -> Option<&Arc<Stored>> {
        let cookies = self.domains.get(&place.domain)?.iter().map(|entry| &entry.cookie);
        cookies.into_iter().find(|cookie| is_same(cookie, place))
    }

    /// Takes out those of which this holds.
    pub(crate) fn remove(&mut self, mut which: impl FnMut(&Stored) -> bool) -> Vec<Arc<Stored>> {
        let mut removed = Vec::new();
        self.domains.retain(|_, entries| {
            let gone = entries.extract_if(.., |entry| which(&entry.cookie));
            removed.extend(gone.map(|entry| entry.cookie));
            !entries.is_empty()
        });
        self.count -= removed.len();
        removed
    }

    /// Likewise, out of one domain.
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

    /// The order of section 5.7: those that are over; in a domain with too many, those that are not secure, then
    /// any; at last any of all. Among equals, the one used longest ago.
    fn make_room(&mut self, domain: &str, now: SystemTime) -> Vec<Arc<Stored>> {
        let is_full = |store: &Self| store.domains.get(domain).map_or(0, Vec::len) > MAX_PER_DOMAIN;
        if !is_full(self) && self.count <= MAX_COOKIES {
            return Vec::new();
        }
        let mut removed = Vec::new();
        // What a response sets is set at one time: once for all of it.
        if self.swept.replace(now) != Some(now) {
            removed = self.remove(|cookie| is_over(cookie, now));
        }
        while is_full(self) {
            let entries = self.domains.get(domain).into_iter().flatten();
            let last = entries.min_by_key(|entry| (entry.cookie.secure, entry.used, entry.made));
            let Some(made) = last.map(|entry| entry.made) else { break };
            removed.extend(self.take(domain, made));
        }
        while self.count > MAX_COOKIES {
            let entries = self.domains.values().flatten();
            let last = entries.min_by_key(|entry| (entry.used, entry.made));
            let Some((domain, made)) = last.map(|last| (last.cookie.domain.clone(), last.made))
            else {
                break;
            };
            removed.extend(self.take(&domain, made));
        }
        removed
    }

    fn take(&mut self, domain: &str, made: u64) -> Option<Arc<Stored>> {
        let entries = self.domains.get_mut(domain)?;
        let index = entries.iter().position(|entry| entry.made == made)?;
        let taken = entries.swap_remove(index).cookie;
        if entries.is_empty() {
            self.domains.remove(domain);
        }
        self.count -= 1;
        Some(taken)
    }

    /// Step 16: cleartext does not overwrite, nor hide, what was set securely.
    fn has_secure_twin(&self, new: &Stored, now: SystemTime) -> bool {
        let is_related =
            |domain: &String| is_within(domain, &new.domain) || is_within(&new.domain, domain);
        let related = self.domains.iter().filter(|(domain, _)| is_related(domain));
        related.flat_map(|(_, entries)| entries).map(|entry| &entry.cookie).any(|cookie| {
            cookie.secure
                && cookie.name == new.name
                && path_matches(&new.path, &cookie.path)
                && !is_over(cookie, now)
        })
    }
}

/// Steps 7 to 10: for which domain, and whether for that host alone; nothing where it is refused.
fn domain_of(cookie: &SetCookie, target: &Target<'_>) -> Option<(String, bool)> {
    let host_only = || Some((target.host.clone(), true));
    let Some(domain) = cookie.domain.as_deref().filter(|domain| !domain.is_empty()) else {
        return host_only();
    };
    let domain = std::str::from_utf8(domain).ok().filter(|domain| domain.is_ascii())?;
    if target.is_name && is_public_suffix(domain) {
        return if domain == target.host { host_only() } else { None };
    }
    target.domain_matches(domain).then(|| (domain.to_owned(), false))
}

/// Section 5.7 step 6; Max-Age before Expires, and neither beyond 400 days.
fn expiry(cookie: &SetCookie, now: SystemTime) -> Option<SystemTime> {
    let latest = now + MAX_AGE;
    match cookie.max_age {
        Some(MaxAge::Over) => Some(SystemTime::UNIX_EPOCH),
        Some(MaxAge::For(age)) => Some(now.checked_add(age).map_or(latest, |at| at.min(latest))),
        None => cookie.expires.map(|at| at.min(latest)),
    }
}

/// Steps 20 to 22.
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

/// Step 23: what makes two cookies one.
pub(crate) fn is_same(one: &Stored, other: &Stored) -> bool {
    one.name == other.name
        && one.domain == other.domain
        && one.host_only == other.host_only
        && one.path == other.path
}

/// As the host app sees it and as it is kept: what is shown and set again has not changed.
fn in_millis(time: SystemTime) -> SystemTime {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    time - Duration::from_nanos(u64::from(since.subsec_nanos() % 1_000_000))
}

pub(crate) fn is_over(cookie: &Stored, now: SystemTime) -> bool {
    cookie.expires.is_some_and(|expires| expires <= now)
}

/// Section 5.1.4.
fn path_matches(request: &[u8], cookie: &[u8]) -> bool {
    request
        .strip_prefix(cookie)
        .is_some_and(|rest| rest.is_empty() || cookie.ends_with(b"/") || rest.starts_with(b"/"))
}

fn is_within(name: &str, domain: &str) -> bool {
    name == domain || (is_below(name, domain) && name.parse::<IpAddr>().is_err())
}

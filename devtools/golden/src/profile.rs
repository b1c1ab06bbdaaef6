//! The profile of a call: which members it has, in which order, and what must hold between them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::compare::same;

/// What a result's `profile` must be; `vectors/README.md` describes it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Profile {
    has: Vec<String>,
    #[serde(default)]
    values: Map<String, Value>,
    /// Pairs of members: the first is less than the second.
    #[serde(default)]
    before: Vec<[String; 2]>,
}

/// Names for members that mostly come together.
const GROUPS: [(&str, &[&str]); 9] = [
    ("queue", &["invokeStart", "queueStart", "queueEnd", "fetchStart"]),
    ("redirect", &["redirectStart", "redirectEnd"]),
    ("connect", &["connectStart", "connectEnd"]),
    ("tls", &["SSLconnectionStart", "SSLconnectionEnd"]),
    ("request", &["requestStart", "requestEnd"]),
    ("response", &["responseStart", "responseEnd"]),
    ("peer", &["peerIP", "port", "protocol", "socketReused"]),
    ("bytes", &["sendBytesCount", "receivedBytedCount"]),
    ("counts", &["redirectCount", "retryCount"]),
];

/// Members whose times never run backwards, from left to right. An absent one is left out.
const IN_ORDER: [&[&str]; 4] = [
    &["invokeStart", "queueStart", "queueEnd", "fetchStart", "domainLookUpStart", "connectStart"],
    &["queueEnd", "redirectStart", "redirectEnd", "fetchStart", "redirectEnd"],
    &["domainLookUpStart", "domainLookUpEnd", "connectStart", "SSLconnectionStart"],
    &["SSLconnectionStart", "SSLconnectionEnd", "connectEnd", "requestStart", "responseStart"],
];

/// The same for what follows, apart because a server may answer before it has the whole request.
const OF_EXCHANGE: [&[&str]; 3] = [
    &["fetchStart", "requestStart", "requestEnd"],
    &["requestStart", "responseStart", "responseEnd"],
    &["connectStart", "connectEnd", "requestStart"],
];

/// The clocks of the face and of the judge are one. A test takes less than this.
const RECENT: Duration = Duration::from_secs(3600);

impl Profile {
    /// Compares a result's profile, and its place in the result.
    pub(crate) fn judge(&self, outcome: &Value) -> Result<(), String> {
        let Some(profile) = outcome.get("profile") else {
            return if self.has.is_empty() {
                Ok(())
            } else {
                Err(format!("no profile: {outcome}"))
            };
        };
        let last = outcome.as_object().and_then(|members| members.keys().next_back());
        same("last member", last.map_or("", String::as_str), "profile")?;
        let profile = profile.as_object().ok_or_else(|| format!("profile: {profile}"))?;
        let is: Vec<&str> = profile.keys().map(String::as_str).collect();
        same("members", &is.join(" "), &self.members().join(" "))?;
        for (name, value) in &self.values {
            same(name, &profile[name].to_string(), &value.to_string())?;
        }
        let time = |name: &str| profile.get(name).and_then(Value::as_f64);
        for line in IN_ORDER.into_iter().chain(OF_EXCHANGE) {
            let times: Vec<f64> = line.iter().filter_map(|name| time(name)).collect();
            if !times.is_sorted() {
                return Err(format!("{line:?} run backwards: {outcome}"));
            }
        }
        for [one, other] in &self.before {
            if time(one).zip(time(other)).is_none_or(|(one, other)| one >= other) {
                return Err(format!("{one} is not before {other}: {outcome}"));
            }
        }
        is_recent(time("invokeStart").unwrap_or_default())?;
        numbers_are_short(profile)
    }

    /// The names of the members, in their order.
    fn members(&self) -> Vec<&str> {
        let group = |name: &str| GROUPS.iter().find(|(group, _)| *group == name);
        let expand = |name| match group(name) {
            Some((_, members)) => members.to_vec(),
            None => vec![name],
        };
        self.has.iter().flat_map(|name| expand(name.as_str())).collect()
    }
}

fn is_recent(millis: f64) -> Result<(), String> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let distance = now.abs_diff(Duration::from_secs_f64(millis.max(0.0) / 1000.0));
    if distance < RECENT { Ok(()) } else { Err(format!("{millis} is not the time of the test")) }
}

/// Times have at most three decimals; counts have none.
fn numbers_are_short(profile: &Map<String, Value>) -> Result<(), String> {
    for (name, value) in profile.iter().filter(|(_, value)| value.is_number()) {
        let text = value.to_string();
        let decimals = text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let most = if name.ends_with("Start") || name.ends_with("End") { 3 } else { 0 };
        if decimals > most && !text.ends_with(".0") {
            return Err(format!("{name} has {decimals} decimals: {text}"));
        }
    }
    Ok(())
}

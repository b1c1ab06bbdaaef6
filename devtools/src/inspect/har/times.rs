//! How long the phases of a request took, as HAR divides them.

use serde_json::{Value, json};

use super::Hop;

/// Milliseconds; `None` where a phase did not happen.
#[derive(Default)]
pub(super) struct Times {
    /// Since 1970.
    pub(super) started: f64,
    blocked: Option<f64>,
    dns: Option<f64>,
    /// With TLS.
    connect: Option<f64>,
    ssl: Option<f64>,
    send: f64,
    wait: f64,
    receive: f64,
}

impl Times {
    /// Those of a request that was not the last of its call, between the events `begin`, if there
    /// is one, and `end`: its events tell less than a profile.
    pub(super) fn of_earlier(begin: &Value, hop: &Hop, end: &Value) -> Self {
        let started = begin["at"].as_f64().unwrap_or_else(|| at(&hop.request));
        let ended = at(end).max(started);
        let sent = at(&hop.request).clamp(started, ended);
        let answered = hop.head["at"].as_f64().unwrap_or(ended).clamp(sent, ended);
        let (blocked, wait, receive) = (Some(sent - started), answered - sent, ended - answered);
        Self { started, blocked, wait, receive, ..Self::default() }
    }

    /// Those of the last request, from the call's profile. It begins with an event, or else when
    /// the profile says.
    pub(super) fn of_last(begin: &Value, hop: &Hop, end: &Value) -> Self {
        let profile = &end["profile"];
        let moment = |name: &str| profile[name].as_f64();
        let between = |from: &str, to: &str| Some((moment(to)? - moment(from)?).max(0.0));
        let started = begin["at"].as_f64().or_else(|| moment("fetchStart"));
        let started = started.unwrap_or_else(|| at(&hop.request));
        let ended = moment("responseEnd").unwrap_or_else(|| at(end)).max(started);
        // An early answer comes before the request's end; a failure may come before either.
        let (begun, answer) = (moment("requestStart"), moment("responseStart"));
        let answered = answer.unwrap_or(ended);
        let sent = moment("requestEnd").unwrap_or(answered).min(answered);
        let mut times = Self {
            started,
            blocked: None,
            dns: between("domainLookUpStart", "domainLookUpEnd"),
            connect: between("connectStart", "connectEnd"),
            ssl: between("SSLconnectionStart", "SSLconnectionEnd"),
            send: begun.map_or(0.0, |begun| (sent - begun).max(0.0)),
            wait: begun.map_or(0.0, |_| answered - sent),
            receive: answer.map_or(0.0, |answer| (ended - answer).max(0.0)),
        };
        // What is left: the queue, and the gaps between phases. So all of them make the whole.
        times.blocked = Some((ended - started - times.total()).max(0.0));
        times
    }

    /// The sum, which HAR wants as the time of the entry. TLS is part of `connect`.
    pub(super) fn total(&self) -> f64 {
        let phases = [self.blocked, self.dns, self.connect];
        let sum = phases.into_iter().flatten().sum::<f64>() + self.send + self.wait + self.receive;
        rounded(sum)
    }

    pub(super) fn json(&self) -> Value {
        let or_absent = |time: Option<f64>| time.map_or(json!(-1), |time| json!(rounded(time)));
        json!({
            "blocked": or_absent(self.blocked),
            "dns": or_absent(self.dns),
            "connect": or_absent(self.connect),
            "ssl": or_absent(self.ssl),
            "send": rounded(self.send),
            "wait": rounded(self.wait),
            "receive": rounded(self.receive),
        })
    }
}

/// Times have microseconds: more decimals come from the arithmetic.
fn rounded(millis: f64) -> f64 {
    (millis * 1000.0).round() / 1000.0
}

fn at(event: &Value) -> f64 {
    event["at"].as_f64().unwrap_or(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_phases_together_are_the_whole_time_also_of_failures_and_early_answers() {
        for (profile, send, wait, receive) in [
            (json!({ "requestStart": 5, "requestEnd": 6, "responseStart": 8 }), 1.0, 2.0, 12.0),
            (json!({ "requestStart": 5, "requestEnd": 6 }), 1.0, 14.0, 0.0),
            (json!({ "requestStart": 5 }), 15.0, 0.0, 0.0),
            (json!({ "requestStart": 5, "requestEnd": 9, "responseStart": 7 }), 2.0, 0.0, 13.0),
            (json!({ "domainLookUpStart": 5 }), 0.0, 0.0, 0.0),
            (json!({}), 0.0, 0.0, 0.0),
        ] {
            let end = json!({ "at": 20, "profile": profile });
            let times = Times::of_last(&json!({ "at": 1 }), &Hop::default(), &end);
            assert_eq!((times.send, times.wait, times.receive), (send, wait, receive), "{end}");
            assert_eq!((times.started, times.total()), (1.0, 19.0), "{end}");
        }
    }
}

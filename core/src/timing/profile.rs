//! The profile as JSON: the member `profile` of the result object.

use std::io::Write as _;

use crate::timing::{CallMoment, Timing};

/// Room for a usual profile.
const USUAL: usize = 768;

impl Timing {
    /// The JSON object of the result's `profile`. Its members have the names and the order of
    /// docs/contract.md#4-result; what is absent has no member.
    pub fn json(&self) -> String {
        let mut json = Members(Vec::with_capacity(USUAL));
        for moment in CallMoment::ALL {
            if let Some(micros) = self.micros(moment) {
                json.name(moment.as_str());
                write_millis(&mut json.0, micros);
            }
        }
        json.text("peerIP", self.peer_ip());
        json.plain("port", self.port());
        json.text("protocol", self.protocol());
        json.plain("socketReused", self.socket_reused());
        json.plain("sendBytesCount", self.send_bytes_count());
        json.plain("receivedBytedCount", self.received_bytes_count());
        json.plain("decodedBytes", self.decoded_bytes());
        json.plain("redirectCount", Some(self.redirect_count()));
        json.plain("retryCount", Some(self.retry_count()));
        json.0.push(b'}');
        String::from_utf8(json.0).expect("names and numbers make a text")
    }
}

/// The members of an object that is being written.
struct Members(Vec<u8>);

impl Members {
    fn name(&mut self, name: &str) {
        let before = if self.0.is_empty() { '{' } else { ',' };
        self.write(format_args!("{before}\"{name}\":"));
    }

    /// Writes a number or a boolean, if there is one.
    fn plain(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        if let Some(value) = value {
            self.name(name);
            self.write(format_args!("{value}"));
        }
    }

    /// Writes a text that needs no escapes, if there is one.
    fn text(&mut self, name: &str, value: Option<impl std::fmt::Display>) {
        self.plain(name, value.map(|value| format!("\"{value}\"")));
    }

    fn write(&mut self, text: std::fmt::Arguments<'_>) {
        self.0.write_fmt(text).expect("memory takes everything");
    }
}

/// Writes microseconds as milliseconds, as JavaScript prints that number.
pub(crate) fn write_millis(json: &mut Vec<u8>, micros: u64) {
    let (whole, rest) = (micros / 1000, micros % 1000);
    let written = match rest {
        0 => write!(json, "{whole}"),
        _ if rest % 100 == 0 => write!(json, "{whole}.{}", rest / 100),
        _ if rest % 10 == 0 => write!(json, "{whole}.{:02}", rest / 10),
        _ => write!(json, "{whole}.{rest:03}"),
    };
    written.expect("memory takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_at_most_three_decimals_and_no_zero_at_its_end() {
        for (micros, text) in [
            (1_700_000_000_000_000, "1700000000000"),
            (1_700_000_000_000_500, "1700000000000.5"),
            (1_700_000_000_000_050, "1700000000000.05"),
            (1_700_000_000_000_005, "1700000000000.005"),
            (1_700_000_000_123_450, "1700000000123.45"),
            (1_700_000_000_123_456, "1700000000123.456"),
        ] {
            let mut json = Vec::new();
            write_millis(&mut json, micros);
            assert_eq!(String::from_utf8(json).unwrap(), text);
            // The typed value is the same number.
            assert_eq!(text.parse::<f64>().unwrap(), micros as f64 / 1000.0);
        }
    }
}

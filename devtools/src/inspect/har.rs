//! What is kept, as HAR 1.2: an entry for each request that was sent, redirects included.

mod times;

use std::collections::{BTreeMap, HashMap};

use gadget_request::Errno;
use serde_json::value::RawValue;
use serde_json::{Map, Value, json};
use url::Url;

use super::feed::Entry;
use super::iso;
use times::Times;

/// A call, as its events tell it.
#[derive(Default)]
struct Call {
    start: Value,
    hops: Vec<Hop>,
    /// The connection of the next request.
    connection: Value,
    end: Value,
}

/// A request that was sent, and its answer.
#[derive(Default)]
struct Hop {
    connection: Value,
    request: Value,
    head: Value,
    redirect: Value,
}

/// The document with all calls that have ended, in the order of their starts.
pub(super) fn document(events: &[Entry]) -> String {
    let mut calls: Vec<Call> = Vec::new();
    let mut places: HashMap<(&str, String), usize> = HashMap::new();
    for entry in events {
        let event = read(&entry.json);
        let Some(call) = event["call"].as_str() else { continue };
        let place = *places.entry((&entry.client, call.to_owned())).or_insert_with(|| {
            calls.push(Call::default());
            calls.len() - 1
        });
        calls[place].add(event);
    }
    let entries: Vec<Value> = calls.iter().flat_map(Call::entries).collect();
    let creator =
        json!({ "name": "gadget-devtools inspect", "version": env!("CARGO_PKG_VERSION") });
    json!({ "log": { "version": "1.2", "creator": creator, "entries": entries } }).to_string()
}

/// An event, without the members that serde cannot read: a body may be too deep, or have half a
/// surrogate pair.
fn read(json: &str) -> Value {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).unwrap_or_default();
    let read = |(name, value): (String, &RawValue)| {
        Some((name, serde_json::from_str::<Value>(value.get()).ok()?))
    };
    members.into_iter().filter_map(read).collect::<Map<_, _>>().into()
}

impl Call {
    fn add(&mut self, event: Value) {
        match event["event"].as_str() {
            Some("start") => self.start = event,
            Some("connection") => self.connection = event,
            Some("request") => self.hops.push(Hop {
                connection: self.connection.take(),
                request: event,
                ..Hop::default()
            }),
            Some("head") => {
                if let Some(hop) = self.hops.last_mut() {
                    hop.head = event;
                }
            }
            Some("redirect") => {
                if let Some(hop) = self.hops.last_mut() {
                    hop.redirect = event;
                }
            }
            Some("end") => self.end = event,
            _ => {}
        }
    }

    fn entries(&self) -> Vec<Value> {
        if self.end.is_null() {
            return Vec::new();
        }
        if self.hops.is_empty() {
            // Options that could not be read have no URL, and an entry needs one.
            let url = self.start["url"].as_str().unwrap_or_default();
            if Url::parse(url).is_err() {
                return Vec::new();
            }
            let hop = Hop { request: self.start.clone(), ..Hop::default() };
            return vec![self.entry(None, &hop, None)];
        }
        let befores = [None].into_iter().chain(self.hops.iter().map(Some));
        let nexts = self.hops[1..].iter().map(Some).chain([None]);
        let hops = befores.zip(&self.hops).zip(nexts);
        hops.map(|((before, hop), next)| self.entry(before, hop, next)).collect()
    }

    /// An entry, of a request between two others.
    fn entry(&self, before: Option<&Hop>, hop: &Hop, next: Option<&Hop>) -> Value {
        let begin = before.map_or(&self.start, |before| &before.redirect);
        let times = match next {
            Some(_) if !hop.redirect.is_null() => Times::of_earlier(begin, hop, &hop.redirect),
            Some(next) => Times::of_earlier(begin, hop, &next.request),
            None => Times::of_last(begin, hop, &self.end),
        };
        let is_only = before.is_none() && next.is_none();
        let mut entry = json!({
            "startedDateTime": iso::time(times.started),
            "time": times.total(),
            "request": request(hop),
            "response": self.response(hop, is_only, next.is_none()),
            "cache": {},
            "timings": times.json(),
            "_resourceType": "fetch", // Chromium takes JSON for a script otherwise
            "_trace": self.end["call"],
        });
        let members = entry.as_object_mut().expect("it is an object above");
        if let Some(address) = hop.connection["peerIP"].as_str() {
            members.insert("serverIPAddress".to_owned(), address.into());
        }
        if let Some(port) = hop.connection["port"].as_u64() {
            members.insert("connection".to_owned(), port.to_string().into());
        }
        if next.is_none() && self.end["outcome"] == "fail" {
            for name in ["errno", "errString", "detail"] {
                members.insert(format!("_{name}"), self.end[name].clone());
            }
        }
        entry
    }

    fn response(&self, hop: &Hop, is_only: bool, is_last: bool) -> Value {
        let head = &hop.head;
        let headers = &head["header"];
        let mime = mime_type(headers);
        let decoded = self.end["profile"]["decodedBytes"].as_u64().filter(|_| is_last);
        let mut content = json!({ "size": decoded.unwrap_or(0), "mimeType": mime });
        let data = self.end["result"].get("data").filter(|_| is_last);
        if let Some(data) = data {
            let text = data.as_str().map_or_else(|| data.to_string(), str::to_owned);
            content["text"] = text.into();
        }
        let status = head["statusCode"].as_u64().unwrap_or(0);
        let errno = self.end["errno"].as_u64().filter(|_| is_last);
        let redirect = hop.redirect["url"].as_str().unwrap_or_default();
        let mut response = json!({
            "status": status,
            "statusText": status_text(status, errno),
            "httpVersion": version(hop),
            "cookies": [],
            "headers": fields(headers),
            "content": content,
            "redirectURL": redirect,
            "headersSize": -1,
            "bodySize": -1,
        });
        // The profile has the sum for all requests of the call. Chromium's own name, with heads.
        let received = self.end["profile"]["receivedBytedCount"].as_u64();
        if let Some(received) = received.filter(|_| is_only) {
            response["_transferSize"] = received.into();
        }
        response
    }
}

/// What Chromium shows beside the status: why the call failed, or what the status means.
fn status_text(status: u64, errno: Option<u64>) -> &'static str {
    let found = Errno::ALL.iter().find(|it| errno == Some(it.code().into()));
    let reason =
        || http::StatusCode::from_u16(u16::try_from(status).ok()?).ok()?.canonical_reason();
    found.map(|errno| errno.err_string()).or_else(reason).unwrap_or_default()
}

fn request(hop: &Hop) -> Value {
    let event = &hop.request;
    let url = event["url"].as_str().unwrap_or_default();
    let query: Vec<Value> = Url::parse(url).map_or_else(
        |_| Vec::new(),
        |url| {
            let pairs = url.query_pairs();
            pairs.map(|(name, value)| json!({ "name": name, "value": value })).collect()
        },
    );
    let mut request = json!({
        "method": event["method"].as_str().unwrap_or("GET"),
        "url": url,
        "httpVersion": version(hop),
        "cookies": [],
        "headers": fields(&event["header"]),
        "queryString": query,
        "headersSize": -1,
        "bodySize": event["bytes"].as_i64().unwrap_or(-1),
    });
    let mime = mime_type(&event["header"]);
    if let Some(text) = event["body"].as_str() {
        request["postData"] = json!({ "mimeType": mime, "text": text });
    } else if let Some(text) = event["bodyBase64"].as_str() {
        request["postData"] = json!({ "mimeType": mime, "text": text, "_encoding": "base64" });
    }
    request
}

fn version(hop: &Hop) -> &'static str {
    match hop.connection["protocol"].as_str() {
        Some("h2") => "HTTP/2.0", // Chromium reads this, and not "HTTP/2"
        Some("http1.1") => "HTTP/1.1",
        _ => "",
    }
}

/// The type of a body, or what HAR writes if it has none.
fn mime_type(header: &Value) -> &str {
    header["content-type"].as_str().unwrap_or("x-unknown")
}

/// Headers as HAR lists them.
fn fields(header: &Value) -> Vec<Value> {
    let fields = header.as_object().map(Map::iter).into_iter().flatten();
    fields
        .filter_map(|(name, value)| Some(json!({ "name": name, "value": value.as_str()? })))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::super::feed::{Feed, Kind};
    use super::*;

    fn har(lines: &[Value]) -> Vec<Value> {
        let (feed, client) = (Feed::new(), Arc::from("a"));
        for line in lines {
            feed.add(&client, Kind::Event, &line.to_string());
        }
        let document: Value = serde_json::from_str(&document(&feed.events())).unwrap();
        assert_eq!(document["log"]["version"], "1.2");
        document["log"]["entries"].as_array().unwrap().clone()
    }

    #[test]
    fn a_redirected_call_has_an_entry_for_each_request() {
        let event = |at: u64, name: &str, more: Value| {
            let mut event = json!({ "call": "1", "at": 1_700_000_000_000u64 + at, "event": name });
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        };
        let (first, last) = ("http://a.test/?q=1&q=%20", "http://a.test/2");
        let asked =
            |url: &str| json!({ "method": "GET", "url": url, "header": { "accept": "*/*" } });
        let profile = json!({
            "invokeStart": 1_700_000_000_000u64, "fetchStart": 1_700_000_000_030u64,
            "requestStart": 1_700_000_000_031u64, "requestEnd": 1_700_000_000_032u64,
            "responseStart": 1_700_000_000_040.5, "responseEnd": 1_700_000_000_050u64,
            "decodedBytes": 2,
        });
        let entries = har(&[
            event(0, "start", asked(first)),
            event(
                5,
                "connection",
                json!({ "reused": false, "peerIP": "10.0.0.1", "port": 80, "protocol": "http1.1" }),
            ),
            event(10, "request", asked(first)),
            event(20, "head", json!({ "statusCode": 302, "header": { "location": "/2" } })),
            event(25, "redirect", json!({ "statusCode": 302, "url": last })),
            event(30, "connection", json!({ "reused": true, "protocol": "http1.1" })),
            event(31, "request", asked(last)),
            event(
                40,
                "head",
                json!({ "statusCode": 200, "header": { "content-type": "text/plain" } }),
            ),
            event(
                50,
                "end",
                json!({
                    "outcome": "success", "statusCode": 200, "profile": profile,
                    "result": { "data": "ok" },
                }),
            ),
        ]);
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0]["startedDateTime"], "2023-11-14T22:13:20.000Z");
        assert_eq!(entries[0]["response"]["redirectURL"], last);
        assert_eq!(
            (&entries[0]["time"], &entries[0]["timings"]["blocked"]),
            (&25.0.into(), &10.0.into())
        );
        assert_eq!(entries[0]["serverIPAddress"], "10.0.0.1");
        let query = json!([{ "name": "q", "value": "1" }, { "name": "q", "value": " " }]);
        assert_eq!(entries[0]["request"]["queryString"], query);
        assert_eq!(entries[1]["startedDateTime"], "2023-11-14T22:13:20.025Z");
        assert_eq!(
            entries[1]["response"]["content"],
            json!({ "size": 2, "mimeType": "text/plain", "text": "ok" })
        );
        assert_eq!(entries[1]["timings"]["wait"], 8.5);
        assert_eq!(entries[1]["time"], 25.0);
    }

    #[test]
    fn a_result_that_serde_cannot_read_is_left_out() {
        let (feed, client) = (Feed::new(), Arc::from("a"));
        let deep = "[".repeat(1000) + &"]".repeat(1000);
        for (call, data) in [("1", deep.as_str()), ("2", r#""\ud800""#)] {
            let start = format!(r#"{{"call":"{call}","event":"start","url":"http://a.test/"}}"#);
            feed.add(&client, Kind::Event, &start);
            let end = format!(
                r#"{{"call":"{call}","at":2,"event":"end","outcome":"success","result":{data}}}"#
            );
            feed.add(&client, Kind::Event, &end);
        }
        let document: Value = serde_json::from_str(&document(&feed.events())).unwrap();
        assert_eq!(document["log"]["entries"].as_array().unwrap().len(), 2);
    }

    #[test]
    fn a_call_that_sent_nothing_has_an_entry_with_its_error() {
        let fail = json!({
            "call": "1", "at": 2, "event": "end", "outcome": "fail", "errno": 110,
            "errString": "API call prohibited", "detail": "host not allowed",
        });
        let start = json!({
            "call": "1", "at": 1, "event": "start", "method": "POST", "url": "http://a.test/",
        });
        let running = json!({ "call": "2", "at": 1, "event": "start" });
        let entries = har(&[running, start, fail]);
        assert_eq!(entries.len(), 1);
        assert_eq!(entries[0]["request"]["method"], "POST");
        assert_eq!(entries[0]["response"]["status"], 0);
        assert_eq!(entries[0]["response"]["statusText"], "API call prohibited");
        assert_eq!(
            (&entries[0]["_errno"], &entries[0]["_detail"]),
            (&json!(110), &json!("host not allowed"))
        );
    }
}

//! What the log of a client says: one line for each call, and nothing of what the call sends or
//! gets. `causes.rs` has the calls that the network fails.

mod observing;
mod support;

use std::sync::Mutex;

use gadget_request::{Client, ClientConfig, Data, RequestOptions};
use log::Level;
use serde_json::{Value, json};
use support::{Server, client_with, encoded, request};

const SECRET: &str = "s3cr3t";

/// All log lines of the engine, at every level.
struct Lines(Mutex<Vec<(Level, String)>>);

static LINES: Lines = Lines(Mutex::new(Vec::new()));

impl log::Log for Lines {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("gadget_request") // as the bindings' log sinks do
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = (record.level(), record.args().to_string());
            self.0.lock().expect("no panic under it").push(line);
        }
    }

    fn flush(&self) {}
}

/// Settings and options of calls that have a secret in every place.
fn calls(server: &Server) -> Vec<(Value, Value)> {
    let here = format!("127.0.0.1:{}", server.http_port());
    let header = json!({ "authorization": SECRET, "cookie": SECRET, "x-own": SECRET });
    let post =
        |url: &str| json!({ "url": url, "method": "POST", "data": SECRET, "header": header });
    let settings = || {
        json!({
            "app_headers": [{ "hosts": ["127.0.0.1"], "headers": { "x-token": SECRET } }],
            "har_exchanges": 10, "har_body_bytes": 1000, "har_secrets": true,
        })
    };
    let with = |name: &str, value: Value| {
        let mut settings = settings();
        settings[name] = value;
        settings
    };
    let url = format!("{}/echo/{SECRET}?{SECRET}&set-cookie={SECRET}%3D{SECRET}", server.http());
    let to = encoded(&url);
    let coded = format!("{}/gzip?body={SECRET}", server.https());
    vec![
        (settings(), post(&url)),
        (settings(), post(&url.replace(&server.http(), &server.https()))),
        (settings(), post(&coded)),
        (settings(), post(&format!("{}/redirect/307?to={to}", server.http()))),
        (settings(), post(&format!("{}/fault/refuse-first?counter={SECRET}", server.https()))),
        (with("proxy", json!(format!("http://{SECRET}:{SECRET}@{here}"))), post(&url)),
        (with("allowed_hosts", json!([SECRET])), post(&url)),
        (settings(), post(&format!("ftp://{SECRET}/"))),
        (settings(), post(&format!("http://{SECRET}:{SECRET}@{SECRET}.test/"))),
        (settings(), json!({ "url": url, "header": { SECRET: [SECRET] } })),
        (settings(), json!({ "url": url, "method": SECRET })),
    ]
}

#[test]
fn the_log_has_a_line_for_each_call_at_debug_nothing_above_and_no_part_of_the_calls() {
    log::set_logger(&LINES).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let server = support::server();
    let mut traces = Vec::new();
    for (settings, options) in calls(&server) {
        let client = client_with(&server, settings);
        client.cookies().set_line("http://127.0.0.1/", format!("{SECRET}={SECRET}"));
        let events = observing::observe(&client);
        let outcome = request(&client, &options);
        let status = outcome.result().map(|response| response.status());
        traces.push((*outcome.trace(), status.map_err(|error| error.detail())));
        assert!(client.har().contains(SECRET) || outcome.result().is_err());
        assert!(!observing::all(client, &events).is_empty());
    }
    let typed = Client::new(ClientConfig::default());
    let data = Data::Text(SECRET.to_owned());
    let options = RequestOptions::new(server.http()).method("POST").header("x", SECRET).data(data);
    let outcome = pollster::block_on(typed.request(options));
    traces.push((*outcome.trace(), Ok(outcome.result().unwrap().status())));

    let lines = LINES.0.lock().unwrap();
    for (trace, ended) in &traces {
        let own: Vec<_> = lines.iter().filter(|(_, line)| line.contains(trace.as_str())).collect();
        let words = match ended {
            Ok(status) => format!("call {trace}: status {status}, "),
            Err(detail) => format!("call {trace} failed: {detail}"),
        };
        let ends = own.iter().filter(|(_, line)| line.starts_with(&words) && line.ends_with(" ms"));
        assert_eq!(ends.count(), 1, "{words}: {own:?}");
        let others = own.iter().filter(|(_, line)| !line.contains("is sent again"));
        assert_eq!(others.count(), 1, "{own:?}");
    }
    assert_eq!(traces.iter().filter(|(_, ended)| ended.is_ok()).count(), 7);
    for (level, line) in &*lines {
        assert!(*level >= Level::Debug, "{level} {line}");
        assert!(!line.contains(SECRET) && !line.contains("127.0.0.1"), "{line}");
    }
}

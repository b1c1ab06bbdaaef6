//! docs/contract.md#5-cookies: if Set-Cookie is hidden, neither the mini program nor a reader of
//! the log sees a cookie.

mod support;

use std::sync::{LazyLock, Mutex};

use gadget_request::Cookie;
use serde_json::json;
use support::{client_with, encoded, get};

const SECRET: &str = "s3cr3t";

/// All log lines, at every level.
struct Lines(Mutex<String>);

static LINES: LazyLock<Lines> = LazyLock::new(|| Lines(Mutex::default()));

impl log::Log for Lines {
    fn enabled(&self, metadata: &log::Metadata<'_>) -> bool {
        metadata.target().starts_with("gadget_request") // as the bindings' log sinks do
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            let line = format!("{} {}\n", record.level(), record.args());
            self.0.lock().expect("no panic under it").push_str(&line);
        }
    }

    fn flush(&self) {}
}

#[test]
fn hidden_cookies_are_in_no_result_no_error_and_no_log() {
    log::set_logger(&*LINES).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
    let server = support::server();
    let folder = std::env::temp_dir().join(format!("gadget-hidden-{}", std::process::id()));
    let mut all = String::new();
    for platform in ["pc", "devtools"] {
        // A file, not a folder: each save logs a warning.
        let wrong_folder = format!("{}/file", server.ca_path().display());
        for folder in [folder.to_str().unwrap(), &wrong_folder] {
            let settings = json!({
                "platform": platform, "cookie_dir": folder, "cookie_policy": { "jar": true },
            });
            let client = client_with(&server, settings);
            let line = encoded(&format!("{SECRET}={SECRET}; Path=/; Max-Age=1000"));
            let _listener = client.cookies().on_change(|_| panic!("a listener of the host's"));
            for origin in [server.http(), server.https()] {
                for path in ["/", "/status/404", "/fault/half-body", "/fault/silence"] {
                    let url = format!("{origin}{path}?set-cookie={line}&line={line}");
                    all += &shown(&get_soon(&client, &url));
                }
                let url = format!("{origin}/cookies/set?line={line}");
                let outcome = get(&client, &url);
                assert!(outcome.result().is_ok());
                all += &shown(&outcome);
            }
            assert!(client.cookies().list().iter().any(|cookie| cookie.name == SECRET));
            let error = client.cookies().set([Cookie::new(SECRET, format!("{SECRET};"), SECRET)]);
            all += &format!("{client:?} {:?} {error:?}", client.cookies());
            all += &error.unwrap_err().to_string();
            let _ = client.cookies().save();
        }
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap(); // empty for the lock file
            // The next load logs a warning about the damage.
            std::fs::write(&path, &bytes[..bytes.len().saturating_sub(1)]).unwrap();
        }
    }
    std::fs::remove_dir_all(&folder).unwrap();
    let lines = LINES.0.lock().unwrap();
    assert!(lines.contains("cookies cannot be saved") && lines.contains("set aside"), "{lines}");
    for text in [&all, &*lines] {
        assert!(!text.contains(SECRET), "{text}");
        assert!(!text.to_ascii_lowercase().contains("set-cookie"), "{text}");
    }
}

fn get_soon(client: &gadget_request::Client, url: &str) -> gadget_request::Outcome {
    let options =
        gadget_request::RequestOptions::new(url).timeout(std::time::Duration::from_millis(300));
    pollster::block_on(client.request(options))
}

/// All that an outcome shows, except the body: its content is up to the server.
fn shown(outcome: &gadget_request::Outcome) -> String {
    let mut text = outcome.err_msg();
    if let Ok(response) = outcome.result() {
        text += &response
            .headers()
            .map(|(name, value)| format!("{name}: {value}\n"))
            .collect::<String>();
        text += &response.cookies().collect::<String>();
        let mut json = support::json(outcome);
        json["data"] = "".into();
        text += &json.to_string();
    } else {
        text += outcome.json();
    }
    text
}

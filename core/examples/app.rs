//! The parts that a host app adds to the smallest call:
//! `cargo run -p gadget-request --example app URL`.
//! docs/rust.md shows this file in pieces.

use std::io;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::PathBuf;
use std::sync::mpsc;
use std::time::Duration;

use gadget_request::{Client, ClientConfig, ConfigError, HostResolver, Outcome, RequestOptions};

// #region client
/// One client for each running mini program of each user.
fn client_of(app_id: &str, user_folder: PathBuf) -> Result<Client, ConfigError> {
    let mut config = ClientConfig::from_json(r#"{"platform": "pc", "timeout_ms": 20000}"#)?;
    config.app_id = app_id.to_owned();
    config.cookie_dir = Some(user_folder.join("cookies"));
    config.background_grace = Some(Duration::from_secs(5));
    Ok(Client::builder(config).resolver(HttpDns).build())
}
// #endregion

// #region resolver
/// Asks a service of the host app for addresses. If the answer is empty, the system is asked.
struct HttpDns;

impl HostResolver for HttpDns {
    fn resolve(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        let found = (host, 443).to_socket_addrs()?; // in the place of a service
        Ok(found.map(|address| address.ip()).collect())
    }
}
// #endregion

// #region outcome
/// The log line of a call. It holds nothing of the request.
fn describe(outcome: &Outcome) -> String {
    match outcome.result() {
        Ok(response) => format!("status {}, trace {}", response.status(), outcome.trace()),
        Err(error) => format!("{error} ({}), trace {}", error.errno().code(), outcome.trace()),
    }
}
// #endregion

fn main() -> Result<(), ConfigError> {
    let folder = std::env::temp_dir().join("gadget-request-example");
    let client = client_of("cli_9dff7f6ae02ad104", folder)?;
    let url = std::env::args().nth(1).unwrap_or("http://open.feishu.cn".into());
    // #region start
    let listener = client.cookies().on_change(|change| println!("{}", change.to_json()));
    let (sender, outcomes) = mpsc::channel();
    let task = client.start(RequestOptions::new(url), move |outcome| {
        let _ = sender.send(outcome); // on a thread of the engine: hand over, do not block
    });
    if let Ok(outcome) = outcomes.recv_timeout(Duration::from_secs(5)) {
        println!("{}", describe(&outcome));
    }
    task.abort(); // has no effect on a call that is settled
    drop(listener);
    if let Err(error) = client.cookies().save() {
        eprintln!("cookies are not saved: {error}");
    }
    // #endregion
    Ok(())
}

//! `--har FILE`: keeps the requests of a command, and writes them at its end.

use std::path::PathBuf;

use clap::Args;
use gadget_request::{Client, ClientConfig};

/// How many requests are kept unless `har_exchanges` is set. A browser shows so many with ease.
const EXCHANGES: usize = 10_000;

#[derive(Args)]
pub(crate) struct HarArgs {
    /// Writes all requests and responses into this file at the end, as HAR 1.2, for the network
    /// panel of a browser. `har_body_bytes` and `har_secrets` of --config add bodies, and cookies.
    #[arg(long, value_name = "FILE")]
    har: Option<PathBuf>,
}

impl HarArgs {
    /// The settings of a client that keeps what the file needs.
    pub(crate) fn with(&self, mut config: ClientConfig) -> ClientConfig {
        if self.har.is_some() && config.har_exchanges == 0 {
            config.har_exchanges = EXCHANGES;
        }
        config
    }

    /// Writes the file, if one was named.
    pub(crate) fn write(&self, client: &Client) -> Result<(), String> {
        let Some(path) = &self.har else { return Ok(()) };
        std::fs::write(path, client.har())
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
    }
}

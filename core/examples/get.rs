//! The smallest call: `cargo run -p gadget-request --example get URL`.

use gadget_request::{Client, ClientConfig, Platform, RequestOptions};

fn main() {
    let client = Client::new(ClientConfig::new(Platform::Android, "cli_9dff7f6ae02ad104", "1.2.0"));
    let url = std::env::args().nth(1).unwrap_or("http://open.feishu.cn".into());
    let options = RequestOptions::new(url).header("accept", "application/json");
    let outcome = pollster::block_on(client.request(options));
    println!("{}", outcome.json());
}

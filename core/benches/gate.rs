//! The cost of starting a request and of aborting it, however many are queued: `scripts/bench`.

use gadget_request::{Client, ClientConfig, RequestOptions};
use gadget_test_server::Server;

const OPTIONS: &str = r#"{"url":"http://127.0.0.1:PORT/hold/it?page=1","method":"POST",
    "header":{"x-token":"0123456789abcdef"},"data":{"noncestr":1637463063659}}"#;

fn main() {
    divan::main();
}

/// A request is queued after others, and aborted. Its completion runs on a thread of the engine.
#[divan::bench(args = [0, 100, 1_000, 10_000], sample_count = 200, sample_size = 100)]
fn start_and_abort_behind(bencher: divan::Bencher<'_, '_>, queued: usize) {
    let server = Server::start().expect("loopback has free ports");
    let client = full_client(queued + 1_000);
    let options = OPTIONS.replace("PORT", &server.http_port().to_string());
    let start = || client.start(RequestOptions::from_json(options.clone(), None), drop);
    let _held: Vec<_> = (0..10 + queued).map(|_| start()).collect();
    assert_eq!((client.in_flight(), client.queued()), (10, queued));
    bencher.bench_local(|| start().abort());
    assert_eq!(client.queued(), queued);
}

/// The part that reads the options.
#[divan::bench(sample_count = 200, sample_size = 100)]
fn check_options() -> gadget_request::Request {
    let options = RequestOptions::from_json(OPTIONS.replace("PORT", "80"), None);
    gadget_request::Request::check(options, &ClientConfig::default()).expect("they are right")
}

/// The same with a megabyte of JSON as body.
#[divan::bench(sample_count = 50, sample_size = 10)]
fn check_a_megabyte(bencher: divan::Bencher<'_, '_>) {
    let item = r#"{"id":1234567890,"name":"a name of some length","tags":["a","b"]},"#;
    let data = format!("[{}0]", item.repeat((1 << 20) / item.len()));
    let text = format!(r#"{{"url":"http://127.0.0.1","method":"POST","data":{data}}}"#);
    bencher.bench_local(|| {
        let options = RequestOptions::from_json(text.clone(), None);
        gadget_request::Request::check(options, &ClientConfig::default()).expect("right")
    });
}

fn full_client(max_queued: usize) -> Client {
    let mut config = ClientConfig::default();
    config.max_queued = max_queued;
    Client::new(config)
}

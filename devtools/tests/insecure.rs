//! `--insecure`: any certificate is taken, with a warning, and only for this process.

mod support;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use gadget_test_server::Server;
use serde_json::json;
use support::{devtools, result, text};

/// Names that get a bad certificate each.
const BAD: [&str; 4] = ["expired", "not-yet-valid", "wrong-host", "unknown-issuer"];

fn resolve(server: &Server, host: &str) -> [String; 2] {
    ["--resolve".to_owned(), format!("{host}:{}:127.0.0.1", server.https_port())]
}

#[test]
fn insecure_takes_any_certificate_and_warns_and_without_it_none_of_them_is_taken() {
    let server = Server::start().unwrap();
    for host in BAD.map(|what| format!("{what}.test")) {
        let url = format!("https://{host}:{}/echo?counter={host}", server.https_port());
        let options = json!({ "url": url, "method": "POST", "data": "x".repeat(100_000) });
        let [flag, place] = resolve(&server, &host);
        let output = devtools(&["request", "--insecure", &flag, &place, &options.to_string()], "");
        let (code, printed) = result(&output);
        assert_eq!((code, &printed["statusCode"]), (0, &json!(200)), "{printed}");
        let received = server.received(printed["trace"].as_str().unwrap()).unwrap();
        assert_eq!(received.version, "HTTP/2", "as the server has chosen");
        assert_eq!(received.body.len(), 100_000);
        let warning = text(&output.stderr);
        assert!(warning.starts_with("gadget-devtools: warning: --insecure"), "{warning}");

        let output = devtools(&["request", &flag, &place, &options.to_string()], "");
        let (code, printed) = result(&output);
        assert_eq!((code, &printed["errno"]), (1, &json!(305)), "{printed}");
        assert_eq!(server.count(&host).total, 1, "nothing was sent");
        assert_eq!(text(&output.stderr), "");
    }
}

#[test]
fn insecure_leaves_http_versions_cleartext_and_the_policy_as_they_are() {
    let server = Server::start().unwrap();
    let [flag, place] = resolve(&server, "http1.test");
    let url = format!("https://http1.test:{}/echo", server.https_port());
    let options = json!({ "url": url }).to_string();
    let (_, printed) = result(&devtools(&["request", "--insecure", &flag, &place, &options], ""));
    let received = server.received(printed["trace"].as_str().unwrap()).unwrap();
    assert_eq!(received.version, "HTTP/1.1");

    for origin in [server.http(), server.https()] {
        let options = json!({ "url": format!("{origin}/echo") }).to_string();
        let (_, printed) = result(&devtools(&["request", "--insecure", &options], ""));
        assert_eq!(printed["statusCode"], 200, "{printed}");
        let arguments = ["request", "--insecure", "--deny-private", &options];
        let (_, printed) = result(&devtools(&arguments, ""));
        assert_eq!(printed["errMsg"], "request:fail private address not allowed");
    }
    let proxy = r#"{"proxy":"http://127.0.0.1:1"}"#;
    let output = devtools(&["request", "--insecure", "--config", proxy, "{}"], "");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), "gadget-devtools: --insecure: not together with a proxy\n");
}

#[test]
fn other_processes_cannot_use_the_proxy_of_insecure() {
    let server = Server::start().unwrap();
    // While the call is held, the proxy of its process listens.
    let url = format!("{}/hold/it?counter=it", server.https());
    let options = json!({ "url": url }).to_string();
    let mut call = std::process::Command::new(env!("CARGO_BIN_EXE_gadget-devtools"))
        .args(["request", "--insecure", &options])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while server.count("it").in_flight == 0 {
        std::thread::yield_now();
    }
    let port = listening_port(call.id());
    let mut stranger = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stranger.write_all(&[5, 1, 0]).unwrap(); // no credentials
    let mut answer = Vec::new();
    stranger.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, [5, 255]);
    let mut stranger = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stranger.write_all(&[5, 1, 2, 1, 1, b'u', 1, b'p']).unwrap();
    let mut answer = Vec::new();
    stranger.read_to_end(&mut answer).unwrap();
    assert_eq!(answer, [5, 2, 1, 1]);
    server.release("it", 1);
    assert!(call.wait().unwrap().success());
}

/// The port on which a process listens: the one socket of its that Linux lists as such.
fn listening_port(process: u32) -> u16 {
    const LISTEN: &str = "0A";
    let descriptors = std::fs::read_dir(format!("/proc/{process}/fd")).expect("it runs");
    let links = descriptors.flatten().filter_map(|it| std::fs::read_link(it.path()).ok());
    let sockets: Vec<String> = links.map(|it| it.to_string_lossy().into_owned()).collect();
    let table = std::fs::read_to_string(format!("/proc/{process}/net/tcp")).expect("it runs");
    let line = table.lines().find(|line| {
        let fields: Vec<_> = line.split_whitespace().collect();
        fields[3] == LISTEN && sockets.contains(&format!("socket:[{}]", fields[9]))
    });
    let address = line.expect("it listens").split_whitespace().nth(1).expect("an address");
    let port = address.split(':').nth(1).expect("a port");
    u16::from_str_radix(port, 16).expect("four digits")
}

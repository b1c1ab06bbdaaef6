//! What a call says when its server resets, closes, falls silent or is slow at any byte of the
//! response (`vectors/network.json`), and that the next call of the same client succeeds.

use std::collections::VecDeque;
use std::io::{self, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use gadget_request::{Client, ClientConfig, Outcome, RequestOptions};
use serde_json::Value;
use socket2::SockRef;

/// The timeout of each call.
const TIMEOUT: Duration = Duration::from_millis(500);

/// So many cases at a time: most of their time they wait.
const THREADS: usize = 16;

/// A server that answers the first requests as it is told, and all others completely.
struct Faulty {
    address: SocketAddr,
    /// How many requests have arrived.
    requests: Arc<AtomicUsize>,
}

/// What to do with a request.
#[derive(Clone)]
struct Fault {
    response: String,
    /// So many bytes of it are sent at once.
    bytes: usize,
    /// What follows: `reset`, `close`, `silence`, or `drip` for the rest byte by byte.
    then: String,
    pause: Duration,
}

impl Faulty {
    fn start(plan: Vec<Option<Fault>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has free ports");
        let address = listener.local_addr().expect("it is bound");
        let requests = Arc::new(AtomicUsize::new(0));
        let (plan, count) = (Arc::new(Mutex::new(VecDeque::from(plan))), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (plan, count) = (Arc::clone(&plan), Arc::clone(&count));
                // The client may leave at any time.
                thread::spawn(move || drop(serve(stream, &plan, &count)));
            }
        });
        Self { address, requests }
    }
}

fn serve(
    mut stream: TcpStream,
    plan: &Mutex<VecDeque<Option<Fault>>>,
    requests: &AtomicUsize,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    while read_request(&mut stream)? {
        requests.fetch_add(1, Ordering::SeqCst);
        let Some(fault) = plan.lock().expect("no panic under it").pop_front().flatten() else {
            stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")?;
            continue;
        };
        let (now, rest) = fault.response.as_bytes().split_at(fault.bytes);
        stream.write_all(now)?;
        match &fault.then[..] {
            "reset" => return SockRef::from(&stream).set_linger(Some(Duration::ZERO)),
            "close" => return Ok(()),
            "silence" => return io::copy(&mut stream, &mut io::sink()).map(drop),
            "drip" => {
                for byte in rest {
                    thread::sleep(fault.pause);
                    stream.write_all(&[*byte])?;
                }
                return Ok(());
            }
            other => panic!("unknown: {other}"),
        }
    }
    Ok(())
}

/// Reads a request without a body. Returns false at the end.
fn read_request(stream: &mut TcpStream) -> io::Result<bool> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        if stream.read(&mut byte)? == 0 {
            return Ok(false);
        }
        head.push(byte[0]);
    }
    Ok(true)
}

fn call(client: &Client, server: &Faulty, method: &str) -> Outcome {
    let options = RequestOptions::new(format!("http://{}/", server.address)).method(method);
    pollster::block_on(client.request(options))
}

fn said(outcome: &Outcome) -> String {
    outcome.result().map_or_else(|error| error.detail().to_string(), |_| "ok".to_owned())
}

/// Returns what is wrong with a case.
fn check(responses: &Value, case: &Value) -> Result<(), String> {
    let text = |name: &str| case[name].as_str().unwrap_or_default().to_owned();
    let fault = Fault {
        response: responses[text("response")].as_str().expect("a text").to_owned(),
        bytes: usize::try_from(case["bytes"].as_u64().expect("a number")).expect("a small one"),
        then: text("then"),
        pause: Duration::from_millis(case["pause_ms"].as_u64().unwrap_or_default()),
    };
    let is_reused = case["reused"] == true;
    let mut plan = vec![Some(fault)];
    if is_reused {
        plan.insert(0, None);
    }
    let server = Faulty::start(plan);
    let config = ClientConfig::from_json(&format!(r#"{{"timeout_ms":{}}}"#, TIMEOUT.as_millis()));
    let client = Client::new(config.expect("valid settings"));
    let method = case["method"].as_str().unwrap_or("GET");
    if is_reused && call(&client, &server, "GET").result().is_err() {
        return Err("the first call failed".to_owned());
    }
    let before = server.requests.load(Ordering::SeqCst);
    let start = Instant::now();
    let outcome = call(&client, &server, method);
    let (said, took) = (said(&outcome), start.elapsed());
    if said != case["expected"] {
        return Err(format!("{said} ({:?})", outcome.cause()));
    }
    if said == "timeout" && took < TIMEOUT {
        return Err(format!("a timeout after {took:?}"));
    }
    let requests = server.requests.load(Ordering::SeqCst) - before;
    if requests as u64 != case["requests"].as_u64().unwrap_or(1) {
        return Err(format!("{requests} requests"));
    }
    match call(&client, &server, "GET").result() {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("the next call failed: {error}")),
    }
}

#[test]
fn a_fault_at_any_byte_has_its_outcome_and_the_next_call_succeeds() {
    let vectors: Value = serde_json::from_str(include_str!("../../vectors/network.json")).unwrap();
    let cases = vectors["cases"].as_array().unwrap();
    assert!(cases.len() >= 120, "{}", cases.len());
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::SeqCst)) {
                    if let Err(error) = check(&vectors["responses"], case) {
                        wrong.lock().unwrap().push(format!("{case}: {error}"));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

//! `gadget-devtools batch`: makes many requests through one client, and prints results as they
//! come.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::sync::mpsc;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::{Client, Outcome, RequestOptions, RequestTask};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::ClientArgs;
use crate::{FAIL, SUCCESS, USAGE, cookies, print};

/// A line of input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    options: Option<&'a RawValue>,
    options_json: Option<String>,
    bytes_base64: Option<String>,
    abort: Option<usize>,
    #[serde(borrow)]
    host: Option<&'a RawValue>,
    counters: Option<bool>,
}

/// A report of the host app to its client.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Signal {
    Offline,
    Online,
    NetworkChanged,
    Background,
    Foreground,
    Shutdown,
}

/// The order that a line gives.
enum Order {
    Request(Box<RequestOptions>),
    Abort(usize),
    Report(Signal),
    /// The settings of another proxy, as JSON.
    SetProxy(String),
    Count,
}

pub(crate) fn run(arguments: &ClientArgs) -> Result<u8, String> {
    let client = Client::new(arguments.config()?);
    // Completions must not block, and the reader of the output may be slow; so another thread
    // prints.
    let (sender, settled) = mpsc::channel::<(usize, Outcome)>();
    let printer = thread::spawn(move || print_all(&settled));
    let read = read_all(&client, &sender);
    // Each completion drops its sender: when the last one is dropped, all requests have settled.
    drop(sender);
    let all_succeeded = printer.join().map_err(|_| "the printing thread panicked")?;
    cookies::keep(&client);
    Ok(match (read?, all_succeeded?) {
        (false, _) => USAGE,
        (true, false) => FAIL,
        (true, true) => SUCCESS,
    })
}

/// Does what the lines of input ask for. Returns true if all lines were valid.
fn read_all(client: &Client, sender: &mpsc::Sender<(usize, Outcome)>) -> Result<bool, String> {
    let mut tasks: HashMap<usize, RequestTask> = HashMap::new();
    let mut understood = true;
    for (line, number) in std::io::stdin().lock().split(b'\n').zip(1..) {
        let line = line.map_err(|error| format!("cannot read standard input: {error}"))?;
        match parse(&line) {
            Ok(Order::Request(options)) => {
                let sender = sender.clone();
                let task = client.start(*options, move |outcome| {
                    // If printing has failed, that is reported elsewhere.
                    let _ = sender.send((number, outcome));
                });
                tasks.insert(number, task);
            }
            Ok(Order::Report(signal)) => report(client, signal),
            Ok(Order::SetProxy(settings)) => {
                if let Err(wrong) = client.set_proxy_json(&settings) {
                    eprintln!("gadget-devtools: line {number}: host: {wrong}");
                    understood = false;
                }
            }
            Ok(Order::Count) => {
                let (in_flight, queued) = (client.in_flight(), client.queued());
                let counters = format!(r#"{{"in_flight":{in_flight},"queued":{queued}}}"#);
                print::line(&format!(r#"{{"line":{number},"counters":{counters}}}"#))?;
            }
            Ok(Order::Abort(number)) => {
                // A line without a request, or whose request has settled, needs no abort.
                if let Some(task) = tasks.get(&number) {
                    task.abort();
                }
            }
            Err(wrong) => {
                eprintln!("gadget-devtools: line {number}: {wrong}");
                understood = false;
            }
        }
    }
    Ok(understood)
}

/// Prints outcomes as they come. Returns true if all were successes.
fn print_all(settled: &mpsc::Receiver<(usize, Outcome)>) -> Result<bool, String> {
    let mut all_succeeded = true;
    for (number, outcome) in settled {
        let is_success = outcome.result().is_ok();
        let name = if is_success { "success" } else { "fail" };
        print::line(&format!(r#"{{"line":{number},"{name}":{}}}"#, print::one_line(&outcome)))?;
        all_succeeded &= is_success;
    }
    Ok(all_succeeded)
}

fn report(client: &Client, signal: Signal) {
    match signal {
        Signal::Offline => client.set_online(false),
        Signal::Online => client.set_online(true),
        Signal::NetworkChanged => client.network_changed(),
        Signal::Background => client.enter_background(),
        Signal::Foreground => client.enter_foreground(),
        Signal::Shutdown => client.shutdown(),
    }
}

fn parse(line: &[u8]) -> Result<Order, String> {
    if !line.trim_ascii_start().starts_with(b"{") {
        return Err("not a JSON object".to_owned()); // serde would also take an array
    }
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let Line { options, options_json, bytes_base64, abort, host, counters } = line;
    let text = options.map(|options| options.get().to_owned());
    let text = match (text, options_json, abort, host, counters) {
        (Some(text), None, None, None, None) | (None, Some(text), None, None, None) => text,
        (None, None, Some(number), None, None) if bytes_base64.is_none() => {
            return Ok(Order::Abort(number));
        }
        (None, None, None, Some(report), None) if bytes_base64.is_none() => {
            return match report.get() {
                settings if settings.starts_with('{') => Ok(Order::SetProxy(settings.to_owned())),
                signal => {
                    let signal = serde_json::from_str(signal);
                    signal.map(Order::Report).map_err(|error| format!("host: {error}"))
                }
            };
        }
        (None, None, None, None, Some(true)) if bytes_base64.is_none() => return Ok(Order::Count),
        _ => {
            let kinds = "options, options_json, abort, host or counters";
            return Err(format!("not one of {kinds}"));
        }
    };
    let bytes = bytes_base64.map(|base64| STANDARD.decode(base64)).transpose();
    let bytes = bytes.map_err(|error| format!("bytes_base64: {error}"))?;
    let options = RequestOptions::from_json(text, bytes.map(Into::into));
    Ok(Order::Request(Box::new(options)))
}

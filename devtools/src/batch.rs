//! `gadget-devtools batch`: makes many requests through one client, and prints results as they
//! come.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::sync::{Arc, OnceLock, mpsc};
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gadget_request::{
    Client, Demand, EventListener, Outcome, RequestOptions, RequestTask, ResponseHead,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::BatchArgs;
use crate::{FAIL, SUCCESS, USAGE, cookies, inspect, print};

/// A line of input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    options: Option<&'a RawValue>,
    options_json: Option<String>,
    bytes_base64: Option<String>,
    events: Option<bool>,
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

/// Whether the events of a request are printed, too.
type WithEvents = bool;

/// What a request has to print.
enum Report {
    Headers(String),
    /// A piece of the body, and the task of its request: it waits until the piece is printed.
    Chunk(Bytes, Own),
    Outcome(Box<Outcome>),
}

/// The sender of a request's reports, with the number of its line.
#[derive(Clone)]
struct Reports(usize, mpsc::Sender<(usize, Report)>);

impl Reports {
    fn send(&self, report: Report) {
        // If printing has failed, that is reported elsewhere.
        let _ = self.1.send((self.0, report));
    }
}

/// The task of a request, for its own listener.
type Own = Arc<OnceLock<RequestTask>>;

/// Prints the events of a request.
struct Events {
    reports: Reports,
    own: Own,
}

impl EventListener for Events {
    fn on_headers(&mut self, head: &ResponseHead) {
        self.reports.send(Report::Headers(head.json()));
    }

    fn on_chunk(&mut self, chunk: Bytes) -> Demand {
        self.reports.send(Report::Chunk(chunk, Arc::clone(&self.own)));
        Demand::Pause
    }
}

/// The order that a line gives.
enum Order {
    Request(Box<RequestOptions>, WithEvents),
    Abort(usize),
    Report(Signal),
    /// The settings of another proxy, as JSON.
    SetProxy(String),
    Count,
}

pub(crate) fn run(arguments: &BatchArgs) -> Result<u8, String> {
    let client = Client::new(arguments.har.with(arguments.client.config()?));
    // Completions must not block, and the reader of the output may be slow; so another thread
    // prints.
    let (sender, reports) = mpsc::channel();
    let printer = thread::spawn(move || print_all(&reports));
    let read = read_all(&client, &sender);
    // Each completion drops its sender: when the last one is dropped, all requests have settled.
    drop(sender);
    let all_succeeded = printer.join().map_err(|_| "the printing thread panicked")?;
    cookies::keep(&client);
    let written = arguments.har.write(&client);
    inspect::leave(client);
    written?;
    Ok(match (read?, all_succeeded?) {
        (false, _) => USAGE,
        (true, false) => FAIL,
        (true, true) => SUCCESS,
    })
}

/// Does what the lines of input ask for. Returns true if all lines were valid.
fn read_all(client: &Client, sender: &mpsc::Sender<(usize, Report)>) -> Result<bool, String> {
    let mut tasks: HashMap<usize, RequestTask> = HashMap::new();
    let mut understood = true;
    for (line, number) in std::io::stdin().lock().split(b'\n').zip(1..) {
        let line = line.map_err(|error| format!("cannot read standard input: {error}"))?;
        match parse(&line) {
            Ok(Order::Request(options, with_events)) => {
                let reports = Reports(number, sender.clone());
                tasks.insert(number, start(client, *options, with_events, reports));
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

fn start(
    client: &Client,
    options: RequestOptions,
    with_events: WithEvents,
    reports: Reports,
) -> RequestTask {
    let listener = Events { reports: reports.clone(), own: Own::default() };
    let completion = move |outcome| reports.send(Report::Outcome(Box::new(outcome)));
    if !with_events {
        return client.start(options, completion);
    }
    let own = Arc::clone(&listener.own);
    let task = client.start_with_events(options, listener, completion);
    own.get_or_init(|| task).clone()
}

/// Prints outcomes and events as they come. Returns true if all outcomes were successes.
fn print_all(reports: &mpsc::Receiver<(usize, Report)>) -> Result<bool, String> {
    let mut all_succeeded = true;
    for (number, report) in reports {
        match report {
            Report::Headers(head) => {
                print::line(&format!(r#"{{"line":{number},"headers":{head}}}"#))?;
            }
            Report::Chunk(bytes, own) => {
                let chunk = STANDARD.encode(bytes);
                print::line(&format!(r#"{{"line":{number},"chunk":"{chunk}"}}"#))?;
                own.wait().resume();
            }
            Report::Outcome(outcome) => {
                let is_success = outcome.result().is_ok();
                let name = if is_success { "success" } else { "fail" };
                let result = print::one_line(&outcome);
                print::line(&format!(r#"{{"line":{number},"{name}":{result}}}"#))?;
                all_succeeded &= is_success;
            }
        }
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
    let Line { options, options_json, bytes_base64, events, abort, host, counters } = line;
    let is_alone = bytes_base64.is_none() && events.is_none();
    let text = options.map(|options| options.get().to_owned());
    let text = match (text, options_json, abort, host, counters) {
        (Some(text), None, None, None, None) | (None, Some(text), None, None, None) => text,
        (None, None, Some(number), None, None) if is_alone => {
            return Ok(Order::Abort(number));
        }
        (None, None, None, Some(report), None) if is_alone => {
            return match report.get() {
                settings if settings.starts_with('{') => Ok(Order::SetProxy(settings.to_owned())),
                signal => {
                    let signal = serde_json::from_str(signal);
                    signal.map(Order::Report).map_err(|error| format!("host: {error}"))
                }
            };
        }
        (None, None, None, None, Some(true)) if is_alone => return Ok(Order::Count),
        _ => {
            let kinds = "options, options_json, abort, host or counters";
            return Err(format!("not one of {kinds}"));
        }
    };
    let bytes = bytes_base64.map(|base64| STANDARD.decode(base64)).transpose();
    let bytes = bytes.map_err(|error| format!("bytes_base64: {error}"))?;
    let options = RequestOptions::from_json(text, bytes.map(Into::into));
    Ok(Order::Request(Box::new(options), events.unwrap_or_default()))
}

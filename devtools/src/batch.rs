//! `gadget-devtools batch`: many requests through one client, answered as they settle.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::{Client, RequestOptions, RequestTask};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::cli::ClientArgs;
use crate::{FAIL, SUCCESS, USAGE, print};

/// A line of input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    #[serde(borrow)]
    options: Option<&'a RawValue>,
    options_json: Option<String>,
    bytes_base64: Option<String>,
    abort: Option<usize>,
}

/// What a line asks for.
enum Order {
    Request(Box<RequestOptions>),
    Abort(usize),
}

pub(crate) fn run(arguments: &ClientArgs) -> Result<u8, String> {
    let client = Client::new(arguments.config()?);
    // A sender in each completion: when the last is gone, all requests have settled.
    let (sender, settled) = mpsc::channel::<()>();
    let batch = Arc::new(Batch::default());
    let mut tasks: HashMap<usize, RequestTask> = HashMap::new();
    for (line, number) in std::io::stdin().lock().split(b'\n').zip(1..) {
        let line = line.map_err(|error| format!("cannot read standard input: {error}"))?;
        match parse(&line) {
            Ok(Order::Request(options)) => {
                let (batch, sender) = (Arc::clone(&batch), sender.clone());
                let task = client.start(*options, move |outcome| {
                    batch.settle(number, &outcome);
                    drop(sender);
                });
                tasks.insert(number, task);
            }
            Ok(Order::Abort(number)) => {
                // A line without a request, or a request that has settled, needs no abort.
                if let Some(task) = tasks.get(&number) {
                    task.abort();
                }
            }
            Err(wrong) => {
                eprintln!("gadget-devtools: line {number}: {wrong}");
                batch.malformed.store(true, Ordering::Relaxed);
            }
        }
    }
    drop(sender);
    let _ = settled.recv();
    Ok(batch.exit_code())
}

/// What was seen so far.
#[derive(Default)]
struct Batch {
    failed: AtomicBool,
    malformed: AtomicBool,
    /// Held while a line is printed, so that lines do not mix.
    output: Mutex<()>,
}

impl Batch {
    fn settle(&self, number: usize, outcome: &gadget_request::Outcome) {
        let name = if outcome.result().is_ok() { "success" } else { "fail" };
        let text = format!(r#"{{"line":{number},"{name}":{}}}"#, print::one_line(outcome));
        let _output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        let printed = print::line(&text);
        if outcome.result().is_err() || printed.is_err() {
            self.failed.store(true, Ordering::Relaxed);
        }
    }

    fn exit_code(&self) -> u8 {
        if self.malformed.load(Ordering::Relaxed) {
            USAGE
        } else if self.failed.load(Ordering::Relaxed) {
            FAIL
        } else {
            SUCCESS
        }
    }
}

fn parse(line: &[u8]) -> Result<Order, String> {
    let line: Line<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let text = match line {
        Line { options: None, options_json: None, bytes_base64: None, abort: Some(number) } => {
            return Ok(Order::Abort(number));
        }
        Line { options: Some(options), options_json: None, abort: None, .. } => {
            options.get().to_owned()
        }
        Line { options: None, options_json: Some(text), abort: None, .. } => text,
        _ => return Err("neither options, options_json nor abort, or several of them".to_owned()),
    };
    let bytes = line.bytes_base64.map(|base64| STANDARD.decode(base64)).transpose();
    let bytes = bytes.map_err(|error| format!("bytes_base64: {error}"))?;
    let options = RequestOptions::from_json(text, bytes.map(Into::into));
    Ok(Order::Request(Box::new(options)))
}

//! `gadget-devtools request`: makes one request and prints its result.

use std::io::Read as _;
use std::path::Path;

use gadget_request::{Client, RequestOptions};

use crate::cli::{RequestArgs, read};
use crate::{FAIL, SUCCESS, USAGE, cookies, inspect, print};

const EXAMPLE: &str = r#"gadget-devtools request needs OPTIONS. For example:

  gadget-devtools request '{"url":"http://open.feishu.cn","data":{"noncestr":123}}'

OPTIONS may also be @FILE, or - for standard input. More: gadget-devtools request --help
"#;

pub(crate) fn run(arguments: &RequestArgs) -> Result<u8, String> {
    let Some(options) = &arguments.options else {
        eprint!("{EXAMPLE}");
        return Ok(USAGE);
    };
    let config = arguments.har.with(arguments.client.config()?);
    let bytes = arguments.bytes.as_deref().map(read).transpose()?;
    let options = RequestOptions::from_json(options_text(options)?, bytes.map(Into::into));
    let (sender, outcomes) = std::sync::mpsc::channel();
    let client = Client::new(config);
    client.start(options, move |outcome| {
        let _ = sender.send(outcome);
    });
    let outcome = outcomes.recv().map_err(|_| "the engine lost the request")?;
    let line = print::one_line(&outcome);
    print::line(&if arguments.pretty { print::pretty(&line) } else { line })?;
    cookies::keep(&client);
    let written = arguments.har.write(&client);
    inspect::leave(client);
    written?;
    Ok(if outcome.result().is_ok() { SUCCESS } else { FAIL })
}

fn options_text(argument: &str) -> Result<Vec<u8>, String> {
    if argument == "-" {
        let mut text = Vec::new();
        let read = std::io::stdin().read_to_end(&mut text);
        return read.map(|_| text).map_err(|error| format!("cannot read standard input: {error}"));
    }
    // The engine checks that it is UTF-8; if not, the result is a 104.
    argument
        .strip_prefix('@')
        .map_or_else(|| Ok(argument.as_bytes().to_vec()), |path| read(Path::new(path)))
}

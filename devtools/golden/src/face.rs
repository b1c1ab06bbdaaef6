//! A face of the engine: something that takes options and bytes and gives back the result.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use gadget_request::{Client, ClientConfig, RequestOptions};

/// What a face gave back.
pub(crate) struct Answer {
    pub(crate) json: String,
    pub(crate) array_buffer: Option<Vec<u8>>,
}

pub(crate) struct Face {
    name: String,
    way: Way,
}

enum Way {
    Rust(Client),
    Command { child: Child, input: ChildStdin, output: BufReader<ChildStdout> },
}

impl Face {
    /// The engine itself, within this process.
    pub(crate) fn rust(config: &str) -> Result<Self, String> {
        let config = ClientConfig::from_json(config).map_err(|error| error.to_string())?;
        Ok(Self { name: "rust".to_owned(), way: Way::Rust(Client::new(config)) })
    }

    /// A program; it finds its configuration in GADGET_CONFIG.
    pub(crate) fn command(name: &str, command: &str, config: &str) -> Result<Self, String> {
        let mut child = Command::new("bash")
            .args(["-c", command])
            .env("GADGET_CONFIG", config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        let (input, output) = (child.stdin.take(), child.stdout.take());
        let (Some(input), Some(output)) = (input, output) else {
            return Err("no pipes".to_owned());
        };
        let way = Way::Command { child, input, output: BufReader::new(output) };
        Ok(Self { name: name.to_owned(), way })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Whether options go through JSON.parse on their way, and results through JSON.stringify.
    pub(crate) fn parses_options(&self) -> bool {
        self.name == "javascript"
    }

    pub(crate) fn invoke(&mut self, options: &str, bytes: Option<&[u8]>) -> Result<Answer, String> {
        match &mut self.way {
            Way::Rust(client) => {
                let bytes = bytes.map(|bytes| bytes.to_vec().into());
                let options = RequestOptions::from_json(options.to_owned(), bytes);
                let outcome = pollster::block_on(client.request(options));
                let array_buffer = outcome.array_buffer().map(|bytes| bytes.to_vec());
                Ok(Answer { json: outcome.json().to_owned(), array_buffer })
            }
            Way::Command { input, output, .. } => exchange(input, output, options, bytes)
                .map_err(|error| format!("the face is gone: {error}")),
        }
    }
}

fn exchange(
    input: &mut ChildStdin,
    output: &mut BufReader<ChildStdout>,
    options: &str,
    bytes: Option<&[u8]>,
) -> std::io::Result<Answer> {
    let bytes_length = bytes.map_or(-1, |bytes| bytes.len() as i64);
    writeln!(input, "{} {bytes_length}", options.len())?;
    input.write_all(options.as_bytes())?;
    input.write_all(bytes.unwrap_or_default())?;
    input.flush()?;

    let mut lengths = String::new();
    output.read_line(&mut lengths)?;
    let invalid = || std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{lengths:?}"));
    let (json, buffer) = lengths.trim_end().split_once(' ').ok_or_else(invalid)?;
    let mut json = vec![0; json.parse().map_err(|_| invalid())?];
    output.read_exact(&mut json)?;
    let buffer: i64 = buffer.parse().map_err(|_| invalid())?;
    let mut array_buffer = usize::try_from(buffer).ok().map(|length| vec![0; length]);
    if let Some(buffer) = &mut array_buffer {
        output.read_exact(buffer)?;
    }
    let json = String::from_utf8(json).map_err(|_| invalid())?;
    Ok(Answer { json, array_buffer })
}

impl Drop for Way {
    fn drop(&mut self) {
        if let Way::Command { child, .. } = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

//! A face of the engine: takes commands and reports how requests ended.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command as Program, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use gadget_request::{
    Client, ClientConfig, Demand, EventListener, RequestOptions, RequestTask, ResponseHead,
};

/// How long a face may take for anything. Nothing here takes so long.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A command for a face. As text it is a part of the protocol of bindings/c/tests/golden.c.
pub(crate) enum Command<'a> {
    /// Makes a client with this configuration, in place of the previous one.
    Client(&'a str),
    /// Starts a request under a name.
    Request(&'a str, &'a str, Option<&'a [u8]>),
    /// The same, and reports the events of its response.
    Listen(&'a str, &'a str, Option<&'a [u8]>),
    Abort(&'a str),
    Online(bool),
    NetworkChanged,
    /// Takes another proxy: the settings `proxy` and `proxy_bypass`.
    Proxy(&'a str),
    Background,
    Foreground,
    Shutdown,
    Counters,
    /// Asks for the client's cookies, as the host app sees them.
    Cookies,
}

/// A report of a face.
pub(crate) enum Event {
    /// The result of the request with that name.
    Result(String, Answer),
    /// The head, as JSON, of the response to the request with that name.
    Headers(String, String),
    /// A piece of its body.
    Chunk(String, Bytes),
    /// Requests in flight and queued.
    Counters(usize, usize),
    /// The client's cookies as JSON.
    Cookies(String),
}

/// A face's result of a request.
pub(crate) struct Answer {
    pub(crate) json: String,
    pub(crate) array_buffer: Option<Vec<u8>>,
}

pub(crate) struct Face {
    name: String,
    way: Way,
    events: mpsc::Receiver<Result<Event, String>>,
}

enum Way {
    Rust(Box<Rust>),
    Program(Child, ChildStdin),
}

/// The engine itself, within this process.
struct Rust {
    client: Client,
    tasks: Vec<(String, RequestTask)>,
    events: Sender,
}

type Sender = mpsc::Sender<Result<Event, String>>;

/// Reports the events of a request under its name.
struct Listener(String, Sender);

impl EventListener for Listener {
    fn on_headers(&mut self, head: &ResponseHead) {
        // The judge may have given up.
        let _ = self.1.send(Ok(Event::Headers(self.0.clone(), head.json())));
    }

    fn on_chunk(&mut self, chunk: Bytes) -> Demand {
        let _ = self.1.send(Ok(Event::Chunk(self.0.clone(), chunk)));
        Demand::More
    }
}

impl Face {
    /// Makes the face of the engine itself.
    pub(crate) fn rust() -> Self {
        let (sender, events) = mpsc::channel();
        let rust = Rust { client: Client::default(), tasks: Vec::new(), events: sender };
        Self { name: "rust".to_owned(), way: Way::Rust(Box::new(rust)), events }
    }

    /// Starts a program that speaks the protocol.
    pub(crate) fn program(name: &str, command: &str) -> Result<Self, String> {
        let mut child = Program::new("bash")
            .args(["-c", command])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{name}: {error}"))?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("no pipes".to_owned());
        };
        let (sender, events) = mpsc::channel();
        thread::spawn(move || report_all(BufReader::new(output), &sender));
        Ok(Self { name: name.to_owned(), way: Way::Program(child, input), events })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Returns true if options pass through JSON.parse, and results through JSON.stringify.
    pub(crate) fn parses_options(&self) -> bool {
        matches!(self.name.as_str(), "javascript" | "arkts" | "page")
    }

    pub(crate) fn send(&mut self, command: &Command<'_>) -> Result<(), String> {
        match &mut self.way {
            Way::Rust(rust) => rust.run(command),
            Way::Program(_, input) => {
                write(input, command).map_err(|error| format!("the face has ended: {error}"))
            }
        }
    }

    /// Makes a request and waits for its result. Other reports are left over from a failed case,
    /// and are skipped.
    pub(crate) fn request(
        &mut self,
        options: &str,
        bytes: Option<&[u8]>,
    ) -> Result<Answer, String> {
        let name = new_name();
        self.send(&Command::Request(&name, options, bytes))?;
        loop {
            if let Event::Result(of, answer) = self.next()?
                && of == name
            {
                return Ok(answer);
            }
        }
    }

    /// Starts a request whose events are reported, and returns its name.
    pub(crate) fn listen(&mut self, options: &str, bytes: Option<&[u8]>) -> Result<String, String> {
        let name = new_name();
        self.send(&Command::Listen(&name, options, bytes))?;
        Ok(name)
    }

    /// Waits for the next report of the face.
    pub(crate) fn next(&self) -> Result<Event, String> {
        self.events.recv_timeout(PATIENCE).map_err(|error| match error {
            mpsc::RecvTimeoutError::Timeout => "the face does not answer".to_owned(),
            mpsc::RecvTimeoutError::Disconnected => "the face has ended".to_owned(),
        })?
    }
}

fn new_name() -> String {
    static REQUESTS: AtomicU32 = AtomicU32::new(0);
    format!("request{}", REQUESTS.fetch_add(1, Ordering::Relaxed))
}

impl Rust {
    fn start(&mut self, name: &str, options: &str, bytes: Option<&[u8]>, hears: bool) {
        let bytes = bytes.map(|bytes| bytes.to_vec().into());
        let options = RequestOptions::from_json(options.to_owned(), bytes);
        let (result_of, events) = (name.to_owned(), self.events.clone());
        let completion = move |outcome: gadget_request::Outcome| {
            let array_buffer = outcome.array_buffer().map(|bytes| bytes.to_vec());
            let answer = Answer { json: outcome.json().to_owned(), array_buffer };
            // The judge may have given up.
            let _ = events.send(Ok(Event::Result(result_of, answer)));
        };
        let task = if hears {
            let listener = Listener(name.to_owned(), self.events.clone());
            self.client.start_with_events(options, listener, completion)
        } else {
            self.client.start(options, completion)
        };
        self.tasks.push((name.to_owned(), task));
    }

    fn run(&mut self, command: &Command<'_>) -> Result<(), String> {
        match *command {
            Command::Client(config) => {
                let config = ClientConfig::from_json(config).map_err(|error| error.to_string())?;
                self.client = Client::new(config);
                self.tasks.clear();
            }
            Command::Request(name, options, bytes) => self.start(name, options, bytes, false),
            Command::Listen(name, options, bytes) => self.start(name, options, bytes, true),
            Command::Abort(name) => {
                for (_, task) in self.tasks.iter().filter(|(known, _)| known == name) {
                    task.abort();
                }
            }
            Command::Online(online) => self.client.set_online(online),
            Command::NetworkChanged => self.client.network_changed(),
            Command::Proxy(settings) => {
                self.client.set_proxy_json(settings).map_err(|error| error.to_string())?;
            }
            Command::Background => self.client.enter_background(),
            Command::Foreground => self.client.enter_foreground(),
            Command::Shutdown => self.client.shutdown(),
            Command::Counters => {
                let counters = Event::Counters(self.client.in_flight(), self.client.queued());
                let _ = self.events.send(Ok(counters));
            }
            Command::Cookies => {
                let _ = self.events.send(Ok(Event::Cookies(self.client.cookies().export_json())));
            }
        }
        Ok(())
    }
}

fn write(input: &mut ChildStdin, command: &Command<'_>) -> std::io::Result<()> {
    match *command {
        Command::Client(config) => write!(input, "client {}\n{config}", config.len())?,
        Command::Request(name, options, bytes) => start(input, "request", name, options, bytes)?,
        Command::Listen(name, options, bytes) => start(input, "listen", name, options, bytes)?,
        Command::Abort(name) => writeln!(input, "abort {name}")?,
        Command::Online(online) => writeln!(input, "online {}", u8::from(online))?,
        Command::NetworkChanged => writeln!(input, "network_changed")?,
        Command::Proxy(settings) => write!(input, "proxy {}\n{settings}", settings.len())?,
        Command::Background => writeln!(input, "background")?,
        Command::Foreground => writeln!(input, "foreground")?,
        Command::Shutdown => writeln!(input, "shutdown")?,
        Command::Counters => writeln!(input, "counters")?,
        Command::Cookies => writeln!(input, "cookies")?,
    }
    input.flush()
}

fn start(
    input: &mut ChildStdin,
    command: &str,
    name: &str,
    options: &str,
    bytes: Option<&[u8]>,
) -> std::io::Result<()> {
    let bytes_length = bytes.map_or(-1, |bytes| bytes.len() as i64);
    write!(input, "{command} {name} {} {bytes_length}\n{options}", options.len())?;
    input.write_all(bytes.unwrap_or_default())
}

fn report_all(mut output: BufReader<ChildStdout>, events: &Sender) {
    loop {
        let event = read(&mut output);
        let is_last = event.is_err();
        if events.send(event.map_err(|error| format!("the face has ended: {error}"))).is_err()
            || is_last
        {
            return;
        }
    }
}

fn read(output: &mut BufReader<ChildStdout>) -> std::io::Result<Event> {
    let mut line = String::new();
    output.read_line(&mut line)?;
    let invalid = || std::io::Error::new(std::io::ErrorKind::InvalidData, format!("{line:?}"));
    let number = |text: &str| text.parse::<i64>().map_err(|_| invalid());
    let length = |text: &str| usize::try_from(number(text)?).map_err(|_| invalid());
    match *line.trim_end().split(' ').collect::<Vec<_>>() {
        ["counters", in_flight, queued] => Ok(Event::Counters(length(in_flight)?, length(queued)?)),
        ["cookies", json] => Ok(Event::Cookies(text(length(json)?, output)?)),
        ["headers", name, json] => {
            Ok(Event::Headers(name.to_owned(), text(length(json)?, output)?))
        }
        ["chunk", name, size] => {
            let mut bytes = vec![0; length(size)?];
            output.read_exact(&mut bytes)?;
            Ok(Event::Chunk(name.to_owned(), bytes.into()))
        }
        ["result", name, json, buffer] => {
            let json = text(length(json)?, output)?;
            let mut array_buffer = usize::try_from(number(buffer)?).ok().map(|it| vec![0; it]);
            if let Some(buffer) = &mut array_buffer {
                output.read_exact(buffer)?;
            }
            Ok(Event::Result(name.to_owned(), Answer { json, array_buffer }))
        }
        _ => Err(invalid()),
    }
}

fn text(length: usize, output: &mut impl std::io::Read) -> std::io::Result<String> {
    let mut text = vec![0; length];
    output.read_exact(&mut text)?;
    let not_utf8 = |_| std::io::Error::new(std::io::ErrorKind::InvalidData, "not UTF-8");
    String::from_utf8(text).map_err(not_utf8)
}

impl Drop for Way {
    fn drop(&mut self) {
        if let Way::Program(child, _) = self {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

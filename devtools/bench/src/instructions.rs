//! The instructions of one request, which other work on the machine does not change.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use serde::{Deserialize, Serialize};

use crate::case::SMALL_BYTES;
use crate::peers;
use crate::process::Process;

/// The instructions of so many more requests, divided by their number: without the start.
const REQUESTS: usize = 1000;

/// How much more than its budget a request may take: 3 %.
const TOLERANCE: f64 = 0.03;

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Where the profiles go, for callgrind_annotate.
    folder: PathBuf,
    /// The file of the budget.
    budget: PathBuf,
    /// A peer that is a program of its own: NAME=PROGRAM.
    #[arg(long)]
    peer: Vec<String>,
    /// Writes the figures into the budget.
    #[arg(long)]
    update: bool,
}

/// The committed file.
#[derive(Deserialize, Serialize)]
struct Budget {
    /// The compiler and machine of the figures.
    compiler: String,
    /// The instructions of one request, by peer.
    instructions: BTreeMap<String, u64>,
}

/// Counts all peers, prints the figures, and fails if one is over its budget.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    fs::create_dir_all(&arguments.folder)?;
    let server = Server::start()?;
    let this = std::env::current_exe()?;
    let mut commands: Vec<(String, Vec<OsString>)> = [peers::Name::Reqwest, peers::Name::Engine]
        .map(|name| {
            (name.text().to_owned(), vec![this.clone().into(), "peer".into(), name.text().into()])
        })
        .into();
    for other in &arguments.peer {
        let (name, program) = other.split_once('=').ok_or("a peer is NAME=PROGRAM")?;
        commands.push((name.to_owned(), vec![program.into()]));
    }
    let compiler = compiler()?;
    let mut measured = BTreeMap::new();
    for (name, command) in &commands {
        let count = |requests| count(&arguments.folder, name, command, &server, requests);
        let more = count(2 * REQUESTS)? - count(REQUESTS)?;
        measured.insert(name.clone(), more / REQUESTS as u64);
    }
    if arguments.update {
        let budget = Budget { compiler, instructions: measured };
        fs::write(&arguments.budget, serde_json::to_string_pretty(&budget)? + "\n")?;
        return Ok(());
    }
    let budget: Budget = serde_json::from_str(&fs::read_to_string(&arguments.budget)?)?;
    compare(&budget, &measured, &compiler)
}

/// Prints the figures beside the budget. With another compiler or machine than the budget's, the
/// budget is as many times the yardstick's instructions as it was.
fn compare(
    budget: &Budget,
    measured: &BTreeMap<String, u64>,
    compiler: &str,
) -> Result<(), Box<dyn Error>> {
    let yardstick = peers::Name::Reqwest.text();
    let scale = match budget.compiler == compiler {
        true => 1.0,
        false => measured[yardstick] as f64 / budget.of(yardstick)?,
    };
    let mut over = Vec::new();
    println!("| instructions of one request | measured | budget | ratio | beside {yardstick} |");
    println!("|---|---|---|---|---|");
    for (name, &instructions) in measured {
        let (instructions, allowed) = (instructions as f64, scale * budget.of(name)?);
        let (ratio, beside) = (instructions / allowed, instructions / measured[yardstick] as f64);
        println!("| {name} | {instructions} | {allowed:.0} | {ratio:.3} | {beside:.2} |");
        if ratio > 1.0 + TOLERANCE {
            over.push(name.as_str());
        }
    }
    if over.is_empty() {
        return Ok(());
    }
    let over = over.join(", ");
    Err(format!("over the budget: {over} (scripts/bench --instructions --update sets it)").into())
}

impl Budget {
    fn of(&self, name: &str) -> Result<f64, String> {
        let instructions = self.instructions.get(name);
        instructions.map(|&it| it as f64).ok_or_else(|| format!("the budget has no {name}"))
    }
}

/// The instructions of a process that makes this many requests.
fn count(
    folder: &Path,
    name: &str,
    command: &[OsString],
    server: &Server,
    requests: usize,
) -> Result<u64, Box<dyn Error>> {
    let profile = folder.join(format!("callgrind.{name}.{requests}"));
    let mut all: Vec<OsString> = ["valgrind", "--quiet", "--tool=callgrind"].map(Into::into).into();
    all.push(format!("--callgrind-out-file={}", profile.display()).into());
    all.extend_from_slice(command);
    let length = SMALL_BYTES.to_string();
    all.extend(["text", server.url.as_str(), length.as_str(), "1"].map(OsString::from));
    let mut process = Process::start(&all, Path::new(""))?;
    process.round(requests)?;
    process.end()?;
    let text = fs::read_to_string(&profile)?;
    let total = text.lines().find_map(|line| line.strip_prefix("summary: "));
    Ok(total.ok_or("callgrind wrote no summary")?.trim().parse()?)
}

/// A server whose responses are all the same. It runs in the judge, so nothing counts it.
struct Server {
    url: String,
}

impl Server {
    fn start() -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let url = format!("http://{}/small", listener.local_addr()?);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || answer(stream));
            }
        });
        Ok(Self { url })
    }
}

/// Answers each request with what nginx would. It comes in one piece, as the requests do.
fn answer(mut stream: TcpStream) -> io::Result<()> {
    let response = format!(
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Thu, 26 Nov 2026 12:00:00 GMT\r\n\
         Content-Type: application/json\r\nContent-Length: {SMALL_BYTES}\r\n\
         Last-Modified: Thu, 26 Nov 2026 11:00:00 GMT\r\nConnection: keep-alive\r\n\
         ETag: \"65638c20-250\"\r\nAccept-Ranges: bytes\r\n\r\n\
         {{\"data\":\"{}\",\"n\":1}}",
        "0".repeat(SMALL_BYTES - 17)
    );
    let mut request = [0; 4096];
    loop {
        let mut length = 0;
        while !request[..length].ends_with(b"\r\n\r\n") {
            match stream.read(&mut request[length..])? {
                0 => return Ok(()),
                count => length += count,
            }
        }
        stream.write_all(response.as_bytes())?;
    }
}

/// The compiler and the machine: with others the figures are others.
fn compiler() -> io::Result<String> {
    let output = Command::new("rustc").arg("--version").output()?;
    let version = String::from_utf8_lossy(&output.stdout);
    Ok(format!("{}, {}", version.trim(), std::env::consts::ARCH))
}

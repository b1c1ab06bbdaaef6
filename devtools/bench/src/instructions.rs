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

/// How often a process is counted; up to three times as often while it is over its budget. How its
/// threads meet adds instructions by chance, and the smallest count has the fewest of them.
const ROUNDS: usize = 5;

/// How much more than its budget a request may take: 3 %.
const TOLERANCE: f64 = 0.03;

/// The client whose instructions say what another compiler or machine changes.
const YARDSTICK: &str = "reqwest";

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
    let commands = commands(&arguments.peer)?;
    let measure = |name: &str, limit| {
        least(limit, |requests| count(&arguments.folder, name, &commands[name], &server, requests))
    };
    let compiler = compiler()?;
    let mut measured = BTreeMap::new();
    if arguments.update {
        for name in commands.keys() {
            measured.insert(name.clone(), measure(name, u64::MAX)?);
        }
        let budget = Budget { compiler, instructions: measured };
        fs::write(&arguments.budget, serde_json::to_string_pretty(&budget)? + "\n")?;
        return Ok(());
    }
    let budget: Budget = serde_json::from_str(&fs::read_to_string(&arguments.budget)?)?;
    measured.insert(YARDSTICK.to_owned(), measure(YARDSTICK, u64::MAX)?);
    let limit = (1.0 + TOLERANCE) * budget.scale(&compiler, &measured)?;
    for name in commands.keys().filter(|it| *it != YARDSTICK) {
        let limit = (limit * budget.of(name)?) as u64;
        measured.insert(name.clone(), measure(name, limit)?);
    }
    judge(&budget, &measured, &compiler)
}

/// The instructions of one request. `count` has those of a process that makes so many requests.
fn least<E>(limit: u64, mut count: impl FnMut(usize) -> Result<u64, E>) -> Result<u64, E> {
    let [mut once, mut twice, mut one] = [u64::MAX; 3];
    for round in 0..3 * ROUNDS {
        if round >= ROUNDS && one <= limit {
            break;
        }
        once = once.min(count(REQUESTS)?);
        twice = twice.min(count(2 * REQUESTS)?);
        one = twice.saturating_sub(once) / REQUESTS as u64;
    }
    Ok(one)
}

/// Prints the figures, and fails if one is over its budget.
fn judge(
    budget: &Budget,
    measured: &BTreeMap<String, u64>,
    compiler: &str,
) -> Result<(), Box<dyn Error>> {
    let scale = budget.scale(compiler, measured)?;
    let mut over = Vec::new();
    println!("| instructions of one request | measured | budget | ratio | beside {YARDSTICK} |");
    println!("|---|---|---|---|---|");
    for (name, &instructions) in measured {
        let (instructions, allowed) = (instructions as f64, scale * budget.of(name)?);
        let (ratio, beside) = (instructions / allowed, instructions / measured[YARDSTICK] as f64);
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

/// The peers by their names: two in this program, and the ones in `others`: `NAME=PROGRAM`.
fn commands(others: &[String]) -> Result<BTreeMap<String, Vec<OsString>>, Box<dyn Error>> {
    let this = std::env::current_exe()?;
    let mut commands = BTreeMap::new();
    for name in [YARDSTICK, peers::Name::Engine.text()] {
        commands.insert(name.to_owned(), vec![this.clone().into(), "peer".into(), name.into()]);
    }
    for other in others {
        let (name, program) = other.split_once('=').ok_or("a peer is NAME=PROGRAM")?;
        commands.insert(name.to_owned(), vec![program.into()]);
    }
    Ok(commands)
}

impl Budget {
    /// How many times its figures are allowed. With another compiler or machine, they change as
    /// the yardstick's do.
    fn scale(&self, compiler: &str, measured: &BTreeMap<String, u64>) -> Result<f64, String> {
        match self.compiler == compiler {
            true => Ok(1.0),
            false => Ok(measured[YARDSTICK] as f64 / self.of(YARDSTICK)?),
        }
    }

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
    let mut process = Process::start(&all, None)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn with_another_compiler_the_budget_changes_as_the_yardstick_does() {
        let of = |reqwest| BTreeMap::from([(YARDSTICK.to_owned(), reqwest)]);
        let budget = Budget { compiler: "rustc 1, x86_64".to_owned(), instructions: of(1000) };
        assert_eq!(budget.scale("rustc 1, x86_64", &of(1500)), Ok(1.0));
        assert_eq!(budget.scale("rustc 2, x86_64", &of(1500)), Ok(1.5));
        assert!(budget.of("engine").is_err());
    }

    #[test]
    fn the_smallest_counts_make_the_figure_and_more_are_made_while_it_is_over_its_limit() {
        let n = REQUESTS as u64;
        let counted = |limit, noise: fn(u64) -> u64| {
            let mut counts = 0;
            let one = least(limit, |requests| {
                counts += 1;
                Ok::<_, ()>(7_000_000 + 50 * requests as u64 + noise(counts) * n)
            });
            (one, counts)
        };
        assert_eq!(counted(50, |_| 0), (Ok(50), 10));
        assert_eq!(counted(50, |count| count % 7), (Ok(50), 14));
        assert_eq!(counted(49, |_| 0), (Ok(50), 30));
    }

    #[test]
    fn a_request_over_its_budget_by_more_than_3_percent_fails() {
        let of = |engine| BTreeMap::from([(YARDSTICK.to_owned(), 900), ("e".to_owned(), engine)]);
        let budget = Budget { compiler: "rustc 1".to_owned(), instructions: of(1000) };
        assert!(judge(&budget, &of(1030), "rustc 1").is_ok());
        let error = judge(&budget, &of(1031), "rustc 1").expect_err("too much");
        assert!(error.to_string().starts_with("over the budget: e "), "{error}");
    }
}

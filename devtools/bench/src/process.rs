//! A peer's process, seen from the judge.

use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// A running peer. It ends when this is dropped.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// What a round cost, as the peer says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) seconds: f64,
    /// Microseconds of CPU.
    pub(crate) cpu: f64,
    /// Microseconds of CPU since the process started.
    pub(crate) total_cpu: f64,
    pub(crate) peak_kib: f64,
    pub(crate) allocations: Option<f64>,
}

impl Process {
    /// Starts a peer that trusts the certificates in the file `roots`, in place of the system's.
    pub(crate) fn start(command: &[OsString], roots: Option<&Path>) -> io::Result<Self> {
        let (program, arguments) = command.split_first().expect("a command has a program");
        let mut child = Command::new(program)
            .args(arguments)
            .envs(roots.map(|file| ("SSL_CERT_FILE", file)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| io::Error::other(format!("{}: {error}", program.display())))?;
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("it is piped"));
        Ok(Self { child, input, output })
    }

    /// Lets the peer make this many requests.
    pub(crate) fn round(&mut self, requests: usize) -> io::Result<Round> {
        let input = self.input.as_mut().expect("it is taken at the end only");
        writeln!(input, "{requests}")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Round::parse(&line).ok_or_else(|| io::Error::other(format!("a peer answers {line:?}")))
    }

    /// Waits until the process has ended by itself.
    pub(crate) fn end(mut self) -> io::Result<()> {
        drop(self.input.take());
        match self.child.wait()?.success() {
            true => Ok(()),
            false => Err(io::Error::other("a peer has failed")),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Round {
    fn parse(line: &str) -> Option<Self> {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [seconds, cpu, total_cpu, peak_kib, allocations] = fields[..] else { return None };
        Some(Self {
            seconds: seconds.parse().ok()?,
            cpu: cpu.parse().ok()?,
            total_cpu: total_cpu.parse().ok()?,
            peak_kib: peak_kib.parse().ok()?,
            allocations: allocations.parse().ok(),
        })
    }
}

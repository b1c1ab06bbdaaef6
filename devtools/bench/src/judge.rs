//! The judge: gives all peers the rounds of each case by turns.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use crate::case::Case;
use crate::nginx::Nginx;
use crate::peer::Want;
use crate::peers;
use crate::process::{Process, Round};

/// A client as the tables have it.
pub(crate) struct Contender {
    pub(crate) name: String,
    command: Vec<OsString>,
    /// The same, and it counts its allocations.
    counted: Option<Vec<OsString>>,
}

/// What one peer's rounds of a case cost, each of them for one request.
#[derive(Clone, Debug, Default)]
pub(crate) struct Costs {
    /// Microseconds, of a first request the time from the start of its process.
    pub(crate) micros: Vec<f64>,
    /// Microseconds of CPU, of a first request all of its process.
    pub(crate) cpu: Vec<f64>,
    /// The most memory that its process had, in MiB.
    pub(crate) peak_mib: f64,
    pub(crate) allocations: Option<f64>,
}

/// A case, and the costs of each contender in their order; `None` if it cannot do it.
pub(crate) struct Row {
    pub(crate) case: Case,
    pub(crate) costs: Vec<Option<Costs>>,
}

/// The clients in Rust from this program, and the ones in `others`: `NAME=PROGRAM`.
pub(crate) fn contenders(others: &[String]) -> io::Result<Vec<Contender>> {
    let this = std::env::current_exe()?;
    let counted = this.with_file_name("gadget-bench-counted");
    let mut all: Vec<Contender> = peers::Name::ALL
        .map(|name| {
            let command = |program: &PathBuf| {
                vec![program.into(), OsString::from("peer"), name.text().into()]
            };
            let counted = counted.exists().then(|| command(&counted));
            Contender { name: name.text().to_owned(), command: command(&this), counted }
        })
        .into();
    for other in others {
        let (name, program) =
            other.split_once('=').ok_or_else(|| io::Error::other("a peer is NAME=PROGRAM"))?;
        let command = vec![program.into()];
        all.push(Contender { name: name.to_owned(), command, counted: None });
    }
    Ok(all)
}

/// Measures a case.
pub(crate) fn measure(
    case: Case,
    contenders: &[Contender],
    nginx: &Nginx,
    rounds: usize,
) -> io::Result<Row> {
    let (arguments, roots) = (arguments(&case, nginx), nginx.roots());
    let commands: Vec<Option<Vec<OsString>>> = contenders
        .iter()
        .map(|it| {
            let cannot = case.want == Want::Coded && it.name == peers::Name::HyperUtil.text();
            (!cannot).then(|| [&it.command[..], &arguments].concat())
        })
        .collect();
    let mut costs = match case.is_first {
        true => first(&commands, &roots, 3 * rounds)?,
        false => steady(&commands, &roots, case.requests, rounds)?,
    };
    for (contender, costs) in contenders.iter().zip(&mut costs) {
        if let (Some(counted), Some(costs)) = (&contender.counted, costs) {
            let mut process = Process::start(&[&counted[..], &arguments].concat(), Some(&roots))?;
            if !case.is_first {
                process.round(case.requests)?;
            }
            let allocations = process.round(case.requests)?.allocations;
            costs.allocations = allocations.map(|all| all / case.requests as f64);
            process.end()?;
        }
    }
    Ok(Row { case, costs })
}

/// Rounds by turns; each peer keeps its process. The first round warms up.
fn steady(
    commands: &[Option<Vec<OsString>>],
    roots: &Path,
    requests: usize,
    rounds: usize,
) -> io::Result<Vec<Option<Costs>>> {
    let start = |command: &Option<Vec<OsString>>| {
        let process =
            command.as_deref().map(|command| Process::start(command, Some(roots))).transpose()?;
        Ok(process.map(|process| (process, Costs::default())))
    };
    let mut all: Vec<Option<(Process, Costs)>> =
        commands.iter().map(start).collect::<io::Result<_>>()?;
    for number in 0..=rounds {
        let count = all.len();
        for at in 0..count {
            // Whoever is first in one round is last in the next.
            let Some((process, costs)) = &mut all[(at + number) % count] else { continue };
            let round = process.round(requests)?;
            if number > 0 {
                costs.add(
                    round.seconds * 1e6 / requests as f64,
                    round.cpu / requests as f64,
                    round,
                );
            }
        }
    }
    let end = |it: Option<(Process, Costs)>| {
        it.map(|(process, costs)| process.end().map(|()| costs)).transpose()
    };
    all.into_iter().map(end).collect()
}

/// A new process for each round.
fn first(
    commands: &[Option<Vec<OsString>>],
    roots: &Path,
    rounds: usize,
) -> io::Result<Vec<Option<Costs>>> {
    let mut all: Vec<Option<Costs>> =
        commands.iter().map(|it| it.as_ref().map(|_| Costs::default())).collect();
    for _ in 0..rounds {
        for (command, costs) in commands.iter().zip(&mut all) {
            let (Some(command), Some(costs)) = (command, costs) else { continue };
            let start = Instant::now();
            let mut process = Process::start(command, Some(roots))?;
            let round = process.round(1)?;
            costs.add(start.elapsed().as_secs_f64() * 1e6, round.total_cpu, round);
            process.end()?;
        }
    }
    Ok(all)
}

impl Costs {
    fn add(&mut self, micros: f64, cpu: f64, round: Round) {
        self.micros.push(micros);
        self.cpu.push(cpu);
        self.peak_mib = self.peak_mib.max(round.peak_kib / 1024.0);
    }
}

/// The arguments of a peer: see `peer`.
fn arguments(case: &Case, nginx: &Nginx) -> Vec<OsString> {
    let want = match case.want {
        Want::Text => "text",
        Want::Bytes => "bytes",
        Want::Coded => "coded",
        Want::Post => "post",
    };
    let in_flight = case.in_flight.unwrap_or(0);
    let mut arguments: Vec<OsString> = vec![
        want.into(),
        nginx.url(case.way, case.path).into(),
        case.length.to_string().into(),
        in_flight.to_string().into(),
    ];
    if case.want == Want::Post {
        arguments.push(nginx.body());
    }
    arguments
}

//! The commands: see `scripts/bench`.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::nginx::Nginx;
use crate::peer::{self, Work};
use crate::peers;
use crate::report::Report;
use crate::{case, instructions, judge};

#[derive(Parser)]
#[command(about = "Measures the engine beside other HTTP clients")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Measures all peers by turns, and prints the tables.
    Compare {
        /// Where the tables, the plot and the server's files go.
        folder: PathBuf,
        /// A peer that is a program of its own: NAME=PROGRAM.
        #[arg(long)]
        peer: Vec<String>,
        /// Only the cases whose name contains this.
        #[arg(long, default_value = "")]
        only: String,
        /// How many rounds of each case each peer has.
        #[arg(long, default_value_t = 7)]
        rounds: usize,
    },
    /// Counts the instructions of one request, and compares them with the budget.
    Instructions(instructions::Arguments),
    /// Is one of the peers.
    Peer {
        name: peers::Name,
        #[command(flatten)]
        work: Work,
    },
}

/// Runs the command line. `allocations` counts what the process has allocated, if it can.
pub fn main(allocations: fn() -> Option<usize>) -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Compare { folder, peer, only, rounds } => compare(&folder, &peer, &only, rounds),
        Command::Instructions(arguments) => instructions::run(&arguments),
        Command::Peer { name, work } => {
            peer::serve(&*peers::new(name, work), allocations).map_err(Into::into)
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("gadget-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn compare(
    folder: &Path,
    others: &[String],
    only: &str,
    rounds: usize,
) -> Result<(), Box<dyn Error>> {
    let nginx = Nginx::start(&folder.join("server"))?;
    let contenders = judge::contenders(others)?;
    let mut rows = Vec::new();
    for case in case::all(nginx.coded).into_iter().filter(|case| case.name.contains(only)) {
        eprintln!("{}", case.name);
        rows.push(judge::measure(case, &contenders, &nginx, rounds)?);
    }
    let names = contenders.iter().map(|it| it.name.as_str()).collect();
    let report = Report { names, rows: &rows, server: &nginx.name, rounds };
    let text = report.markdown()?;
    print!("{text}");
    fs::write(folder.join("engine.md"), text)?;
    fs::write(folder.join("engine.tsv"), report.values())?;
    fs::write(folder.join("engine.svg"), report.plot())?;
    Ok(())
}

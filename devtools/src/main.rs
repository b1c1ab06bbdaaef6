//! `gadget-devtools`: the command-line host of `request`.

#![forbid(unsafe_code)]

mod batch;
mod cli;
mod cookies;
mod har;
mod insecure;
mod inspect;
mod log_lines;
mod manual;
mod print;
mod request;
mod serve;

use std::process::ExitCode;

use clap::Parser as _;

use cli::{Cli, Command};

/// The exit code if everything succeeded.
const SUCCESS: u8 = 0;
/// The exit code if a request failed.
const FAIL: u8 = 1;
/// The exit code if the command line or the input is not valid, or a file cannot be read.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    log_lines::install();
    let done = match Cli::parse().command {
        Command::Request(arguments) => request::run(&arguments),
        Command::Batch(arguments) => batch::run(&arguments),
        Command::Cookies(arguments) => cookies::run(&arguments),
        Command::Serve(arguments) => serve::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Completions { shell } => manual::completions(shell),
        Command::Man { folder } => manual::man(&folder),
    };
    match done {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            eprintln!("gadget-devtools: {message}");
            ExitCode::from(USAGE)
        }
    }
}

//! Measures the engine beside other HTTP clients: `scripts/bench engine`, `scripts/bench
//! --instructions`.
//!
//! Each client is a *peer*: a program of its own that makes requests when it is told to, and says
//! what they cost (`peer`). The judge starts them all, and gives them the rounds of each case by
//! turns (`judge`), so that whatever else the machine does meets all of them.

#![forbid(unsafe_code)]

mod case;
mod cli;
mod goals;
mod instructions;
mod judge;
mod nginx;
mod peer;
mod peers;
mod plot;
mod process;
mod report;

pub use cli::main;

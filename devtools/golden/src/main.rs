//! Runs golden vectors through every face, and prints a table of files and faces.

#![forbid(unsafe_code)]

mod face;
mod vectors;

use std::process::ExitCode;

use clap::Parser;
use gadget_test_server::Server;

use face::Face;
use vectors::{Case, Verdict};

/// Runs golden vector files through the faces of the engine against the test server.
#[derive(Parser)]
struct Arguments {
    /// A face beside Rust, NAME=COMMAND: a program that speaks the protocol of bindings/c/tests/golden.c.
    /// The command is given to bash.
    #[arg(long = "face", value_name = "NAME=COMMAND")]
    faces: Vec<String>,
    /// Vector files.
    #[arg(required = true)]
    files: Vec<std::path::PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("golden: {message}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &Arguments) -> Result<bool, String> {
    let server = Server::start().map_err(|error| format!("no server: {error}"))?;
    let config = serde_json::json!({ "roots_pem": server.ca_pem() }).to_string();
    let mut faces = vec![Face::rust(&config)?];
    for face in &arguments.faces {
        let (name, command) = face.split_once('=').ok_or("--face takes NAME=COMMAND")?;
        faces.push(Face::command(name, command, &config)?);
    }
    let names: Vec<&str> = faces.iter().map(Face::name).collect();
    let mut table = vec![format!("{:<24}{}", "", columns(&names))];
    let mut failures = Vec::new();
    for file in &arguments.files {
        let label = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let cases = vectors::read(file)?;
        let mut counts = Vec::new();
        for face in &mut faces {
            let (mut passed, mut skipped) = (0, 0);
            for case in &cases {
                match check(case, face, &server) {
                    Ok(Verdict::Passed) => passed += 1,
                    Ok(Verdict::Skipped) => skipped += 1,
                    Err(why) => {
                        let name = (face.name(), &case.name);
                        failures.push(format!("{label} {} {:?}: {why}", name.0, name.1));
                    }
                }
            }
            let skips = if skipped > 0 { format!(" -{skipped}") } else { String::new() };
            counts.push(format!("{passed}/{}{skips}", cases.len()));
        }
        table.push(format!("{label:<24}{}", columns(&counts)));
    }
    println!("{}", table.join("\n"));
    println!("(passed/cases, and behind a minus what this face cannot say)");
    for failure in &failures {
        println!("FAILED {failure}");
    }
    println!("{} failed", failures.len());
    Ok(failures.is_empty())
}

fn columns(cells: &[impl AsRef<str>]) -> String {
    cells.iter().map(|cell| format!("{:>12}", cell.as_ref())).collect()
}

fn check(case: &Case, face: &mut Face, server: &Server) -> Result<Verdict, String> {
    if case.text_only && face.parses_options() {
        return Ok(Verdict::Skipped);
    }
    let sent_before = server.total();
    let answer = face.invoke(&case.options(server), case.bytes()?.as_deref())?;
    case.judge(&answer, face.parses_options(), server, sent_before)
}

//! Runs golden vectors through every face, and prints a table of files and faces.

#![forbid(unsafe_code)]

mod case;
mod compare;
mod cookies;
mod events;
mod face;
mod profile;
mod redirects;
mod script;
mod vectors;

use std::process::ExitCode;

use clap::Parser;
use gadget_test_server::Server;

use case::{Case, Verdict};
use face::{Command, Face};
use vectors::File;

/// Runs golden vector files through the faces of the engine against the test server.
#[derive(Parser)]
struct Arguments {
    /// Another face besides Rust, NAME=COMMAND. The command is run by bash, and must start a
    /// program that speaks the protocol of bindings/c/tests/golden.c.
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
    let mut faces = vec![Face::rust()];
    for face in &arguments.faces {
        let (name, command) = face.split_once('=').ok_or("--face takes NAME=COMMAND")?;
        faces.push(Face::program(name, command)?);
    }
    let names: Vec<&str> = faces.iter().map(Face::name).collect();
    let mut table = vec![format!("{:<24}{}", "", columns(&names))];
    let mut failures = Vec::new();
    // Its server is in core/tests/network_faults.rs, which alone runs it.
    for path in arguments.files.iter().filter(|path| !path.ends_with("network.json")) {
        let label = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let file = vectors::read(path)?;
        let mut counts = Vec::new();
        for face in &mut faces {
            let verdicts = verdicts(&file, face, &server)?;
            let (mut passed, mut skipped) = (0, 0);
            for (name, verdict) in &verdicts {
                match verdict {
                    Ok(Verdict::Passed) => passed += 1,
                    Ok(Verdict::Skipped) => skipped += 1,
                    Err(why) => failures.push(format!("{label} {} {name:?}: {why}", face.name())),
                }
            }
            let skips = if skipped > 0 { format!(" -{skipped}") } else { String::new() };
            counts.push(format!("{passed}/{}{skips}", verdicts.len()));
        }
        table.push(format!("{label:<24}{}", columns(&counts)));
    }
    println!("{}", table.join("\n"));
    println!("(passed/cases; after a minus: cases that the face cannot express)");
    for failure in &failures {
        println!("FAILED {failure}");
    }
    println!("{} failed", failures.len());
    Ok(failures.is_empty())
}

fn columns(cells: &[impl AsRef<str>]) -> String {
    cells.iter().map(|cell| format!("{:>12}", cell.as_ref())).collect()
}

/// The name and the verdict of each case.
type Verdicts<'a> = Vec<(&'a str, Result<Verdict, String>)>;

/// Runs all cases of a file through a face.
fn verdicts<'a>(file: &'a File, face: &mut Face, server: &Server) -> Result<Verdicts<'a>, String> {
    let config = serde_json::json!({ "platform": "android", "roots_pem": server.ca_pem() });
    face.send(&Command::Client(&config.to_string()))?;
    let mut verdicts = Vec::new();
    for case in &file.cases {
        verdicts.push((case.name.as_str(), check(case, face, server)));
    }
    for script in &file.scripts {
        verdicts.push((&script.name, script.run(face, server).map(|()| Verdict::Passed)));
    }
    for call in &file.redirects {
        verdicts.push((&call.name, call.run(face, server).map(|()| Verdict::Passed)));
    }
    for life in &file.cookies {
        verdicts.push((&life.name, life.run(face, server).map(|()| Verdict::Passed)));
    }
    for heard in &file.events {
        verdicts.push((&heard.case.name, heard.run(face, server)));
    }
    Ok(verdicts)
}

fn check(case: &Case, face: &mut Face, server: &Server) -> Result<Verdict, String> {
    if case.text_only && face.parses_options() {
        return Ok(Verdict::Skipped);
    }
    let sent_before = server.total();
    let options = case.options(server);
    let answer = face.request(&options, case.bytes()?.as_deref())?;
    case.judge(&answer, face.parses_options(), server, sent_before)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    const SECTIONS_OF_COOKIES: [&str; 16] = [
        "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.3", "5.5", "5.6", "5.6.1", "5.6.2", "5.6.3",
        "5.6.4", "5.6.5", "5.6.6", "5.6.7", "5.7", "5.8.3",
    ];

    fn file(name: &str) -> File {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
        vectors::read(&folder.join(name)).unwrap()
    }

    /// Runs a file through the engine itself, and returns its failures.
    fn failures(file: &File) -> Vec<String> {
        let (server, mut face) = (Server::start().unwrap(), Face::rust());
        let verdicts = verdicts(file, &mut face, &server).unwrap();
        let names: BTreeSet<&str> = verdicts.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), verdicts.len(), "two cases have one name");
        let failed = verdicts.into_iter().filter_map(|(name, verdict)| match verdict {
            Ok(Verdict::Passed) => None,
            Ok(Verdict::Skipped) => Some(format!("{name}: skipped")),
            Err(why) => Some(format!("{name}: {why}")),
        });
        failed.collect()
    }

    #[test]
    fn requests_are_as_the_vectors_say() {
        let file = file("conversion.json");
        assert!(file.cases.len() >= 79 && file.cases[0].name == "seed example");
        assert_eq!(failures(&file), [""; 0]);
    }

    #[test]
    fn results_are_as_the_vectors_say() {
        assert_eq!(failures(&file("outcome.json")), [""; 0]);
    }

    #[test]
    fn events_come_before_their_results_as_the_vectors_say() {
        let file = file("events.json");
        assert!(file.events.len() >= 24, "the file lost cases: {}", file.events.len());
        assert_eq!(failures(&file), [""; 0]);
    }

    #[test]
    fn many_requests_pass_the_gate_as_the_vectors_say() {
        assert_eq!(failures(&file("gate.json")), [""; 0]);
    }

    #[test]
    fn profiles_have_the_phases_that_happened_as_the_vectors_say() {
        let file = file("profile.json");
        assert!(file.scripts.len() >= 22, "the file lost cases: {}", file.scripts.len());
        assert_eq!(failures(&file), [""; 0]);
    }

    #[test]
    fn redirects_are_followed_as_the_vectors_say() {
        let file = file("redirects.json");
        assert!(file.redirects.len() >= 120, "the file lost cases: {}", file.redirects.len());
        assert_eq!(failures(&file), [""; 0]);
    }

    #[test]
    fn cookies_are_kept_and_sent_as_the_vectors_say() {
        let file = file("cookies.json");
        assert!(file.cookies.len() >= 170, "the file lost cases: {}", file.cookies.len());
        let sections = file.cookies.iter().map(|life| life.section.split(' ').next().unwrap());
        assert_eq!(sections.collect::<BTreeSet<_>>(), BTreeSet::from(SECTIONS_OF_COOKIES));
        assert_eq!(failures(&file), [""; 0]);
    }
}

//! Scripts: several requests of one client, and what happens to them meanwhile.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use gadget_test_server::{Count, Server};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::compare::same;
use crate::face::{Command, Event, Face, PATIENCE};
use crate::profile::Profile;

/// A script; `vectors/README.md` describes them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Script {
    pub(crate) name: String,
    #[serde(default)]
    config: Map<String, Value>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    Start {
        name: String,
        times: Option<u32>,
        options: Value,
    },
    Server(Counts),
    LastArrived(String),
    Release(usize),
    Abort(String),
    App(App),
    Proxy(Value),
    Counters {
        in_flight: usize,
        queued: usize,
    },
    Wait(u64),
    Outcome {
        of: Vec<String>,
        status: Option<u16>,
        fail: Option<BTreeMap<String, Value>>,
        profile: Option<Profile>,
    },
}

/// What the server counts.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    in_flight: Option<u64>,
    max_in_flight: Option<u64>,
    total: Option<u64>,
    /// Opened since the script began.
    connections: Option<usize>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum App {
    Online,
    Offline,
    NetworkChanged,
    Background,
    Foreground,
    Shutdown,
}

/// A run of a script.
struct Run<'a> {
    face: &'a mut Face,
    server: &'a Server,
    /// The counter at the server, and the name under which it holds requests.
    key: String,
    /// How many connections the server has had before.
    connections_before: usize,
    /// The result of each request; `None` while it has not settled.
    outcomes: HashMap<String, Option<Value>>,
}

impl Script {
    pub(crate) fn run(&self, face: &mut Face, server: &Server) -> Result<(), String> {
        static RUNS: AtomicU32 = AtomicU32::new(0);
        let key = format!("run{}", RUNS.fetch_add(1, Ordering::Relaxed));
        let mut config = self.config.clone();
        config.insert("roots_pem".to_owned(), json!(server.ca_pem()));
        let config = with_places(&Value::Object(config).to_string(), server);
        face.send(&Command::Client(&config))?;
        let connections_before = server.accepted();
        let mut run = Run { face, server, key, connections_before, outcomes: HashMap::new() };
        for (step, number) in self.steps.iter().zip(1..) {
            run.step(step).map_err(|wrong| format!("step {number}: {wrong}"))?;
        }
        match run.outcomes.iter().find(|(_, outcome)| outcome.is_none()) {
            Some((name, _)) => Err(format!("the script ends before {name} has settled")),
            None => run.counters(0, 0),
        }
    }
}

/// Fills in where the server is.
fn with_places(text: &str, server: &Server) -> String {
    text.replace("{base}", &server.http())
        .replace("{https}", &server.https())
        .replace("{https_port}", &server.https_port().to_string())
}

impl Counts {
    fn are(&self, count: Count, connections: usize) -> bool {
        self.in_flight.is_none_or(|wanted| wanted == count.in_flight)
            && self.max_in_flight.is_none_or(|wanted| wanted == count.max_in_flight)
            && self.total.is_none_or(|wanted| wanted == count.total)
            && self.connections.is_none_or(|wanted| wanted == connections)
    }
}

impl Run<'_> {
    fn step(&mut self, step: &Step) -> Result<(), String> {
        match step {
            Step::Start { name, times: None, options } => self.start(name, options),
            Step::Start { name, times: Some(times), options } => {
                (1..=*times).try_for_each(|time| self.start(&format!("{name}.{time}"), options))
            }
            Step::Server(counts) => self.wait_for(counts),
            Step::LastArrived(name) => {
                let latest = self.server.latest();
                let targets = latest.iter().rev().map(|request| &request.target);
                let last = targets.into_iter().find(|target| target.contains(&self.key));
                let is = last.and_then(|target| target.split("&n=").nth(1)).unwrap_or_default();
                same("last to arrive", is, name)
            }
            Step::Release(count) => {
                self.server.release(&self.key, *count);
                Ok(())
            }
            Step::Abort(name) => self.face.send(&Command::Abort(&format!("{}:{name}", self.key))),
            Step::App(app) => self.face.send(&match app {
                App::Online => Command::Online(true),
                App::Offline => Command::Online(false),
                App::NetworkChanged => Command::NetworkChanged,
                App::Background => Command::Background,
                App::Foreground => Command::Foreground,
                App::Shutdown => Command::Shutdown,
            }),
            Step::Proxy(settings) => {
                let settings = with_places(&settings.to_string(), self.server);
                self.face.send(&Command::Proxy(&settings))
            }
            Step::Counters { in_flight, queued } => self.counters(*in_flight, *queued),
            Step::Wait(millis) => {
                thread::sleep(Duration::from_millis(*millis));
                Ok(())
            }
            Step::Outcome { of, status, fail, profile } => {
                for name in of {
                    let outcome = self.outcome(name)?;
                    if let Some(status) = status {
                        same(name, &outcome["statusCode"].to_string(), &status.to_string())?;
                    }
                    for (member, value) in fail.iter().flatten() {
                        same(name, &outcome[member].to_string(), &value.to_string())?;
                    }
                    if let Some(profile) = profile {
                        profile.judge(&outcome).map_err(|wrong| format!("{name}: {wrong}"))?;
                    }
                }
                Ok(())
            }
        }
    }

    fn counters(&mut self, in_flight: usize, queued: usize) -> Result<(), String> {
        self.face.send(&Command::Counters)?;
        let (is_in_flight, is_queued) = loop {
            if let Some(counters) = self.next()? {
                break counters;
            }
        };
        same("in flight", &is_in_flight.to_string(), &in_flight.to_string())?;
        same("queued", &is_queued.to_string(), &queued.to_string())
    }

    fn start(&mut self, name: &str, options: &Value) -> Result<(), String> {
        let hold = format!("/hold/{}?counter={}&n={name}", self.key, self.key);
        let options = options
            .to_string()
            .replace("{hold}", &format!("{{base}}{hold}"))
            .replace("{hold_https}", &format!("{}{hold}", self.server.https()))
            .replace("{counter}", &self.key);
        let options = with_places(&options, self.server);
        if self.outcomes.insert(name.to_owned(), None).is_some() {
            return Err(format!("{name} is the name of two requests"));
        }
        self.face.send(&Command::Request(&format!("{}:{name}", self.key), &options, None))
    }

    fn wait_for(&self, counts: &Counts) -> Result<(), String> {
        let begun = Instant::now();
        loop {
            let count = self.server.count(&self.key);
            let connections = self.server.accepted() - self.connections_before;
            if counts.are(count, connections) {
                return Ok(());
            }
            if begun.elapsed() > PATIENCE {
                return Err(format!("the server counts {count:?}, {connections} connections"));
            }
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Handles the next report of the face. Returns its counters if it is one of counters.
    fn next(&mut self) -> Result<Option<(usize, usize)>, String> {
        let (name, answer) = match self.face.next()? {
            Event::Counters(in_flight, queued) => return Ok(Some((in_flight, queued))),
            Event::Cookies(_) | Event::Headers(..) | Event::Chunk(..) => return Ok(None),
            Event::Result(name, answer) => (name, answer),
        };
        let Some((_, name)) = name.split_once(':').filter(|(key, _)| *key == self.key) else {
            return Ok(None); // left over from a script that failed
        };
        let outcome = serde_json::from_str(&answer.json).map_err(|error| error.to_string())?;
        match self.outcomes.get_mut(name) {
            Some(settled @ None) => *settled = Some(outcome),
            Some(Some(_)) => return Err(format!("{name} has settled twice")),
            None => return Err(format!("nobody asked for {name}")),
        }
        Ok(None)
    }

    fn outcome(&mut self, name: &str) -> Result<Value, String> {
        loop {
            match self.outcomes.get(name) {
                Some(Some(outcome)) => return Ok(outcome.clone()),
                Some(None) => self.next().map_err(|wrong| format!("{name}: {wrong}"))?,
                None => return Err(format!("{name} was never started")),
            };
        }
    }
}

//! SPEC section 5 by the text it rests on, draft-ietf-httpbis-rfc6265bis-22: the cases of `vectors/cookies.json`.
//!
//! A case is a client's life. Each step requests a `url`; one that begins with `*://` makes the case run twice, by
//! http and by https. The response sets the lines of `set` and `set_base64`, or those of `set_many` with a number
//! in place of `{n}`, or is `raw` itself. `cookie` is the Cookie header that the server must have received, `null`
//! being none. `jar` has the cookies that the host app must see afterwards, and of each the members that matter;
//! `days` is how long it lasts. In all of them `{a*9}` stands for nine times `a`; `{http}` is the server's address.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gadget_request::Client;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use support::{Server, encoded};
use url::{Host, Url};

const SECTIONS: [&str; 16] = [
    "5.1.1", "5.1.2", "5.1.3", "5.1.4", "5.3", "5.5", "5.6", "5.6.1", "5.6.2", "5.6.3", "5.6.4",
    "5.6.5", "5.6.6", "5.6.7", "5.7", "5.8.3",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    /// The section, and where it has them, the step.
    section: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Step {
    url: String,
    #[serde(default)]
    wait_ms: u64,
    #[serde(default)]
    set: Vec<String>,
    #[serde(default)]
    set_base64: Vec<String>,
    set_many: Option<Many>,
    raw: Option<String>,
    #[serde(default, deserialize_with = "present")]
    cookie: Option<Option<String>>,
    jar: Option<Vec<BTreeMap<String, Value>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Many {
    count: usize,
    line: String,
}

/// Tells `null` from what is not there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

#[test]
fn every_conformance_case_sends_the_cookies_that_the_draft_says() {
    let vectors = concat!(env!("CARGO_MANIFEST_DIR"), "/../vectors/cookies.json");
    let vectors = std::fs::read_to_string(vectors).unwrap();
    let Vectors { cases } = serde_json::from_str(&vectors).unwrap();
    assert!(cases.len() >= 170, "the file lost cases: {}", cases.len());
    let names: BTreeSet<&str> = cases.iter().map(|case| case.name.as_str()).collect();
    assert_eq!(names.len(), cases.len(), "two cases have one name");
    let sections = cases.iter().map(|case| case.section.split(' ').next().unwrap_or_default());
    assert_eq!(sections.collect::<BTreeSet<_>>(), BTreeSet::from(SECTIONS));

    let server = support::server();
    let mut wrong = String::new();
    for case in &cases {
        let by_both = case.steps.iter().any(|step| step.url.starts_with("*:"));
        let schemes: &[&str] = if by_both { &["http", "https"] } else { &[""] };
        for scheme in schemes {
            if let Err(what) = case.run(&server, scheme) {
                writeln!(wrong, "{} ({}) {scheme}\n{what}", case.name, case.section).unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

impl Case {
    fn run(&self, server: &Server, scheme: &str) -> Result<(), String> {
        let client = self.client(server);
        for (number, step) in self.steps.iter().enumerate() {
            std::thread::sleep(Duration::from_millis(step.wait_ms));
            let url = step.url(server, scheme);
            let outcome = support::get(&client, &step.asking(&url));
            let failed = |what: String| format!("  step {number}, {url}: {what}");
            let Some(received) = server.received(outcome.trace().as_str()) else {
                return Err(failed(format!("never came: {}", outcome.json())));
            };
            if step.raw.is_none() && outcome.into_result().map_or(0, |it| it.status()) != 200 {
                return Err(failed("no response".to_owned()));
            }
            let version = if url.scheme() == "https" { "HTTP/2" } else { "HTTP/1.1" };
            assert_eq!(received.version, version, "{url}");
            let is: Vec<&str> = received.header_all("cookie").collect();
            let should_be = step.cookie.as_ref().map(|cookie| cookie.as_deref().map(repeated));
            if let Some(should_be) = should_be
                && is != Vec::from_iter(&should_be)
            {
                return Err(failed(format!("\n    is        {is:?}\n    should be {should_be:?}")));
            }
            if let Some(should_be) = &step.jar
                && let Err(jar) = compare(&client, should_be)
            {
                return Err(failed(format!("the jar has {jar:?}")));
            }
        }
        Ok(())
    }

    /// A client for which every host name of the case leads to the server.
    fn client(&self, server: &Server) -> Client {
        let (http, https) = (server.http_port(), server.https_port());
        let urls = self.steps.iter().map(|step| step.url(server, "http"));
        let hosts: BTreeSet<Host> = urls.filter_map(|url| Some(url.host()?.to_owned())).collect();
        let names = hosts.iter().filter(|host| matches!(host, Host::Domain(_)));
        let resolve: Vec<String> = names
            .flat_map(|name| {
                [format!("{name}:80:127.0.0.1:{http}"), format!("{name}:443:127.0.0.1:{https}")]
            })
            .collect();
        let settings = json!({ "platform": "android", "system_roots": false, "resolve": resolve });
        support::client_with(server, settings)
    }
}

impl Step {
    fn url(&self, server: &Server, scheme: &str) -> Url {
        let url = self.url.replace("{http}", &server.http());
        let url = url.strip_prefix('*').map(|rest| format!("{scheme}{rest}")).unwrap_or(url);
        Url::parse(&repeated(&url)).unwrap_or_else(|error| panic!("{url}: {error}"))
    }

    /// The URL, with the lines that are to be set in its query.
    fn asking(&self, url: &Url) -> String {
        let mut asked = url.to_string();
        let mut add = |name: &str, value: &str| {
            let separator = if asked.contains('?') { '&' } else { '?' };
            asked += &format!("{separator}{name}={}", encoded(value));
        };
        self.set.iter().for_each(|line| add("set-cookie", &repeated(line)));
        self.set_base64.iter().for_each(|line| add("set-cookie-base64", line));
        if let Some(many) = &self.set_many {
            let line = |n: usize| many.line.replace("{n}", &n.to_string());
            (1..=many.count).for_each(|n| add("set-cookie", &line(n)));
        }
        self.raw.iter().for_each(|raw| add("base64", &STANDARD.encode(raw)));
        asked
    }
}

/// A text in which `{a*9}` has become nine times `a`.
fn repeated(text: &str) -> String {
    let mut rest = text;
    let mut whole = String::new();
    while let Some((before, (what, count, behind))) =
        rest.split_once('{').and_then(|(before, it)| {
            let (inside, behind) = it.split_once('}')?;
            let (what, count) = inside.split_once('*')?;
            Some((before, (what, count.parse().ok()?, behind)))
        })
    {
        whole += before;
        whole += &str::repeat(what, count);
        rest = behind;
    }
    whole + rest
}

/// Whether the jar has these cookies, in any order; if not, what it has.
fn compare(client: &Client, should_be: &[BTreeMap<String, Value>]) -> Result<(), Value> {
    let day = |expires: SystemTime| {
        let left = expires.duration_since(SystemTime::now()).unwrap_or_default();
        (left.as_secs_f64() / 86_400.0).round() as u64
    };
    let mut jar: Vec<Value> = Vec::new();
    for cookie in client.cookies().list() {
        let days = cookie.expires.map(day);
        let mut cookie = serde_json::to_value(cookie).expect("a cookie is JSON");
        cookie["days"] = json!(days);
        jar.push(cookie);
    }
    let has = |cookie: &BTreeMap<String, Value>| {
        jar.iter().any(|is| cookie.iter().all(|(member, value)| is[member] == *value))
    };
    let same = jar.len() == should_be.len() && should_be.iter().all(has);
    if same { Ok(()) } else { Err(jar.into()) }
}

//! A name service that does not answer delays the calls that wait for it, and no others.

mod support;

use std::process::Command;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use gadget_request::{Error, RequestOptions};
use serde_json::json;

const IN_PRELOADED: &str = "GADGET_SLOW_NAMES";

/// Replaces the system's lookup: names that begin with `dead` fail after ten seconds, and all
/// others are this machine.
const SLOW_NAMES: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <string.h>
#include <unistd.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints,
                struct addrinfo **found)
{
    lookup *system = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    if (name && strncmp(name, "dead", 4) == 0) {
        sleep(10);
        return EAI_NONAME;
    }
    return system("127.0.0.1", port, hints, found);
}
"#;

#[test]
fn unanswered_names_hold_up_no_other_lookups() {
    if std::env::var_os(IN_PRELOADED).is_some() {
        return with_slow_names();
    }
    let folder = std::env::temp_dir().join(format!("gadget-slow-names-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (source, library) = (folder.join("slow.c"), folder.join("slow.so"));
    std::fs::write(&source, SLOW_NAMES).unwrap();
    let mut compiler = Command::new("cc");
    compiler.args(["-shared", "-fPIC", "-o"]).args([&library, &source]).arg("-ldl");
    assert!(compiler.status().expect("there is a C compiler").success());
    let mut test = Command::new(std::env::current_exe().unwrap());
    test.args(["--exact", "unanswered_names_hold_up_no_other_lookups", "--nocapture"]);
    let done = test.env(IN_PRELOADED, "1").env("LD_PRELOAD", &library).status().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(done.success());
}

fn with_slow_names() {
    let server = support::server();
    let clients: Vec<_> = (0..20).map(|_| support::client(&server)).collect();
    let (sender, outcomes) = mpsc::channel();
    let begun = Instant::now();
    for (number, client) in clients.iter().cycle().take(200).enumerate() {
        let options = RequestOptions::new(format!("http://dead{}.test/", number % 5));
        let sender = sender.clone();
        client.start(options.timeout(Duration::from_millis(200)), move |outcome| {
            sender.send(outcome).expect("it is awaited");
        });
    }
    for outcome in outcomes.iter().take(200) {
        assert_eq!(outcome.result().err(), Some(&Error::Timeout));
    }
    // The lookups of the dead names still run.
    let client = support::client_with(&server, json!({ "connect_timeout_ms": 4000 }));
    for (scheme, port) in [("http", server.http_port()), ("https", server.https_port())] {
        let url = format!("{scheme}://good.test:{port}/echo");
        assert_eq!(support::get_ok(&client, &url).status(), 200);
    }
    assert!(begun.elapsed() < Duration::from_secs(9), "before any of them is given up");
}

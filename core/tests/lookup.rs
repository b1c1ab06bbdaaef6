//! A name service that does not answer delays the calls that wait for it, and no others.

#[path = "support/preload.rs"]
mod preload;
mod support;

use std::sync::mpsc;
use std::time::{Duration, Instant};

use gadget_request::{Error, RequestOptions};
use serde_json::json;

/// Replaces the system's lookup: names that begin with `dead` fail after ten seconds, those that
/// begin with `late` do so once each, and all others are this machine.
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
    static _Atomic int asked[10];
    lookup *system = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    int is_late = name && strncmp(name, "late", 4) == 0 && asked[name[4] - '0']++ == 0;
    if (is_late || (name && strncmp(name, "dead", 4) == 0)) {
        sleep(10);
        return EAI_NONAME;
    }
    return system("127.0.0.1", port, hints, found);
}
"#;

#[test]
fn unanswered_names_hold_up_no_other_lookups() {
    if preload::replaces("unanswered_names_hold_up_no_other_lookups", SLOW_NAMES) {
        with_slow_names();
    }
}

#[test]
fn names_are_looked_up_anew_after_a_change_even_if_dead_ones_keep_their_places() {
    let test = "names_are_looked_up_anew_after_a_change_even_if_dead_ones_keep_their_places";
    if preload::replaces(test, SLOW_NAMES) {
        with_a_new_network();
    }
}

/// The names that hang take all places that a client has for lookups.
fn with_a_new_network() {
    let server = support::server();
    let client = support::client(&server);
    let (sender, outcomes) = mpsc::channel();
    for host in ["late1", "late2", "late3", "late4"] {
        let url = format!("http://{host}.test:{}/echo", server.http_port());
        let sender = sender.clone();
        client.start(RequestOptions::new(url), move |outcome| {
            sender.send(outcome).expect("it is awaited");
        });
    }
    std::thread::sleep(Duration::from_millis(500)); // they are being looked up
    let begun = Instant::now();
    client.network_changed();
    for host in ["late1", "late2", "good"] {
        let url = format!("http://{host}.test:{}/echo", server.http_port());
        assert_eq!(support::get_ok(&client, &url).status(), 200);
    }
    for outcome in outcomes.iter().take(4) {
        assert!(outcome.result().is_ok(), "by a lookup that began after the change");
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "before any of the first is given up");
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

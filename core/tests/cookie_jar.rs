//! The host app's view of a jar: list, set, delete, listen.

mod support;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use gadget_request::{Client, Cookie, CookieChange, CookieListener, SameSite};
use serde_json::json;
use support::{client, encoded, get};

fn names(cookies: &[Cookie]) -> Vec<&str> {
    cookies.iter().map(|cookie| cookie.name.as_str()).collect()
}

#[test]
fn a_cookie_of_a_response_is_shown_in_the_terms_of_a_web_view() {
    let server = support::server();
    let client = client(&server);
    let line = "id=7; Path=/a; Max-Age=1000; HttpOnly; SameSite=Lax; Secure";
    get(&client, &format!("{}/cookies/set?line={}", server.http(), encoded(line)));
    let before = SystemTime::now();
    let cookies = client.cookies().list();
    let [cookie] = &cookies[..] else { panic!("{}", cookies.len()) };
    assert_eq!((cookie.name.as_str(), cookie.value.as_str()), ("id", "7"));
    assert_eq!((cookie.domain.as_str(), cookie.path.as_str()), ("127.0.0.1", "/a"));
    assert!(cookie.secure && cookie.http_only);
    assert_eq!(cookie.same_site, Some(SameSite::Lax));
    let left = cookie.expires.unwrap().duration_since(before).unwrap();
    assert!((990..=1000).contains(&left.as_secs()), "{left:?}");

    let millis =
        cookie.expires.unwrap().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    let document = json!({
        "name": "id", "value": "7", "domain": "127.0.0.1", "path": "/a", "expires": millis as u64,
        "secure": true, "httpOnly": true, "sameSite": "lax",
    });
    assert_eq!(serde_json::to_value(cookie).unwrap(), document);
    let back: Cookie = serde_json::from_value(document).unwrap();
    assert_eq!(
        (back.name, back.domain, back.same_site),
        ("id".into(), "127.0.0.1".into(), Some(SameSite::Lax))
    );
}

#[test]
fn cookies_that_the_host_app_sets_are_sent_and_deleted_ones_are_not() {
    let server = support::server();
    let client = client(&server);
    let jar = client.cookies().clone();
    jar.set([
        Cookie::new("a", "1", "127.0.0.1"),
        Cookie::new("b", "2", "127.0.0.1"),
        Cookie::new("c", "3", ".example.com"),
        Cookie::new("d", "4", "example.com"),
    ])
    .unwrap();
    let received = |client: &Client| {
        let outcome = get(client, &format!("{}/echo", server.http()));
        server.received(outcome.trace().as_str()).unwrap().header("cookie").map(str::to_owned)
    };
    assert_eq!(received(&client).as_deref(), Some("a=1; b=2"));
    assert_eq!(names(&jar.list_for("https://www.example.com/")), ["c"]);
    assert_eq!(names(&jar.list_for("https://example.com/")), ["c", "d"]);
    assert!(jar.list_for("no url").is_empty());

    assert!(jar.delete("a", "127.0.0.1", "/"));
    assert!(!jar.delete("a", "127.0.0.1", "/"), "it is deleted");
    assert!(!jar.delete("c", "example.com", "/"), "another domain");
    assert_eq!(received(&client).as_deref(), Some("b=2"));

    let mut over = Cookie::new("b", "", "127.0.0.1");
    over.expires = Some(SystemTime::UNIX_EPOCH);
    jar.set([over]).unwrap();
    assert_eq!(received(&client), None);

    jar.set([Cookie::new("e", "5", "sub.example.com"), Cookie::new("f", "6", "notexample.com")])
        .unwrap();
    jar.clear_domain("Example.com");
    assert_eq!(names(&jar.list()), ["f"]);
    jar.clear();
    assert!(jar.list().is_empty());
}

#[test]
fn an_invalid_cookie_is_an_error_that_names_the_member_and_none_is_set() {
    let client = Client::default();
    let good = || Cookie::new("good", "1", "example.com");
    let with = |change: fn(&mut Cookie)| {
        let mut cookie = good();
        change(&mut cookie);
        cookie
    };
    for (cookie, member) in [
        (with(|cookie| cookie.name = "a=b".into()), "name: "),
        (with(|cookie| cookie.name = "a\r\n".into()), "name: "),
        (with(|cookie| cookie.name = " a".into()), "name: "),
        (with(|cookie| (cookie.name, cookie.value) = <_>::default()), "name: "),
        (with(|cookie| cookie.name = "__Secure-a".into()), "name: "),
        (with(|cookie| cookie.value = "a; Path=/".into()), "value: "),
        (with(|cookie| cookie.value = "\0".into()), "value: "),
        (with(|cookie| cookie.value = "x".repeat(4093)), "value: "),
        (with(|cookie| cookie.path = "a".into()), "path: "),
        (with(|cookie| cookie.domain = ".com".into()), "domain: a public suffix"),
        (with(|cookie| cookie.domain = "".into()), "domain: "),
        (with(|cookie| cookie.domain = "a b".into()), "domain: "),
        (with(|cookie| cookie.same_site = Some(SameSite::None)), "sameSite: "),
    ] {
        let error = client.cookies().set([good(), cookie.clone()]).unwrap_err().to_string();
        assert!(error.starts_with(&format!("[1].{member}")), "{member}: {error}");
        let error = client.cookies().set([cookie]).unwrap_err().to_string();
        assert!(error.starts_with(member), "{member}: {error}");
        assert!(client.cookies().list().is_empty());
    }
    let mut long = good();
    long.expires = Some(SystemTime::now() + Duration::from_secs(500 * 24 * 3600));
    client.cookies().set([long]).unwrap();
    let expires = client.cookies().list()[0].expires.unwrap();
    assert!(
        expires <= SystemTime::now() + Duration::from_secs(400 * 24 * 3600),
        "400 days at most"
    );
}

#[test]
fn every_change_is_reported_once_until_the_listener_is_dropped() {
    let server = support::server();
    let client = client(&server);
    let reported: Arc<Mutex<Vec<String>>> = Arc::default();
    let (there, jar) = (Arc::clone(&reported), client.cookies().clone());
    let listener = client.cookies().on_change(move |change| {
        let count = jar.list().len(); // a listener may read the jar
        there.lock().unwrap().push(match change {
            CookieChange::Set(cookie) => format!("+{}={} {count}", cookie.name, cookie.value),
            CookieChange::Removed(cookie) => format!("-{} {count}", cookie.name),
        });
    });
    let set = |line: &str| {
        let url = format!("{}/cookies/set?line={}", server.http(), encoded(line));
        assert!(get(&client, &url).result().is_ok());
    };
    set("a=1; Path=/");
    set("a=1; Path=/"); // no change
    set("a=2; Path=/");
    set("a=; Path=/; Max-Age=0");
    set("a=; Path=/; Max-Age=0"); // there is no such cookie
    client.cookies().set([Cookie::new("b", "3", "127.0.0.1")]).unwrap();
    client.cookies().clear();
    assert_eq!(*reported.lock().unwrap(), ["+a=1 1", "+a=2 1", "-a 0", "+b=3 1", "-b 0"]);
    drop(listener);
    set("c=1");
    assert_eq!(reported.lock().unwrap().len(), 5);
}

#[test]
fn exported_cookies_can_be_imported_and_errors_show_nothing_of_the_cookie() {
    let one = Client::default();
    let mut cookie = Cookie::new("a", "1", ".example.com");
    let millis = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_millis();
    cookie.expires = Some(SystemTime::UNIX_EPOCH + Duration::from_millis(millis as u64 + 100_000));
    one.cookies().set([cookie, Cookie::new("", "nameless", "[::1]")]).unwrap();
    let other = Client::default();
    other.cookies().import_json(&one.cookies().export_json()).unwrap();
    assert_eq!(other.cookies().list(), one.cookies().list());
    for (wrong, message) in [
        ("{}", "wrong type or value"),
        ("[", "not valid JSON"),
        ("[] []", "text after the JSON array"),
        (r#"[{"value":"secret","domain":5}]"#, "[0].domain: wrong type or value"),
        (
            r#"[{"value":"secret","domain":"h","colour":"secret"}]"#,
            "[0].colour: unknown field `colour`",
        ),
        (
            r#"[{"value":"secret","domain":"h","sameSite":"secret"}]"#,
            "[0].sameSite: wrong type or value",
        ),
        (r#"[{"value":"secret","domain":"h","expires":-1}]"#, "[0].expires: wrong type or value"),
    ] {
        let error = other.cookies().import_json(wrong).unwrap_err().to_string();
        assert!(error.starts_with(message), "{wrong}: {error}");
    }
    assert_eq!(other.cookies().list().len(), 2);
}

#[test]
fn a_cookie_is_found_by_any_spelling_of_its_domain() {
    let client = Client::default();
    let jar = client.cookies();
    let set = || {
        jar.set([
            Cookie::new("a", "1", ".B\u{fc}cher.example"),
            Cookie::new("a", "2", "[0::1]"),
            Cookie::new("a", "3", "example.com."),
        ])
        .unwrap();
    };
    set();
    assert!(jar.delete("a", ".b\u{fc}cher.EXAMPLE", "/") && jar.delete("a", "[::1]", "/"));
    assert!(!jar.delete("a", "b\u{fc}cher.example", "/"));
    set();
    jar.clear_domain("");
    jar.clear_domain("no domain");
    assert_eq!(jar.list().len(), 3);
    jar.clear_domain("b\u{fc}cher.example");
    jar.clear_domain("[0:0::1]");
    assert_eq!(names(&jar.list()), ["a"]);
    jar.clear_domain("example.com.");
    assert!(jar.list().is_empty());
}

#[test]
fn a_cookie_that_no_storage_could_keep_cannot_be_set() {
    let jar = Client::default().cookies().clone();
    let refused = |cookie: Cookie| jar.set([cookie]).unwrap_err().to_string();
    let with_path = |path: String| Cookie { path, ..Cookie::new("a", "1", "example.com") };
    assert_eq!(refused(with_path(format!("/{}", "x".repeat(1024)))), "path: over 1024 bytes");
    assert!(jar.set([with_path(format!("/{}", "x".repeat(1023)))]).is_ok());
    let domain = "domain: neither a host name nor an address";
    let long = format!("{}example.com", "a.".repeat(130));
    for wrong in ["..example.com", ".", "", &long, ".127.0.0.1.5"] {
        assert_eq!(refused(Cookie::new("a", "1", wrong)), domain, "{wrong}");
    }
}

#[test]
fn a_cookie_that_is_shown_can_be_set_again_and_nothing_has_changed() {
    let client = Client::default();
    let jar = client.cookies();
    let forever = SystemTime::now() + Duration::from_secs(1000 * 24 * 3600);
    jar.set([Cookie { expires: Some(forever), ..Cookie::new("a", "1", "a.com") }]).unwrap();
    jar.set_line("https://a.com/", "b=1; Max-Age=1000");
    let reported = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&reported);
    let _listener = jar.on_change(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    jar.set(jar.list()).unwrap();
    jar.import_json(&jar.export_json()).unwrap();
    assert_eq!(reported.load(Ordering::SeqCst), 0);
    let whole = |cookie: &Cookie| {
        cookie.expires.unwrap().duration_since(UNIX_EPOCH).unwrap().subsec_nanos() % 1_000_000
    };
    assert!(jar.list().iter().all(|cookie| whole(cookie) == 0), "whole milliseconds");
}

#[test]
fn a_listener_that_is_dropped_hears_no_more_of_the_same_change() {
    let client = Client::default();
    let jar = client.cookies();
    let heard = Arc::new(AtomicUsize::new(0));
    let held: Arc<Mutex<Option<CookieListener>>> = Arc::default();
    let (count, own) = (Arc::clone(&heard), Arc::clone(&held));
    let listener = jar.on_change(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        drop(own.lock().unwrap().take());
    });
    *held.lock().unwrap() = Some(listener);
    jar.set(["a", "b", "c"].map(|name| Cookie::new(name, "1", "a.com"))).unwrap();
    assert_eq!(heard.load(Ordering::SeqCst), 1);
}

#[test]
fn changes_are_reported_in_order_even_if_many_threads_make_them() {
    let client = Client::default();
    let jar = client.cookies();
    let mirror = Arc::new(Mutex::new(std::collections::BTreeMap::new()));
    let (copy, within) = (Arc::clone(&mirror), Arc::new(AtomicUsize::new(0)));
    let _listener = jar.on_change(move |change| {
        assert_eq!(within.fetch_add(1, Ordering::SeqCst), 0, "one at a time");
        match change.clone() {
            CookieChange::Set(cookie) => copy.lock().unwrap().insert(cookie.name, cookie.value),
            CookieChange::Removed(cookie) => copy.lock().unwrap().remove(&cookie.name),
        };
        within.fetch_sub(1, Ordering::SeqCst);
    });
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || {
                for round in 0..500 {
                    let name = format!("n{}", round % 7);
                    if (round + thread) % 5 == 0 {
                        jar.delete(&name, "a.com", "/");
                    } else {
                        let value = format!("{thread}.{round}");
                        jar.set([Cookie::new(name, value, "a.com")]).unwrap();
                    }
                }
            });
        }
    });
    let has = || jar.list().into_iter().map(|cookie| (cookie.name, cookie.value)).collect();
    support::eventually("everything is reported", || *mirror.lock().unwrap() == has());
}

#[test]
fn a_set_cookie_line_comes_from_an_http_url_or_is_refused() {
    let client = Client::default();
    for url in ["ftp://a.com/", "ws://a.com/", "data:,x", "a.com", ""] {
        assert!(!client.cookies().set_line(url, "a=1"), "{url}");
        assert!(client.cookies().list_for(url).is_empty(), "{url}");
    }
    assert!(client.cookies().set_line("https://a.com/", "a=1"));
    assert!(client.cookies().list_for("ftp://a.com/").is_empty());
}

#[test]
fn times_that_no_date_has_are_the_nearest_that_one_has() {
    let at = |expires| Cookie { expires: Some(expires), ..Cookie::new("a", "1", "a.com") };
    let before = at(UNIX_EPOCH - Duration::from_secs(1));
    let after = at(UNIX_EPOCH + Duration::from_secs(300_000_000_000));
    assert_eq!(before.to_line(), "a=1; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    assert_eq!(after.to_line(), "a=1; Path=/; Expires=Fri, 31 Dec 9999 23:59:59 GMT");
    assert!(
        serde_json::to_string(&before).unwrap().contains(r#""expires":0"#),
        "over, not the session's"
    );
}

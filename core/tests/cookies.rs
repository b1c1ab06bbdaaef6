//! docs/contract.md#5-cookies: the cookie policy of each platform. `vectors/cookies.json` covers
//! the rules of RFC 6265bis.

mod support;

use gadget_request::{
    CallerCookies, Client, ClientConfig, CookiePolicy, Platform, RequestOptions, SetCookies,
};
use gadget_test_server::Server;
use serde_json::{Value, json};
use support::{client_with, encoded, get};

/// A client for a platform, whose jar has `jar=1` for the server.
fn client_with_cookie(server: &Server, settings: Value) -> Client {
    let client = client_with(server, settings);
    let set =
        get(&client, &format!("{}/cookies/set?line={}", server.http(), encoded("jar=1; Path=/")));
    assert!(set.result().is_ok(), "{}", set.json());
    client
}

/// The `cookie` lines of a request with this header of the caller's.
fn sent(client: &Client, server: &Server, origin: &str, callers: Option<&str>) -> Vec<String> {
    let mut options = RequestOptions::new(format!("{origin}/echo"));
    if let Some(callers) = callers {
        options = options.header("Cookie", callers);
    }
    let outcome = pollster::block_on(client.request(options));
    let received = server.received(outcome.trace().as_str()).expect("it was sent");
    received.header_all("cookie").map(str::to_owned).collect()
}

#[test]
fn each_platform_has_the_policy_of_the_table() {
    use CallerCookies::{Drop, Merge};
    use SetCookies::{Hidden, Visible};
    let table = [
        (Platform::Android, Merge, Visible),
        (Platform::Ios, Merge, Visible),
        (Platform::Harmony, Merge, Visible),
        (Platform::Pc, Drop, Hidden),
        (Platform::DevTools, Merge, Hidden),
    ];
    assert_eq!(table.len(), Platform::ALL.len());
    for (platform, caller_header, set_cookie) in table {
        let CookiePolicy { caller_header: is_caller, jar, set_cookie: is_set, .. } =
            platform.default_cookie_policy();
        assert_eq!((is_caller, jar, is_set), (caller_header, true, set_cookie), "{platform:?}");

        let server = support::server();
        let client = client_with_cookie(&server, json!({ "platform": platform.as_str() }));
        let both = sent(&client, &server, &server.http(), Some("mine=2"));
        let expected = if caller_header == Merge { "mine=2; jar=1" } else { "jar=1" };
        assert_eq!(both, [expected], "{platform:?}");

        let line = encoded("seen=1; Path=/");
        let url = format!("{}/cookies/set?line={line}&line={line}", server.http());
        let result = support::json(&get(&client, &url));
        if set_cookie == Visible {
            assert_eq!(result["cookies"], json!(["seen=1; Path=/", "seen=1; Path=/"]));
            assert_eq!(result["header"]["set-cookie"], "seen=1; Path=/, seen=1; Path=/");
        } else {
            assert_eq!(result["cookies"], json!([]), "{platform:?}");
            assert!(!result.to_string().contains("seen"), "{platform:?}: {result}");
        }
        assert_eq!(client.cookies().list().len(), 2, "the host's view shows all");
    }
}

#[test]
fn a_host_app_overrides_the_policy_field_by_field() {
    let server = support::server();
    let pc = json!({ "platform": "pc", "cookie_policy": { "caller_header": "merge" } });
    let client = client_with_cookie(&server, pc);
    assert_eq!(sent(&client, &server, &server.http(), Some("mine=2")), ["mine=2; jar=1"]);

    let without_jar = json!({ "cookie_policy": { "jar": false } });
    let client = client_with_cookie(&server, without_jar);
    assert_eq!(sent(&client, &server, &server.http(), None), [""; 0]);
    assert_eq!(sent(&client, &server, &server.http(), Some("mine=2")), ["mine=2"]);
    assert!(client.cookies().list().is_empty());

    let hidden = json!({ "cookie_policy": { "set_cookie": "hidden" } });
    let client = client_with(&server, hidden);
    let url = format!("{}/cookies/set?line=a%3D1&line=b%3D2", server.http());
    let result = support::json(&get(&client, &url));
    assert_eq!((&result["cookies"], &result["header"]["set-cookie"]), (&json!([]), &Value::Null));
    assert_eq!(client.cookies().list().len(), 2);

    let wrong = ClientConfig::from_json(r#"{"cookie_policy":{"jar":1}}"#).unwrap_err().to_string();
    assert!(wrong.starts_with("cookie_policy.jar: invalid type: integer"), "{wrong}");
}

#[test]
fn the_callers_cookies_come_first_as_written_then_the_jars_other_names() {
    let server = support::server();
    let client = client_with_cookie(&server, json!({}));
    for (callers, line) in [
        ("a=1; b=2", "a=1; b=2; jar=1"),
        ("jar=mine", "jar=mine"),
        ("b=2;jar=mine ;c", "b=2;jar=mine ;c"),
        ("JAR=2", "JAR=2; jar=1"),
        ("jar", "jar; jar=1"),
        ("x=jar=1", "x=jar=1; jar=1"),
        ("", "jar=1"),
    ] {
        for origin in [server.http(), server.https()] {
            assert_eq!(
                sent(&client, &server, &origin, Some(callers)),
                [line],
                "{origin} {callers:?}"
            );
        }
    }
}

#[test]
fn cookies_are_never_shared_between_clients_without_a_directory() {
    let server = support::server();
    let _one = client_with_cookie(&server, json!({ "app_id": "a" }));
    for app in ["a", "b"] {
        let other = client_with(&server, json!({ "app_id": app }));
        assert_eq!(sent(&other, &server, &server.http(), None), [""; 0]);
        assert!(other.cookies().list().is_empty());
    }
}

#[test]
fn a_cookie_is_neither_printed_by_the_jar_nor_by_itself() {
    let server = support::server();
    let client = client_with_cookie(&server, json!({}));
    let shown = format!("{client:?} {:?} {:?}", client.cookies(), client.cookies().list());
    assert!(!shown.contains("jar=") && !shown.contains("\"1\""), "{shown}");
    assert!(shown.contains("cookies: 1"), "{shown}");
}

#[test]
fn no_app_reaches_the_cookies_of_another() {
    let server = support::server();
    let folder = std::env::temp_dir().join(format!("gadget-isolation-{}", std::process::id()));
    let app = |id: &str| {
        let resolve = [
            format!("a.test:80:127.0.0.1:{}", server.http_port()),
            format!("b.test:80:127.0.0.1:{}", server.http_port()),
        ];
        client_with(&server, json!({ "app_id": id, "cookie_dir": folder, "resolve": resolve }))
    };
    let sent = |client: &Client, url: &str| -> Vec<String> {
        let outcome = get(client, url);
        assert!(outcome.result().is_ok(), "{}", outcome.json());
        let trace = outcome.trace().to_string();
        let latest = server.latest();
        let own = latest.iter().filter(|one| one.header("x-request-id") == Some(&trace));
        own.flat_map(|one| one.header_all("cookie")).map(str::to_owned).collect()
    };
    let one = app("app");
    let line = encoded("secret=1; Path=/; Max-Age=1000");
    assert!(get(&one, &format!("http://a.test/cookies/set?line={line}")).result().is_ok());
    one.cookies().save().unwrap();
    assert_eq!(sent(&one, "http://a.test/"), ["secret=1"]);
    // Ids that a file system, a C string or a careless reader could take for the same, and the
    // file's own name.
    let name = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().file_name();
    let name = name.into_string().unwrap();
    for id in [
        "",
        "App",
        "APP",
        " app",
        "app ",
        "app.",
        "app/",
        "./app",
        "x/../app",
        "app\0",
        "app\0x",
        "\u{ff41}pp",
        "ap\u{70}\u{301}",
        "..",
        "../",
        "*",
        "app*",
        &name,
        &name[8..72],
    ] {
        let other = app(id);
        assert!(other.cookies().list().is_empty(), "{id:?}");
        assert!(other.cookies().list_for("http://a.test/").is_empty(), "{id:?}");
        // Over new and reused connections, and over redirects.
        let to = encoded("http://a.test/");
        for url in ["http://a.test/", &format!("http://b.test/redirect/307?to={to}")] {
            assert_eq!(sent(&other, url), [""; 0], "{id:?} {url}");
        }
        // Its own cookies do not reach the first app.
        other.cookies().set_line("http://a.test/", "secret=2; Path=/; Max-Age=1000");
        other.cookies().clear();
        drop(other);
        assert_eq!(sent(&one, "http://a.test/"), ["secret=1"], "{id:?}");
    }
    drop(one);
    assert_eq!(sent(&app("app"), "http://a.test/"), ["secret=1"]);
    std::fs::remove_dir_all(&folder).unwrap();
}

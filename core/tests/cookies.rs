//! SPEC section 5: what each platform does with cookies. What RFC 6265bis says is in `vectors/cookies.json`.

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
fn a_host_overrides_the_policy_field_by_field() {
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
fn the_callers_cookies_come_first_as_written_then_those_of_the_jar_it_did_not_name() {
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

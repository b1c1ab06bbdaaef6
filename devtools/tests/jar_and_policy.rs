//! The cookies of an app on the command line, and what the policy's flags allow.

mod support;

use gadget_test_server::Server;
use serde_json::{Value, json};
use support::{File, devtools, result, text};

#[test]
fn cookies_lists_sets_and_clears_the_cookies_that_requests_of_an_app_have_left() {
    let server = Server::start().unwrap();
    let folder = File(std::env::temp_dir().join(format!("gadget-jar-{}", std::process::id())));
    let jar = ["--platform", "android", "--cookie-dir", folder.path(), "--app-id", "cli_1"];
    let cookies = |more: &[&str]| {
        let output = devtools(&[&["cookies"], &jar[..], more].concat(), "");
        let lines = text(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
        (output.status.code().unwrap(), lines, text(&output.stderr))
    };
    let url = format!("{}/cookies/set?line=a%3D1%3B%20Max-Age%3D100", server.http());
    let options = json!({ "url": url }).to_string();
    assert_eq!(devtools(&[&["request", &options], &jar[..]].concat(), "").status.code(), Some(0));
    let import = r#"[{"name":"b","value":"2","domain":".example.com","expires":33000000000000}]"#;
    assert_eq!(cookies(&["--import", import]), (0, vec![], String::new()));

    let (code, lines, _) = cookies(&[]);
    let shown: Vec<Value> = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let names: Vec<_> = shown.iter().map(|cookie| (&cookie["name"], &cookie["domain"])).collect();
    assert_eq!(code, 0);
    assert_eq!(names, [(&json!("a"), &json!("127.0.0.1")), (&json!("b"), &json!(".example.com"))]);
    let (_, lines, _) = cookies(&["--url", "https://www.example.com"]);
    assert_eq!(lines.len(), 1);
    assert!(lines[0].starts_with(r#"{"name":"b","value":"2","#), "{lines:?}");

    assert_eq!(cookies(&["--clear", "--domain", "example.com"]).0, 0);
    assert_eq!(cookies(&[]).1.len(), 1);
    assert_eq!(cookies(&["--clear"]).0, 0);
    assert_eq!(cookies(&[]), (0, vec![], String::new()));
    std::fs::remove_dir_all(folder.path()).unwrap();
}

#[test]
fn cookies_reports_errors_of_cookies_their_folder_and_their_file() {
    let file = File::new("jar", "");
    let cookies = |folder: &[&str], more: &[&str]| {
        let output = devtools(&[&["cookies"], folder, more].concat(), "");
        (output.status.code().unwrap(), text(&output.stderr))
    };
    let (code, words) = cookies(&[], &[]);
    assert_eq!((code, words.contains("Give --cookie-dir DIR")), (2, true), "{words}");
    let wrong = r#"[{"name":"a","value":"1"}]"#;
    let (code, words) = cookies(&["--cookie-dir", "x"], &["--import", wrong]);
    assert_eq!(
        (code, words.contains("--import: [0]: missing field `domain`")),
        (2, true),
        "{words}"
    );
    let right = r#"[{"name":"a","value":"1","domain":"a.com","expires":33000000000000}]"#;
    let (code, words) = cookies(&["--cookie-dir", file.path()], &["--import", right]);
    assert_eq!((code, words.contains("cookies cannot be saved")), (1, true), "{words}");
    let (code, _) = cookies(&["--cookie-dir", "x"], &["--domain", "a.com"]);
    assert_eq!(code, 2);
}

#[test]
fn flags_decide_which_hosts_addresses_and_redirects_are_allowed() {
    let server = Server::start().unwrap();
    let options = |url: &str| json!({ "url": url }).to_string();
    let (echo, chain) = (server.http(), format!("{}/redirect/302/3", server.http()));
    let resolve = "a.test:80:127.0.0.1";
    for (flags, url, words) in [
        (vec!["--allow-host", "a.test"], &*echo, "host not allowed"),
        (vec!["--allow-host", "a.test", "--allow-host", "127.0.0.1"], &*echo, "ok"),
        (vec!["--deny-cleartext"], &*echo, "cleartext not allowed"),
        (vec!["--deny-private"], &*echo, "private address not allowed"),
        (
            vec!["--deny-private", "--resolve", resolve],
            "http://a.test",
            "private address not allowed",
        ),
        (vec!["--max-redirects", "2"], &*chain, "too many redirects"),
        (vec!["--max-redirects", "3"], &*chain, "ok"),
        (vec![], &*chain, "ok"),
    ] {
        let options = options(url);
        let (_, result) = result(&devtools(&[&["request", &options], &flags[..]].concat(), ""));
        let message = result["errMsg"].as_str().unwrap();
        assert!(message.ends_with(words), "{flags:?} {message}");
    }
    let output = devtools(&["request", "--allow-host", "http://a", "{}"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--allow-host http://a: not HOST"));
}

//! The command line to the letter: other programs drive it.

use std::io::Write as _;
use std::process::{Command, Output, Stdio};

use gadget_test_server::Server;
use serde_json::{Value, json};

fn devtools(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gadget-devtools"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program was built for this test");
    let mut stdin = child.stdin.take().expect("piped above");
    // A program that wants no input may be gone already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// The exit code and the object on the one line printed.
fn result(output: &Output) -> (i32, Value) {
    let printed = text(&output.stdout);
    assert_eq!(printed.lines().count(), 1, "{printed:?} {}", text(&output.stderr));
    (output.status.code().expect("no signal"), serde_json::from_str(&printed).expect(&printed))
}

/// A file with some content, removed with the value.
struct File(std::path::PathBuf);

impl File {
    fn new(name: &str, content: impl AsRef<[u8]>) -> Self {
        let path =
            std::env::temp_dir().join(format!("gadget-devtools-{}-{name}", std::process::id()));
        std::fs::write(&path, content).expect("a temporary file");
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().expect("UTF-8")
    }
}

impl Drop for File {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[test]
fn request_prints_the_result_object_on_one_line_and_exits_0_for_success() {
    let server = Server::start().unwrap();
    let options = json!({ "url": format!("{}/status/404?body=gone", server.http()) }).to_string();
    let output = devtools(&["request", &options], "");
    let (code, result) = result(&output);
    assert_eq!((code, &result["statusCode"], &result["data"]), (0, &json!(404), &json!("gone")));
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn request_exits_1_for_fail() {
    let (code, result) = result(&devtools(&["request", "{}"], ""));
    assert_eq!((code, &result["errMsg"]), (1, &json!("request:fail invalid url: missing")));
    assert_eq!(
        (&result["errno"], &result["errString"]),
        (&json!(104), &json!("invalid parameter"))
    );
}

#[test]
fn request_takes_options_from_a_file_and_from_standard_input() {
    let server = Server::start().unwrap();
    let options = json!({ "url": format!("{}/status/201", server.http()) }).to_string();
    let file = File::new("options.json", &options);
    for arguments in [["request", &format!("@{}", file.path())], ["request", "-"]] {
        let (code, result) = result(&devtools(&arguments, &options));
        assert_eq!((code, &result["statusCode"]), (0, &json!(201)));
    }
}

#[test]
fn request_sends_the_bytes_of_a_file_and_prints_an_array_buffer_as_base64() {
    let server = Server::start().unwrap();
    let bytes = File::new("bytes", [0, 1, 255]);
    let options = json!({ "url": format!("{}/raw", server.http()), "method": "POST", "responseType": "arraybuffer" });
    let wire = b"HTTP/1.1 200 OK\r\nx: \"cookies\":[\r\ncontent-length: 3\r\n\r\n\x00\xff\x01";
    let wire = File::new("wire", wire);
    let (code, printed) =
        result(&devtools(&["request", &options.to_string(), "--bytes", wire.path()], ""));
    assert_eq!((code, &printed["data"]), (0, &json!({ "base64": "AP8B" })), "{printed}");
    assert_eq!(printed["header"]["x"], "\"cookies\":[");

    let options = json!({ "url": format!("{}/echo", server.http()), "method": "POST" }).to_string();
    let (_, printed) = result(&devtools(&["request", "--bytes", bytes.path(), &options], ""));
    assert_eq!(printed["data"]["body_base64"], "AAH/");
}

#[test]
fn request_prints_line_breaks_of_an_embedded_body_as_spaces() {
    let server = Server::start().unwrap();
    let wire = "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{\n\"a\":\r\n \"b\\nc\",\"d\":1}"
        .replace("length: 20", &format!("length: {}", "{\n\"a\":\r\n \"b\\nc\",\"d\":1}".len()));
    let wire = File::new("breaks", wire);
    let options = json!({ "url": format!("{}/raw", server.http()), "method": "POST" }).to_string();
    let output = devtools(&["request", &options, "--bytes", wire.path()], "");
    assert!(
        text(&output.stdout).contains(r#""data":{ "a":   "b\nc","d":1},"cookies":[]"#),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn flags_reach_the_client_and_win_over_the_config() {
    let server = Server::start().unwrap();
    let port = server.https_port();
    let resolve = format!("www.toutiao.com:443:127.0.0.1:{port}");
    let config = File::new(
        "config.json",
        json!({ "app_id": "no", "user_agent": "from-config" }).to_string(),
    );
    let output = devtools(
        &[
            "request",
            "--platform",
            "harmony",
            "--app-id",
            "cli_1",
            "--app-version",
            "2.0",
            "--cacert",
            server.ca_path().to_str().unwrap(),
            "--resolve",
            &resolve,
            "--config",
            &format!("@{}", config.path()),
            r#"{"url":"https://www.toutiao.com/x"}"#,
        ],
        "",
    );
    let (code, result) = result(&output);
    assert_eq!(code, 0, "{result}");
    let headers = result["data"]["headers"].to_string();
    assert!(headers.contains("?appid=cli_1&version=2.0"), "{headers}");
    assert!(headers.contains(r#"["user-agent","from-config"]"#), "{headers}");
}

#[test]
fn a_wrong_command_line_exits_2_and_says_what_to_do() {
    let no_file = "/does/not/exist";
    for (arguments, words) in [
        (vec!["request"], "For example:\n\n  gadget-devtools request '{\"url\""),
        (vec!["request", "@/does/not/exist"], "cannot read /does/not/exist: No such file"),
        (vec!["request", "{}", "--bytes", no_file], "cannot read /does/not/exist: No such file"),
        (vec!["request", "{}", "--cacert", no_file], "cannot read /does/not/exist: No such file"),
        (
            vec!["request", "{}", "--cacert", "/dev/null", "--config", "{\"x\":1}"],
            "--config: x: unknown field `x`",
        ),
        (vec!["request", "{}", "--resolve", "a:b"], "--resolve a:b: not HOST:PORT:ADDRESS"),
        (
            vec!["request", "{}", "--platform", "wii"],
            "not one of android, ios, pc, harmony, devtools",
        ),
        (vec!["request", "{}", "--colour"], "unexpected argument '--colour'"),
        (vec!["batch", "--config", "@/does/not/exist"], "cannot read /does/not/exist"),
        (vec!["serve", "--port", "x"], "invalid value 'x'"),
        (vec!["fetch"], "unrecognized subcommand 'fetch'"),
        (vec![], "Usage: gadget-devtools <COMMAND>"),
    ] {
        let output = devtools(&arguments, "");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let printed = text(&output.stderr);
        assert!(printed.contains(words), "{arguments:?}: {printed}");
        assert_eq!(text(&output.stdout), "", "{arguments:?}");
    }
}

#[test]
fn help_teaches_by_examples() {
    for (command, words) in [
        ("request", "Examples:"),
        ("batch", "Input lines"),
        ("cookies", "Examples:"),
        ("serve", "GET / lists the endpoints"),
    ] {
        let output = devtools(&[command, "--help"], "");
        assert_eq!(output.status.code(), Some(0));
        assert!(text(&output.stdout).contains(words), "{command}");
    }
}

#[test]
fn batch_answers_each_request_once_with_the_number_of_its_line() {
    let server = Server::start().unwrap();
    let http = server.http();
    let lines = [
        json!({ "options": { "url": format!("{http}/status/201") } }).to_string(),
        json!({ "options_json": format!(r#"{{"method":"POST","url":"{http}/echo","data":{{"n" : 1.0}}}}"#) }).to_string(),
        json!({ "options": { "url": format!("{http}/fault/silence") } }).to_string(),
        json!({ "options": { "url": format!("{http}/echo"), "method": "PUT" }, "bytes_base64": "AAEC" }).to_string(),
        json!({ "abort": 3 }).to_string(),
        json!({ "options": 5 }).to_string(),
        json!({ "abort": 99 }).to_string(),
    ];
    let output = devtools(&["batch"], &(lines.join("\n") + "\n"));
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let mut answers: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    answers.sort_by_key(|answer| answer["line"].as_u64());
    let numbers: Vec<_> = answers.iter().map(|answer| answer["line"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 6]);
    assert_eq!(answers[0]["success"]["statusCode"], 201);
    assert_eq!(answers[1]["success"]["data"]["body_base64"], "eyJuIiA6IDEuMH0=");
    assert_eq!(answers[2]["fail"]["errMsg"], "request:fail abort");
    assert_eq!(answers[3]["success"]["data"]["body_base64"], "AAEC");
    assert_eq!(answers[4]["fail"]["errMsg"], "request:fail invalid options: not one JSON object");
}

#[test]
fn batch_puts_ten_in_flight_aborts_in_the_queue_and_tells_what_the_host_says() {
    let server = Server::start().unwrap();
    let http = server.http();
    let held = json!({ "options": { "url": format!("{http}/hold/batch?counter=batch") } });
    let mut lines = vec![held.to_string(); 12];
    lines.extend([
        r#"{"abort":11}"#.to_owned(),
        r#"{"counters":true}"#.to_owned(),
        r#"{"host":"offline"}"#.to_owned(),
        json!({ "options": { "url": http } }).to_string(),
        r#"{"host":"online"}"#.to_owned(),
        r#"{"host":"background"}"#.to_owned(),
        r#"{"host":"foreground"}"#.to_owned(),
    ]);
    let output = std::thread::scope(|scope| {
        scope.spawn(|| {
            while server.count("batch").in_flight < 10 {
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            server.release("batch", 10);
        });
        devtools(&["batch"], &lines.join("\n"))
    });
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let mut printed: Vec<Value> =
        text(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    printed.sort_by_key(|answer| answer["line"].as_u64());
    let what = |line: u64| printed.iter().find(|answer| answer["line"] == line).unwrap();
    assert_eq!(what(11)["fail"]["errMsg"], "request:fail abort");
    assert_eq!(what(12)["fail"]["errno"], 303);
    assert_eq!(what(14)["counters"], json!({ "in_flight": 10, "queued": 1 }));
    assert_eq!(what(16)["fail"]["errno"], 303);
    assert_eq!(printed.len(), 14, "{printed:?}");
    assert_eq!(server.count("batch").total, 10);

    let closed = format!("{{\"host\":\"shutdown\"}}\n{}\n", lines[0]);
    let (code, answer) = result(&devtools(&["batch"], &closed));
    assert_eq!((code, &answer["fail"]["errMsg"]), (1, &json!("request:fail client closed")));
}

#[test]
fn batch_exits_0_where_all_succeed_and_without_input() {
    let server = Server::start().unwrap();
    let line = json!({ "options": { "url": server.http() } }).to_string();
    for input in [line.clone(), format!("{line}\n{line}\n"), String::new()] {
        let output = devtools(&["batch"], &input);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout).lines().count(), input.lines().count());
    }
}

#[test]
fn batch_exits_2_for_a_line_that_is_none_of_those_it_knows_and_still_answers_the_others() {
    let server = Server::start().unwrap();
    let good = json!({ "options": { "url": server.http() } }).to_string();
    for bad in [
        "",
        "[{\"url\":\"http://h\"},null,null,null]",
        "nonsense",
        "{}",
        "[]",
        r#"{"abort":1,"options":{}}"#,
        r#"{"abort":1,"bytes_base64":"AAEC"}"#,
        r#"{"host":"asleep"}"#,
        r#"{"host":"online","abort":1}"#,
        r#"{"counters":false}"#,
        r#"{"abort":-1}"#,
        r#"{"line":1}"#,
        r#"{"options":{},"bytes_base64":"?"}"#,
        r#"{"options":{},"options_json":"{}"}"#,
    ] {
        let output = devtools(&["batch"], &format!("{bad}\n{good}\n"));
        assert_eq!(output.status.code(), Some(2), "{bad}");
        assert!(
            text(&output.stderr).starts_with("gadget-devtools: line 1: "),
            "{}",
            text(&output.stderr)
        );
        let answer: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert_eq!((&answer["line"], &answer["success"]["statusCode"]), (&json!(2), &json!(200)));
    }
}

#[test]
fn serve_says_where_it_serves_in_its_first_line() {
    use std::io::BufRead as _;
    let mut child = Command::new(env!("CARGO_BIN_EXE_gadget-devtools"))
        .args(["serve", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    std::io::BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let said: Value = serde_json::from_str(&line).unwrap();
    let keys: Vec<_> = said.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["http", "https", "ca"]);
    let ca = said["ca"].as_str().unwrap();
    for origin in ["http", "https"] {
        let options = json!({ "url": said[origin] }).to_string();
        let (code, result) = result(&devtools(&["request", "--cacert", ca, &options], ""));
        assert_eq!((code, &result["statusCode"]), (0, &json!(200)), "{result}");
        assert!(result["data"].as_str().unwrap().contains("/echo\n"), "{result}");
    }
    let stopped = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(!std::path::Path::new(ca).exists(), "the file of the CA goes with the server");
}

#[test]
fn cookies_shows_sets_and_clears_what_requests_of_an_app_have_left() {
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
fn cookies_says_what_is_wrong_with_cookies_their_folder_or_their_file() {
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
fn flags_say_which_hosts_addresses_and_redirects_are_allowed() {
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

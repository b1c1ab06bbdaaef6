//! The exact output of the command line, on which other programs rely.

mod support;

use std::process::{Command, Stdio};

use gadget_test_server::Server;
use serde_json::{Value, json};
use support::{File, devtools, result, text};

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
    let url = format!("{}/raw", server.http());
    let options = json!({ "url": url, "method": "POST", "responseType": "arraybuffer" });
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
fn flags_reach_the_client_and_override_the_config() {
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
            "[possible values: android, ios, pc, harmony, devtools]",
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
fn help_has_examples() {
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
    let exact = format!(r#"{{"method":"POST","url":"{http}/echo","data":{{"n" : 1.0}}}}"#);
    let put = json!({ "url": format!("{http}/echo"), "method": "PUT" });
    let lines = [
        json!({ "options": { "url": format!("{http}/status/201") } }).to_string(),
        json!({ "options_json": exact }).to_string(),
        json!({ "options": { "url": format!("{http}/fault/silence") } }).to_string(),
        json!({ "options": put, "bytes_base64": "AAEC" }).to_string(),
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
fn batch_puts_ten_in_flight_aborts_in_the_queue_and_passes_on_what_the_host_app_reports() {
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
        r#"{"host":"network_changed"}"#.to_owned(),
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
fn batch_takes_another_proxy_for_the_calls_that_follow() {
    let server = Server::start().unwrap();
    let proxy = json!({ "host": { "proxy": server.http(), "proxy_bypass": ["127.0.0.1"] } });
    let call = |url: &str| json!({ "options": { "url": url } }).to_string();
    let lines = [proxy.to_string(), call("http://behind.invalid/echo"), call(&server.http())];
    let output = devtools(&["batch"], &lines.join("\n"));
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let targets: Vec<String> = server.latest().iter().map(|it| it.target.clone()).collect();
    assert!(targets.contains(&"http://behind.invalid/echo".to_owned()), "{targets:?}");
    assert!(targets.contains(&"/".to_owned()), "{targets:?}");
    let none = [proxy.to_string(), r#"{"host":{"proxy":null}}"#.to_owned(), lines[1].clone()];
    let (code, answer) = result(&devtools(&["batch"], &none.join("\n")));
    assert_eq!((code, &answer["fail"]["errno"]), (1, &json!(305)));
    assert_eq!(answer["fail"]["errMsg"], "request:fail name not resolved");
}

#[test]
fn batch_exits_0_if_all_succeed_and_without_input() {
    let server = Server::start().unwrap();
    let line = json!({ "options": { "url": server.http() } }).to_string();
    for input in [line.clone(), format!("{line}\n{line}\n"), String::new()] {
        let output = devtools(&["batch"], &input);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout).lines().count(), input.lines().count());
    }
}

#[test]
fn batch_exits_2_for_an_unknown_line_and_still_answers_the_others() {
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
        r#"{"host":{"proxy":"http://user:s3cr3t@"}}"#,
        r#"{"host":{"no_proxy":["a.test"]}}"#,
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
        assert!(!text(&output.stderr).contains("s3cr3t"), "{}", text(&output.stderr));
        let answer: Value = serde_json::from_str(&text(&output.stdout)).unwrap();
        assert_eq!((&answer["line"], &answer["success"]["statusCode"]), (&json!(2), &json!(200)));
    }
}

#[test]
fn serve_prints_its_addresses_in_its_first_line() {
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
    assert!(!std::path::Path::new(ca).exists(), "the server removes the file of its CA");
}

#[test]
fn the_version_lists_the_platforms_and_the_codings_that_requests_ask_for() {
    let server = Server::start().unwrap();
    let long = text(&devtools(&["--version"], "").stdout);
    let version = format!("gadget-devtools {} for ", env!("CARGO_PKG_VERSION"));
    assert!(long.starts_with(&version), "{long}");
    assert!(long.contains("\nPlatforms: android, ios, pc, harmony, devtools\n"), "{long}");
    let options = json!({ "url": format!("{}/echo", server.http()) }).to_string();
    let (_, printed) = result(&devtools(&["request", &options], ""));
    let asked = printed["data"]["headers"].to_string();
    assert!(asked.contains("gzip, deflate, br, zstd"), "{asked}");
    assert!(long.contains("\nContent codings: gzip, deflate, br, zstd\n"), "{long}");
    let short = text(&devtools(&["-V"], "").stdout);
    assert_eq!(short, format!("gadget-devtools {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completions_know_the_commands_the_flags_and_the_platforms() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = devtools(&["completions", shell], "");
        let script = text(&output.stdout);
        for word in ["request", "batch", "cookie-dir", "max-redirects"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
        assert!(["powershell", "elvish"].contains(&shell) || script.contains("harmony"), "{shell}");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), String::new()));
    }
    assert_eq!(devtools(&["completions", "sh"], "").status.code(), Some(2));
}

#[test]
fn man_writes_a_page_for_each_command() {
    let folder = std::env::temp_dir().join(format!("gadget-devtools-{}-man", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let output = devtools(&["man", folder.to_str().unwrap()], "");
    let page = std::fs::read_to_string(folder.join("gadget-devtools-request.1"));
    let names = ["", "-batch", "-cookies", "-serve", "-completions", "-man"];
    let missing = names.map(|name| folder.join(format!("gadget-devtools{name}.1")).exists());
    std::fs::remove_dir_all(&folder).unwrap();
    assert_eq!((output.status.code(), missing), (Some(0), [true; 6]));
    let page = page.unwrap();
    assert!(page.contains(".TH gadget-devtools-request 1"), "{page}");
    assert!(page.contains("\\-\\-max\\-redirects"), "{page}");
    let output = devtools(&["man", "/nowhere"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).starts_with("gadget-devtools: cannot write into /nowhere: "));
}

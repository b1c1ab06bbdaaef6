//! The JSON document of the settings, and its errors.

use std::time::Duration;

use gadget_request::{ClientConfig, Platform};

#[test]
fn an_empty_document_is_the_default() {
    let config = ClientConfig::from_json("{}").unwrap();
    assert_eq!(format!("{config:?}"), format!("{:?}", ClientConfig::default()));
    assert_eq!(config.platform, Platform::DevTools);
    assert_eq!(config.timeout, Duration::from_millis(60_000));
    assert_eq!(config.connect_timeout, Duration::from_secs(15));
    assert_eq!(config.idle_timeout, Duration::from_secs(30));
    assert_eq!(config.max_body_bytes, 100 * 1024 * 1024);
    assert_eq!((config.max_head_bytes, config.max_head_fields), (256 * 1024, 2000));
}

#[test]
fn every_platform_is_known_by_its_name() {
    for platform in Platform::ALL {
        let text = format!(r#"{{"platform":"{}"}}"#, platform.as_str());
        assert_eq!(ClientConfig::from_json(&text).unwrap().platform, platform);
    }
}

#[test]
fn a_wrong_document_is_an_error_that_names_the_field() {
    for (text, message) in [
        (r#"{"time_out":1}"#, "time_out: unknown field `time_out`, expected one of `platform`, "),
        (r#"{"timeout_ms":"1"}"#, "timeout_ms: invalid type: string \"1\", expected u32"),
        (r#"{"timeout_ms":0}"#, "timeout_ms: must be at least 1"),
        (r#"{"timeout_ms":-1}"#, "timeout_ms: invalid value: integer `-1`, expected u32"),
        (
            r#"{"platform":"symbian"}"#,
            "platform: unknown variant `symbian`, expected one of `android`",
        ),
        (r#"{"extra_methods":["GET"]}"#, "extra_methods[0]: unknown variant `GET`"),
        (r#"{"resolve":["a:1:::1","b"]}"#, "resolve[1]: not HOST:PORT:ADDRESS"),
        (
            r#"{"resolve":["a:80:localhost"]}"#,
            "resolve[0]: ADDRESS of HOST:PORT:ADDRESS is not an IP address",
        ),
        (
            r#"{"resolve":["127.0.0.1:80:127.0.0.1"]}"#,
            "resolve[0]: HOST of HOST:PORT:ADDRESS is not a host name",
        ),
        (r#"{"cookie_dir":""}"#, "cookie_dir: must not be empty"),
        (
            r#"{"cookie_policy":["drop"]}"#,
            "cookie_policy: invalid type: sequence, expected an object",
        ),
        (
            r#"{"cookie_policy":{"jar":"no"}}"#,
            "cookie_policy.jar: invalid type: string \"no\", expected a boolean",
        ),
        (r#"{"cookie_policy":{"jars":true}}"#, "cookie_policy.jars: unknown field `jars`"),
        (r#"{"max_queued":-1}"#, "max_queued: invalid value: integer `-1`"),
        (r#"{"queue_timeout_ms":0}"#, "queue_timeout_ms: must be at least 1"),
        (r#"{"background_grace_ms":"1"}"#, "background_grace_ms: invalid type: string"),
        (r#"{"proxy":"socks4://h"}"#, "proxy: not an http, https, socks5 or socks5h URL"),
        (r#"{"proxy_bypass":["a/b"]}"#, "proxy_bypass[0]: not HOST or *.HOST"),
        (r#"{"user_agent":"a\nb"}"#, "user_agent: not a header value"),
        (r#"{"roots_pem":"x"}"#, "roots_pem: contains no certificate"),
        (
            r#"{"roots_pem":"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}"#,
            "roots_pem: a certificate cannot be a trust anchor",
        ),
        (r#"{"pins":["h=sha256/AAAA"]}"#, "pins[0]: not HOST=sha256/BASE64"),
        ("[]", "not a JSON object"),
        ("{} {}", "trailing characters"),
        ("", "not a JSON object"),
        ("{", "EOF while parsing an object"),
        (r#"{"app_id":"a","app_id":"b"}"#, "duplicate field `app_id`"),
    ] {
        let error = ClientConfig::from_json(text).unwrap_err().to_string();
        assert!(error.starts_with(message), "{text}\n  {error}");
    }
}

#[test]
fn a_password_of_a_proxy_is_not_printed() {
    let config = ClientConfig::from_json(r#"{"proxy":"http://user:hunter2@h:1"}"#).unwrap();
    assert!(!format!("{config:?}").contains("hunter2"));
}

//! Messages of hostile pages: each has exactly one reply, which is for the document that it names,
//! and a closed bridge leaves no call behind.

#![no_main]

use std::collections::HashSet;
use std::sync::LazyLock;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use gadget_request::{Bridge, BridgeConfig, BridgeReply, Client, ClientConfig};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

/// With no allowed host, so that nothing is sent.
static CLIENT: LazyLock<Client> = LazyLock::new(|| {
    let document = r#"{"allowed_hosts": [], "max_queued": 5}"#;
    Client::new(ClientConfig::from_json(document).expect("a valid document"))
});

/// The settings allow the first two.
const ORIGINS: [&str; 4] =
    ["https://page.example", "https://a.page.example", "null", "https://other.example"];

/// Longer than a message that is read on the caller's thread.
const LONG: usize = 65 * 1024;

const PATIENCE: Duration = Duration::from_secs(20);

type Replies = Receiver<(usize, Option<BridgeReply>)>;

/// What a page sends, and where it comes from.
struct Sent {
    message: Vec<u8>,
    origin: &'static str,
    is_main_frame: bool,
}

impl Sent {
    /// The first byte says where it comes from, and whether it is a long one.
    fn new(part: &[u8]) -> Option<Self> {
        let (flags, message) = part.split_first()?;
        let mut message = message.to_vec();
        if flags & 8 != 0 {
            message.resize(LONG.max(message.len()), b' ');
        }
        let origin = ORIGINS[usize::from(flags & 3)];
        Some(Self { message, origin, is_main_frame: flags & 4 == 0 })
    }

    fn is_allowed(&self, frames: bool) -> bool {
        ORIGINS[..2].contains(&self.origin) && (self.is_main_frame || frames)
    }

    /// Its text as JSON; `Null` if it has none.
    fn json(&self) -> Value {
        let text = match self.message.as_slice() {
            [0, rest @ ..] => rest.get(3..).unwrap_or_default(),
            text => text,
        };
        // The engine does not look at members that it does not know, not even at their UTF-8.
        let text = String::from_utf8_lossy(text);
        let mut values = serde_json::Deserializer::from_str(&text).into_iter();
        values.next().and_then(Result::ok).unwrap_or_default()
    }
}

fuzz_target!(|input: &[u8]| {
    let [flags, rest @ ..] = input else { return };
    let (frames, bytes, closes_early) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
    let settings = format!(
        r#"{{"origins":["{}","https://*.page.example"],"frames":{frames},"bytes":{bytes}}}"#,
        ORIGINS[0]
    );
    let config = BridgeConfig::from_json(&settings).expect("valid settings");
    let bridge = Bridge::new(CLIENT.clone(), config);

    // 0xFF never occurs in UTF-8, so it separates the messages.
    let all: Vec<Sent> = rest.split(|byte| *byte == 0xff).filter_map(Sent::new).collect();
    let (sender, replies) = channel();
    for (index, sent) in all.iter().enumerate() {
        send(&bridge, sent, index, &sender);
    }
    drop(sender);
    if closes_early {
        bridge.close();
    }
    let answers = wait(&replies, all.len());
    check(&all, &answers, frames);

    bridge.close();
    assert_eq!((CLIENT.in_flight(), CLIENT.queued()), (0, 0));
    let (sender, replies) = channel();
    for (index, sent) in all.iter().enumerate() {
        send(&bridge, sent, index, &sender);
    }
    drop(sender);
    assert!(wait(&replies, all.len()).iter().all(Option::is_none), "it is closed");
});

fn send(bridge: &Bridge, sent: &Sent, index: usize, to: &Sender<(usize, Option<BridgeReply>)>) {
    let to = to.clone();
    bridge.receive(sent.message.clone(), sent.origin, sent.is_main_frame, move |reply| {
        to.send((index, reply)).expect("the fuzz target waits");
    });
}

/// Waits until no reply can come any more. Returns the one of each message.
fn wait(replies: &Replies, messages: usize) -> Vec<Option<BridgeReply>> {
    let mut answers = vec![None; messages];
    let mut seen = HashSet::new();
    while seen.len() < messages {
        let (index, reply) = replies.recv_timeout(PATIENCE).expect("each message has a reply");
        assert!(seen.insert(index), "message {index} has a second reply");
        answers[index] = reply;
    }
    assert!(replies.recv_timeout(PATIENCE).is_err(), "there is a reply too many");
    answers
}

fn check(all: &[Sent], answers: &[Option<BridgeReply>], frames: bool) {
    let mut known = HashSet::new();
    for (sent, answer) in all.iter().zip(answers) {
        let message = sent.json();
        let page = message["page"].as_str().unwrap_or_default().to_lowercase();
        if sent.is_allowed(frames) && message["hello"] == true {
            known.insert(page.clone());
        }
        let Some(answer) = answer else { continue };
        let BridgeReply::Text(text) = answer else { panic!("nothing was received") };
        let reply: Value = serde_json::from_str(text).expect("a reply is JSON");
        let (is_refused, is_unknown) = (reply["refused"].is_string(), reply["unknown"] == true);
        assert_eq!(is_refused, !sent.is_allowed(frames));
        // Of a long message that is refused, only the begin is read.
        assert!(reply["page"] == page.as_str() || (is_refused && sent.message.len() >= LONG));
        assert!(is_refused || is_unknown || known.contains(&page), "no hello, no reply");
        assert!(!is_unknown || reply["result"]["errno"] == 301);
        let id = message.get("call").or(message.get("abort"));
        if let Some(result) = reply.get("result") {
            assert!(Some(&reply["id"]) == id || (is_refused && sent.message.len() >= LONG));
            let message = result["errMsg"].as_str().expect("a result has an errMsg");
            assert!(message.starts_with("request:fail "), "{message}");
            assert_ne!(result["errno"], 102, "a caught panic");
        }
    }
}

//! The bytes that a storage returns: the cookies are all read, or the bytes are set aside.

#![no_main]

use std::io;

use gadget_request::{Client, ClientConfig, CookieStorage};
use libfuzzer_sys::fuzz_target;

/// Returns the same bytes, whatever they are.
struct Kept(Vec<u8>);

impl CookieStorage for Kept {
    fn load(&self) -> io::Result<Option<Vec<u8>>> {
        Ok(Some(self.0.clone()))
    }

    fn save(&self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }
}

fuzz_target!(|input: &[u8]| {
    // Half of the inputs get a matching head, so that the fuzzer reaches the code behind it.
    let document = match input.split_first() {
        Some((0..128, body)) => with_head(body),
        _ => input.to_vec(),
    };
    let client = Client::builder(ClientConfig::default()).cookie_storage(Kept(document)).build();
    assert!(client.cookies().list().len() <= 3000);
    client.cookies().export_json();
    client.cookies().list_for("https://www.example.com/");
});

fn with_head(body: &[u8]) -> Vec<u8> {
    let digest = ring::digest::digest(&ring::digest::SHA256, body);
    let sum: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    [format!("gadget-cookies 1 {sum} {}\n", body.len()).as_bytes(), body].concat()
}

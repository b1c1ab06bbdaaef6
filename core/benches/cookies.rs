//! What a jar that is full costs a request: `scripts/bench cookies`.

use gadget_request::{Client, Cookie};

/// As many as a jar takes, thirty for each of a hundred hosts.
const HOSTS: usize = 100;
const COOKIES_EACH: usize = 30;

fn main() {
    divan::main();
}

fn full_jar() -> Client {
    let client = Client::default();
    let cookies = (0..HOSTS * COOKIES_EACH).map(|number| {
        let domain = format!(".host{}.example.com", number % HOSTS);
        let mut cookie = Cookie::new(format!("name{number}"), "0123456789abcdef", domain);
        cookie.path = ["/", "/a", "/a/b", "/other"][number / HOSTS % 4].to_owned();
        cookie
    });
    client.cookies().set(cookies).expect("they can be");
    assert_eq!(client.cookies().list().len(), HOSTS * COOKIES_EACH);
    client
}

/// The cookies for one request, found, ordered and copied out of 3000.
#[divan::bench(sample_count = 200, sample_size = 100)]
fn cookies_for_one_request(bencher: divan::Bencher<'_, '_>) {
    let client = full_jar();
    assert_eq!(client.cookies().list_for("https://www.host50.example.com/a/b/c").len(), 23);
    bencher.bench_local(|| client.cookies().list_for("https://www.host50.example.com/a/b/c"));
}

/// Likewise, for a host that has none.
#[divan::bench(sample_count = 200, sample_size = 100)]
fn no_cookies_for_one_request(bencher: divan::Bencher<'_, '_>) {
    let client = full_jar();
    assert!(client.cookies().list_for("https://nowhere.example.org/").is_empty());
    bencher.bench_local(|| client.cookies().list_for("https://nowhere.example.org/"));
}

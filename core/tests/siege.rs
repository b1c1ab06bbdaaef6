//! The engine under all attacks at once, beside a client that behaves. `scripts/siege` runs it for
//! `GADGET_SECONDS`, with each server in its own process.

#[path = "support/frames.rs"]
mod frames;
mod support;

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use gadget_request::{Client, ClientConfig, Error, RequestOptions};
use support::{Server, encoded};

/// The role of this process, if it is not the besieged one.
const ROLE: &str = "GADGET_SIEGE";

/// The most memory that the besieged process may take: 40 bodies with their windows, and a little
/// more.
const MAX_RESIDENT: usize = (40 * (8 + 8)) << 20;

/// The most descriptors: the idle connections of all clients, the connections in use, and a few
/// more.
const MAX_DESCRIPTORS: usize = 128 + 44 + 40;

/// The attacks, one for each hostile server.
const ATTACKS: [&str; 20] = [
    "fault/bomb?coding=gzip",
    "fault/bomb?coding=br",
    "fault/bomb?coding=zstd",
    // Empty members, empty blocks and control characters, coded several times.
    "stored/fault/repeat?unit=H4sIAAAAAAAA%2FwMAAAAAAAAAAAA%3D&size=104857600&in=gzip,gzip\
     &coding=gzip,gzip,gzip",
    "stored/fault/repeat?unit=AAAA%2F%2F8%3D&size=104857600&in=gzip,gzip&coding=deflate,gzip,gzip",
    "stored/fault/repeat?unit=AggggAA%3D&size=104857600&in=gzip,gzip&coding=deflate,gzip,gzip",
    "stored/fault/repeat?size=7000000&in=gzip,gzip&coding=gzip,gzip",
    "fault/left-over?status=204&bytes=answer&announced=1",
    "fault/left-over?status=304&pause=3000",
    "fault/left-over?status=200&bytes=answer&pause=1000",
    "fault/endless-informational",
    "fault/endless-headers",
    "fault/endless-body",
    "fault/drip?pause=1",
    "fault/silence",
    "fault/half-body",
    "fault/garbage",
    "redirect/302/30",
    "fault/many-headers?count=1999",
    "frames",
];

struct Address {
    http: String,
    https: String,
    pem: String,
}

/// Servers in a separate process, which ends when the value is dropped.
struct Servers {
    process: Child,
    addresses: Vec<Address>,
}

impl Drop for Servers {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Starts this many servers with this niceness: servers elsewhere would take no time of this
/// machine's processors.
fn servers(count: usize, niceness: &str) -> Servers {
    let test = "the_engine_holds_out_and_a_client_that_behaves_is_served";
    let mut process = Command::new("nice");
    process.args(["-n", niceness]).arg(std::env::current_exe().expect("it runs"));
    process.args(["--exact", test, "--ignored", "--nocapture"]).env(ROLE, count.to_string());
    let mut process = process.stdout(Stdio::piped()).spawn().expect("it can run twice");
    let output = BufReader::new(process.stdout.take().expect("it is piped"));
    let mut lines = output.lines().map_while(Result::ok);
    let addresses = lines.by_ref().filter_map(|line| {
        let mut parts = line.strip_prefix("server ")?.split(' ').map(str::to_owned);
        let (http, https, pem) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Address { http, https, pem: std::fs::read_to_string(pem).expect("a file") })
    });
    let addresses = addresses.take(count).collect();
    thread::spawn(move || lines.for_each(drop)); // it may print more
    Servers { process, addresses }
}

fn serve(count: usize) -> ! {
    let servers: Vec<Server> = (0..count).map(|_| support::server()).collect();
    for server in &servers {
        server.answer_in_frames(|number, stream| match fastrand::u8(..4) {
            0 => [frames::ok(stream), frames::go_away(stream)].concat(),
            1 => frames::reset(stream, fastrand::u32(..15)),
            2 if number > 50 => frames::go_away(stream - 1),
            _ => frames::flood(fastrand::usize(..frames::FLOODS), stream, 10_000),
        });
        println!("server {} {} {}", server.http(), server.https(), server.ca_path().display());
    }
    loop {
        thread::park();
    }
}

/// The URL of an attack. A response that is expensive to make is fetched once, and replayed to the
/// letter.
fn url(address: &Address, attack: &str) -> String {
    if attack == "frames" {
        let port = address.https.rsplit(':').next().expect("a port");
        return format!("https://frames.test:{port}/");
    }
    let Some(slow) = attack.strip_prefix("stored/") else {
        return format!("{}/{attack}", address.http);
    };
    let mut stream = TcpStream::connect(&address.http["http://".len()..]).expect("it listens");
    write!(stream, "GET /{slow} HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n")
        .expect("it reads");
    let mut response = Vec::new();
    stream.read_to_end(&mut response).expect("it answers");
    use base64::Engine as _;
    let base64 = base64::engine::general_purpose::STANDARD.encode(response);
    format!("{}/raw?base64={}", address.http, encoded(&base64))
}

/// The times of the calls of a client that behaves, in milliseconds, sorted. A call that fails
/// counts as endless.
fn times_while(client: &Client, origins: [&str; 2], goes_on: impl Fn() -> bool + Sync) -> Vec<f64> {
    let times = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for number in 0..4 {
            let (times, goes_on) = (&times, &goes_on);
            scope.spawn(move || {
                while goes_on() {
                    let begun = Instant::now();
                    let url = format!("{}/delay/10", origins[number % 2]);
                    let outcome = support::get(client, &url);
                    let time = begun.elapsed().as_secs_f64() * 1000.0;
                    let time = match outcome.result() {
                        Ok(_) => time,
                        Err(error) => {
                            println!("  a client that behaves: {error} after {time:.1} ms");
                            f64::INFINITY
                        }
                    };
                    times.lock().expect("no panic").push(time);
                }
            });
        }
    });
    let mut times = times.into_inner().expect("no panic");
    times.sort_by(f64::total_cmp);
    times
}

fn percentile(times: &[f64], percent: usize) -> f64 {
    times[(times.len() * percent / 100).min(times.len() - 1)]
}

#[derive(Default)]
struct Tally {
    started: AtomicUsize,
    completed: AtomicUsize,
    succeeded: AtomicUsize,
}

/// Calls hostile servers, more at a time than can be in flight, and aborts some.
fn besiege(client: &Client, urls: &[String], tally: &Arc<Tally>, goes_on: impl Fn() -> bool) {
    let mut rng = Rng::new();
    let (sender, outcomes) = mpsc::channel();
    let mut tasks = Vec::new();
    let under_way =
        || tally.started.load(Ordering::SeqCst) - tally.completed.load(Ordering::SeqCst);
    while goes_on() {
        while under_way() < 4 * 15 {
            let timeout = Duration::from_millis(rng.u64(1..2000));
            let options = RequestOptions::new(rng.choice(urls).expect("there are some").clone())
                .timeout(timeout);
            let (sender, tally) = (sender.clone(), Arc::clone(tally));
            tally.started.fetch_add(1, Ordering::SeqCst);
            tasks.push(client.start(options, move |outcome| {
                assert_ne!(outcome.result().err(), Some(&Error::Internal), "a bug of ours");
                tally.succeeded.fetch_add(usize::from(outcome.result().is_ok()), Ordering::SeqCst);
                tally.completed.fetch_add(1, Ordering::SeqCst);
                let _ = sender.send(outcome.json().len());
            }));
        }
        let _ = outcomes.recv_timeout(Duration::from_millis(10));
        while tasks.len() > 30 {
            tasks.swap_remove(rng.usize(..tasks.len())).abort();
        }
    }
}

/// Resident memory in bytes, and open descriptors.
fn usage() -> (usize, usize) {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("a size");
    let kib: usize = resident.trim().trim_end_matches(" kB").parse().expect("a number");
    (kib << 10, std::fs::read_dir("/proc/self/fd").expect("Linux has it").count())
}

#[test]
#[ignore = "takes minutes, and a machine that does nothing else: scripts/siege"]
fn the_engine_holds_out_and_a_client_that_behaves_is_served() {
    if let Ok(count) = std::env::var(ROLE) {
        serve(count.parse().unwrap());
    }
    let seconds = std::env::var("GADGET_SECONDS").ok().and_then(|text| text.parse().ok());
    let seconds = Duration::from_secs(seconds.unwrap_or(600));
    let (friend, hostile) = (servers(1, "0"), servers(ATTACKS.len(), "19"));
    let friend = &friend.addresses[0];
    let mut config = ClientConfig::default();
    config.roots_pem.extend(friend.pem.parse().unwrap());
    let well_behaved = Client::new(config);
    let origins = [friend.http.as_str(), friend.https.as_str()];

    let (begun, calm) = (Instant::now(), seconds / 10);
    let before = times_while(&well_behaved, origins, || begun.elapsed() < calm);

    let mut config = ClientConfig::default();
    config.max_body_bytes = 8 << 20;
    for address in &hostile.addresses {
        config.roots_pem.extend(address.pem.parse().unwrap());
        let port = address.https.rsplit(':').next().expect("a port");
        config.resolve.push(format!("frames.test:{port}:127.0.0.1").parse().unwrap());
    }
    // `GADGET_ATTACK` runs one attack alone, by its number, to find the one that delays others.
    let only = std::env::var("GADGET_ATTACK").ok().and_then(|text| text.parse::<usize>().ok());
    let attacks = hostile.addresses.iter().zip(ATTACKS).enumerate();
    let attacks = attacks.filter(|(number, _)| only.is_none_or(|only| only == *number));
    let urls: Vec<String> = attacks.map(|(_, (address, attack))| url(address, attack)).collect();
    let clients: Vec<Client> = (0..4).map(|_| Client::new(config.clone())).collect();
    let (tally, is_over) = (Arc::new(Tally::default()), AtomicBool::new(false));
    let begun = Instant::now();
    let (during, most) = thread::scope(|scope| {
        for client in &clients {
            scope.spawn(|| besiege(client, &urls, &tally, || begun.elapsed() < seconds));
        }
        let watch = scope.spawn(|| {
            let mut most = (0, 0);
            while !is_over.load(Ordering::SeqCst) {
                let now = usage();
                most = (most.0.max(now.0), most.1.max(now.1));
                thread::sleep(Duration::from_millis(20));
            }
            most
        });
        let during = times_while(&well_behaved, origins, || begun.elapsed() < seconds);
        is_over.store(true, Ordering::SeqCst);
        (during, watch.join().unwrap())
    });
    for client in &clients {
        client.shutdown();
    }
    let load = |count: &AtomicUsize| count.load(Ordering::SeqCst);
    support::eventually("all have completed", || load(&tally.completed) == load(&tally.started));

    println!("siege of {} s:", seconds.as_secs());
    println!(
        "  {} hostile calls, {} of them succeeded",
        load(&tally.started),
        load(&tally.succeeded)
    );
    for (when, times) in [("before", &before), ("during", &during)] {
        let [half, most, all] = [50, 99, 100].map(|percent| percentile(times, percent));
        println!("  {when}: {} calls, {half:.1} ms, 99th {most:.1}, last {all:.1}", times.len());
    }
    println!("  at most {} MiB and {} descriptors", most.0 >> 20, most.1);
    assert!(percentile(&during, 100).is_finite(), "all calls of a client that behaves succeed");
    assert!(percentile(&during, 99) <= 5.0 * percentile(&before, 99), "the 99th percentile");
    assert!(most.0 <= MAX_RESIDENT, "memory");
    assert!(most.1 <= MAX_DESCRIPTORS, "descriptors");
}

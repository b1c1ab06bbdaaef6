//! The profile of a call as it crosses to Kotlin and Swift, which read it only when they are asked.

use gadget_request::{CallMoment, Timing};

/// The numbers of a profile: its moments, then what [`bytes`] adds.
const NUMBERS: usize = CallMoment::ALL.len() + 8;

/// Writes a profile: numbers of eight bytes, the highest first, and the address of the peer as text
/// if there is one. NaN stands for what is absent. `Timing.kt` and `Timing+Parts.swift` read it.
pub(crate) fn bytes(timing: &Timing) -> Vec<u8> {
    let count = |count: u64| count as f64;
    let more = [
        timing.port().map(f64::from),
        timing.protocol().map(|protocol| if protocol == "h2" { 2.0 } else { 1.1 }),
        timing.socket_reused().map(|reused| if reused { 1.0 } else { 0.0 }),
        timing.send_bytes_count().map(count),
        timing.received_bytes_count().map(count),
        timing.decoded_bytes().map(count),
        Some(f64::from(timing.redirect_count())),
        Some(f64::from(timing.retry_count())),
    ];
    let moments = CallMoment::ALL.into_iter().map(|moment| timing.at(moment));
    let mut bytes = Vec::with_capacity(8 * NUMBERS + 40);
    for number in moments.chain(more) {
        bytes.extend(number.unwrap_or(f64::NAN).to_be_bytes());
    }
    if let Some(address) = timing.peer_ip() {
        bytes.extend(address.to_string().bytes());
    }
    bytes
}

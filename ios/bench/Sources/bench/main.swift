// The library beside URLSession: `bench CASE URL REQUESTS`. Prints a line for each peer: the case,
// the peer, seconds and microseconds of CPU for each request, with ten in flight.

import Foundation

let inFlight = 10

guard CommandLine.arguments.count == 4, let requests = Int(CommandLine.arguments[3]) else {
  FileHandle.standardError.write(Data("usage: bench CASE URL REQUESTS\n".utf8))
  exit(2)
}
let (name, url) = (CommandLine.arguments[1], CommandLine.arguments[2])

let peers: [(String, any Peer)] = [
  ("completion", try Gadget()), ("await", try AwaitedGadget()), ("URLSession", Session()),
]
for (peer, made) in peers {
  // First some that do not count, so that connections are open and code is loaded.
  _ = await measure(made, url, requests: max(inFlight, requests / 10))
  let (seconds, microseconds) = await measure(made, url, requests: requests)
  print(name, peer, seconds / Double(requests) * 1e6, microseconds, separator: "\t")
}

/// Makes requests with ten in flight.
///
/// - Returns: Seconds, and microseconds of CPU for each request.
func measure(_ peer: any Peer, _ url: String, requests: Int) async -> (Double, Double) {
  let (cpu, start) = (clock(CLOCK_PROCESS_CPUTIME_ID), clock(CLOCK_MONOTONIC))
  await peer.get(url, requests, inFlight)
  let seconds = clock(CLOCK_MONOTONIC) - start
  return (seconds, (clock(CLOCK_PROCESS_CPUTIME_ID) - cpu) / Double(requests) * 1e6)
}

/// Returns the seconds of a clock.
func clock(_ id: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(id, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

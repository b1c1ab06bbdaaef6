import Foundation
internal import GadgetRequestGenerated

/// Passes what happens to calls to the observer of the host app.
final class ObserverAdapter: GadgetRequestGenerated.CallObserver {
  private let observer: any CallObserver

  init(_ observer: any CallObserver) {
    self.observer = observer
  }

  func onEvent(event: GadgetRequestGenerated.CallEvent) {
    observer.onEvent(
      CallEvent(
        trace: event.trace, at: event.at, step: CallStep(event.step, event.trace),
        dropped: Int(event.dropped), json: event.json))
  }
}

extension CallStep {
  fileprivate init(_ step: GadgetRequestGenerated.CallStep, _ trace: String) {
    switch step {
    case .start(let method, let url): self = .start(method: method, url: url)
    case .queued(let ahead): self = .queued(ahead: Int(ahead))
    case .dispatched(let inFlight, let queued):
      self = .dispatched(inFlight: Int(inFlight), queued: Int(queued))
    case .connection(let reused, let peerIP, let port, let name):
      self = .connection(
        isReused: reused, peerIP: peerIP, port: port.map { Int($0) }, protocol: name)
    case .request(let method, let url, let headers, let bytes):
      self = .request(method: method, url: url, headers: Headers(headers), bytes: Int(bytes))
    case .head(let status, let headers):
      self = .head(status: Int(status), headers: Headers(headers))
    case .retry(let reason, let count): self = .retry(reason: reason, count: Int(count))
    case .redirect(let status, let url): self = .redirect(status: Int(status), url: url)
    case .end(let status, let failure, let bytes):
      let timing = bytes.map { $0.withUnsafeBytes { Timing($0) } }
      let error = failure.map { GadgetError($0, trace, timing) }
      self = .end(
        result: error.map { .failure($0) } ?? .success(Int(status ?? 0)), timing: timing)
    }
  }
}

extension Headers {
  fileprivate init(_ fields: [GadgetRequestGenerated.Header]) {
    self.init(fields.map { Field(name: $0.name, value: $0.value) })
  }
}

extension GadgetError {
  fileprivate init(_ failure: CallFailure, _ trace: String, _ timing: Timing?) {
    let errno = Errno(rawValue: Int(failure.errno))
    self.init(
      errno: errno, errString: errno.errString, detail: failure.detail, trace: trace,
      cause: failure.cause, timing: timing)
  }
}

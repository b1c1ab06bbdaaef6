// The declarations of Network that the package uses, with Apple's signatures, and a device whose
// path a test sets.

public import Dispatch
import Foundation

public final class NWPathMonitor: @unchecked Sendable {
  private let lock = NSLock()
  private var handler: (@Sendable (NWPath) -> Void)?
  private var queue: DispatchQueue?

  public init() {}

  public var pathUpdateHandler: (@Sendable (NWPath) -> Void)? {
    get { lock.withLock { handler } }
    set { lock.withLock { handler = newValue } }
  }

  public func start(queue: DispatchQueue) {
    lock.withLock { self.queue = queue }
    Device.shared.add(self)
  }

  public func cancel() {
    Device.shared.remove(self)
  }

  func report(_ path: NWPath) {
    let (queue, handler) = lock.withLock { (self.queue, self.handler) }
    queue?.async { handler?(path) }
  }
}

public struct NWPath: Equatable, Sendable {
  public enum Status: Sendable {
    case satisfied, unsatisfied, requiresConnection
  }

  public let status: Status
  public let availableInterfaces: [NWInterface]
  public let gateways: [NWEndpoint]
}

public struct NWInterface: Hashable, Sendable {
  public let name: String
}

public enum NWEndpoint: Hashable, Sendable {
  case unix(path: String)
}

/// What Apple's Network does not have: the device, for tests.
public final class Device: @unchecked Sendable {
  public static let shared = Device()

  private let lock = NSLock()
  private var monitors: [ObjectIdentifier: NWPathMonitor] = [:]
  private var path = NWPath(status: .satisfied, availableInterfaces: [], gateways: [])

  /// How many monitors have started and are not cancelled.
  public var monitorCount: Int {
    lock.withLock { monitors.count }
  }

  /// Sets the path of the device, and reports it to all monitors.
  public func set(_ status: NWPath.Status, interfaces: [String] = [], gateways: [String] = []) {
    let monitors = lock.withLock {
      path = NWPath(
        status: status, availableInterfaces: interfaces.map(NWInterface.init(name:)),
        gateways: gateways.map(NWEndpoint.unix(path:)))
      return Array(self.monitors.values)
    }
    for monitor in monitors { monitor.report(lock.withLock { path }) }
  }

  func add(_ monitor: NWPathMonitor) {
    let path = lock.withLock {
      monitors[ObjectIdentifier(monitor)] = monitor
      return self.path
    }
    monitor.report(path)
  }

  func remove(_ monitor: NWPathMonitor) {
    lock.withLock { monitors[ObjectIdentifier(monitor)] = nil }
  }
}

// The declarations of CFNetwork and CoreFoundation that the package uses, with Apple's signatures,
// and a device whose proxies a test sets.

public import Foundation

public typealias CFString = String
public typealias CFURL = NSURL
public typealias CFArray = NSArray
public typealias CFDictionary = NSDictionary
public typealias CFError = NSError
public typealias CFIndex = Int
public typealias CFTimeInterval = Double

public let kCFProxyTypeKey: CFString = "kCFProxyTypeKey"
public let kCFProxyHostNameKey: CFString = "kCFProxyHostNameKey"
public let kCFProxyPortNumberKey: CFString = "kCFProxyPortNumberKey"
public let kCFProxyAutoConfigurationURLKey: CFString = "kCFProxyAutoConfigurationURLKey"
public let kCFProxyTypeNone: CFString = "kCFProxyTypeNone"
public let kCFProxyTypeHTTP: CFString = "kCFProxyTypeHTTP"
public let kCFProxyTypeHTTPS: CFString = "kCFProxyTypeHTTPS"
public let kCFProxyTypeSOCKS: CFString = "kCFProxyTypeSOCKS"
public let kCFProxyTypeAutoConfigurationURL: CFString = "kCFProxyTypeAutoConfigurationURL"

public func CFNetworkCopySystemProxySettings() -> Unmanaged<CFDictionary>? {
  Unmanaged.passRetained(NSDictionary())
}

public func CFNetworkCopyProxiesForURL(
  _ url: CFURL, _ proxySettings: CFDictionary
) -> Unmanaged<CFArray> {
  Unmanaged.passRetained(NSArray(array: ProxyDevice.shared.entries(for: url.absoluteString)))
}

// Linux has no functions of C that get objects.
public typealias CFProxyAutoConfigurationResultCallback =
  (UnsafeMutableRawPointer, CFArray, CFError?) -> Void

public struct CFStreamClientContext {
  let info: UnsafeMutableRawPointer?

  public init(
    version: CFIndex, info: UnsafeMutableRawPointer?,
    retain: ((UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer?)?,
    release: ((UnsafeMutableRawPointer?) -> Void)?,
    copyDescription: ((UnsafeMutableRawPointer?) -> Unmanaged<NSString>?)?
  ) {
    self.info = info
  }
}

public func CFNetworkExecuteProxyAutoConfigurationURL(
  _ proxyAutoConfigURL: CFURL, _ targetURL: CFURL,
  _ cb: @escaping CFProxyAutoConfigurationResultCallback,
  _ clientContext: UnsafeMutablePointer<CFStreamClientContext>
) -> Unmanaged<CFRunLoopSource> {
  let info = clientContext.pointee.info
  let found = ProxyDevice.shared.entries(for: proxyAutoConfigURL.absoluteString)
  return Unmanaged.passRetained(
    CFRunLoopSource { if let info, !found.isEmpty { cb(info, NSArray(array: found), nil) } })
}

/// Runs its work once, when its run loop runs.
public final class CFRunLoopSource {
  fileprivate let work: () -> Void

  init(_ work: @escaping () -> Void) {
    self.work = work
  }
}

public final class CFRunLoop {
  fileprivate var sources: [CFRunLoopSource] = []
}

public struct CFRunLoopMode {
  public init(_ rawValue: CFString) {}
}

public func CFRunLoopGetCurrent() -> CFRunLoop! {
  let known = Thread.current.threadDictionary["loop"] as? CFRunLoop
  let loop = known ?? CFRunLoop()
  Thread.current.threadDictionary["loop"] = loop
  return loop
}

public func CFRunLoopAddSource(_ rl: CFRunLoop!, _ source: CFRunLoopSource!, _ mode: CFRunLoopMode!)
{
  rl.sources.append(source)
}

@discardableResult
public func CFRunLoopRunInMode(
  _ mode: CFRunLoopMode!, _ seconds: CFTimeInterval, _ returnAfterSourceHandled: Bool
) -> Int32 {
  for source in CFRunLoopGetCurrent().sources { source.work() }
  return 0
}

public func CFRunLoopSourceInvalidate(_ source: CFRunLoopSource!) {
  CFRunLoopGetCurrent().sources.removeAll { $0 === source }
}

/// What Apple's CFNetwork does not have: the device's proxies, for tests.
public final class ProxyDevice: @unchecked Sendable {
  public static let shared = ProxyDevice()

  private let lock = NSLock()
  private var proxies: [String: [[String: Any]]] = [:]

  /// Sets the entries for requests to an origin, or those that a script names.
  public func set(_ entries: [[String: Any]], for url: String) {
    lock.withLock { proxies[url] = entries }
  }

  func entries(for url: String?) -> [Any] {
    lock.withLock { proxies[url ?? ""] ?? [] }
  }
}

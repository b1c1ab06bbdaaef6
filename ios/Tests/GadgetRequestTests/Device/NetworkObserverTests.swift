#if canImport(Network)
  import Foundation
  import GadgetRequest
  import Network
  import Testing

  // One after the other, because the device is the same for all.
  @Suite("An observer of the network", .serialized)
  struct NetworkObserverTests {
    private let device = Device.shared

    init() {
      device.set(.satisfied, interfaces: ["en0"], gateways: ["192.168.1.1"])
    }

    @Test("Clients are offline while the device has no network, and a new one at once")
    func offline() async throws {
      let (observer, first, second) = (
        NetworkObserver(), try client(), try client()
      )
      observer.add(first)
      #expect(try await status(by: first) == 200)

      device.set(.unsatisfied)
      try await TestServer.wait(until: "the first is offline") { await isOffline(first) }
      observer.add(second)
      try await failure(.noNetwork, "offline", of: RequestOptions(url("/echo")), by: second)

      device.set(.satisfied, interfaces: ["en0"])
      try await TestServer.wait(until: "the first is online") { await !isOffline(first) }
      try await TestServer.wait(until: "the second is online") { await !isOffline(second) }
    }

    @Test("A network that may come up for a call counts as one")
    func requiresConnection() async throws {
      let (observer, client) = (NetworkObserver(), try client())
      observer.add(client)
      device.set(.unsatisfied)
      try await TestServer.wait(until: "it is offline") { await isOffline(client) }
      device.set(.requiresConnection)
      try await TestServer.wait(until: "it is online") { await !isOffline(client) }
    }

    @Test(
      "Another interface or router is another network, for which connections are made anew",
      arguments: [(["pdp_ip0", "en0"], ["10.0.0.1"]), (["en0"], ["192.168.2.1"])])
    func changed(interfaces: [String], gateways: [String]) async throws {
      let names = Shared(0)
      let (observer, client) = (
        NetworkObserver(), try client(names)
      )
      observer.add(client)
      #expect(try await status(by: client) == 200)
      #expect(try await status(by: client) == 200)
      #expect(names.withLock { $0 } == 1)

      // What does not matter for connections: an interface that is second now.
      device.set(.satisfied, interfaces: ["en0", "pdp_ip0"], gateways: ["192.168.1.1"])
      #expect(try await status(by: client) == 200)
      #expect(names.withLock { $0 } == 1)

      device.set(.satisfied, interfaces: interfaces, gateways: gateways)
      try await TestServer.wait(until: "it connects anew") {
        try await status(by: client) == 200 && names.withLock { $0 } == 2
      }
    }

    @Test("A client that is removed counts as online, and so do all when the observer is released")
    func removed() async throws {
      let (first, second) = (try client(), try client())
      let before = device.monitorCount
      do {
        let observer = NetworkObserver()
        #expect(device.monitorCount == before + 1)
        observer.add(first)
        observer.add(first)
        observer.add(second)
        device.set(.unsatisfied)
        try await TestServer.wait(until: "both are offline") {
          let isFirstOffline = await isOffline(first)
          let isSecondOffline = await isOffline(second)
          return isFirstOffline && isSecondOffline
        }
        observer.remove(first)
        observer.remove(first)
        #expect(try await status(by: first) == 200)
        #expect(await isOffline(second))
        withExtendedLifetime(observer) {}
      }
      #expect(try await status(by: second) == 200)
      #expect(device.monitorCount == before)
    }

    @Test("It does not keep clients alive")
    func weak() async throws {
      let observer = NetworkObserver()
      weak var released: GadgetClient?
      do {
        let client = try client()
        observer.add(client)
        released = client
      }
      device.set(.unsatisfied)
      #expect(released == nil)
      withExtendedLifetime(observer) {}
    }

    /// Knows the test server by a name, and counts how often it is asked.
    private struct Counting: HostResolver {
      let names: Shared<Int>

      func resolve(_ host: String) throws -> [String] {
        names.withLock { $0 += 1 }
        return ["127.0.0.1"]
      }
    }

    private func client(_ names: Shared<Int> = Shared(0)) throws -> GadgetClient {
      try TestServer.client(resolver: Counting(names: names))
    }

    private func url(_ path: String) throws -> String {
      let port = try #require(URL(string: TestServer.url("/"))?.port)
      return "http://device.example:\(port)" + path
    }

    private func status(by client: GadgetClient) async throws -> Int {
      try await client.request(RequestOptions(url("/status/200"))).status
    }

    private func isOffline(_ client: GadgetClient) async -> Bool {
      do {
        return try await status(by: client) != 200
      } catch {
        return (error as? GadgetError)?.errno == .noNetwork
      }
    }
  }
#endif

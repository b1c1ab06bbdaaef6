#if canImport(Security)
  import Foundation
  import GadgetRequest
  import Security
  import Testing

  // One after the other, because the keychain is the same for all.
  @Suite("Cookies in the keychain", .serialized)
  struct KeychainCookiesTests {
    private let account = "cli_1 " + UUID().uuidString
    private var storage: KeychainCookies { KeychainCookies(account: account) }

    @Test("The next client of the account gets the cookies, and another account none")
    func kept() throws {
      let expires = Date(timeIntervalSinceNow: 1000)
      let cookie = Cookie(name: "a", value: "1", domain: "example.com", expires: expires)
      let first = try TestServer.client(storage: storage)
      try first.cookies.set([cookie])
      try first.cookies.save()
      try first.cookies.set([cookie, Cookie(name: "b", value: "2", domain: "example.com")])
      try first.cookies.save()

      let second = try TestServer.client(storage: storage)
      #expect(second.cookies.list().map(\.name) == ["a"])
      let other = try TestServer.client(storage: KeychainCookies(account: account + "2"))
      #expect(other.cookies.list().isEmpty)
    }

    @Test("The item can be read after the first unlock, and does not leave the device")
    func accessible() throws {
      #expect(try storage.load() == nil)
      try storage.save(Data([1]))
      let item = try #require(Keychain.shared.item(service: "gadget-request", account: account))
      #expect(item.data == Data([1]))
      #expect(item.accessible == kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly)
      try storage.save(Data([2]))
      #expect(try storage.load() == Data([2]))
    }

    @Test("Service and access group name another item")
    func named() throws {
      let shared = KeychainCookies(account: account, service: "s", accessGroup: "g")
      try shared.save(Data([1]))
      #expect(try storage.load() == nil)
      #expect(
        Keychain.shared.item(service: "s", account: account, accessGroup: "g")?.data == Data([1]))
    }

    @Test("While the device is locked, both are errors, and nothing is lost")
    func locked() throws {
      try storage.save(Data([1]))
      Keychain.shared.setLocked(true)
      defer { Keychain.shared.setLocked(false) }
      let error = NSError(domain: NSOSStatusErrorDomain, code: Int(errSecInteractionNotAllowed))
      #expect(throws: error) { try storage.load() }
      #expect(throws: error) { try storage.save(Data([2])) }
      Keychain.shared.setLocked(false)
      #expect(try storage.load() == Data([1]))
    }

    @Test("An item that an app extension has just added is replaced")
    func race() throws {
      Keychain.shared.race(account: account, data: Data([1]))
      try storage.save(Data([2]))
      #expect(try storage.load() == Data([2]))
    }
  }
#endif

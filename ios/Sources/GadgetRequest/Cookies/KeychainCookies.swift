#if canImport(Security)
  public import Foundation
  import Security

  /// Keeps the cookies of a client in the keychain.
  ///
  /// ```swift
  /// let client = try GadgetClient(
  ///   configuration: configuration, cookieStorage: KeychainCookies(account: "\(appID) \(userID)"))
  /// ```
  ///
  /// They can be read after the first unlock of the device, in the background too, and stay on this
  /// device. They outlive the app: the system deletes no item of the keychain with it. Delete them
  /// with ``CookieJar/clear()`` and ``CookieJar/save()``.
  ///
  /// The keychain is made for small items. Jars of some hundred KiB are better kept in a file, see
  /// ``ClientConfiguration/cookieDirectory``.
  public struct KeychainCookies: CookieStorage {
    private let account: String
    private let service: String
    private let accessGroup: String?

    /// Names the item of the keychain.
    ///
    /// - Parameters:
    ///   - account: The account of the item. Make it of the app id of the mini program and of the
    ///     user of the host app: one client at a time may use it.
    ///   - service: The service of the item.
    ///   - accessGroup: The access group of the item, if an app extension shares it.
    public init(account: String, service: String = "gadget-request", accessGroup: String? = nil) {
      (self.account, self.service, self.accessGroup) = (account, service, accessGroup)
    }

    /// Returns the item; `nil` if there is none.
    ///
    /// - Throws: The error of the keychain, for example while the device was not unlocked yet.
    public func load() throws -> Data? {
      var query = item
      query[kSecReturnData as String] = true
      var found: CFTypeRef?
      switch SecItemCopyMatching(query as CFDictionary, &found) {
      case errSecSuccess: return found as? Data
      case errSecItemNotFound: return nil
      case let status: throw error(status)
      }
    }

    /// Replaces the item as a whole.
    ///
    /// - Throws: The error of the keychain.
    public func save(_ data: Data) throws {
      var status = update(data)
      if status == errSecItemNotFound {
        var new = item
        new[kSecValueData as String] = data
        new[kSecAttrAccessible as String] = kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly
        status = SecItemAdd(new as CFDictionary, nil)
        // An app extension has just added it.
        if status == errSecDuplicateItem { status = update(data) }
      }
      guard status == errSecSuccess else { throw error(status) }
    }

    private func update(_ data: Data) -> OSStatus {
      SecItemUpdate(item as CFDictionary, [kSecValueData as String: data] as CFDictionary)
    }

    private var item: [String: Any] {
      var item: [String: Any] = [
        kSecClass as String: kSecClassGenericPassword, kSecAttrService as String: service,
        kSecAttrAccount as String: account,
      ]
      item[kSecAttrAccessGroup as String] = accessGroup
      return item
    }

    private func error(_ status: OSStatus) -> NSError {
      NSError(domain: NSOSStatusErrorDomain, code: Int(status))
    }
  }
#endif

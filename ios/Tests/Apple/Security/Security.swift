// The declarations of Security that the package uses, with Apple's signatures, over a keychain in
// memory.

public import Foundation

public typealias CFString = String
public typealias CFDictionary = [String: Any]
public typealias CFTypeRef = AnyObject
public typealias OSStatus = Int32

public let errSecSuccess: OSStatus = 0
public let errSecParam: OSStatus = -50
public let errSecDuplicateItem: OSStatus = -25299
public let errSecItemNotFound: OSStatus = -25300
public let errSecInteractionNotAllowed: OSStatus = -25308

public let kSecClass: CFString = "class"
public let kSecClassGenericPassword: CFString = "genp"
public let kSecAttrService: CFString = "svce"
public let kSecAttrAccount: CFString = "acct"
public let kSecAttrAccessGroup: CFString = "agrp"
public let kSecAttrAccessible: CFString = "pdmn"
public let kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly: CFString = "cku"
public let kSecReturnData: CFString = "r_Data"
public let kSecValueData: CFString = "v_Data"

public func SecItemCopyMatching(
  _ query: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?
) -> OSStatus {
  guard query[kSecReturnData] as? Bool == true else { return errSecParam }
  return Keychain.shared.with(query) { item in
    guard let item else { return errSecItemNotFound }
    result?.pointee = NSData(data: item.data)
    return errSecSuccess
  }
}

public func SecItemAdd(
  _ attributes: CFDictionary, _ result: UnsafeMutablePointer<CFTypeRef?>?
) -> OSStatus {
  Keychain.shared.with(attributes) { item in
    guard item == nil else { return errSecDuplicateItem }
    guard let data = attributes[kSecValueData] as? Data else { return errSecParam }
    item = Keychain.Item(data: data, accessible: attributes[kSecAttrAccessible] as? String)
    return errSecSuccess
  }
}

public func SecItemUpdate(_ query: CFDictionary, _ attributesToUpdate: CFDictionary) -> OSStatus {
  Keychain.shared.with(query) { item in
    guard item != nil else { return errSecItemNotFound }
    guard let data = attributesToUpdate[kSecValueData] as? Data else { return errSecParam }
    item?.data = data
    return errSecSuccess
  }
}

/// What Apple's Security does not have: a keychain that tests look into, lock and disturb.
public final class Keychain: @unchecked Sendable {
  public struct Item: Sendable {
    public var data: Data
    public let accessible: String?
  }

  public static let shared = Keychain()

  private let lock = NSLock()
  private var items: [[String]: Item] = [:]
  private var isLocked = false
  private var race: (account: String, data: Data)?

  /// Returns the item of a service and an account.
  public func item(service: String, account: String, accessGroup: String? = nil) -> Item? {
    lock.withLock { items[[service, account, accessGroup ?? ""]] }
  }

  /// Locks the device, so that no item can be read or written, or unlocks it.
  public func setLocked(_ isLocked: Bool) {
    lock.withLock { self.isLocked = isLocked }
  }

  /// Lets another process add this item when the next lookup of the account finds none.
  public func race(account: String, data: Data) {
    lock.withLock { race = (account, data) }
  }

  func with(_ query: CFDictionary, _ action: (inout Item?) -> OSStatus) -> OSStatus {
    lock.withLock {
      guard !isLocked else { return errSecInteractionNotAllowed }
      guard query[kSecClass] as? String == kSecClassGenericPassword,
        let service = query[kSecAttrService] as? String,
        let account = query[kSecAttrAccount] as? String
      else { return errSecParam }
      let key = [service, account, query[kSecAttrAccessGroup] as? String ?? ""]
      let status = action(&items[key])
      if status == errSecItemNotFound, let race, race.account == account {
        items[key] = Item(data: race.data, accessible: nil)
        self.race = nil
      }
      return status
    }
  }
}

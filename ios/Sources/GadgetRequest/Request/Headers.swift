/// Header fields in order; a name may repeat.
///
/// ```swift
/// var headers: Headers = ["accept": "application/json"]
/// headers["x-session"] = "1"
/// headers["Accept"]  // "application/json"
/// let others: Headers = [.accept("text/plain"), .authorization(bearerToken: token)]
/// ```
public struct Headers: Sendable, Equatable {
  /// A name and its value.
  public struct Field: Sendable, Equatable {
    /// The name; in a response it is in lower case.
    public var name: String

    /// The value.
    public var value: String

    /// Creates a field.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  private var fields: [Field]

  /// Creates header fields in this order.
  public init(_ fields: [Field] = []) {
    self.fields = fields
  }

  /// Adds a field after all others, even if its name is present already.
  public mutating func append(_ name: String, _ value: String) {
    fields.append(Field(name: name, value: value))
  }

  /// The value of a field; `nil` if it is absent. To set `nil` removes the field.
  ///
  /// Names are compared without case. The values of a repeated field are joined with `, `. A new
  /// value takes the place of the first one, and the others are removed.
  public subscript(name: String) -> String? {
    get {
      let values = self.values(of: name)
      return values.isEmpty ? nil : values.joined(separator: ", ")
    }
    set {
      let place = fields.firstIndex { $0.name.isEqualWithoutCase(name) } ?? fields.endIndex
      fields.removeAll { $0.name.isEqualWithoutCase(name) }
      if let newValue { fields.insert(Field(name: name, value: newValue), at: place) }
    }
  }

  /// Returns the values of all fields with this name, compared without case.
  public func values(of name: String) -> [String] {
    fields.filter { $0.name.isEqualWithoutCase(name) }.map(\.value)
  }
}

extension Headers {
  /// Creates header fields from a dictionary, sorted by name.
  public init(_ dictionary: [String: String]) {
    self.init(dictionary.sorted { $0.key < $1.key }.map { Field(name: $0.key, value: $0.value) })
  }
}

extension Headers: RandomAccessCollection {
  /// The position of the first field.
  public var startIndex: Int { fields.startIndex }

  /// The position after the last field.
  public var endIndex: Int { fields.endIndex }

  /// The field at a position.
  public subscript(position: Int) -> Field { fields[position] }
}

extension Headers: ExpressibleByDictionaryLiteral {
  /// Creates header fields in the order of the literal.
  public init(dictionaryLiteral elements: (String, String)...) {
    self.init(elements.map { Field(name: $0.0, value: $0.1) })
  }
}

extension Headers: ExpressibleByArrayLiteral {
  /// Creates header fields in the order of the literal.
  public init(arrayLiteral elements: Field...) {
    self.init(elements)
  }
}

extension String {
  /// Returns true if the names are equal without case.
  ///
  /// Only ASCII letters have a case here: a header name is ASCII.
  func isEqualWithoutCase(_ other: String) -> Bool {
    utf8.elementsEqual(other.utf8) { $0.lowercasedASCII == $1.lowercasedASCII }
  }
}

extension UInt8 {
  fileprivate var lowercasedASCII: UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(self) ? self | 0x20 : self
  }
}

extension ClientConfiguration {
  /// A certificate, with its key, for servers that ask who the client is (mutual TLS).
  ///
  /// Only the hosts that are listed get it, and only if they ask. Its key signs the handshake and
  /// is never sent. If you print, dump or interpolate it, the text shows the hosts only.
  ///
  /// ```swift
  /// configuration.clientCertificates = [
  ///   .init(hosts: ["https://api.example.com"], certificatePEM: certificate, keyPEM: key)
  /// ]
  /// ```
  public struct ClientCertificate: Sendable, Equatable {
    /// The hosts, written as in ``ClientConfiguration/allowedHosts``.
    public var hosts: [String]

    /// The certificate and then, in their order, those that lead to its root.
    public var certificatePEM: String

    /// Its private key, not encrypted: PKCS #8, PKCS #1 (RSA) or SEC 1 (elliptic curves).
    public var keyPEM: String

    /// Shows a certificate to some hosts.
    public init(hosts: [String], certificatePEM: String, keyPEM: String) {
      self.hosts = hosts
      self.certificatePEM = certificatePEM
      self.keyPEM = keyPEM
    }
  }
}

extension ClientConfiguration.ClientCertificate: CustomStringConvertible,
  CustomDebugStringConvertible, CustomReflectable
{
  /// The hosts.
  public var description: String {
    "ClientCertificate(hosts: \(hosts))"
  }

  /// The text of ``description``.
  public var debugDescription: String {
    description
  }

  /// A mirror without the key, so that `dump` and a debugger show none.
  public var customMirror: Mirror {
    Mirror(self, children: ["hosts": hosts])
  }
}

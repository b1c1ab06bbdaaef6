import Foundation

extension ClientConfiguration {
  /// Returns the settings as the JSON document that the engine reads.
  ///
  /// - Throws: ``GadgetConfigurationError`` if they cannot be written as JSON.
  func json() throws -> String {
    let settings = try settings()
    guard let base else { return try Self.write(settings) }
    guard !settings.isEmpty,
      let fields = try? JSONSerialization.jsonObject(with: Data(base.utf8)) as? [String: Any]
    else {
      return base  // Unchanged, so that the engine reports what is wrong with it.
    }
    return try Self.write(fields.merging(settings) { _, set in set })
  }

  /// The properties that are set, with the names of their fields in core/src/config.rs.
  private func settings() throws -> [String: Any] {
    let fields: [String: Any?] = [
      "platform": platform?.rawValue,
      "app_id": appID,
      "app_version": appVersion,
      "referer": referer,
      "user_agent": userAgent,
      "app_headers": appHeaders?.map(\.settings),
      "extra_methods": extraMethods?.map(\.rawValue),
      "delete_data_as_post": deleteDataAsPost,
      "cookie_policy": cookiePolicy?.settings,
      "cookie_dir": try cookieDirectory.map(path),
      "allowed_hosts": allowedHosts,
      "allow_cleartext": allowsCleartext,
      "allow_private_addresses": allowsPrivateAddresses,
      "allowed_private_networks": allowedPrivateNetworks,
      "max_redirects": maxRedirects,
      "timeout_ms": timeout.map(milliseconds),
      "max_queued": maxQueued,
      "max_queued_bytes": maxQueuedBytes,
      "queue_timeout_ms": queueTimeout.map(milliseconds),
      "profile": profile,
      "inspector": inspector,
      "background_grace_ms": backgroundGrace.map(milliseconds),
      "connect_timeout_ms": connectTimeout.map(milliseconds),
      "idle_timeout_ms": idleTimeout.map(milliseconds),
      "max_body_bytes": maxBodyBytes,
      "max_text_bytes": maxTextBytes,
      "max_streamed_bytes": maxStreamedBytes,
      "max_caller_header_bytes": maxCallerHeaderBytes,
      "max_idle_connections": maxIdleConnections,
      "max_head_bytes": maxHeadBytes,
      "max_head_fields": maxHeadFields,
      "har_exchanges": harExchanges,
      "har_body_bytes": harBodyBytes,
      "har_secrets": harSecrets,
      "resolve": resolve,
      "proxy": proxy,
      "proxy_bypass": proxyBypass,
      "roots_pem": rootsPEM,
      "system_roots": systemRoots,
      "pins": pins,
      "crls": crls,
      "client_certificates": clientCertificates?.map(\.settings),
    ]
    return fields.compactMapValues { $0 }
  }

  /// Returns the path of a folder: the engine takes no URL.
  private func path(_ folder: URL) throws -> String {
    guard folder.isFileURL else {
      throw GadgetConfigurationError(reason: "cookie_dir: must be a file URL")
    }
    return folder.path
  }

  private static func write(_ fields: [String: Any]) throws -> String {
    do {
      let document = try JSONSerialization.data(withJSONObject: fields, options: .sortedKeys)
      return String(decoding: document, as: UTF8.self)
    } catch {
      throw GadgetConfigurationError(reason: "the settings cannot be written as JSON")
    }
  }
}

extension ClientConfiguration.CookiePolicy {
  /// The properties that are set, with the names of their fields in
  /// core/src/config/cookie_policy.rs.
  fileprivate var settings: [String: Any] {
    let fields: [String: Any?] = [
      "caller_header": callerHeader?.rawValue,
      "jar": jar,
      "set_cookie": setCookie?.rawValue,
    ]
    return fields.compactMapValues { $0 }
  }
}

extension ClientConfiguration.ClientCertificate {
  /// The properties, with the names of their fields in
  /// core/src/config/tls/client_certificate.rs.
  fileprivate var settings: [String: Any] {
    ["hosts": hosts, "certificate_pem": certificatePEM, "key_pem": keyPEM]
  }
}

extension ClientConfiguration.AppHeaders {
  /// The properties, with the names of their fields in core/src/config/headers.rs.
  fileprivate var settings: [String: Any] {
    var fields: [String: String] = [:]
    for field in headers {
      for name in fields.keys where name.isEqualWithoutCase(field.name) { fields[name] = nil }
      fields[field.name] = field.value
    }
    return ["hosts": hosts, "headers": fields]
  }
}

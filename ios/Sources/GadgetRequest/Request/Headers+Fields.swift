internal import Foundation

extension Headers.Field {
  /// `accept`: the media types that the caller takes.
  public static func accept(_ value: String) -> Headers.Field {
    Headers.Field(name: "accept", value: value)
  }

  /// `content-type`: the media type of the data, which decides how the data is sent.
  public static func contentType(_ value: String) -> Headers.Field {
    Headers.Field(name: "content-type", value: value)
  }

  /// `authorization` with a token, as OAuth 2.0 sends it.
  public static func authorization(bearerToken: String) -> Headers.Field {
    Headers.Field(name: "authorization", value: "Bearer \(bearerToken)")
  }

  /// `authorization` with a user name and a password: Basic, in UTF-8.
  public static func authorization(username: String, password: String) -> Headers.Field {
    let credentials = Data("\(username):\(password)".utf8).base64EncodedString()
    return Headers.Field(name: "authorization", value: "Basic \(credentials)")
  }
}

/// What the response's data is to be.
public enum ResponseType: String, Sendable {
  /// Text, or JSON where it is JSON.
  case text

  /// Bytes, never decoded to text.
  case arrayBuffer = "arraybuffer"
}

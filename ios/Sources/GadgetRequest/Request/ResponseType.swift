/// The type that a call wants for the data of its response.
public enum ResponseType: String, Sendable {
  /// Text, or JSON if the text is JSON.
  case text

  /// Bytes, never decoded to text.
  case arrayBuffer = "arraybuffer"
}

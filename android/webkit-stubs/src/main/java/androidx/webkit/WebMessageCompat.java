package androidx.webkit;

/** A message: text or bytes. As in the real class, the getter of the other kind throws. */
public class WebMessageCompat {
  public static final int TYPE_STRING = 0;
  public static final int TYPE_ARRAY_BUFFER = 1;

  private final Object payload;

  public WebMessageCompat(String data) {
    payload = data;
  }

  public WebMessageCompat(byte[] arrayBuffer) {
    payload = arrayBuffer;
  }

  public int getType() {
    return payload instanceof byte[] ? TYPE_ARRAY_BUFFER : TYPE_STRING;
  }

  public String getData() {
    if (getType() != TYPE_STRING) {
      throw new IllegalStateException("not a string");
    }
    return (String) payload;
  }

  public byte[] getArrayBuffer() {
    if (getType() != TYPE_ARRAY_BUFFER) {
      throw new IllegalStateException("not an ArrayBuffer");
    }
    return (byte[]) payload;
  }
}

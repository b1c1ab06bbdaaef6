package androidx.webkit;

/** Stub. A test extends it. */
public abstract class JavaScriptReplyProxy {
  public abstract void postMessage(String message);

  public abstract void postMessage(byte[] arrayBuffer);
}

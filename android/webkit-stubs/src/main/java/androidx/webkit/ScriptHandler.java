package androidx.webkit;

/** Stub. A test implements it. */
public interface ScriptHandler {
  void remove();
}

package dev.gadget.request

/**
 * A place that the host app chooses for the cookies of one [GadgetClient], such as encrypted
 * preferences or a database. It replaces the file in [ClientConfig.Builder.cookieDir].
 *
 * The bytes are mostly a few KiB and at most 64 MiB. The engine detects damage by itself. They hold
 * the cookies in the clear, except the cookies of the session: whoever has the bytes is logged in
 * as the user of the mini program.
 *
 * A storage may block. It is called on threads of the engine, and on threads of the host app that
 * use the [CookieJar]. There is never more than one save at a time. A storage must not use the
 * client or its jar, because both wait for it.
 *
 * If a function throws, anything at all, it has failed. The exception is not shown anywhere; the
 * engine goes on with the cookies that it has.
 */
public interface CookieStorage {
  /**
   * Returns all bytes that were saved last, or null if nothing was ever saved. It is called when
   * cookies are needed for the first time, and not again after it has returned.
   *
   * @throws Exception the bytes cannot be read now. The jar goes on without them and saves nothing.
   *   It calls this again when the host app uses the jar or a call needs cookies (for calls, at
   *   most once a second). Cookies that were set meanwhile win over the loaded ones
   */
  @Throws(Exception::class)
  public fun load(): ByteArray?

  /**
   * Replaces the bytes that were saved before by [bytes]. The array belongs to the storage. If the
   * process ends halfway, either the old or the new bytes should remain: a mix of both is damage,
   * and all cookies are lost.
   *
   * It is called half a second after a change, in [CookieJar.save], and soon after the client is
   * closed, unless the bytes are the ones saved last.
   *
   * @throws Exception the bytes may be lost. The engine saves them again: after some seconds at
   *   first, later every minute; in [CookieJar.save], which throws too; and for the last time soon
   *   after the client is closed
   */
  @Throws(Exception::class)
  public fun save(bytes: ByteArray)

  /**
   * The loaded bytes are damaged. From now on nothing is stored, until the next save. The storage
   * may keep the bytes elsewhere, so that somebody can look at them.
   */
  @Throws(Exception::class)
  public fun setAside() {}
}

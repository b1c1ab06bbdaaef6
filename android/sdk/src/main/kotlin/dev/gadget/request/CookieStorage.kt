package dev.gadget.request

/**
 * A host's own place for the cookies of one [GadgetClient], instead of a file in
 * [ClientConfig.Builder.cookieDir]: encrypted preferences, a database.
 *
 * What is kept is a few KiB mostly and 64 MiB at most, and shows any damage by itself. It holds the
 * cookies as they are, those of the session apart: whoever has it is logged in where the mini
 * program's user is.
 *
 * It may block. It is called on threads of the engine, and on those of the host that ask the
 * [CookieJar] or save it; never for two saves at once. It must not use the client
 * or its jar, which wait for it.
 *
 * Whatever a function here throws means that it could not, and is not shown anywhere; the engine
 * goes on with the cookies that it has.
 */
public interface CookieStorage {
  /**
   * What was saved last, whole; null, where nothing ever was. It is called when cookies are needed
   * for the first time, and not again once it has answered.
   *
   * @throws Exception there may be something that cannot be had just now. The jar goes on without
   *   it, asks again when the host asks the jar or calls need it (for those once a second at most),
   *   and saves nothing until it has it; what it got meanwhile is newer
   */
  @Throws(Exception::class)
  public fun load(): ByteArray?

  /**
   * Puts [bytes] in the place of what was saved before; the array is the receiver's own. A process
   * that ends halfway should leave the one or the other: pieces of both are damage, and no cookie
   * comes back.
   *
   * It is called half a second after a change, at [CookieJar.save] and soon after the client is
   * closed, unless the bytes are those saved last.
   *
   * @throws Exception they may not be there later. They are saved again, first after seconds, later
   *   after a minute, at [CookieJar.save], which throws too, and for the last time soon after the
   *   client is closed
   */
  @Throws(Exception::class)
  public fun save(bytes: ByteArray)

  /**
   * What was loaded is damaged. From now on there is nothing, until the next save; it may be kept
   * elsewhere for somebody to look at.
   */
  @Throws(Exception::class)
  public fun setAside() {}
}

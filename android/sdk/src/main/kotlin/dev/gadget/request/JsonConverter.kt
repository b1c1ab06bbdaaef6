package dev.gadget.request

/**
 * Makes an object of the host app from JSON text, with the JSON library that the host app has:
 * [Response.json].
 *
 * @param T the type of the object
 */
public fun interface JsonConverter<T> {
  /**
   * Makes the object. It may throw whatever the JSON library throws.
   *
   * @param json the text, which the server has chosen: it may be invalid, empty or no JSON at all
   */
  @Throws(Exception::class)
  public fun convert(json: String): T
}

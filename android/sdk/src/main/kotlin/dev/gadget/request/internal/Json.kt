package dev.gadget.request.internal

/** Writes a JSON object. A member whose value is null is left out. */
internal class JsonObject {
  private val members = mutableListOf<String>()

  fun text(name: String, value: String?): JsonObject = raw(name, value?.let(::jsonText))

  /** An array of texts. It is left out if it is empty. */
  fun texts(name: String, values: List<String>): JsonObject =
    raw(name, values.takeIf { it.isNotEmpty() }?.let(::jsonTexts))

  /** A value whose text is JSON already: a number, a boolean, an object. */
  fun raw(name: String, json: Any?): JsonObject =
    apply { if (json != null) members += "${jsonText(name)}:$json" }

  override fun toString(): String = members.joinToString(",", "{", "}")
}

/** The word for a constant in JSON documents. */
internal val Enum<*>.word: String get() = name.lowercase()

/** Texts as a JSON array. */
internal fun jsonTexts(values: List<String>): String = jsonArray(values.map(::jsonText))

/** Values whose text is JSON already, as a JSON array. */
internal fun jsonArray(values: List<Any>): String = values.joinToString(",", "[", "]")

/** The text as a JSON string (RFC 8259 section 7). A lone surrogate becomes its escape. */
internal fun jsonText(text: String): String = buildString(text.length + 2) {
  append('"')
  text.forEachIndexed { index, char ->
    when {
      char == '"' || char == '\\' -> append('\\').append(char)
      char < ' ' || text.isLoneSurrogate(index) -> append(escaped(char))
      else -> append(char)
    }
  }
  append('"')
}

/**
 * The same JSON in text that UTF-8 can encode. A lone surrogate in a string becomes its escape,
 * which means the same; the engine then refuses or takes it. Outside a string the text was invalid
 * and stays so.
 */
internal fun jsonInUtf8(json: String): String {
  if (json.indices.none(json::isLoneSurrogate)) return json
  return buildString(json.length + 8) {
    var escaping = false
    json.forEachIndexed { index, char ->
      when {
        !json.isLoneSurrogate(index) -> append(char)

        // After a backslash an escape would be read as `\\` and text. U+FFFD is as invalid there.
        escaping -> append('\uFFFD')

        else -> append(escaped(char))
      }
      escaping = char == '\\' && !escaping
    }
  }
}

/** True if UTF-8 can encode the text. */
internal fun String.isInUtf8(): Boolean = indices.none(::isLoneSurrogate)

private fun String.isLoneSurrogate(index: Int): Boolean {
  val char = this[index]
  return when {
    char.isHighSurrogate() -> index + 1 == length || !this[index + 1].isLowSurrogate()
    char.isLowSurrogate() -> index == 0 || !this[index - 1].isHighSurrogate()
    else -> false
  }
}

private fun escaped(char: Char): String = "\\u" + char.code.toString(16).padStart(4, '0')

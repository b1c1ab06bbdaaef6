package dev.gadget.request

/** A JSON object being written; a null is left out. */
internal class JsonObject {
  private val members = mutableListOf<String>()

  fun text(name: String, value: String?): JsonObject = raw(name, value?.let(::jsonText))

  /** Texts as an array; none of them is left out as well. */
  fun texts(name: String, values: List<String>): JsonObject =
    raw(name, values.takeIf { it.isNotEmpty() }?.let(::jsonTexts))

  /** A value that is JSON already. */
  fun raw(name: String, json: String?): JsonObject =
    apply { if (json != null) members += "${jsonText(name)}:$json" }

  override fun toString(): String = members.joinToString(",", "{", "}")
}

/** Texts as a JSON array. */
internal fun jsonTexts(values: List<String>): String =
  values.joinToString(",", "[", "]", transform = ::jsonText)

/** The text as a JSON string (RFC 8259 section 7); a lone surrogate as its escape. */
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
 * JSON text that UTF-8 can say: a lone surrogate within a string becomes its escape, which means
 * the same and which the engine judges. Elsewhere it makes the text invalid, before and after.
 */
internal fun jsonInUtf8(json: String): String {
  if (json.indices.none(json::isLoneSurrogate)) return json
  return buildString(json.length + 8) {
    var escaping = false
    json.forEachIndexed { index, char ->
      when {
        !json.isLoneSurrogate(index) -> append(char)

        // Here the escape would have another meaning; U+FFFD is as invalid behind a backslash.
        escaping -> append('\uFFFD')

        else -> append(escaped(char))
      }
      escaping = char == '\\' && !escaping
    }
  }
}

/** Whether UTF-8 can say the text. */
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

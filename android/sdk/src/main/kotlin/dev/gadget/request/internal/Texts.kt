package dev.gadget.request.internal

/** The texts as bytes: each is its length in four bytes, the highest first, and its UTF-8. */
internal fun textBytes(texts: List<String>): ByteArray {
  val encoded = texts.map { it.encodeToByteArray() }
  val bytes = ByteArray(encoded.sumOf { it.size + 4 })
  var at = 0
  for (text in encoded) {
    for (shift in 24 downTo 0 step 8) bytes[at++] = (text.size ushr shift).toByte()
    text.copyInto(bytes, at)
    at += text.size
  }
  return bytes
}

/** Reads texts that the engine has written. */
internal class TextReader(private val bytes: ByteArray) : Iterator<String> {
  private var at = 0

  override fun hasNext(): Boolean = at < bytes.size

  override fun next(): String {
    var length = 0
    repeat(4) { length = (length shl 8) or (bytes[at++].toInt() and 0xff) }
    at += length
    return bytes.decodeToString(at - length, at)
  }
}

/** A part of bytes in UTF-8, which becomes a text when it is first read. */
internal class TextPart(private val bytes: ByteArray, private val from: Int, private val to: Int) {
  val text: String by lazy(LazyThreadSafetyMode.PUBLICATION) { bytes.decodeToString(from, to) }

  constructor(text: String) : this(text.encodeToByteArray())

  private constructor(bytes: ByteArray) : this(bytes, 0, bytes.size)

  /** A part of this part. */
  fun part(from: Int, to: Int) = TextPart(bytes, this.from + from, this.from + to)
}

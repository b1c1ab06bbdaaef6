package dev.gadget.request.internal

/** The most that options may have: 100 MiB (docs/contract.md#10-limits). */
private const val MAX_BYTES = 100 shl 20

/**
 * The text, cut if it is too long. It stays over the limit, so the engine refuses it with 104. The
 * whole text might be too large to cross the boundary at all.
 */
internal fun String.bounded(): String = when {
  length <= MAX_BYTES + 1 -> this

  // The cut must not separate a surrogate pair.
  this[MAX_BYTES].isHighSurrogate() -> substring(0, MAX_BYTES + 2)

  else -> substring(0, MAX_BYTES + 1)
}

/** The bytes, cut like a text that is too long. */
internal fun ByteArray.bounded(): ByteArray = if (size <= MAX_BYTES) this else copyOf(MAX_BYTES + 1)

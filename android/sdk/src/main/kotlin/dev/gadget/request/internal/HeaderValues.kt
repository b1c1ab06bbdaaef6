// The values of the headers of a response.
package dev.gadget.request.internal

import dev.gadget.request.Header

/** All values of a header, in their order. Names are compared without case. */
internal fun List<Header>.values(name: String): List<String> =
  filter { it.name.equals(name, ignoreCase = true) }.map { it.value }

/** The values of a header, joined as in JavaScript; null if there is none. */
internal fun List<Header>.joined(name: String): String? =
  values(name).takeIf { it.isNotEmpty() }?.joinToString(", ")

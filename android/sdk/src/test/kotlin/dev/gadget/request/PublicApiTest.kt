package dev.gadget.request

import org.jetbrains.kotlin.abi.tools.AbiFilters
import org.jetbrains.kotlin.abi.tools.AbiTools
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Test
import java.io.File

/** `scripts/test-kotlin -Dapi.update=true` records the public API in `api/sdk.api`. */
class PublicApiTest {
  private val dump =
    buildString {
      val classes = File("target/classes").walk().filter { it.extension == "class" }
      AbiTools
        .getInstance()
        .printJvmDump(this, classes.sorted().asIterable(), AbiFilters.EMPTY)
    }

  @Test
  fun `The public API is as recorded`() {
    val recorded = File("api/sdk.api")
    if (System.getProperty("api.update") == "true") {
      recorded.parentFile.mkdirs()
      recorded.writeText(dump)
    }
    assertEquals(recorded.readText(), dump)
  }

  @Test
  fun `Nothing internal or generated is public`() {
    for (name in listOf("dev/gadget/request/internal", "generated", "jna")) {
      assertFalse(name in dump, dump)
    }
  }
}

package dev.gadget.request.internal

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotSame
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.net.URL
import java.net.URLClassLoader
import javax.tools.ToolProvider

/** Where there is no main thread. android/MainThreadCallbackTest has Android's. */
class MainThreadTest {
  @Test
  fun `A plain JVM has no main thread`() {
    assertNull(mainThread())
  }

  @Test
  fun `With an android jar that throws there is no main thread`(@TempDir folder: File) {
    val body = """throw new RuntimeException("Method getMainLooper not mocked");"""
    assertNull(mainThreadWith(looper(folder, body)))
  }

  @Test
  fun `With an android jar that returns null there is no main thread`(@TempDir folder: File) {
    assertNull(mainThreadWith(looper(folder, "return null;")))
  }

  /** Compiles the part of an `android.jar` for local unit tests that matters here. */
  private fun looper(folder: File, body: String): File {
    val source = File(folder, "Looper.java")
    source.writeText(
      "package android.os; public class Looper { public static Looper getMainLooper() { $body } }",
    )
    val compiler = ToolProvider.getSystemJavaCompiler()
    assertEquals(0, compiler.run(null, null, null, "-d", folder.path, source.path))
    return folder
  }

  /** What the function returns in an app that has these classes, too. */
  private fun mainThreadWith(classes: File): Any? {
    val name = "dev.gadget.request.internal.MainThreadKt"
    val own = Class.forName(name)
    val locations = listOf(own, KotlinVersion::class.java).map(::location)
    val urls = locations + classes.toURI().toURL()
    URLClassLoader(urls.toTypedArray(), ClassLoader.getPlatformClassLoader()).use { loader ->
      Class.forName("android.os.Looper", true, loader)
      val other = loader.loadClass(name)
      assertNotSame(own, other)
      return other.getMethod("mainThread").invoke(null)
    }
  }

  private fun location(type: Class<*>): URL = type.protectionDomain.codeSource.location
}

package dev.gadget.request

import example.EncryptedCookies
import org.junit.jupiter.api.Assertions.assertArrayEquals
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.io.IOException
import java.security.KeyStoreException
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** The example of docs/android.md, with a key in place of the device's. */
class EncryptedCookiesTest {
  @TempDir
  lateinit var folder: File

  private val file get() = File(folder, "cookies")
  private val damaged get() = File(folder, "cookies.damaged")
  private val key = keyOf(1)
  private val cookie = Cookie("session", "secret-value", "example.com") {
    expiresAtMillis = System.currentTimeMillis() / 1000 * 1000 + 1_000_000
  }

  private fun keyOf(byte: Byte): SecretKey = SecretKeySpec(ByteArray(32) { byte }, "AES")

  private fun storage(key: () -> SecretKey = { this.key }) = EncryptedCookies(file, key)

  private fun <T> withJar(storage: CookieStorage = storage(), block: (CookieJar) -> T): T =
    GadgetClient(ClientConfig()) { cookieStorage = storage }.use { block(it.cookies) }

  private fun keep() = withJar {
    it.set(cookie)
    it.save()
  }

  @Test
  fun `Cookies outlive the client, and the file does not show them`() {
    keep()
    assertEquals(listOf(cookie), withJar(block = CookieJar::list))
    assertFalse("secret" in file.readBytes().decodeToString())
    assertEquals(listOf("cookies"), folder.list()!!.toList())
  }

  @Test
  fun `Two saves of the same bytes look different`() {
    val bytes = "the same".encodeToByteArray()
    val files = List(2) {
      storage().save(bytes)
      file.readBytes()
    }
    assertFalse(files[0].contentEquals(files[1]))
    assertArrayEquals(bytes, storage().load())
    storage().save(ByteArray(0))
    assertArrayEquals(ByteArray(0), storage().load())
  }

  @Test
  fun `With another key the jar starts empty, and the file is set aside`() {
    keep()
    val kept = file.readBytes()
    withJar(storage { keyOf(2) }) {
      assertEquals(emptyList<Cookie>(), it.list())
      assertArrayEquals(kept, damaged.readBytes())
      it.set(cookie)
      it.save()
    }
    assertEquals(listOf(cookie), withJar(storage { keyOf(2) }, CookieJar::list))
  }

  @Test
  fun `A damaged file is set aside, wherever it is damaged`() {
    keep()
    val whole = file.readBytes()
    val damages = listOf(0, 1, 11, 12, 27, 28, whole.size - 1).map(whole::copyOf) +
      whole.indices.map { i -> whole.copyOf().also { it[i]++ } } + listOf(whole + 0)
    for (damage in damages) {
      file.writeBytes(damage)
      assertNull(storage().load())
      assertFalse(file.exists())
      assertArrayEquals(damage, damaged.readBytes())
    }
  }

  @Test
  fun `While the key cannot be had, nothing is lost`() {
    keep()
    val kept = file.readBytes()
    withJar(storage { throw KeyStoreException("on purpose") }) {
      assertEquals(emptyList<Cookie>(), it.list())
      it.set(cookie)
      assertThrows(IOException::class.java) { it.save() }
    }
    assertArrayEquals(kept, file.readBytes())
    assertFalse(damaged.exists())
  }

  @Test
  fun `A file that cannot be replaced is an error`() {
    assertTrue(file.mkdir() && File(file, "in the way").createNewFile())
    assertThrows(IllegalStateException::class.java) { storage().save(ByteArray(1)) }
  }
}

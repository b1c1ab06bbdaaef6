package dev.gadget.request

import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File

class CookieTest {
  @TempDir
  private lateinit var folder: File

  private val none = emptyList<String>()

  private fun policy(policy: CookiePolicy) = ClientConfig { cookiePolicy = policy }

  /** Keeps the cookies of an app id in a folder. */
  private fun keeping(app: String, folder: File = this.folder) = ClientConfig {
    appId = app
    cookieDir = folder.path
  }

  @Test
  fun `A cookie of a response is sent back until it is replaced or expired`() =
    withClient(ClientConfig()) { client ->
      assertEquals(none, client.sent())
      client.set("a=1", "b=中文; Path=/; HttpOnly", "elsewhere=1; Path=/elsewhere")
      assertEquals(listOf("a=1; b=中文"), client.sent())
      client.set("a=2", "b=; Path=/; Max-Age=0")
      assertEquals(listOf("a=2"), client.sent())
    }

  @Test
  fun `The caller's cookies are merged with the jar's, the caller's first`() =
    withClient(ClientConfig()) { client ->
      client.set("a=jar", "b=jar")
      assertEquals(listOf("c=caller; a=caller; b=jar"), client.sent("c=caller; a=caller"))
      assertEquals(listOf("a=jar; b=jar"), client.sent())
    }

  @Test
  fun `The caller's cookies can be dropped`() =
    withClient(policy(CookiePolicy(callerHeader = CallerCookies.DROP))) { client ->
      assertEquals(none, client.sent("c=caller"))
      client.set("a=jar")
      assertEquals(listOf("a=jar"), client.sent("c=caller; a=caller"))
    }

  @Test
  fun `Without a jar, only the caller's cookies are sent, and none is stored`() =
    withClient(policy(CookiePolicy(jar = false))) { client ->
      assertEquals(listOf("a=jar"), client.set("a=jar").cookies)
      assertEquals(none, client.sent())
      assertEquals(listOf("c=caller"), client.sent("c=caller"))
    }

  @Test
  fun `If Set-Cookie is hidden, the mini program sees none, and the jar stores all`() =
    withClient(policy(CookiePolicy(setCookie = SetCookies.HIDDEN))) { client ->
      val response = client.set("a=1", "b=2")
      assertEquals(none, response.cookies)
      assertFalse(response.headers.any { it.name == "set-cookie" }, "${response.headers}")

      val result = parsed(client.invoke("""{"url":"${setting("c=3")}"}""").json)
      assertFalse("set-cookie" in result["header"]!!.jsonObject, "$result")
      assertEquals(none, result["cookies"]!!.jsonArray.map { it.text })
      assertEquals(listOf("a=1; b=2; c=3"), client.sent())
    }

  @Test
  fun `Each platform has its own policy, and the host app can change each part`() {
    for (platform in Platform.entries) {
      val drops = platform == Platform.PC
      val hides = platform == Platform.PC || platform == Platform.DEVTOOLS
      withClient(ClientConfig { this.platform = platform }) { client ->
        assertEquals(if (hides) none else listOf("a=1"), client.set("a=1").cookies, "$platform")
        val sent = if (drops) "a=1" else "c=caller; a=1"
        assertEquals(listOf(sent), client.sent("c=caller"), "$platform")
      }
      val other = ClientConfig {
        this.platform = platform
        cookiePolicy = CookiePolicy(
          callerHeader = if (drops) CallerCookies.MERGE else CallerCookies.DROP,
          setCookie = if (hides) SetCookies.VISIBLE else SetCookies.HIDDEN,
        )
      }
      withClient(other) { client ->
        assertEquals(if (hides) listOf("a=1") else none, client.set("a=1").cookies, "$platform")
        val sent = if (drops) "c=caller; a=1" else "a=1"
        assertEquals(listOf(sent), client.sent("c=caller"), "$platform")
      }
    }
  }

  @Test
  fun `The refusal of a cookie setting names it`() {
    fun refusal(json: String): String {
      val config = ClientConfig.ofJson(json)
      return assertThrows(IllegalArgumentException::class.java) { GadgetClient(config) }.message!!
    }
    for ((member, value) in listOf(
      "caller_header" to "\"both\"",
      "jar" to "\"yes\"",
      "set_cookie" to "false",
      "nonesuch" to "1",
    )) {
      val message = refusal("""{"cookie_policy":{"$member":$value}}""")
      assertTrue("cookie_policy" in message && member in message, message)
    }
    val policy = refusal("""{"cookie_policy":"merge"}""")
    assertTrue("cookie_policy" in policy, policy)
    val folder = refusal("""{"cookie_dir":1}""")
    assertTrue("cookie_dir" in folder, folder)
    val surrogate = refusal(ClientConfig { cookieDir = "\uD800" }.json)
    assertTrue("cookie_dir" in surrogate, surrogate)
  }

  @Test
  fun `Each app id has its own jar, also in the same folder`() {
    for (dir in listOf(folder.path, null)) {
      fun config(app: String) = ClientConfig {
        appId = app
        cookieDir = dir
      }
      withClient(config("cli_1")) { one ->
        withClient(config("cli_2")) { other ->
          one.set("a=1; Max-Age=1000")
          assertEquals(none, other.sent())
          other.set("b=2; Max-Age=1000")
          assertEquals(listOf("a=1"), one.sent())
          assertEquals(listOf("b=2"), other.sent())
          for (client in listOf(one, other)) client.cookies.save() // before the folder is deleted
        }
      }
    }
  }

  @Test
  fun `Clients with the same app id share a folder's cookies, and none without a folder`() {
    withClient(keeping("cli_1")) { one ->
      withClient(keeping("cli_1")) { other ->
        one.set("a=1")
        assertEquals(listOf("a=1"), other.sent())
      }
    }
    withClient(ClientConfig { appId = "cli_1" }) { one ->
      withClient(ClientConfig { appId = "cli_1" }) { other ->
        one.set("a=1")
        assertEquals(none, other.sent())
      }
    }
  }

  @Test
  fun `Cookies outlive the client in the folder, cookies of the session do not`() {
    val missing = folder.resolve("users/17")
    withClient(keeping("cli_1", missing)) { client ->
      client.set("a=1; Max-Age=1000", "session=1")
      client.cookies.save()
    }
    // A client of a copy has only the files, not the jar of the first client.
    val copy = folder.resolve("copy")
    missing.copyRecursively(copy)
    withClient(keeping("cli_1", missing)) { client ->
      assertTrue("a=1" in client.sent().single().split("; "))
    }
    withClient(keeping("cli_1", copy)) { assertEquals(listOf("a=1"), it.sent()) }
    withClient(keeping("cli_2", missing)) { assertEquals(none, it.sent()) }
    withClient(ClientConfig { appId = "cli_1" }) { assertEquals(none, it.sent()) }
  }
}

package dev.gadget.request

import kotlinx.serialization.json.jsonObject
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

class ClientConfigTest {
  private val pin = "example.com=sha256/${"A".repeat(43)}="
  private val crl = fixture("crl.pem")
  private val certificate = fixture("client.pem")
  private val key = fixture("client-key.pem")

  private fun fixture(name: String) = File("../../devtools/server/certificates/$name").readText()

  private fun escaped(pem: String) = pem.replace("\n", "\\u000a")

  /** Each property, and its field in the document. */
  private val properties: List<Pair<ClientConfig.Builder.() -> Unit, String>> = listOf(
    pair(""""platform":"harmony"""") { platform = Platform.HARMONY },
    pair(""""app_id":"a\"b"""") { appId = "a\"b" },
    pair(""""app_version":"1.2.0"""") { appVersion = "1.2.0" },
    pair(""""referer":"https://example.com/{app_id}"""") {
      referer = "https://example.com/{app_id}"
    },
    pair(""""user_agent":"agent ☃"""") { userAgent = "agent ☃" },
    pair(
      """"app_headers":[{"hosts":["*.a.com","b.com"],"headers":{"x-one":"\"","Y":""}},""" +
        """{"hosts":[],"headers":{}}]""",
    ) {
      appHeaders = listOf(
        AppHeaders(listOf("*.a.com", "b.com"), mapOf("x-one" to "\"", "Y" to "")),
        AppHeaders(emptyList(), emptyMap()),
      )
    },
    pair(""""extra_methods":["PATCH","OPTIONS"]""") {
      extraMethods = listOf(ExtraMethod.PATCH, ExtraMethod.OPTIONS)
    },
    pair(""""delete_data_as_post":true""") { deleteDataAsPost = true },
    pair(""""profile":true""") { profile = true },
    pair(""""inspector":"http://127.0.0.1:1"""") { inspector = "http://127.0.0.1:1" },
    pair(
      """"cookie_policy":{"caller_header":"drop","jar":false,"set_cookie":"hidden"}""",
    ) {
      cookiePolicy = CookiePolicy(CallerCookies.DROP, jar = false, SetCookies.HIDDEN)
    },
    pair(""""cookie_dir":"/cookies of\"user\""""") { cookieDir = "/cookies of\"user\"" },
    pair(""""allowed_hosts":["a.com","*.b.com:8443","[::1]"]""") {
      allowedHosts = listOf("a.com", "*.b.com:8443", "[::1]")
    },
    pair(""""allowed_hosts":[]""") { allowedHosts = emptyList() },
    pair(""""allow_cleartext":false""") { allowCleartext = false },
    pair(""""allow_private_addresses":false""") { allowPrivateAddresses = false },
    pair(""""allowed_private_networks":["10.1.0.0/16","::1"]""") {
      allowedPrivateNetworks = listOf("10.1.0.0/16", "::1")
    },
    pair(""""max_redirects":0""") { maxRedirects = 0 },
    pair(""""timeout_ms":20000""") { timeoutMs = 20_000 },
    pair(""""max_queued":0""") { maxQueued = 0 },
    pair(""""max_queued_bytes":0""") { maxQueuedBytes = 0 },
    pair(""""queue_timeout_ms":3""") { queueTimeoutMs = 3 },
    pair(""""background_grace_ms":0""") { backgroundGraceMs = 0 },
    pair(""""connect_timeout_ms":1""") { connectTimeoutMs = 1 },
    pair(""""idle_timeout_ms":2""") { idleTimeoutMs = 2 },
    pair(""""max_body_bytes":3000000000""") { maxBodyBytes = 3_000_000_000 },
    pair(""""max_text_bytes":3000000001""") { maxTextBytes = 3_000_000_001 },
    pair(""""max_streamed_bytes":3000000002""") { maxStreamedBytes = 3_000_000_002 },
    pair(""""max_caller_header_bytes":6""") { maxCallerHeaderBytes = 6 },
    pair(""""max_idle_connections":0""") { maxIdleConnections = 0 },
    pair(""""max_head_bytes":4000""") { maxHeadBytes = 4000 },
    pair(""""max_head_fields":5""") { maxHeadFields = 5 },
    pair(""""har_exchanges":7""") { harExchanges = 7 },
    pair(""""har_body_bytes":8000""") { harBodyBytes = 8000 },
    pair(""""har_secrets":true""") { harSecrets = true },
    pair(""""resolve":["a.example:80:127.0.0.1","b.example:443:[::1]:8443"]""") {
      resolve = listOf("a.example:80:127.0.0.1", "b.example:443:[::1]:8443")
    },
    pair(""""proxy":"http://user:password@127.0.0.1:3128"""") {
      proxy = "http://user:password@127.0.0.1:3128"
    },
    pair(""""proxy":"socks5h://[::1]:1080"""") { proxy = "socks5h://[::1]:1080" },
    pair(""""proxy_bypass":["*.example.com","[::1]"]""") {
      proxyBypass = listOf("*.example.com", "[::1]")
    },
    pair(""""roots_pem":"\u000a"""") { rootsPem = "\n" },
    pair(""""system_roots":false""") { systemRoots = false },
    pair(""""pins":["$pin","*.$pin"]""") { pins = listOf(pin, "*.$pin") },
    pair(""""crls":["${escaped(crl)}"]""") { crls = listOf(crl) },
    pair(
      """"client_certificates":[{"hosts":["a.com"],"certificate_pem":"""" +
        """${escaped(certificate)}","key_pem":"${escaped(key)}"}]""",
    ) {
      clientCertificates = listOf(ClientCertificate(listOf("a.com"), certificate, key))
    },
  )

  private fun pair(json: String, configure: ClientConfig.Builder.() -> Unit) = configure to json

  @Test
  fun `Each property is a field of the document, and the engine accepts it`() {
    for ((configure, json) in properties) {
      val config = ClientConfig(configure)
      val platform = if ("platform" in json) "" else """"platform":"android","""
      assertEquals("{$platform$json}", config.json)
      GadgetClient(config).close()
    }
    assertEquals("""{"platform":"android"}""", ClientConfig().json)
  }

  @Test
  fun `Every field of the engine's document has a property`() {
    val all = parsed(ClientConfig { properties.forEach { (configure, _) -> configure() } }.json)
    assertEquals(fieldsBeside("""{"nonesuch":1}"""), all.keys)
    val policy = all["cookie_policy"]!!.jsonObject
    assertEquals(fieldsBeside("""{"cookie_policy":{"nonesuch":1}}"""), policy.keys)
  }

  /** The fields that the engine lists in its message about an unknown field. */
  private fun fieldsBeside(unknown: String): Set<String> {
    val message = refusal(ClientConfig.ofJson(unknown))
    val fields = Regex("`([a-z_]+)`").findAll(message.substringAfter("expected"))
    return fields.map { it.groupValues[1] }.toSet()
  }

  @Test
  fun `The refusal of a setting names its field`() {
    assertTrue("timeout_ms" in refusal(ClientConfig { timeoutMs = 0 }))
    assertTrue("timeout_ms" in refusal(ClientConfig { timeoutMs = -1 }))
    assertTrue("max_queued" in refusal(ClientConfig { maxQueued = -1 }))
    assertTrue("max_queued_bytes" in refusal(ClientConfig { maxQueuedBytes = -1 }))
    assertTrue("max_text_bytes" in refusal(ClientConfig { maxTextBytes = -1 }))
    assertTrue("max_caller_header_bytes" in refusal(ClientConfig { maxCallerHeaderBytes = -1 }))
    assertTrue("max_idle_connections" in refusal(ClientConfig { maxIdleConnections = -1 }))
    assertTrue("queue_timeout_ms" in refusal(ClientConfig { queueTimeoutMs = 0 }))
    assertTrue("background_grace_ms" in refusal(ClientConfig { backgroundGraceMs = -1 }))
    assertTrue("user_agent" in refusal(ClientConfig { userAgent = "a\nb" }))
    assertTrue("app_id" in refusal(ClientConfig { appId = "\uD800" }))
    assertTrue("resolve" in refusal(ClientConfig { resolve = listOf("nonsense") }))
    assertTrue("roots_pem" in refusal(ClientConfig { rootsPem = "nonsense" }))
    assertTrue("nonesuch" in refusal(ClientConfig.ofJson("""{"nonesuch":1}""")))
    assertTrue("object" in refusal(ClientConfig.ofJson("[]")))
    assertTrue(refusal(ClientConfig.ofJson("{\uD800}")).isNotEmpty())
  }

  @Test
  fun `The refusal of an entry of a list names its place`() {
    fun withHeader(name: String, value: String) =
      ClientConfig { appHeaders = listOf(AppHeaders(listOf("a.com"), mapOf(name to value))) }

    for ((config, message) in listOf(
      ClientConfig { allowedHosts = listOf("a.com", "*") } to "allowed_hosts[1]: not HOST",
      ClientConfig { allowedHosts = listOf("http://a.com") } to "allowed_hosts[0]: not HOST",
      ClientConfig { allowedHosts = listOf("\uD800") } to "allowed_hosts[0]: ",
      ClientConfig { allowedPrivateNetworks = listOf("10.0.0.0/33") } to
        "allowed_private_networks[0]: not ADDRESS or ADDRESS/BITS",
      ClientConfig { maxRedirects = -1 } to "max_redirects: invalid value",
      ClientConfig { appHeaders = listOf(AppHeaders(listOf(""), emptyMap())) } to
        "app_headers[0].hosts[0]: not HOST",
      withHeader("Cookie", "s3cr3t") to "app_headers[0].headers: Cookie: must be set in",
      withHeader("host", "s3cr3t") to "app_headers[0].headers: host: belongs to the connection",
      withHeader("a b", "s3cr3t") to "app_headers[0].headers: a name is not an HTTP token",
      withHeader("x-token", "s3cr3t\n") to "app_headers[0].headers: x-token: not a header value",
      withHeader("x-token", "s3cr3t\uD800") to "app_headers[0].headers",
    )) {
      val refusal = refusal(config)
      assertTrue(refusal.startsWith(message), refusal)
      assertFalse("s3cr3t" in refusal, refusal)
    }
  }

  @Test
  fun `Settings of TLS and of proxies reach the engine`() {
    val certificates =
      listOf(ClientCertificate(listOf("a.com"), certificate, certificate))
    val refusal = refusal(ClientConfig { clientCertificates = certificates })
    assertEquals("client_certificates[0]: key_pem: no private key", refusal.substringBefore(" at"))
    assertEquals("ClientCertificate(hosts=[a.com])", certificates[0].toString())
    assertEquals(certificates, listOf(ClientCertificate(listOf("a.com"), certificate, certificate)))
    assertTrue("crls[0]" in refusal(ClientConfig { crls = listOf("AAAA") }))
    val throughNothing = ClientConfig {
      proxy = "socks5h://127.0.0.1:1"
      proxyBypass = listOf("127.0.0.1")
    }
    withClient(throughNothing) { client ->
      assertEquals(200, client.request(RequestOptions("${Server.http}/echo")).status)
      assertEquals("proxy failed", client.errorOf(RequestOptions("http://elsewhere.test/")).detail)
    }
  }

  private fun refusal(config: ClientConfig): String =
    assertThrows(IllegalArgumentException::class.java) { GadgetClient(config) }.message!!

  @Test
  fun `Settings change the request`() {
    val config = ClientConfig {
      appId = "cli_1&2"
      appVersion = "1.0"
      extraMethods = listOf(ExtraMethod.PATCH)
    }
    withClient(config) { client ->
      val options = RequestOptions("${Server.http}/echo") { method = "PATCH" }
      val received = Server.received(client.request(options).trace)
      val referer = "https://tmaservice.developer.toutiao.com/?appid=cli_1%262&version=1.0"
      assertEquals("PATCH", received.method)
      assertEquals(listOf(referer), received.headers("referer"))
    }
  }
}

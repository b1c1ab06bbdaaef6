package dev.gadget.request.internal

import dev.gadget.request.AppHeaders
import dev.gadget.request.ClientCertificate
import dev.gadget.request.ClientConfig
import dev.gadget.request.CookiePolicy

/** The settings as the JSON document that the engine reads. Settings that are null are left out. */
internal fun document(settings: ClientConfig.Builder): String = with(settings) {
  JsonObject()
    .text("platform", platform.word)
    .text("app_id", appId)
    .text("app_version", appVersion)
    .text("referer", referer)
    .text("user_agent", userAgent)
    .raw("app_headers", appHeaders.takeIf { it.isNotEmpty() }?.let(::documents))
    .texts("extra_methods", extraMethods.map { it.name })
    .raw("delete_data_as_post", deleteDataAsPost)
    .raw("cookie_policy", cookiePolicy?.let(::document))
    .text("cookie_dir", cookieDir)
    .raw("allowed_hosts", allowedHosts?.let(::jsonTexts))
    .raw("allow_cleartext", allowCleartext)
    .raw("allow_private_addresses", allowPrivateAddresses)
    .texts("allowed_private_networks", allowedPrivateNetworks)
    .raw("max_redirects", maxRedirects)
    .raw("timeout_ms", timeoutMs)
    .raw("max_queued", maxQueued)
    .raw("max_queued_bytes", maxQueuedBytes)
    .raw("queue_timeout_ms", queueTimeoutMs)
    .raw("profile", profile)
    .text("inspector", inspector)
    .raw("background_grace_ms", backgroundGraceMs)
    .raw("connect_timeout_ms", connectTimeoutMs)
    .raw("idle_timeout_ms", idleTimeoutMs)
    .raw("max_body_bytes", maxBodyBytes)
    .raw("max_text_bytes", maxTextBytes)
    .raw("max_streamed_bytes", maxStreamedBytes)
    .raw("max_caller_header_bytes", maxCallerHeaderBytes)
    .raw("max_idle_connections", maxIdleConnections)
    .raw("max_head_bytes", maxHeadBytes)
    .raw("max_head_fields", maxHeadFields)
    .raw("har_exchanges", harExchanges)
    .raw("har_body_bytes", harBodyBytes)
    .raw("har_secrets", harSecrets)
    .texts("resolve", resolve)
    .text("proxy", proxy)
    .texts("proxy_bypass", proxyBypass)
    .text("roots_pem", rootsPem)
    .raw("system_roots", systemRoots)
    .texts("pins", pins)
    .texts("crls", crls)
    .raw(
      "client_certificates",
      clientCertificates.takeIf { it.isNotEmpty() }?.let { jsonArray(it.map(::document)) },
    )
    .toString()
}

private fun documents(entries: List<AppHeaders>) = jsonArray(entries.map(::document))

private fun document(entry: AppHeaders): JsonObject {
  val headers = JsonObject()
  entry.headers.forEach { (name, value) -> headers.text(name, value) }
  return JsonObject().raw("hosts", jsonTexts(entry.hosts)).raw("headers", headers)
}

private fun document(certificate: ClientCertificate): JsonObject = JsonObject()
  .raw("hosts", jsonTexts(certificate.hosts))
  .text("certificate_pem", certificate.certificatePem)
  .text("key_pem", certificate.keyPem)

private fun document(policy: CookiePolicy): JsonObject = JsonObject()
  .text("caller_header", policy.callerHeader?.word)
  .raw("jar", policy.jar)
  .text("set_cookie", policy.setCookie?.word)

// The settings of both faces. This file has no types, so that the Node package can use it as
// JavaScript (bindings/node/CMakeLists.txt).

/** The properties of a ClientConfig, and the names that the engine has for them. */
export const SETTINGS = new Map([
  ['platform', 'platform'],
  ['appId', 'app_id'],
  ['appVersion', 'app_version'],
  ['referer', 'referer'],
  ['userAgent', 'user_agent'],
  ['appHeaders', 'app_headers'],
  ['extraMethods', 'extra_methods'],
  ['deleteDataAsPost', 'delete_data_as_post'],
  ['cookiePolicy', 'cookie_policy'],
  ['cookieDir', 'cookie_dir'],
  ['allowedHosts', 'allowed_hosts'],
  ['allowCleartext', 'allow_cleartext'],
  ['allowPrivateAddresses', 'allow_private_addresses'],
  ['allowedPrivateNetworks', 'allowed_private_networks'],
  ['maxRedirects', 'max_redirects'],
  ['timeoutMs', 'timeout_ms'],
  ['maxQueued', 'max_queued'],
  ['maxQueuedBytes', 'max_queued_bytes'],
  ['queueTimeoutMs', 'queue_timeout_ms'],
  ['backgroundGraceMs', 'background_grace_ms'],
  ['connectTimeoutMs', 'connect_timeout_ms'],
  ['idleTimeoutMs', 'idle_timeout_ms'],
  ['profile', 'profile'],
  ['inspector', 'inspector'],
  ['maxBodyBytes', 'max_body_bytes'],
  ['maxTextBytes', 'max_text_bytes'],
  ['maxStreamedBytes', 'max_streamed_bytes'],
  ['maxCallerHeaderBytes', 'max_caller_header_bytes'],
  ['maxIdleConnections', 'max_idle_connections'],
  ['maxHeadBytes', 'max_head_bytes'],
  ['maxHeadFields', 'max_head_fields'],
  ['harExchanges', 'har_exchanges'],
  ['harBodyBytes', 'har_body_bytes'],
  ['harSecrets', 'har_secrets'],
  ['resolve', 'resolve'],
  ['proxy', 'proxy'],
  ['proxyBypass', 'proxy_bypass'],
  ['rootsPem', 'roots_pem'],
  ['systemRoots', 'system_roots'],
  ['pins', 'pins'],
  ['crls', 'crls'],
  ['clientCertificates', 'client_certificates'],
]);

/** The properties of `cookiePolicy`, and the names that the engine has for them. */
export const COOKIE_POLICY = new Map([
  ['callerHeader', 'caller_header'],
  ['jar', 'jar'],
  ['setCookie', 'set_cookie'],
]);

/** The properties of a ClientCertificate, and the names that the engine has for them. */
export const CLIENT_CERTIFICATE = new Map([
  ['hosts', 'hosts'],
  ['certificatePem', 'certificate_pem'],
  ['keyPem', 'key_pem'],
]);

/** The connect timeout of the engine if the settings have none. */
const CONNECT_TIMEOUT_MS = 15_000;
/** With this much more time for the resolver, the connect timeout ends a call first. */
const MARGIN_MS = 1000;

/**
 * How long the engine waits for the answer of a resolver, in milliseconds. Settings that are wrong
 * have the default here; the engine reports them.
 */
export function resolverWaitMs(document = '{}') {
  try {
    return Number(JSON.parse(document).connect_timeout_ms ?? CONNECT_TIMEOUT_MS) + MARGIN_MS;
  } catch (error) {
    return CONNECT_TIMEOUT_MS + MARGIN_MS;
  }
}

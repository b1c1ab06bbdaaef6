// There is no type in this file: the Node package takes it as JavaScript (bindings/node/CMakeLists.txt).

/**
 * The properties of a ClientConfig, and the fields of the engine's configuration that they become.
 */
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
  ['maxBodyBytes', 'max_body_bytes'],
  ['maxTextBytes', 'max_text_bytes'],
  ['maxCallerHeaderBytes', 'max_caller_header_bytes'],
  ['maxIdleConnections', 'max_idle_connections'],
  ['maxHeadBytes', 'max_head_bytes'],
  ['maxHeadFields', 'max_head_fields'],
  ['resolve', 'resolve'],
  ['proxy', 'proxy'],
  ['rootsPem', 'roots_pem'],
  ['systemRoots', 'system_roots'],
  ['pins', 'pins'],
]);

/** The properties of its `cookiePolicy`, likewise. */
export const COOKIE_POLICY = new Map([
  ['callerHeader', 'caller_header'],
  ['jar', 'jar'],
  ['setCookie', 'set_cookie'],
]);

/** A platform whose rules a client follows. */
export type Platform = 'android' | 'ios' | 'pc' | 'harmony' | 'devtools';

/**
 * Exceptions from the platform's rules for cookies. A property that is absent or undefined keeps
 * the rule of the platform.
 */
export interface CookiePolicy {
  /**
   * How a Cookie header that the mini program sets is treated. `merge`: its cookies are sent
   * unchanged, followed by the cookies of the jar that have other names. `drop`: it is not sent.
   * Default: `drop` for `pc`, `merge` for all others.
   */
  callerHeader?: 'merge' | 'drop';
  /**
   * If false, no cookies of the jar are sent, and no cookies of responses are stored. Default:
   * true.
   */
  jar?: boolean;
  /**
   * If `visible`, the mini program sees Set-Cookie in `header` and `cookies`; if `hidden`, it does
   * not. The jar stores the cookies in both cases. Default: `hidden` for `pc` and `devtools`,
   * `visible` for all others.
   */
  setCookie?: 'visible' | 'hidden';
}

/** Headers that the host app adds to the requests to some hosts. */
export interface AppHeaders {
  /** The hosts, written as in `allowedHosts`. */
  hosts: string[];
  /**
   * Names and values. `cookie` and headers of the connection, such as `host`, are not allowed.
   */
  headers: Record<string, string>;
}

/** A certificate, with its key, for servers that ask who the client is (mutual TLS). */
export interface ClientCertificate {
  /** The hosts that get it, if they ask, written as in `allowedHosts`. */
  hosts: string[];
  /** The certificate and then, in their order, those that lead to its root. */
  certificatePem: string;
  /**
   * Its private key, not encrypted: PKCS #8, PKCS #1 (RSA) or SEC 1 (elliptic curves). It is never
   * sent.
   */
  keyPem: string;
}

/** The settings of a client. A property that is absent or undefined has its default. */
export interface ClientConfig {
  /** Default: `devtools`. */
  platform?: Platform;
  /**
   * The id of the mini program, for the referer and for its file in `cookieDir`. Default: empty.
   */
  appId?: string;
  /** The version of the mini program, for the referer. Default: empty. */
  appVersion?: string;
  /**
   * The `referer` of every request. `{app_id}` and `{app_version}` in it are replaced by these
   * settings, percent-encoded. Default: the referer of the published API.
   */
  referer?: string;
  /** The `user-agent` of calls that set none. Default: `gadget-request/` and a version. */
  userAgent?: string;
  /**
   * Headers of the host app for some hosts. They replace headers of the same name that the caller
   * or the engine sets, reserved ones too. If two entries set the same header for a host, the later
   * one wins. A token should go over https only: `https://api.example.com`. Default: none.
   */
  appHeaders?: AppHeaders[];
  /** Methods that are allowed in addition to GET, POST, PUT, HEAD and DELETE. Default: none. */
  extraMethods?: Array<'PATCH' | 'OPTIONS'>;
  /**
   * If true, DELETE and OPTIONS send an object in the body, as POST does; if false, in the query.
   * Default: false.
   */
  deleteDataAsPost?: boolean;
  /** Exceptions from the platform's rules for cookies. Default: none. */
  cookiePolicy?: CookiePolicy;
  /**
   * The folder that keeps cookies between runs, with one file for each `appId`. It is created if it
   * does not exist. Clients with the same folder and `appId` share their cookies, so each user of
   * the host app needs a separate folder. Default: none; the cookies end with the client.
   *
   * In Electron: a folder below `app.getPath('userData')`.
   */
  cookieDir?: string | null;
  /**
   * The hosts that calls and their redirects may reach. `example.com` or an IP address allows that
   * host only, `*.example.com` all hosts below it. `:8443` at the end allows that port only,
   * `https://` at the start excludes cleartext. A call to another host fails with errno 110,
   * `host not allowed`. Default: all hosts; `[]` allows none.
   */
  allowedHosts?: string[] | null;
  /**
   * If false, http without TLS fails with errno 110, `cleartext not allowed`, in redirects too.
   * Default: true.
   */
  allowCleartext?: boolean;
  /**
   * If false, addresses outside the public internet (loopback, private, link-local and similar)
   * fail with errno 110, `private address not allowed`, in redirects too. A host name fails if it
   * leads to such addresses only; names that a proxy looks up are not checked. Default: true.
   */
  allowPrivateAddresses?: boolean;
  /**
   * Networks that are allowed although `allowPrivateAddresses` is false: `10.1.0.0/16`, or one
   * address. Default: none.
   */
  allowedPrivateNetworks?: string[];
  /**
   * The most redirects that a call follows. One more fails with errno 305, `too many redirects`.
   * Default: 20.
   */
  maxRedirects?: number;
  /**
   * The timeout of calls that set none, in milliseconds, from the time when a call leaves the queue
   * to its last byte. Default: 60000.
   */
  timeoutMs?: number;
  /** The most calls in the queue. One more fails with errno 111. Default: 1000. */
  maxQueued?: number;
  /**
   * The most bytes of options and bodies in the queue. A call that would exceed it fails with errno
   * 111. Default: 64 MiB.
   */
  maxQueuedBytes?: number;
  /**
   * How long a call may wait in the queue, in milliseconds; then it fails with errno 302. This time
   * is not part of `timeoutMs`. Default: no limit.
   */
  queueTimeoutMs?: number | null;
  /**
   * The grace period: how long calls continue after `enterBackground()`, in milliseconds; then they
   * fail with errno 112. With 0 they fail at once. Default: no limit.
   */
  backgroundGraceMs?: number | null;
  /**
   * How long a new connection may take, in milliseconds, with name lookup, proxy and TLS. Default:
   * 15000.
   */
  connectTimeoutMs?: number;
  /** How long an idle connection is kept, in milliseconds. Default: 30000. */
  idleTimeoutMs?: number;
  /**
   * If true, results have the `profile` of their calls, unless a call says otherwise with
   * `enableProfile`. Default: false.
   */
  profile?: boolean;
  /**
   * The inspector on this device that shows the calls, as `http://127.0.0.1:PORT`: what
   * `gadget-devtools inspect` prints. Only for development: it shows bodies, and it is an error in
   * a release. Default: none.
   */
  inspector?: string;
  /**
   * The most bytes of a body after decoding. One more fails with errno 305, `body too large`.
   * Default: 100 MiB.
   */
  maxBodyBytes?: number;
  /**
   * The most bytes of a body's text as JSON writes it, after charset decoding; a control character
   * has six. One more fails with errno 305, `body too large`. Default: as `maxBodyBytes`.
   */
  maxTextBytes?: number | null;
  /**
   * The most bytes of a body that comes as chunks (`enableChunked`), after decoding; `maxBodyBytes`
   * does not hold for it. One more fails with errno 305, `body too large`. Default: no limit.
   */
  maxStreamedBytes?: number | null;
  /**
   * The most bytes of a caller's headers, names and values together. One more fails with errno 104.
   * Default: 256 KiB.
   */
  maxCallerHeaderBytes?: number;
  /**
   * The most idle connections of the client. If there are more, the one that is idle for the
   * longest time is closed. All clients of a process together keep at most 128. Default: 32.
   */
  maxIdleConnections?: number;
  /**
   * The most bytes of a response's head, up to 384 KiB. One more fails with errno 305, `head too
   * large`. Default: 256 KiB.
   */
  maxHeadBytes?: number;
  /** The most fields of a response's head. One more fails in the same way. Default: 2000. */
  maxHeadFields?: number;
  /**
   * How many requests and responses the client keeps for `har()`, those that ended last. A redirect
   * counts as one more. Default: 0, and nothing is kept.
   */
  harExchanges?: number;
  /** How many bytes it keeps of each body, sent and received. Default: 0, and no bodies. */
  harBodyBytes?: number;
  /**
   * Whether it keeps the values of `cookie`, `set-cookie`, `authorization`, `proxy-authorization`
   * and of `appHeaders`. Who has them is logged in as the mini program's user. Default: false, they
   * read `[redacted]`.
   */
  harSecrets?: boolean;
  /** Fixed addresses of host names, `HOST:PORT:ADDRESS` each. Default: none. */
  resolve?: string[];
  /**
   * The URL of the proxy for all calls: `http`, `https`, `socks5` or `socks5h`, with user name and
   * password if it needs them. With `socks5` this device looks up the server's name, with the
   * others the proxy does. Default: none. Environment variables are never read.
   */
  proxy?: string | null;
  /** The hosts that are reached without the proxy, written as in `allowedHosts`. Default: none. */
  proxyBypass?: string[];
  /** Certificates (PEM) that are trusted in addition to the system's. Default: none. */
  rootsPem?: string;
  /** If false, only `rootsPem` is trusted. Default: true. */
  systemRoots?: boolean;
  /**
   * Public keys that hosts must show, `HOST=sha256/BASE64` or `*.HOST=sha256/BASE64` each. All that
   * match a host are alternatives. Default: none.
   */
  pins?: string[];
  /**
   * Lists of revoked certificates, as PEM, or as DER in Base64. They count for chains that lead to
   * `rootsPem` and, on Linux and OpenHarmony, to the system's trust anchors; other systems have
   * their own rules for their own. Default: none.
   */
  crls?: string[];
  /**
   * Certificates for servers that ask who the client is. If two match a host, the later one wins.
   * Default: none.
   */
  clientCertificates?: ClientCertificate[];
}

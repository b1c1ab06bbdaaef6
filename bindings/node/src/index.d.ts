/**
 * The HTTP API `request` of mini programs, for hosts on Node and Electron.
 *
 * ```js
 * import { GadgetClient } from '@gadget/request';
 *
 * const client = new GadgetClient({ platform: 'pc', appId: 'cli_9dff7f6ae02ad104' });
 * const task = client.request({
 *   url: 'https://example.com',
 *   success(res) { console.log(res.statusCode, res.data); },
 *   fail(res) { console.log(res.errno, res.errMsg); },
 * });
 * ```
 */

import type { CookieJar } from './cookies.js';
import type { ClientServices } from './services.js';

export type {
  Cookie,
  CookieChange,
  CookieJar,
  CookieListener,
  CookieStorage,
} from './cookies.js';
export type { ClientServices, Resolver } from './services.js';

/** The rules of which host platform hold. */
export type Platform = 'android' | 'ios' | 'pc' | 'harmony' | 'devtools';

/**
 * What a client does with cookies otherwise than its platform does it. What is absent or undefined
 * stays.
 */
export interface CookiePolicy {
  /**
   * What becomes of a Cookie header of the mini program. `merge`: its cookies are sent as they
   * stand, behind them those of the jar whose names it does not have. `drop`: it is not sent.
   * Default: `drop` for `pc`, else `merge`.
   */
  callerHeader?: 'merge' | 'drop';
  /** Whether the jar's cookies are sent, and those of responses stored. Default: true. */
  jar?: boolean;
  /**
   * Whether the mini program sees Set-Cookie in `header` and `cookies`; the jar gets it either way.
   * Default: `hidden` for `pc` and `devtools`, else `visible`.
   */
  setCookie?: 'visible' | 'hidden';
}

/** Headers that a host sends to some hosts. */
export interface AppHeaders {
  /** Whom they are for, as in `allowedHosts`. */
  hosts: string[];
  /** Names and values; neither `cookie` nor what is the connection's own, such as `host`. */
  headers: Record<string, string>;
}

/** The settings of a client. What is absent or undefined takes its default. */
export interface ClientConfig {
  /** Default: `devtools`. */
  platform?: Platform;
  /** The mini program's id, as it stands in the referer. Default: empty. */
  appId?: string;
  /** The mini program's version, likewise. Default: empty. */
  appVersion?: string;
  /**
   * The `referer` sent; `{app_id}` and `{app_version}` in it are replaced. Default: the published
   * one.
   */
  referer?: string;
  /** The `user-agent` of calls that set none. Default: `gadget-request/` and a version. */
  userAgent?: string;
  /**
   * Headers of the host's own for some hosts. They win over the caller's and the engine's own,
   * reserved ones too; of two entries for a host the later wins. A token belongs to https alone:
   * `https://api.example.com`. Default: none.
   */
  appHeaders?: AppHeaders[];
  /** Methods allowed beside GET, POST, PUT, HEAD and DELETE. Default: none. */
  extraMethods?: Array<'PATCH' | 'OPTIONS'>;
  /**
   * Whether DELETE and OPTIONS send an object in the body, as POST does. Default: no, in the query.
   */
  deleteDataAsPost?: boolean;
  /** What is to be done with cookies otherwise than the platform does it. Default: nothing. */
  cookiePolicy?: CookiePolicy;
  /**
   * The folder in which cookies are kept between runs, one file for each `appId`; made where it is
   * missing. A host gives each of its users a folder. Clients with the same folder and `appId`
   * share their cookies. Default: none, and cookies end with the client.
   *
   * In Electron: a folder below `app.getPath('userData')`.
   */
  cookieDir?: string | null;
  /**
   * The hosts that may be requested, redirects included: `example.com` or an IP address is itself
   * alone, `*.example.com` all below it; with `:8443` behind it that port alone, with `https://`
   * before it no cleartext. Any other fails with errno 110, `host not allowed`. Default: all; `[]`
   * is none.
   */
  allowedHosts?: string[] | null;
  /**
   * Whether http without TLS is allowed, redirects included; if not, it fails with errno 110,
   * `cleartext not allowed`. Default: true.
   */
  allowCleartext?: boolean;
  /**
   * Whether addresses are allowed that are not for the whole internet (loopback, private,
   * link-local and the like), redirects included; if not, a URL or a name that leads to such
   * addresses only fails with errno 110, `private address not allowed`. Names that a proxy looks up
   * are not judged. Default: true.
   */
  allowPrivateAddresses?: boolean;
  /**
   * Networks of such addresses that are allowed nevertheless: `10.1.0.0/16`, or one address.
   * Default: none.
   */
  allowedPrivateNetworks?: string[];
  /**
   * Most redirects that a call follows; one more fails with errno 305, `too many redirects`.
   * Default: 20.
   */
  maxRedirects?: number;
  /** From a call's dispatch to its last byte, for calls that set none. Default: 60000. */
  timeoutMs?: number;
  /** Most calls that wait for one of the ten places; one more fails with 111. Default: 1000. */
  maxQueued?: number;
  /**
   * Most bytes of options, bodies included, that wait for one of the ten places; what would make
   * them more fails with 111. Default: 64 MiB.
   */
  maxQueuedBytes?: number;
  /**
   * How long a call may wait for its place; then it fails with 302. This time is no part of
   * `timeoutMs`. Default: as long as it takes.
   */
  queueTimeoutMs?: number | null;
  /**
   * How long calls go on after `enterBackground()`, 0 being not at all; then they fail with 112.
   * Default: for ever.
   */
  backgroundGraceMs?: number | null;
  /** For a new connection, TLS included. Default: 15000. */
  connectTimeoutMs?: number;
  /** How long an unused connection is kept. Default: 30000. */
  idleTimeoutMs?: number;
  /** Most bytes of a body, decoded. Default: 100 MiB. */
  maxBodyBytes?: number;
  /**
   * Most bytes of a body's text, after charset decoding and as JSON writes it (a control character
   * takes six); one more fails with errno 305, `body too large`. Default: as many as a body may
   * have.
   */
  maxTextBytes?: number | null;
  /**
   * Most bytes of a caller's headers, names and values together; one more fails with errno 104.
   * Default: 256 KiB.
   */
  maxCallerHeaderBytes?: number;
  /**
   * Most unused connections that are kept; of more, those unused for the longest time are closed.
   * All clients of a process keep 128 at most. Default: 32.
   */
  maxIdleConnections?: number;
  /** Most bytes of a response's head. Default: 256 KiB. */
  maxHeadBytes?: number;
  /** Most fields of a response's head. Default: 2000. */
  maxHeadFields?: number;
  /** Host names resolved by hand, `HOST:PORT:ADDRESS` each. Default: none. */
  resolve?: string[];
  /**
   * The URL of the proxy that all calls go through. Default: none; the environment is never read.
   */
  proxy?: string | null;
  /** Certificates (PEM) trusted beside those of the system. Default: none. */
  rootsPem?: string;
  /** Whether the system's trust anchors count. Default: true. */
  systemRoots?: boolean;
  /** Public keys that hosts must show, `HOST=sha256/BASE64` each. Default: none. */
  pins?: string[];
}

/**
 * What a mini program passes. Nothing in it is trusted: what is wrong ends in `fail` with errno
 * 104.
 */
export interface RequestOptions {
  /** An absolute http or https URL. */
  url: string;
  /** Default: `{'content-type': 'application/json'}`. */
  header?: Record<string, string | number | boolean | null> | null;
  /** GET (the default), POST, PUT, HEAD or DELETE, in any case; and what the host switched on. */
  method?: string | null;
  /**
   * What to send: text, an object, or bytes. A typed array or a DataView is the bytes it shows. An
   * object goes through `JSON.stringify`.
   */
  data?: string | object | ArrayBuffer | ArrayBufferView | null;
  /** `json` (the default): text that is JSON is parsed. Anything else: it stays text. */
  dataType?: string | null;
  /** Whether `data` of the result is text (the default) or an ArrayBuffer. */
  responseType?: 'text' | 'arraybuffer' | '' | null;
  /** Milliseconds, 1 to 60000. Anything else: the client's. */
  timeout?: number | null;
  /**
   * What becomes of a 301, 302, 303, 307 or 308 with a Location. `follow` (the default): the engine
   * goes there, `maxRedirects` times at most, and the result is the last response. `manual`: it is
   * the result. `error`: errno 305, `redirect refused`.
   */
  redirect?: 'follow' | 'manual' | 'error' | '' | null;
  /** Gets what the server answered, whatever its status says. */
  success?: (res: RequestSuccess) => void;
  /** Gets why there is no answer. */
  fail?: (res: RequestFail) => void;
  /** Gets the same object, afterwards. */
  complete?: (res: RequestSuccess | RequestFail) => void;
}

/** JSON, text, or an ArrayBuffer. */
export type ResponseData = object | string | number | boolean | null;

/** An answer of the server. */
export interface RequestSuccess {
  statusCode: number;
  /** Names are lower-case; repeated fields are joined with `, `. */
  header: Record<string, string>;
  data: ResponseData;
  /** A string for each Set-Cookie line; none where `cookiePolicy` hides them. */
  cookies: string[];
  /** The id of the call, for support and logs. */
  trace: string;
  errMsg: 'request:ok';
  /** Absent in a success. */
  errno?: undefined;
}

/** Why there is no answer. */
export interface RequestFail {
  /** `request:fail ` and one of {@link DETAILS}. */
  errMsg: string;
  /** A key of {@link ERRNO}. */
  errno: number;
  errString: string;
  /** The id of the call, for support and logs. */
  trace: string;
}

/** A request under way. */
export interface RequestTask {
  /**
   * Ends it with errno 301, unless it has its outcome already. `fail` comes later, never from
   * within. One that waits has left the queue when this returns, and sends nothing; one in flight
   * has given up its place. Any number of times.
   */
  abort(): void;
}

/**
 * One running mini program. Its pending requests keep it, and the process, alive; a client without
 * any keeps nothing.
 *
 * At most ten requests are in flight at a time; more wait, first in, first out, and their timeout
 * begins when their turn has come.
 */
export class GadgetClient {
  /**
   * @param config the settings, or the engine's own JSON document as text. A platform other than
   *   `devtools` has to be named.
   * @param services what only the host's own code can do.
   * @throws Error for a setting that cannot be; the message names it.
   * @throws TypeError for a service that is none, or a storage that loads something else than
   *   bytes.
   */
  constructor(config?: ClientConfig | string, services?: ClientServices);

  /**
   * Starts a request. It never throws. Callbacks are read now and called later on this thread:
   * exactly one of `success` and `fail`, then `complete` with the same object. One that is no
   * function is ignored. What one throws becomes an uncaught exception of the process and does not
   * stop `complete`.
   */
  request(options: RequestOptions): RequestTask;

  /** The cookies of its app, also after {@link shutdown}. */
  readonly cookies: CookieJar;

  /** Requests that have one of the ten places: sent, and not yet answered to the last byte. */
  readonly inFlight: number;

  /** Requests that wait for a place. */
  readonly queued: number;

  /**
   * Tells whether the device has a network; a client takes it to have one until told otherwise.
   * While it has none, new requests fail with errno 303, `offline`, and so do those in the queue;
   * what is in flight is left alone.
   *
   * In Electron: `net.isOnline()` of the main process, asked when a window gets its event `online`
   * or `offline`, and at `resume` of `powerMonitor`.
   *
   * @throws TypeError where `online` is no boolean.
   */
  setOnline(online: boolean): void;

  /**
   * Tells that the app went to the background. Nothing comes of it unless `backgroundGraceMs` is
   * set: after that time pending requests fail with errno 112, `app in background`, and so do new
   * ones, until {@link enterForeground}. Telling it twice is telling it once.
   *
   * In Electron: at `suspend` of `powerMonitor`, or where the host's last window is hidden.
   */
  enterBackground(): void;

  /**
   * Tells that the app is in the foreground again: requests are taken as before.
   *
   * In Electron: at `resume` of `powerMonitor`, or where a window is shown.
   */
  enterForeground(): void;

  /**
   * Ends what is running, and every later request, with errno 301, `client closed`.
   *
   * What has changed of its cookies goes to a `cookieStorage` before this returns, and into
   * `cookieDir` soon, on a thread of the engine: a host that ends then, or must know that it is
   * saved, calls `cookies.save()`.
   */
  shutdown(): void;
}

/**
 * The function `request` of a new client, as a mini program gets it:
 * `const tt = { request: createRequest(config) }`. A host that has a network or a background to
 * tell of, or cookies to look at, makes a {@link GadgetClient}.
 */
export function createRequest(
  config?: ClientConfig | string,
): (options: RequestOptions) => RequestTask;

/** What `errno` can be, and the `errString` that goes with it. */
export const ERRNO: ReadonlyMap<number, string>;

/** What stands in `errMsg` behind `request:fail `; that of a 104 may go on with `: ` and why. */
export const DETAILS: readonly string[];

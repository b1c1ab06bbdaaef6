/**
 * The HTTP API `request` of mini programs, for host apps on Node and Electron.
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
 * const { data } = await client.send({ url: 'https://example.com' });
 * ```
 */

import type { Bridge, BridgeConfig } from './bridge.js';
import type { ClientConfig } from './config.js';
import type { CookieJar } from './cookies.js';
import type {
  Profile,
  RequestFail,
  RequestOptions,
  RequestSuccess,
  RequestTask,
  SendOptions,
} from './request.js';
import type { ClientServices, ProxySelector } from './services.js';

export type { Bridge, BridgeConfig } from './bridge.js';
export type {
  AppHeaders,
  ClientCertificate,
  ClientConfig,
  CookiePolicy,
  Platform,
} from './config.js';
export type {
  Cookie,
  CookieChange,
  CookieJar,
  CookieListener,
  CookieStorage,
} from './cookies.js';
export type {
  Profile,
  RequestFail,
  RequestOptions,
  RequestSuccess,
  RequestTask,
  ResponseChunk,
  ResponseData,
  ResponseHeaders,
  SendOptions,
} from './request.js';
export type { CallEvent } from './observer.js';
export type { ClientServices, ProxySelector, Resolver } from './services.js';

/**
 * One running mini program. Pending calls keep the client and the process alive; a client without
 * pending calls keeps neither.
 *
 * At most ten calls are in flight at a time. The others wait in a queue, first in, first out; their
 * timeout starts when they leave it.
 */
export class GadgetClient {
  /**
   * @param config the settings, or a JSON document of the engine's settings as text. If the
   *   platform is not `devtools`, it must be named.
   * @param services what only the host app can do.
   * @throws Error if a setting is not valid; the message names the setting.
   * @throws TypeError if a service is not valid, or if a storage does not load bytes.
   */
  constructor(config?: ClientConfig | string, services?: ClientServices);

  /**
   * Starts a call. It never throws. The callbacks are read now and called later on this thread:
   * exactly one of `success` and `fail`, then `complete` with the same object. A callback that is
   * not a function is ignored. If a callback throws, the error becomes an uncaught exception of the
   * process, and `complete` is still called.
   */
  request(options: RequestOptions): RequestTask;

  /**
   * Starts a call and returns a promise of its response, whatever the status of the response is.
   * The promise settles once, and never rejects before `send` has returned.
   *
   * An abort of `signal` aborts the call, as {@link RequestTask.abort} does: the promise rejects
   * with errno 301, unless the call has its outcome already. If the signal was aborted before,
   * nothing is sent. Its reason is not used. When the promise has settled, the client has no
   * listener on the signal.
   *
   * The promise rejects with
   * - {@link GadgetError} if there is no response, when `request` would call `fail`;
   * - TypeError if the options have `success`, `fail` or `complete`, or if `signal` is not an
   *   AbortSignal. Nothing is sent then. A callback that is null or undefined is absent.
   *
   * If nothing handles the rejection, it is an unhandled rejection of the process.
   */
  send(options: SendOptions): Promise<RequestSuccess>;

  /** The cookies of the client. They can be used after {@link shutdown} too. */
  readonly cookies: CookieJar;

  /** The number of calls that left the queue and have no outcome yet. */
  readonly inFlight: number;

  /** The number of calls in the queue. */
  readonly queued: number;

  /**
   * Reports whether the device has a network. A new client assumes that it has one. Without a
   * network, queued calls and new calls fail with errno 303, `offline`; calls in flight continue.
   * When it has a network again, that counts as another one, as after {@link networkChanged}.
   *
   * In Electron: call it with `net.isOnline()` of the main process when a window gets the event
   * `online` or `offline`, and at `resume` of `powerMonitor`.
   *
   * @throws TypeError if `online` is not a boolean.
   */
  setOnline(online: boolean): void;

  /**
   * Reports that the device has another network, for example mobile data in place of Wi-Fi. Idle
   * connections are closed at once. Calls in flight finish on their connections; new calls open new
   * ones, and names are looked up anew. A call that is still opening its connection begins that
   * again. Nothing that was sent is sent again because of this.
   *
   * In Electron: call it when the addresses in `networkInterfaces()` of `node:os` are not the ones
   * before.
   */
  networkChanged(): void;

  /**
   * Takes another proxy, or none, in place of the settings `proxy` and `proxyBypass` and of a
   * {@link ProxySelector}. Calls in flight finish on their connections; for all others it counts as
   * {@link networkChanged}.
   *
   * @param proxy a URL as in the setting; null or undefined for none.
   * @param bypass the hosts that are reached without it. Default: none.
   * @throws Error if one is not valid; the client keeps its proxy.
   */
  setProxy(proxy: string | null | undefined, bypass?: string[]): void;

  /**
   * Asks a function for the proxy of each request from now on. Apart from that, the same as
   * {@link setProxy}.
   *
   * @param bypass the hosts for which it is not asked. Default: the setting `proxyBypass`.
   * @throws Error if a host is not valid; the client keeps its proxy.
   * @throws TypeError if `selector` is not a function.
   */
  setProxySelector(selector: ProxySelector, bypass?: string[]): void;

  /**
   * Reports that the host app is in the background. If `backgroundGraceMs` is set, pending calls
   * fail with errno 112, `app in background`, when that grace period ends, and so do new calls,
   * until {@link enterForeground}. Has no effect on calls if it is not set. Calling it twice is the
   * same as calling it once.
   *
   * In Electron: call it at `suspend` of `powerMonitor`, or when the last window is hidden.
   */
  enterBackground(): void;

  /**
   * Reports that the host app is in the foreground again: the client accepts calls as before. After
   * more than 30 seconds in the background, it counts as {@link networkChanged} too, and calls
   * whose timeout has passed meanwhile fail with errno 302, `timeout`. The time that the device
   * slept counts.
   *
   * In Electron: call it at `resume` of `powerMonitor`, or when a window is shown.
   */
  enterForeground(): void;

  /**
   * Returns the calls that ended last as HAR 1.2 (JSON): for the network panel of a browser and
   * other tools. It has as many as `harExchanges` says, none by default; each redirect is an entry.
   * A call that failed has the members `_errno`, `_errString` and `_detail`; its status is 0 if it
   * got no response.
   */
  har(): string;

  /**
   * Offers this client to the pages of one WebView: `tt.request` in the page. Several bridges can
   * share a client.
   *
   * @throws Error if a setting is not valid; the message names it.
   */
  createBridge(config?: BridgeConfig): Bridge;

  /**
   * Ends the client: pending calls and all later calls fail with errno 301, `client closed`.
   *
   * Changed cookies are saved in a `cookieStorage` before this returns, and in `cookieDir` soon
   * afterwards, on a thread of the engine. A host app that ends then, or that must know that they
   * are saved, calls `cookies.save()`.
   */
  shutdown(): void;
}

/**
 * Returns the function `request` of a new client, for a mini program:
 * `const tt = { request: createRequest(config) }`. A host app that needs any other method of the
 * client creates a {@link GadgetClient}.
 */
export function createRequest(
  config?: ClientConfig | string,
): (options: RequestOptions) => RequestTask;

/** The error of `send` if there is no response. Its `message` is the `errMsg` of a RequestFail. */
export class GadgetError extends Error {
  constructor(fail: RequestFail);
  readonly name: 'GadgetError';
  /** The group of the error, a key of {@link ERRNO}. */
  readonly errno: number;
  /** The words of `errno` in {@link ERRNO}. */
  readonly errString: string;
  /** The id of the call, for support and logs; empty if the signal was aborted before the call. */
  readonly trace: string;
  /** The phases of the call that happened, if it had a place in flight and asks for them. */
  readonly profile?: Profile;
}

/** Every `errno`, with its `errString`. */
export const ERRNO: ReadonlyMap<number, string>;

/** Every detail in `errMsg` after `request:fail `. With errno 104, `: ` and a reason can follow. */
export const DETAILS: readonly string[];

import type { Profile } from './request.js';

/**
 * What happened to one call. `event` says what, and which other members there are; what is not
 * known is absent. For each call: `start`; `queued`, if it has to wait; `dispatched`; for each
 * request `connection`, `request` and `head`, with `retry` or `redirect` before the next one;
 * `end`, exactly once, also after an abort.
 *
 * It shows what the mini program may see, and no more. The values of `cookie`, `authorization`,
 * `proxy-authorization` and of `appHeaders` read `[redacted]`.
 */
export interface CallEvent {
  /** The trace of the call. */
  call: string;
  /** Milliseconds since 1970, with at most three decimals. */
  at: number;
  event:
    | 'start'
    | 'queued'
    | 'dispatched'
    | 'connection'
    | 'request'
    | 'head'
    | 'retry'
    | 'redirect'
    | 'end';
  /** How many events were lost before this one, because the observer was too slow. */
  dropped?: number;
  /** `start`, `request`: the method. */
  method?: string;
  /** `start`, `request`: the URL. `redirect`: where it leads. */
  url?: string;
  /** `queued`: how many calls wait before this one. */
  ahead?: number;
  /** `dispatched`: how many calls are in flight, this one among them. */
  inFlight?: number;
  /** `dispatched`: how many calls wait. */
  queued?: number;
  /** `connection`: it was opened for another call. */
  reused?: boolean;
  /** `connection`: the address of the server, or of the proxy. */
  peerIP?: string;
  /** `connection`: its port. */
  port?: number;
  /** `connection`: `http1.1` or `h2`. */
  protocol?: string;
  /** `request`, `head`: the header, with names in lower case. */
  header?: Record<string, string>;
  /** `request`: the length of the body. */
  bytes?: number;
  /** `head`, `redirect`, `end` of a success: the status code. */
  statusCode?: number;
  /** `head`: the `set-cookie` lines, if the platform shows them. */
  cookies?: string[];
  /** `retry`: what happened, in short words, which may change. */
  reason?: string;
  /** `retry`: how many times the call has sent a request again. */
  count?: number;
  /** `end`: whether `success` or `fail` is called. */
  outcome?: 'success' | 'fail';
  /** `end` of a fail: the group of the error. */
  errno?: number;
  /** `end` of a fail: the name of that group. */
  errString?: string;
  /** `end` of a fail: the detail of `errMsg`. */
  detail?: string;
  /** `end` of a fail: why the network failed it, in its own words, which may change. */
  cause?: string;
  /** `end`: the profile, if the call got its place. */
  profile?: Profile;
}

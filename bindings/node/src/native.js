// harmony/src/main/cpp/types/libgadget_request_napi/index.d.ts documents it.
import { createRequire } from 'node:module';

const native = createRequire(import.meta.url)('../gadget_request_napi.node');

export const {
  createClient,
  answer,
  start,
  abort,
  resume,
  setOnline,
  networkChanged,
  enterBackground,
  enterForeground,
  inFlight,
  queued,
  createBridge,
  bridgeScript,
  bridgeReceive,
  bridgeClose,
  shutdown,
  cookies,
  setCookies,
  setCookieLine,
  deleteCookie,
  clearCookies,
  saveCookies,
  onCookieChange,
  closeListener,
  liveObjects,
} = native;

// harmony/src/main/cpp/types/libgadget_request_napi/index.d.ts documents it.
import { loadAddon } from './addon.js';

export const {
  createClient,
  answer,
  start,
  abort,
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
} = loadAddon();

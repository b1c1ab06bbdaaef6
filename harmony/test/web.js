// A Web component as far as a bridge sees it: a controller, and documents that run real scripts.
import { webcrypto } from 'node:crypto';
import vm from 'node:vm';

/** Stands for `webview.WebviewController`. Its documents have the proxies in all frames. */
export class FakeController {
  proxies = new Map();
  /** The URL of the frame that calls a proxy. */
  callingUrl = '';
  /** The document of the main frame. */
  page = undefined;
  scripts = [];

  registerJavaScriptProxy(object, name, methods) {
    this.proxies.set(name, { object, methods });
  }

  deleteJavaScriptRegister(name) {
    if (!this.proxies.delete(name)) throw new Error('17100008');
  }

  getLastJavascriptProxyCallingFrameUrl() {
    return this.callingUrl;
  }

  async runJavaScript(script) {
    this.scripts.push(script);
    return String(this.page.run(script));
  }

  /** Loads a document into the main frame. Only `leave` sends its `pagehide`. */
  load(url, script) {
    this.page = new Document(this, url);
    this.page.run(script);
    return this.page;
  }

  /** A document in a frame. */
  frame(url, script) {
    const frame = new Document(this, url, this.page);
    frame.run(script);
    return frame;
  }
}

class Document {
  warnings = [];
  errors = [];
  #listeners = new Map();

  constructor(controller, url, parent = undefined) {
    const { origin } = new URL(url);
    const isFile = url.startsWith('file:');
    this.window = vm.createContext({
      location: Object.freeze({ href: url, origin: isFile ? 'file://' : origin }),
      console: { warn: (text) => this.warnings.push(text) },
      crypto: webcrypto,
      addEventListener: (type, listener) => this.#listeners.set(type, listener),
      ...{ TextEncoder, TextDecoder, atob, btoa, setTimeout },
    });
    this.window.window = this.window;
    this.run('window = globalThis');
    this.window.top = parent ? parent.window : this.run('window');
    for (const [name, { object, methods }] of controller.proxies) {
      const call = (method) => (...args) => {
        controller.callingUrl = url;
        return object[method](...args);
      };
      const entries = methods.map((method) => [method, call(method)]);
      this.window[name] = Object.fromEntries(entries);
    }
  }

  run(script) {
    return vm.runInContext(script, this.window);
  }

  /** Calls `tt.request`, and resolves with what `complete` gets. */
  request(options, name = 'tt') {
    return new Promise((resolve) => {
      this.task = this.window[name].request({ ...options, complete: resolve });
    });
  }

  leave() {
    this.#listeners.get('pagehide')?.({ isTrusted: true });
  }
}

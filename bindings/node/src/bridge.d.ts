/** The settings of a bridge. A setting that is absent or undefined has its default. */
export interface BridgeConfig {
  /**
   * The documents that can use the API, by their origin: `https://example.com` and `app://local`
   * are one origin, `https://*.example.com` stands for all hosts below it, `null` for documents
   * without an origin (`about:blank`, `data:`, sandboxed frames), `*` for all documents.
   * Default: none.
   */
  origins?: string[];
  /** If true, documents in frames can use it too, if their origin is allowed. Default: false. */
  frames?: boolean;
  /** The global of the page that gets `request`. Default: `tt`. */
  name?: string;
  /** The global of the page whose `postMessage` takes messages. Default: `gadgetRequest`. */
  channel?: string;
  /** If true, the channel carries bytes in both directions; if not, they are base64 in text. */
  bytes?: boolean;
  /** The most bytes of a reply; a longer result fails with errno 305. Default: none. */
  limit?: number;
  /** A text that the script passes to the channel with each message. Default: none. */
  secret?: string;
}

/**
 * Offers a client to the pages that one WebView shows, one after the other, with their frames.
 *
 * In Electron, a preload script hands the channel to the page, and the main process answers, for
 * each WebContents by a bridge of its own:
 *
 * ```js
 * // preload.js
 * contextBridge.exposeInMainWorld('gadgetRequest', {
 *   postMessage: (message) => ipcRenderer.invoke('gadget-request', message),
 * });
 * webFrame.executeJavaScript(ipcRenderer.sendSync('gadget-request-script'));
 *
 * // the main process
 * const bridge = client.createBridge({ origins: ['https://page.example'], bytes: true });
 * contents.ipc.on('gadget-request-script', (event) => {
 *   event.returnValue = bridge.script;
 * });
 * contents.ipc.handle('gadget-request', ({ senderFrame: frame }, message) =>
 *   // It is null if the frame has another document by now.
 *   frame && bridge.receive(message, frame.origin, frame.parent === null),
 * );
 * contents.once('destroyed', () => bridge.close());
 * ```
 */
export interface Bridge {
  /**
   * The script to run at the start of each document, before any script of the page: in all frames
   * if `frames` allows them. It has no effect if it runs in the same document again.
   */
  readonly script: string;

  /**
   * Takes a message of the page's script: text or bytes. Its promise is the reply for the script of
   * the document that sent it: text, bytes, or undefined if there is nothing to pass on.
   *
   * `origin` is the origin of that document, and `isMainFrame` is true if it is not in a frame of
   * another document. Both come from the WebView, never from the page.
   *
   * The promise rejects with TypeError if an argument has the wrong type, and for no other reason.
   * Until it settles, it keeps the client and the process alive.
   */
  receive(
    message: string | ArrayBuffer | ArrayBufferView,
    origin: string,
    isMainFrame: boolean,
  ): Promise<string | ArrayBuffer | undefined>;

  /**
   * Ends the bridge: all calls of its pages are aborted, and no page gets another reply. Call it
   * when the WebView is destroyed or its process has died. Calling it twice is the same as calling
   * it once.
   */
  close(): void;
}

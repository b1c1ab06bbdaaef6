// Uses index.d.ts as a host app does; scripts/test-js compiles it.
import {
  Bridge,
  BridgeConfig,
  ClientConfig,
  Cookie,
  CookieChange,
  CookieJar,
  CookieListener,
  CookiePolicy,
  CookieStorage,
  DETAILS,
  ERRNO,
  GadgetClient,
  GadgetError,
  AppHeaders,
  ClientServices,
  ProxySelector,
  RequestOptions,
  RequestSuccess,
  RequestTask,
  Resolver,
  SendOptions,
  createRequest,
} from '@gadget/request';

const config: ClientConfig = {
  platform: 'pc',
  appId: 'cli_9dff7f6ae02ad104',
  appVersion: '1.2.0',
  cookiePolicy: { callerHeader: 'merge', jar: true, setCookie: 'visible' },
  cookieDir: '/home/user/cookies',
  allowedHosts: ['*.example.com', 'example.com:8443'],
  allowCleartext: false,
  allowPrivateAddresses: false,
  allowedPrivateNetworks: ['10.1.0.0/16'],
  maxRedirects: 5,
  proxy: null,
  proxyBypass: ['*.example.com'],
  crls: ['AAEC'],
  clientCertificates: [{ hosts: ['example.com'], certificatePem: 'C', keyPem: 'K' }],
  maxQueued: 100,
  maxQueuedBytes: 1 << 20,
  maxTextBytes: null,
  maxStreamedBytes: null,
  maxCallerHeaderBytes: 1 << 16,
  maxIdleConnections: 8,
  queueTimeoutMs: null,
  backgroundGraceMs: 0,
};
const client = new GadgetClient(config);
const token: AppHeaders = { hosts: ['example.com'], headers: { 'x-token': 'a' } };
new GadgetClient({ appHeaders: [token], allowedHosts: null }).shutdown();
const noJar: CookiePolicy = { jar: false };
new GadgetClient({ cookiePolicy: noJar, cookieDir: null }).shutdown();
const options: RequestOptions = {
  url: 'https://www.example.com',
  header: { 'content-type': 'application/json', 'x-count': 1 },
  data: new Uint8Array(3),
  success(res) {
    const status: number = res.statusCode;
    const text: string = typeof res.data === 'string' ? res.data : res.header['content-type'];
    void [status, text];
  },
  fail: (res) => void (ERRNO.get(res.errno) ?? DETAILS[0]),
  complete(res) {
    const code: number = res.errno === undefined ? res.statusCode : res.errno;
    void code;
  },
};
const task: RequestTask = client.request(options);
task.abort();
const { signal } = new AbortController();
const sendOptions: SendOptions = { url: options.url, data: { a: 1 }, signal };
const sent: Promise<RequestSuccess> = client.send(sendOptions);
sent.catch((reason: unknown) => {
  if (reason instanceof GadgetError) {
    const words: [number, string, string, string] = [
      reason.errno,
      reason.errString,
      reason.message,
      reason.trace,
    ];
    void words;
  }
});
client.send({ url: options.url, signal: null });
client.setOnline(true);
client.networkChanged();
client.enterBackground();
client.enterForeground();
const waiting: number = client.inFlight + client.queued;
void waiting;
client.shutdown();

const jar: CookieJar = client.cookies;
const cookie: Cookie = { name: 'a', value: '1', domain: '.example.com' };
jar.set([cookie, { ...cookie, path: '/', expires: Date.now(), secure: true, sameSite: 'none' }]);
jar.set(jar.list('https://www.example.com')[0]);
const deleted: boolean = jar.delete(cookie.name, cookie.domain, cookie.path ?? '/');
jar.clear('example.com');
jar.clear();
const json: string = jar.exportJson();
jar.importJson(json);
jar.save();
const isSet: boolean = jar.setLine('https://www.example.com', 'a=1; Secure');
void isSet;
const listener: CookieListener = jar.onChange((change: CookieChange) => {
  const type: 'set' | 'removed' = change.type;
  const httpOnly: boolean | undefined = change.cookie.httpOnly;
  void [type, httpOnly, deleted];
});
listener.close();
let kept: ArrayBuffer | undefined;
const storage: CookieStorage = { load: () => kept, save: (bytes) => void (kept = bytes) };
new GadgetClient(config, { cookieStorage: storage }).shutdown();
const full = { ...storage, load: () => new Uint8Array(3), setAside() {} };
new GadgetClient('{}', { cookieStorage: full });

const resolver: Resolver = async (host: string) => [`192.0.2.${host.length}`];
const services: ClientServices = { cookieStorage: storage, resolver };
new GadgetClient(config, services).shutdown();
new GadgetClient(config, { resolver: () => [], cookieStorage: undefined });

const selector: ProxySelector = async (origin: string) =>
  origin.startsWith('https:') ? 'http://proxy.example:8080' : null;
client.setProxySelector(selector);
client.setProxySelector(() => undefined, ['*.example.com']);
client.setProxy('socks5h://localhost', ['*.example.com']);
client.setProxy(null);
new GadgetClient(config, { proxySelector: selector }).shutdown();

const tt = { request: createRequest() };
tt.request({ url: 'https://www.example.com' }).abort();

// @ts-expect-error a property that is none
new GadgetClient({ timeout: 5 });
// @ts-expect-error no such policy
new GadgetClient({ cookiePolicy: { setCookie: 'shown' } });
// @ts-expect-error no boolean
client.setOnline('yes');
// @ts-expect-error for reading only
client.queued = 0;
// @ts-expect-error no url
client.request({});
// @ts-expect-error not data
client.request({ url: '', data: 5 });
// @ts-expect-error callbacks are for request
client.send({ url: '', success() {} });
// @ts-expect-error options that have callbacks
client.send(options);
// @ts-expect-error no signal
client.send({ url: '', signal: new AbortController() });
// @ts-expect-error a signal is for send
client.request({ url: '', signal });
// @ts-expect-error for reading only
new GadgetError({ errMsg: '', errno: 301, errString: '', trace: '' }).errno = 5;
// @ts-expect-error no domain
jar.set({ name: 'a', value: '1' });
// @ts-expect-error a member that is none
jar.set({ ...cookie, maxAge: 5 });
// @ts-expect-error no such value
cookie.sameSite = 'Lax';
// @ts-expect-error a cookie is deleted by three
jar.delete('a', 'example.com');
// @ts-expect-error for reading only
client.cookies = jar;
// @ts-expect-error no headers
new GadgetClient({ appHeaders: [{ hosts: ['example.com'] }] });
// @ts-expect-error a header is text
new GadgetClient({ appHeaders: [{ hosts: ['example.com'], headers: { a: 1 } }] });
// @ts-expect-error no list
new GadgetClient({ allowedHosts: 'example.com' });
// @ts-expect-error a line belongs to a URL
jar.setLine('a=1');
// @ts-expect-error a service that is none
new GadgetClient({}, { resolve: () => [] });
// @ts-expect-error a storage is a service among others
new GadgetClient({}, storage);
// @ts-expect-error one address is not a list
new GadgetClient({}, { resolver: () => '192.0.2.7' });
// @ts-expect-error a proxy is text
new GadgetClient({}, { proxySelector: () => 5 });
// @ts-expect-error a promise is not bytes
new GadgetClient({}, { cookieStorage: { load: async () => undefined, save() {} } });
// @ts-expect-error no save
new GadgetClient({}, { cookieStorage: { load: () => undefined } });

const pages: BridgeConfig = {
  origins: ['https://page.example', 'null'],
  frames: true,
  name: 'my',
  channel: 'myChannel',
  bytes: true,
  secret: 'a',
};
const bridge: Bridge = client.createBridge(pages);
const reply: Promise<string | ArrayBuffer | undefined> = bridge.receive('{}', 'null', true);
void [reply, bridge.receive(new DataView(new ArrayBuffer(4)), 'null', false), bridge.script];
bridge.close();
client.createBridge().close();

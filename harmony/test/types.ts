// Uses index.d.ts as a host does; scripts/test-js compiles it.
import {
  ClientConfig,
  CookiePolicy,
  DETAILS,
  ERRNO,
  GadgetClient,
  RequestOptions,
  RequestTask,
  createRequest,
} from '@gadget/request';

const config: ClientConfig = {
  platform: 'pc',
  appId: 'cli_9dff7f6ae02ad104',
  appVersion: '1.2.0',
  cookiePolicy: { callerHeader: 'merge', jar: true, setCookie: 'visible' },
  cookieDir: '/home/user/cookies',
  proxy: null,
  maxQueued: 100,
  maxQueueMs: null,
  backgroundGraceMs: 0,
};
const client = new GadgetClient(config);
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
client.setOnline(true);
client.enterBackground();
client.enterForeground();
const waiting: number = client.inFlight + client.queued;
void waiting;
client.shutdown();
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

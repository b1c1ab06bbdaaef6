// Uses gadget-request.d.ts as a page does; scripts/test-page compiles it.
import type {
  RequestFail,
  RequestOptions,
  RequestSuccess,
  RequestTask,
  request,
} from '../gadget-request.js';

declare const tt: { request: typeof request };

const options: RequestOptions = {
  url: 'https://www.example.com',
  header: { 'content-type': 'application/json', 'x-count': 1, 'x-flag': true, 'x-none': null },
  method: 'POST',
  data: new Uint8Array(3),
  dataType: 'json',
  responseType: 'arraybuffer',
  timeout: 1000,
  redirect: 'manual',
  success(res) {
    const status: number = res.statusCode;
    const text: string = typeof res.data === 'string' ? res.data : res.header['content-type'];
    void [status, text, res.cookies.length, res.trace];
  },
  fail: (res) => void [res.errno.toFixed(), res.errString, res.errMsg, res.trace],
  complete(res: RequestSuccess | RequestFail) {
    const code: number = 'errno' in res ? res.errno : res.statusCode;
    void code;
  },
};
const task: RequestTask = tt.request(options);
const nothing: void = task.abort();
void nothing;

const buffer = new ArrayBuffer(1);
for (const data of ['text', { a: 1 }, [1], buffer, new DataView(buffer), null]) {
  tt.request({ url: 'https://www.example.com', data });
}
tt.request({ url: 'https://www.example.com', header: null, method: null, timeout: null });

// @ts-expect-error: there is no call without a URL
tt.request({ method: 'GET' });
// @ts-expect-error: a number is no data
tt.request({ url: 'https://www.example.com', data: 5 });
// @ts-expect-error: the values of responseType are known
tt.request({ url: 'https://www.example.com', responseType: 'blob' });
// @ts-expect-error: callbacks are functions
tt.request({ url: 'https://www.example.com', success: 'success' });

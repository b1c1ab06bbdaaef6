// The smallest call: `node get.js URL`.
import { GadgetClient } from '@gadget/request';
const client = new GadgetClient({ platform: 'pc', appId: 'cli_9dff7f6ae02ad104' });
const task = client.request({ // task.abort() ends it
  url: process.argv[2] ?? 'http://open.feishu.cn',
  success(res) { console.log(JSON.stringify(res)); },
  fail(res) { console.log(`request fail: ${JSON.stringify(res)}`); },
});

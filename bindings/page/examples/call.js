const task = tt.request({ // task.abort() ends it
  url: 'https://www.toutiao.com',
  success(res) { console.log(JSON.stringify(res)); },
  fail(res) { console.log(`request fail: ${JSON.stringify(res)}`); },
});

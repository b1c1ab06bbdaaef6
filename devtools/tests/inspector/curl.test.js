// A copied command for curl, run by a shell, gets the answer that the call had.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';

import { batch, http, open } from './support.js';

/** Header fields that curl and the engine write each in their own way. */
const OWN = ['host', 'accept-encoding', 'content-length'];

/** What the server says that it got, without these. */
function received({ method, target, headers, body_base64: body }) {
  const fields = headers.map(([name, value]) => [name.toLowerCase(), value]);
  return { method, target, body, headers: fields.filter(([name]) => !OWN.includes(name)).sort() };
}

test('a copied command gets the same answer', async () => {
  const { page, config, url } = await open();
  const origin = url.replace(/\/$/, '');
  const permissions = ['clipboardReadWrite', 'clipboardSanitizedWrite'];
  await page.send('Browser.grantPermissions', { origin, permissions });
  const hostile = `it's $(touch /tmp/x) \`id\` "\\" $HOME ! %41 %s \n\ttwo lines`;
  const lines = [
    { url: `${http}/echo/it's?a=[1-3]&b={x,y}&c=$HOME&d=%41%0A` },
    { url: `${http}/echo`, method: 'POST', data: { text: hostile, ключ: 'значение 🙂' } },
    {
      url: `${http}/echo`, method: 'PUT', data: hostile, header: { 'x-quoted': `it's "x"; $(id)` },
    },
    {
      url: `${http}/echo`,
      method: 'POST',
      data: 'bell \u0007, escape \u001b[201~, 100% \\n',
      header: { 'content-type': 'text/plain', 'x-empty': '' },
    },
    { url: `${http}/echo`, method: 'POST' },
    { url: `${http}/echo`, method: 'DELETE', data: '@/etc/hostname' },
    { url: `${http}/redirect/307/1?to=/echo`, method: 'POST', data: 'again' },
  ].map((options) => ({ options }));
  lines.push({
    options: { url: `${http}/echo`, method: 'POST' }, bytes_base64: btoa('\0\xff%\\\'\n\x80'),
  });
  const results = batch(config, lines).sort((a, b) => a.line - b.line);
  await page.untilCalls(lines.length);
  await page.until(() => document.querySelectorAll('#rows .running').length === 0);
  for (const [i, { success }] of results.entries()) {
    await page.evaluate((at) => {
      const rows = [...document.querySelectorAll('#rows .row')];
      rows.find((row) => row.getAttribute('aria-rowindex') === String(at + 1)).click();
    }, i);
    await page.until(() => document.querySelector('#copy'));
    await page.click('#copy');
    await page.until(() => document.querySelector('#copy').textContent === 'Copied');
    const command = await page.evaluate(() => navigator.clipboard.readText());
    // Nothing that a terminal could take for a command of its own.
    assert.doesNotMatch(command, /[\x00-\x08\x0b-\x1f\x7f]/);
    const { stdout, stderr } = spawnSync('sh', ['-c', command]);
    assert.notEqual(stdout.length, 0, `${command}\n${stderr}`);
    assert.deepEqual(received(JSON.parse(stdout)), received(success.data), command);
  }
});

test('what is redacted is left out of the command, which says so', async () => {
  const { page, config } = await open();
  batch(config, [{ options: { url: `${http}/echo`, header: { authorization: 'Bearer x' } } }]);
  await page.untilCalls(1);
  const command = await page.until(async () => {
    const { curl } = await import('/curl.js');
    const { call } = document.querySelector('#rows .row');
    return call.isOver && curl(call);
  });
  assert.ok(!command.includes("'authorization"), command);
  assert.match(command, / # authorization is not shown here$/);
  const { status } = spawnSync('sh', ['-c', command]);
  assert.equal(status, 0);
});

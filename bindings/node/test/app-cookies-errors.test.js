// Cookies and arguments of the host app that are not valid.
import assert from 'node:assert/strict';
import test from 'node:test';

import { clientWith, cookie, names, newClient } from './jar.js';

/** The error that an action throws. */
function caught(action) {
  try {
    action();
  } catch (error) {
    return error;
  }
  return assert.fail('nothing is thrown');
}
test('an invalid cookie is an error that names the member, and none is set', () => {
  const { cookies } = newClient();
  for (const [wrong, message] of [
    [{ name: 'a;b' }, /^name: /],
    [{ name: 'a=b' }, /^name: /],
    [{ name: '__Host-a' }, /^name: breaks the rules of its prefix/],
    [{ name: '', value: '' }, /^name: both name and value are empty/],
    [{ value: 'a\n' }, /^value: /],
    [{ value: ' a' }, /^value: /],
    [{ value: 'x'.repeat(4096) }, /^value: over 4096 bytes/],
    [{ domain: '.co.uk' }, /^domain: a public suffix$/],
    [{ domain: '' }, /^domain: /],
    [{ domain: 'a b' }, /^domain: /],
    [{ path: 'a' }, /^path: /],
    [{ sameSite: 'none' }, /^sameSite: none is for secure/],
    [{ name: 5 }, /^name: /],
    [{ value: undefined }, /^missing field `value`$/],
    [{ domain: null }, /^domain: /],
    [{ path: null }, /^path: /],
    [{ expires: NaN }, /^expires: /],
    [{ expires: Infinity }, /^expires: /],
    [{ expires: -1 }, /^expires: /],
    [{ expires: 0.5 }, /^expires: /],
    [{ expires: new Date(0) }, /^expires: /],
    [{ secure: 1 }, /^secure: /],
    [{ httpOnly: 'yes' }, /^httpOnly: /],
    [{ sameSite: 'Lax' }, /^sameSite: /],
    [{ maxAge: 5 }, /maxAge/],
  ]) {
    const it = cookie('a', 'secret', wrong);
    const errorOf = (action) => {
      const error = caught(action);
      assert.equal(error.name, 'Error', JSON.stringify(wrong));
      assert.ok(!error.message.includes('secret'));
      return error.message;
    };
    const one = errorOf(() => cookies.set(it));
    assert.match(one, message);
    assert.equal(errorOf(() => cookies.set([it])), one);
    const several = errorOf(() => cookies.set([cookie('good', '1'), it]));
    assert.ok([`[1].${one}`, `[1]: ${one}`].includes(several), several);
    const isJson = !Object.values(wrong).some((it) => typeof it === 'number' && !isFinite(it));
    const json = JSON.stringify([cookie('good', '1'), it]);
    if (isJson) assert.equal(errorOf(() => cookies.importJson(json)), several);
  }
  assert.throws(() => cookies.set(cookie('a', '1', { expires: 5n })), TypeError);
  assert.deepEqual(cookies.list(), []);
});

test('importJson of a text that is not an array of cookies is an error', () => {
  const { cookies } = newClient();
  for (const json of ['', 'x', '{}', 'null', '[', '[[]]', '[5]', '[{}]', '[] []', '\ud800']) {
    assert.throws(() => cookies.importJson(json), { name: 'Error', message: /./ }, json);
  }
  assert.deepEqual(cookies.list(), []);
});

test('an argument of a wrong type is a TypeError that names it, and changes nothing', () => {
  const { cookies } = clientWith('a@example.com');
  for (const wrong of [null, 5, true, {}, [], Symbol('x'), () => {}]) {
    const throwsFor = (name, action) =>
      assert.throws(action, { name: 'TypeError', message: `${name}: must be a string` });
    throwsFor('url', () => cookies.list(wrong));
    throwsFor('json', () => cookies.importJson(wrong));
    throwsFor('name', () => cookies.delete(wrong, 'example.com', '/'));
    throwsFor('domain', () => cookies.delete('a', wrong, '/'));
    throwsFor('path', () => cookies.delete('a', 'example.com', wrong));
    throwsFor('domain', () => cookies.clear(wrong));
    throwsFor('url', () => cookies.setLine(wrong, 'b=1'));
    throwsFor('line', () => cookies.setLine('http://example.com', wrong));
  }
  for (const nothing of [undefined, null, 5, 'a=1', true, () => {}]) {
    assert.throws(() => cookies.set(nothing), { name: 'TypeError', message: /^cookies: must be/ });
  }
  for (const nothing of [undefined, null, 5, 'x', {}, []]) {
    const message = 'listener: must be a function';
    assert.throws(() => cookies.onChange(nothing), { name: 'TypeError', message });
  }
  assert.throws(() => cookies.importJson(), { name: 'TypeError' });
  assert.throws(() => cookies.delete(), { name: 'TypeError' });
  assert.equal(names(cookies.list()), 'a');
});

// `profile`: the phases of a call, where they are wanted.
import assert from 'node:assert/strict';
import test from 'node:test';

import { config, face, http } from './support.js';

const client = new face.GadgetClient(config);
const profiling = new face.GadgetClient(
  JSON.stringify({ ...JSON.parse(config), profile: true }));

test('a result has its profile at its end if the option or the setting wants it', async () => {
  for (const [own, enableProfile, isThere] of [
    [client, undefined, false],
    [client, true, true],
    [profiling, undefined, true],
    [profiling, false, false],
  ]) {
    for (const responseType of ['text', 'arraybuffer']) {
      const res = await own.send({ url: `${http}/bytes/5`, enableProfile, responseType });
      assert.equal(Object.keys(res).at(-1), isThere ? 'profile' : 'errMsg');
      if (!isThere) continue;
      const { invokeStart, responseEnd, decodedBytes, protocol } = res.profile;
      assert.ok(invokeStart > 1.7e12 && invokeStart <= responseEnd);
      assert.deepEqual([decodedBytes, protocol], [5, 'http1.1']);
    }
  }
});

test('an error has the phases that happened', async () => {
  const sent = profiling.send({ url: 'http://127.0.0.1:1/' });
  await assert.rejects(sent, ({ profile }) => {
    assert.ok(profile.connectStart > 0 && !('connectEnd' in profile));
    return true;
  });
  const unasked = client.send({ url: 'http://127.0.0.1:1/' });
  await assert.rejects(unasked, (error) => error.profile === undefined);
  const refused = profiling.send({ url: `${http}/`, enableProfile: 'true' });
  await assert.rejects(refused, (error) => error.errno === 104 && error.profile === undefined);
});

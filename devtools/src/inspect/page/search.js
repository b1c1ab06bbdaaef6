// Which calls are shown.

const KINDS = {
  all: () => true,
  running: (call) => !call.isOver,
  ok: (call) => call.state === 'success' && call.statusCode < 400,
  bad: (call) => call.state === 'success' && call.statusCode >= 400,
  fail: (call) => call.state === 'fail' || call.state === 'lost',
};

/** A test for calls: of this kind, of this client (null for all), with each word, without -words */
export function filter(query, kind, client) {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word && word !== '-');
  const wanted = words.filter((word) => !word.startsWith('-'));
  const unwanted = words.filter((word) => word.startsWith('-')).map((word) => word.slice(1));
  const isKind = KINDS[kind];
  return (call) => isKind(call) && (!client || call.client === client) &&
    wanted.every((word) => call.words.includes(word)) &&
    !unwanted.some((word) => call.words.includes(word));
}

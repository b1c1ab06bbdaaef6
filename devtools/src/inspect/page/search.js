// Which calls are shown.

/** So many milliseconds of a frame may go into asking calls, so that it stays smooth. */
const SLICE = 6;

const KINDS = {
  all: () => true,
  running: (call) => !call.isOver,
  ok: (call) => call.state === 'success' && call.statusCode < 400,
  bad: (call) => call.state === 'success' && call.statusCode >= 400,
  fail: (call) => call.state === 'fail' || call.state === 'lost',
};

/** Chooses calls. What it found of a call holds until the call or the question changes. */
export class Search {
  #question = {};
  #test;

  /**
   * The calls of this kind, of this client (null for all), with each word, without -words; null
   * if the time of this frame is up: it goes on when it is asked again.
   */
  choose(calls, query, kind, client) {
    const before = this.#question;
    if (before.query !== query || before.kind !== kind || before.client !== client) {
      this.#question = { query, kind, client };
      this.#test = test(query, kind, client);
    }
    const end = performance.now() + SLICE;
    const chosen = [];
    for (const call of calls) {
      if (call.question !== this.#question) {
        if (performance.now() > end) return null;
        call.isChosen = this.#test(call);
        call.question = this.#question;
      }
      if (call.isChosen) chosen.push(call);
    }
    return chosen;
  }
}

function test(query, kind, client) {
  const words = query.toLowerCase().split(/\s+/).filter((word) => word && word !== '-');
  const wanted = words.filter((word) => !word.startsWith('-'));
  const unwanted = words.filter((word) => word.startsWith('-')).map((word) => word.slice(1));
  const isKind = KINDS[kind];
  return (call) => isKind(call) && (!client || call.client === client) &&
    wanted.every((word) => call.words.includes(word)) &&
    !unwanted.some((word) => call.words.includes(word));
}

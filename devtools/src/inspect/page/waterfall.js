// Where the time of a call went: its phases, and bars of them.
import { element } from './dom.js';
import { duration, number } from './format.js';

/** The moments of the profile that begin and end a phase, with the name that people read. */
const PHASES = [
  ['queue', 'Waited for a place', 'queueStart', 'queueEnd'],
  ['redirect', 'Earlier requests', 'redirectStart', 'redirectEnd'],
  ['lookup', 'Name lookup', 'domainLookUpStart', 'domainLookUpEnd'],
  ['connect', 'Connection', 'connectStart', 'connectEnd'],
  ['tls', 'TLS, a part of it', 'SSLconnectionStart', 'SSLconnectionEnd'],
  ['send', 'Request', 'requestStart', 'requestEnd'],
  ['wait', 'Wait for the server', 'requestEnd', 'responseStart'],
  ['receive', 'Response', 'responseStart', 'responseEnd'],
];

/** The phases of a call: `{ kind, name, from, to, isOpen }`, in milliseconds since 1970. */
export function phases(call, now) {
  const profile = call.end?.profile;
  const end = call.endedAt ?? now;
  if (!profile) return live(call, end);
  const found = [];
  for (const [kind, name, first, last] of PHASES) {
    const from = number(profile[first]);
    const to = number(profile[last]);
    // A start without an end is the phase that the call failed in.
    if (from !== undefined && !(kind === 'queue' && to === from)) {
      found.push({ kind, name, from, to: Math.max(from, to ?? end), isOpen: to === undefined });
    }
  }
  return found.filter(({ kind, isOpen }) => !(kind === 'wait' && isOpen && !profile.requestEnd));
}

/** As far as events tell before the end. */
function live(call, end) {
  const at = (name) => number(call.events.findLast((it) => it.event === name)?.at);
  const [start, dispatched, request, head] =
    [call.startedAt, at('dispatched'), at('request'), at('head')];
  const steps = [
    ['queue', 'Waited for a place', start],
    ['connect', 'Connection', dispatched],
    ['wait', 'Wait for the server', request],
    ['receive', 'Response', head >= request ? head : undefined],
  ].filter(([, , from]) => from !== undefined);
  return steps.map(([kind, name, from], i) => {
    const next = steps[i + 1]?.[2];
    return { kind, name, from, to: Math.max(from, next ?? end), isOpen: next === undefined };
  }).filter(({ kind, from, to }) => kind !== 'queue' || to - from > 1 || !call.isOver);
}

/** Sets a bar's place in a span of time. */
export function place(bar, { from, to }, { first, last }) {
  const whole = Math.max(last - first, 0.001);
  bar.style.left = `${((from - first) / whole) * 100}%`;
  bar.style.width = `${((to - from) / whole) * 100}%`;
}

/** The phases as a table with bars. */
export function table(call, now) {
  const shown = phases(call, now);
  if (shown.length === 0) return null;
  const first = call.startedAt ?? shown[0].from;
  const span = { first, last: Math.max(...shown.map(({ to }) => to), call.endedAt ?? now) };
  const rows = shown.map((phase) => {
    const bar = element('span', `bar ${phase.kind}`);
    place(bar, phase, span);
    const failed = phase.isOpen && call.isOver ? ' (it ended here)' : '';
    return element(
      'tr', '',
      element('th', phase.kind === 'tls' ? 'inner' : '', phase.name + failed),
      element('td', 'track', element('span', 'rail', bar)),
      element('td', 'amount', duration(phase.to - phase.from)),
    );
  });
  const made = element('table', 'phases', element('tbody', '', rows));
  made.tBodies[0].append(element(
    'tr', 'whole', element('th', '', call.isOver ? 'The whole call' : 'So far'),
    element('td'), element('td', 'amount', duration(span.last - first)),
  ));
  for (const head of made.querySelectorAll('th')) head.scope = 'row';
  return made;
}

// The inspector's page: reads the stream of events, and shows it at most once for each frame.
import { Calls } from './calls.js';
import { Detail } from './detail.js';
import { byId, setText } from './dom.js';
import { count } from './format.js';
import { Gates } from './gates.js';
import { List } from './list.js';
import { Search } from './search.js';

/** How often the times of calls that run are shown again, in milliseconds. */
const TICK = matchMedia('(prefers-reduced-motion: reduce)').matches ? 1000 : 250;

/** What comes is shown at most so often, in milliseconds: frames cost more than events. */
const PACE = 100;

const calls = new Calls();
const chooser = new Search();
const search = byId('search');
const kind = byId('kind');
const pause = byId('pause');
const grid = byId('grid');
let client = null;
let opened = null;
let stream = null;
let lastId = '';
let state = 'Connecting';
let isDue = false;
let isWaiting = false;
let shownAt = -Infinity;
let shown = [];

const errors = await fetch('/errors').then((answer) => answer.json()).catch(() => []);
const detail = new Detail(byId('detail'), errors, close);
const list = new List(grid, byId('heads'), (call, opens) => {
  if (opens) open(call);
  else if (opened) opened = call;
  refresh();
});
const gates = new Gates(byId('gates'), (clicked) => {
  client = client === clicked ? null : clicked;
  refresh();
});

/** Shows everything with the next frame. */
function refresh() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    shownAt = performance.now();
    show();
  });
}

/** Shows what came: at once, if nothing was shown just now. */
function refreshSoon() {
  if (isDue || isWaiting) return;
  isWaiting = true;
  setTimeout(() => {
    isWaiting = false;
    refresh();
  }, Math.max(0, shownAt + PACE - performance.now()));
}

function show() {
  if (client && !calls.clients.has(client.id)) client = null;
  const chosen = chooser.choose(calls.list, search.value, kind.value, client);
  if (chosen) shown = chosen;
  else refresh();
  if (list.chosen && !calls.list.includes(list.chosen)) {
    list.chosen = null;
    opened = null;
  }
  byId('main').classList.toggle('with-detail', Boolean(opened));
  detail.show(opened);
  list.show(shown);
  gates.show([...calls.clients.values()], client);
  const all = calls.list.length;
  const missed = calls.missed ? `, ${count(calls.missed, 'event')} missed` : '';
  const some = shown.length === all ? '' : `${shown.length.toLocaleString('en')} of `;
  setText(byId('count'), `${some}${count(all, 'call')}${missed}`);
  setText(byId('state'), state);
  document.body.classList.toggle('cut-off', state === 'Not connected');
  byId('empty').hidden = shown.length > 0;
  setText(byId('empty'), all > 0
    ? 'No call is like that.'
    : `No calls yet. Give a client the setting "inspector": "${location.origin}".`);
}

function open(call) {
  opened = call;
  show();
  detail.focus();
}

function close() {
  opened = null;
  refresh();
  grid.focus();
}

/** Reads the stream, from where it was left. */
function connect() {
  stream = new EventSource(`/events?after=${encodeURIComponent(lastId)}`);
  stream.addEventListener('hello', ({ data }) => {
    const { goesOn, clients } = JSON.parse(data);
    if (!goesOn) calls.reset();
    for (const known of clients) calls.take(known, 0);
    state = 'Connected';
    refresh();
  });
  stream.addEventListener('missed', ({ data }) => {
    calls.missed += Number(data);
  });
  stream.addEventListener('message', ({ data, lastEventId }) => {
    lastId = lastEventId;
    for (const line of data.split('\n')) calls.take(JSON.parse(line), line.length);
    refreshSoon();
  });
  stream.addEventListener('error', () => {
    state = 'Not connected';
    refresh();
  });
}

pause.addEventListener('click', () => {
  const isPaused = pause.getAttribute('aria-pressed') === 'false';
  pause.setAttribute('aria-pressed', String(isPaused));
  pause.textContent = isPaused ? 'Go on' : 'Pause';
  // What comes meanwhile is kept by the inspector.
  stream.close();
  if (isPaused) state = 'Paused';
  else connect();
  refresh();
});

byId('clear').addEventListener('click', async () => {
  await fetch('/clear', { method: 'POST' }).catch(() => {});
  calls.clear();
  refresh();
});

search.addEventListener('input', refresh);
kind.addEventListener('input', refresh);
search.addEventListener('keydown', (event) => {
  if (event.key !== 'ArrowDown' && event.key !== 'Enter') return;
  event.preventDefault();
  grid.focus();
});

document.addEventListener('keydown', (event) => {
  const isTyping = event.target === search;
  if (event.key === '/' && !isTyping) {
    event.preventDefault();
    search.focus();
    search.select();
  } else if (event.key === 'Escape') {
    if (isTyping && search.value) search.value = '';
    else if (isTyping || opened) close();
    else client = null;
    refresh();
  }
});

setInterval(() => {
  if (!document.hidden && calls.isBusy) refresh();
}, TICK);

connect();
show();

// The list of calls. Only the rows in sight are elements, however many calls there are.
import { element, setText } from './dom.js';
import { clock, duration, number, size } from './format.js';
import { phases, place } from './waterfall.js';

/** The height of a row, as in style.css. */
const ROW = 28;
/** Rows above and below the ones in sight, so that scrolling shows no gap. */
const SPARE = 6;

const COLUMNS = [
  ['time', 'Time', (call) => clock(call.startedAt)],
  ['app', 'App', (call) => call.client.name],
  ['method', 'Method', (call) => call.method],
  ['url', 'URL', (call) => call.url || '(options that could not be read)'],
  ['result', 'Result', result],
  ['protocol', 'Protocol', (call) => call.protocol],
  ['reused', 'Connection', (call) => ({ true: 'reused', false: 'new' })[call.reused] ?? ''],
  ['size', 'Size', (call) => size(call.received)],
  ['duration', 'Duration', (call, now) => duration(number((call.endedAt ?? now) - call.startedAt))],
  ['waterfall', 'Waterfall', null],
];

/** The status, the error's number, or the state. */
export function result(call) {
  if (call.state === 'fail') return `error ${call.errno ?? ''}`;
  if (call.state === 'success') return String(call.statusCode ?? '');
  return call.state;
}

/** The class of a call's colour. */
export function tone(call) {
  if (call.state === 'fail' || call.state === 'lost' || call.statusCode >= 500) return 'failed';
  if (call.statusCode >= 400) return 'bad';
  return call.isOver ? 'fine' : 'running';
}

export class List {
  /** The calls that are shown. */
  calls = [];
  chosen = null;
  #grid;
  #rows;
  #made = [];
  #onChoose;
  #follows = true;

  /** `onChoose` gets a call, and whether it is to be opened. */
  constructor(grid, heads, onChoose) {
    this.#grid = grid;
    this.#rows = grid.firstElementChild;
    this.#onChoose = onChoose;
    heads.append(...COLUMNS.map(([name, title]) => element('span', name, title)));
    grid.setAttribute('aria-colcount', String(COLUMNS.length));
    grid.addEventListener('scroll', () => {
      this.#follows = grid.scrollTop + grid.clientHeight >= grid.scrollHeight - ROW;
      this.render();
    });
    grid.addEventListener('keydown', (event) => this.#key(event));
    this.#rows.addEventListener('click', (event) => {
      const row = event.target.closest('[role=row]');
      if (row) this.choose(row.call, true);
    });
    new ResizeObserver(() => this.render()).observe(grid);
  }

  /** Shows these calls. The end stays in sight if it is, unless a call is chosen. */
  show(calls) {
    this.calls = calls;
    this.#rows.style.height = `${calls.length * ROW}px`;
    if (this.#follows && !this.chosen) this.#grid.scrollTop = calls.length * ROW;
    this.render();
  }

  choose(call, opens = false) {
    this.chosen = call;
    this.render();
    this.#onChoose(call, opens);
  }

  /** Fills the rows in sight. */
  render() {
    const { scrollTop, clientHeight } = this.#grid;
    const first = Math.max(0, Math.floor(scrollTop / ROW) - SPARE);
    const end = Math.min(this.calls.length, Math.ceil((scrollTop + clientHeight) / ROW) + SPARE);
    const now = Date.now();
    const inSight = this.calls.slice(first, end);
    const span = spanOf(inSight, now);
    while (this.#made.length < inSight.length) this.#made.push(this.#newRow());
    for (const [i, call] of inSight.entries()) {
      // A call keeps its row while it is in sight, so that scrolling changes few of them.
      const row = this.#made[(first + i) % this.#made.length];
      row.index = first + i;
      const { client, events, number: id, state } = call;
      const shown = [row.index, id, events.length, state, client.name, call === this.chosen].join();
      if (shown !== row.shown || !call.isOver) this.#fill(row, call, now);
      row.shown = shown;
      drawBars(row.lastElementChild, phases(call, now), span);
    }
    for (const row of this.#made) row.hidden = !(row.index >= first && row.index < end);
    this.#grid.setAttribute('aria-rowcount', String(this.calls.length));
    const chosen = this.#made.find((row) => !row.hidden && row.call === this.chosen);
    if (chosen) this.#grid.setAttribute('aria-activedescendant', chosen.id);
    else this.#grid.removeAttribute('aria-activedescendant');
  }

  #newRow() {
    const cells = COLUMNS.map(([name]) => {
      const cell = element('span', name);
      cell.setAttribute('role', 'gridcell');
      return cell;
    });
    const row = element('div', 'row', cells);
    row.setAttribute('role', 'row');
    row.id = `row-${this.#made.length}`;
    this.#rows.append(row);
    return row;
  }

  #fill(row, call, now) {
    row.call = call;
    row.style.transform = `translateY(${row.index * ROW}px)`;
    row.className = `row ${tone(call)}${row.index % 2 ? ' odd' : ''}`;
    row.setAttribute('aria-rowindex', String(row.index + 1));
    row.setAttribute('aria-selected', String(call === this.chosen));
    for (const [i, [name, , show]] of COLUMNS.entries()) {
      if (show) setText(row.children[i], show(call, now));
      if (name === 'url') row.children[i].title = call.url;
    }
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const page = Math.max(1, Math.floor(this.#grid.clientHeight / ROW) - 1);
    const at = this.calls.indexOf(this.chosen);
    const last = this.calls.length - 1;
    const target = {
      ArrowDown: at < 0 ? 0 : at + 1,
      ArrowUp: at < 0 ? last : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    }[event.key];
    if (target !== undefined && last >= 0) {
      event.preventDefault();
      const index = Math.min(last, Math.max(0, target));
      this.#reveal(index);
      this.choose(this.calls[index]);
    } else if (event.key === 'Enter' && this.chosen) {
      event.preventDefault();
      this.#onChoose(this.chosen, true);
    }
  }

  /** Scrolls as little as it takes to see a row. */
  #reveal(index) {
    const grid = this.#grid;
    const [top, bottom] = [index * ROW, (index + 1) * ROW];
    if (top < grid.scrollTop) grid.scrollTop = top;
    else grid.scrollTop = Math.max(grid.scrollTop, bottom - grid.clientHeight);
  }
}

/** The time from the first start to the last end of some calls. */
function spanOf(calls, now) {
  let [first, last] = [Infinity, -Infinity];
  for (const call of calls) {
    first = Math.min(first, call.startedAt ?? now);
    last = Math.max(last, call.endedAt ?? (call.isOver ? first : now));
  }
  return { first, last };
}

function drawBars(cell, shown, span) {
  while (cell.children.length > shown.length) cell.lastElementChild.remove();
  while (cell.children.length < shown.length) cell.append(element('span', 'bar'));
  for (const [i, phase] of shown.entries()) {
    const bar = cell.children[i];
    bar.className = `bar ${phase.kind}`;
    place(bar, phase, span);
  }
}

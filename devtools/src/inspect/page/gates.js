// The gate of each client: which of its ten places are taken, and how many calls wait.
import { PLACES } from './calls.js';
import { element, setText } from './dom.js';
import { text } from './format.js';

/** So many are shown; the ones without calls that run are left out first. */
const SHOWN = 6;

export class Gates {
  #folder;
  #choose;
  #made = new Map();

  /** `choose` gets the client that is clicked. */
  constructor(folder, choose) {
    this.#folder = folder;
    this.#choose = choose;
  }

  show(clients, chosen) {
    const isBusy = (client) => client.inFlight + client.waiting > 0;
    const latest = [...clients].reverse();
    const ordered = [...latest.filter(isBusy), ...latest.filter((it) => !isBusy(it))];
    const shown = new Set(ordered.slice(0, SHOWN));
    if (chosen) shown.add(chosen);
    for (const [client, gate] of this.#made) {
      if (!shown.has(client)) {
        gate.remove();
        this.#made.delete(client);
      }
    }
    // In their own order, so that they do not jump.
    for (const client of clients) {
      if (shown.has(client)) this.#update(client, client === chosen);
    }
  }

  #update(client, isChosen) {
    let gate = this.#made.get(client);
    if (!gate) {
      const places = element('span', 'places', Array.from({ length: PLACES }, () => element('i')));
      gate = element(
        'button', 'gate', element('b'), places, element('span', 'words'));
      gate.type = 'button';
      gate.addEventListener('click', () => this.#choose(client));
      this.#made.set(client, gate);
      this.#folder.append(gate);
    }
    const [name, places, words] = gate.children;
    const { inFlight, waiting, about } = client;
    setText(name, client.name);
    for (const [i, dot] of [...places.children].entries()) {
      dot.classList.toggle('taken', i < inFlight);
    }
    setText(words, client.isGone
      ? 'gone'
      : `${inFlight} of ${PLACES} in flight, ${waiting} queued`);
    gate.classList.toggle('gone', client.isGone);
    gate.setAttribute('aria-pressed', String(isChosen));
    const { platform, pid } = about;
    gate.title = [
      'Shows only the calls of this client.', text(platform) && `Platform ${platform}.`,
      Number.isInteger(pid) ? `Process ${pid}.` : '',
    ].filter(Boolean).join(' ');
  }
}

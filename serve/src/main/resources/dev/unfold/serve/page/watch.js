// What the server does right now: its metrics and its sessions.

import { ask, askJson } from './api.js';
import { draw, make, problem, short } from './dom.js';

const KEPT = 60;
const MOST_SESSIONS = 50;

/** Metrics of Prometheus by name: a list of labels and values each. */
export function parse(text) {
  const all = new Map();
  for (const line of text.split('\n')) {
    const parts = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([^ ]+)/.exec(line);
    if (parts && !line.startsWith('#')) {
      const labels = Object.fromEntries(
        [...(parts[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map((m) => [m[1], m[2]]));
      const list = all.get(parts[1]) ?? [];
      list.push({ labels, value: Number(parts[3]) });
      all.set(parts[1], list);
    }
  }
  return all;
}

/** What a page like this asks for all the time. */
const OWN = new Set(['/', '/page/{file}', '/openapi.json', '/metrics', '/v1/models', '/v1/sessions']);

function isOfOthers({ labels }) {
  return !OWN.has(labels.route);
}

function sum(metrics, name) {
  const list = metrics.get(name);
  return list ? list.filter(isOfOthers).reduce((total, each) => total + each.value, 0) : null;
}

/** How many of a histogram are at most each bound, over all labels. */
function buckets(metrics, name) {
  const all = new Map();
  for (const { labels, value } of (metrics.get(`${name}_bucket`) ?? []).filter(isOfOthers)) {
    const bound = labels.le === '+Inf' ? Infinity : Number(labels.le);
    all.set(bound, (all.get(bound) ?? 0) + value);
  }
  return [...all].sort((a, b) => a[0] - b[0]);
}

function quantile(now, before, share) {
  const old = new Map(before);
  const counts = now.map(([bound, count]) => [bound, count - (old.get(bound) ?? 0)]);
  const total = counts.at(-1)?.[1] ?? 0;
  if (!(total > 0)) {
    return null;
  }
  let low = 0;
  let below = 0;
  for (const [bound, count] of counts) {
    if (count >= share * total) {
      return Number.isFinite(bound)
        ? low + (bound - low) * (share * total - below) / Math.max(count - below, 1e-9)
        : low;
    }
    low = bound;
    below = count;
  }
  return low;
}

/** Tiles with what is counted, over the time since the last look. */
export class Metrics {
  #element;
  #before = null;
  #kept = new Map();

  constructor(element) {
    this.#element = element;
  }

  async look() {
    const metrics = parse(await (await ask('/metrics')).text());
    const now = {
      time: performance.now(),
      metrics,
      latency: buckets(metrics, 'unfold_request_seconds'),
    };
    const before = this.#before;
    this.#before = now;
    const seconds = before ? (now.time - before.time) / 1000 : 0;
    const rate = (name) => {
      const value = sum(metrics, name);
      const old = before ? sum(before.metrics, name) : null;
      return value == null || old == null ? null : Math.max(0, value - old) / seconds;
    };
    const late = (share) => {
      const found = before ? quantile(now.latency, before.latency, share) : null;
      return found == null ? null : found * 1000;
    };
    this.#show([
      ['requests a second', rate('unfold_request_seconds_count'), true],
      ['ms, half of them within', late(0.5), false],
      ['ms, 99 % within', late(0.99), true],
      ['rows a second', rate('unfold_rows_total'), true],
      // But for the one that asks.
      ['being answered', less(sum(metrics, 'unfold_requests_in_flight')), false],
      ['sessions', sum(metrics, 'unfold_sessions'), false],
      ['MB of states', mega(sum(metrics, 'unfold_state_bytes')), false],
      ['MB of heap in use', mega(sum(metrics, 'unfold_heap_bytes')), true],
    ]);
  }

  #show(tiles) {
    this.#element.replaceChildren(...tiles.map(([name, value, isDrawn]) => {
      const kept = this.#kept.get(name) ?? [];
      kept.push(value ?? 0);
      this.#kept.set(name, kept.slice(-KEPT));
      return make('div', { class: 'tile' },
        make('b', {}, short(value)),
        make('span', {}, name),
        isDrawn ? spark(this.#kept.get(name)) : null);
    }));
  }
}

function less(count) {
  return count == null ? null : Math.max(0, count - 1);
}

function mega(bytes) {
  return bytes == null ? null : bytes / 1e6;
}

function spark(values) {
  const most = Math.max(...values, 1e-9);
  const points = values
    .map((value, i) => `${(100 * (KEPT - values.length + i) / (KEPT - 1)).toFixed(1)},${(23 - 22 * value / most).toFixed(1)}`);
  return draw('svg', { viewBox: '0 0 100 24', preserveAspectRatio: 'none', 'aria-hidden': 'true' },
    draw('polyline', { points: points.join(' ') }));
}

/** The sessions that are open, with a way to work with each, and to end it. */
export class SessionTable {
  #element;
  #count;
  #use;

  /** `use` works with a session. */
  constructor(element, count, use) {
    this.#element = element;
    this.#count = count;
    this.#use = use;
  }

  async look() {
    const { sessions } = await askJson(`/v1/sessions?limit=${MOST_SESSIONS}`);
    this.#count.textContent = sessions.length < MOST_SESSIONS
      ? `(${sessions.length})`
      : `(the first ${MOST_SESSIONS})`;
    if (sessions.length === 0) {
      this.#element.replaceChildren(make('p', { class: 'hint' },
        'None. ', make('code', {}, 'POST /v1/sessions'), ' opens one, or the box here.'));
      return;
    }
    const focused = this.#element.querySelector(':focus')?.dataset;
    this.#element.replaceChildren(make('table', {},
      make('thead', {}, make('tr', {},
        ['session', 'model', 'step', 'used', '', ''].map((text) => make('th', { scope: 'col' }, text)))),
      make('tbody', {}, sessions.map((each) => this.#row(each)))));
    if (focused) {
      this.#element.querySelector(
        `[data-id="${CSS.escape(focused.id)}"][data-does="${focused.does}"]`)?.focus();
    }
  }

  #row(session) {
    return make('tr', {},
      make('td', { class: 'mono', title: `version ${session.version}` }, session.id.length > 20 ? `${session.id.slice(0, 18)}...` : session.id),
      make('td', {}, session.model),
      make('td', { class: 'number' }, String(session.step)),
      make('td', {}, ago(session.used)),
      make('td', {}, this.#button(session, 'Use', () => this.#use(session))),
      make('td', {}, this.#button(session, 'End', async () => {
        await ask(`/v1/sessions/${encodeURIComponent(session.id)}`, { method: 'DELETE' });
        await this.look();
      })));
  }

  #button({ id }, does, work) {
    return make('button', {
      type: 'button',
      class: 'link',
      'data-id': id,
      'data-does': does,
      'aria-label': `${does} session ${id}`,
      onclick: async () => {
        try {
          await work();
        } catch (trouble) {
          this.#element.prepend(problem(trouble));
        }
      },
    }, does);
  }
}

function ago(time) {
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
  return seconds < 60 ? `${seconds} s ago` : seconds < 3600 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
}

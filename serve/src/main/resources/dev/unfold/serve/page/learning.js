// How a model learns while it is served: what is served beside the copy that learns, over time.

import { askJson } from './api.js';
import { draw, make, short } from './dom.js';
import { axes, frame, line, read, scales, upright, widthFor } from './plot.js';

/** Looks that are kept: half an hour of them. */
const KEPT = 900;

/** The losses of the chosen model, for those that learn. The server tells how it is now; this keeps what it told. */
export class Learning {
  #section;
  #element;
  #kept = new Map();
  #reader = null;
  #shown = '';

  constructor(section, element) {
    this.#section = section;
    this.#element = element;
  }

  /** Looks at a model; null for none. */
  async look(model) {
    const now = model == null
      ? { learns: false }
      : await askJson(`/v1/models/${encodeURIComponent(model)}/learning`);
    this.#section.hidden = !now.learns;
    if (now.learns) {
      const kept = this.#kept.get(model) ?? [];
      kept.push({ ...now, time: new Date().toLocaleTimeString('en-GB') });
      this.#kept.set(model, kept.slice(-KEPT));
      this.#show(model, this.#kept.get(model));
    }
  }

  #show(model, looks) {
    const isSame = this.#shown === model;
    const at = isSame && this.#reader ? this.#reader.at() : -1;
    const hadFocus = this.#element.contains(document.activeElement);
    const { element, reader, chart } = plot(looks, this.#element.clientWidth);
    this.#element.replaceChildren(element, facts(looks.at(-1)));
    this.#reader = reader;
    this.#shown = model;
    if (at >= 0) {
      reader.show(at);
    }
    if (hadFocus) {
      chart.focus({ preventScroll: true });
    }
  }
}

/** Losses over the last window of labelled steps; before the first is full, over all so far. */
function served(look) {
  return look.window_loss_served ?? look.loss_served;
}

function learns(look) {
  return look.window_loss_learning ?? look.loss_learning;
}

function plot(looks, room) {
  const width = widthFor(room);
  const values = looks.flatMap((look) => [served(look), learns(look)]).filter((value) => value != null);
  const last = looks.at(-1);
  const chart = frame(width,
    `Loss of what is served and of the copy that learns, from ${looks[0].time} to ${last.time}.`);
  const reading = make('p', { class: 'reading hint', 'aria-live': 'polite' });
  const scale = scales(values.length > 0 ? values : [0, 1], looks.length, width);
  axes(chart, scale, looks.map((look) => look.time));
  for (const [name, kind] of [['promotions', 'promotion'], ['rollbacks', 'rollback']]) {
    looks.forEach((look, i) => {
      if (i > 0 && look[name] > looks[i - 1][name]) {
        chart.append(upright(kind, scale.x(i)));
      }
    });
  }
  chart.append(draw('path', { class: 'served', d: line(looks.map(served), 0, scale) }));
  chart.append(draw('path', { class: 'learns', d: line(looks.map(learns), 0, scale) }));
  const reader = read(chart, reading, scale, looks.length, (i) => told(looks[i]));
  return { element: make('div', {}, chart, legend(), reading), reader, chart };
}

function told(look) {
  return `${look.time}: served ${short(served(look))}, copy ${short(learns(look))}, `
    + `${look.labelled.toLocaleString('en')} labelled steps`;
}

function legend() {
  return make('p', { class: 'legend' },
    make('span', {}, make('i', { class: 'served' }), 'loss of what is served'),
    make('span', {}, make('i', { class: 'learns' }), 'loss of the copy that learns'),
    make('span', {}, make('i', { class: 'promotion' }), 'promotion'),
    make('span', {}, make('i', { class: 'rollback' }), 'rollback'));
}

function facts(look) {
  const all = [
    ['promotions', look.promotions.toLocaleString('en')],
    ['rollbacks', look.rollbacks.toLocaleString('en')],
    ['labelled steps', look.labelled.toLocaleString('en')],
    ['updates of the copy', look.updates.toLocaleString('en')],
    ['loss so far, served', short(look.loss_served)],
    ['loss so far, copy', short(look.loss_learning)],
    ['loss so far, as given', short(look.loss_without_learning)],
    ['steps dropped', look.dropped.toLocaleString('en')],
    ['version', look.version === look.original ? `${look.version}, as given` : look.version],
  ];
  return make('dl', { class: 'facts' }, all.map(([name, value]) =>
    make('div', {}, make('dt', {}, name), make('dd', {}, value))));
}

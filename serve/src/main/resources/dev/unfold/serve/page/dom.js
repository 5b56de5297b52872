// Small helpers to make elements.

const SVG = 'http://www.w3.org/2000/svg';

/** An element with attributes, and children that are elements or texts. */
export function make(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same of SVG. */
export function draw(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) {
      element.addEventListener(name.slice(2), value);
    } else if (value === true) {
      element.setAttribute(name, '');
    } else if (value !== false && value != null) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child != null));
  return element;
}

/** A label with what it is of below it. */
export function field(text, input) {
  return make('label', { class: 'field' }, text, input);
}

export function problem(trouble) {
  return make('p', { class: 'problem', role: 'alert' }, trouble.message);
}

/** A number with as many digits as are of interest. */
export function short(number) {
  if (number == null || !Number.isFinite(number)) {
    return '-';
  }
  const size = Math.abs(number);
  if (size >= 100000 || (size > 0 && size < 0.001)) {
    return number.toExponential(2);
  }
  return number.toLocaleString('en', { maximumSignificantDigits: 4 });
}

// Lines of numbers as people type them.

/** Rows of numbers, a line each, with blanks, commas or semicolons between them. */
export function numbers(text) {
  const rows = text.split('\n').map((line) => line.trim()).filter(Boolean)
    .map((line) => line.split(/[\s,;]+/).map(Number));
  if (rows.length === 0) {
    throw new Error('Type at least one line of numbers.');
  }
  if (rows.flat().some((number) => !Number.isFinite(number))) {
    throw new Error('Something in there is not a number.');
  }
  return rows;
}

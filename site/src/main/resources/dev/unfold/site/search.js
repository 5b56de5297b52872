// Searches titles and headings. What there is to find is loaded when somebody begins to search.
const box = document.querySelector("header search");
const input = box.querySelector("input");
const list = box.querySelector("ul");
const root = document.body.dataset.root;
box.hidden = false;

input.addEventListener(
  "focus",
  () => {
    const script = document.createElement("script");
    script.src = root + "places.js";
    script.addEventListener("load", show);
    document.head.append(script);
  },
  { once: true },
);

// All words must occur; titles come before headings, beginnings before what is within.
function found(words) {
  const rank = ([, title, heading]) => {
    const text = (heading || title).toLowerCase();
    return (heading ? 2 : 0) + (text.replace(/^-+/, "").startsWith(words[0]) ? 0 : 1);
  };
  return places
    .filter(([, title, heading]) => words.every((word) => `${title} ${heading}`.toLowerCase().includes(word)))
    .sort((a, b) => rank(a) - rank(b))
    .slice(0, 12);
}

function show() {
  const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
  const all = words.length && typeof places !== "undefined" ? found(words) : [];
  list.replaceChildren(
    ...all.map(([address, title, heading]) => {
      const link = document.createElement("a");
      link.href = root + address;
      link.append(heading || title);
      if (heading) link.append(Object.assign(document.createElement("small"), { textContent: title }));
      const item = document.createElement("li");
      item.append(link);
      return item;
    }),
  );
  list.hidden = all.length === 0;
}

input.addEventListener("input", show);
box.addEventListener("keydown", (event) => {
  if (event.key === "Escape") list.hidden = true;
  if (event.key === "Enter" && event.target === input) list.querySelector("a")?.click();
});

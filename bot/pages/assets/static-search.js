/* The search of pages that are files, where no bot answers. Its index is a script and not fetched: a page that was
   opened from a disk may not fetch. Words are read as the bot reads them, with its tables (bot/pages/search_index.py). */
(() => {
  "use strict";
  const here = document.currentScript.src;
  const form = document.querySelector("form[data-static-search]");
  const input = form.querySelector("input"), status = form.querySelector("[role=status]");
  const list = form.querySelector("ol"), words = form.dataset;
  const MOST = 8, WAIT = 120; // results; milliseconds after the last key
  let search = null, timer = 0;

  const load = file => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = new URL(file, here).href;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });

  const fold = text => text.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "")
    .replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[^a-z0-9]+/g, " ").trim();

  function stem(word, stems) {
    if (word.length < 5 || /[0-9]/.test(word)) return word.length === 4 && /[sx]$/.test(word) ? word.slice(0, -1) : word;
    const rule = stems.find(([ending, , least]) => word.endsWith(ending) && word.length - ending.length >= least);
    if (rule) word = word.slice(0, word.length - rule[0].length) + rule[1];
    return word.length > 4 && word.at(-1) === word.at(-2) ? word.slice(0, -1) : word;
  }

  function build({ entries, stems, stopWords, shorthands }) {
    const stop = new Set(stopWords);
    const inFull = new RegExp("\\b(" + Object.keys(shorthands).sort((a, b) => b.length - a.length).join("|") + ")\\b", "g");
    const tokenize = text => fold(text).replace(inFull, short => shorthands[short]).split(" ");
    const processTerm = term => (stop.has(term) || (term.length < 2 && !/[0-9]/.test(term)) ? null : stem(term, stems));
    const index = new MiniSearch({
      fields: ["title", "words", "start"],
      storeFields: ["title", "start"],
      tokenize,
      processTerm,
      searchOptions: {
        boost: { title: 2, words: 2, start: 0.5 },
        prefix: term => term.length > 2,
        fuzzy: term => (term.length > 4 ? 0.25 : false),
        weights: { fuzzy: 0.4, prefix: 0.3 },
        bm25: { k: 1.2, b: 0.3, d: 0.5 }, // entries with many phrasings lose little for being long
      },
    });
    index.addAll(entries.map(([id, title, start, words]) => ({ id, title, start, words })));
    return {
      find: text => index.search(text).slice(0, MOST),
      terms: text => tokenize(text).map(processTerm).filter(term => term !== null),
    };
  }

  const ready = () => (search ??= Promise.all([load("vendor/minisearch-7.2.0.js"), load("search-index.js")])
    .then(() => (globalThis.conciergeSearch = build(globalThis.conciergeIndex))));

  function show(found, text) {
    status.textContent = !text ? "" : !found.length ? words.none : found.length === 1 ? words.one : words.some.replace("%", found.length);
    list.replaceChildren(...found.map(({ id, title, start }) => {
      const item = document.createElement("li"), link = document.createElement("a"), rest = document.createElement("p");
      link.href = `r/${id}.html`;
      link.textContent = title;
      rest.textContent = start;
      item.append(link, ...(start ? [rest] : []));
      return item;
    }));
  }

  async function run() {
    const text = input.value.trim();
    history.replaceState(null, "", text ? `#${new URLSearchParams({ q: text })}` : location.pathname);
    try {
      const found = text ? (await ready()).find(text) : [];
      if (text === input.value.trim()) show(found, text);
    } catch {
      search = null;
      status.textContent = words.failed;
    }
  }

  const move = step => {
    const stops = [input, ...list.querySelectorAll("a")];
    stops[stops.indexOf(document.activeElement) + step]?.focus();
  };

  input.addEventListener("input", () => {
    ready().catch(() => (search = null));
    clearTimeout(timer);
    timer = setTimeout(run, WAIT);
  });
  form.addEventListener("keydown", event => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    move(step);
  });
  form.addEventListener("submit", event => {
    event.preventDefault();
    const first = list.querySelector("a");
    if (first) first.click();
    else run();
  });
  form.hidden = false;
  input.value = new URLSearchParams(location.hash.slice(1)).get("q") ?? "";
  if (input.value) run();
})();

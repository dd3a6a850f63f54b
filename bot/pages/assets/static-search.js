// The search of pages that are files, where no bot answers: search.js shows what it finds. The index is a script and is
// not fetched, which a page that was opened from a disk may not do; words are read with the bot's own tables in it
// (bot/pages/static_site.py).
"use strict";
(() => {
  const MOST = 8; // results
  const here = document.currentScript.src;
  let index = null;

  for (const form of document.querySelectorAll("form[data-static]")) form.hidden = false;
  const box = document.querySelector("form.search input[name=q]");
  if (!box) return;
  box.value ||= new URLSearchParams(location.search).get("q") ?? "";

  const load = (file) => new Promise((done, failed) => {
    const script = document.createElement("script");
    script.src = new URL(file, here).href;
    script.onload = done;
    script.onerror = failed;
    document.head.append(script);
  });

  const fold = (text) => text.toLowerCase().normalize("NFD").replace(/\p{Mn}/gu, "")
    .replace(/œ/g, "oe").replace(/æ/g, "ae").replace(/[^a-z0-9]+/g, " ").trim();

  function stem(word, stems) {
    if (word.length < 5 || /[0-9]/.test(word)) return word.length === 4 && /[sx]$/.test(word) ? word.slice(0, -1) : word;
    const rule = stems.find(([ending, , least]) => word.endsWith(ending) && word.length - ending.length >= least);
    if (rule) word = word.slice(0, word.length - rule[0].length) + rule[1];
    return word.length > 4 && word.at(-1) === word.at(-2) ? word.slice(0, -1) : word;
  }

  function hash(stems) { // phrasing_hash() of bot/pages/static_site.py
    let value = 0x811c9dc5;
    for (const letter of [...new Set(stems)].sort().join(" ")) value = Math.imul(value ^ letter.charCodeAt(0), 0x01000193);
    return (value >>> 16) ^ (value & 0xffff);
  }

  function build({ entries, stems, stopWords, shorthands }) {
    const stop = new Set(stopWords);
    const short = new RegExp(`\\b(${Object.keys(shorthands).sort((a, b) => b.length - a.length).join("|")})\\b`, "g");
    const tokenize = (text) => fold(text).replace(short, (form) => shorthands[form]).split(" ");
    const processTerm = (term) => (stop.has(term) || (term.length < 2 && !/[0-9]/.test(term)) ? null : stem(term, stems));
    const terms = (text) => tokenize(text).map(processTerm).filter((term) => term !== null);
    const known = new Set(entries.flatMap(([, ...texts]) => texts.slice(0, 3).flatMap(terms)));
    const texts = new MiniSearch({
      fields: ["title", "words", "start"],
      storeFields: ["title", "start", "asked"],
      tokenize,
      processTerm,
      searchOptions: {
        boost: { title: 2, words: 2, start: 0.5 },
        prefix: (term) => term.length > 2 && !known.has(term),
        fuzzy: (term) => (term.length > 4 && !known.has(term) ? 0.25 : false),
        weights: { fuzzy: 0.4, prefix: 0.3 },
        bm25: { k: 1.2, b: 0.3, d: 0.5 }, // entries with many phrasings lose little for being long
      },
    });
    texts.addAll(entries.map(([id, title, start, words, asked]) => ({ id, title, start, words, asked })));
    const every = (text) => new Set(tokenize(text).map((word) => stem(word, stems))); // "c’est quoi" tells a definition

    function find(question) {
      const said = every(question), key = hash(terms(question));
      const weight = ({ title, asked }) => {
        const own = every(title), shared = [...own].filter((word) => said.has(word)).length;
        return 1 + (2 * shared / (own.size + said.size)) ** 2 + (asked.includes(key) ? 2 : 0);
      };
      const ranked = texts.search(question).map((one) => ({ ...one, score: one.score * weight(one) }));
      return ranked.sort((one, other) => other.score - one.score).slice(0, MOST);
    }

    return { find, terms };
  }

  function open() {
    index ??= Promise.all([load("vendor/minisearch-7.2.0.js"), load("search-index.js")])
      .then(() => build(globalThis.conciergeIndex))
      .catch((error) => {
        index = null;
        throw error;
      });
    return index;
  }

  function element(name, classes, text, ...parts) {
    const made = document.createElement(name);
    made.className = classes;
    made.append(text, ...parts);
    return made;
  }

  function row({ id, title, start }) {
    const link = element("a", "hit", title);
    link.setAttribute("href", `r/${encodeURIComponent(id)}.html`);
    return element("li", "", link, ...(start ? [element("p", "excerpt", start)] : []));
  }

  function html(found, { none, one, many, ask }) {
    const said = element("p", "found", found.length > 1 ? many.replace("#", found.length) : found.length ? one : none);
    said.dataset.found = "";
    const rest = found.length ? [element("ul", "hits", "", ...found.map(row))] : [];
    return [said, ...rest, element("p", "ask", ask)].map((part) => part.outerHTML).join("");
  }

  globalThis.conciergeSearch = {
    open,
    html: async (question) => html((await open()).find(question), box.form.dataset),
  };
  box.addEventListener("input", () => open().catch(() => {}), { once: true });
})();

// The report of a rehearsal: ✓ and ✗ under each answer, kept in this browser where it allows that, what they say so far
// about precision and limits, and the judged answers as a file for `concierge learn`. Nothing is sent anywhere.
"use strict";
(() => {
  const Z90 = 1.6449, LEAST = 20; // as in bot/quality/fitting.py: of a 90 % interval; answers that a limit must let through
  const { cards, bands, precision, file, says, store } = JSON.parse(document.getElementById("data").textContent);
  const language = document.documentElement.lang;
  const number = (value, digits) => value.toLocaleString(language, { minimumFractionDigits: digits, maximumFractionDigits: digits });
  const percent = (value) => number(100 * value, 0);
  const fill = (sentence, values) => sentence.replace(/#([a-z]+)/g, (hole, name) => values[name] ?? hole);

  const KEY = `concierge-rehearsal-${store}`;
  let isKept = true; // a browser may refuse to keep anything for a file
  const load = () => {
    try {
      return JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      isKept = false;
      return {};
    }
  };
  const judged = load(); // number of the card: whether its answer is right
  const keep = () => {
    try {
      localStorage.setItem(KEY, JSON.stringify(judged));
      isKept = true;
    } catch {
      isKept = false;
    }
  };

  // Judged answers, one for each way of hearing; each weighs as many answers of its band as it stands for.
  const rows = () => {
    const found = Object.entries(judged).flatMap(([at, right]) =>
      (cards[at]?.draws ?? []).map((draw) => ({ ...cards[at], ...draw, right, addressed: bands[draw.band].addressed })));
    const times = bands.map((_, band) => found.reduce((sum, one) => sum + (one.band === band ? one.times : 0), 0));
    return found.map((one) => ({ ...one, weight: bands[one.band].answers * one.times / times[one.band] }));
  };

  // The weighted share of right ones with Wilson's interval, for as many answers of equal weight as say as much (Kish).
  const share = (some) => {
    const sum = (of) => some.reduce((total, one) => total + of(one), 0);
    const total = sum((one) => one.weight), n = total ** 2 / sum((one) => one.weight ** 2);
    const p = sum((one) => (one.right ? one.weight : 0)) / total;
    const middle = p + Z90 ** 2 / (2 * n), scale = 1 + Z90 ** 2 / n;
    const reach = Z90 * Math.sqrt(p * (1 - p) / n + (Z90 / (2 * n)) ** 2);
    return { value: p, low: Math.max(0, (middle - reach) / scale), high: Math.min(1, (middle + reach) / scale), answers: total };
  };

  // The lowest limit, in hundredths from 0.50 on, whose answers keep the precision; null: none does.
  const lowest = (some) => {
    for (let hundredths = 50; hundredths < 100; hundredths += 1) {
      const answered = some.filter((one) => one.score >= hundredths / 100);
      if (answered.length < LEAST) return null;
      const found = share(answered);
      if (found.value >= precision) return { ...found, limit: hundredths / 100 };
    }
    return null;
  };

  const sayShare = (answered) => {
    if (!answered.length) return says.none;
    const { value, low, high } = share(answered);
    return fill(says.share, { judged: answered.length, share: percent(value), low: percent(low), high: percent(high) });
  };
  const sayLimit = (own) => {
    if (own.filter((one) => one.score >= 0.5).length < LEAST) return fill(says.few, { least: LEAST });
    const found = lowest(own);
    if (!found) return says.no_limit;
    const { limit, value, low, high, answers } = found;
    return fill(says.limit, {
      limit: number(limit, 2), share: percent(value), low: percent(low), high: percent(high), answers: number(answers, 0),
    });
  };

  const show = () => {
    const all = rows();
    for (const way of document.querySelectorAll("[data-way]")) {
      const own = all.filter((one) => one.addressed === (way.dataset.way === "addressed"));
      way.querySelector(".so-far").textContent = sayShare(own.filter((one) => one.score >= Number(way.dataset.limit)));
      way.querySelector(".lowest").textContent = sayLimit(own);
    }
    const count = Object.keys(judged).length;
    document.getElementById("count").textContent = count;
    document.getElementById("kept").textContent = isKept ? says.kept : says.unkept;
    document.getElementById("save").disabled = !count;
    for (const button of document.querySelectorAll("[data-card]")) {
      const isOn = judged[button.dataset.card] === (button.dataset.right === "true");
      button.setAttribute("aria-pressed", isOn);
    }
  };

  const escape = (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`; // what ends a line to some readers
  const lines = () => rows()
    .map(({ text, addressed, entry, right, weight }) => JSON.stringify({ text, addressed, entry, right, weight }))
    .map((line) => line.replace(/[\u0085\u2028\u2029]/g, escape))
    .join("\n");

  document.getElementById("cards").addEventListener("click", (event) => {
    const button = event.target.closest("[data-card]");
    if (!button) return;
    const { card, right } = button.dataset, isRight = right === "true";
    if (judged[card] === isRight) delete judged[card]; // the same again takes it back
    else judged[card] = isRight;
    keep();
    show();
  });
  document.getElementById("save").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${lines()}\n`], { type: "application/jsonl" }));
    link.download = file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  });
  document.getElementById("forget").addEventListener("click", () => {
    for (const card of Object.keys(judged)) delete judged[card];
    try {
      localStorage.removeItem(KEY);
    } catch {
      // It kept nothing.
    }
    show();
  });
  document.getElementById("judging").hidden = false;
  show();
})();

// The report of a rehearsal: ✓ and ✗ under each answer, kept in this browser where it allows that, and what they say so
// far: the share of right answers, and the limits that keep it where it shall be. Nothing is sent anywhere.
"use strict";
(() => {
  const Z90 = 1.6449; // standard errors to either side of a 90 % interval
  const ENOUGH = 100, LEAST = 20; // judged messages of a way of hearing; of them answers that a limit must let through
  const { cards, bands, limits, says, store } = JSON.parse(document.getElementById("data").textContent);
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
      (cards[at]?.draws ?? []).map((draw) => ({ ...draw, right, addressed: bands[draw.band].addressed })));
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

  const HUNDREDTHS = Array.from({ length: 100 }, (_, hundredths) => hundredths / 100);
  const answersFrom = (own, limit) => own.filter((one) => one.score >= limit);

  // The limit that keeps the promise. A higher one than now if the judged answers break it now; a lower one only if the
  // lower end of the interval keeps it there: some hundred messages prove little.
  const keeping = (own, { now, lowest, promise }) => {
    const above = answersFrom(own, now), isBroken = above.length >= LEAST && share(above).value < promise;
    const limit = HUNDREDTHS.find((limit) => {
      const answered = answersFrom(own, limit);
      if (limit < lowest || limit > now !== isBroken || answered.length < LEAST) return false;
      const { value, low } = share(answered);
      return (isBroken ? value : low) >= promise;
    });
    return limit ?? (isBroken ? null : now);
  };

  const sayShare = (answered) => {
    if (!answered.length) return says.none;
    const { value, low, high } = share(answered);
    return fill(says.share, { judged: answered.length, share: percent(value), low: percent(low), high: percent(high) });
  };
  // The sentence about a limit, and its line of the settings if there is one.
  const sayLimit = (own, asked) => {
    const limit = keeping(own, asked), answered = answersFrom(own, limit ?? asked.now);
    if (own.length < ENOUGH || answered.length < LEAST) {
      const above = answersFrom(own, asked.now).length;
      return [fill(says.few, { judged: own.length, enough: ENOUGH, above, least: LEAST })];
    }
    if (limit === null) return [says[`no_limit_${asked.name}`]];
    const { value, low, high, answers } = share(answered);
    const values = { share: percent(value), low: percent(low), high: percent(high), answers: number(answers, 0) };
    const line = `  ${asked.name}: ${limit}  # ${values.share} % (${values.low}-${values.high} %)`;
    return [fill(says.limit, { limit: number(limit, 2), ...values }), line];
  };

  const show = () => {
    const all = rows();
    const lines = limits.flatMap((limit) => {
      const own = all.filter((one) => one.addressed === (limit.name === "confident"));
      const shown = document.querySelector(`[data-limit="${limit.name}"]`), [sentence, ...line] = sayLimit(own, limit);
      shown.querySelector(".so-far").textContent = sayShare(answersFrom(own, limit.now));
      shown.querySelector(".keeps").textContent = sentence;
      return line;
    });
    document.getElementById("to-paste").hidden = !lines.length;
    document.getElementById("settings").textContent = ["answers:", ...lines].join("\n");
    document.getElementById("count").textContent = Object.keys(judged).length;
    document.getElementById("kept").textContent = isKept ? says.kept : says.unkept;
    for (const button of document.querySelectorAll("[data-card]")) {
      const isOn = judged[button.dataset.card] === (button.dataset.right === "true");
      button.setAttribute("aria-pressed", isOn);
    }
  };

  document.getElementById("cards").addEventListener("click", (event) => {
    const button = event.target.closest("[data-card]");
    if (!button) return;
    const { card, right } = button.dataset, isRight = right === "true";
    if (judged[card] === isRight) delete judged[card]; // the same again takes it back
    else judged[card] = isRight;
    keep();
    show();
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

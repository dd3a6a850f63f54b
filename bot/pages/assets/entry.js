// The desk's forms: text that is not saved yet is kept in this browser, and problems show while somebody types. All else
// works without this script, by the buttons.
(() => {
  const shelf = document.querySelector("#unsaved");
  if (!shelf) return;
  const prefix = `concierge ${shelf.dataset.person} `;
  const week = 7 * 24 * 60 * 60 * 1000; // milliseconds
  const pause = 700; // milliseconds without a key before the form is checked
  const language = document.documentElement.lang;
  const moment = { dateStyle: "medium", timeStyle: "short" };
  const form = document.querySelector("form.entry");
  const notice = document.querySelector("[data-notice]")?.dataset ?? {};

  // Storage may be full, or closed to us: then the buttons still work.
  const stored = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  const read = (key) => stored(() => JSON.parse(localStorage.getItem(key)));
  const write = (key, value) => stored(() => localStorage.setItem(key, JSON.stringify({ ...value, when: Date.now() })));
  const erase = (key) => stored(() => localStorage.removeItem(key));
  const keys = (kind) => stored(() => Object.keys(localStorage).filter((key) => key.startsWith(prefix + kind))) ?? [];
  for (const key of keys("")) if (!(Date.now() - read(key)?.when < week)) erase(key);

  // An answer to a question
  for (const area of document.querySelectorAll("textarea[data-keep]")) {
    const key = `${prefix}answer ${area.dataset.keep}`;
    if (notice.notice?.startsWith("answered") && notice.number === area.dataset.keep) erase(key);
    area.addEventListener("input", () => write(key, { text: area.value }));
    const kept = read(key)?.text;
    if (!kept || area.value) continue;
    area.value = kept;
    area.closest("details").open = true;
  }

  // The form of an entry. Each page that is opened has a draft of its own: two tabs keep both their texts.
  const current = () => stored(() => sessionStorage.getItem("concierge form"));
  const begin = (key) => stored(() => sessionStorage.setItem("concierge form", key));
  const fields = () => [...new FormData(form)].filter(([name]) => !["csrf", "key", "shown"].includes(name));
  const isTried = form?.dataset.tried !== undefined;
  if (notice.notice?.startsWith("saved")) erase(current());
  let mine = isTried ? current() : null;
  mine ??= `${prefix}form ${Date.now()} ${Math.random()}`;

  const keep = () => {
    const title = form.elements.title.value.trim();
    write(mine, { fields: fields(), title });
  };

  let isChanged = isTried;
  const offer = () => {
    shelf.hidden = true;
    for (const row of shelf.querySelectorAll(":scope > form")) row.remove();
    const untouched = form ? JSON.stringify(fields()) : "";
    for (const key of keys("form")) {
      const draft = read(key);
      if (key === mine || !draft?.fields) continue;
      if (JSON.stringify(draft.fields) === untouched && !isTried) {
        isChanged = true; // the browser has put it back itself, after "back"
        begin(mine = key);
        continue;
      }
      const row = shelf.querySelector("template").content.cloneNode(true).firstElementChild;
      const [open, drop] = row.querySelectorAll("button");
      const title = draft.title.slice(0, 80) || shelf.dataset.untitled;
      open.textContent = open.textContent.replace("#", () => title);
      drop.ariaLabel = drop.ariaLabel.replace("#", () => title);
      row.querySelector(".hint").textContent = new Date(draft.when).toLocaleString(language, moment);
      for (const [name, value] of draft.fields) {
        const field = Object.assign(document.createElement("input"), { type: "hidden", name, value });
        if (name !== "do") row.append(field);
      }
      row.addEventListener("submit", () => begin(key));
      drop.addEventListener("click", () => {
        erase(key);
        row.remove();
        shelf.hidden = !shelf.querySelector(":scope > form");
      });
      shelf.append(row);
      shelf.hidden = false;
    }
  };
  if (!isTried) addEventListener("pageshow", offer);
  if (!form) return;

  let isLeaving = false, timer, request;
  begin(mine);
  if (isTried) keep();

  const show = (problems) => {
    for (const box of form.querySelectorAll("[data-problems]")) {
      const own = problems.filter((problem) => problem.field === box.dataset.problems);
      box.replaceChildren(...own.map((problem) => {
        const line = document.createElement("p");
        line.className = problem.warning ? "warning" : "error";
        line.textContent = problem.text;
        return line;
      }));
      const described = [...form.querySelectorAll(`[aria-describedby~="${box.id}"]`)];
      const filled = [...new Set(described.filter((field) => field.value).map((field) => field.closest(".entry-row")))];
      for (const field of described) {
        const row = filled.indexOf(field.closest(".entry-row"));
        const isWrong = own.some((problem) => !problem.warning && (problem.row ?? row) === row);
        if (isWrong) field.setAttribute("aria-invalid", "true");
        else field.removeAttribute("aria-invalid");
      }
    }
  };

  const check = async () => {
    request?.abort();
    request = new AbortController();
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.dataset.check, { method: "POST", body, signal: request.signal });
      form.querySelector(".ended").hidden = answer.status !== 403;
      if (!answer.ok) return;
      const { problems, others } = await answer.json();
      show(problems);
      const line = document.querySelector("#others");
      line.textContent = others;
      line.hidden = !others;
    } catch {
      // Stopped by the next key, or no network: the button still checks.
    }
  };

  const length = form.querySelector("#length");
  const said = length.textContent;
  const measure = (field) => {
    const typed = [...form.querySelectorAll("[maxlength]")].filter((one) => one.name !== "asked");
    const total = typed.reduce((sum, one) => sum + one.value.length, 0);
    const isFull = field.maxLength > 0 && field.value.length >= field.maxLength;
    const most = Number(length.dataset.most);
    length.textContent = `${said.replace("#", total)}. ${isFull ? length.dataset.full : ""}`;
    length.hidden = !isFull && total < 0.8 * most;
    length.classList.toggle("error", isFull || total > most);
  };

  form.addEventListener("input", (event) => {
    isChanged = true;
    keep();
    if (event.target.name === "asked") return;
    measure(event.target);
    clearTimeout(timer);
    timer = setTimeout(check, pause);
  });
  document.addEventListener("submit", (event) => (isLeaving = event.target === form));
  addEventListener("pageshow", () => (isLeaving = false));
  addEventListener("beforeunload", (event) => {
    if (isChanged && !isLeaving) event.preventDefault();
  });
  form.querySelector("#asked").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit(form.querySelector('[name="do"][value="ask"]'));
  });
})();

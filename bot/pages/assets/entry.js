// The form of an answer: its problems while somebody types. All of it works without this script, by its buttons.
(() => {
  const form = document.querySelector("form.entry");
  if (!form) return;
  const pause = 700; // milliseconds without a key before the form is checked
  let timer, request;

  const show = (problems) => {
    for (const box of form.querySelectorAll("[data-problems]")) {
      const own = problems.filter((problem) => problem.field === box.dataset.problems);
      box.replaceChildren(...own.map((problem) => {
        const line = document.createElement("p");
        line.className = problem.warning ? "warning" : "error";
        line.textContent = problem.text;
        return line;
      }));
      const isWrong = own.some((problem) => !problem.warning);
      for (const field of form.querySelectorAll(`[aria-describedby~="${box.id}"]`)) {
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
      if (answer.ok) show((await answer.json()).problems);
    } catch {
      // Stopped by the next key, or no network: the button still checks.
    }
  };

  form.addEventListener("input", (event) => {
    if (event.target.name === "asked") return;
    clearTimeout(timer);
    timer = setTimeout(check, pause);
  });
  form.querySelector("#asked").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    form.requestSubmit(form.querySelector('[name="do"][value="ask"]'));
  });
})();

// Results while somebody types: the same ones that the form asks for. Without this script the form does it alone.
"use strict";
(() => {
  const form = document.querySelector("form.search[data-results]");
  const results = document.getElementById("results");
  const found = document.getElementById("found");
  const browse = document.getElementById("browse");
  if (!form || !results || !found) return;
  const box = form.elements.q;
  const files = globalThis.conciergeSearch; // where pages are files: static-search.js
  let timer = 0, request = new AbortController(), shown = files ? "" : box.value.trim();

  function show(html) {
    const walking = results.contains(document.activeElement);
    results.innerHTML = html;
    results.ariaBusy = "false";
    const said = results.querySelector("[data-found]");
    found.textContent = said ? said.textContent : "";
    if (said) said.remove();
    if (browse) browse.hidden = results.querySelector(".hit") !== null;
    if (walking) (results.querySelector(".hit") ?? box).focus(); // what had the focus is gone
  }

  async function ask(question, signal) {
    if (files) return files.html(question);
    return (await fetch(`${form.dataset.results}?q=${encodeURIComponent(question)}`, { signal })).text();
  }

  function remember(question) {
    history.replaceState(null, "", question ? `?q=${encodeURIComponent(question)}` : location.pathname);
  }

  async function search(question) {
    request.abort();
    request = new AbortController();
    remember(question);
    if (!question) return show("");
    results.ariaBusy = "true";
    try {
      const { signal } = request, html = await ask(question, signal);
      if (!signal.aborted) show(html);
    } catch (error) {
      if (error.name === "AbortError") return;
      show("");
      found.textContent = form.dataset.trouble;
    }
  }

  function look() {
    const question = box.value.trim();
    if (question === shown) return;
    shown = question;
    search(question);
  }

  function move(step) {
    const stops = [box, ...results.querySelectorAll("a.hit")];
    const to = stops.indexOf(document.activeElement) + step;
    if (stops.includes(document.activeElement) && stops[to]) stops[to].focus();
  }

  box.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(look, 150);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    look();
  });
  results.addEventListener("click", () => remember(box.value.trim())); // who comes back finds all that was typed
  document.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const inside = event.target === box || results.contains(event.target);
    if (!inside || event.isComposing) return;
    if (step) {
      event.preventDefault();
      move(step);
    } else if (event.key === "Escape") {
      if (event.target === box) box.value = "";
      box.focus();
      look();
    }
  });
  if (results.querySelector("[data-found]")) show(results.innerHTML);
  look();
})();

// Steps through stories, lets the reader be the scheduler, opens and closes; the page tells everything without it.
"use strict";
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
function make(tag, options = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(options)) {
    if (key === "text") node.textContent = value;
    else if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "class") node.className = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

$$(".tools").forEach((tools) => (tools.hidden = false));
$("[data-theme-toggle]")?.addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});
$$("[data-open]").forEach((button) =>
  button.addEventListener("click", () => $$("main details").forEach((one) => (one.open = button.dataset.open === "all")))
);
addEventListener("beforeprint", () => $$("main details").forEach((one) => (one.open = true)));
function openTarget() {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target) { const inside = target.closest("details"); if (inside) inside.open = true; target.scrollIntoView(); }
}
addEventListener("hashchange", openTarget);
openTarget();

function known(threads, moment, before) {
  const box = make("div", { class: "known" });
  const list = (title, entries) => {
    const part = make("div", {}, make("h4", { text: title }));
    if (!entries.length) part.append(make("span", { class: "where", text: "none" }));
    for (const [name, value, changed] of entries)
      part.append(make("div", { class: changed ? "changed" : "" }, make("code", { text: name }), " " + value));
    box.append(part);
  };
  const was = before || { values: {}, locks: {}, waits: {} };
  list("Values as last seen", Object.entries(moment.values).map(([k, v]) => [k, "= " + v, was.values[k] !== v]));
  list("Locks held", Object.entries(moment.locks).map(([k, v]) => [k, "by " + threads[v], was.locks[k] !== v]));
  list("Waiting", Object.entries(moment.waits).map(([k, v]) => [threads[k], "for " + v, was.waits[k] !== v]));
  return box;
}

function stepper(script) {
  const figure = script.closest("figure");
  const { threads, moments } = JSON.parse(script.textContent);
  if (!moments.length) return;
  const rows = $$("tbody tr", figure);
  $("table", figure).style.setProperty("--columns", threads.length);
  let at = moments.length;
  const out = make("output", { "aria-live": "polite" });
  const go = (to) => { at = Math.max(-1, Math.min(moments.length, to)); show(true); };
  const button = (label, title, to) => make("button", { type: "button", text: label, "aria-label": title, title, onclick: () => go(to()) });
  const bar = make("div", { class: "stepper", role: "group", "aria-label": "Step through the story" },
    button("«", "to the beginning", () => 0), button("‹", "one step back", () => at - 1),
    button("›", "one step on", () => (at >= moments.length ? 0 : at + 1)), button("»", "show all", () => moments.length), out);
  let box = make("div");
  $(".scroll", figure).before(bar);
  $(".scroll", figure).after(box);
  bar.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") go(at - 1);
    else if (event.key === "ArrowRight") go(at >= moments.length ? 0 : at + 1);
    else return;
    event.preventDefault();
  });
  function show(moved) {
    const all = at >= moments.length || at < 0;
    figure.classList.toggle("stepping", !all);
    const now = all ? null : moments[at];
    rows.forEach((row, index) => {
      row.classList.toggle("now", !!now && index === now.row);
      row.classList.toggle("past", !!now && index < now.row);
      $$("ol li", row).forEach((item, place) => {
        item.classList.toggle("now", !!now && index === now.row && place === now.at);
        item.classList.toggle("future", !!now && index === now.row && place > now.at);
      });
    });
    out.textContent = all ? `all ${moments.length} steps` : `step ${at + 1} of ${moments.length}`;
    const fresh = known(threads, moments[all ? moments.length - 1 : at], all ? null : moments[at - 1]);
    box.replaceWith(fresh); box = fresh;
    if (moved && now) rows[now.row].scrollIntoView({ block: "nearest" });
  }
  show(false);
}
$$("script[data-moments]").forEach(stepper);

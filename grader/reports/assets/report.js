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


// What is known at some moment: values as last seen, who holds which lock, who waits for what.
const nothing = () => ({ values: {}, locks: {}, waits: {} });
function after(state, thread, effect) {
  const next = { values: { ...state.values }, locks: { ...state.locks }, waits: { ...state.waits } };
  delete next.waits[thread];
  const [kind, name, value] = effect;
  if (kind === "value") next.values[name] = value;
  else if (kind === "takes") next.locks[name] = thread;
  else if (kind === "gives") delete next.locks[name];
  else if (kind === "waits") next.waits[thread] = name;
  return next;
}
function known(threads, now, before) {
  const box = make("div", { class: "known" });
  const list = (title, entries) => {
    const part = make("div", {}, make("h4", { text: title }));
    if (!entries.length) part.append(make("span", { class: "where", text: "none" }));
    for (const [name, text, changed] of entries)
      part.append(make("div", { class: changed ? "changed" : "" }, make("code", { text: name }), " " + text));
    box.append(part);
  };
  const fresh = (part, key) => now[part][key] !== before[part][key];
  list("Values as last seen", Object.keys(now.values).map((key) => [key, "= " + now.values[key], fresh("values", key)]));
  list("Locks held", Object.keys(now.locks).map((key) => [key, "by " + threads[now.locks[key]], fresh("locks", key)]));
  list("Waiting", Object.keys(now.waits).map((key) => [threads[key], "for " + now.waits[key], fresh("waits", key)]));
  return box;
}

function stepper(script) {
  const figure = script.closest("figure");
  const { threads, moments } = JSON.parse(script.textContent);
  if (!moments.length) return;
  const states = [nothing()];
  moments.forEach((one) => states.push(after(states.at(-1), one.thread, one.effect)));
  const rows = $$("table[data-story] tbody tr", figure);
  let at = moments.length;
  const out = make("output", { "aria-live": "polite" });
  const go = (to) => { at = Math.max(0, Math.min(moments.length, to)); show(true); };
  const on = () => go(at >= moments.length ? 0 : at + 1);
  const button = (label, title, act) => make("button", { type: "button", text: label, "aria-label": title, title, onclick: act });
  const bar = make("div", { class: "stepper", role: "group", "aria-label": "Step through the story" },
    button("«", "to the beginning", () => go(0)), button("‹", "one step back", () => go(at - 1)),
    button("›", "one step on", on), button("»", "show all", () => go(moments.length)), out);
  let box = make("div");
  $(".scroll", figure).before(bar);
  $(".scroll", figure).after(box);
  bar.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") go(at - 1);
    else if (event.key === "ArrowRight") on();
    else return;
    event.preventDefault();
  });
  function show(moved) {
    const now = moments[at];
    figure.classList.toggle("stepping", !!now);
    rows.forEach((row, index) => {
      row.classList.toggle("now", !!now && index === now.row);
      row.classList.toggle("past", !!now && index < now.row);
      $$("ol li", row).forEach((item, place) => {
        item.classList.toggle("now", !!now && index === now.row && place === now.at);
        item.classList.toggle("future", !!now && index === now.row && place > now.at);
      });
    });
    out.textContent = now ? `step ${at + 1} of ${moments.length}` : `all ${moments.length} steps`;
    const fresh = known(threads, states[now ? at + 1 : moments.length], states[now ? at : moments.length]);
    box.replaceWith(fresh); box = fresh;
    if (moved && now) rows[now.row].scrollIntoView({ block: "nearest" });
  }
  show(false);
}

// The reader as the scheduler: walks the tree of choices that was followed when the submission was graded.
function player(script) {
  const { ways, broken, complete } = script.dataset;
  const all = complete === "True" ? "Every order of these steps is in this page" : "Orders that were tried for this page";
  const intro = make("p", { text: `You are the scheduler: say who goes on, step by step, until it breaks. ${all}: ${ways} ways, of which ${broken} break${broken === "1" ? "s" : ""}.` });
  const root = make("div", { class: "player" }, make("h4", { text: "Play it" }), intro);
  const start = make("button", { type: "button", text: "Play" });
  root.append(start);
  script.closest("figure").append(root);
  start.addEventListener("click", () => { start.remove(); begin(JSON.parse(script.textContent), root); });
}
function begin(play, root) {
  const ids = Object.keys(play.threads);
  const body = make("tbody");
  const table = make("table", { style: `--columns:${ids.length}` },
    make("thead", {}, make("tr", {}, ...ids.map((id) => make("th", { scope: "col", text: play.threads[id] })))), body);
  const buttons = make("div", { class: "buttons", role: "group", "aria-label": "Who goes on?" });
  const verdict = make("p", { class: "verdict", "aria-live": "polite" });
  let box = make("div");
  let path = [0];
  root.append(buttons, make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": "What has been done so far" }, table), box, verdict);
  const move = (to) => { path = to; show(); ($("button[data-thread]:not(:disabled)", buttons) || $("button:not(:disabled)", buttons))?.focus({ preventScroll: true }); };
  function next(node, id) {
    const to = play.nodes[node.next[id]];
    const found = to.did.map((index) => play.lines[index]).find((line) => String(line[0]) === id);
    return found ? `${found[1]} ${found[2]}` : "goes on";
  }
  function show() {
    const node = play.nodes[path.at(-1)];
    buttons.replaceChildren(...ids.map((id) => {
      const can = (node.can || []).includes(Number(id)), known = can && id in node.next;
      const button = make("button", { type: "button", "data-thread": id, onclick: () => move([...path, node.next[id]]) },
        play.threads[id], make("small", { text: known ? next(node, id) : node.end ? "is over" : can ? "not tried here" : "cannot go on now" }));
      button.disabled = !known;
      return button;
    }));
    const back = make("button", { type: "button", text: "Back", onclick: () => move(path.slice(0, -1)) });
    const again = make("button", { type: "button", text: "Start again", onclick: () => move([0]) });
    back.disabled = again.disabled = path.length < 2;
    buttons.append(back, again);
    let state = nothing(), before = state, last = null;
    body.replaceChildren();
    path.forEach((index, turn) => {
      before = state;
      for (const place of play.nodes[index].did) {
        const [thread, line, source, did, effect] = play.lines[place];
        state = after(state, thread, effect);
        if (!last || last.thread !== thread || last.line !== line) {
          const cells = ids.map((id) => make("td", {}, ...(id === String(thread) ? [make("code", {}, make("span", { class: "line", text: line || "" }), " " + source), make("ol")] : [])));
          const row = make("tr", { class: last && last.thread !== thread ? "turn" : "" }, ...cells);
          body.append(row);
          last = { thread, line, list: $("ol", row) };
        }
        last.list.append(make("li", { text: did, class: turn === path.length - 1 && turn ? "now" : "" }));
      }
    });
    const fresh = known(play.threads, state, before);
    box.replaceWith(fresh);
    box = fresh;
    verdict.className = "verdict " + (node.end || "");
    verdict.hidden = !node.end;
    verdict.textContent = !node.end ? "" : node.end === "failed" ? "It breaks: " + play.reasons[node.reason]
      : node.end === "passed" ? "It holds, in this order." : "No verdict, in this order: " + play.reasons[node.reason];
    body.lastElementChild?.scrollIntoView({ block: "nearest" });
  }
  show();
  $("button:not(:disabled)", buttons)?.focus();
}
$$("script[data-moments]").forEach(stepper);
$$("script[data-play]").forEach(player);

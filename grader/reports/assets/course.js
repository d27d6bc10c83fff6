// Sorts and filters the tables; without it they are whole, what needs a look first.
"use strict";
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
$(".tools").hidden = $(".filters").hidden = false;
$("[data-theme-toggle]").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
});

const compare = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;
const kinds = {
  number: { of: (cell) => (cell.textContent.trim() === "" ? -Infinity : parseFloat(cell.textContent)), compare: (a, b) => a - b || 0 },
  text: { of: (cell) => cell.textContent, compare },
};
// Buttons in the heads of a table; `sorted` takes the new order of its rows.
function sortable(table, rows, sorted) {
  $$("thead th", table).forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const kind = kinds[head.dataset.sort];
      const down = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : kind === kinds.number;
      $$("th[aria-sort]", table).forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const keyed = rows.map((row) => [kind.of(row.cells[column]), row]);
      keyed.sort((a, b) => kind.compare(a[0], b[0]) * (down ? -1 : 1));
      sorted(keyed.map((pair) => pair[1]));
    });
  });
}
const tests = $("#tests-table");
sortable(tests, [...tests.tBodies[0].rows], (order) => tests.tBodies[0].append(...order));

// Of thousands of students only some hundred rows are laid out at a time.
const SOME = 100;
const table = $("#rows"), body = table.tBodies[0], rows = [...table.rows].slice(1);
const last = rows.length ? rows[0].cells.length - 1 : 0;
const known = new Map(rows.map((row) => [row, {
  text: (row.cells[0].textContent + " " + row.cells[last].textContent).toLowerCase(),
  flagged: row.cells[last].textContent !== "", undecided: row.cells[last - 1].textContent !== "",
  full: "full" in row.dataset, none: parseFloat(row.cells[1].textContent) === 0, verdicts: row.dataset.v,
}]));
const words = $("#words"), which = $("#which"), chip = $("#test-filter"), more = $("#more");
let order = rows, test = -1, most = SOME;
function show() {
  const asked = words.value.toLowerCase().trim();
  const found = order.filter((row) => {
    const one = known.get(row);
    return (!asked || one.text.includes(asked)) && (!which.value || one[which.value]) && (test < 0 || one.verdicts[test] === "f");
  });
  body.replaceChildren(...found.slice(0, most));
  more.hidden = found.length <= most;
  $(".filters output").textContent = found.length === rows.length ? `${rows.length} students` : `${found.length} of ${rows.length} students`;
}
sortable(table, rows, (sorted) => { order = sorted; show(); });
words.addEventListener("input", show);
which.addEventListener("change", show);
more.addEventListener("click", () => { most = Infinity; show(); most = SOME; });
addEventListener("beforeprint", () => more.click());
$$("[data-test]").forEach((button) => button.addEventListener("click", () => {
  test = Number(button.dataset.test);
  $("code", chip).textContent = button.textContent;
  chip.hidden = false;
  show();
  $("#students").scrollIntoView();
}));
$("button", chip).addEventListener("click", () => { test = -1; chip.hidden = true; show(); });
show();

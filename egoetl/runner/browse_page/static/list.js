// The questions that were found, a hundred at a time: a page of many thousands stays quick.

import { byId, element, fill } from "./dom.js";
import { outcomeOf, scoreText, secondsText } from "./reports.js";

const AT_ONCE = 100;
let page = 0;

export function draw(state, onChoose, onTick) {
  const pages = Math.max(1, Math.ceil(state.found.length / AT_ONCE));
  page = Math.min(page, pages - 1);
  const rows = state.found.slice(page * AT_ONCE, (page + 1) * AT_ONCE);
  fill(byId("list").tBodies[0], ...rows.map((item) => row(item, state, onChoose, onTick)));
  byId("count").textContent = `${state.found.length} of ${state.first.items.length} questions, ${state.ticked.size} ticked`;
  byId("page").textContent = `page ${page + 1} of ${pages}`;
  byId("back").disabled = page === 0;
  byId("on").disabled = page >= pages - 1;
  const tickedHere = state.found.filter((item) => state.ticked.has(item.id)).length;
  byId("all").checked = tickedHere > 0 && tickedHere === state.found.length;
  byId("all").indeterminate = tickedHere > 0 && tickedHere < state.found.length;
}

export function turn(by) { page = Math.max(0, page + by); }
export function toFirst() { page = 0; }

function row(item, state, onChoose, onTick) {
  const tick = element("input", { type: "checkbox", checked: state.ticked.has(item.id), "aria-label": `Tick ${item.id}` });
  tick.addEventListener("change", () => onTick(item.id, tick.checked));
  const open = element("button", { type: "button", textContent: item.question });
  open.addEventListener("click", () => onChoose(item));
  const other = state.second && state.second.byId.get(item.id);
  const made = element("tr", { className: state.chosen === item.id ? "chosen" : "" },
    element("td", {}, tick),
    element("td", {}, open),
    element("td", { textContent: item.task }),
    element("td", { textContent: item.video }),
    element("td", { className: "n", textContent: secondsText(item.end) }),
    scoreCell(state.first, item, state.measure, ""),
    scoreCell(state.second, other, state.measure, "second"));
  made.dataset.id = item.id;
  return made;
}

function scoreCell(report, item, chosen, name) {
  const outcome = report ? outcomeOf(report, item, chosen) : "none";
  return element("td", { className: `n score ${outcome} ${name}`, textContent: report ? scoreText(report, item, chosen) : "" });
}

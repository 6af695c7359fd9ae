// Totals of the questions that were found: by type and by video, for one model or two.

import { byId, element, fill } from "./dom.js";
import { measureFor, outcomeOf, shown, valueOf } from "./reports.js";

const MOST = 200;

export function draw(state) {
  const reports = [state.first, state.second].filter(Boolean);
  fill(byId("totals"), table("By type", "task", state, reports), table("By video", "video", state, reports));
}

function table(title, name, state, reports) {
  const groups = new Map();
  for (const item of state.found) {
    if (!groups.has(item[name])) groups.set(item[name], []);
    groups.get(item[name]).push(item);
  }
  const rows = [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, MOST);
  const heads = reports.flatMap((report) => ["scored", "mean", "full score"].map((text) =>
    element("th", { scope: "col", className: "n", textContent: reports.length > 1 ? `${text}, ${report.model}` : text })));
  const body = [["all", state.found], ...rows].map(([label, items]) => element("tr", {},
    element("th", { scope: "row", textContent: label }),
    element("td", { className: "n", textContent: items.length }),
    ...reports.flatMap((report) => cells(report, items, state.measure))));
  const more = groups.size > MOST ? ` (the first ${MOST} of ${groups.size})` : "";
  return element("div", { className: "wide", tabindex: "0", role: "region", "aria-label": title },
    element("table", {}, element("caption", { textContent: title + more }),
      element("thead", {}, element("tr", {}, element("th", { scope: "col", textContent: name === "task" ? "type" : name }),
        element("th", { scope: "col", className: "n", textContent: "questions" }), ...heads)),
      element("tbody", {}, ...body)));
}

// A mean is over questions with a value, of one metric; where a group mixes several there is none.
function cells(report, items, chosen) {
  const own = items.map((item) => report.byId.get(item.id)).filter(Boolean);
  const measures = new Set(own.map((item) => measureFor(report, item, chosen)).filter(Boolean));
  const [measure] = measures;
  const values = own.map((item) => valueOf(item, measureFor(report, item, chosen))).filter((value) => value !== null);
  const mean = measures.size === 1 && values.length ? shown(values.reduce((sum, value) => sum + value, 0) / values.length, measure) : "–";
  const full = own.filter((item) => outcomeOf(report, item, chosen) === "right").length;
  return [String(values.length), mean, values.length ? `${((100 * full) / values.length).toFixed(1)} %` : "–"]
    .map((text) => element("td", { className: "n", textContent: text }));
}

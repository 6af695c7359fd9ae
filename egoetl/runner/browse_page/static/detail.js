// One question: what was asked, what is right, and what each model said.

import { byId, element, fill } from "./dom.js";
import { measureFor, outcomeOf, said, scoreText, secondsText, shown, spansText } from "./reports.js";

export function draw(state, item) {
  byId("chosen").textContent = item.question;
  fill(byId("detail"),
    element("p", { className: "small quiet", textContent:
      `${item.id} · ${item.task} · video ${item.video}, ${secondsText(item.start)} to ${secondsText(item.end)} s` }),
    options(item),
    gold(item),
    element("div", { className: "answers" },
      answer(state.first, item, state.measure),
      state.second ? answer(state.second, state.second.byId.get(item.id), state.measure) : null));
}

function options(item) {
  if (!item.options.length) return null;
  const lines = item.options.map((text, index) =>
    element("li", { className: index === item.choice ? "right" : "", textContent: index === item.choice ? `${text} (right)` : text }));
  return element("ol", { className: "small" }, ...lines);
}

function gold(item) {
  const text = [item.gold, spansText(item.gold_spans)].filter(Boolean).join(" · ");
  return element("p", {}, element("span", { className: "quiet", textContent: "Reference: " }),
    element("span", { className: "said", textContent: text || "an option" }));
}

function answer(report, item, chosen) {
  const made = element("article", { className: "answer" }, element("h3", { textContent: `${report.model} (${report.name})` }));
  if (!item) {
    made.append(element("p", { className: "none", textContent: "This question is not in the file." }));
    return made;
  }
  made.append(element("p", { className: `score ${outcomeOf(report, item, chosen)}`, textContent: scoreText(report, item, chosen) }));
  made.append(element("p", { className: "said", textContent: said(item) || `Nothing: ${item.status}${item.reason ? `, ${item.reason}` : ""}` }));
  if (spansText(item.spans)) made.append(element("p", { className: "small", textContent: `Seconds: ${spansText(item.spans)}` }));
  if (item.faults.length) made.append(element("p", { className: "small", textContent: `Faults: ${item.faults.join(", ")}` }));
  const values = report.measures.filter((measure) => measure.name in item.values && measure !== measureFor(report, item, chosen))
    .map((measure) => `${measure.name} ${shown(item.values[measure.name], measure)}`);
  if (values.length) made.append(element("p", { className: "small quiet", textContent: values.join(", ") }));
  made.append(...item.grades.map(grade));
  return made;
}

function grade(given) {
  const verdict = given.verdict ? `${given.verdict}, ` : "";
  const order = given.consistent === false ? `, ${given.order.replace("_", " ")}: depends on the order` : "";
  return element("p", { className: "small", textContent: `${given.judge}: ${verdict}${given.score} on ${given.rubric}${order}. ${given.reason}` });
}

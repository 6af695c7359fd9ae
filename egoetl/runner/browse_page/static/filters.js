// Which questions are found, and in which order.

import { byId, choices } from "./dom.js";
import { OUTCOMES, distance, outcomeOf, said } from "./reports.js";

const STATUSES = ["answered", "unparsed", "failed", "blocked", "missing"];

export function offer(report) {
  const filters = byId("filters");
  const distinct = (name) => [...new Set(report.items.map((item) => item[name]))].sort();
  const any = ["", "any"];
  choices(filters.task, [any, ...distinct("task").map((name) => [name, name])]);
  choices(filters.video, [any, ...distinct("video").map((name) => [name, name])]);
  const outcomes = Object.entries(OUTCOMES).map(([value, text]) => [value, text]);
  choices(filters.outcome, [any, ...outcomes, ...STATUSES.map((status) => [`status:${status}`, `status: ${status}`])]);
}

export function found(first, second, chosen) {
  const filters = byId("filters");
  const asked = {
    task: filters.task.value,
    video: filters.video.value,
    outcome: filters.outcome.value,
    text: filters.text.value.trim().toLowerCase(),
    differ: filters.differ.checked && second !== null,
    suspicious: filters.suspicious.checked,
  };
  const items = first.items.filter((item) => matches(item, asked, first, second, chosen));
  return items.sort(ordering(filters.order.value, first, second, chosen));
}

function matches(item, asked, first, second, chosen) {
  if (asked.task && item.task !== asked.task) return false;
  if (asked.video && item.video !== asked.video) return false;
  if (asked.outcome.startsWith("status:") && item.status !== asked.outcome.slice(7)) return false;
  if (asked.outcome in OUTCOMES && outcomeOf(first, item, chosen) !== asked.outcome) return false;
  if (asked.suspicious && !first.isSuspicious.has(item.id)) return false;
  const other = second && second.byId.get(item.id);
  if (asked.differ && (!other || difference(item, first, second, chosen) === 0)) return false;
  if (!asked.text) return true;
  return [item.id, item.question, item.gold, said(item), said(other)].some((text) => text.toLowerCase().includes(asked.text));
}

// By how much the second is nearer to the full score; a question that one of them has no score for differs most.
function difference(item, first, second, chosen) {
  const other = second && second.byId.get(item.id);
  return other ? Math.abs(distance(first, item, chosen) - distance(second, other, chosen)) : 0;
}

function ordering(name, first, second, chosen) {
  const byPlace = (a, b) => compareText(a.video, b.video) || a.end - b.end || a.start - b.start || compareText(a.id, b.id);
  if (name === "worst") {
    // Those without a score have no place among the worst: they come last.
    const rank = (item) => { const far = distance(first, item, chosen); return far > 1 ? -1 : far; };
    return (a, b) => rank(b) - rank(a) || byPlace(a, b);
  }
  if (name === "difference") return (a, b) => difference(b, first, second, chosen) - difference(a, first, second, chosen) || byPlace(a, b);
  return byPlace;
}

const compareText = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

// Reports as the server gives them, joined by the id of a question: equal texts are never taken for one question.

export class Refused extends Error {}

async function answered(response) {
  const said = await response.json().catch(() => ({}));
  if (!response.ok) throw new Refused(said.error || `The server answered ${response.status}.`);
  return said;
}

export const listed = async () => answered(await fetch("reports"));

export async function load(number) {
  const report = await answered(await fetch(`reports/${number}`));
  report.byId = new Map(report.items.map((item) => [item.id, item]));
  report.measureNamed = new Map(report.measures.map((measure) => [measure.name, measure]));
  report.isSuspicious = new Set(report.suspicious);
  return report;
}

export async function upload(file, benchmark) {
  const asked = new URLSearchParams({ name: file.name });
  if (benchmark) asked.set("benchmark", benchmark);
  return answered(await fetch(`upload?${asked}`, { method: "POST", body: file }));
}

// A value of a question, null where there is none: failed, unparsed, or the metric does not apply to it.
export function valueOf(item, measure) {
  return item && measure && measure.name in item.values ? item.values[measure.name] : null;
}

// The metric that an item is shown with: the one chosen, else the first that has something to say of it.
export function measureFor(report, item, chosen) {
  if (chosen && report) return report.measureNamed.get(chosen) || null;
  return (report && item && report.measures.find((measure) => measure.name in item.values)) || null;
}

export function outcomeOf(report, item, chosen) {
  const measure = measureFor(report, item, chosen);
  const value = valueOf(item, measure);
  if (value === null) return "none";
  const tiny = 1e-9 * (measure.high - measure.low);
  if (value >= measure.high - tiny) return "right";
  return value <= measure.low + tiny ? "wrong" : "between";
}

export const OUTCOMES = { right: "full score", between: "in between", wrong: "least score", none: "no score" };
export const MARKS = { right: "✓", between: "~", wrong: "✗", none: "–" };

export function shown(value, measure) {
  if (value === null || value === undefined) return "–";
  const scaled = value * measure.scale;
  return measure.scale >= 10 ? scaled.toFixed(1) : String(Math.round(scaled * 1000) / 1000);
}

export function scoreText(report, item, chosen) {
  if (!item) return "not asked";
  const measure = measureFor(report, item, chosen);
  const value = valueOf(item, measure);
  if (value === null) return `${MARKS.none} ${item.status}`;
  return `${MARKS[outcomeOf(report, item, chosen)]} ${shown(value, measure)}`;
}

// How far an item is from the full score, from 0 to 1; 2 where it has no score, so that those come after all others.
export function distance(report, item, chosen) {
  const measure = measureFor(report, item, chosen);
  const value = valueOf(item, measure);
  return value === null ? 2 : (measure.high - value) / (measure.high - measure.low || 1);
}

export const said = (item) => (item ? item.said.join("\n") : "");
export const spansText = (spans) => (spans && spans.length ? spans.map(([start, end]) => `${start}–${end} s`).join(", ") : "");
export const secondsText = (seconds) => `${Math.round(seconds * 10) / 10}`;

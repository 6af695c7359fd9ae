// What is ticked, else everything that was found, as a file.

import { element } from "./dom.js";

export function selection(state) {
  return state.ticked.size ? state.first.items.filter((item) => state.ticked.has(item.id)) : state.found;
}

export function asJson(state) {
  const reports = [state.first, state.second].filter(Boolean);
  const about = reports.map(({ name, run, model, benchmark }) => ({ name, run, model, benchmark }));
  const items = selection(state).map((item) => ({
    question_id: item.id, task: item.task, video_id: item.video, start: item.start, end: item.end, question: item.question,
    options: item.options, choice: item.choice, answer: item.gold, spans: item.gold_spans,
    answers: reports.map((report) => answerOf(report.byId.get(item.id))),
  }));
  return JSON.stringify({ reports: about, items }, null, 1);
}

function answerOf(item) {
  if (!item) return null;
  const { status, reason, said, spans, faults, grades, values } = item;
  return { status, reason, said, spans, faults, grades, values };
}

export function asCsv(state) {
  const reports = [state.first, state.second].filter(Boolean);
  const heads = ["question_id", "task", "video_id", "start", "end", "question", "answer"];
  reports.forEach((report, index) => {
    const place = reports.length > 1 ? `_${index + 1}` : "";
    heads.push(`model${place}`, `status${place}`, `prediction${place}`, ...report.measures.map((measure) => `${measure.name}${place}`));
  });
  const rows = selection(state).map((item) => [item.id, item.task, item.video, item.start, item.end, item.question, item.gold,
    ...reports.flatMap((report) => columns(report, report.byId.get(item.id)))]);
  return [heads, ...rows].map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function columns(report, item) {
  const values = report.measures.map((measure) => (item && item.values[measure.name]) ?? "");
  return [report.model, item ? item.status : "", item ? item.said.join("\n") : "", ...values];
}

// A text that begins as a formula does would be run by a spreadsheet: an apostrophe before it keeps it a text.
function cell(value) {
  if (typeof value === "number") return String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export function save(text, name, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = element("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

// The video of the chosen question; its questions light up when playback reaches their times.

import { byId, element, fill } from "./dom.js";
import { outcomeOf, said, scoreText, secondsText } from "./reports.js";

const OVER_VIDEO = 2;
let state = null;
let items = [];
let onChoose = () => {};
let hidden = false;
let litBefore = null;

export function setUp(choose) {
  onChoose = choose;
  const video = byId("video");
  for (const event of ["timeupdate", "seeked", "loadedmetadata", "ended"]) video.addEventListener(event, follow);
  video.addEventListener("loadedmetadata", drawTimeline);
  video.addEventListener("error", () => why());
  byId("hide").addEventListener("click", () => {
    hidden = !hidden;
    byId("hide").setAttribute("aria-pressed", String(hidden));
    byId("hide").textContent = hidden ? "Show questions over the video" : "Hide questions over the video";
    litBefore = null;
    follow();
  });
}

// Show an item: its video, at the item's time, and the questions of that video.
export function show(current, item) {
  state = current;
  items = current.first.items.filter((each) => each.file === item.file).sort((a, b) => timeOf(a) - timeOf(b) || a.start - b.start);
  byId("stage").hidden = false;
  byId("siblings").hidden = false;
  const video = byId("video");
  if (video.dataset.file !== String(item.file)) {
    video.dataset.file = item.file;
    byId("trouble").textContent = "";
    video.src = `video/${item.file}`;
    video.addEventListener("loadedmetadata", () => seek(item), { once: true });
  } else if (video.readyState >= 1) seek(item);
  litBefore = null;
  drawTimeline();
  drawSiblings();
  follow();
}

// When a question lights up: while playback is within its window, or, for one that is asked after what it is about, from its end on.
export function lit(report, all, seconds, ended) {
  if (report.asked_at === "window") return all.filter((item) => item.start <= seconds && (seconds < item.end || (ended && item.end >= seconds)));
  const asked = all.filter((item) => item.end <= seconds + 1e-3 || ended);
  const last = Math.max(...asked.map((item) => item.end));
  return asked.filter((item) => item.end === last);
}

const timeOf = (item) => (state.first.asked_at === "end" ? item.end : item.start);

function seek(item) {
  const video = byId("video");
  const length = Number.isFinite(video.duration) ? video.duration : Infinity;
  video.currentTime = Math.min(timeOf(item), Math.max(0, length - 0.05));
}

function follow() {
  if (state === null) return;
  const video = byId("video");
  const length = Number.isFinite(video.duration) ? `${secondsText(video.duration)} s` : "–";
  byId("clock").textContent = `${secondsText(video.currentTime)} of ${length}`;
  const hand = byId("timeline").querySelector("i");
  if (hand && Number.isFinite(video.duration)) hand.style.left = `${(100 * video.currentTime) / video.duration}%`;
  const now = lit(state.first, items, video.currentTime, video.ended);
  const key = now.map((item) => item.id).join("\n");
  if (key !== litBefore) light(now);
  litBefore = key;
}

function light(now) {
  const ids = new Set(now.map((item) => item.id));
  for (const marked of document.querySelectorAll("#timeline button, #of-video li")) marked.classList.toggle("lit", ids.has(marked.dataset.id));
  const overlay = byId("overlay");
  overlay.hidden = hidden || !now.length;
  // The chosen one first, then those that began last: a question about the whole video must not hide the others.
  const ahead = (item) => (item.id === state.chosen ? Infinity : item.start);
  const inOrder = [...now].sort((a, b) => (ahead(a) === ahead(b) ? 0 : ahead(b) - ahead(a)));
  fill(overlay, ...inOrder.slice(0, OVER_VIDEO).flatMap(lines), now.length > OVER_VIDEO
    ? element("p", { textContent: `and ${now.length - OVER_VIDEO} more below` }) : null);
}

function lines(item) {
  const models = [[state.first, item], [state.second, state.second && state.second.byId.get(item.id)]].filter(([report]) => report);
  return [
    element("p", {}, element("b", { textContent: item.question }), item.gold ? ` (${item.gold})` : ""),
    ...models.map(([report, each]) => element("p", { className: outcomeOf(report, each, state.measure), textContent:
      `${models.length > 1 ? `${report.model}: ` : ""}${scoreText(report, each, state.measure)} ${said(each)}` })),
  ];
}

function drawTimeline() {
  if (state === null) return;
  const video = byId("video");
  const length = Number.isFinite(video.duration) ? video.duration : Math.max(...items.map((item) => item.end));
  const marks = items.map((item) => {
    const at = secondsText(timeOf(item));
    const mark = element("button", { type: "button", className: outcomeOf(state.first, item, state.measure),
      title: `${at} s: ${item.question}`, "aria-label": `Question at ${at} seconds: ${item.question}` });
    mark.dataset.id = item.id;
    mark.style.left = `${Math.min(99, (100 * timeOf(item)) / (length || 1))}%`;
    mark.addEventListener("click", () => onChoose(item));
    return mark;
  });
  fill(byId("timeline"), ...marks, element("i", { "aria-hidden": "true" }));
  litBefore = null;
}

function drawSiblings() {
  fill(byId("of-video"), ...items.map((item) => {
    const open = element("button", { type: "button", textContent: `${secondsText(timeOf(item))} s  ${item.question}` });
    open.addEventListener("click", () => onChoose(item));
    const line = element("li", {}, open, element("div", { className: "quiet", textContent: item.gold }), ...lines(item).slice(1));
    line.dataset.id = item.id;
    return line;
  }));
}

// A video element does not say what the server said.
async function why() {
  const file = byId("video").dataset.file;
  const response = await fetch(`video/${file}`, { headers: { Range: "bytes=0-0" } });
  const told = response.ok ? { error: "The browser cannot play this video; its format or codec is not one that it knows." }
    : await response.json().catch(() => ({ error: `The server answered ${response.status}.` }));
  if (byId("video").dataset.file === file) byId("trouble").textContent = told.error;
}

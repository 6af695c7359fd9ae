// The page: what is open, what is found, what is chosen.

import * as detail from "./detail.js";
import { byId, choices, fill, say } from "./dom.js";
import { asCsv, asJson, save } from "./exporting.js";
import { found, offer } from "./filters.js";
import * as list from "./list.js";
import * as player from "./player.js";
import { Refused, listed, load, upload } from "./reports.js";
import * as totals from "./totals.js";

const state = { first: null, second: null, measure: "", found: [], ticked: new Set(), chosen: null };
const loaded = new Map();
let asked = 0;

async function report(number) {
  if (number === "") return null;
  if (!loaded.has(number)) loaded.set(number, await load(number));
  return loaded.get(number);
}

async function offerReports(chosen) {
  const { reports, benchmarks } = await listed();
  const names = reports.map((each) => [String(each.number), `${each.model} (${each.name})`]);
  choices(byId("first"), names);
  choices(byId("second"), [["", "nothing"], ...names]);
  choices(byId("benchmark"), [["", "the file is a report"], ...benchmarks.map((name) => [name, name])]);
  if (chosen !== undefined) byId("first").value = String(chosen);
  if (!reports.length) say("Nothing is open yet: upload a report, or predictions with their benchmark.");
  return reports.length;
}

async function open() {
  const turn = ++asked;
  const [first, second] = await Promise.all([report(byId("first").value), report(byId("second").value)]);
  // Somebody has chosen another meanwhile.
  if (turn !== asked || first === null) return;
  if (first !== state.first) state.ticked.clear();
  Object.assign(state, { first, second });
  document.body.classList.toggle("two", second !== null);
  choices(byId("measure"), [["", "each by its first metric"], ...first.measures.map(({ name }) => [name, name])]);
  state.measure = byId("measure").value;
  offer(first);
  find();
  const chosen = state.chosen && first.byId.get(state.chosen);
  if (chosen) choose(chosen);
}

function find() {
  if (state.first === null) return;
  state.found = found(state.first, state.second, state.measure);
  list.toFirst();
  drawList();
  totals.draw(state);
}

function drawList() {
  list.draw(state, choose, (id, on) => {
    if (on) state.ticked.add(id);
    else state.ticked.delete(id);
    drawList();
  });
}

function choose(item) {
  state.chosen = item.id;
  for (const row of byId("list").tBodies[0].rows) row.className = row.dataset.id === item.id ? "chosen" : "";
  detail.draw(state, item);
  player.show(state, item);
}

function guarded(work) {
  return async (event) => {
    event.preventDefault();
    try {
      await work(event);
    } catch (error) {
      say(error instanceof Refused ? error.message : "The server does not answer; it was ended, or the file is too large.", true);
    }
  };
}

async function uploadFile() {
  const file = byId("file").files[0];
  say(`Opening ${file.name} …`);
  const opened = await upload(file, byId("benchmark").value);
  await offerReports(opened.number);
  await open();
  say(`${file.name} is open: ${opened.questions} questions.`);
}

function turnPage(by) {
  list.turn(by);
  drawList();
}

player.setUp(choose);
for (const id of ["first", "second"]) byId(id).addEventListener("change", guarded(open));
byId("measure").addEventListener("change", () => {
  state.measure = byId("measure").value;
  find();
  const chosen = state.first && state.first.byId.get(state.chosen);
  if (chosen) choose(chosen);
});
byId("filters").addEventListener("input", find);
byId("filters").addEventListener("submit", (event) => event.preventDefault());
byId("upload").addEventListener("submit", guarded(uploadFile));
byId("back").addEventListener("click", () => turnPage(-1));
byId("on").addEventListener("click", () => turnPage(1));
byId("all").addEventListener("change", () => {
  for (const item of state.found) {
    if (byId("all").checked) state.ticked.add(item.id);
    else state.ticked.delete(item.id);
  }
  drawList();
});
byId("json").addEventListener("click", () => state.first && save(asJson(state), "selection.json", "application/json"));
byId("csv").addEventListener("click", () => state.first && save(asCsv(state), "selection.csv", "text/csv"));

guarded(async () => {
  if (await offerReports()) await open();
})(new Event("start"));
fill(byId("detail"));

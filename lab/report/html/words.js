// Data is put in as text alone: what a record says is never markup.
const data = JSON.parse(document.getElementById("cglab-data").textContent);
const runs = data.runs;
const main = document.getElementById("main");
const colors = ["#2f7ed8", "#d9822b", "#3d9970", "#a347ba", "#c0392b", "#7f8c8d"];

function make(tag, text, kind) {
  const element = document.createElement(tag);
  if (text !== undefined && text !== null) element.textContent = String(text);
  if (kind) element.className = kind;
  return element;
}
function add(parent, ...children) { parent.append(...children); return parent; }
function size(bytes) {
  if (bytes === null || bytes === undefined) return "unknown";
  if (bytes === "max") return "max";
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes, unit = 0;
  while (value >= 1024 && unit < units.length - 1) { value /= 1024; ++unit; }
  return `${Number.isInteger(value) ? value : value.toFixed(1)} ${units[unit]}`;
}
function exact(bytes) {
  return typeof bytes === "number" && bytes >= 1024 ? `${size(bytes)} (${bytes} bytes)` : size(bytes);
}
function ms(ns) { return ns === null || ns === undefined ? "unknown" : `${(ns / 1e6).toFixed(3)} ms`; }
function known(value) { return value === null || value === undefined ? "unknown" : String(value); }
function change(before, after) { return `${known(before)} → ${known(after)}`; }
function section(title) { main.append(make("h2", title)); }
function table(head, rows) {
  const result = make("table");
  if (head) add(result, add(make("thead"), add(make("tr"), ...head.map((text) => make("th", text)))));
  const body = make("tbody");
  for (const row of rows) {
    add(body, add(make("tr"), ...row.map((cell, i) => cell instanceof Node ? add(make("td"), cell)
      : make(i === 0 && !head ? "th" : "td", cell))));
  }
  main.append(add(result, body));
}
function download(name, type, text) {
  const link = make("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
function headline({ record, as_expected: isGood }) {
  const { status } = record.verdict;
  if (record.plan.control && ["survived", "as_predicted", "not_as_predicted"].includes(status)) {
    return make("span", isGood ? "✓ CONTROL RUN AS EXPECTED" : "✗ CONTROL RUN FAILED", isGood ? "good" : "bad");
  }
  return make("span", `${isGood ? "✓" : "✗"} ${status.replaceAll("_", " ").toUpperCase()}`,
    isGood ? "good" : "bad");
}
function timeOf(record, kind) {
  const event = record.events.find((each) => each.kind === kind);
  return event ? event.time_ns : null;
}
// The interface files with their names on both versions.
function namesOf(file) { return data.files.find((each) => each.file === file).names; }
function limitOf(record, file) {
  const names = namesOf(file);
  const found = record.limits.find((limit) => names.includes(limit.file) && typeof limit.actual === "number");
  return found ? found.actual : null;
}
function hardLimit(record) { return limitOf(record, "memory_max"); }
// Flags and counts of tasks are no bytes.
function holdsSize(name) { return data.files.some((each) => each.holds_size && each.names.includes(name)); }
function limitValue(limit) {
  if (!holdsSize(limit.file)) return known(limit.actual);
  const rewritten = limit.at_end != null && limit.at_end !== limit.actual;
  return exact(limit.actual) + (rewritten ? `, at the end ${exact(limit.at_end)}` : "");
}
function endOf(process) {
  if (process.pid === 0) return "was not started";
  if (process.ended_by_cglab) return "still running at the end (killed by cglab)";
  if (process.signal !== null) return `ended by signal ${process.signal}`;
  return process.exit_code !== null ? `exited with ${process.exit_code}` : "end unknown";
}
// Whether the verdict is by claims, and not on the end of one process.
function makesClaims(record) { return record.verdict.claims.length > 0; }
// The hog, or the command.
function mainProcess(record) { return record.processes[0]; }
// `text` with the name of what it is about where a run has several such.
function about(record, name, text) {
  return makesClaims(record) ? [name, text].filter((each) => each !== "").join(": ") : text;
}
// The usage of each cgroup; of a run that makes no claims, of the first alone.
function curvesOf(record) {
  const { time_ns, usage } = record.samples;
  return makesClaims(record)
    ? record.cgroups.map((cgroup, i) => ({ label: cgroup.name, time: time_ns, values: usage[i] }))
    : [{ label: "usage", time: time_ns, values: usage[0] }];
}

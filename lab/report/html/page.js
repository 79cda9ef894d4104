// The page of one run, or of several.
function counterRows(record) {
  const { before, after } = record.evidence;
  // cgroup v1 counts in each cgroup alone.
  const whose = record.environment.memory_hierarchy === "v1" ? "sum of this cgroup's and those below" : "this cgroup and below";
  const rows = [[`oom_kill (${whose})`, change(before.oom_kill, after.oom_kill)]];
  if (after.failcnt !== null) rows.push([namesOf("memory_failcnt")[0], change(before.failcnt, after.failcnt)]);
  for (const [key, file] of [["local_events", "memory_events_local"], ["events", "memory_events"]]) {
    if (!after[key] || !before[key]) continue;
    for (const each of Object.keys(after[key])) rows.push([`${each} (${namesOf(file)[0]})`, change(before[key][each], after[key][each])]);
  }
  return rows;
}
function splitRows(record) {
  const split = record.peak && record.peak.split;
  if (!split) return [];
  const parts = [["anon", split.anon], ["file (reclaimable)", split.file], ["shmem", split.shmem], ["kernel", split.kernel]]
    .filter(([, part]) => part !== null);
  // Statistics lag behind the usage, and v1 has none of kernel memory.
  const other = split.usage - parts.reduce((sum, [, part]) => sum + part, 0);
  if (other > 0) parts.push(["other", other]);
  const texts = parts.map(([name, part]) => `${name} ${size(part)}`);
  return [["highest sample", `${size(split.usage)} at ${ms(split.time_ns)}: ${texts.join(", ")}`]];
}
function claims(record) {
  section("Claims");
  table(["", "claim", "what was read", "seen", "expected"], record.verdict.claims.map((claim) => [
    make("span", claim.held === null ? "?" : claim.held ? "✓" : "✗", claim.held === false ? "bad" : "good"),
    claim.text, claim.what, claim.seen, claim.expected]));
  section("Processes");
  table(["name", "cgroup", "pid", "end", "touched"], record.processes.map((process) => [process.name, process.cgroup, process.pid,
    endOf(process), exact(process.touched)]));
}
function environmentRows(record) {
  const e = record.environment;
  return [["kernel", e.kernel], ["machine", `${e.machine}, ${e.cpus} CPUs${e.emulated === true ? ", emulated" : ""}`],
    ["memory controller", `cgroup ${e.memory_hierarchy} (${e.cgroup_mode} host)`],
    ["memory", exact(e.memory_total)], ["swap", exact(e.swap_total)], ["page size", known(e.page_size)],
    ["transparent huge pages", known(e.thp)], ["PSI", e.psi ? "on" : "off"], ["root", e.root ? "yes" : "no"]];
}
function one(run) {
  const { record } = run;
  document.title = `cglab ${record.plan.experiment}: ${record.verdict.status}`;
  const head = document.getElementById("head");
  add(head, make("div", `cglab ${record.plan.experiment}${record.plan.control ? " (control run)" : ""} · ${run.name}`, "dim"),
    add(make("h1"), headline(run)), make("p", record.verdict.reason));
  if (record.verdict.findings.length) {
    const list = make("ul");
    record.verdict.findings.forEach((finding) => list.append(make("li", finding.text)));
    add(head, list);
  }
  if (makesClaims(record)) {
    add(head, make("p", record.plan.question), make("p", `Predicted: ${record.plan.prediction}`, "dim"));
  }
  section("Memory over time");
  noteThinned();
  usageChart(record);
  statCharts(record);
  if (makesClaims(record)) claims(record);
  section("Proof");
  const process = mainProcess(record);
  const { victims, victims_absent_because } = record.evidence;
  const child = [["child", `pid ${process.pid}, ${endOf(process)}`], ["touched by the program", exact(process.touched)]];
  table(null, [...(makesClaims(record) ? [] : child),
    ["peak", record.peak ? `${exact(record.peak.bytes)}, ${record.peak.source}` : "unknown"], ...splitRows(record), ...counterRows(record),
    ["kernel log", victims.length ? victims.flatMap((victim) => victim.lines).join("\n") : known(victims_absent_because)]]);
  section("Limits");
  table(["file", "asked", "the kernel has", "refusal"], record.limits.map((limit) => [about(record, limit.cgroup, limit.file), limit.asked,
    limitValue(limit), limit.error === null ? "" : limit.error]));
  section("Events");
  const list = lettered(record).map((event) => [add(make("span", event.letter, "mark")), data.events[event.kind],
    ms(event.time_ns), about(record, event.subject, event.source)]);
  table(["", "event", "time", "source"], list);
  main.lastChild.id = "events";
  section("Environment");
  table(null, [...environmentRows(record), ["cgroup", record.cgroups[0].path],
    ["left behind", record.cleanup.left.length ? record.cleanup.left.join(", ") : "nothing"]]);
}
function emulatedMark(record, text) { return record.environment.emulated === true ? `${text} (emulated)` : text; }
// Items of all runs that make claims with the same key in a row: the first run's, then what only later ones have.
function itemsOfAll(head, title, itemsOf, key, cell) {
  const all = runs.map((run) => makesClaims(run.record) ? itemsOf(run.record) : []);
  const keys = new Set(all.flatMap((items) => items.map((item) => item[key])));
  if (!keys.size) return;
  section(title);
  table(head, [...keys].map((each) => [each, ...all.map((items) => {
    const found = items.find((item) => item[key] === each);
    return found ? cell(found) : "-";
  })]));
}
function claimCell(claim) {
  return make("span", `${claim.held === null ? "unknown" : claim.held ? "✓ yes" : "✗ no"}: ${claim.seen}`, claim.held === false ? "bad" : "good");
}
function controlOf(record) {
  if (!record.plan.control_run) return "-";
  return record.plan.control ? `yes: ${record.plan.control_run}` : "no";
}
function several() {
  document.title = `cglab: ${runs.length} runs compared`;
  add(document.getElementById("head"), make("h1", `${runs.length} runs compared`));
  const head = ["", ...runs.map((run) => run.name)];
  const columns = runs.map((run) => [...environmentRows(run.record), ["control run", controlOf(run.record)]]);
  section("Differences in the environment and the plan");
  const differing = columns[0].map(([label], i) => [label, ...columns.map((each) => each[i][1])])
    .filter((row) => new Set(row.slice(1)).size > 1);
  if (differing.length) table(head, differing);
  else main.append(make("p", "No differences."));
  const emulated = runs.filter((run) => run.record.environment.emulated === true).map((run) => run.name);
  if (emulated.length) {
    main.append(make("p", `Emulated by software: ${emulated.join(", ")}. The behaviour and the counters are a real kernel's; ` +
      "the times are the emulator's and compare with no other machine's.", "note"));
  }
  section("Results");
  const row = (label, read) => [label, ...runs.map((run) => read(run.record))];
  const span = (record, from, to) => {
    const end = timeOf(record, to);
    return from === null || end === null ? "not seen" : emulatedMark(record, ms(end - from));
  };
  const ofChild = (label, read) => row(label, (r) => makesClaims(r) ? "-" : read(r));
  const child = runs.every((run) => makesClaims(run.record)) ? [] : [
    ofChild("touched", (r) => exact(mainProcess(r).touched)),
    ofChild("child", (r) => endOf(mainProcess(r))),
    ofChild("time to the end", (r) => span(r, 0, "reaped")),
    ofChild("detection after the last touch", (r) => span(r, mainProcess(r).last_touch_ns, "notification")),
  ];
  table(head, [
    ["verdict", ...runs.map((run) => headline(run))],
    row("experiment", (r) => r.plan.experiment),
    row("limit", (r) => exact(hardLimit(r))),
    row("peak", (r) => r.peak ? exact(r.peak.bytes) : "unknown"),
    row("oom_kill", (r) => change(r.evidence.before.oom_kill, r.evidence.after.oom_kill)),
    ...child,
  ]);
  itemsOfAll(head, "Processes", (r) => r.processes, "name", (process) => `${endOf(process)}; touched ${exact(process.touched)}`);
  itemsOfAll(head, "Claims", (r) => r.verdict.claims, "text", claimCell);
  section("Usage, from the gate on");
  noteThinned();
  const curves = runs.flatMap((run, i) => curvesOf(run.record).map((curve) => ({
    ...curve, label: `${i + 1}: ${run.name}${makesClaims(run.record) ? `, ${curve.label}` : ""}`,
  })));
  chart("", ["time", ...curves.map((curve) => curve.label)], merge(curves), { format: size, more: { labelsKMG2: true } });
}
function controls() {
  const bar = make("div", null, "bar");
  const theme = make("button", "Dark / light");
  theme.addEventListener("click", () => {
    const dark = document.documentElement.dataset.theme === "dark";
    document.documentElement.dataset.theme = dark ? "light" : "dark";
    charts.forEach((graph) => graph.updateOptions({}));
  });
  bar.append(theme);
  runs.forEach((run, i) => {
    const label = runs.length > 1 ? ` of run ${i + 1}` : "";
    const thinned = isThinned(run);
    const samples = make("button", thinned ? `Samples shown${label} (${shownOf(run)} of ${run.samples_in_all}), as CSV` : `Samples${label} as CSV`);
    samples.addEventListener("click", () => download("samples.csv", "text/csv", csv(run.record)));
    const record = make("button", `Record${label} as JSON${thinned ? ", with the samples shown" : ""}`);
    record.addEventListener("click", () => download("record.json", "application/json", JSON.stringify(run.record, null, 2)));
    bar.append(samples, record);
  });
  bar.append(make("span", "Drag in a chart to zoom, shift-drag to pan, double-click to go back.", "dim"));
  document.getElementById("head").append(bar);
}
if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.dataset.theme = "dark";
if (runs.length === 1) one(runs[0]); else several();
controls();

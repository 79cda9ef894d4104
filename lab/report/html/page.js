// The page of one run, or of several.
function counterRows(record) {
  const { before, after } = record.counters;
  const rows = [["oom_kill (this cgroup and below)", change(before.oom_kill, after.oom_kill)]];
  if (after.failcnt !== null) rows.push([namesOf("memory_failcnt")[0], change(before.failcnt, after.failcnt)]);
  for (const [key, file] of [["local_events", "memory_events_local"], ["events", "memory_events"]]) {
    if (!after[key] || !before[key]) continue;
    for (const each of Object.keys(after[key])) rows.push([`${each} (${namesOf(file)[0]})`, change(before[key][each], after[key][each])]);
  }
  return rows;
}
function claims(scenario) {
  section("Claims");
  table(["", "claim", "what was read", "seen", "expected"], scenario.claims.map((claim) => [
    make("span", claim.held === null ? "?" : claim.held ? "✓" : "✗", claim.held === false ? "bad" : "good"),
    claim.text, claim.what, claim.seen, claim.expected]));
  section("Processes");
  table(["name", "cgroup", "pid", "end", "touched"], scenario.actors.map((actor) => [actor.name, actor.group, actor.pid,
    endOfActor(actor), exact(actor.touched)]));
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
  add(head, make("div", `cglab ${record.plan.experiment}${record.scenario && record.scenario.control ? " (control run)" : ""} · ${run.name}`, "dim"),
    add(make("h1"), headline(record)), make("p", record.verdict.reason));
  if (record.scenario) {
    add(head, make("p", record.scenario.question), make("p", `Predicted: ${record.scenario.prediction}`, "dim"));
  }
  section("Memory over time");
  noteThinned();
  usageChart(record);
  statCharts(record);
  if (record.scenario) claims(record.scenario);
  section("Proof");
  const child = [["child", `pid ${record.child.pid}, ${endOf(record.child)}`], ["touched by the program", exact(record.child.touched)]];
  table(null, [...(record.scenario ? [] : child),
    ["peak", record.peak ? `${exact(record.peak.bytes)}, ${record.peak.source}` : "unknown"], ...counterRows(record),
    ["kernel log", record.victim ? [record.victim, ...record.other_victims].flatMap((victim) => victim.lines).join("\n") : known(record.victim_absent_because)]]);
  section("Limits");
  table(["file", "asked", "the kernel has", "refusal"], record.limits.map((limit) => [limit.group ? `${limit.group}: ${limit.file}` : limit.file, limit.asked,
    limitValue(limit), limit.error === null ? "" : limit.error]));
  section("Events");
  const list = lettered(record).map((event) => [add(make("span", event.letter, "mark")), names[event.kind] || event.kind, ms(event.time_ns), event.source]);
  table(["", "event", "time", "source"], list);
  main.lastChild.id = "events";
  section("Environment");
  table(null, [...environmentRows(record), ["cgroup", record.group],
    ["left behind", record.cleanup.left.length ? record.cleanup.left.join(", ") : "nothing"]]);
}
function emulatedMark(record, text) { return record.environment.emulated === true ? `${text} (emulated)` : text; }
// Items of all scenarios with the same key in a row: the first run's, then what only later ones have.
function itemsOfAll(head, title, list, key, cell) {
  const all = runs.map((run) => run.record.scenario ? run.record.scenario[list] : []);
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
function controlOf({ scenario }) {
  if (!scenario) return "-";
  return scenario.control ? `yes: ${scenario.knob}` : "no";
}
function several() {
  document.title = `cglab: ${runs.length} runs compared`;
  add(document.getElementById("head"), make("h1", `${runs.length} runs compared`));
  const head = ["", ...runs.map((run) => run.name)];
  const columns = runs.map((run) => [...environmentRows(run.record), ["control run", controlOf(run.record)]]);
  section("What differs in the environment and the plan");
  const differing = columns[0].map(([label], i) => [label, ...columns.map((each) => each[i][1])])
    .filter((row) => new Set(row.slice(1)).size > 1);
  if (differing.length) table(head, differing);
  else main.append(make("p", "Nothing that the records tell."));
  const emulated = runs.filter((run) => run.record.environment.emulated === true).map((run) => run.name);
  if (emulated.length) {
    main.append(make("p", `Emulated by software: ${emulated.join(", ")}. The behaviour and the counters are a real kernel's; ` +
      "the times are the emulator's and compare with no other machine's.", "note"));
  }
  section("What came of it");
  const row = (label, read) => [label, ...runs.map((run) => read(run.record))];
  const span = (record, from, to) => {
    const end = timeOf(record, to);
    return from === null || end === null ? "not seen" : emulatedMark(record, ms(end - from));
  };
  const ofChild = (label, read) => row(label, (r) => r.scenario ? "-" : read(r));
  const child = runs.every((run) => run.record.scenario) ? [] : [
    ofChild("touched", (r) => exact(r.child.touched)),
    ofChild("child", (r) => endOf(r.child)),
    ofChild("time to the end", (r) => span(r, 0, "reaped")),
    ofChild("detection after the last touch", (r) => span(r, r.child.last_touch_ns, "notification")),
  ];
  table(head, [
    ["verdict", ...runs.map((run) => headline(run.record))],
    row("experiment", (r) => r.plan.experiment),
    row("limit", (r) => exact(hardLimit(r))),
    row("peak", (r) => r.peak ? exact(r.peak.bytes) : "unknown"),
    row("oom_kill", (r) => change(r.counters.before.oom_kill, r.counters.after.oom_kill)),
    ...child,
  ]);
  itemsOfAll(head, "Processes", "actors", "name", (actor) => `${endOfActor(actor)}; touched ${exact(actor.touched)}`);
  itemsOfAll(head, "Claims", "claims", "text", claimCell);
  section("Usage, from the gate on");
  noteThinned();
  const curves = runs.flatMap((run, i) => curvesOf(run.record).map((curve) => ({
    ...curve, label: `${i + 1}: ${run.name}${run.record.scenario ? `, ${curve.label}` : ""}`,
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

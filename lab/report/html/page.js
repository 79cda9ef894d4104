"use strict";
// Data is put in as text alone: what a record says is never markup.
(() => {
  const data = JSON.parse(document.getElementById("cglab-data").textContent);
  const runs = data.runs;
  const main = document.getElementById("main");
  const colors = ["#2f7ed8", "#d9822b", "#3d9970", "#a347ba", "#c0392b", "#7f8c8d"];
  const charts = [];

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
  const good = new Set(["oom_killed", "as_predicted"]);
  function headline(record) {
    const isGood = good.has(record.verdict.status);
    return make("span", `${isGood ? "✓" : "✗"} ${record.verdict.status.replaceAll("_", " ").toUpperCase()}`,
      isGood ? "good" : "bad");
  }
  const names = {
    group_created: "cgroup made", limit_set: "limit set", limit_refused: "limit refused",
    child_started: "child started", child_moved: "moved", gate_opened: "gate opened",
    notification: "first notification", kill_seen: "kill seen", child_exited: "end seen",
    reaped: "reaped", signal_forwarded: "signal passed on", tree_killed: "all killed",
    tree_ended: "all ended", deadline: "deadline", interrupted: "interrupted",
    step: "step", actor_ended: "process ended",
  };
  function timeOf(record, kind) {
    const event = record.events.find((each) => each.kind === kind);
    return event ? event.time_ns : null;
  }
  function hardLimit(record) {
    const hard = record.limits.filter((limit) => limit.file === "memory.max" || limit.file === "memory.limit_in_bytes");
    const last = hard.find((limit) => typeof limit.actual === "number");
    return last ? last.actual : null;
  }

  // A chart of columns over seconds. `marks` are [{time, letter}].
  function chart(kind, labels, rows, options, marks) {
    const box = make("div", null, `chart ${kind}`);
    const legend = make("div", null, "legend");
    main.append(box, legend);
    const graph = new Dygraph(box, rows, {
      labels, legend: "always", labelsDiv: legend, colors, strokeWidth: 2, connectSeparatedPoints: true,
      gridLineColor: "rgba(128,128,128,0.3)", axisLineColor: "rgba(128,128,128,0.6)",
      includeZero: true, xlabel: "", animatedZooms: false,
      axes: {
        x: { valueFormatter: (s) => `${s.toFixed(4)} s`, axisLabelFormatter: (s) => `${Number(s.toFixed(4))} s` },
        y: { valueFormatter: options.format, axisLabelFormatter: options.format, axisLabelWidth: 80 },
      },
      underlayCallback: (context, area, self) => {
        context.font = "bold 13px sans-serif";
        let row = 0, lastX = -100;
        for (const mark of marks || []) {
          const x = self.toDomXCoord(mark.time);
          if (x < area.x || x > area.x + area.w) continue;
          row = x - lastX < 16 ? row + 1 : 0;
          lastX = x;
          context.strokeStyle = context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--accent");
          context.setLineDash([4, 3]);
          context.beginPath(); context.moveTo(x, area.y); context.lineTo(x, area.y + area.h); context.stroke();
          context.setLineDash([]);
          const nearEnd = x > area.x + area.w - 16;
          context.fillText(mark.letter, nearEnd ? x - 13 : x + 3, area.y + 12 + 14 * row);
        }
      },
      ...options.more,
    });
    charts.push(graph);
  }
  function lettered(record) {
    return record.events.map((event, i) => ({
      ...event, time: event.time_ns / 1e9,
      letter: i < 26 ? String.fromCharCode(65 + i) : `${i + 1}`,
    }));
  }
  // One row for each time of any series; what a series lacks there is null.
  function merge(series) {
    const rows = new Map();
    series.forEach(({ time, values }, column) => time.forEach((t, i) => {
      if (!rows.has(t)) rows.set(t, new Array(series.length).fill(null));
      rows.get(t)[column] = values[i];
    }));
    return [...rows.keys()].sort((a, b) => a - b).map((t) => [t / 1e9, ...rows.get(t)]);
  }
  function usageChart(record) {
    const { samples, scenario } = record;
    const series = scenario
      ? scenario.groups.map((group) => ({ label: group.name, time: group.samples.time_ns, values: group.samples.usage }))
      : [{ label: "usage", time: samples.time_ns, values: samples.usage }];
    if (samples.touched && samples.touched.length && !scenario) {
      series.push({ label: "touched by the program", time: samples.time_ns, values: samples.touched });
    }
    const limit = hardLimit(record);
    if (limit !== null && samples.time_ns.length) {
      const ends = [samples.time_ns[0], samples.time_ns[samples.time_ns.length - 1]];
      series.push({ label: "limit", time: ends, values: [limit, limit] });
    }
    chart("", ["time", ...series.map((each) => each.label)], merge(series),
      { format: size, more: { labelsKMG2: true } }, lettered(record));
  }
  function statCharts(record) {
    const stat = record.samples.stat;
    if (!stat || stat.time_ns.length < 2) return;
    const parts = ["kernel", "shmem", "file", "anon"]
      .filter((key) => stat[key] && stat[key].some((bytes) => bytes > 0));
    if (parts.length === 0) return;
    section("What it consisted of (memory.stat)");
    chart("small", ["time", ...parts], stat.time_ns.map((t, i) => [t / 1e9, ...parts.map((key) => stat[key][i])]),
      { format: size, more: { stackedGraph: true, labelsKMG2: true } });
    if (!stat.stalled_us || !stat.stalled_us.some((each) => each > 0)) return;
    section("Pressure: share of the time in which a task waited for memory");
    const rows = [];
    for (let i = 1; i < stat.time_ns.length; ++i) {
      const share = 100 * (stat.stalled_us[i] - stat.stalled_us[i - 1]) * 1000 / (stat.time_ns[i] - stat.time_ns[i - 1]);
      rows.push([stat.time_ns[i] / 1e9, Math.min(100, share)]);
    }
    chart("small", ["time", "stalled"], rows, { format: (share) => `${share.toFixed(0)} %`, more: { fillGraph: true } });
  }
  function csv(record) {
    const { time_ns, usage, touched } = record.samples;
    const lines = ["time_ns,usage_bytes,touched_bytes"];
    time_ns.forEach((t, i) => lines.push(`${t},${usage[i]},${touched && touched.length ? touched[i] : ""}`));
    return lines.join("\r\n") + "\r\n";
  }
  function counterRows(record) {
    const { before, after } = record.counters;
    const rows = [["oom_kill (this cgroup and below)", change(before.oom_kill, after.oom_kill)]];
    if (after.failcnt !== null) rows.push(["memory.failcnt", change(before.failcnt, after.failcnt)]);
    for (const [key, name] of [["local_events", "memory.events.local"], ["events", "memory.events"]]) {
      if (!after[key] || !before[key]) continue;
      for (const each of Object.keys(after[key])) rows.push([`${each} (${name})`, change(before[key][each], after[key][each])]);
    }
    return rows;
  }
  function endOf(child) {
    if (child.signal !== null) return `ended by signal ${child.signal}`;
    return child.exit_code !== null ? `exited with ${child.exit_code}` : "end unknown";
  }
  function claims(scenario) {
    section("Claims");
    table(["", "claim", "what was read", "seen", "expected"], scenario.claims.map((claim) => [
      make("span", claim.held === null ? "?" : claim.held ? "✓" : "✗", claim.held === false ? "bad" : "good"),
      claim.text, claim.what, claim.seen, claim.expected]));
    section("Processes");
    table(["name", "cgroup", "pid", "end", "touched"], scenario.actors.map((actor) => [actor.name, actor.group, actor.pid,
      actor.ended_by_cglab ? "lived to the end" : endOf(actor), exact(actor.touched)]));
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
    if (run.samples_in_all > record.samples.time_ns.length) {
      main.append(make("p", `${record.samples.time_ns.length} of ${run.samples_in_all} samples are shown; no peak is left out.`, "dim"));
    }
    usageChart(record);
    statCharts(record);
    if (record.scenario) claims(record.scenario);
    section("Proof");
    table(null, [["child", `pid ${record.child.pid}, ${endOf(record.child)}`],
      ["peak", record.peak ? `${exact(record.peak.bytes)}, ${record.peak.source}` : "unknown"],
      ["touched by the program", exact(record.child.touched)], ...counterRows(record),
      ["kernel log", record.victim ? record.victim.lines.join("\n") : known(record.victim_absent_because)]]);
    section("Limits");
    table(["file", "asked", "the kernel has", "refusal"], record.limits.map((limit) => [limit.file, limit.asked,
      exact(limit.actual), limit.error === null ? "" : limit.error]));
    section("Events");
    const list = lettered(record).map((event) => [add(make("span", event.letter, "mark")), names[event.kind] || event.kind, ms(event.time_ns), event.source]);
    table(["", "event", "time", "source"], list);
    main.lastChild.id = "events";
    section("Environment");
    table(null, [...environmentRows(record), ["cgroup", record.group],
      ["left behind", record.cleanup.left.length ? record.cleanup.left.join(", ") : "nothing"]]);
  }
  function emulatedMark(record, text) { return record.environment.emulated === true ? `${text} (emulated)` : text; }
  // Claims beside each other, where all runs make the same ones.
  function claimsOfAll(head) {
    const all = runs.map((run) => run.record.scenario ? run.record.scenario.claims : []);
    const texts = all.map((each) => JSON.stringify(each.map((claim) => claim.text)));
    if (!all[0].length || new Set(texts).size > 1) return;
    section("Claims");
    table(head, all[0].map((claim, i) => [claim.text, ...all.map((each) =>
      make("span", `${each[i].held === null ? "?" : each[i].held ? "✓" : "✗"} ${each[i].seen}`, each[i].held === false ? "bad" : "good"))]));
  }
  function several() {
    document.title = `cglab: ${runs.length} runs compared`;
    add(document.getElementById("head"), make("h1", `${runs.length} runs compared`));
    const head = ["", ...runs.map((run) => run.name)];
    const columns = runs.map((run) => environmentRows(run.record));
    section("What differs in the environment");
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
    table(head, [
      ["verdict", ...runs.map((run) => headline(run.record))],
      row("experiment", (r) => r.plan.experiment),
      row("limit", (r) => exact(hardLimit(r))),
      row("peak", (r) => r.peak ? exact(r.peak.bytes) : "unknown"),
      row("touched", (r) => exact(r.child.touched)),
      row("time to the end", (r) => emulatedMark(r, ms(timeOf(r, "reaped") ?? timeOf(r, "actor_ended")))),
      row("detection after the last touch", (r) => span(r, r.child.last_touch_ns, "notification")),
      row("oom_kill", (r) => change(r.counters.before.oom_kill, r.counters.after.oom_kill)),
    ]);
    claimsOfAll(head);
    section("Usage, from the gate on");
    chart("", ["time", ...runs.map((run, i) => `${i + 1}: ${run.name}`)],
      merge(runs.map((run) => ({ time: run.record.samples.time_ns, values: run.record.samples.usage }))), { format: size, more: { labelsKMG2: true } });
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
      const samples = make("button", `Samples${label} as CSV`);
      samples.addEventListener("click", () => download("samples.csv", "text/csv", csv(run.record)));
      const record = make("button", `Record${label} as JSON`);
      record.addEventListener("click", () => download("record.json", "application/json", JSON.stringify(run.record, null, 2)));
      bar.append(samples, record);
    });
    bar.append(make("span", "Drag in a chart to zoom, shift-drag to pan, double-click to go back.", "dim"));
    document.getElementById("head").append(bar);
  }
  if (matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.dataset.theme = "dark";
  if (runs.length === 1) one(runs[0]); else several();
  controls();
})();

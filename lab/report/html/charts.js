// What is drawn, and the same numbers as text.
const charts = [];

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
  const { samples } = record;
  const series = curvesOf(record);
  if (samples.touched && !makesClaims(record)) {
    series.push({ label: "touched by the program", time: samples.time_ns, values: samples.touched });
  }
  const lines = [["limit", hardLimit(record), "#c0392b"], ["high limit", limitOf(record, "memory_high"), "#b8860b"]];
  const looks = {};
  const all = series.flatMap((each) => each.time.length ? [each.time[0], each.time[each.time.length - 1]] : []);
  const ends = [Math.min(...all), Math.max(...all)];
  for (const [label, bytes, color] of lines) {
    if (bytes === null || !all.length) continue;
    series.push({ label, time: ends, values: [bytes, bytes] });
    looks[label] = { strokePattern: [8, 4], strokeWidth: 3, color };
  }
  chart("", ["time", ...series.map((each) => each.label)], merge(series),
    { format: size, more: { labelsKMG2: true, series: looks } }, lettered(record));
}
function statCharts(record) {
  const stat = record.samples.stat;
  if (!stat || stat.time_ns.length < 2) return;
  const parts = ["kernel", "shmem", "file", "anon"]
    .filter((key) => stat[key] && stat[key].some((bytes) => bytes > 0));
  if (parts.length === 0) return;
  section(`What it consisted of (${namesOf("memory_stat")[0]})`);
  chart("small", ["time", ...parts], stat.time_ns.map((t, i) => [t / 1e9, ...parts.map((key) => stat[key][i])]),
    { format: size, more: { stackedGraph: true, labelsKMG2: true } });
  swapChart(stat);
  pressureChart(stat);
}
// No part of the usage, so not in its stack.
function swapChart(stat) {
  if (!stat.swap || !stat.swap.some((bytes) => bytes > 0)) return;
  section("Swap");
  chart("small", ["time", "swap"], stat.time_ns.map((t, i) => [t / 1e9, stat.swap[i]]),
    { format: size, more: { fillGraph: true, labelsKMG2: true } });
}
function pressureChart(stat) {
  if (!stat.stalled_us || !stat.stalled_us.some((each) => each > 0)) return;
  section("Pressure: share of the time in which a task waited for memory");
  const rows = [];
  for (let i = 1; i < stat.time_ns.length; ++i) {
    if (stat.time_ns[i] === stat.time_ns[i - 1]) continue;
    const share = 100 * (stat.stalled_us[i] - stat.stalled_us[i - 1]) * 1000 / (stat.time_ns[i] - stat.time_ns[i - 1]);
    rows.push([stat.time_ns[i] / 1e9, Math.min(100, share)]);
  }
  chart("small", ["time", "stalled"], rows, { format: (share) => `${share.toFixed(0)} %`, more: { fillGraph: true } });
}
// A field between quotes where it needs them (RFC 4180).
function field(text) { return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text; }
function csv(record) {
  const { time_ns, usage, touched } = record.samples;
  const lines = [makesClaims(record) ? "cgroup,time_ns,usage_bytes" : "time_ns,usage_bytes,touched_bytes"];
  if (makesClaims(record)) {
    for (const { label, time, values } of curvesOf(record)) time.forEach((t, i) => lines.push(`${field(label)},${t},${values[i]}`));
  } else {
    time_ns.forEach((t, i) => lines.push(`${t},${usage[0][i]},${touched ? touched[i] : ""}`));
  }
  return lines.join("\r\n") + "\r\n";
}
function shownOf(run) { return curvesOf(run.record).reduce((sum, curve) => sum + curve.time.length, 0); }
function isThinned(run) { return run.samples_in_all > shownOf(run); }
// A word on each run of which not every sample is here.
function noteThinned() {
  for (const run of runs.filter(isThinned)) {
    main.append(make("p", `${runs.length > 1 ? `${run.name}: ` : ""}${shownOf(run)} of ${run.samples_in_all} samples are shown; no peak is left out.`, "dim"));
  }
}

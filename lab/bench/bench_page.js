// SPDX-License-Identifier: MIT
// The page of a bench: its data stand in #cglab-data. Texts come in only as
// text nodes: a case may be called anything.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("cglab-data").textContent);
  const main = document.getElementById("main");
  const WIDTH = 1000;
  const SIDE = 24;
  const STRIP = 70;
  const MOST_POINTS = 2000;

  function followScheme() {
    const dark = window.matchMedia("(prefers-color-scheme: dark)");
    const apply = () => {
      document.documentElement.dataset.theme = dark.matches ? "dark" : "light";
    };
    apply();
    dark.addEventListener("change", apply);
  }

  function add(parent, name, text, className) {
    const element = document.createElement(name);
    if (text !== undefined) element.textContent = text;
    if (className) element.className = className;
    parent.append(element);
    return element;
  }

  function draw(parent, name, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) {
      element.setAttribute(key, value);
    }
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  }

  const ms = (value) => (value === null ? "-" : value.toFixed(2));

  function verdictsOf(result) {
    const all = Object.entries(result.verdicts);
    return all.map(([verdict, count]) => `${count} ${verdict}`).join("\n") || "-";
  }

  function addSummary() {
    const cut = data.interrupted;
    document.getElementById("summary").textContent =
      `cglab ${data.tool.version}; times in milliseconds, whole program` +
      (cut ? `; interrupted after ${cut.done} of ${cut.planned} runs` : "");
  }

  function addTable() {
    add(main, "h2", "Cases");
    const table = add(add(main, "div", undefined, "wide"), "table");
    const head = add(add(table, "thead"), "tr");
    add(head, "th", "Case");
    const names = ["Runs", "Median", "p95", "Min", "Max", "Outliers"];
    for (const name of names) add(head, "th", name, "number");
    add(head, "th", "Verdicts");
    const body = add(table, "tbody");
    for (const result of data.results) {
      const row = add(body, "tr");
      const wall = result.wall;
      add(row, "th", result.case).scope = "row";
      add(row, "td", wall.count, "number");
      for (const value of [wall.median, wall.p95, wall.min, wall.max]) {
        add(row, "td", ms(value), "number");
      }
      add(row, "td", wall.count ? wall.outliers : "-", "number");
      add(row, "td", verdictsOf(result));
    }
  }

  function addWarnings() {
    if (data.warnings.length === 0) return;
    add(main, "h2", "Warnings");
    for (const warning of data.warnings) add(main, "p", warning, "warning");
  }

  // Steps of 1, 2 or 5 times a power of ten.
  function stepOf(range, most) {
    const power = 10 ** Math.floor(Math.log10(range / most));
    return [1, 2, 5, 10].map((n) => n * power).find((s) => range / s <= most);
  }

  function linearScale(min, max) {
    const pad = (max - min) * 0.04 || max * 0.04 || 1;
    const from = min < max / 2 ? 0 : min - pad;
    const to = max + pad;
    const step = stepOf(to - from, 8);
    const ticks = [];
    for (let n = Math.ceil(from / step); n * step <= to; ++n) ticks.push(n * step);
    return { at: (value) => (value - from) / (to - from), ticks };
  }

  function logScale(min, max) {
    const from = Math.log10(min * 0.9);
    const to = Math.log10(max * 1.1);
    const ticks = [];
    for (let power = Math.floor(from); power <= to; ++power) {
      for (const n of [1, 2, 5]) ticks.push(n * 10 ** power);
    }
    return {
      at: (value) => (Math.log10(value) - from) / (to - from),
      ticks: ticks.filter((t) => t >= 10 ** from && t <= 10 ** to),
    };
  }

  // One far run would press all others into one point of a linear axis.
  function chooseScale(measured) {
    const min = Math.min(...measured.map((result) => result.wall.min));
    const max = Math.max(...measured.map((result) => result.wall.max));
    const log = min > 0 && max > 20 * min;
    const scale = log ? logScale(min, max) : linearScale(min, max);
    return {
      log,
      ticks: scale.ticks,
      x: (value) => SIDE + scale.at(value) * (WIDTH - 2 * SIDE),
    };
  }

  function drawAxis(svg, scale, height) {
    for (const tick of scale.ticks) {
      const x = scale.x(tick);
      draw(svg, "line", { class: "grid", x1: x, x2: x, y1: 22, y2: height - 22 });
      const label = String(Number(tick.toPrecision(6)));
      draw(svg, "text", { x, y: height - 6, "text-anchor": "middle" }, label);
    }
  }

  // Runs from the first, at the top, to the last: a drift can be seen.
  function drawRuns(svg, times, scale, top, bottom) {
    const every = Math.max(1, Math.ceil(times.length / MOST_POINTS));
    for (let i = 0; i < times.length; i += every) {
      const y = top + ((i + 0.5) / times.length) * (bottom - top);
      const point = draw(svg, "circle", { class: "run", cx: scale.x(times[i]), cy: y, r: 3.5 });
      draw(point, "title", {}, `run ${i + 1}: ${ms(times[i])} ms`);
    }
  }

  function drawMark(svg, name, value, scale, top, bottom) {
    const x = scale.x(value);
    const line = draw(svg, "line", { class: name, x1: x, x2: x, y1: top, y2: bottom });
    draw(line, "title", {}, `${name} ${ms(value)} ms`);
  }

  function drawWhisker(svg, wall, scale, y) {
    const [left, right] = [scale.x(wall.min), scale.x(wall.max)];
    const ends = [[left, right, y, y], [left, left, y - 4, y + 4], [right, right, y - 4, y + 4]];
    for (const [x1, x2, y1, y2] of ends) {
      draw(svg, "line", { class: "whisker", x1, x2, y1, y2 });
    }
  }

  function drawCase(parent, result, scale) {
    const height = STRIP + 44;
    const svg = draw(parent, "svg", { viewBox: `0 0 ${WIDTH} ${height}`, role: "img" });
    svg.setAttribute("aria-label", `${result.case}: median ${ms(result.wall.median)} ms`);
    draw(svg, "text", { class: "name", x: SIDE, y: 15 }, result.case);
    drawAxis(svg, scale, height);
    const [top, bottom] = [26, height - 26];
    drawWhisker(svg, result.wall, scale, bottom);
    drawRuns(svg, result.wall.times, scale, top, bottom - 8);
    drawMark(svg, "p95", result.wall.p95, scale, top, bottom);
    drawMark(svg, "median", result.wall.median, scale, top, bottom);
  }

  function addPlots() {
    const measured = data.results.filter((result) => result.wall.count > 0);
    if (measured.length === 0) return;
    const scale = chooseScale(measured);
    add(main, "h2", "Every run");
    let text = "A point is a run, the first at the top; thick line: median; " +
      "dashed: p95; whisker: min to max. All on one axis, in milliseconds" +
      (scale.log ? ", logarithmic." : ".");
    if (measured.some((result) => result.wall.count > MOST_POINTS)) {
      text += ` Of more than ${MOST_POINTS} runs only some are drawn.`;
    }
    add(main, "p", text, "dim");
    const strips = add(main, "div", undefined, "wide");
    for (const result of measured) drawCase(strips, result, scale);
  }

  followScheme();
  addSummary();
  addTable();
  addWarnings();
  addPlots();
})();

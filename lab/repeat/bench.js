// SPDX-License-Identifier: MIT
// Draws every run of a bench, from the data that the page offers to save. All
// words come from the page: the data- attributes of the charts' element.
"use strict";
(() => {
  const parent = document.getElementById("runs");
  if (!parent) return;
  const data = JSON.parse(document.querySelector("#data script").textContent);
  const SIDE = 24;
  const STRIP = 70;
  const MOST_POINTS = Number(parent.dataset.most);
  // In CSS pixels, so that text has the same size as in the page.
  let width;

  function draw(parent, name, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) {
      element.setAttribute(key, value);
    }
    if (text !== undefined) element.textContent = text;
    parent.append(element);
    return element;
  }

  const ms = (value) => value.toFixed(2);

  // The label of that name with its placeholders {0}, {1} filled.
  function label(name, ...values) {
    return parent.dataset[name].replace(/\{(\d)\}/g, (_, i) => values[i]);
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
    const step = stepOf(to - from, Math.max(2, width / 110));
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

  function chooseScale(measured) {
    const min = Math.min(...measured.map((result) => result.wall.min));
    const max = Math.max(...measured.map((result) => result.wall.max));
    const scale = "log" in parent.dataset ? logScale(min, max) : linearScale(min, max);
    return {
      ticks: scale.ticks,
      x: (value) => SIDE + scale.at(value) * (width - 2 * SIDE),
    };
  }

  function drawAxis(svg, scale, height) {
    for (const tick of scale.ticks) {
      const x = scale.x(tick);
      draw(svg, "line", { class: "grid", x1: x, x2: x, y1: 22, y2: height - 22 });
      const value = String(Number(tick.toPrecision(6)));
      draw(svg, "text", { x, y: height - 6, "text-anchor": "middle" }, value);
    }
  }

  // The first run is at the top, the last at the bottom, so that a drift shows.
  function drawRuns(svg, times, scale, top, bottom) {
    const every = Math.max(1, Math.ceil(times.length / MOST_POINTS));
    for (let i = 0; i < times.length; i += every) {
      const y = top + ((i + 0.5) / times.length) * (bottom - top);
      const point = draw(svg, "circle", { class: "run", cx: scale.x(times[i]), cy: y, r: 3.5 });
      draw(point, "title", {}, label("run", i + 1, ms(times[i])));
    }
  }

  function drawMark(svg, name, value, scale, top, bottom) {
    const x = scale.x(value);
    const line = draw(svg, "line", { class: name, x1: x, x2: x, y1: top, y2: bottom });
    draw(line, "title", {}, label(name, ms(value)));
  }

  function drawWhisker(svg, wall, scale, y) {
    const [left, right] = [scale.x(wall.min), scale.x(wall.max)];
    const ends = [[left, right, y, y], [left, left, y - 4, y + 4], [right, right, y - 4, y + 4]];
    for (const [x1, x2, y1, y2] of ends) {
      draw(svg, "line", { class: "whisker", x1, x2, y1, y2 });
    }
  }

  // Hosts of different kinds are named apart.
  const nameOf = (result) =>
    (data.sweep?.kinds.length ?? 0) > 1 ? `${result.case} [${result.kind}]` : result.case;

  function drawCase(parent, result, scale) {
    const height = STRIP + 44;
    const svg = draw(parent, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img" });
    svg.setAttribute("aria-label", label("case", nameOf(result), ms(result.wall.median)));
    draw(svg, "text", { class: "name", x: SIDE, y: 15 }, nameOf(result));
    drawAxis(svg, scale, height);
    const [top, bottom] = [26, height - 26];
    drawWhisker(svg, result.wall, scale, bottom);
    drawRuns(svg, result.wall.times, scale, top, bottom - 8);
    drawMark(svg, "p95", result.wall.p95, scale, top, bottom);
    drawMark(svg, "median", result.wall.median, scale, top, bottom);
  }

  const measured = data.results.filter((result) => result.wall.count > 0);
  function drawAll() {
    width = Math.max(280, parent.clientWidth);
    const scale = chooseScale(measured);
    parent.replaceChildren();
    for (const result of measured) drawCase(parent, result, scale);
  }
  drawAll();
  document.addEventListener("redraw", drawAll);
  addEventListener("resize", drawAll);
})();

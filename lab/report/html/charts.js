// Draws each chart of the page by dygraphs, from the JSON in its figure.
(() => {
  const style = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const rem = () =>
    parseFloat(getComputedStyle(document.documentElement).fontSize);
  const curves = 6;

  // Ticks at 1, 2 or 5 times a power of ten, at most `most` of them.
  function ticks(low, high, most, unit, factor) {
    const power = 10 ** Math.floor(Math.log10((high - low) / factor / most));
    const step = [1, 2, 5, 10].map((n) => n * power)
      .find((each) => (high - low) / factor / each <= most);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    const all = [];
    for (let n = Math.ceil(low / factor / step - 1e-9);
      n * step <= high / factor + 1e-9; ++n) {
      const number = (n * step).toFixed(digits);
      all.push({ v: n * step * factor, label: n === 0 ? "0" : `${number} ${unit}` });
    }
    return all;
  }
  function timeUnit(range) {
    if (range >= 0.5) return ["s", 1];
    return range >= 0.0005 ? ["ms", 1e-3] : ["µs", 1e-6];
  }
  function sizeUnit(bytes) {
    const units = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = 0;
    while (bytes >= 1024 ** (unit + 1) && unit < units.length - 1) ++unit;
    return [units[unit], 1024 ** unit];
  }
  const timeTicks = (low, high, pixels) =>
    ticks(low, high, Math.max(2, pixels / (6 * rem())), ...timeUnit(high - low));
  const valueTicks = (isPercent) => (low, high, pixels) =>
    ticks(low, high, Math.max(2, pixels / (3 * rem())),
      ...(isPercent ? ["%", 1] : sizeUnit(high)));
  function valueText(value, isPercent) {
    const [unit, factor] = isPercent ? ["%", 1] : sizeUnit(value);
    return `${Number((value / factor).toFixed(1))} ${unit}`;
  }

  // One row for each time of any series; what a series lacks there is null. The
  // ends of the axis are rows, so that dygraphs shows all of it.
  function rowsOf(chart, series) {
    const rows = new Map();
    const row = (time) => {
      if (!rows.has(time)) rows.set(time, new Array(series.length).fill(null));
      return rows.get(time);
    };
    series.forEach(({ time_ns: times, values }, column) =>
      times.forEach((time, i) => { row(time)[column] = values[i]; }));
    row(chart.begin_ns);
    row(chart.end_ns);
    return [...rows.keys()].sort((a, b) => a - b)
      .map((time) => [time / 1e9, ...rows.get(time)]);
  }

  function highest(chart) {
    const columns = chart.series.map(({ values }) =>
      values.reduce((most, value) => Math.max(most, value), 0));
    if (!chart.stacked) return Math.max(0, ...columns);
    const sums = chart.series[0].values.map((_, i) =>
      chart.series.reduce((sum, { values }) => sum + (values[i] || 0), 0));
    return sums.reduce((most, value) => Math.max(most, value), 0);
  }
  // A level far above the curves would press them flat: it is written at the top.
  function topOf(chart) {
    if (chart.unit === "percent") return 105;
    const most = highest(chart);
    const near = chart.levels.map((level) => level.value)
      .filter((value) => most === 0 || value <= 5 * most);
    return Math.max(most, ...near, 1) * 1.15;
  }

  // Marks at the same pixels are one.
  function joined(marks, graph, area) {
    const groups = [];
    const shown = marks.map((mark) => ({ ...mark, x: graph.toDomXCoord(mark.time_ns / 1e9) }))
      .filter(({ x }) => x >= area.x - 1 && x <= area.x + area.w + 1)
      .sort((a, b) => a.x - b.x);
    for (const { x, name } of shown) {
      const last = groups[groups.length - 1];
      if (last && x - last.x < 5) {
        if (!last.names.includes(name)) last.names.push(name);
      } else {
        groups.push({ x, names: [name] });
      }
    }
    return groups;
  }
  // Names over the plot, in rows: from the right, each above those it would
  // touch, so that no line runs through the name of another mark.
  function placeMarks(strip, groups, area) {
    strip.replaceChildren();
    const placed = [];
    const right = area.x + area.w;
    for (const group of [...groups].reverse()) {
      const label = document.createElement("span");
      label.textContent = group.names.join(", ");
      strip.append(label);
      label.style.maxWidth = `${area.w}px`;
      const width = label.offsetWidth, height = label.offsetHeight;
      const left = Math.min(group.x, right - width);
      const bottom = placed
        .filter((other) => left < other.left + other.width + 8 && other.left < left + width + 8)
        .reduce((most, other) => Math.max(most, other.bottom + other.height), 0);
      placed.push({ label, left, width, height, bottom, x: group.x });
    }
    const all = placed.reduce((most, { bottom, height }) => Math.max(most, bottom + height), 0);
    strip.style.height = `${all}px`;
    for (const { label, left, bottom, x, height } of placed) {
      label.style.left = `${left}px`;
      label.style.bottom = `${bottom}px`;
      const line = document.createElement("i");
      line.style.left = `${x}px`;
      line.style.height = `${bottom + (left < x - 1 ? 0 : height)}px`;
      strip.prepend(line);
    }
  }

  function drawMarks(context, groups, area) {
    context.strokeStyle = style("--accent");
    context.lineWidth = 1;
    context.setLineDash([3, 3]);
    for (const { x } of groups) {
      context.beginPath();
      context.moveTo(Math.round(x) + 0.5, area.y);
      context.lineTo(Math.round(x) + 0.5, area.y + area.h);
      context.stroke();
    }
    context.setLineDash([]);
  }
  function write(context, text, x, y) {
    context.lineWidth = 5;
    context.lineJoin = "round";
    context.strokeStyle = style("--paper");
    context.strokeText(text, x, y);
    context.fillText(text, x, y);
  }
  // A level with its name on it; names that would touch move along the line.
  function drawLevels(context, levels, graph, area) {
    const size = 0.82 * rem();
    context.font = `600 ${size}px system-ui, sans-serif`;
    const written = [];
    for (const level of levels) {
      const begin = Math.max(area.x, graph.toDomXCoord(level.from_ns / 1e9));
      const end = Math.min(area.x + area.w, graph.toDomXCoord(level.to_ns / 1e9));
      if (begin >= end) continue;
      const y = graph.toDomYCoord(level.value);
      const isAbove = y < area.y;
      context.fillStyle = style(level.hard ? "--bad" : "--warn");
      if (!isAbove) {
        context.strokeStyle = context.fillStyle;
        context.lineWidth = 2;
        context.setLineDash([8, 4]);
        context.beginPath();
        context.moveTo(begin, y);
        context.lineTo(end, y);
        context.stroke();
        context.setLineDash([]);
      }
      const text = isAbove ? `↑ ${level.name}` : level.name;
      const width = context.measureText(text).width;
      const baseline = isAbove ? area.y + size : y - 5;
      let x = Math.max(area.x + 6, Math.min(begin + 6, area.x + area.w - width - 6));
      for (const other of written) {
        const touches = Math.abs(other.baseline - baseline) < size &&
          x < other.right && other.left < x + width;
        if (touches) x = other.right;
      }
      written.push({ baseline, left: x - 12, right: x + width + 12 });
      write(context, text, x, baseline);
    }
  }

  function draw(figure, top, zoomed) {
    const chart = JSON.parse(figure.querySelector("script").textContent);
    const box = figure.querySelector(".plot");
    const strip = figure.querySelector(".marks");
    const outputs = [...figure.querySelectorAll("output")];
    const isPercent = chart.unit === "percent";
    // dygraphs stacks the last series first.
    const order = chart.series.map((_, i) => i);
    if (chart.stacked) order.reverse();
    const rows = rowsOf(chart, order.map((i) => chart.series[i]));
    return new Dygraph(box, rows, {
      labels: ["time", ...order.map(String)],
      legend: "never",
      drawPoints: rows.length < 60,
      pointSize: 2.5,
      highlightCircleSize: 4,
      connectSeparatedPoints: true,
      stackedGraph: chart.stacked,
      fillGraph: chart.stacked || isPercent,
      fillAlpha: 0.3,
      rightGap: 12,
      valueRange: [0, top],
      colors: order.map((i) => style(`--curve${i % curves}`)),
      // Later ones are drawn over the first, which stay visible at their sides.
      series: Object.fromEntries(order.map((i) =>
        [i, { strokeWidth: chart.stacked ? 2 : 2 + 2 * Math.min(2, order.length - 1 - i) }])),
      gridLineColor: style("--line"),
      axisLineColor: style("--dim"),
      axes: {
        x: { ticker: timeTicks, axisLabelWidth: 5 * rem() },
        y: { ticker: valueTicks(isPercent), axisLabelWidth: 4.6 * rem() },
      },
      axisLabelFontSize: 0.78 * rem(),
      xAxisHeight: 1.5 * rem(),
      underlayCallback: (context, area, self) => {
        const groups = joined(chart.marks, self, area);
        placeMarks(strip, groups, area);
        drawMarks(context, groups, area);
        drawLevels(context, chart.levels, self, area);
      },
      highlightCallback: (event, x, points) => {
        outputs.forEach((output) => { output.textContent = ""; });
        for (const point of points) {
          const i = Number(point.name);
          const value = rows[point.idx] ? rows[point.idx][1 + order.indexOf(i)] : null;
          if (value !== null) outputs[i].textContent = valueText(value, isPercent);
        }
      },
      unhighlightCallback: () => outputs.forEach((output) => { output.textContent = ""; }),
      drawCallback: (self, isFirst) => { if (!isFirst) zoomed(self); },
    });
  }

  // The charts of a run, or of a run and its control run, are read together:
  // they show the same stretch of time; those of one place have the same scale.
  function drawGroup(figures) {
    const parse = (figure) => JSON.parse(figure.querySelector("script").textContent);
    const titleOf = (figure) => figure.querySelector("figcaption").textContent;
    const tops = new Map();
    for (const figure of figures) {
      const top = Math.max(tops.get(titleOf(figure)) || 0, topOf(parse(figure)));
      tops.set(titleOf(figure), top);
    }
    // Plots side by side begin at the same height.
    const align = () => {
      for (const figure of figures) {
        const strips = figures.filter((other) => titleOf(other) === titleOf(figure))
          .map((other) => other.querySelector(".marks"));
        const height = Math.max(...strips.map((strip) => parseFloat(strip.style.height) || 0));
        for (const strip of strips) strip.style.minHeight = `${height}px`;
      }
    };
    let all = [], busy = false;
    const zoomed = (self) => {
      if (busy) return;
      busy = true;
      const range = self.xAxisRange();
      for (const graph of all) {
        if (graph !== self) graph.updateOptions({ dateWindow: range });
      }
      align();
      busy = false;
    };
    const drawAll = () => {
      busy = true;
      all = figures.map((figure) => draw(figure, tops.get(titleOf(figure)), zoomed));
      align();
      busy = false;
    };
    drawAll();
    // Their colours and sizes are the page's when they are made.
    document.addEventListener("redraw", () => {
      all.forEach((graph) => graph.destroy());
      drawAll();
    });
  }

  const groups = new Map();
  for (const figure of document.querySelectorAll("figure.chart")) {
    const place = figure.closest(".pair") || figure.closest(".run") || document.body;
    groups.set(place, [...(groups.get(place) || []), figure]);
  }
  groups.forEach(drawGroup);
})();

// The charts of a region: a probability with its interval, and counts with what was expected.

const charts = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

function faded(name, share) {
  return `color-mix(in srgb, ${colour(name)} ${share * 100}%, transparent)`;
}

function percent(share) {
  if (share == null) return "–";
  const digits = share < 0.0995 ? 1 : 0;
  const parts = { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(document.documentElement.lang, parts).format(share);
}

function options(figure, data, format, series, others = {}) {
  const day = new Intl.DateTimeFormat(data.language === "en" ? "en-GB" : data.language, { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  const isShort = seconds(data).at(-1) - seconds(data)[0] < 200 * 86_400; // then months alone would repeat
  const month = new Intl.DateTimeFormat(data.language === "en" ? "en-GB" : data.language, { month: "short", [isShort ? "day" : "year"]: isShort ? "numeric" : "2-digit", timeZone: "UTC" });
  const line = { stroke: colour("--soft"), grid: { stroke: faded("--rule", 0.7), width: 1 }, ticks: { show: false }, font: "12px system-ui" };
  return {
    width: figure.clientWidth, height: 240, padding: [null, 24, null, null],
    cursor: { y: false, points: { size: 7 } },
    axes: [{ ...line, grid: { show: false }, values: (_, values) => values.map((each) => month.format(each * 1000)), space: 70 },
      { ...line, size: 52, values: (_, values) => values.map(format) }],
    series: [{ label: data.words.week, value: pointed((value) => day.format(value * 1000)) },
      ...series.map((each) => ({ value: pointed(format), points: { show: false }, ...each }))],
    ...others,
  };
}

// The legend tells of the week that is pointed at, and else of the newest one.
function pointed(format) {
  return (plot, value, series, at) => format(at == null ? plot.data[series].at(-1) : value);
}

function seconds(data) {
  return data.days.map((each) => Date.parse(`${each}T00:00Z`) / 1000);
}

// Lines where levels begin, with their names.
function cuts(data) {
  return (plot) => {
    const { ctx } = plot;
    const { left, width, top } = plot.bbox;
    ctx.save();
    ctx.setLineDash([4, 5]);
    ctx.strokeStyle = ctx.fillStyle = colour("--soft");
    ctx.font = `${12 * devicePixelRatio}px system-ui`;
    ctx.textAlign = "right";
    let lowest = -Infinity; // a name that would cover the one above it is left out
    for (const { name, value } of [...data.cuts].reverse()) {
      const y = Math.round(plot.valToPos(value, "y", true));
      if (y < top) continue;
      ctx.beginPath();
      ctx.moveTo(left, y);
      ctx.lineTo(left + width, y);
      ctx.stroke();
      if (y - lowest < 14 * devicePixelRatio) continue;
      lowest = y;
      ctx.save();
      ctx.setLineDash([]);
      ctx.lineWidth = 4 * devicePixelRatio;
      ctx.lineJoin = "round";
      ctx.strokeStyle = colour("--card"); // a rim, so that a line behind the name does not hide it
      ctx.strokeText(name, left + 60 * devicePixelRatio, y - 4);
      ctx.fillText(name, left + 60 * devicePixelRatio, y - 4);
      ctx.restore();
    }
    ctx.restore();
  };
}

function probability(figure, data) {
  const most = Math.min(1, Math.max(data.cuts[1].value * 1.3, ...data.high) * 1.08);
  const series = [
    { label: data.words.low, stroke: "transparent" },
    { label: data.words.high, stroke: "transparent" },
    { label: data.words.probability, stroke: colour("--accent"), width: 2 },
  ];
  return [options(figure, data, percent, series, {
    bands: [{ series: [2, 1], fill: faded("--bar", 0.25) }],
    scales: { y: { range: [0, most] } },
    hooks: { draw: [cuts(data)] },
  }), [seconds(data), data.low, data.high, data.middle]];
}

function counts(figure, data) {
  const written = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const number = (value) => (value == null ? "–" : written.format(value));
  const series = [
    { label: data.words.observed, stroke: colour("--bar-hard"), fill: faded("--bar-hard", 0.55), width: 0, paths: uPlot.paths.bars({ size: [0.7, 40] }) },
    { label: data.words.expected, stroke: colour("--accent"), width: 2 },
    { label: data.words.bound, stroke: colour("--soft"), width: 1.5, dash: [4, 4] },
  ];
  return [options(figure, data, number, series, { scales: { y: { range: (_, _low, high) => [0, Math.max(1, high) * 1.08] } } }),
    [seconds(data), data.observed, data.expected, data.upper]];
}

function draw() {
  for (const chart of charts.splice(0)) chart.destroy();
  for (const figure of document.querySelectorAll("[data-chart]")) {
    const data = JSON.parse(figure.querySelector("script").textContent);
    const [made, values] = { probability, counts }[figure.dataset.chart](figure, data);
    charts.push(new uPlot(made, values, figure));
  }
}

let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width) { width = innerWidth; draw(); } });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
draw();

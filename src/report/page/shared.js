const data = JSON.parse(document.getElementById("data").textContent);

// Text and elements. Names enter as text only, never as markup.

const SVG = "http://www.w3.org/2000/svg";

function add(parent, tag, attributes = {}, text) {
  const svg = parent.namespaceURI === SVG || tag === "svg";
  const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return parent.appendChild(node);
}

/** Four significant digits; a number of the data block reads as it stands there. */
const number = (x) => (x === null || x === undefined || !isFinite(x) ? "–" : String(Number(x.toPrecision(4))));
/** The same to be read, not compared: small numbers with a power of ten. */
const words = (x) => {
  const text = number(x).replace("-", "−");
  if (x === null || x === undefined || x === 0 || (Math.abs(x) >= 1e-4 && Math.abs(x) < 1e7)) return text;
  const [digits, power] = Number(x.toPrecision(4)).toExponential().split("e");
  return `${digits.replace("-", "−")}\u202f·\u202f${superscript(Number(power))}`;
};
const percent = (x) => (x === null ? "–" : `${Number((100 * x).toPrecision(3))} %`);
const superscript = (k) => `10${String(k).replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]))}`;

// Axes.

function scale(axis, from, to) {
  const f = axis.log ? Math.log10 : (v) => v;
  const [a, b] = [f(axis.from), f(axis.to)];
  return (v) => from + ((f(v) - a) / (b - a || 1)) * (to - from);
}

function ticks(axis, most) {
  if (axis.log) {
    const [a, b] = [Math.log10(axis.from), Math.log10(axis.to)];
    const steps = b - a < 1.2 ? [1, 1.5, 2, 3, 5, 7] : b - a < 2.5 ? [1, 2, 5] : [1];
    const every = Math.max(1, Math.ceil((b - a) / most));
    const out = [];
    for (let k = Math.floor(a); k <= b; k++)
      for (const step of k % every === 0 ? steps : []) out.push(step * 10 ** k);
    return out.filter((v) => v >= axis.from * 0.999 && v <= axis.to * 1.001);
  }
  const rough = (axis.to - axis.from) / most;
  const unit = 10 ** Math.floor(Math.log10(rough));
  let step = unit * [1, 2, 5, 10].find((k) => k * unit >= rough);
  if (axis.whole) step = Math.max(1, Math.round(step));
  const out = [];
  for (let k = Math.ceil(axis.from / step - 1e-9); k * step <= axis.to + 1e-9 * step; k++) out.push(k * step);
  return out;
}

function tickText(axis, v) {
  const power = Math.round(Math.log10(Math.abs(v)));
  const even = Math.abs(Math.abs(v) / 10 ** power - 1) < 1e-6;
  if (axis.log && even && axis.to / axis.from > 300 && (axis.from < 1e-3 || axis.to > 1e4)) return superscript(power);
  const value = Number(v.toPrecision(4));
  if (value === 0 || (Math.abs(value) >= 1e-4 && Math.abs(value) < 1e6)) return String(value).replace("-", "−");
  const [digits, exponent] = value.toExponential().split("e");
  return `${digits.replace("-", "−")}·${superscript(Number(exponent))}`;
}

const path = (points) => points.map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join("");

// A figure: title, key, picture, value under the pointer, one sentence on how to read it.

let figures = 0;

function figure(host, spec) {
  const id = `figure-${++figures}`;
  const node = add(host, "figure", spec.wide ? { class: "wide" } : {});
  if (!spec.untitled) add(node, spec.heading ?? "h4", {}, spec.title);
  const legend = add(node, "p", { class: "legend" });
  for (const [kind, text] of spec.keys ?? []) {
    const entry = add(legend, "span");
    const swatch = add(entry, "svg", { viewBox: "0 0 22 10", "aria-hidden": "true" });
    if (kind === "bar" || kind === "band") add(swatch, "rect", { class: kind, width: 22, height: 10 });
    else if (["dot", "noise", "spikes", "no_bulk", "low_rank", "degenerate"].includes(kind)) add(swatch, "circle", { class: kind, cx: 11, cy: 5, r: 3 });
    else if (kind === "heavy_tail") add(swatch, "rect", { class: kind, x: 8, y: 2, width: 6, height: 6 });
    else if (kind === "edge") add(swatch, "path", { class: kind, d: "M11 0V10" });
    else add(swatch, "path", { class: kind, d: kind === "rug" ? "M8 0V10M11 0V10M15 0V10" : "M0 5H22" });
    entry.append(text);
  }
  const width = Math.min(spec.wide ? 1140 : 640, Math.max(280, node.clientWidth || 560));
  const height = spec.height ?? 270;
  const svg = add(node, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": `${id}-t ${id}-d` });
  add(svg, "title", { id: `${id}-t` }, spec.title);
  add(svg, "desc", { id: `${id}-d` }, spec.summary);
  const points = spec.draw(svg, width, height, id);
  const readout = add(node, "p", { class: "readout", "aria-hidden": "true" });
  add(node, "figcaption", {}, spec.read);
  if (points.length) walk(node, svg, points, readout, spec);
  return node;
}

/** Pointer and keyboard move over the same points; the slider is what a screen reader speaks. */
function walk(node, svg, points, readout, spec) {
  const slider = add(node, "input", {
    type: "range", min: 0, max: points.length - 1, value: 0, step: 1, "aria-label": `${spec.title}: values`,
  });
  const marks = add(svg, "g", { "aria-hidden": "true" });
  const show = (i) => {
    marks.replaceChildren();
    if (spec.cursor) add(marks, "line", { class: "cursor", x1: points[i].x, x2: points[i].x, y1: spec.cursor[0], y2: spec.cursor[1] });
    else add(marks, "circle", { class: "marker", cx: points[i].x, cy: points[i].y, r: 4.5 });
    readout.textContent = points[i].text;
    slider.value = i;
    slider.setAttribute("aria-valuetext", points[i].text);
    node.dataset.point = i;
  };
  slider.setAttribute("aria-valuetext", points[0].text);
  slider.addEventListener("input", () => show(Number(slider.value)));
  slider.addEventListener("focus", () => show(Number(slider.value)));
  const nearest = (event) => {
    const box = svg.getBoundingClientRect();
    const zoom = svg.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * zoom, (event.clientY - box.top) * zoom];
    let best = 0, least = Infinity;
    points.forEach((p, i) => {
      const d = (p.x - x) ** 2 + (spec.cursor ? 0 : 0.05 * (p.y - y) ** 2);
      if (d < least) [best, least] = [i, d];
    });
    return best;
  };
  svg.addEventListener("pointermove", (event) => show(nearest(event)));
  if (spec.choose) {
    svg.addEventListener("click", (event) => spec.choose(nearest(event)));
    slider.addEventListener("keydown", (event) => event.key === "Enter" && spec.choose(Number(slider.value)));
  }
}

/** The usual frame: axes with few ticks, a clipped plane, and `draw(plane, X, Y)` in it. */
function framed(spec) {
  return (svg, width, height, id) => {
    const [left, right, top, bottom] = [54, width - 12, 26, height - 38];
    const X = scale(spec.x, left, right), Y = scale(spec.y, bottom, top);
    const clip = add(svg, "clipPath", { id: `${id}-c` });
    add(clip, "rect", { x: left, y: top - 6, width: right - left, height: bottom - top + 6 });
    for (const v of ticks(spec.x, Math.max(3, width / 95))) {
      add(svg, "path", { class: "tick", d: `M${X(v).toFixed(1)} ${bottom}v4` });
      const text = tickText(spec.x, v);
      // A digit is some 7 wide: a number that would not fit ends where the picture does.
      const fits = X(v) + 3.5 * text.length <= width;
      add(svg, "text", { class: fits ? "middle" : "end", x: (fits ? X(v) : width).toFixed(1), y: bottom + 17 }, text);
    }
    for (const v of ticks(spec.y, 5)) {
      add(svg, "path", { class: "tick", d: `M${left - 4} ${Y(v).toFixed(1)}h4` });
      add(svg, "text", { class: "end", x: left - 8, y: (Y(v) + 4).toFixed(1) }, tickText(spec.y, v));
    }
    add(svg, "path", { class: "axis", d: `M${left} ${top}V${bottom}H${right}` });
    add(svg, "text", { class: "label end", x: right, y: height - 4 }, spec.x.label);
    add(svg, "text", { class: "label", x: 0, y: 12 }, spec.y.label);
    const plane = add(svg, "g", { "clip-path": `url(#${id}-c)` });
    return spec.draw(plane, X, Y, { left, right, top, bottom, svg });
  };
}

// Tables. Columns of numbers have the class `num`.

const compareText = new Intl.Collator("en", { numeric: true }).compare;

/** A click on a heading sorts by its column, a second one the other way; empty cells come last. */
function sortable(table) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const heads = [...table.tHead.rows[0].cells];
  const inWords = (column) => !heads[column].classList.contains("num");
  const key = (row, column) => {
    const text = row.cells[column].textContent.trim().replaceAll("−", "-");
    if (inWords(column)) return text;
    if (row.cells[column].dataset.v) return Number(row.cells[column].dataset.v);
    return text === "" ? null : text.split("×").reduce((product, part) => product * (Number(part.replaceAll(",", "")) || 0), 1);
  };
  heads.forEach((head, column) => head.querySelector("button").addEventListener("click", () => {
    const words = inWords(column);
    const now = head.getAttribute("aria-sort");
    const first = words || column === 0 ? "ascending" : "descending";
    const order = now === "none" ? first : now === "ascending" ? "descending" : "ascending";
    for (const other of heads) other.setAttribute("aria-sort", other === head ? order : "none");
    const sign = order === "ascending" ? 1 : -1;
    const keyed = rows.map((row, i) => ({ row, i, key: key(row, column) }));
    keyed.sort((a, b) => {
      if (a.key === null || b.key === null) return (a.key === null) - (b.key === null) || a.i - b.i;
      return sign * (words ? compareText(a.key, b.key) : a.key - b.key) || a.i - b.i;
    });
    body.append(...keyed.map(({ row }) => row));
  }));
}

// The theme.

{
  const button = document.getElementById("theme");
  const themes = ["system", "light", "dark"];
  let at = 0;
  button.addEventListener("click", () => {
    at = (at + 1) % themes.length;
    if (at) document.documentElement.dataset.theme = themes[at];
    else delete document.documentElement.dataset.theme;
    button.textContent = `Theme: ${themes[at]}`;
  });
}

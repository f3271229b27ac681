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

/** Four significant digits, in plain figures where they are few. */
function number(x) {
  if (x === null || x === undefined || !isFinite(x)) return "–";
  const near = Number(x.toPrecision(4)), size = Math.abs(near);
  if (near === 0 || (size >= 1e-4 && size < 1e6)) return String(near).replace("-", "−");
  const [digits, power] = near.toExponential().split("e");
  return `${digits}·10${power.replace("+", "").replace(/./g, (c) => (c === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[c]))}`.replace("-", "−");
}

/** Puts numbers and lists back into the skeleton that equal parts of the data block share. */
const lists = (data.lists ?? []).map((list) => (Array.isArray(list) ? list : Array.from({ length: list.count }, (_, i) => list.from + i * list.step)));
function whole([skeleton, ...fill]) {
  let at = 0;
  const grow = (node) => {
    if (node === null) return fill[at++];
    if (Array.isArray(node)) return node.length ? node.map(grow) : lists[fill[at++]];
    return typeof node === "object" ? Object.fromEntries(Object.entries(node).map(([key, part]) => [key, grow(part)])) : node;
  };
  return grow(data.skeletons[skeleton]);
}

// Axes.

function scale(axis, from, to) {
  const f = axis.log ? (v) => Math.log10(axis.floor === undefined ? v : Math.max(v, axis.floor)) : (v) => v;
  const [a, b] = [f(axis.from), f(axis.to)];
  return (v) => from + ((f(v) - a) / (b - a || 1)) * (to - from);
}

/** Pairs of a place and what stands there. */
function ticks(axis, most) {
  if (axis.names) return axis.names.map((name, i) => [i + 1, name.length > 16 ? `…${name.slice(-15)}` : name]).filter(([, name]) => name);
  let out = [];
  if (axis.log) {
    const [a, b] = [Math.log10(axis.from), Math.log10(axis.to)];
    const steps = b - a < 1.2 ? [1, 1.5, 2, 3, 5, 7] : b - a < 2.5 ? [1, 2, 5] : [1];
    const every = Math.max(1, Math.ceil((b - a) / most));
    for (let k = Math.floor(a); k <= b; k++)
      for (const step of k % every === 0 ? steps : []) out.push(step * 10 ** k);
    out = out.filter((v) => v >= axis.from * 0.999 && v <= axis.to * 1.001);
  } else {
    const rough = (axis.to - axis.from) / most;
    const unit = 10 ** Math.floor(Math.log10(rough));
    let step = unit * [1, 2, 5, 10].find((k) => k * unit >= rough);
    if (axis.whole) step = Math.max(1, Math.round(step));
    for (let k = Math.ceil(axis.from / step - 1e-9); k * step <= axis.to + 1e-9 * step; k++) out.push(k * step);
  }
  return out.map((v) => [v, number(v)]);
}

// The marks of a figure.

const point = ([x, y]) => `${x.toFixed(1)} ${y.toFixed(1)}`;
const path = (points) => `M${points.map(point).join("L")}`;
const circle = (r) => `m${-r} 0a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
const SHAPES = { disc: circle(3), dot: circle(2), ring: circle(4), square: "m-3 -3h6v6h-6z", triangle: "m0 -4l4 7h-8z", diamond: "m0 -5l5 5l-5 5l-5 -5z", cross: "m-3 -3l6 6m0 -6l-6 6" };
const shaped = (points, shape) => points.map((p) => `M${point(p)}${SHAPES[shape]}`).join("");
const hue = (color) => (color === "muted" ? "grey" : `c${color.number % 10}`);

/** Rows of what can be drawn, without a gap. */
const runs = (rows) => rows.reduce((all, row) => (row.every(isFinite) ? all.at(-1).push(row) : all.push([]), all), [[]]).filter((run) => run.length);

/** Draws a mark on a plane between these edges. */
const DRAW = {
  bars({ bars, color }, plane, X, Y, box) {
    bars.from.forEach((from, i) => {
      const [a, b, top] = [X(from), X(bars.to[i]), Y(bars.height[i])];
      if (a === b) add(plane, "path", { class: `stem ${hue(color)}`, d: path([[a, box.bottom], [a, top]]) });
      else add(plane, "rect", { class: `bar ${hue(color)}`, x: a.toFixed(1), y: top.toFixed(1), width: Math.max(0.5, b - a - 0.7).toFixed(1), height: Math.max(0, box.bottom - top).toFixed(1) });
    });
  },
  band({ stretches, color }, plane, X, Y) {
    const rows = stretches.x.map((x, i) => [X(x ?? NaN), Y(stretches.low[i] ?? NaN), Y(stretches.high[i] ?? NaN)]);
    for (const run of runs(rows))
      add(plane, "path", { class: `band ${hue(color)}`, d: `${path([...run.map(([x, , high]) => [x, high]), ...run.reverse().map(([x, low]) => [x, low])])}z` });
  },
  level({ at, words }, plane, X, Y, box) {
    add(plane, "path", { class: "level", d: path([[box.left, Y(at)], [box.right, Y(at)]]) });
    if (words) add(plane, "text", { class: "end", x: box.right, y: (Y(at) - 3).toFixed(1) }, words);
  },
  vertical({ at }, plane, X, Y, box) {
    if (X(at) > box.left && X(at) < box.right) add(plane, "path", { class: "vertical", d: path([[X(at), box.top], [X(at), box.bottom]]) });
  },
  rug({ at, color }, plane, X, Y, box) {
    add(plane, "path", { class: `rug ${hue(color)}`, d: at.map((x) => `M${point([X(x), box.bottom])}v-7`).join("") });
  },
  line({ points, color, stroke, dots }, plane, X, Y) {
    for (const run of runs(points.x.map((x, i) => [X(x ?? NaN), Y(points.y[i] ?? NaN)]))) {
      if (run.length > 1) add(plane, "path", { class: `line ${stroke} ${hue(color)}`, d: path(run) });
      if (dots || run.length === 1) add(plane, "path", { class: `points ${dots ?? "disc"} ${hue(color)}`, d: shaped(run, dots ?? "disc") });
    }
  },
  points({ points, color, shape }, plane, X, Y) {
    const rows = points.x.map((x, i) => [X(x ?? NaN), Y(points.y[i] ?? NaN)]).filter((row) => row.every(isFinite));
    add(plane, "path", { class: `points ${shape} ${hue(color)}`, d: shaped(rows, shape) });
  },
};
const KINDS = ["bars", "band", "level", "vertical", "rug", "line", "points"];

/** What covers much lies below; of lines the first lies on top. */
const layered = (marks) => marks.map((mark, i) => [KINDS.indexOf(mark.kind), mark.kind === "line" ? -i : i, mark]).sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, , mark]) => mark);

/** The marks of the key: those with words, alike ones once; thin lines are many of one kind. */
function keyed(marks) {
  const entries = new Map();
  for (const mark of marks) if (mark.words && mark.kind !== "level") {
    const look = [mark.kind, JSON.stringify(mark.color), mark.stroke, mark.dots, mark.shape].join();
    const key = mark.stroke === "thin" ? look : look + mark.words;
    entries.set(key, { mark, first: entries.get(key)?.first ?? mark.words });
  }
  return [...entries.values()].map(({ mark, first }) => [mark, first === mark.words ? first : `${first} to ${mark.words}`]);
}

function swatch(parent, mark) {
  const svg = add(parent, "svg", { viewBox: "0 0 22 10", "aria-hidden": "true" });
  const color = mark.color && hue(mark.color);
  const upright = mark.kind === "rug" || mark.kind === "vertical" || (mark.kind === "bars" && mark.bars.from[0] === mark.bars.to[0]);
  if (upright) add(svg, "path", { class: mark.kind === "vertical" ? "vertical" : `stem ${color}`, d: "M11 0V10" });
  else if (mark.kind === "bars" || mark.kind === "band") add(svg, "rect", { class: `${mark.kind === "bars" ? "bar" : "band"} ${color}`, width: 22, height: 10 });
  else if (mark.kind === "line") add(svg, "path", { class: `line ${mark.stroke} ${color}`, d: "M0 5H22" });
  if (mark.shape ?? mark.dots) add(svg, "path", { class: `points ${mark.shape ?? mark.dots} ${color}`, d: shaped([[11, 5]], mark.shape ?? mark.dots) });
}

/** The places that the pointer and the arrow keys reach, each with what it is and a link. */
function stopsOf(spec) {
  if (spec.stops) return spec.stops.x.map((x, i) => ({ x, words: spec.stops.words[i], link: spec.stops.link?.[i] }));
  const { x, marks } = spec.panels[0];
  const main = marks.find((mark) => (mark.words || spec.layout === "rows") && (mark.points ?? mark.bars));
  const at = (v) => `${x.words} ${number(v)}`;
  return main?.bars
    ? main.bars.from.map((from, i) => ({ x: (from + main.bars.to[i]) / 2, y: main.bars.height[i], words: `${at(from)} to ${number(main.bars.to[i])}` }))
    : (main?.points.x ?? []).map((v, i) => ({ x: v, y: main.points.y[i], words: at(v) }));
}

/** The numbers of all marks at a place. */
function readout(spec, stop, i) {
  const said = new Map();
  for (const { y, marks } of spec.panels) for (const { kind, words, points, stretches, bars } of marks) {
    const own = points ?? stretches ?? (bars && { x: bars.from.map((from, k) => (from + bars.to[k]) / 2), y: bars.height });
    if (!own || !words) continue;
    const at = own.x[i] === stop.x ? i : own.x.indexOf(stop.x);
    const [low, high] = stretches ? [own.low[at], own.high[at]] : [own.y[at], null];
    if (low === null || low === undefined) continue;
    const name = spec.layout === "rows" && kind === "points" ? y.words : words;
    const unit = y.unit ? ` ${y.unit}` : "";
    said.set(name, [...(said.get(name) ?? []), number(low) + (stretches ? ` to ${number(high)}` : "") + unit]);
  }
  for (const { words, values } of spec.panels[0].asides ?? []) said.set(words, [number(values[i])]);
  return `${stop.words}: ${[...said].map(([name, values]) => `${name} ${values.join(", ")}`).join(", ") || "not measured"}`;
}

// A figure: title, key, picture, value under the pointer, how to read it.

let figures = 0;

function figure(host, spec, heading = "h4") {
  const id = `figure-${++figures}`;
  const rows = spec.layout === "rows";
  const node = add(host, "figure", rows ? { class: "wide" } : {});
  if (heading) add(node, heading, {}, spec.title);
  const legend = add(node, "p", { class: "legend" });
  for (const [mark, words] of keyed(spec.panels.flatMap((panel) => panel.marks))) {
    const entry = add(legend, "span");
    swatch(entry, mark);
    entry.append(words);
  }
  const width = Math.min(rows ? 1140 : 640, Math.max(280, node.clientWidth || 560));
  const [strip, gap, top] = rows ? [66, 28, 18] : [206, 0, 26];
  const bottom = top + spec.panels.length * (strip + gap) - gap;
  const height = bottom + 38;
  const svg = add(node, "svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-labelledby": `${id}-t ${id}-d` });
  add(svg, "title", { id: `${id}-t` }, spec.title);
  const { x } = spec.panels.at(-1);
  add(svg, "desc", { id: `${id}-d` }, `${spec.panels.map(({ y }) => `${y.words}, ${number(y.from)} to ${number(y.to)}`).join("; ")}; over ${x.words}, ${number(x.from)} to ${number(x.to)}.`);
  const left = rows ? 76 : 54;
  // Few places stand near each other.
  const right = Math.min(width - 12, rows ? left + 110 * (x.to - x.from) : width);
  const X = scale(x, left, right);
  let Y;
  spec.panels.forEach(({ y, marks }, k) => {
    const box = { left, right, top: top + k * (strip + gap), bottom: top + k * (strip + gap) + strip };
    Y = scale(y, box.bottom, box.top);
    const clip = add(svg, "clipPath", { id: `${id}-${k}` });
    add(clip, "rect", { x: left, y: box.top - 6, width: right - left + 4, height: strip + 6 });
    for (const [v, text] of ticks(y, rows ? 2 : 5)) {
      add(svg, "path", { class: "tick", d: `M${left - 4} ${Y(v).toFixed(1)}h4` });
      add(svg, "text", { class: "end", x: left - 8, y: (Y(v) + 4).toFixed(1) }, text);
    }
    add(svg, "path", { class: "axis", d: `M${left} ${box.top}V${box.bottom}H${right}` });
    add(svg, "text", { class: "label", x: rows ? left : 0, y: rows ? box.top - 7 : 12 }, (y.unit ? `${y.words} in ${y.unit}` : y.words) + (rows && y.log ? ", log scale" : ""));
    const plane = add(svg, "g", { "clip-path": `url(#${id}-${k})` });
    for (const mark of layered(marks)) DRAW[mark.kind](mark, plane, X, Y, box);
  });
  let end = -Infinity;
  for (const [v, text] of ticks(x, Math.max(3, width / 95))) {
    // A digit is some 7 wide: words that would not fit end where the picture does.
    const half = 3.5 * text.length;
    const fits = X(v) + half <= width;
    if ((fits ? X(v) - half : width - 2 * half) < end) continue;
    end = X(v) + half + 4;
    if (!x.names) add(svg, "path", { class: "tick", d: `M${X(v).toFixed(1)} ${bottom}v4` });
    add(svg, "text", { class: fits ? "middle" : "end", x: (fits ? X(v) : width).toFixed(1), y: bottom + 17 }, text);
  }
  add(svg, "text", { class: "label end", x: right, y: height - 4 }, x.words);
  const said = add(node, "p", { class: "readout", "aria-hidden": "true" });
  add(node, "figcaption", {}, spec.reading);
  const upright = rows || Boolean(spec.stops);
  const stops = stopsOf(spec).map((stop, i) => ({ link: stop.link, x: X(stop.x), y: upright ? top : Math.max(top, Y(stop.y)), text: readout(spec, stop, i) }));
  if (stops.length) walk(node, svg, stops, said, spec.title, upright ? [top, bottom] : null);
}

/** Pointer and keyboard move over the same stops; the slider is what a screen reader speaks. */
function walk(node, svg, stops, said, title, upright) {
  const slider = add(node, "input", { type: "range", min: 0, max: stops.length - 1, value: 0, step: 1, "aria-label": `${title}: values` });
  const marks = add(svg, "g", { "aria-hidden": "true" });
  const show = (i) => {
    const { x, y, text } = stops[i];
    marks.replaceChildren();
    if (upright) add(marks, "line", { class: "cursor", x1: x, x2: x, y1: upright[0], y2: upright[1] });
    else add(marks, "circle", { class: "marker", cx: x, cy: y, r: 4.5 });
    said.textContent = text;
    slider.value = i;
    slider.setAttribute("aria-valuetext", text);
    node.dataset.point = i;
  };
  slider.setAttribute("aria-valuetext", stops[0].text);
  for (const event of ["input", "focus"]) slider.addEventListener(event, () => show(Number(slider.value)));
  const nearest = (event) => {
    const box = svg.getBoundingClientRect();
    const zoom = svg.viewBox.baseVal.width / box.width;
    const [x, y] = [(event.clientX - box.left) * zoom, (event.clientY - box.top) * zoom];
    const far = (stop) => (stop.x - x) ** 2 + (upright ? 0 : 0.05 * (stop.y - y) ** 2);
    return stops.reduce((best, stop, i) => (far(stop) < far(stops[best]) ? i : best), 0);
  };
  svg.addEventListener("pointermove", (event) => show(nearest(event)));
  const follow = (i) => {
    if (!stops[i].link) return;
    location.hash = stops[i].link;
    openHash();
  };
  svg.addEventListener("click", (event) => follow(nearest(event)));
  slider.addEventListener("keydown", (event) => event.key === "Enter" && follow(Number(slider.value)));
}

for (const [id, parts] of Object.entries(data.figures)) {
  const host = document.getElementById(id);
  if (host && parts.length) host.hidden = false;
  for (const part of host ? parts : []) figure(host, whole(part), id === "overview" ? null : "h3");
}

// Layers, each drawn when it comes into sight.

const layers = data.layers ?? [];
const bodies = [];

function drawLayer(body) {
  if (!body.classList.contains("waiting")) return;
  body.classList.remove("waiting");
  const layer = layers[Number(body.dataset.layer)];
  const list = add(body, "div", { class: "facts" });
  for (const { heading, terms, texts } of whole(layer.facts)) {
    const group = add(list, "div");
    add(group, "h4", {}, heading);
    const pairs = add(group, "dl");
    terms.forEach((term, i) => {
      const pair = add(pairs, "div");
      add(pair, "dt", {}, term);
      add(pair, "dd", {}, texts[i]);
    });
  }
  for (const note of layer.notes ?? []) add(body, "p", { class: "notes" }, note);
  const host = add(body, "div", { class: "figures" });
  for (const part of layer.figures ?? []) figure(host, whole(part));
}

{
  const few = layers.filter((layer) => layer.kind).length <= 6;
  const all = document.createDocumentFragment();
  layers.forEach((layer, i) => {
    const node = add(all, "details", { id: `layer-${i + 1}`, class: `layer ${layer.status}` });
    node.open = few && Boolean(layer.kind);
    const summary = add(node, "summary");
    add(summary, "span", { class: "position" }, String(i + 1));
    add(summary, "h3", {}, layer.name);
    const finding = add(summary, "span", { class: "finding" });
    add(finding, "i", { class: layer.kind ?? layer.status });
    finding.append(layer.verdict ?? layer.status);
    const body = add(node, "div", { class: "body waiting", "data-layer": i });
    if (!layer.kind) drawLayer(body);
    bodies.push(body);
  });
  document.getElementById("layers")?.append(all);
}

const seen = new IntersectionObserver((entries) => {
  for (const entry of entries) if (entry.isIntersecting) {
    seen.unobserve(entry.target);
    drawLayer(entry.target);
  }
}, { rootMargin: "200px" });
bodies.forEach((body) => body.classList.contains("waiting") && seen.observe(body));

function openLayer(i) {
  const body = bodies[i];
  body.parentElement.hidden = false;
  body.parentElement.open = true;
  drawLayer(body);
  body.parentElement.scrollIntoView();
  body.parentElement.querySelector("summary").focus({ preventScroll: true });
}

function openHash() {
  const match = /^#layer-([1-9][0-9]{0,7})$/.exec(location.hash);
  if (match && bodies[match[1] - 1]) openLayer(match[1] - 1);
}
addEventListener("hashchange", openHash);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[href^='#layer-']");
  if (link && link.hash === location.hash) openHash();
});

document.getElementById("open-all")?.addEventListener("click", (event) => {
  const open = bodies.some((body) => !body.parentElement.open);
  for (const body of bodies) body.parentElement.open = open;
  event.target.textContent = open ? "Close all layers" : "Open all layers";
});

addEventListener("beforeprint", () => {
  if (bodies.length <= 20) for (const body of bodies) body.parentElement.open = true;
  for (const body of bodies) if (body.parentElement.open) drawLayer(body);
});

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

for (const table of document.querySelectorAll("table")) if (table.tHead?.querySelector("button")) sortable(table);

// Filtering and folding, of the table and of the list of layers.

/** The words of a query: those that a row must have, and those that it must not. Quotes keep words together. */
function parseQuery(text) {
  const query = { all: [], none: [] };
  let without = false;
  for (const [, minus, quoted, word] of text.toLowerCase().matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)) {
    if (quoted === undefined && !minus && word === "not") {
      without = true;
      continue;
    }
    const wanted = quoted ?? word;
    if (wanted) query[without || minus ? "none" : "all"].push(wanted);
    without = false;
  }
  return query;
}

if (document.getElementById("tensors")) {
  const rows = [...document.getElementById("tensors").tBodies[0].rows];
  const [shown, filter, fold] = ["shown", "filter", "fold"].map((id) => document.getElementById(id));
  const texts = layers.map((layer, i) => `${layer.name} ${rows[i].cells[2].textContent} ${layer.role.replaceAll("_", " ")} role:${layer.role} verdict:${layer.kind ?? layer.status} ${layer.file ?? ""}`.toLowerCase());
  const skipped = layers.filter((layer) => layer.status === "skipped").length;
  let open = layers.length === skipped;
  fold.hidden = skipped === 0 || open;
  const show = () => {
    const query = parseQuery(filter.value);
    let count = 0;
    layers.forEach((layer, i) => {
      const matches = query.all.every((word) => texts[i].includes(word)) && !query.none.some((word) => texts[i].includes(word));
      const visible = matches && (open || layer.status !== "skipped");
      rows[i].hidden = !visible;
      bodies[i].parentElement.hidden = !visible;
      count += visible;
    });
    fold.textContent = open ? `Hide ${skipped} skipped` : `Show ${skipped} skipped`;
    fold.setAttribute("aria-pressed", String(open));
    const filtered = query.all.length + query.none.length > 0;
    shown.textContent = filtered ? `${count} of ${open ? layers.length : layers.length - skipped} shown` : "";
  };
  filter.addEventListener("input", show);
  fold.addEventListener("click", () => { open = !open; show(); });
  for (const button of document.querySelectorAll("button[data-filter]"))
    button.addEventListener("click", () => {
      filter.value = button.dataset.filter;
      show();
      filter.scrollIntoView({ block: "center" });
      filter.focus({ preventScroll: true });
    });
  show();
}

// Marks are named for those who point at them, too.

for (const mark of document.querySelectorAll(".map a")) mark.title = mark.getAttribute("aria-label");

// Frames that scroll say so.

for (const frame of document.querySelectorAll(".scroll")) {
  const hint = document.createElement("p");
  hint.className = "more";
  hint.setAttribute("aria-hidden", "true");
  frame.after(hint);
  const say = () => {
    const right = frame.scrollWidth - frame.clientWidth - frame.scrollLeft > 4;
    const down = frame.scrollHeight - frame.clientHeight - frame.scrollTop > 4;
    hint.textContent = right ? "more to the right →" : down ? "more below ↓" : "";
  };
  frame.addEventListener("scroll", say, { passive: true });
  new ResizeObserver(say).observe(frame);
  if (frame.firstElementChild) new ResizeObserver(say).observe(frame.firstElementChild);
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

openHash();

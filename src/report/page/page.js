const layers = data.layers;

// The Marchenko-Pastur law of the singular values of an m × n matrix.

const edges = (m, n, variance) => [
  Math.sqrt(variance) * Math.abs(Math.sqrt(n) - Math.sqrt(m)),
  Math.sqrt(variance) * (Math.sqrt(n) + Math.sqrt(m)),
];

/** Density at s: 2 s f(s²/n)/n, normalised over the min(m, n) values. */
function density(m, n, variance, s) {
  const [low, high] = edges(m, n, variance);
  if (!(s > low && s < high)) return 0;
  return (Math.sqrt((high - s) * (high + s)) * Math.sqrt((s - low) * (s + low)))
    / (Math.PI * variance * Math.min(m, n) * s);
}

/** Pairs (s, share of values above s), by the angle that runs from the lower edge to the upper. */
function lawTail(m, n, variance) {
  const [longer, q] = [Math.max(m, n), Math.sqrt(Math.min(m, n) / Math.max(m, n))];
  return Array.from({ length: 121 }, (_, k) => {
    const t = (Math.PI * k) / 120;
    const delta = Math.atan2(q * Math.sin(t), 1 - q * Math.cos(t));
    const below = (t + delta + (q * Math.sin(t) - delta) / (q * q)) / Math.PI;
    return [Math.sqrt(variance * longer * (1 + q * q - 2 * q * Math.cos(t))), 1 - below];
  });
}

// Words.

const kindWords = { noise: "like noise", spikes: "spikes", heavy_tail: "heavy tail", no_bulk: "no random bulk", low_rank: "low rank", degenerate: "too little to judge" };
/** Tracy and Widom's law has no draws. */
const LAW = 0;
const many = (count, noun) => `${count} ${count === 1 ? noun : noun.endsWith("y") ? `${noun.slice(0, -1)}ies` : `${noun}s`}`;

/** A p-value; the smallest that so many draws can give is a bound. */
function pValue(p, draws) {
  if (p === null || p === undefined) return "–";
  const least = 1 / (draws + 1);
  if (draws && p <= least * 1.001) return `≤ ${Number(least.toPrecision(2))}`;
  return p === 0 ? "< 10⁻³⁰⁰" : words(Number(p.toPrecision(2)));
}

// The figures of a layer.

const orders = (layer, kept = layer.orders, length = layer.count) => kept ?? Array.from({ length }, (_, i) => i + 1);

/** Histogram in singular values (`eigen` false) or eigenvalues, with the laws over it. */
function densityFigure(host, layer, eigen) {
  const { from, width, counts, above } = layer.bins;
  const { n } = layer;
  const map = eigen ? (s) => (s * s) / n : (s) => s;
  const slope = eigen ? (s) => n / (2 * s) : () => 1;
  const bins = counts.map((count, i) => {
    const [a, b] = [map(from + i * width), map(from + (i + 1) * width)];
    const centre = from + (i + 0.5) * width;
    return { a, b, count, centre, height: count / (layer.count * (b - a)) };
  });
  const laws = [["law", layer.law], ["bulk", layer.bulk]].filter(([, law]) => law);
  const curve = (law) => {
    const [low, high] = edges(law.m, law.n, law.variance);
    return Array.from({ length: 161 }, (_, k) => {
      const s = low + ((high - low) * (1 - Math.cos((Math.PI * k) / 160))) / 2;
      return [map(s), s > 0 ? law.share * density(law.m, law.n, law.variance, s) * slope(s) : NaN];
    }).filter(([, y]) => isFinite(y));
  };
  const end = from + width * counts.length;
  // The laws' edges belong in the picture unless they lie far from every value.
  const first = map(Math.max(0, Math.min(from, ...laws.map(([, law]) => law.low).filter((s) => s > from - 0.3 * (end - from)))));
  const last = map(Math.max(end, ...laws.map(([, law]) => law.high).filter((s) => s < end + 0.3 * (end - from))) * 1.01);
  // Near zero the density of eigenvalues of a square matrix has no bound, so its bars are cut off.
  const heights = bins.map((bin) => bin.height).filter((h) => h > 0).sort((a, b) => a - b);
  const tall = eigen ? Math.min(heights.at(-1), 6 * heights[heights.length >> 1]) : heights.at(-1);
  const lawTop = laws.length && !eigen ? Math.max(...laws.flatMap(([, law]) => curve(law).map(([, y]) => y))) : 0;
  const what = eigen ? "Eigenvalues λ = s²/n" : "Singular values";
  figure(host, {
    title: eigen ? "Density of eigenvalues" : "Density of singular values",
    keys: [["bar", "the layer"], ...(eigen ? [] : [["rug", "its values"]]), ...laws.map(([kind]) => [kind, kind === "law" ? "law of all entries" : "fitted bulk"]), ...(layer.bulk ? [["edge", "its edge"]] : [])],
    summary: `${what} from ${number(map(from))} to ${number(map(end))} in ${counts.length} bins${above ? `, ${above} beyond` : ""}.`
      + (layer.law ? ` The law of all entries ends at ${number(map(edges(layer.law.m, layer.law.n, layer.law.variance)[1]))}.` : "")
      + (layer.bulk ? ` The edge of the fitted bulk is ${number(map(layer.bulk.high))}, with ${many(layer.bulk.spikes, "value")} above it.` : " There is no random bulk."),
    read: eigen
      ? layer.bulk
        ? "The same values as eigenvalues: bars that follow the green curve are noise; bars to the right of its edge are structure."
        : "The same values as eigenvalues, beside the law of a random matrix with the same mean square."
      : layer.bulk
        ? "Bars under the green curve are like noise; ticks to the right of its edge are values that such noise does not have."
        : "No curve of noise fits the bars: the orange one is the law of a random matrix with the same mean square.",
    draw: framed({
      x: { from: first, to: last, label: eigen ? "eigenvalue λ = s²/n" : "singular value s" },
      y: { from: 0, to: Math.max(tall, Math.min(lawTop, 2 * tall)) * 1.12, label: "density" },
      draw(plane, X, Y, box) {
        for (const bin of bins)
          add(plane, "rect", { class: "bar", x: X(bin.a).toFixed(1), y: Y(bin.height).toFixed(1), width: Math.max(0.5, X(bin.b) - X(bin.a) - 0.7).toFixed(1), height: Math.max(0, box.bottom - Y(bin.height)).toFixed(1) });
        for (const [kind, law] of laws) add(plane, "path", { class: kind, d: path(curve(law).map(([x, y]) => [X(x), Y(y)])) });
        if (layer.bulk && layer.bulk.high < end * 1.2) add(plane, "path", { class: "edge", d: `M${X(map(layer.bulk.high)).toFixed(1)} ${box.top}V${box.bottom}` });
        if (!eigen) {
          const rug = layer.values.filter((v) => v <= last).map((v) => `M${X(v).toFixed(1)} ${box.bottom}v-7`).join("");
          add(plane, "path", { class: "rug", d: rug });
        }
        if (tall < heights.at(-1)) add(box.svg, "text", { x: 54, y: 12 }, "↑ bars cut off");
        if (above) add(box.svg, "text", { class: "end", x: box.right, y: 12 }, `${above} beyond, up to ${number(map(layer.values[0]))} →`);
        return bins.map((bin) => ({
          x: (X(bin.a) + X(bin.b)) / 2,
          y: Math.max(box.top, Y(bin.height)),
          text: `${eigen ? "λ" : "s"} ${number(bin.a)} to ${number(bin.b)}: ${bin.count} of ${layer.count} values, density ${number(bin.height)}`
            + (layer.law ? `; law ${number(density(layer.law.m, layer.law.n, layer.law.variance, bin.centre) * slope(bin.centre))} at ${number(map(bin.centre))}` : ""),
        }));
      },
    }),
  });
}

function tailFigure(host, layer) {
  const { n, tail } = layer;
  const kept = orders(layer);
  const points = layer.values.map((s, i) => ({ s, order: kept[i], x: (s * s) / n, y: kept[i] / layer.count })).filter((p) => p.x > 0);
  if (points.length < 2) return;
  // The smallest values of a square matrix reach far to the left; the tail is what is read here.
  const floor = Math.max(points.at(-1).x, points[0].x * 1e-6);
  const laws = [["law", layer.law], ["bulk", layer.bulk]].filter(([, law]) => law);
  const above = (law) => (law === layer.bulk ? law.spikes / layer.count : 0);
  figure(host, {
    title: "Tail of the eigenvalues",
    keys: [["dot", "the layer"], ...(tail ? [["curve", `power law, α = ${number(tail.alpha)} ± ${number(tail.error)}`]] : []), ...laws.map(([kind]) => [kind, kind === "law" ? "law of all entries" : "fitted bulk"])],
    summary: tail
      ? `Share of eigenvalues at or above λ on logarithmic axes. The power law fitted from ${number(tail.x_min)} has alpha ${number(tail.alpha)} over ${tail.size} values, KS distance ${number(tail.ks)}.`
      : "Share of eigenvalues at or above λ on logarithmic axes. No power law could be fitted.",
    read: "A straight fall is a power law (a heavy tail); a fall off a cliff at the end of a curve is a random matrix.",
    draw: framed({
      x: { from: floor, to: points[0].x * 1.15, log: true, label: "eigenvalue λ = s²/n" },
      y: { from: 0.7 / layer.count, to: 1.3, log: true, label: "share of values ≥ λ" },
      draw(plane, X, Y) {
        for (const [kind, law] of laws)
          add(plane, "path", { class: kind, d: path(lawTail(law.m, law.n, law.variance).map(([s, y]) => [(s * s) / n, above(law) + law.share * y]).filter(([x, y]) => x >= floor && y > 1e-9).map(([x, y]) => [X(x), Y(y)])) });
        for (const p of points) if (p.x >= floor) add(plane, "circle", { class: "dot", cx: X(p.x).toFixed(1), cy: Y(p.y).toFixed(1), r: 2 });
        if (tail) {
          const at = (x) => (tail.size / layer.count) * (x / tail.x_min) ** (1 - tail.alpha);
          add(plane, "path", { class: "curve", d: path([tail.x_min, points[0].x].map((x) => [X(x), Y(at(x))])) });
        }
        return points.filter((p) => p.x >= floor).map((p) => ({
          x: X(p.x), y: Y(p.y),
          text: `order ${p.order} of ${layer.count}: s ${number(p.s)}, λ ${number(p.x)}, share ${number(p.y)}`,
        }));
      },
    }),
  });
}

function ratioFigure(host, layer, baseline, full) {
  const kept = orders(layer, baseline.orders, baseline.ratio.length);
  const rows = kept.map((order, i) => ({ order, ratio: baseline.ratio[i], low: baseline.low[i], high: baseline.high[i] })).filter((row) => row.ratio !== null);
  if (!rows.length) return;
  const positive = rows.flatMap((row) => [row.ratio, row.low, row.high]).filter((v) => v !== null && v > 0);
  const [least, most] = [Math.min(1, ...positive), Math.max(1, ...positive)];
  const log = most / least > 12;
  const pad = (most - least || 0.1) * 0.06;
  const shape = full ? "of the full shape" : layer.blocks ? "of the same blocks" : "of the same shape";
  figure(host, {
    title: full ? "Ratio to R of the full shape" : "Ratio to random matrices, order by order",
    keys: [["curve", "sᵢ over its mean in R"], ["band", `${percent(baseline.level)} of ${baseline.draws} draws`]],
    summary: `Mean distance ${number(baseline.distance)}, ${number(baseline.expected)} expected by chance. Largest value ${number(baseline.largest)} times R's; ${percent(baseline.outside)} of the orders leave the band.`,
    read: full
      ? "Each singular value of all blocks together over that of one random matrix of the full shape: with b blocks of plain noise the curve still leaves the band."
      : "Inside the band a value is what chance gives; on the left the largest values rise above it where the layer has learned something.",
    draw: framed({
      x: { from: 1, to: Math.max(2, rows.at(-1).order), label: "order i", whole: true },
      y: log ? { from: Math.max(least, most * 1e-4) / 1.1, to: most * 1.1, log, label: `ratio to R ${shape}` } : { from: least - pad, to: most + pad, label: `ratio to R ${shape}` },
      draw(plane, X, Y, box) {
        const low = (v) => Math.min(box.bottom, Y(log ? Math.max(v, 1e-300) : v));
        const banded = rows.filter((row) => row.low !== null && row.high !== null);
        if (banded.length > 1)
          add(plane, "path", { class: "band", d: `${path([...banded.map((r) => [X(r.order), low(r.high)]), ...banded.reverse().map((r) => [X(r.order), low(r.low)])])}Z` });
        add(plane, "path", { class: "one", d: `M${box.left} ${Y(1).toFixed(1)}H${box.right}` });
        add(plane, "path", { class: "curve", d: path(rows.map((r) => [X(r.order), low(r.ratio)])) });
        // The first orders stand alone, so that spikes can be counted; later ones are a line.
        for (const r of rows) if (r.order <= 40) add(plane, "circle", { class: "dot", cx: X(r.order).toFixed(1), cy: low(r.ratio).toFixed(1), r: 2.5 });
        return rows.map((r) => ({
          x: X(r.order), y: low(r.ratio),
          text: `order ${r.order}: ratio ${number(r.ratio)}, band ${number(r.low)} to ${number(r.high)}`,
        }));
      },
    }),
  });
}

function blocksFigure(host, layer) {
  const blocks = layer.blocks;
  const index = orders(layer, blocks.index, blocks.variance.length);
  const strips = [["variance", "variance of the entries"], ["norm", "largest singular value"]];
  if (blocks.ks.some((v) => v !== null)) strips.push(["ks", "KS distance to the law"]);
  const [strip, gap, top] = [84, 22, 14];
  const bottom = top + strips.length * (strip + gap) - gap;
  figure(host, {
    wide: true,
    title: `${blocks.count} blocks of ${blocks.rows} × ${blocks.columns}`,
    keys: Object.keys(kindWords).filter((kind) => blocks.kind.includes(kind)).map((kind) => [kind, `a block: ${kindWords[kind]}`]),
    summary: `${blocks.count} blocks (${blocks.source}), ${percent(blocks.share)} of the energy inside them. `
      + strips.map(([key, words]) => `${words} from ${number(Math.min(...blocks[key].filter((v) => v !== null)))} to ${number(Math.max(...blocks[key].filter((v) => v !== null)))}`).join("; ") + ".",
    read: "Level rows mean that the blocks are alike; a block that stands out has learned more, or less, than its sisters. The line is the median.",
    height: bottom + 34,
    cursor: [top, bottom],
    draw(svg, width) {
      const X = scale({ from: 0.5, to: blocks.count + 0.5 }, 64, width - 12);
      strips.forEach(([key, words], k) => {
        const values = blocks[key].filter((v) => v !== null);
        const [a, b] = [Math.min(...values), Math.max(...values)];
        const axis = { from: a, to: b > a ? b : a + (Math.abs(a) || 1) };
        const y0 = top + k * (strip + gap);
        const Y = scale(axis, y0 + strip - 8, y0 + 16);
        add(svg, "text", { class: "label", x: 64, y: y0 + 4 }, words);
        for (const v of a < b ? [a, b] : [a]) add(svg, "text", { class: "end", x: 56, y: (Y(v) + 4).toFixed(1) }, number(v));
        const median = values.toSorted((p, q) => p - q)[values.length >> 1];
        add(svg, "path", { class: "guide", d: `M64 ${Y(median).toFixed(1)}H${width - 12}` });
        blocks[key].forEach((v, i) => v !== null && add(svg, "circle", { class: blocks.kind[i], cx: X(index[i]).toFixed(1), cy: Y(v).toFixed(1), r: blocks.count > 120 ? 1.6 : 3 }));
      });
      for (const v of ticks({ from: 1, to: blocks.count, whole: true }, 10)) if (v >= 1) add(svg, "text", { class: "middle", x: X(v).toFixed(1), y: bottom + 14 }, String(v));
      add(svg, "text", { class: "label end", x: width - 12, y: bottom + 30 }, "block");
      return index.map((b, i) => ({
        x: X(b), y: top,
        text: `block ${b}: variance ${number(blocks.variance[i])}, largest value ${number(blocks.norm[i])}, KS ${number(blocks.ks[i])}, p ${pValue(blocks.p[i], data.draws)}; ${kindWords[blocks.kind[i]]}${blocks.spikes[i] ? `, ${many(blocks.spikes[i], "spike")}` : ""}`,
      }));
    },
  });
}

// A layer's section.

function facts(host, layer) {
  const list = add(host, "div", { class: "facts" });
  const texts = layer.facts.values();
  for (const [heading, terms] of data.facts) {
    const rows = terms.map((term) => [term, texts.next().value ?? null]).filter(([, text]) => text !== null);
    if (!rows.length) continue;
    const group = add(list, "div");
    add(group, "h4", {}, heading);
    const pairs = add(group, "dl");
    for (const [term, text] of rows) {
      const pair = add(pairs, "div");
      add(pair, "dt", {}, term);
      add(pair, "dd", {}, text);
    }
  }
}

function drawLayer(body) {
  if (!body.classList.contains("waiting")) return;
  body.classList.remove("waiting");
  const layer = layers[Number(body.dataset.layer)];
  for (const note of [layer.reason, ...(layer.notes ?? [])]) if (note) add(body, "p", { class: "notes" }, note);
  facts(body, layer);
  if (layer.kind === undefined) return;
  if (layer.bulk?.spike_list?.length) {
    const text = layer.bulk.spike_list.map(([s, p]) => `${number(s)}${p === 0 ? "" : ` (p ${pValue(p, LAW)})`}`).join(", ");
    const sure = layer.bulk.spike_list.some(([, p]) => p === 0);
    add(body, "p", { class: "notes" }, `Spikes: ${text}${layer.bulk.spikes > layer.bulk.spike_list.length ? ", …" : "."}${sure ? ` Those without a p-value are beyond chance: p ${pValue(0, LAW)}.` : ""}`);
  }
  const host = add(body, "div", { class: "figures" });
  if (layer.values && layer.bins) {
    densityFigure(host, layer, false);
    densityFigure(host, layer, true);
    tailFigure(host, layer);
  } else {
    add(body, "p", { class: "notes" }, layer.values ? "All singular values are equal: there is no density to draw." : "The singular values were left out by request.");
  }
  if (layer.baseline) ratioFigure(host, layer, layer.baseline, false);
  if (layer.blocks?.full) ratioFigure(host, layer, layer.blocks.full, true);
  if (layer.blocks) blocksFigure(host, layer);
}

const section = document.getElementById("layers");
const bodies = [];
{
  const few = layers.filter((layer) => layer.kind !== undefined).length <= 6;
  const all = document.createDocumentFragment();
  layers.forEach((layer, i) => {
    const node = add(all, "details", { id: `layer-${i + 1}`, class: `layer ${layer.status}` });
    node.open = few && layer.kind !== undefined;
    const summary = add(node, "summary");
    add(summary, "span", { class: "position" }, String(i + 1));
    add(summary, "h3", {}, layer.name);
    const finding = add(summary, "span", { class: "finding" });
    add(finding, "i", { class: layer.kind ?? layer.status });
    finding.append(layer.verdict ?? layer.status);
    const body = add(node, "div", { class: "body waiting", "data-layer": i });
    if (layer.kind === undefined) drawLayer(body);
    bodies.push(body);
  });
  section.append(all);
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

document.getElementById("open-all").addEventListener("click", (event) => {
  const open = bodies.some((body) => !body.parentElement.open);
  for (const body of bodies) body.parentElement.open = open;
  event.target.textContent = open ? "Close all layers" : "Open all layers";
});

addEventListener("beforeprint", () => {
  if (bodies.length <= 20) for (const body of bodies) body.parentElement.open = true;
  for (const body of bodies) if (body.parentElement.open) drawLayer(body);
});

// The overview: four rows over the same depth.

/** What to write under the layers: short names of a few, else the layer numbers of a stack, else places. */
function axisNames(shown, places) {
  const short = (name) => {
    const text = name.replace(/\.weight$/, "");
    return text.length > 16 ? `…${text.slice(-15)}` : text;
  };
  if (shown.length <= 14 && new Set(shown.map(({ name }) => short(name))).size === shown.length)
    return { slanted: true, ticks: shown.map((layer, k) => [k, short(layer.name)]) };
  const key = ({ depth }) => (depth ? depth.join("\n") : null);
  const first = shown.map((layer, k) => [k, layer]).filter(([k, layer]) => layer.depth && (k === 0 || key(layer) !== key(shown[k - 1])));
  const stacks = [...new Set(first.map(([, layer]) => layer.depth[0]))];
  if (first.length > 1 && stacks.length <= 3)
    return { ticks: first.map(([k, layer]) => [k, String(layer.depth[1])]), label: `number of the layer in ${stacks.map((stack) => stack || "the file").join(", then ")}` };
  return { ticks: places.map((place, k) => [k, String(place)]).filter(([k]) => k === 0 || places[k] % 5 === 0), label: "place in the file" };
}

function overview() {
  const rows = layers.map((layer, i) => ({ layer, i })).filter(({ layer }) => layer.kind !== undefined);
  if (rows.length < 2) return;
  const strips = [
    { words: "spikes", of: (l) => l.spikes, bars: true },
    { words: "alpha", of: (l) => l.tail?.alpha ?? null },
    { words: "effective rank over the number of values", of: (l) => (l.effective_rank === null ? null : l.effective_rank / l.count), zero: true, least: 1 },
    { words: "distance to R", of: (l) => l.baseline?.distance ?? null, beside: (l) => l.baseline?.expected ?? null, zero: true },
  ].filter((s) => rows.some(({ layer }) => s.of(layer) !== null));
  if (!strips.length) return;
  const host = document.getElementById("overview");
  host.hidden = false;
  const [strip, gap, top] = [72, 24, 14];
  const bottom = top + strips.length * (strip + gap) - gap;
  const kinds = Object.entries(kindWords).filter(([kind]) => rows.some(({ layer }) => layer.kind === kind));
  const names = axisNames(rows.map(({ layer }) => layer), rows.map(({ i }) => i + 1));
  const below = names.slanted ? 74 : 34;
  const node = figure(host, {
    wide: true,
    title: "Findings by layer",
    untitled: true,
    summary: `${rows.length} layers in file order; ` + strips.map((s) => {
      const values = rows.map(({ layer }) => s.of(layer)).filter((v) => v !== null);
      return `${s.words} from ${number(Math.min(...values))} to ${number(Math.max(...values))}`;
    }).join("; ") + ".",
    read: "Each column is a layer, in file order; a dash in the last strip is the distance that pure chance gives. Click, or press Enter, to open the layer.",
    height: bottom + below,
    cursor: [top, bottom],
    choose: (k) => { location.hash = `#layer-${rows[k].i + 1}`; openHash(); },
    draw(svg, width) {
      const left = names.slanted ? 100 : 76;
      const step = Math.min(110, (width - 12 - left) / rows.length);
      const right = left + step * rows.length;
      const X = (k) => left + (k + 0.5) * step;
      const radius = Math.max(1.4, Math.min(4, step / 2.6));
      strips.forEach((s, at) => {
        const values = rows.flatMap(({ layer }) => [s.of(layer), s.beside?.(layer) ?? null]).filter((v) => v !== null);
        const [least, most] = [Math.min(...values), Math.max(...values)];
        const log = s.zero && !s.least && least > 0 && most > 30 * least;
        const from = log || !(s.bars || s.zero) ? least : 0;
        const axis = { from, to: s.least ?? (most > from ? most : from + 1), log };
        const y0 = top + at * (strip + gap);
        const Y = scale(axis, y0 + strip - 4, y0 + 14);
        add(svg, "text", { class: "label", x: left, y: y0 + 4 }, log ? `${s.words}, logarithmic` : s.words);
        for (const v of [axis.from, axis.to]) {
          add(svg, "text", { class: "end", x: left - 8, y: (Y(v) + 4).toFixed(1) }, number(Number(v.toPrecision(3))));
        }
        add(svg, "path", { class: "guide", d: `M${left} ${Y(axis.from).toFixed(1)}H${right.toFixed(1)}` });
        rows.forEach(({ layer }, k) => {
          const v = s.of(layer);
          if (v === null) return;
          const [x, y] = [X(k), Y(v)];
          const chance = s.beside?.(layer) ?? null;
          const half = Math.max(1, Math.min(9, step * 0.35));
          if (chance !== null) add(svg, "path", { class: "tick", d: `M${(x - half).toFixed(1)} ${Y(chance).toFixed(1)}h${(2 * half).toFixed(1)}` });
          if (s.bars) {
            if (v > 0) add(svg, "rect", { class: layer.kind, "stroke-width": 0, x: (x - Math.min(6, step * 0.4)).toFixed(1), width: Math.min(12, step * 0.8).toFixed(1), y: y.toFixed(1), height: (Y(0) - y).toFixed(1) });
          } else if (layer.kind === "heavy_tail") add(svg, "rect", { class: layer.kind, x: (x - radius * 0.85).toFixed(1), y: (y - radius * 0.85).toFixed(1), width: (1.7 * radius).toFixed(1), height: (1.7 * radius).toFixed(1) });
          else add(svg, "circle", { class: layer.kind, cx: x.toFixed(1), cy: y.toFixed(1), r: radius.toFixed(1) });
        });
      });
      const room = names.slanted ? 13 : 26;
      let last = -room;
      for (const [k, text] of names.ticks) {
        if (X(k) - last < room) continue;
        last = X(k);
        const [x, y] = [X(k).toFixed(1), bottom + 14];
        if (names.slanted) add(svg, "text", { class: "end", x, y, transform: `rotate(-30 ${x} ${y})` }, text);
        else add(svg, "text", { class: "middle", x, y }, text);
      }
      if (names.label) add(svg, "text", { class: "label", x: left, y: bottom + 31 }, names.label);
      return rows.map(({ layer, i }, k) => ({
        x: X(k), y: top,
        text: `${layer.name}: ${layer.verdict}; ${strips.map((s) => `${s.words} ${number(s.of(layer))}`).join(", ")}`,
      }));
    },
  });
  const legend = node.querySelector(".legend");
  for (const [kind, words] of kinds) {
    const entry = add(legend, "span");
    const swatch = add(entry, "svg", { viewBox: "0 0 22 10", "aria-hidden": "true" });
    if (kind === "heavy_tail") add(swatch, "rect", { class: kind, x: 8, y: 2, width: 7, height: 7 });
    else add(swatch, "circle", { class: kind, cx: 11, cy: 5, r: 4 });
    entry.append(words);
  }
}
overview();

// The table: sorting, filtering and folding, of the list of layers as well.

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

{
  const table = document.getElementById("tensors");
  const rows = [...table.tBodies[0].rows];
  sortable(table);
  const [shown, filter, fold] = ["shown", "filter", "fold"].map((id) => document.getElementById(id));
  const texts = layers.map((layer, i) => `${layer.name} ${rows[i].cells[2].textContent} ${layer.role.replaceAll("_", " ")} role:${layer.role} verdict:${layer.kind ?? layer.status} ${data.files.length > 1 ? data.files[layer.file] : ""}`.toLowerCase());
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

openHash();

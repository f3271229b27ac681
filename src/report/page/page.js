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

// The figures of a layer.

const orders = (layer, kept = layer.orders, length = layer.count) => kept ?? Array.from({ length }, (_, i) => i + 1);

/** Histogram in singular values (`eigen` false) or eigenvalues, with the laws over it. */
function densityFigure(host, layer, eigen) {
  const { from, width, counts, above } = layer.bins;
  const { m, n } = layer;
  const map = eigen ? (s) => (s * s) / n : (s) => s;
  const slope = eigen ? (s) => n / (2 * s) : () => 1;
  const bins = counts.map((count, i) => {
    const [a, b] = [map(from + i * width), map(from + (i + 1) * width)];
    const centre = from + (i + 0.5) * width;
    return { a, b, count, centre, height: count / (layer.count * (b - a)) };
  });
  const laws = [["law", layer.law], ["bulk", layer.bulk]].filter(([, law]) => law);
  // The fitted bulk is the law of the values that are no spikes.
  const share = (law) => (law === layer.bulk ? 1 - law.spikes / layer.count : 1);
  const curve = (law) => {
    const [low, high] = edges(m, n, law.variance);
    return Array.from({ length: 161 }, (_, k) => {
      const s = low + ((high - low) * (1 - Math.cos((Math.PI * k) / 160))) / 2;
      return [map(s), s > 0 ? share(law) * density(m, n, law.variance, s) * slope(s) : NaN];
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
    keys: [["bar", "the layer"], ...(eigen ? [] : [["rug", "its values"]]), ...laws.map(([kind]) => [kind, kind === "law" ? "law" : "fitted bulk"])],
    summary: `${what} from ${number(map(from))} to ${number(map(end))} in ${counts.length} bins${above ? `, ${above} beyond` : ""}.`
      + (layer.law ? ` The law ends at ${number(map(layer.law.high))}.` : "")
      + (layer.bulk ? ` The fitted bulk ends at ${number(map(layer.bulk.high))} with ${layer.bulk.spikes} spikes above it.` : ""),
    read: eigen
      ? "The same values as eigenvalues: bars that follow the orange curve are what chance gives; bars right of it are structure."
      : "Bars under the curve are noise-like; ticks to the right of where the curves end are values that a random matrix of this shape does not have.",
    draw: framed({
      x: { from: first, to: last, label: eigen ? "eigenvalue λ = s²/n" : "singular value s" },
      y: { from: 0, to: Math.max(tall, Math.min(lawTop, 2 * tall)) * 1.12, label: "density" },
      draw(plane, X, Y, box) {
        for (const bin of bins)
          add(plane, "rect", { class: "bar", x: X(bin.a).toFixed(1), y: Y(bin.height).toFixed(1), width: Math.max(0.5, X(bin.b) - X(bin.a) - 0.7).toFixed(1), height: Math.max(0, box.bottom - Y(bin.height)).toFixed(1) });
        for (const [kind, law] of laws) add(plane, "path", { class: kind, d: path(curve(law).map(([x, y]) => [X(x), Y(y)])) });
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
            + (layer.law ? `; law ${number(density(m, n, layer.law.variance, bin.centre) * slope(bin.centre))} at ${number(map(bin.centre))}` : ""),
        }));
      },
    }),
  });
}

function tailFigure(host, layer) {
  const { m, n, tail } = layer;
  const kept = orders(layer);
  const points = layer.values.map((s, i) => ({ s, order: kept[i], x: (s * s) / n, y: kept[i] / layer.count })).filter((p) => p.x > 0);
  if (points.length < 2) return;
  // The smallest values of a square matrix reach far to the left; the tail is what is read here.
  const floor = Math.max(points.at(-1).x, points[0].x * 1e-6);
  const laws = [["law", layer.law], ["bulk", layer.bulk]].filter(([, law]) => law);
  const spikes = (law) => (law === layer.bulk ? law.spikes / layer.count : 0);
  figure(host, {
    title: "Tail of the eigenvalues",
    keys: [["dot", "the layer"], ...(tail ? [["curve", `power law, α = ${number(tail.alpha)} ± ${number(tail.error)}`]] : []), ...laws.map(([kind]) => [kind, kind === "law" ? "law" : "fitted bulk"])],
    summary: tail
      ? `Share of eigenvalues at or above λ on logarithmic axes. The power law fitted from ${number(tail.x_min)} has alpha ${number(tail.alpha)} over ${tail.size} values, KS distance ${number(tail.ks)}.`
      : "Share of eigenvalues at or above λ on logarithmic axes. No power law could be fitted.",
    read: "A straight fall is a power law (a heavy tail); a fall off a cliff at the end of the orange curve is a random matrix.",
    draw: framed({
      x: { from: floor, to: points[0].x * 1.15, log: true, label: "eigenvalue λ = s²/n" },
      y: { from: 0.7 / layer.count, to: 1.3, log: true, label: "share of values ≥ λ" },
      draw(plane, X, Y) {
        for (const [kind, law] of laws)
          add(plane, "path", { class: kind, d: path(lawTail(m, n, law.variance).map(([s, y]) => [(s * s) / n, spikes(law) + (1 - spikes(law)) * y]).filter(([x, y]) => x >= floor && y > 1e-9).map(([x, y]) => [X(x), Y(y)])) });
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
    keys: [["dot", "a block"]],
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
        blocks[key].forEach((v, i) => v !== null && add(svg, "circle", { class: "dot", cx: X(index[i]).toFixed(1), cy: Y(v).toFixed(1), r: blocks.count > 120 ? 1.6 : 3 }));
      });
      for (const v of ticks({ from: 1, to: blocks.count, whole: true }, 10)) if (v >= 1) add(svg, "text", { class: "middle", x: X(v).toFixed(1), y: bottom + 14 }, String(v));
      add(svg, "text", { class: "label end", x: width - 12, y: bottom + 30 }, "block");
      return index.map((b, i) => ({
        x: X(b), y: top,
        text: `block ${b}: variance ${number(blocks.variance[i])}, largest value ${number(blocks.norm[i])}, KS ${number(blocks.ks[i])}, p ${number(blocks.p[i])}, ${blocks.spikes[i]} spikes`,
      }));
    },
  });
}

// A layer's section.

function facts(host, layer) {
  const { law, bulk, tail, baseline } = layer;
  const groups = [["The matrix", [
    ["file", data.files.length > 1 ? data.files[layer.file] : null],
    ["shape", layer.shape.join(" × ") || "scalar"],
    ["type", layer.dtype],
    ["read as", layer.view],
  ]]];
  if (layer.kind !== undefined) {
    groups[0][1].push(
      ["parameters", layer.parameters.toLocaleString("en")],
      ["mean", words(layer.mean)],
      ["variance", words(layer.variance)],
      ["kurtosis", words(layer.kurtosis)],
      ["largest entry", words(layer.largest_entry)],
    );
    groups.push(["Its size and rank", [
      ["Frobenius norm", words(layer.frobenius_norm)],
      ["spectral norm s₁", words(layer.spectral_norm)],
      ["nuclear norm", words(layer.nuclear_norm)],
      ["rank", words(layer.rank)],
      ["stable rank", words(layer.stable_rank)],
      ["effective rank", words(layer.effective_rank)],
      ["participation ratio", words(layer.participation_ratio)],
      ["condition number", words(layer.condition_number)],
      [`energy in first ${layer.energy?.[0]}`, layer.energy && percent(layer.energy[1])],
    ]], ["Against the law", [
      ["KS to the law", law && words(law.ks)],
      ["its p-value", law && words(law.p)],
      ["values outside the edges", law && percent(law.outside)],
      ["energy outside", law && percent(law.energy_outside)],
      ["KS to the fitted bulk", bulk && words(bulk.ks)],
      ["its p-value", bulk && words(bulk.p)],
      ["variance of the bulk", bulk && words(bulk.variance)],
      ["spikes above the bulk", bulk && words(bulk.spikes)],
      ["soft rank", bulk && words(bulk.soft_rank)],
      ["rank worth keeping", layer.threshold_rank === null ? null : words(layer.threshold_rank)],
    ]], ["Against R, and the tail", [
      ["distance to R", baseline && words(baseline.distance)],
      ["expected by chance", baseline && words(baseline.expected)],
      ["orders outside the band", baseline && percent(baseline.outside)],
      ["s₁ over R’s", baseline && words(baseline.largest)],
      ["smallest over R’s", baseline && words(baseline.smallest)],
      ["alpha", tail && `${words(tail.alpha)} ± ${words(Number(tail.error.toPrecision(2)))}`],
      ["values in the tail", tail && words(tail.size)],
      ["its KS distance", tail && words(tail.ks)],
      ["its p-value", tail && words(tail.p)],
    ]]);
  }
  const list = add(host, "div", { class: "facts" });
  for (const [heading, rows] of groups) {
    const group = add(list, "div");
    add(group, "h4", {}, heading);
    const pairs = add(group, "dl");
    for (const [term, text] of rows) if (text !== null && text !== undefined) {
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
    const text = layer.bulk.spike_list.map(([s, p]) => `${number(s)} (p ${p === 0 ? "below 10⁻³⁰⁰" : words(Number(p.toPrecision(2)))})`).join(", ");
    add(body, "p", { class: "notes" }, `Spikes: ${text}${layer.bulk.spikes > layer.bulk.spike_list.length ? ", …" : "."}`);
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
    const node = add(all, "details", { id: `layer-${i + 1}`, class: "layer" });
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

function overview() {
  const rows = layers.map((layer, i) => ({ layer, i })).filter(({ layer }) => layer.kind !== undefined);
  if (rows.length < 2) return;
  const strips = [
    { words: "spikes", of: (l) => l.bulk?.spikes ?? null, bars: true },
    { words: "alpha", of: (l) => l.tail?.alpha ?? null },
    { words: "KS to the fitted bulk", of: (l) => l.bulk?.ks ?? null, zero: true },
    { words: "distance to R", of: (l) => l.baseline?.distance ?? null, beside: (l) => l.baseline?.expected ?? null, zero: true },
  ].filter((s) => rows.some(({ layer }) => s.of(layer) !== null));
  if (!strips.length) return;
  const host = document.getElementById("overview");
  host.hidden = false;
  const [strip, gap, top] = [72, 24, 14];
  const bottom = top + strips.length * (strip + gap) - gap;
  const kinds = [["noise", "noise"], ["spikes", "spikes"], ["heavy_tail", "heavy tail"], ["no_bulk", "no random bulk"], ["low_rank", "low rank"], ["degenerate", "too small to say"]].filter(([kind]) => rows.some(({ layer }) => layer.kind === kind));
  const node = figure(host, {
    wide: true,
    title: "Findings by layer",
    untitled: true,
    summary: `${rows.length} layers in file order; ` + strips.map((s) => {
      const values = rows.map(({ layer }) => s.of(layer)).filter((v) => v !== null);
      return `${s.words} from ${number(Math.min(...values))} to ${number(Math.max(...values))}`;
    }).join("; ") + ".",
    read: "Each column is a layer, in file order; a dash in the last row is the distance that pure chance gives. Click, or press Enter, to open the layer.",
    height: bottom + 34,
    cursor: [top, bottom],
    choose: (k) => { location.hash = `#layer-${rows[k].i + 1}`; openHash(); },
    draw(svg, width) {
      const left = 64;
      const step = Math.min(110, (width - 12 - left) / rows.length);
      const right = left + step * rows.length;
      const X = (k) => left + (k + 0.5) * step;
      const radius = Math.max(1.4, Math.min(4, step / 2.6));
      strips.forEach((s, at) => {
        const values = rows.flatMap(({ layer }) => [s.of(layer), s.beside?.(layer) ?? null]).filter((v) => v !== null);
        const [least, most] = [Math.min(...values), Math.max(...values)];
        const log = s.zero && least > 0 && most > 30 * least;
        const from = log || !(s.bars || s.zero) ? least : 0;
        const axis = { from, to: most > from ? most : from + 1, log };
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
      for (const v of ticks({ from: 1, to: rows.length, whole: true }, width / 90)) if (v >= 1) add(svg, "text", { class: "middle", x: X(v - 1).toFixed(1), y: bottom + 14 }, String(rows[v - 1].i + 1));
      add(svg, "text", { class: "label", x: left, y: bottom + 31 }, "layer, in file order");
      return rows.map(({ layer, i }, k) => ({
        x: X(k), y: top,
        text: `${i + 1} ${layer.name}: ${layer.verdict}; ${strips.map((s) => `${s.words} ${number(s.of(layer))}`).join(", ")}`,
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

// The table: sorting and filtering.

{
  const table = document.getElementById("tensors");
  const rows = [...table.tBodies[0].rows];
  sortable(table);
  const shown = document.getElementById("shown");
  document.getElementById("filter").addEventListener("input", (event) => {
    const wanted = event.target.value.toLowerCase();
    let count = 0;
    for (const row of rows) {
      row.hidden = !`${row.cells[1].textContent} ${row.cells[2].textContent}`.toLowerCase().includes(wanted);
      count += !row.hidden;
    }
    shown.textContent = wanted ? `${count} of ${rows.length} shown` : "";
  });
}

openHash();

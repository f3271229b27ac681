// The figures of a training, all over the same iterations.

const CLASSES = { test: "curve", training: "law", value: "thin", median: "bulk" };
/** Rows up to here are shown as dots too. */
const DOTTED = 60;

/** Curves of one kind share an entry of the key. */
function keys(spec) {
  const values = spec.curves.filter((curve) => curve.role === "value").map((curve) => curve.words);
  const entries = spec.curves.filter((curve) => curve.role !== "value").map((curve) => [CLASSES[curve.role], curve.words]);
  if (values.length) entries.push([CLASSES.value, values.length > 1 ? `${values[0]} to ${values.at(-1)}` : values[0]]);
  if (spec.band) entries.push(["band", spec.band_words]);
  if (data.starts.length) entries.push(["start", "a phase begins"]);
  return entries;
}

function course(host, spec) {
  const { iterations } = data;
  const [first, last] = [iterations[0], iterations.at(-1)];
  const height = 290;
  const said = (curve) => {
    const values = curve.values.filter((v) => v !== null);
    return `${curve.words} from ${number(values[0])} to ${number(values.at(-1))}${spec.unit}`;
  };
  figure(host, {
    heading: "h3",
    title: spec.title,
    height,
    keys: keys(spec),
    summary: `${spec.title}, iterations ${first} to ${last}: ${spec.curves.map(said).join("; ")}.`,
    read: spec.reading,
    cursor: [26, height - 38],
    draw: framed({
      x: { from: first, to: Math.max(last, first + 1), label: "iteration", whole: true },
      y: { from: spec.from, to: spec.to, log: spec.log, label: spec.axis },
      draw(plane, X, Y, box) {
        const y = (v) => Y(spec.log && spec.floor !== null ? Math.max(v, spec.floor) : v);
        const at = (values) => iterations.map((x, i) => (values[i] === null ? null : [X(x), y(values[i])]));
        if (spec.band) {
          const [low, high] = spec.band.map((values) => at(values).filter((p) => p !== null));
          if (low.length > 1) add(plane, "path", { class: "band", d: `${path([...high, ...low.reverse()])}Z` });
        }
        for (const start of data.starts) if (start > first && start < last) add(plane, "path", { class: "start", d: `M${X(start).toFixed(1)} ${box.top}V${box.bottom}` });
        if (spec.level !== null) add(plane, "path", { class: "one", d: `M${box.left} ${Y(spec.level).toFixed(1)}H${box.right}` });
        for (const curve of spec.curves.toReversed()) {
          const points = at(curve.values);
          let run = [];
          for (const point of [...points, null]) {
            if (point !== null) run.push(point);
            else if (run.length) {
              add(plane, "path", { class: CLASSES[curve.role], d: path(run) });
              run = [];
            }
          }
          if (iterations.length <= DOTTED)
            for (const point of points) if (point) add(plane, "circle", { class: `dot ${curve.role}`, cx: point[0].toFixed(1), cy: point[1].toFixed(1), r: curve.role === "value" ? 1.5 : 2.5 });
        }
        return iterations.map((iteration, i) => {
          const parts = spec.curves.filter((curve) => curve.values[i] !== null).map((curve) => `${curve.words} ${number(curve.values[i])}${spec.unit}`);
          if (spec.band && spec.band[0][i] !== null) parts.push(`band ${number(spec.band[0][i])} to ${number(spec.band[1][i])}`);
          const phase = data.starts.length ? `, phase ${data.phases[i]}` : "";
          return { x: X(iteration), y: box.top, text: `iteration ${iteration}, epoch ${number(data.epochs[i])}${phase}: ${parts.join(", ") || "not measured"}` };
        });
      },
    }),
  });
}

for (const spec of data.figures) {
  const host = document.getElementById(spec.layer === null ? "curves" : "watched-figures");
  if (host) course(host, spec);
}

for (const table of document.querySelectorAll("table")) if (table.tHead.querySelector("button")) sortable(table);

// Drives the report page in headless Chromium. Usage: node report.test.mjs FOLDER
// FOLDER holds the sample pages (run.sh has them written), or is any report folder with an index.html: then only what holds
// for every report is checked. Pages without a script have no data block.

import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import assert from "node:assert/strict";
import axe from "axe-core";
import { chromium } from "playwright-core";

const folder = resolve(process.argv[2] ?? ".");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});

let passed = 0;
let failed = 0;

/** Opens a page, runs the check, and fails it on any error, dialog or request but the file's own and those for the figures beside it. */
async function test(name, report, check, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  // Fonts as Debian has them differ, so nothing is compared in pixels.
  const page = await context.newPage();
  const trouble = [];
  const url = pathToFileURL(join(folder, report, "index.html")).href;
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type()) && !options.expected?.test(message.text())) trouble.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => trouble.push(`error: ${error.message}`));
  page.on("dialog", (dialog) => { trouble.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("request", (request) => {
    const asked = request.url().split("#")[0];
    const figure = asked.startsWith(new URL("figure-", url).href) && asked.endsWith(".svg");
    if (asked !== url && !figure && !asked.startsWith("data:")) trouble.push(`request: ${asked}`);
  });
  try {
    await page.goto(url + (options.hash ?? ""));
    await check(page, await page.evaluate(() => JSON.parse(document.getElementById("data")?.textContent ?? "null")));
    assert.deepEqual(trouble, []);
    passed += 1;
    console.log(`ok   ${report || "."}: ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${report || "."}: ${name}\n     ${String(error.message).replaceAll("\n", "\n     ")}`);
  }
  await context.close();
}

const heading = (page, text) => page.locator("#tensors thead button", { hasText: new RegExp(`^${text}$`) });
const column = (page, k) => page.locator(`#tensors tbody tr > :nth-child(${k})`).allTextContents();
const numbers = (texts) => texts.filter((t) => t !== "").map((t) => Number(t.replace("−", "-")));
const figure = (page, i, title) => page.locator(`#layer-${i} figure`, { has: page.locator("h4", { hasText: title }) });

/** A part of a data block with its numbers and lists in place. */
function whole(data, [skeleton, ...fill]) {
  const list = (list) => (Array.isArray(list) ? list : Array.from({ length: list.count }, (_, i) => list.from + i * list.step));
  const grow = (node) => {
    if (node === null) return fill.shift();
    if (Array.isArray(node)) return node.length ? node.map(grow) : list(data.lists[fill.shift()]);
    return typeof node === "object" ? Object.fromEntries(Object.entries(node).map(([key, part]) => [key, grow(part)])) : node;
  };
  return grow(data.skeletons[skeleton]);
}

/** The figures of a page, in its order. */
const trained = (data) => Object.values(data.figures).flat().map((part) => whole(data, part));

/** A number as the page writes it where it is neither large nor small. */
const shown = (x) => String(Number(x.toPrecision(4))).replace("-", "−");

/** Every state of the page that axe is asked about: all sections drawn, in one colour scheme. */
async function audit(page) {
  await page.evaluate(() => document.querySelectorAll("details.layer").forEach((d, i) => { d.open = i < 12; }));
  await page.evaluate(() => document.querySelectorAll("footer details").forEach((d) => { d.open = true; }));
  for (;;) {
    const waiting = await page.evaluate(() => {
      const all = document.querySelectorAll("details[open] .body.waiting");
      all[0]?.scrollIntoView();
      return all.length;
    });
    if (waiting === 0) break;
    await page.waitForTimeout(20);
  }
  // The policy of the page keeps foreign scripts out of it, so axe comes by the debugger's own way.
  await page.evaluate(axe.source);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
  assert.deepEqual(found.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.target.join(" ")).join(", ")}`), []);
  assert.ok(found.passes.length > 15, "axe has looked at the page");
}

/** What holds for every report. */
async function checkAny(report) {
  const text = readFileSync(join(folder, report, "index.html"), "utf8");
  const [scripted, layered] = ["id=\"data\"", "id=\"layers\""].map((id) => text.includes(id));
  if (!scripted) {
    await test("has its pictures, each with a name", report, async (page) => {
      const images = await page.locator("figure > img").evaluateAll((all) => Promise.all(all.map(async (img) => [img.alt, await img.decode().then(() => img.naturalWidth, () => 0)])));
      assert.ok(images.every(([name, width]) => name && width > 0), "each figure beside the page is there and has a name");
      const pictures = await page.locator("figure > svg").evaluateAll((all) => all.map((svg) => [svg.getAttribute("role"), svg.getAttribute("aria-label"), svg.outerHTML]));
      assert.ok(pictures.length + images.length > 0);
      assert.ok(pictures.every(([role, name]) => role === "img" && name), "each picture has a name");
      assert.ok(!/="[^"]*(NaN|Infinity)/.test(pictures.map(([, , text]) => text).join("")), "coordinates are numbers");
      assert.equal(await page.locator("script, :not(figure) > img, iframe, object, embed, svg svg").count(), 0);
    });
    await test("links lead to what they name", report, async (page) => {
      const lost = await page.locator("a[href^='#']").evaluateAll((all) => all.map((a) => a.getAttribute("href")).filter((href) => !document.querySelector(href)));
      assert.deepEqual(lost, []);
    });
  }
  if (scripted && !layered) {
    await test("draws every figure without an error or a request", report, async (page, data) => {
      const drawn = await page.locator("figure > svg").evaluateAll((all) => all.map((svg) => [svg.getAttribute("role"), svg.querySelector("title")?.textContent, svg.querySelector("desc")?.textContent, svg.outerHTML]));
      assert.equal(drawn.length, trained(data).length);
      assert.ok(drawn.every(([role, title, desc]) => role === "img" && title && desc), "each picture has a title and a description");
      const pictures = drawn.map(([, , , text]) => text.replace(/<(title|desc)[^]*?<\/\1>/g, "")).join("");
      assert.ok(!/NaN|Infinity|undefined|null/.test(pictures), "coordinates are numbers");
      assert.equal(await page.locator("img, iframe, object, embed, svg svg").count(), 0);
    });
    await test("links lead to what they name", report, async (page) => {
      const lost = await page.locator("a[href^='#']").evaluateAll((all) => all.map((a) => a.getAttribute("href")).filter((href) => !document.querySelector(href)));
      assert.deepEqual(lost, []);
    });
  }
  if (layered) await test("draws every layer without an error or a request", report, async (page, data) => {
    const count = Math.min(data.layers.length, 60);
    for (let i = 1; i <= count; i++) {
      await page.evaluate((i) => { location.hash = `#layer-${i}`; }, i);
      await page.waitForSelector(`#layer-${i}[open] .body:not(.waiting)`);
    }
    const drawn = await page.locator("#layers figure svg").evaluateAll((all) => all.map((svg) => svg.outerHTML).join(""));
    assert.ok(!/NaN|Infinity|undefined|null/.test(drawn.replace(/<(title|desc)[^]*?<\/\1>/g, "")), "coordinates are numbers");
    const pictures = await page.locator("#layers figure > svg").evaluateAll((all) => all.map((svg) => [svg.getAttribute("role"), svg.querySelector("title")?.textContent, svg.querySelector("desc")?.textContent]));
    assert.ok(pictures.every(([role, title, desc]) => role === "img" && title && desc), "each picture has a title and a description");
  });
  await test("has no axe violation in light", report, audit, { colorScheme: "light" });
  await test("has no axe violation in dark", report, audit, { colorScheme: "dark" });
  for (const width of [390, 768, 1280]) for (const colorScheme of ["light", "dark"])
    await test(`nothing is cut off at ${width} px, ${colorScheme}`, report, async (page) => {
      if (layered) {
        await page.evaluate(() => document.querySelectorAll("details.layer").forEach((d, i) => { d.open = i < 3; }));
        await page.waitForTimeout(60);
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `the page is ${wide} px wide`);
      const cut = await page.evaluate(() => {
        const out = [];
        const say = (node, why) => out.push(`${node.tagName.toLowerCase()}.${node.getAttribute("class") ?? ""} ${JSON.stringify(node.textContent.slice(0, 40))} ${why}`);
        for (const node of document.querySelectorAll("body *:not(script):not(style):not(title):not(desc)")) {
          if (!node.checkVisibility?.({ checkOpacity: true, visibilityProperty: true })) continue;
          const box = node.getBoundingClientRect();
          if (box.width === 0 || box.height === 0) continue;
          if (!node.closest(".scroll, svg, pre") && (box.right > innerWidth + 1 || box.left < -1)) say(node, `ends at ${Math.round(box.right)}`);
          // What is wider than its box must be able to scroll.
          const style = getComputedStyle(node);
          // Words for screen readers alone.
          if (style.clipPath === "inset(50%)") continue;
          if (["hidden", "clip"].includes(style.overflowX) && node.scrollWidth > node.clientWidth + 1) say(node, "is clipped");
          if (node.tagName === "text" && node.textContent.trim()) {
            const frame = node.ownerSVGElement.getBoundingClientRect();
            if (box.left < frame.left - 2 || box.right > frame.right + 2) say(node, `leaves its picture: ${Math.round(box.left - frame.left)} to ${Math.round(box.right - frame.left)} of ${Math.round(frame.width)}`);
          }
        }
        return out.slice(0, 6);
      });
      assert.deepEqual(cut, []);
    }, { viewport: { width, height: 900 }, colorScheme });
  await test("is not wider than a narrow screen", report, async (page) => {
    if (layered) await page.locator("details.layer:not([hidden]) summary").first().click();
    const [wide, window_] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert.ok(wide <= window_, `${wide} > ${window_}`);
  }, { viewport: { width: 360, height: 800 } });
}

if (existsSync(join(folder, "index.html"))) {
  await checkAny("");
} else {
  for (const report of readdirSync(folder).filter((name) => existsSync(join(folder, name, "index.html"))).sort()) await checkAny(report);
}

if (existsSync(join(folder, "training", "index.html"))) {
  const plot = (page, i) => page.locator("figure").nth(i);

  await test("shows under the pointer the values of the data block", "training", async (page, data) => {
    // Figures stand in the order of the data block.
    for (const [i, spec] of trained(data).entries()) {
      const node = plot(page, i);
      await node.scrollIntoViewIfNeeded();
      const box = await node.locator("svg[role=img]").boundingBox();
      const seen = new Set();
      for (const part of [0.1, 0.3, 0.6, 0.8, 0.98]) {
        await page.mouse.move(box.x + part * box.width, box.y + box.height / 2);
        const point = Number(await node.getAttribute("data-point"));
        seen.add(point);
        const text = await node.locator(".readout").textContent();
        assert.ok(text.startsWith(`iteration ${spec.stops.x[point]}, epoch `), text);
        const [{ y, marks }] = spec.panels;
        for (const { words, points } of marks.filter((mark) => mark.kind === "line")) {
          const value = points.y[point];
          const wanted = value === null ? `${words} ` : `${words} ${shown(value)}${y.unit ? ` ${y.unit}` : ""}`;
          if (value === null || Math.abs(value) >= 1e-4 || value === 0) assert.equal(text.includes(wanted), value !== null, `${spec.title}, ${words}, point ${point}: ${text}`);
        }
      }
      assert.ok(seen.size >= 4, `${spec.title}: the pointer reaches different points (${[...seen]})`);
    }
  });

  await test("curves stand where the numbers say", "training", async (page, data) => {
    for (const [i, spec] of trained(data).entries()) {
      const [{ y, marks }] = spec.panels;
      const { points } = marks.find((mark) => mark.kind === "line" && mark.stroke === "solid" && mark.color.number === 0);
      const dots = await plot(page, i).locator("svg[role=img] .points.c0").evaluateAll((all) => all.flatMap((path) => [...path.getAttribute("d").matchAll(/M(\S+) ([\d.]+)m/g)].map(([, x, y]) => [Number(x), Number(y)])));
      const values = points.x.map((x, k) => [x, points.y[k]]).filter(([, v]) => v !== null);
      assert.equal(dots.length, values.length);
      const f = (v) => (y.log ? Math.log(Math.max(v, y.floor ?? 0)) : v);
      const least = values.reduce((a, b) => (f(b[1]) < f(a[1]) ? b : a)), most = values.reduce((a, b) => (f(b[1]) > f(a[1]) ? b : a));
      const at = (value) => dots[values.indexOf(value)];
      if (f(most[1]) === f(least[1])) continue;
      const height = (v) => at(least)[1] + ((f(v) - f(least[1])) / (f(most[1]) - f(least[1]))) * (at(most)[1] - at(least)[1]);
      const across = (x) => dots[0][0] + ((x - values[0][0]) / (values.at(-1)[0] - values[0][0])) * (dots.at(-1)[0] - dots[0][0]);
      assert.ok(at(most)[1] < at(least)[1], `${spec.title}: larger is higher`);
      // Coordinates have one digit after the point.
      for (const [k, [x, v]] of values.entries()) assert.ok(Math.abs(dots[k][1] - height(v)) < 0.3 && Math.abs(dots[k][0] - across(x)) < 0.3, `${spec.title}, point ${k}`);
    }
  });

  await test("plots answer the arrow keys", "training", async (page) => {
    const node = plot(page, 0);
    await node.locator("input").focus();
    await page.keyboard.press("ArrowRight");
    assert.equal(await node.getAttribute("data-point"), "1");
    assert.equal(await node.locator("input").getAttribute("aria-valuetext"), await node.locator(".readout").textContent());
  });

  await test("sorts the layers by a click, both ways, empty cells last", "training", async (page) => {
    const head = page.locator("#network thead th", { hasText: /^Parameters$/ });
    const cells = () => page.locator("#network tbody tr > :nth-child(6)").allTextContents();
    await head.locator("button").click();
    assert.equal(await head.getAttribute("aria-sort"), "descending");
    assert.deepEqual(await cells(), ["3,136", "128", "80", ""]);
    await head.locator("button").click();
    assert.deepEqual(await cells(), ["80", "128", "3,136", ""]);
    assert.match(await page.locator("#network tfoot").textContent(), /^All3,344/);
  });

  await test("marks where a phase begins in every figure", "training", async (page, data) => {
    const starts = trained(data).map((spec) => spec.panels[0].marks.filter((mark) => mark.kind === "vertical").length);
    assert.ok(starts.every((count) => count === 1));
    assert.equal(await page.locator("figure > svg path.vertical").count(), starts.length);
  });

  await test("one row is drawn as dots", "training-one", async (page, data) => {
    const figures = trained(data);
    assert.deepEqual(figures[0].stops.x, [0]);
    const curves = figures.flatMap((spec) => spec.panels[0].marks.filter((mark) => mark.kind === "line")).length;
    assert.equal(await page.locator("figure > svg .points").count(), curves);
  });

  await test("the recipe is folded away and can be read", "training", async (page) => {
    assert.ok(!await page.locator("footer pre").isVisible());
    await page.locator("footer summary").click();
    assert.match(await page.locator("footer pre").textContent(), /name = "two phases"/);
  });

  await test("hostile names are text and nothing else", "training-hostile", async (page, data) => {
    assert.equal(await page.locator("img, iframe, object, embed, svg svg, script:not(#data):not(:last-of-type)").count(), 0);
    assert.ok((await page.locator("#network tbody th").allTextContents()).includes("</script><script>alert(1)</script>"));
    assert.ok(trained(data).some((spec) => spec.title === "Growth of </script><script>alert(1)</script>"));
  });
}

if (existsSync(join(folder, "small", "index.html"))) {
  await test("sorts by a click, both ways, empty cells last", "small", async (page) => {
    const head = page.locator("#tensors thead th", { hasText: /^Eff\. rank$/ });
    await heading(page, "Eff\\. rank").click();
    assert.equal(await head.getAttribute("aria-sort"), "descending");
    let texts = await column(page, 8);
    let sorted = numbers(texts);
    assert.equal(sorted.length, 5);
    assert.deepEqual(sorted, [...sorted].sort((a, b) => b - a));
    assert.deepEqual(texts.slice(5), ["", "", ""]);
    await heading(page, "Eff\\. rank").click();
    assert.equal(await head.getAttribute("aria-sort"), "ascending");
    texts = await column(page, 8);
    sorted = numbers(texts);
    assert.deepEqual(sorted, [...sorted].sort((a, b) => a - b));
    assert.deepEqual(texts.slice(5), ["", "", ""]);
    assert.equal(await page.locator("#tensors th:not([aria-sort=none])[aria-sort]").count(), 1);
  });

  await test("sorts names as people do and shapes by size", "large", async (page) => {
    await heading(page, "Layer").click();
    const names = await column(page, 2);
    assert.ok(names.indexOf("model.layers.2.self_attn.q_proj.weight") < names.indexOf("model.layers.10.self_attn.q_proj.weight"));
    await heading(page, "Shape").click();
    assert.equal((await column(page, 4))[0], "384×1536");
  });

  await test("sorts by the keyboard: Tab to a heading, Enter", "small", async (page) => {
    await heading(page, "Layer").focus();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Spikes");
    await page.keyboard.press("Enter");
    const sorted = numbers(await column(page, 5));
    assert.deepEqual(sorted, [...sorted].sort((a, b) => b - a));
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Spikes", "the focus stays");
  });

  // The rows and the layers of the list that are seen, by their numbers.
  const seenRows = (page) => page.locator("#tensors tbody tr:visible > td:first-child").allTextContents();
  const seenLayers = async (page) => (await page.locator("#layers details:visible").evaluateAll((all) => all.map((d) => d.id.replace("layer-", ""))));

  await test("filters table and list by several words, and by words that must not be there", "small", async (page) => {
    for (const [query, expected] of [
      ["ENCODER", ["3", "4"]],
      ["encoder weight", ["3", "4"]],
      ["weight encoder mlp", ["4"]],
      ["encoder not mlp", ["3"]],
      ["encoder -mlp", ["3"]],
      ["not encoder -ip1", ["1", "7", "8"]],
      ["\"like noise\"", ["1", "5", "8"]],
      ["-\"like noise\" -failed", ["3", "4"]],
      ["role:query", ["3"]],
      ["verdict:heavy_tail", ["4"]],
      ["not", ["1", "3", "4", "5", "7", "8"]],
      ["\"not\"", []],
      ["-", []],
      ["nothing at all", []],
    ]) {
      await page.locator("#filter").fill(query);
      assert.deepEqual(await seenRows(page), expected, query);
      assert.deepEqual(await seenLayers(page), expected, `${query}, the list`);
      if (query !== "not") assert.equal(await page.locator("#shown").textContent(), `${expected.length} of 6 shown`, query);
    }
    await page.locator("#filter").fill("");
    assert.equal((await seenRows(page)).length, 6);
    assert.equal(await page.locator("#shown").textContent(), "");
  });

  await test("skipped rows are folded, in the table and in the list", "small", async (page) => {
    const fold = page.locator("#fold");
    assert.deepEqual(await seenRows(page), ["1", "3", "4", "5", "7", "8"]);
    assert.equal(await fold.textContent(), "Show 2 skipped");
    await fold.click();
    assert.equal((await seenRows(page)).length, 8);
    assert.equal((await seenLayers(page)).length, 8);
    assert.equal(await fold.getAttribute("aria-pressed"), "true");
    await page.locator("#filter").fill("encoder");
    assert.deepEqual(await seenRows(page), ["3", "4", "6"]);
    await fold.click();
    assert.deepEqual(await seenRows(page), ["3", "4"]);
    // A link to a folded layer shows it all the same.
    await page.evaluate(() => { location.hash = "#layer-6"; });
    await page.waitForSelector("#layer-6[open]");
  });

  await test("the summary leads to the layers that it names", "large", async (page, data) => {
    const links = await page.locator("#model a").evaluateAll((all) => all.map((a) => [a.getAttribute("href"), a.getAttribute("aria-label") ?? a.textContent]));
    assert.ok(links.length > 800, `${links.length} links`);
    for (const [href, words] of links) {
      const layer = data.layers[Number(/^#layer-(\d+)$/.exec(href)[1]) - 1];
      assert.ok(words.startsWith(layer.name), `${href} is called ${words}, not ${layer.name}`);
    }
    await page.locator(".lists a").first().click();
    const first = (await page.locator(".lists a").first().getAttribute("href")).slice(1);
    assert.ok(await page.locator(`#${first}`).evaluate((d) => d.open));
    await page.locator(".map a").nth(5).click();
    assert.equal(await page.locator("details[open]").count(), 2);
  });

  await test("a role's button filters by it", "large", async (page, data) => {
    const button = page.locator("#model button", { hasText: /^mlp down$/ });
    await button.click();
    const expected = data.layers.filter((layer) => layer.role === "mlp_down").length;
    assert.ok(expected > 100);
    assert.equal((await seenRows(page)).length, expected);
    await page.locator("#model button", { hasText: /^all \d+ in the table$/ }).click();
    const noise = data.layers.filter((layer) => layer.kind === "noise").length;
    assert.equal((await seenRows(page)).length, noise);
  });

  await test("the header stays while the table scrolls", "large", async (page) => {
    const frame = page.locator(".tall");
    await frame.evaluate((f) => { f.scrollTop = 3000; });
    const [top, head] = await frame.evaluate((f) => [f.getBoundingClientRect().top, f.querySelector("thead th").getBoundingClientRect().top]);
    assert.ok(Math.abs(top - head) < 2, `the header is at ${head}, its frame at ${top}`);
  });

  await test("a table that goes on says so", "large", async (page) => {
    const hint = page.locator(".tall + .more");
    await page.waitForFunction(() => document.querySelector(".tall + .more").textContent !== "");
    assert.equal(await hint.textContent(), "more to the right →");
    await page.locator(".tall").evaluate((f) => { f.scrollLeft = f.scrollWidth; f.scrollTop = f.scrollHeight; });
    await page.waitForFunction(() => document.querySelector(".tall + .more").textContent === "");
  }, { viewport: { width: 390, height: 800 } });

  await test("the least p-value of the draws is written as a bound", "small", async (page) => {
    await page.evaluate(() => { location.hash = "#layer-3"; });
    await page.waitForSelector("#layer-3 .facts");
    const facts = await page.locator("#layer-3 .facts dl div").evaluateAll((all) => all.map((d) => d.textContent));
    assert.ok(facts.includes("alpha as small in noise, p≤ 0.005"), facts.join("; "));
    assert.ok(facts.includes("goodness of fit, p0.42"), facts.join("; "));
  });

  await test("shows on hover the values of the data block", "small", async (page, data) => {
    const specs = data.layers[2].figures.map((part) => whole(data, part));
    await page.evaluate(() => { location.hash = "#layer-3"; });
    await page.waitForSelector("#layer-3 figure");
    for (const [title, numbersOf] of [
      ["Ratio to random matrices", ([line, band], i) => ["order", line.points.x[i], "ratio", shown(line.points.y[i]), shown(band.stretches.low[i]), "to", shown(band.stretches.high[i])]],
      ["Tail of the eigenvalues", ([{ points }], i, [order, s]) => ["eigenvalue", ...(points.x[i] < 1e-4 ? [] : [shown(points.x[i])]), "layer", shown(points.y[i]), "order", order.values[i], "s", shown(s.values[i])]],
    ]) {
      const { marks, asides } = specs.find((spec) => spec.title.startsWith(title)).panels[0];
      const plot = figure(page, 3, title);
      await plot.scrollIntoViewIfNeeded();
      const box = await plot.locator("svg[role=img]").boundingBox();
      const seen = new Set();
      for (const part of [0.15, 0.3, 0.5, 0.72, 0.97]) {
        await page.mouse.move(box.x + part * box.width, box.y + box.height / 2);
        const point = Number(await plot.getAttribute("data-point"));
        seen.add(point);
        const wanted = numbersOf(marks, point, asides);
        const text = await plot.locator(".readout").textContent();
        let at = 0;
        for (const piece of wanted) {
          const found = text.split(/[\s:,]+/).indexOf(String(piece), at);
          assert.ok(found >= 0, `${title}, point ${point}: ${piece} in "${text}"`);
          at = found;
        }
      }
      assert.ok(seen.size >= 4, `${title}: the pointer reaches different points (${[...seen]})`);
    }
  });

  await test("the density is that of the data block, with counts and laws", "small", async (page, data) => {
    for (const position of [1, 3, 5, 8]) {
      await page.evaluate((i) => { location.hash = `#layer-${i}`; }, position);
      const slider = figure(page, position, "Density of singular values").locator("input");
      await slider.focus();
      await page.keyboard.press("Home");
      const { marks, asides } = whole(data, data.layers[position - 1].figures[0]).panels[0];
      const [{ bars, words }] = marks;
      assert.ok(asides[0].words === "count" && asides[1].words === "law of all entries");
      for (let i = 0; i < bars.height.length; i++) {
        const text = await slider.getAttribute("aria-valuetext");
        assert.ok(text.startsWith(`singular value s ${shown(bars.from[i])} to `) && text.endsWith(`: ${words} ${shown(bars.height[i])}, ${asides.map((aside) => `${aside.words} ${shown(aside.values[i])}`).join(", ")}`), text);
        await page.keyboard.press("ArrowRight");
      }
    }
  });

  await test("plots answer the arrow keys", "small", async (page) => {
    const plot = figure(page, 3, "Ratio to random matrices");
    await page.evaluate(() => { location.hash = "#layer-3"; });
    await plot.locator("input").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    assert.equal(await plot.getAttribute("data-point"), "2");
    assert.match(await plot.locator(".readout").textContent(), /^order i 3: ratio/);
    assert.equal(await plot.locator("input").getAttribute("aria-valuetext"), await plot.locator(".readout").textContent());
  });

  await test("a deep link opens its layer", "large", async (page) => {
    assert.ok(await page.locator("#layer-800").evaluate((d) => d.open));
    assert.ok(await page.locator("#layer-800 figure").first().isVisible());
    const top = await page.locator("#layer-800").evaluate((d) => d.getBoundingClientRect().top);
    assert.ok(Math.abs(top) < 40, `the layer is at ${top} px of the window`);
    assert.equal(await page.locator("details[open]").count(), 1);
    assert.equal(await page.locator("#layers svg[role=img]").count(), await page.locator("#layer-800 svg[role=img]").count(), "other layers are not drawn");
  }, { hash: "#layer-800" });

  await test("a link of the table opens its layer, twice too", "large", async (page) => {
    const link = page.locator("#tensors tbody tr:nth-child(4) a");
    await link.click();
    assert.ok(await page.locator("#layer-4").evaluate((d) => d.open));
    await page.locator("#layer-4").evaluate((d) => { d.open = false; });
    await link.click();
    assert.ok(await page.locator("#layer-4").evaluate((d) => d.open));
  });

  await test("ignores an anchor that is no layer", "small", async (page) => {
    for (const hash of ["#layer-0", "#layer-9", "#layer-99999999", "#layer-1e3", "#layer-%", "#<img>"]) await page.evaluate((h) => { location.hash = h; }, hash);
  });

  await test("the overview leads to a layer", "large", async (page) => {
    const slider = page.locator("#overview input");
    await slider.focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    assert.ok(await page.locator("#layer-2").evaluate((d) => d.open));
  });

  await test("900 layers are ready within two seconds", "large", async (page) => {
    const ready = await page.evaluate(() => performance.getEntriesByType("navigation")[0].domContentLoadedEventEnd);
    console.log(`     ready after ${Math.round(ready)} ms`);
    assert.ok(ready < 2000, `${ready} ms`);
  });

  await test("hostile names are text and nothing else", "hostile", async (page, data) => {
    assert.equal(await page.locator("img, iframe, object, embed, svg svg").count(), 0);
    assert.equal(await page.locator("script").count(), 2);
    assert.equal(await page.locator("#layer-1 h3").textContent(), "</script><img src=x onerror=alert(1)>");
    assert.equal(await page.locator("#tensors tbody tr:nth-child(1) th").textContent(), "</script><img src=x onerror=alert(1)>");
    assert.equal(await page.locator("#layer-4 h3").textContent(), "evil\\u{202e}thgiew.txt\\u{2066}");
    assert.ok(data.layers[6].name.length < 110);
    const handlers = await page.evaluate(() => [...document.querySelectorAll("*")].filter((e) => [...e.attributes].some((a) => a.name.startsWith("on"))).length);
    assert.equal(handlers, 0);
  });

  await test("a script that gets in does not run", "small", async (page) => {
    const ran = await page.evaluate(() => {
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.addEventListener("securitypolicyviolation", (event) => { window.blocked = event.violatedDirective; });
      document.body.append(script);
      return new Promise((done) => setTimeout(() => done([window.ran, window.blocked]), 100));
    });
    assert.deepEqual(ran, [null, "script-src-elem"].map((v) => v ?? undefined));
  }, { expected: /^Executing inline script violates/ });

  await test("the theme can be chosen", "small", async (page) => {
    const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await paper();
    await page.locator("#theme").click();
    assert.equal(await paper(), light);
    await page.locator("#theme").click();
    assert.notEqual(await paper(), light);
    await page.locator("#theme").click();
    assert.equal(await page.locator("#theme").textContent(), "Theme: system");
  }, { colorScheme: "light" });

  await test("prints all layers of a small report on light paper", "small", async (page) => {
    await page.emulateMedia({ media: "print", colorScheme: "dark" });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    assert.equal(await page.locator("details:not([open])").count(), 0);
    assert.equal(await page.locator(".body.waiting").count(), 0);
    const ink = await page.evaluate(() => getComputedStyle(document.body).color);
    assert.equal(ink, "rgb(28, 29, 31)");
    assert.equal(await page.locator("#theme").isVisible(), false);
  });

  await test("reads without a script", "small", async (page) => {
    assert.equal(await page.locator("#tensors tbody tr").count(), 8);
    assert.ok(await page.locator("noscript p").isVisible());
  }, { javaScriptEnabled: false });
}

await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;

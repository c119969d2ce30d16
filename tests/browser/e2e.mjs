// What a user does with the page, in a real browser: `node e2e.mjs PAGE FOLDER`. FOLDER holds what
// `tests/it/page.rs` writes: inputs, the native reports of them, and saved reports.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { listen, open, withBrowser } from "./browser.mjs";

const [built, folder] = process.argv.slice(2);
const at = (name) => join(folder, name);
const expected = (name) => JSON.parse(readFileSync(at(name), "utf8"));
const tests = [];
const test = (name, work, options) => tests.push({ name, work, options });

const text = (page, selector) => page.locator(selector).first().innerText();
const texts = async (page, selector) => (await page.locator(selector).allInnerTexts()).map((s) => s.replace(/\s+/g, " ").trim());
async function upload(page, ...names) {
  await page.setInputFiles("#files", names.map(at));
  await page.waitForFunction(() => document.querySelector("#headline, #flame-heading, #file-errors"));
}
async function go(page, hash, wait) {
  await page.evaluate((to) => { location.hash = to; }, hash);
  await page.waitForSelector(wait);
}

// A ratio as people read it, written here anew so that the page's own code is checked by another.
function change(ratio, places) {
  if (ratio > 2 || ratio < 0.5) return null;
  const value = ((ratio - 1) * 100).toFixed(places);
  return (value.startsWith("-") ? "\u2212" + value.slice(1) : "+" + value) + "%";
}

test("two files give the verdicts and numbers of the engine", async (page) => {
  const report = expected("pair.json");
  await open(page, built);
  await upload(page, "before.txt", "after.txt");
  const words = expected("en.json");
  const rows = report.rows.filter((row) => row.primary);
  assert.ok(rows.length >= 3);
  for (const row of rows) {
    const [c] = row.comparisons;
    const cells = page.locator("#verdicts tr", { has: page.getByRole("link", { name: row.label, exact: true }) });
    const shown = (await cells.first().innerText()).replace(/\s+/g, " ");
    assert.ok(shown.includes(words[`verdict.${c.verdict}`]), `${row.label}: ${shown}`);
    const i = c.difference?.ratio_interval;
    if (!i) continue;
    const half = (i.high - i.low) * 50;
    const places = half >= 10 ? 0 : half >= 1 ? 1 : half >= 0.1 ? 2 : 3;
    for (const ratio of [c.difference.ratio, i.low, i.high]) {
      const part = change(ratio, places);
      if (part) assert.ok(shown.includes(part), `${row.label}: ${part} in ${shown}`);
    }
    if (c.p !== null && c.p >= 0.0001) assert.ok(shown.includes(c.p.toPrecision(2)), `${row.label}: p in ${shown}`);
  }
  for (const [name, count] of report.families[0].tally.map((e) => [e.verdict, e.rows])) {
    if (count) assert.match(await text(page, `.chip.v-${name}`), new RegExp(`${count}`));
  }
});

test("files can be dropped, and the page goes on answering while it reads", async (page) => {
  await open(page, built);
  const given = ["before.txt", "after.txt"].map((name) => [name, readFileSync(at(name), "utf8")]);
  const gap = await page.evaluate(async (files) => {
    const transfer = new DataTransfer();
    for (const [name, content] of files) transfer.items.add(new File([content], name));
    let longest = 0, last = performance.now(), done = false;
    const tick = () => { const now = performance.now(); longest = Math.max(longest, now - last); last = now; if (!done) requestAnimationFrame(tick); };
    requestAnimationFrame(tick);
    document.dispatchEvent(new DragEvent("dragover", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    if (!document.querySelector("#drop.over")) throw new Error("the drop zone does not light up");
    document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    while (!document.querySelector("#headline")) await new Promise((ok) => setTimeout(ok, 20));
    done = true;
    return longest;
  }, given);
  console.log(`   longest frame ${gap.toFixed(0)} ms`);
  assert.ok(gap < 400, `the page did not answer for ${gap} ms`);
});

test("a hostile file adds no element and runs nothing", async (page) => {
  await open(page, built);
  await upload(page, "<img src=x onerror=alert(1)>.txt", "hostile.folded");
  for (const [hash, wait] of [["#report", "#headline"], ["#series/0", "h1.id"], ["#flame", "#flame-canvas[data-selected]"]]) {
    await go(page, hash, wait);
    const foreign = await page.evaluate(() => document.querySelectorAll("main img, main script, main b b, main iframe, main marquee").length);
    assert.equal(foreign, 0, hash);
  }
  assert.ok((await text(page, "#flame-top")).includes("<script>"), "names are shown as they are");
  assert.equal(await page.evaluate(() => window.injected), undefined);
});

test("files that cannot be read are named with place and reason, the others are judged", async (page) => {
  const report = expected("broken.json");
  await open(page, built);
  await upload(page, "broken.json.txt", "before.txt");
  const shown = await text(page, "#file-errors");
  const input = report.inputs.find((i) => i.status === "not_read");
  assert.ok(shown.includes("broken.json.txt"), shown);
  assert.ok(shown.includes(input.error.message), shown);
  if (input.error.at) assert.ok(shown.includes(String(input.error.at.at)), shown);
  assert.ok(await page.locator("#values tbody tr").count() >= 3);
});

test("a saved report opens from a file and is recomputed to the last bit", async (page) => {
  await open(page, at("saved.html"));
  assert.match(await text(page, "#parity"), /identical to the last bit/);
  assert.equal(await page.locator("#parity.bad").count(), 0);
  assert.ok(await page.locator("#verdicts tbody tr").count() >= 3);
  assert.match(await page.title(), /<i>title<\/i>/);
  assert.equal(await page.locator("noscript").evaluate((e) => e.querySelectorAll("table").length), 0);
});

test("a saved report whose numbers were changed says so", async (page) => {
  await open(page, at("tampered.html"));
  assert.match(await text(page, "#parity.bad"), /differ/);
});

test("a damaged saved report says so", async (page) => {
  await open(page, at("damaged.html"));
  assert.match(await text(page, "#parity.bad"), /cannot be opened/);
});

test("without scripts a saved report is a table", async (page) => {
  await page.goto(`file://${at("saved.html")}`);
  assert.ok((await texts(page, "noscript table tr, table tr")).length >= 4);
}, { javaScriptEnabled: false });

test("one series: plots with names, quantiles, reasons, and the keys between series", async (page) => {
  await open(page, built);
  await page.click("[data-act=example]");
  await page.waitForSelector("#headline");
  await page.focus("#verdicts a.id");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#run svg");
  for (const id of ["big", "run", "distribution"]) {
    assert.ok((await page.locator(`#${id} svg[role=img]`).first().getAttribute("aria-label"))?.length > 8, id);
  }
  assert.ok(await page.locator("#quantiles tbody tr").count() >= 4);
  assert.ok((await texts(page, "#why tr")).length >= 5);
  const before = await text(page, "h1.id");
  await page.keyboard.press("]");
  await page.waitForFunction((name) => document.querySelector("h1.id")?.innerText !== name, before);
  await page.keyboard.press("[");
  await page.waitForFunction((name) => document.querySelector("h1.id")?.innerText === name, before);
});

test("the flame graph by mouse", async (page) => {
  await open(page, built);
  await upload(page, "profile.folded");
  await page.waitForSelector("#flame-canvas[data-selected]");
  const canvas = page.locator("#flame-canvas");
  const box = await canvas.boundingBox();
  const plain = await canvas.screenshot();
  await page.mouse.move(box.x + box.width * 0.1, box.y + 50);
  await page.waitForFunction(() => /work|parse|main/.test(document.querySelector("#flame-detail").innerText));
  await page.mouse.click(box.x + box.width * 0.1, box.y + 30);
  await page.waitForFunction(() => document.querySelector("#flame-canvas").dataset.zoom !== "all");
  assert.ok(!plain.equals(await canvas.screenshot()), "zooming changes the picture");
  await page.click("#flame-reset");
  await page.waitForFunction(() => document.querySelector("#flame-canvas").dataset.zoom === "all");
  await page.fill("#flame-search", "parse");
  await page.waitForFunction(() => /\d/.test(document.querySelector("#flame-found").innerText));
  assert.ok(!plain.equals(await canvas.screenshot()), "a search changes the picture");
  await page.fill("#flame-search", "");
  await page.click("#flame-top button.link >> nth=0");
  const chosen = await text(page, "#flame-top button.link >> nth=0");
  await page.waitForFunction((name) => document.querySelector("#flame-canvas").dataset.selected === name, chosen);
});

test("the flame graph by keyboard", async (page) => {
  await open(page, built);
  await upload(page, "profile.folded");
  await page.waitForSelector("#flame-canvas[data-selected]");
  const state = (key) => page.evaluate((k) => document.querySelector("#flame-canvas").dataset[k], key);
  const becomes = (key, value) => page.waitForFunction(([k, v]) => document.querySelector("#flame-canvas").dataset[k] === v, [key, value]);
  await page.focus("#flame-canvas");
  await page.keyboard.press("ArrowDown");
  await becomes("selected", "main");
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction(() => document.querySelector("#flame-canvas").dataset.selected !== "main");
  const first = await state("selected");
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction((name) => document.querySelector("#flame-canvas").dataset.selected !== name, first);
  await page.keyboard.press("ArrowLeft");
  await becomes("selected", first);
  await page.keyboard.press("Enter");
  await becomes("zoom", first);
  await page.keyboard.press("Escape");
  await becomes("zoom", "all");
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "flame-search");
});

test("languages and themes, by button and kept", async (page) => {
  await open(page, built);
  await page.click(".hide-n [data-act=lang]");
  assert.equal(await page.evaluate(() => document.documentElement.lang), "zh-Hans");
  assert.match(await text(page, "h1"), /[\u4e00-\u9fff]/);
  const light = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  await page.click(".hide-n [data-act=theme]");
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.body).backgroundColor), light);
});

test("a worker that dies is named and started anew", async (page) => {
  await page.addInitScript(() => {
    const Real = window.Worker;
    let failures = 1;
    window.Worker = class extends Real {
      postMessage(message, transfer) {
        super.postMessage(message.op === "analyze" && failures-- > 0 ? { ...message, op: "no such operation" } : message, transfer ?? []);
      }
    };
  });
  await open(page, built);
  await page.setInputFiles("#files", [at("before.txt")]);
  await page.waitForSelector("#parity.bad");
  assert.match(await text(page, "#parity.bad"), /before\.txt/);
  await upload(page, "before.txt", "after.txt");
  assert.ok(await page.locator("#verdicts tbody tr").count() >= 3);
  assert.equal(await page.locator("#parity.bad").count(), 0);
});

test("nothing is wider than the window from 360 to 2560 px", async (page) => {
  await open(page, built);
  await page.click("[data-act=example]");
  await page.waitForSelector("#headline");
  for (const width of [360, 390, 768, 1024, 1440, 2560]) {
    await page.setViewportSize({ width, height: 900 });
    for (const [hash, wait] of [["#start", "#drop"], ["#report", "#headline"], ["#series/0", "#run svg"], ["#flame", "#flame-canvas[data-selected]"]]) {
      await go(page, hash, wait);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${hash} at ${width} px: ${over} px too wide`);
    }
  }
});

let failed = 0;
const wanted = process.argv[4];
for (const { name, work, options } of tests.filter((t) => !wanted || t.name.includes(wanted))) {
  try {
    await withBrowser(async (context) => {
      const { page, misdeeds } = await listen(context);
      page.setDefaultTimeout(20_000);
      await work(page);
      assert.deepEqual(misdeeds, []);
    }, options);
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}\n${error.stack}`);
  }
}
console.log(`${tests.length} tests, ${failed} failed`);
process.exitCode = failed ? 1 : 0;

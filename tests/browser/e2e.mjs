// What a user does with the page, in a real browser: `node e2e.mjs PAGES FOLDER`. PAGES is the folder of both pages,
// which is served on loopback; FOLDER holds what `tests/it/page.rs` writes: inputs, the native reports of them, and
// saved reports.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listen, open, root, serve, withBrowser } from "./browser.mjs";
import { INPUTS, folded, go as goText } from "./made.mjs";
import { tar, tarGz, zip } from "./packed.mjs";

const [pages, folder] = process.argv.slice(2);
const host = await serve(pages);
const built = `${host.url}index.html`;
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
  const value = ((ratio - 1) * 100).toFixed(places);
  return value.startsWith("-") ? "\u2212" + value.slice(1) : "+" + value;
}

// The longest time in which the page does not answer while `work` goes on, in ms: gaps between timers.
async function longestSilence(page, work) {
  await page.evaluate(() => {
    window.silence = { longest: 0, last: performance.now() };
    window.silence.timer = setInterval(() => {
      const now = performance.now();
      window.silence.longest = Math.max(window.silence.longest, now - window.silence.last);
      window.silence.last = now;
    }, 1);
  });
  const started = performance.now();
  await work();
  const took = performance.now() - started;
  const longest = await page.evaluate(() => { clearInterval(window.silence.timer); return window.silence.longest; });
  return { took, longest };
}
// A file to upload. It is written to disk, since the driver would hand over its bytes inside the
// page, and that would be measured as the page's silence.
function made(name, content) {
  const made = join(folder, "made");
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, name), Buffer.from(content));
  return join(made, name);
}
// Noisy machines must not fail the tests: the numbers are printed, and only far misses are errors.
const FAR = 20_000;

test("two files give the verdicts and numbers of the engine", async (page) => {
  const report = expected("pair.json");
  await page.setViewportSize({ width: 1920, height: 1000 });
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
    if (c.difference.ratio > 2 || c.difference.ratio < 0.5) continue;
    const half = (i.high - i.low) * 50;
    const places = half >= 10 ? 0 : half >= 1 ? 1 : half >= 0.1 ? 2 : 3;
    const wanted = `${change(c.difference.ratio, places)}% [${change(i.low, places)}, ${change(i.high, places)}]`;
    assert.ok(shown.includes(wanted), `${row.label}: ${wanted} in ${shown}`);
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
    if (!document.querySelector("body.over")) throw new Error("the drop zone does not light up");
    document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    while (!document.querySelector("#headline")) await new Promise((ok) => setTimeout(ok, 20));
    done = true;
    return longest;
  }, given);
  console.log(`   longest frame ${gap.toFixed(0)} ms`);
  assert.ok(gap < FAR, `the page did not answer for ${gap} ms`);
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

test("names that hide, turn the text around or never end are spelled out and cut", async (page) => {
  await open(page, built);
  const names = ["esc\u001b[31mred", "rtl\u202egnp.exe", "x".repeat(10_000)];
  const results = names.map((command) => ({ command, mean: 1.1, times: [1, 1.1, 1.2, 1.05] }));
  await page.setInputFiles("#files", [made("\u202egnp.json", JSON.stringify({ results })), made(`${"n".repeat(200)}.folded`, `main;${"f".repeat(10_000)};a\u202eb 5\n`)]);
  await page.waitForSelector("#headline");
  const shown = await page.evaluate(() => document.body.innerText);
  assert.ok(shown.includes("esc\\u001b[31mred"), "a control character is spelled out");
  assert.ok(shown.includes("rtl\\u202egnp.exe"), "so is one that turns text around");
  assert.ok(!/[\u001b\u202e]/.test(shown), "neither is in the text");
  for (const [hash, wait] of [["#report", "#headline"], ["#series/0", "h1.id"], ["#flame", "#flame-canvas[data-selected]"]]) {
    await go(page, hash, wait);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${hash} is too wide`);
    assert.ok(await page.evaluate(() => document.documentElement.scrollHeight < 6000), `${hash} is too tall`);
  }
});

test("files that cannot be read are named with place, reason and remedy, the others are judged", async (page) => {
  const report = expected("broken.json");
  await open(page, built);
  await upload(page, "broken.json.txt", "before.txt");
  const shown = await text(page, "#file-errors");
  const input = report.inputs.find((i) => i.status === "not_read");
  assert.ok(shown.includes("broken.json.txt"), shown);
  assert.ok(shown.includes(input.error.message), shown);
  assert.ok(shown.includes(expected("en.json")[`remedy.${input.error.code}`]), shown);
  if (input.error.at) assert.ok(shown.includes(String(input.error.at.at)), shown);
  assert.match(await text(page, "#file-errors pre"), /times/);
  assert.ok(await page.locator("#values tbody tr").count() >= 3);
  assert.match(await text(page, ".trust"), /broken\.json\.txt/);
  // With another file the second one is the baseline: that is said.
  await upload(page, "after.txt");
  await page.waitForFunction(() => /broken\.json\.txt could not be read, so before\.txt is the baseline/.test(document.body.innerText));
});

test("nothing readable at all: an empty file, a binary, a torn gzip", async (page) => {
  await open(page, built);
  await page.setInputFiles("#files", [...INPUTS.errors().map(({ name, buffer }) => made(name, buffer)), made("binary.bin", Uint8Array.from({ length: 4096 }, (_, i) => (i * 197) % 256))]);
  await page.waitForSelector("#file-errors");
  assert.equal(await page.locator("#file-errors li").count(), 5);
  assert.ok(await page.locator("#drop").isVisible(), "the drop zone stays");
  await upload(page, "before.txt", "after.txt");
  await page.waitForSelector("#verdicts");
});

test("fifty files at once, and two drops one right after the other", async (page) => {
  await open(page, built);
  await page.setInputFiles("#files", Array.from({ length: 50 }, (_, i) => made(`run${i}.txt`, goText(2, 3, i > 0))));
  await page.waitForSelector("#verdicts", { timeout: 60_000 });
  assert.equal(await page.locator("#verdicts tbody .verdict").count() >= 40, true);
  await page.click("text=Clear");
  await page.waitForSelector("#drop");
  await page.setInputFiles("#files", [made("a.txt", goText(3, 5, false))]);
  await page.setInputFiles("#files", [made("b.txt", goText(3, 5, true))]);
  await page.waitForSelector("#verdicts");
  assert.match(await text(page, ".lede"), /b\.txt.*a\.txt/);
});

test("a result file of 1 MB is judged in a second, and the page answers meanwhile", async (page) => {
  const before = goText(1700, 8, false), after = goText(1700, 8, true);
  assert.ok(before.length > 1 << 20, `only ${before.length} bytes`);
  const started = performance.now();
  await open(page, built);
  const opened = performance.now();
  await page.setInputFiles("#files", [made("before.txt", before)]);
  await page.waitForSelector("#values", { timeout: 60_000 });
  const took = performance.now() - opened;
  const compare = await longestSilence(page, async () => {
    await page.setInputFiles("#files", [made("after.txt", after)]);
    await page.waitForSelector("#verdicts", { timeout: 60_000 });
  });
  console.log(`   ${(before.length / 1e6).toFixed(1)} MB: page open after ${(opened - started).toFixed(0)} ms, first analysis after ${took.toFixed(0)} ms more; both sides ${compare.took.toFixed(0)} ms, longest silence ${compare.longest.toFixed(0)} ms`);
  assert.ok(took < FAR && compare.longest < FAR, `${took} ms, ${compare.longest} ms`);
});

test("five thousand rows scroll, filter and move by keys without freezing the page", async (page) => {
  await open(page, built);
  await page.setInputFiles("#files", [made("before.txt", goText(1700, 3, false)), made("after.txt", goText(1700, 3, true))]);
  await page.waitForSelector("#verdicts", { timeout: 60_000 });
  const drawn = () => page.locator("#verdicts tbody tr[data-at]").count();
  assert.ok(await drawn() <= 200, `${await drawn()} rows are drawn at once`);
  const { longest, took } = await longestSilence(page, async () => {
    for (const key of ["sort-name", "sort-change", "sort-verdict"]) await page.click(`#${key}`);
    await page.click("#others");
    await page.evaluate(async () => {
      for (let i = 0; i < 20; i++) { scrollBy(0, 4000); await new Promise((ok) => setTimeout(ok, 16)); }
    });
    await page.fill("#search", "k1699");
    await page.waitForFunction(() => document.querySelectorAll("#verdicts tbody tr[data-at]").length <= 3);
  });
  console.log(`   5100 rows: sorted, opened, scrolled and filtered in ${took.toFixed(0)} ms, longest silence ${longest.toFixed(0)} ms`);
  assert.ok(longest < FAR, `the page did not answer for ${longest} ms`);
  await page.fill("#search", "");
  await page.keyboard.press("Escape");
  for (let i = 0; i < 90; i++) await page.keyboard.press("j");
  assert.equal(await page.evaluate(() => document.activeElement.closest("tr")?.dataset.at), "89");
});

test("a flame graph of many stacks opens and zooms", async (page) => {
  await open(page, built);
  const content = folded(60_000, 30);
  const { took, longest } = await longestSilence(page, async () => {
    await page.setInputFiles("#files", [made("many.folded", content)]);
    await page.waitForSelector("#flame-canvas[data-selected]", { timeout: 60_000 });
  });
  const canvas = page.locator("#flame-canvas");
  const box = await canvas.boundingBox();
  const frames = [];
  for (let i = 0; i < 6; i++) {
    // Two frames can take the same time: what the last one took is put away before the next.
    await canvas.evaluate((c) => delete c.dataset.took);
    await page.mouse.click(box.x + 30, box.y + 22 * (i + 1) + 8);
    await page.waitForFunction(() => document.querySelector("#flame-canvas").dataset.took !== undefined);
    frames.push(await page.evaluate(() => document.querySelector("#flame-canvas").dataset.took));
  }
  console.log(`   ${(content.length / 1e6).toFixed(1)} MB of stacks: open after ${took.toFixed(0)} ms, longest silence ${longest.toFixed(0)} ms, a frame ${Math.max(...frames.map(Number)).toFixed(0)} ms at most`);
  assert.ok(longest < FAR && took < 3 * FAR, `${longest} ms, ${took} ms`);
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

test("the page saves itself with the files inside, and what it saved opens identical", async (page) => {
  await open(page, built);
  await upload(page, "before.txt", "after.txt");
  const shown = await text(page, "#headline");
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".hide-n [data-act=save]")]);
  const path = at("saved-by-page.html");
  await download.saveAs(path);
  await open(page, path);
  assert.match(await text(page, "#parity"), /identical to the last bit/);
  assert.equal(await text(page, "#headline"), shown);
});

test("a damaged saved report says so", async (page) => {
  await open(page, at("damaged.html"));
  assert.match(await text(page, "#parity.bad"), /cannot be opened/);
});

test("without scripts a saved report is headline, table and findings", async (page) => {
  await page.goto(`file://${at("saved.html")}`);
  assert.ok((await texts(page, "noscript table tr, table tr")).length >= 4);
  const shown = await page.evaluate(() => document.body.innerText);
  const report = expected("pair.json"), words = expected("en.json");
  for (const finding of report.findings) assert.ok(shown.includes(words[`finding.${finding.rule}.title`]), finding.rule);
  assert.ok(await page.locator("noscript p").first().isVisible());
}, { javaScriptEnabled: false });

test("one series: plots with names, quantiles, reasons, and the keys between series", async (page) => {
  await open(page, built);
  await page.click("[data-act=example]");
  await page.waitForSelector("#headline");
  await page.focus("#verdicts a.id");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#run svg");
  await page.waitForSelector("#cumulative svg");
  for (const id of ["big", "run", "distribution", "cumulative"]) {
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

test("groups of the flame graph unfold one by one", async (page) => {
  await open(page, built);
  await page.setInputFiles("#files", [made("go.folded", "runtime.main;main.main;main.work;runtime.mallocgc 7\nmain.main;testing.(*B).runN;main.work 5\nmain.main;main.work 9\n")]);
  await page.waitForSelector("#flame-canvas[data-selected]");
  const has = (name) => page.locator(`#flame-top tr[data-name="${name}"]`).count();
  assert.equal(await has("runtime.mallocgc"), 0);
  await page.click("#fold-runtime");
  await page.waitForSelector('#flame-top tr[data-name="runtime.mallocgc"]');
  assert.equal(await has("testing.(*B).runN"), 0, "the harness stays folded");
  assert.equal(await page.getAttribute("#fold-runtime", "aria-pressed"), "false");
});

test("the engine tests itself, with the same bits as on the command line", async (page) => {
  await open(page, built);
  await page.click("[data-act=selftest]");
  await page.waitForSelector("#self-test-digest");
  const native = expected("self-test.json");
  assert.ok(native.passed && native.checks.length > 100);
  assert.equal(await text(page, "#self-test-digest"), native.digest);
  await page.click("#self-test summary");
  assert.equal(await page.locator("#self-test-table tbody tr").count(), native.checks.length);
});

test("order, levels and sweeps are told", async (page) => {
  await open(page, built);
  const lines = [];
  const noise = (i) => 1 + 0.004 * (((i * 7919) % 13) / 6 - 1);
  for (let process = 0; process < 12; process++) {
    lines.push("pkg: example.org/p");
    for (const n of [1, 2, 4, 8, 16]) lines.push(`BenchmarkSweep${n > 1 ? `-${n}` : ""} 100 ${(1000 / (n / (1 + 0.2 * (n - 1))) * noise(process * 17 + n) * (1 + 0.01 * process)).toFixed(3)} ns/op`);
    lines.push("PASS", "ok  \texample.org/p\t1s");
  }
  await page.setInputFiles("#files", [{ name: "sweep.txt", mimeType: "text/plain", buffer: Buffer.from(`${lines.join("\n")}\n`) }]);
  await page.waitForSelector("#sweeps tbody tr");
  assert.match(await text(page, "#sweeps tbody tr"), /1: \d+\.\d k.*Amdahl, σ 0\.\d+/s);
  await go(page, "#series/0", "#diagnosis");
  const rows = await texts(page, "#diagnosis tbody tr");
  assert.ok(rows.some((r) => /spread between processes \d/.test(r)) && rows.some((r) => /^first to last \+1\d/.test(r)), rows.join("; "));
});

test("by keyboard alone: help, search, rows, a series, copy and back", async (page) => {
  await page.addInitScript(() => { Object.defineProperty(navigator, "clipboard", { value: { writeText: async (text) => { window.copied = text; } } }); });
  await open(page, built);
  await upload(page, "before.txt", "after.txt");
  await page.keyboard.press("?");
  assert.ok(await page.locator("#keys").isVisible());
  await page.keyboard.press("Escape");
  assert.ok(!await page.locator("#keys").isVisible());
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "search");
  await page.keyboard.type("step2");
  await page.waitForFunction(() => document.querySelectorAll("#verdicts .verdict").length <= 2);
  await page.keyboard.press("Escape");
  await page.waitForFunction(() => document.querySelectorAll("#verdicts .verdict").length >= 4);
  await page.keyboard.press("Escape");
  await page.keyboard.press("j");
  await page.keyboard.press("j");
  await page.keyboard.press("k");
  assert.equal(await page.evaluate(() => document.activeElement.closest("tr").dataset.at), "0");
  const ring = await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle);
  assert.equal(ring, "solid", "the focus can be seen");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#verdict-line");
  await page.keyboard.press("c");
  await page.waitForFunction(() => window.copied);
  assert.match(await page.evaluate(() => window.copied), /slower|faster/);
  await page.keyboard.press("Escape");
  await page.waitForSelector("#headline");
});

test("a touch screen has targets of 44 px", async (page) => {
  await open(page, built);
  await upload(page, "before.txt", "after.txt");
  const small = await page.evaluate(() => [...document.querySelectorAll(".btn, .field, .chip, summary")].filter((e) => e.offsetParent).map((e) => [e.className, e.getBoundingClientRect().height]).filter(([, tall]) => tall < 40));
  assert.deepEqual(small, []);
}, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });

test("print shows every row and a page for each series that is not equivalent", async (page) => {
  await open(page, built);
  await page.setInputFiles("#files", INPUTS.story());
  await page.waitForSelector("#verdicts");
  await page.fill("#search", "decode");
  await page.emulateMedia({ media: "print" });
  await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  assert.ok(await page.locator("#verdicts tr[data-at]").count() >= 15, "filtered rows print too");
  assert.ok(await page.locator("#print .print-page").count() >= 5);
  assert.ok(!await page.locator(".bar").isVisible());
  await page.evaluate(() => dispatchEvent(new Event("afterprint")));
  assert.equal(await page.locator("#print .print-page").count(), 0);
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
  // 320 × 256 is a window of 1280 × 1024 at 400 %.
  for (const [width, height] of [[320, 256], [360, 780], [390, 844], [768, 900], [1024, 900], [1280, 900], [1440, 900], [1920, 1080], [2560, 1440]]) {
    await page.setViewportSize({ width, height });
    for (const [hash, wait] of [["#start", "#drop"], ["#report", "#headline"], ["#series/0", "#run svg"], ["#flame", "#flame-canvas[data-selected]"]]) {
      await go(page, hash, wait);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(over <= 0, `${hash} at ${width} px: ${over} px too wide`);
    }
  }
});

test("the page gets the whole engine when a file needs it, and not before", async (page) => {
  const got = () => host.asked.filter((name) => name === "offline.html").length;
  const before = got();
  await open(page, built);
  await upload(page, "before.txt", "after.txt");
  assert.equal(got(), before, "common formats need no more than the page");
  const shown = await text(page, "#headline");
  await upload(page, "costs.callgrind");
  await page.waitForFunction(() => document.querySelector("#tabs")?.innerText.includes("Flame graph"));
  assert.equal(got(), before + 1);
  assert.equal(await text(page, "#headline"), shown, "what was read before is there");
  assert.equal(await page.locator("#file-errors, #parity.bad").count(), 0);
  await go(page, "#flame", "#flame-canvas[data-selected]");
  assert.ok((await text(page, "#flame-top")).includes("compress"));
  await upload(page, "trace.txt");
  await go(page, "#report", "#evidence table");
  assert.match(await text(page, "#evidence table"), /trace\.txt.*Go collections.*of trace\.txt/s);
  assert.equal(got(), before + 1, "it is loaded once");
  // What the page saves opens anywhere.
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".hide-n [data-act=save]")]);
  await download.saveAs(at("saved-whole.html"));
  await open(page, at("saved-whole.html"));
  assert.match(await text(page, "#parity"), /identical to the last bit/);
  assert.equal(got(), before + 1);
});

test("looking at the formats or the self-test loses nothing that was read", async (page) => {
  await open(page, built);
  await upload(page, "before.txt", "after.txt", "profile.folded");
  await go(page, "#start", "#drop");
  await page.click("text=All formats that are read here");
  await page.waitForFunction(() => /Callgrind/.test(document.querySelector("#formats").innerText));
  await go(page, "#flame", "#flame-canvas[data-selected]");
  await go(page, "#series/0", "#run svg");
});

test("as a file the page says what it cannot do and where that is", async (page) => {
  await open(page, join(pages, "index.html"));
  await page.setInputFiles("#files", [at("costs.callgrind"), at("before.txt")]);
  await page.waitForSelector("#parity.bad");
  assert.match(await text(page, "#parity.bad"), /offline\.html/);
  assert.match(await text(page, "#file-errors"), /callgrind/i);
  assert.ok(await page.locator("#values tbody tr").count() >= 3, "the other file is judged");
  // The page to keep reads both.
  await open(page, join(pages, "offline.html"));
  await page.setInputFiles("#files", [at("costs.callgrind"), at("before.txt")]);
  await page.waitForSelector("#headline");
  assert.equal(await page.locator("#file-errors, #parity.bad").count(), 0);
});

// A folder as cargo bench leaves it: results, and pages and pictures beside them.
function criterionFolder() {
  const corpus = join(root, "tests/corpus/criterion/fib/fib_1000/new");
  const results = ["benchmark.json", "estimates.json", "sample.json", "tukey.json"].map((name) => ({ name: `criterion/fib_1000/new/${name}`, data: readFileSync(join(corpus, name)) }));
  const others = ["report/index.html", "fib_1000/report/index.html", "fib_1000/report/pdf.svg", "fib_1000/report/mean.svg"].map((name) => ({ name: `criterion/${name}`, data: "<html></html>" }));
  return [...others, ...results];
}

// Drops a folder: a browser gives entries for it, which no script can make.
async function dropFolder(page, files) {
  await page.evaluate((given) => {
    const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const entry = (path) => {
      const name = path.split("/").pop(), fullPath = `/${path}`;
      const own = given.find((file) => file.name === path);
      if (own) return { isFile: true, name, fullPath, file: (ok) => ok(new File([bytes(own.base64)], name)) };
      const inside = given.filter((file) => file.name.startsWith(`${path}/`)).map((file) => `${path}/${file.name.slice(path.length + 1).split("/")[0]}`);
      const kids = [...new Set(inside)].reverse().map(entry);
      return { isDirectory: true, name, fullPath, createReader: () => ({ readEntries: (ok) => ok(kids.splice(0, 3)) }) };
    };
    const tops = [...new Set(given.map(({ name }) => name.split("/")[0]))].map(entry);
    const event = new Event("drop", { bubbles: true, cancelable: true });
    event.dataTransfer = { items: tops.map((top) => ({ webkitGetAsEntry: () => top })), files: [] };
    document.dispatchEvent(event);
  }, files.map(({ name, data }) => ({ name, base64: Buffer.from(data).toString("base64") })));
}

test("a folder of Criterion.rs reads the same as it is, in a zip and in a tar.gz", async (page) => {
  const files = criterionFolder();
  const seen = [];
  for (const give of [
    () => dropFolder(page, files),
    () => page.setInputFiles("#files", [made("criterion.zip", zip(files.map(({ name, data }) => ({ name: name.slice(10), data }))))]),
    () => page.setInputFiles("#files", [made("criterion.tar.gz", tarGz(files))]),
  ]) {
    await open(page, built);
    await give();
    await page.waitForSelector("#headline");
    seen.push([await text(page, "#headline"), await texts(page, "#values tbody tr"), await page.title()]);
    // Nobody named the pages and pictures: they are counted, and no failure.
    const left = await text(page, "#file-errors");
    assert.match(left, /4 files left out \(.*index\.html.* …\): not a format that is read here/);
    assert.equal(await page.locator("#file-errors li").count(), 1);
    assert.equal(await page.locator("#file-errors .bad, #parity.bad").count(), 0);
    assert.ok(!/could not be read/.test(await page.evaluate(() => document.body.innerText)));
  }
  assert.match(seen[0][1].join(), /fib 1000/);
  assert.deepEqual(seen[1], seen[0]);
  assert.deepEqual(seen[2], seen[0]);
  // What it saves has the results alone, unpacked.
  const [download] = await Promise.all([page.waitForEvent("download"), page.click(".hide-n [data-act=save]")]);
  await download.saveAs(at("saved-archive.html"));
  const saved = readFileSync(at("saved-archive.html"), "utf8");
  assert.ok(saved.includes('criterion.tar.gz/criterion/fib_1000/new/sample.json"') && !saved.includes("pdf.svg\""));
  await open(page, at("saved-archive.html"));
  assert.match(await text(page, "#parity"), /identical to the last bit/);
  assert.deepEqual(await texts(page, "#values tbody tr"), seen[0][1]);
});

test("archives and folders are sides, like on the command line; a file packed by Zstandard is a file", async (page) => {
  await open(page, built);
  const [before, after] = ["before.txt", "after.txt"].map((name) => readFileSync(at(name)));
  await page.setInputFiles("#files", [made("old.zip", zip([{ name: "a/x.txt", data: before }, { name: "a/link", data: "x.txt", mode: 0o120777 }])), made("new.tar", tar([{ name: `${"n".repeat(80)}.txt`, data: after }]))]);
  await page.waitForSelector("#verdicts");
  assert.match(await text(page, ".lede"), /new\.tar.*old\.zip/);
  assert.match(await text(page, "#file-errors"), /old\.zip.*One file left out \(a\/link\): a link/s);
  const rows = await texts(page, "#verdicts tbody tr[data-at]");
  assert.ok(rows.length >= 3);
  await page.click("text=Clear");
  await page.waitForSelector("#drop");
  await dropFolder(page, [{ name: "old/x.txt", data: before }, { name: "new/x.txt", data: after }]);
  await page.waitForSelector("#verdicts");
  assert.match(await text(page, ".lede"), /new.*old/);
  assert.deepEqual(await texts(page, "#verdicts tbody tr[data-at]"), rows);
  await page.click("text=Clear");
  await page.waitForSelector("#drop");
  await page.setInputFiles("#files", [at("before.txt.zst"), at("after.txt")]);
  await page.waitForSelector("#verdicts");
  assert.match(await text(page, ".lede"), /after\.txt.*before\.txt\.zst/);
  assert.deepEqual(await texts(page, "#verdicts tbody tr[data-at]"), rows);
  assert.equal(await page.locator("#file-errors").count(), 0);
});

test("hostile archives are refused with a reason, and the page goes on", async (page) => {
  await open(page, built);
  const before = readFileSync(at("before.txt"));
  const image = "<img src=x onerror=window.injected=1>";
  const given = [
    ["bomb.zip", zip([{ name: "zeros", data: Buffer.alloc(80 << 20) }]), /unpacks to more than the limit of 67108864 bytes/],
    ["bomb.tar.gz", tarGz([{ name: "zeros", data: Buffer.alloc(80 << 20) }]), /more inflated bytes than the limit/],
    ["many.zip", zip(Array.from({ length: 10_001 }, () => ({ name: "x" }))), /more members than the limit of 10000/],
    ["torn.zip", zip([{ name: "a", data: before }]).subarray(0, 300), /no directory at its end/],
    ["empty.zip", zip([]), /the archive holds no file/],
    ["packed.xz", Buffer.from("\u00fd7zXZ\0\0", "latin1"), /packed by xz/],
    ["good.zip", zip([
      { name: `${image}.txt`, data: before }, { name: `${image}.md`, data: "#" }, { name: "../up\u202e", data: before }, { name: "in.zip", data: zip([{ name: "a", data: before }]) },
      { name: "secret", data: before, flags: 1 },
    ]), /inside an archive/],
  ];
  const silence = await longestSilence(page, async () => {
    await page.setInputFiles("#files", [...given.map(([name, bytes]) => made(name, bytes)), at("after.txt")]);
    await page.waitForSelector("#verdicts", { timeout: 60_000 });
  });
  console.log(`   read in ${silence.took.toFixed(0)} ms, longest silence ${silence.longest.toFixed(0)} ms`);
  const shown = await text(page, "#file-errors");
  for (const [name, , reason] of given) {
    assert.ok(shown.includes(name), `${name} in ${shown}`);
    assert.match(shown, reason);
  }
  assert.match(shown, /up\\u202e.*leads out of the archive/s);
  assert.match(shown, /secret.*encrypted/s);
  assert.ok(shown.includes(expected("en.json")["remedy.archive"]));
  assert.match(await text(page, ".trust"), /9 of 11 files could not be read/);
  assert.match(await text(page, "#parity.bad"), /bomb\.zip could not be read, so good\.zip is the baseline/);
  assert.equal(await page.evaluate(() => document.querySelectorAll("main img").length), 0);
  assert.equal(await page.evaluate(() => window.injected), undefined);
  for (const width of [360, 1280]) {
    await page.setViewportSize({ width, height: 900 });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `too wide at ${width}`);
  }
  // Nothing but what cannot be read.
  await page.click("text=Clear");
  await page.waitForSelector("#drop");
  await page.setInputFiles("#files", [made("only.zip", zip([{ name: "notes.md", data: "notes" }])), made("torn.zip", given[3][1])]);
  await page.waitForSelector("#file-errors");
  assert.match(await text(page, "#file-errors"), /torn\.zip.*only\.zip\s+nothing of it was read/s);
  await upload(page, "before.txt", "after.txt");
  await page.waitForFunction(() => /only\.zip could not be read, so before\.txt is the baseline/.test(document.body.innerText));
});

test("an engine of another version is not taken", async (page, misdeeds) => {
  const other = await serve(pages, "offline.html");
  try {
    await open(page, `${other.url}index.html`);
    await page.setInputFiles("#files", [at("costs.callgrind")]);
    await page.waitForSelector("#parity.bad");
    assert.match(await text(page, "#parity.bad"), /offline\.html/);
    assert.ok(misdeeds.some((m) => /integrity/.test(m)), misdeeds.join("\n"));
    misdeeds.length = 0;
  } finally {
    await other.close();
  }
});

let failed = 0;
const wanted = process.argv[4];
for (const { name, work, options } of tests.filter((t) => !wanted || t.name.includes(wanted))) {
  try {
    await withBrowser(async (context) => {
      const { page, misdeeds } = await listen(context, [built, `${host.url}offline.html`]);
      page.setDefaultTimeout(20_000);
      await work(page, misdeeds);
      assert.deepEqual(misdeeds, []);
    }, { offline: false, ...options });
    console.log(`ok ${name}`);
  } catch (error) {
    failed++;
    console.log(`FAILED ${name}\n${error.stack}`);
  }
}
await host.close();
console.log(`${tests.length} tests, ${failed} failed`);
process.exitCode = failed ? 1 : 0;

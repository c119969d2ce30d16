// The page as a reader uses it. Ends with a line of JSON that the test checks; fails on anything odd.
import assert from "node:assert/strict";
import { launch, open, page, url } from "./common.mjs";

const [report, tampered] = process.argv.slice(2);
const problems = [];
const { context, close } = await launch({ locale: "en-GB" });
const done = [];
const step = async (name, body) => { await body(); assert.deepEqual(problems, [], name); done.push(name); };
const go = (factor) => Array.from({ length: 6 }, (_, i) => `BenchmarkDecode/size=4-8 \t 1000 \t ${(118 * factor * (1 + i * 1e-3)).toFixed(2)} ns/op\t 64 B/op\t ${factor > 1 ? 25 : 24} allocs/op\n`).join("");
const file = (name, text) => ({ name, mimeType: "text/plain", buffer: Buffer.from(text) });
const hostile = "<img src=x onerror=alert(1)>";

await step("two files are compared and the numbers are those of the engine", async () => {
  const tab = await open(context, url(page, "?lang=en"), problems);
  assert.match(await tab.textContent("h1"), /trusted/);
  await tab.setInputFiles("#files", [file("before.txt", go(1)), file("after.txt", go(2.5))]);
  await tab.waitForSelector("#verdicts tbody tr");
  const row = (await tab.textContent("#verdicts tbody tr")).replace(/\u202f/g, " ");
  assert.match(row, /Regressed/);
  assert.match(row, /×2\.500/);
  assert.match(await tab.textContent("#main"), /exact|constant|\+4\.17%|allocs/i);
  await tab.click("#verdicts tbody a");
  await tab.waitForSelector("#numbers");
  assert.match(await tab.textContent("#numbers"), /118\.\d/);
  assert.ok(await tab.$(".fig svg circle"), "the run order is drawn");
  await tab.keyboard.press("]");
  await tab.waitForFunction(() => location.hash === "#series/1");
  await tab.close();
});

await step("hostile names stay text, and broken files say why", async () => {
  const tab = await open(context, url(page, "?lang=en"), problems);
  await tab.setInputFiles("#files", [file(`${hostile}.txt`, `BenchmarkX${hostile}-8 \t 10 \t 5 ns/op\n`), file("broken.json", "{\"results\":[{\"command\":"), file("empty.txt", ""), file("x.bin", "\u0000\u0001\u0002")]);
  await tab.waitForSelector("#file-errors");
  const text = await tab.textContent("#file-errors");
  assert.match(text, /broken\.json/);
  assert.match(text, /line 1/);
  assert.match(text, /empty/);
  assert.equal(await tab.$("#main img"), null);
  await tab.close();
});

await step("a drop works like the button, and Chinese and dark are a key press away", async () => {
  const tab = await open(context, url(page, "?lang=en"), problems);
  const data = await tab.evaluateHandle(([text]) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([text], "stacks.folded"));
    return transfer;
  }, ["main;parse;read 30\nmain;parse;grow 10\nmain;print 20\ntesting.tRunner;main 1\n"]);
  await tab.dispatchEvent("body", "drop", { dataTransfer: data });
  await tab.waitForSelector("#flame-top tbody tr");
  await tab.focus("[data-act=lang]");
  await tab.keyboard.press("Enter");
  await tab.waitForFunction(() => document.documentElement.lang === "zh-Hans");
  await tab.focus("[data-act=theme]");
  await tab.keyboard.press("Enter");
  assert.equal(await tab.evaluate(() => document.documentElement.dataset.theme), "dark");
  await tab.close();
});

await step("the flame graph zooms, searches and walks by mouse and keys", async () => {
  const tab = await open(context, url(page, "?lang=en"), problems);
  await tab.setInputFiles("#files", [file("stacks.folded", "main;parse;read 30\nmain;parse;grow 10\nmain;print 20\n")]);
  await tab.waitForFunction(() => document.getElementById("flame-canvas")?.dataset.selected === "all");
  const box = await (await tab.$("#flame-canvas")).boundingBox();
  await tab.mouse.click(box.x + box.width * 0.2, box.y + 2.5 * 20);
  await tab.waitForFunction(() => document.getElementById("flame-canvas").dataset.zoom === "parse");
  assert.match(await tab.textContent("#flame-detail"), /40.*66\.7%/s);
  await tab.focus("#flame-canvas");
  await tab.keyboard.press("ArrowDown");
  await tab.waitForFunction(() => document.getElementById("flame-canvas").dataset.selected === "read");
  await tab.keyboard.press("ArrowRight");
  await tab.waitForFunction(() => document.getElementById("flame-canvas").dataset.selected === "grow");
  await tab.keyboard.press("0");
  await tab.waitForFunction(() => document.getElementById("flame-canvas").dataset.zoom === "all");
  await tab.fill("#flame-search", "read|print");
  await tab.waitForFunction(() => /2 frames, 83\.3%/.test(document.getElementById("flame-found").textContent));
  assert.equal(await tab.textContent("#flame-top tbody tr td:nth-child(2)"), "30");
  // Something was drawn: the picture has more than the background.
  const picture = await tab.locator("#flame-canvas").screenshot();
  assert.ok(picture.length > 1500, `the canvas is empty: ${picture.length}`);
  await tab.close();
});

await step("a small window does not scroll sideways", async () => {
  const tab = await open(context, url(page, "?lang=en"), problems);
  await tab.setViewportSize({ width: 360, height: 740 });
  await tab.click("#drop .btn:not(.primary)");
  await tab.waitForSelector("#verdicts");
  for (const hash of ["#report", "#series/0", "#flame", "#start"]) {
    await tab.evaluate((to) => { location.hash = to; }, hash);
    await tab.waitForTimeout(150);
    const wide = await tab.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${hash} is ${wide} px wide`);
  }
  await tab.close();
});

if (report) {
  await step("a saved report computes the same again", async () => {
    const tab = await open(context, url(report, "?lang=en"), problems);
    await tab.waitForSelector("#verdicts");
    assert.match(await tab.textContent("#parity"), /identical to the last bit/);
    await tab.close();
  });
  await step("a report whose numbers were changed says so", async () => {
    const tab = await open(context, url(tampered, "?lang=en"), problems);
    await tab.waitForSelector("#parity.bad");
    assert.match(await tab.textContent("#parity"), /differ/);
    await tab.close();
  });
  await step("a report without scripts shows its table", async () => {
    const plain = await launch({ javaScriptEnabled: false });
    const tab = await plain.context.newPage();
    await tab.goto(url(report));
    assert.match(await tab.textContent("body"), /verdict/);
    await plain.close();
  });
}
await close();
console.log(JSON.stringify({ done }));

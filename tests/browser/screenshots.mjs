// Pictures of the screens in target/screenshots, for people to look at: `node screenshots.mjs [WORD]`
// (only states whose name has WORD). The main screens in every width, theme and language; the others
// in every width, with themes and languages taking turns.
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { builtPage, listen, open, root, withBrowser } from "./browser.mjs";
import { INPUTS } from "./made.mjs";

const out = join(root, "target/screenshots");
const WIDTHS = [360, 1280, 1920, 2560];
const LOOKS = ["light-en", "dark-zh", "light-zh", "dark-en"];
const tall = (width) => ({ width, height: width < 600 ? 780 : width < 1500 ? 900 : width < 2000 ? 1080 : 1440 });

// State, what is loaded, where, what must be there, whether all looks are shown.
const STATES = [
  { name: "start", hash: "#start", wait: "#drop", all: true },
  { name: "report", input: "story", hash: "#report", wait: "#verdicts", all: true },
  { name: "series", input: "story", hash: "#series/1", wait: "#run svg", all: true },
  { name: "flame", input: "example", hash: "#flame", wait: "#flame-canvas[data-selected]", all: true },
  { name: "lockstep", input: "example", hash: "#report", wait: "#verdicts" },
  { name: "lockstep-series", input: "example", hash: "#series/0", wait: "#run svg" },
  { name: "errors", input: "errors", hash: "#start", wait: "#file-errors" },
  { name: "health", input: "health", hash: "#report", wait: "#values" },
  { name: "health-series", input: "health", hash: "#series/0", wait: "#run svg" },
  { name: "one-sample", input: "one", hash: "#report", wait: "#verdicts" },
  { name: "profile", input: "profile", hash: "#flame", wait: "#flame-canvas[data-selected]" },
  { name: "many", input: "many", hash: "#report", wait: "#verdicts", window: true },
  { name: "keys", input: "example", hash: "#report", wait: "#verdicts", window: true, then: (page) => page.keyboard.press("?") },
];

// Uses the page's own buttons, which a narrow window keeps in its menu.
async function look(page, wanted) {
  const [theme, lang] = wanted.split("-");
  await page.evaluate(([dark, zh]) => {
    document.querySelector("dialog[open]")?.close();
    const root = document.documentElement;
    const is = root.dataset.theme === "dark";
    if (is !== dark) document.querySelector("[data-act=theme]").click();
    if (root.lang.startsWith("zh") !== zh) document.querySelector("[data-act=lang]").click();
  }, [theme === "dark", lang === "zh"]);
}

async function picture(page, state, width, appearance) {
  await look(page, appearance);
  await page.evaluate((hash) => { location.hash = hash; }, state.hash);
  await page.waitForSelector(state.wait);
  await page.waitForTimeout(250);
  await state.then?.(page);
  const [theme, lang] = appearance.split("-");
  await page.screenshot({ path: join(out, `${state.name}-${width}-${theme}-${lang}.png`), fullPage: !state.window });
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}

const only = process.argv[2] ?? "";
if (!only) rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
let count = 0;
await withBrowser(async (context) => {
  const { page, misdeeds } = await listen(context);
  let loaded = null;
  for (const state of STATES.filter((s) => s.name.includes(only))) {
    const input = state.input ?? "";
    if (loaded !== input) {
      await open(page, builtPage, "?lang=en&theme=light", "#start");
      if (input) {
        await page.setInputFiles("#files", INPUTS[input]());
        await page.waitForSelector("#headline, #flame-heading, #file-errors");
      }
      loaded = input;
    }
    for (const [turn, width] of WIDTHS.entries()) {
      await page.setViewportSize(tall(width));
      for (const appearance of state.all ? LOOKS : [LOOKS[turn]]) {
        const wide = await picture(page, state, width, appearance);
        if (wide > 0) misdeeds.push(`${state.name} at ${width} px is ${wide} px too wide`);
        count++;
      }
    }
  }
  console.log(`${count} pictures in ${out}`);
  for (const misdeed of misdeeds) console.log(misdeed);
  process.exitCode = misdeeds.length ? 1 : 0;
});

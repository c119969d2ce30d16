// Pictures of every screen in both themes, both languages and two widths, in target/screenshots, for
// people to look at: `node screenshots.mjs [FILE…]`; without files the example is shown.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { builtPage, listen, open, root, withBrowser } from "./browser.mjs";

const files = process.argv.slice(2);
const out = join(root, "target/screenshots");
mkdirSync(out, { recursive: true });

async function load(page) {
  if (files.length) await page.setInputFiles("#files", files);
  else await page.click("button[data-act=example]");
  await page.waitForSelector("#headline, #flame-heading");
}

// Waits until plots and canvas are drawn.
async function settle(page, screen) {
  if (screen === "flame") await page.waitForSelector("#flame-canvas[data-selected]");
  if (screen === "series") await page.waitForSelector(".fig svg");
  await page.waitForTimeout(400);
}

await withBrowser(async (context) => {
  const { page, misdeeds } = await listen(context);
  for (const width of [1440, 390]) {
    for (const theme of ["light", "dark"]) {
      for (const lang of ["en", "zh"]) {
        await page.setViewportSize({ width, height: width < 600 ? 844 : 900 });
        await open(page, builtPage, `?lang=${lang}&theme=${theme}`, "#start");
        const shot = (name) => page.screenshot({ path: join(out, `${name}-${width}-${theme}-${lang}.png`), fullPage: true });
        await shot("start");
        await load(page);
        for (const screen of ["report", "series", "flame"]) {
          const link = screen === "series" ? "#series/0" : `#${screen}`;
          await page.evaluate((hash) => { location.hash = hash; }, link);
          await settle(page, screen);
          await shot(screen);
          const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          if (wide > 0) misdeeds.push(`${screen} at ${width} px is ${wide} px too wide`);
        }
      }
    }
  }
  for (const misdeed of misdeeds) console.log(misdeed);
  process.exitCode = misdeeds.length ? 1 : 0;
});

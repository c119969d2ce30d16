// Pictures of every screen, light and dark, wide and narrow, English and Chinese, for people to look at.
import fs from "node:fs";
import path from "node:path";
import { launch, open, page, root, url } from "./common.mjs";

const out = path.join(root, "target/screenshots");
fs.mkdirSync(out, { recursive: true });
const problems = [];
for (const [width, height] of [[1440, 900], [390, 844]]) {
  for (const theme of ["light", "dark"]) {
    for (const lang of ["en", "zh"]) {
      const { context, close } = await launch({ viewport: { width, height }, colorScheme: theme });
      const tab = await open(context, `${url(page)}?lang=${lang}&theme=${theme}`, problems);
      const shot = (name, full) => tab.screenshot({ path: path.join(out, `${name}-${width}-${theme}-${lang}.png`), fullPage: full });
      await shot("start", true);
      await tab.click("#drop .btn:not(.primary)");
      await tab.waitForSelector("#verdicts");
      await shot("report", true);
      await tab.goto(`${url(page)}?lang=${lang}&theme=${theme}#start`).catch(() => {});
      await tab.evaluate(() => { location.hash = "#series/0"; });
      await tab.waitForTimeout(200);
      if (!(await tab.$("#numbers"))) { await tab.click("#drop .btn:not(.primary)"); await tab.waitForSelector("#verdicts"); await tab.evaluate(() => { location.hash = "#series/0"; }); }
      await tab.waitForSelector("#numbers");
      await tab.waitForTimeout(400);
      await shot("series", true);
      await tab.evaluate(() => { location.hash = "#flame"; });
      await tab.waitForSelector("#flame-top");
      await tab.waitForTimeout(500);
      await shot("flame", true);
      await close();
    }
  }
}
console.log(`${fs.readdirSync(out).length} pictures in target/screenshots`);
if (problems.length) { console.error(problems.join("\n")); process.exit(1); }

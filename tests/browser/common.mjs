// What the scripts here share: a browser without network, and pages that complain.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { chromium } from "playwright-core";

export const root = path.resolve(import.meta.dirname, "../..");
export const page = path.join(root, "www/dist/index.html");

export function findChromium() {
  const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = candidates.find((c) => c && fs.existsSync(c));
  if (!found) throw new Error("no Chromium: install it, or name it in CHROMIUM");
  return found;
}

export async function launch(options = {}) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), "noisefloor-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    headless: true,
    chromiumSandbox: process.getuid?.() !== 0,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    viewport: { width: 1280, height: 900 },
    locale: "en-GB",
    ...options,
  });
  return {
    context,
    async close() {
      await context.close();
      fs.rmSync(profile, { recursive: true, force: true });
    },
  };
}

// Opens a page; `problems` gathers what went wrong on it: errors, violations, requests to anywhere.
export async function open(context, url, problems) {
  const tab = await context.newPage();
  tab.on("console", (m) => { if (["error", "warning"].includes(m.type())) problems.push(`console: ${m.text()}`); });
  tab.on("pageerror", (e) => problems.push(`error: ${e.message}`));
  tab.on("request", (r) => { if (!/^(file|blob|data):/.test(r.url())) problems.push(`request: ${r.url()}`); });
  await tab.goto(url);
  await tab.waitForSelector("html[data-ready]", { timeout: 30000 });
  return tab;
}

export const url = (file, hash = "") => `file://${file}${hash}`;

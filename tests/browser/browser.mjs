// A Chromium to drive, and an ear for everything that a page must not do.
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const root = resolve(import.meta.dirname, "../..");
export const builtPage = join(root, "www/dist/index.html");
const ARGUMENTS = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

function findChromium() {
  const candidates = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
  const found = candidates.find((path) => path && existsSync(path));
  if (!found) throw new Error("no Chromium: install it, or name it in CHROMIUM");
  return found;
}

// Runs `work` with a context whose profile is empty and gone afterwards; offline, because the page
// needs no network.
export async function withBrowser(work, options = {}) {
  const profile = mkdtempSync(join(tmpdir(), "noisefloor-browser-"));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium(),
    // Chromium refuses its sandbox to the superuser.
    chromiumSandbox: process.getuid?.() !== 0,
    args: ARGUMENTS,
    offline: true,
    locale: "en-GB",
    viewport: { width: 1280, height: 900 },
    ...options,
  });
  try {
    return await work(context);
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
}

// A page with a list of its misdeeds: console errors and warnings, uncaught errors, violations of its
// policy, requests for anything but itself, data and blobs.
export async function listen(context) {
  const page = await context.newPage();
  const misdeeds = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) misdeeds.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => misdeeds.push(`error: ${error.message}`));
  page.on("crash", () => misdeeds.push("the page crashed"));
  page.on("request", (request) => {
    if (!/^(file|blob|data):/.test(request.url())) misdeeds.push(`request: ${request.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return { page, misdeeds };
}

export const urlOf = (path, query = "", hash = "") => pathToFileURL(path).href + query + hash;

// Opens a page and waits until it has done what it does on its own.
export async function open(page, path, query = "?lang=en&theme=light", hash = "") {
  // Another fragment alone would not load the page anew.
  await page.goto("about:blank");
  await page.goto(urlOf(path, query, hash));
  await page.waitForSelector("html[data-ready=true]", { state: "attached", timeout: 60_000 });
}

// A Chromium to drive, and an ear for everything that a page must not do.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

export const root = resolve(import.meta.dirname, "../..");
// The page to keep, with the whole engine.
export const builtPage = join(root, "www/dist/offline.html");
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
// policy, requests for anything but itself, data, blobs and the pages given.
export async function listen(context, pages = []) {
  const page = await context.newPage();
  const misdeeds = [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) misdeeds.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => misdeeds.push(`error: ${error.message}`));
  page.on("crash", () => misdeeds.push("the page crashed"));
  page.on("request", (request) => {
    if (!/^(file|blob|data):/.test(request.url()) && !pages.includes(request.url().replace(/[?#].*/, ""))) misdeeds.push(`request: ${request.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
  });
  return { page, misdeeds };
}

export const urlOf = (path, query = "", hash = "") => (/^http:/.test(path) ? path : pathToFileURL(path).href) + query + hash;

// Serves the files of a folder on loopback, as any static host would; `{ url, asked, close }`. `spoilt` names one whose
// bytes are changed on the way.
export async function serve(folder, spoilt) {
  const asked = [];
  const server = createServer((request, response) => {
    const name = request.url.replace(/[?#].*/, "").slice(1);
    asked.push(name);
    if (!/^[a-z]+\.html$/.test(name) || !existsSync(join(folder, name))) return response.writeHead(404).end();
    const bytes = readFileSync(join(folder, name));
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(name === spoilt ? Buffer.concat([bytes, Buffer.from(" ")]) : bytes);
  });
  await new Promise((ok) => server.listen(0, "127.0.0.1", ok));
  return { url: `http://127.0.0.1:${server.address().port}/`, asked, close: () => new Promise((ok) => { server.closeAllConnections(); server.close(ok); }) };
}

// Opens a page and waits until it has done what it does on its own.
export async function open(page, path, query = "?lang=en&theme=light", hash = "") {
  // Another fragment alone would not load the page anew.
  await page.goto("about:blank");
  await page.goto(urlOf(path, query, hash));
  await page.waitForSelector("html[data-ready=true]", { state: "attached", timeout: 60_000 });
}

// Opens the report of a recording in a browser without a window, zooms, drags, hovers, and reads what the page shows.
// node trace.mjs PLAYWRIGHT-FOLDER REPORT.html [SCREENSHOT-PREFIX]
import assert from "node:assert";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, report, screenshots] = process.argv.slice(2);
const { chromium } = createRequire(join(resolve(folder), "package.json"))("playwright-core");
const profile = mkdtempSync(join(tmpdir(), "paceline-browser-"));
const args = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await chromium.launchPersistentContext(profile,
  { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args, viewport: { width: 1200, height: 900 } });
try {
  const page = browser.pages()[0] ?? await browser.newPage();
  const faults = [], requests = [];
  page.on("pageerror", error => faults.push(error.message));
  page.on("console", message => message.type() === "error" && faults.push(message.text()));
  page.on("request", request => request.url().startsWith("file:") || requests.push(request.url()));
  await page.goto(pathToFileURL(resolve(report)).href);
  const view = () => page.evaluate(() => [Number(document.body.dataset.from), Number(document.body.dataset.to)]);
  const drawn = () => page.evaluate(() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))));
  const whole = await view();
  assert(whole[1] > whole[0], "the page shows a stretch of time");

  // Hovering: the widest part of a loop on the screen.
  const place = await page.evaluate(() => {
    const [x, y, width] = hits.filter(hit => hit[3].kind === "loop").reduce((a, b) => a[2] > b[2] ? a : b);
    const canvas = document.getElementById("lanes").getBoundingClientRect();
    return { x: canvas.x + x + width / 2, y: canvas.y + y + 6, center: x + width / 2 };
  });
  // The browser may drop a move that comes before it has laid the page out.
  let tip = "";
  for (let tries = 0; tries < 20 && tip === ""; tries++) {
    await page.mouse.move(place.x + tries % 2, place.y);
    await drawn();
    tip = await page.locator("#tip").innerText();
  }
  assert.match(tip, /part of a loop/);
  assert.match(tip, /\d+ items, .* each/);
  assert.match(tip, /in filter|in gather|in sort|in store/);

  // The wheel zooms around the pointer.
  const under = () => page.evaluate(x => momentAt(x), place.center);
  const before = await under();
  await page.mouse.wheel(0, -600);
  await drawn();
  const close = await view();
  assert(close[1] - close[0] < (whole[1] - whole[0]) / 2, `the wheel zooms in: ${whole} to ${close}`);
  assert(Math.abs(await under() - before) < (close[1] - close[0]) / 100, "the moment under the pointer stays there");

  // Dragging moves.
  await page.mouse.down();
  await page.mouse.move(place.x - 150, place.y, { steps: 3 });
  await page.mouse.up();
  await drawn();
  const dragged = await view();
  assert(dragged[0] > close[0], `dragging to the left shows later events: ${close} to ${dragged}`);
  assert(Math.abs(dragged[1] - dragged[0] - (close[1] - close[0])) < 1e-3, "dragging does not zoom");
  await page.getByText("Show all").click();
  await drawn();
  assert.deepEqual(await view(), whole);

  // The tables, and a row that leads to its event.
  for (const table of ["names", "longest"]) {
    assert(await page.locator(`#${table} tr.goes`).count() > 0, `the table "${table}" has rows`);
  }
  await page.locator("#longest tr.goes").first().click();
  await drawn();
  const shown = await view();
  assert(shown[1] - shown[0] < whole[1] - whole[0], "a row of a table shows its event");
  await page.getByText("Show all").click();

  for (const width of [1200, 700]) {
    await page.setViewportSize({ width, height: 900 });
    await page.mouse.move(1, 1);
    await drawn();
    const [inner, outer] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
    assert(inner <= outer, `at ${width} pixels nothing is wider than the page: ${inner}`);
    if (screenshots) {
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: `${screenshots}_${width}.png`, fullPage: true });
    }
  }
  assert.deepEqual(faults, []);
  assert.deepEqual(requests, [], "the page uses no network");
  console.log(`trace.mjs: the report is as it should be; its tooltip: ${tip.replaceAll("\n", ", ")}`);
} finally {
  await browser.close();
  rmSync(profile, { recursive: true, force: true });
}

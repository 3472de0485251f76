// Has Chromium's own developer tools import HTTP Archives, and prints what they made of each: a line of JSON per file.
"use strict";
const { chromium } = require("playwright-core");
const { readFileSync } = require("fs");

// Runs in the window of DevTools, whose modules have no other door.
async function imported(text) {
  const har = await import("./models/har/har.js");
  const log = new har.HARFormat.HARRoot(JSON.parse(text)).log;
  return har.Importer.Importer.requestsFromHARLog(log).map((request) => ({
    URL: request.url(),
    Status: request.statusCode,
    Kind: request.resourceType().name(),
    Remote: request.remoteAddress(),
    Sent: request.frames().filter((f) => f.type === "send").length,
    Received: request.frames().filter((f) => f.type === "receive").length,
    Text: request.frames().map((f) => f.text).join("\n"),
    First: request.frames().length ? request.frames()[0].time : 0,
  }));
}

// What a person does: the Network panel loads the file.
async function shown(text) {
  const ui = await import("./ui/legacy/legacy.js");
  const network = await import("./panels/network/network.js");
  await ui.ViewManager.ViewManager.instance().showView("network");
  await network.NetworkPanel.NetworkPanel.instance().networkLogView.onLoadFromFile(new File([text], "a.har"));
}

(async () => {
  const [, , browserPath, panel, ...files] = process.argv;
  const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox", "--disable-gpu"] });
  const page = await browser.newPage();
  await page.goto("devtools://devtools/bundled/inspector.html");
  for (const file of files)
    console.log(JSON.stringify({ File: file, Requests: await page.evaluate(imported, readFileSync(file, "utf8")) }));
  await page.evaluate(shown, readFileSync(panel, "utf8"));
  const rows = page.locator("tr.data-grid-data-grid-node");
  await rows.first().waitFor();
  console.log(JSON.stringify({ File: panel, Rows: await rows.allInnerTexts() }));
  await browser.close();
})();

// Drives pages in Chromium as people do, by clicks and keys, and prints a line of JSON per job: {Name, Problems, Note}.
"use strict";
const { chromium } = require("playwright-core");
const axeSource = require("axe-core").source;

const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

class Use {
  constructor(browser, job, kept) {
    Object.assign(this, { browser, job, kept, problems: [], notes: [] });
  }

  // open opens the job's page and listens for anything that goes wrong.
  async open(options) {
    this.context = await this.browser.newContext({
      viewport: { width: 1280, height: 800 },
      reducedMotion: "reduce",
      ...options,
    });
    this.page = await this.context.newPage();
    this.listen(this.page, () => this);
    return this.go();
  }

  // reopen does so in a page that one job leaves to the next, which saves a process for each.
  async reopen() {
    if (!this.kept.page) {
      this.kept.page = await this.browser.newPage({
        viewport: { width: 1280, height: 800 },
        reducedMotion: "reduce",
      });
      this.listen(this.kept.page, () => this.kept.use);
    }
    this.kept.use = this;
    this.page = this.kept.page;
    return this.go();
  }

  listen(page, use) {
    page.on("console", (m) => {
      if (m.type() === "error" || m.type() === "warning") use().problems.push("console: " + m.text());
    });
    page.on("pageerror", (e) => use().problems.push("error: " + e.message));
    page.on("dialog", (d) => {
      use().problems.push("dialog: " + d.message());
      d.dismiss();
    });
    page.on("request", (r) => {
      if (!r.url().startsWith("file:") && !r.url().startsWith(use().job.file))
        use().problems.push("request: " + r.url());
    });
  }

  async go() {
    const page = this.page;
    await page.goto(
      this.job.file.startsWith("http:")
        ? this.job.file
        : "file://" + this.job.file.split("/").map(encodeURIComponent).join("/"),
    );
    await page.waitForSelector("html[data-ready]", { state: "attached", timeout: 60000 });
    return page;
  }

  check(holds, what) {
    if (!holds) this.problems.push(what);
  }
  async tab(name) {
    await this.page.click("#tab-" + name);
    await this.frames();
  }
  // frames waits until what was asked for is drawn.
  async frames() {
    await this.page.evaluate(
      () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 10)))),
    );
  }
  text(selector) {
    return this.page.textContent(selector);
  }
  count(selector) {
    return this.page.locator(selector).count();
  }
  async until(f, what) {
    for (let i = 0; i < 100; i++) {
      if (await f()) return;
      await this.page.waitForTimeout(50);
    }
    this.problems.push("never came: " + what);
  }

  async axe(where) {
    await this.page.evaluate(axeSource);
    const found = await this.page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
    for (const v of found.violations) {
      const line =
        "axe, " +
        where +
        ": " +
        v.impact +
        " " +
        v.id +
        ": " +
        v.nodes
          .slice(0, 3)
          .map(
            (n) =>
              n.target.join(" ") + " (" + (n.failureSummary || "").split("\n").slice(1, 2).join("").trim() + ")",
          )
          .join(", ");
      if (v.impact === "serious" || v.impact === "critical") this.problems.push(line);
      else this.notes.push(line);
    }
  }
}

const scenarios = {
  // Each view is drawn, by the number keys.
  async open(u) {
    const page = await u.reopen();
    for (const [key, view] of [
      ["2", "timeline"],
      ["3", "handshakes"],
      ["4", "conversation"],
      ["5", "charts"],
      ["1", "overview"],
    ]) {
      await page.keyboard.press(key);
      await u.frames();
      u.check(await page.isVisible("#" + view), view + " is not shown");
      const said = await page.innerText("#" + view);
      u.check(said.length > 20, view + " is empty");
      u.check(
        !/\b(undefined|NaN|null|false)\b|\[object/.test(said.replace(/\b(fin|rsv)[^\n]*|\benabled=false|\breconnect false/g, "")),
        view + " says " + (/.{0,40}\b(undefined|NaN|null|false)\b.{0,20}|\[object.{0,20}/.exec(said) || [""])[0],
      );
    }
  },

  async table(u) {
    const page = await u.open();
    await u.tab("handshakes");
    const all = await u.text("#row-count");
    await page.click("#filter");
    await page.keyboard.type("status:4xx");
    await u.until(async () => (await u.text("#row-count")) !== all, "the filter's answer");
    const cells = () => page.locator("#grid .row .verdict").allTextContents();
    await u.until(async () => (await cells()).every((cell) => /4\d\d/.test(cell)), "rows of status:4xx alone");
    u.check((await cells()).length > 0, "no row of status:4xx");
    const some = await u.text("#row-count");
    u.check(/^\d+ of \d+ rows$/.test(some), "after the filter: " + some);
    await page.keyboard.press("Escape");
    await u.until(async () => (await u.text("#row-count")) === all, "all rows again");
    await page.click(".facets >> text=refused");
    await u.frames();
    u.check(
      (await page.inputValue("#filter")) === "verdict:refused",
      "the chip writes " + (await page.inputValue("#filter")),
    );
    await u.until(async () => (await cells()).every((cell) => /refused/.test(cell)), "rows of verdict:refused alone");
    await page.click(".facets >> text=refused");
    await page.fill("#filter", "no-such-thing-anywhere");
    await u.until(async () => (await u.count("#grid .row")) === 0, "an empty table");
    u.check(await page.isVisible("text=No handshake fits the filter."), "nothing says that no handshake fits");
    await page.fill("#filter", "");
    await u.until(async () => (await u.count("#grid .row")) > 0, "rows");
    const latencies = async () =>
      (
        await page
          .locator("#grid .row")
          .evaluateAll((rows) =>
            rows.map((r) => [Number(r.getAttribute("aria-rowindex")), r.children[6].textContent]),
          )
      )
        .sort((a, b) => a[0] - b[0])
        .map((r) => r[1]);
    const ns = (s) => {
      const m = /([\d.]+) (ns|µs|ms|s|min)/.exec(s);
      return m ? m[1] * { ns: 1, µs: 1e3, ms: 1e6, s: 1e9, min: 6e10 }[m[2]] : -1;
    };
    await page.click(".head >> text=latency");
    await u.frames();
    u.check(
      (await page.getAttribute(".head [data-id=latency]", "aria-sort")) === "descending",
      "not sorted by latency",
    );
    let list = (await latencies()).map(ns);
    u.check(
      list.every((v, i) => i === 0 || v <= list[i - 1]),
      "not descending: " + list.slice(0, 8),
    );
    await page.click(".head >> text=latency");
    await u.frames();
    list = (await latencies()).map(ns);
    u.check(
      list.every((v, i) => i === 0 || v >= list[i - 1]),
      "not ascending: " + list.slice(0, 8),
    );
    // rows far below are made when they are scrolled to
    await page.locator("#grid").evaluate((g) => {
      g.scrollTop = g.scrollHeight;
    });
    await u.frames();
    const total = Number(await page.getAttribute("#grid", "aria-rowcount"));
    const indexes = await page
      .locator("#grid .row")
      .evaluateAll((rows) => rows.map((r) => Number(r.getAttribute("aria-rowindex"))));
    u.check(Math.max(...indexes) === total, "the last row is " + Math.max(...indexes) + " of " + total);
    u.check(indexes.length < 120, indexes.length + " rows are in the document");
  },

  async timeline(u) {
    const page = await u.open();
    await u.tab("timeline");
    const view = () => page.evaluate(() => W.timelineView());
    const whole = await view();
    const box = await page.locator("#timeline-rows").boundingBox();
    const x = box.x + box.width * 0.6,
      y = box.y + box.height / 2;
    await page.mouse.move(x, y);
    await page.keyboard.down("Control");
    await page.mouse.wheel(0, -300);
    await page.keyboard.up("Control");
    await u.frames();
    let now = await view();
    u.check(now.t1 - now.t0 < (whole.t1 - whole.t0) * 0.8, "Ctrl and wheel do not zoom");
    await page.mouse.move(x, y);
    await page.mouse.down();
    await page.mouse.move(x - 120, y, { steps: 5 });
    await page.mouse.up();
    await u.frames();
    let moved = await view();
    u.check(moved.t0 > now.t0 && Math.abs(moved.t1 - moved.t0 - (now.t1 - now.t0)) < 2, "dragging does not pan");
    await page.keyboard.down("Shift");
    await page.mouse.move(x - 200, y);
    await page.mouse.down();
    await page.mouse.move(x, y, { steps: 5 });
    await page.mouse.up();
    await page.keyboard.up("Shift");
    await u.frames();
    u.check((await view()).range !== null, "Shift and drag select nothing");
    u.check(
      /frames?, .*attempts?/.test(await u.text("#timeline .selection")),
      "the selection is not summed up: " + (await u.text("#timeline .selection")),
    );
    await page.click("text=Its handshakes");
    await u.frames();
    u.check(await page.isVisible("#grid"), "the selection's handshakes are not listed");
    await u.tab("timeline");
    await page.focus("#timeline-rows");
    await page.keyboard.press("0");
    await u.frames();
    now = await view();
    u.check(now.t0 === whole.t0 && now.t1 === whole.t1, "0 does not show all");
    await page.keyboard.press("+");
    await page.keyboard.press("ArrowRight");
    await u.frames();
    moved = await view();
    u.check(moved.t1 - moved.t0 < whole.t1 - whole.t0, "+ does not zoom");
    const map = await page.locator("#timeline .map").boundingBox();
    await page.keyboard.press("0");
    await page.mouse.move(map.x + map.width * 0.2, map.y + 20);
    await page.mouse.down();
    await page.mouse.move(map.x + map.width * 0.3, map.y + 20, { steps: 5 });
    await page.mouse.up();
    await u.frames();
    now = await view();
    const share = (now.t1 - now.t0) / (whole.t1 - whole.t0);
    u.check(share > 0.07 && share < 0.13, "brushing a tenth of the map shows " + share);
    await page.focus("#timeline-rows");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await u.frames();
    u.check(await page.isVisible("#ladder"), "Enter does not open a conversation");
    await page.goBack();
    await u.frames();
    u.check(await page.isVisible("#timeline-rows"), "back does not go back");
  },

  async legs(u) {
    const page = await u.open();
    await u.tab("handshakes");
    u.check((await u.count("#grid .row")) === 1, "both legs are not one row: " + (await u.count("#grid .row")));
    await page.click("#grid .row .verdict");
    await u.frames();
    u.check((await u.count(".compare thead th")) === 6, "heads are not side by side");
    const differs = await page.locator(".compare tr.differs").allTextContents();
    u.check(
      differs.some((line) => /Origin/.test(line)),
      "Origin is not marked: " + differs,
    );
    u.check(
      (await page.locator(".compare tr.differs .sign .unseen").allTextContents()).every((s) => s === "differs"),
      "the mark has no word",
    );
    u.check(await page.isVisible(".detail .story"), "the finding is not told");
    await page.click(".detail >> text=Conversation");
    await u.frames();
    u.check((await u.text("#ladder .ends")).includes("proxy"), "the ladder has no proxy");
    u.check((await u.count("#ladder .lane")) === 3, "the ladder has no three lanes");
  },

  async conversation(u) {
    const page = await u.open();
    await u.tab("conversation");
    await u.until(async () => (await u.count("#ladder .event")) > 3, "the ladder");
    await page.click("#ladder .event >> text=subscribe");
    await u.frames();
    u.check(/"type"/.test(await u.text(".payload")), "no JSON payload: " + (await u.text("#conversation .detail")));
    u.check((await u.text(".payload")).split("\n").length > 2, "JSON is not indented");
    await page.click(".payload-tabs >> text=Hex");
    u.check(/^000000 {2}7b/.test(await u.text(".payload")), "no hex: " + (await u.text(".payload")).slice(0, 40));
    await page.click("#search");
    await page.keyboard.type("COMPLETE");
    await u.until(async () => /1 of \d+ hits?/.test(await u.text("#hits")), "hits");
    u.check((await u.count("#ladder .event.found")) > 0, "no hit is marked");
    const first = await page.getAttribute("#ladder", "aria-activedescendant");
    await page.keyboard.press("Enter");
    await u.until(
      async () => (await page.getAttribute("#ladder", "aria-activedescendant")) !== first,
      "the next hit after Enter",
    );
    u.check(
      (await u.count(".payload mark")) > 0 || /Hex/.test(await u.text(".payload-tabs")),
      "the hit is not marked in the payload",
    );
    await page.fill("#packet", "12");
    await page.press("#packet", "Enter");
    await u.frames();
    u.check(
      /packet\s*12/.test(await page.innerText("#conversation .detail")),
      "packet 12: " + (await page.innerText("#conversation .detail")).slice(0, 120),
    );
    const height = await page.locator("#ladder .box").evaluate((b) => b.offsetHeight);
    await page.click("text=Time to scale");
    await u.frames();
    u.check(
      (await page.locator("#ladder .box").evaluate((b) => b.offsetHeight)) < height,
      "even steps are not shorter",
    );
  },

  // Everything without a mouse.
  async keyboard(u) {
    const page = await u.open();
    const at = () =>
      page.evaluate(
        () => document.activeElement.id || document.activeElement.className || document.activeElement.tagName,
      );
    await page.keyboard.press("Tab");
    u.check((await at()) === "skip", "the first stop is " + (await at()));
    for (let i = 0; i < 4 && (await at()) !== "tab-overview"; i++) await page.keyboard.press("Tab");
    u.check((await at()) === "tab-overview", "the tabs are not reached: " + (await at()));
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    u.check(
      (await at()) === "tab-handshakes" && (await page.isVisible("#handshakes")),
      "arrows do not change tabs: " + (await at()),
    );
    await page.keyboard.press("/");
    u.check((await at()) === "filter", "/ does not reach the filter");
    await page.keyboard.type("leg:proxied");
    await page.waitForTimeout(200);
    await page.keyboard.press("ArrowDown");
    u.check((await at()) === "grid", "down does not reach the table");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await u.frames();
    u.check(await page.isVisible(".detail .compare"), "Enter does not open details");
    await page.keyboard.press("Escape");
    await u.frames();
    u.check(
      !(await page.isVisible("#handshakes .detail .compare")) && (await at()) === "grid",
      "Escape does not close them",
    );
    await page.keyboard.press("End");
    await u.frames();
    const current = await page.locator("#grid .row.current").getAttribute("aria-rowindex");
    u.check(current === (await page.getAttribute("#grid", "aria-rowcount")), "End is at " + current);
    await page.keyboard.press("4");
    await u.frames();
    for (let i = 0; i < 20 && (await at()) !== "ladder"; i++) await page.keyboard.press("Tab");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await u.frames();
    u.check(await page.isVisible("#conversation .detail"), "the ladder is not used by keys");
    await page.keyboard.press("Escape");
    u.check((await at()) === "ladder", "Escape does not go back to the ladder: " + (await at()));
  },

  async touch(u) {
    const page = await u.open({ viewport: { width: 320, height: 640 }, hasTouch: true, isMobile: true });
    for (const view of ["overview", "timeline", "handshakes", "conversation", "charts"]) {
      await page.tap("#tab-" + view);
      await u.frames();
      const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      u.check(over <= 0, view + " is " + over + " px too wide at 320 px");
    }
    await page.tap("#tab-timeline");
    await u.frames();
    const before = await page.evaluate(() => W.timelineView()),
      box = await page.locator("#timeline-rows").boundingBox();
    const client = await u.context.newCDPSession(page);
    const touch = (type, ...points) =>
      client.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([x, y], id) => ({ x, y, id })) });
    const y = box.y + box.height / 2,
      x = box.x + box.width * 0.6;
    await touch("touchStart", [x - 20, y], [x + 20, y]);
    for (let d = 20; d <= 80; d += 15) await touch("touchMove", [x - d, y], [x + d, y]);
    await touch("touchEnd");
    await u.frames();
    const after = await page.evaluate(() => W.timelineView());
    u.check(after.t1 - after.t0 < (before.t1 - before.t0) * 0.6, "two fingers do not zoom");
    await touch("touchStart", [x, y]);
    for (let d = 0; d <= 60; d += 12) await touch("touchMove", [x - d, y]);
    await touch("touchEnd");
    await u.frames();
    const panned = await page.evaluate(() => W.timelineView());
    u.check(panned.t0 > after.t0, "one finger does not pan");
    // A tap that comes while what was thrown still rolls only stops it.
    await u.until(async () => {
      await page.tap("#tab-handshakes");
      await u.frames();
      return page.isVisible("#grid .row >> nth=1");
    }, "the table after a tap on its tab");
    await page.tap("#grid .row >> nth=1");
    await u.frames();
    u.check(await page.isVisible(".detail .compare"), "a tap does not open details");
  },

  async paper(u) {
    const page = await u.open();
    const pdf = await page.pdf({ format: "A4", printBackground: true });
    u.check(pdf.length > 10000, "the print has " + pdf.length + " octets");
    u.check((await u.count("#printed")) === 0, "what was made for paper stays");
  },

  async axe(u) {
    const page = await u.open();
    for (const view of ["overview", "timeline", "handshakes", "conversation", "charts"]) {
      await u.tab(view);
      if (view === "handshakes") await page.click("#grid .row >> nth=2");
      if (view === "conversation") await page.click("#ladder .event >> nth=3");
      await u.frames();
      await u.axe(view);
    }
  },
  async "axe-dark"(u) {
    const page = await u.open({ colorScheme: "dark" });
    for (const view of ["overview", "handshakes", "charts"]) {
      await u.tab(view);
      if (view === "handshakes") await page.click("#grid .row >> nth=0");
      await u.frames();
      await u.axe(view + ", dark");
    }
  },
  async "axe-phone"(u) {
    const page = await u.open({ viewport: { width: 320, height: 640 } });
    for (const view of ["overview", "timeline", "handshakes", "conversation"]) {
      await u.tab(view);
      if (view === "handshakes") {
        await page.click("#grid .row >> nth=0");
        await u.frames();
      }
      await u.axe(view + ", 320 px");
    }
  },

  async many(u) {
    const page = await u.open();
    const paint = await page.evaluate(
      () => performance.getEntriesByName("first-contentful-paint").map((e) => Math.round(e.startTime))[0],
    );
    const ready = await page.evaluate(() => Math.round(performance.now()));
    u.notes.push("first paint after " + paint + " ms, ready before " + ready + " ms");
    const items = await page.evaluate(() => W.items.n);
    u.check(items >= 100000, "only " + items + " items");
    await u.tab("timeline");
    const frame = await page.evaluate(async () => {
      const v = W.timelineView(),
        times = [];
      for (let i = 0; i < 20; i++) {
        const begin = performance.now();
        W.showTime(v.t0 + (i * (v.t1 - v.t0)) / 60, v.t1 - (i * (v.t1 - v.t0)) / 60);
        await new Promise((done) =>
          requestAnimationFrame(() => {
            W.redrawTimeline();
            requestAnimationFrame(done);
          }),
        );
        times.push(performance.now() - begin);
      }
      return times.sort((a, b) => a - b)[10];
    });
    u.notes.push("a step of zooming takes " + frame.toFixed(1) + " ms with two frames in it");
    await u.tab("handshakes");
    const filter = await page.evaluate(() => {
      const begin = performance.now();
      W.state.filter = "connection: upgrade";
      W.drawHandshakes();
      const took = performance.now() - begin;
      W.state.filter = "";
      W.drawHandshakes();
      return took;
    });
    u.notes.push("the filter answers after " + filter.toFixed(1) + " ms");
    await u.tab("conversation");
    await u.until(async () => (await u.count("#ladder .event")) > 3, "the ladder");
    await page.fill("#search", "the");
    await u.until(async () => /hit/.test(await u.text("#hits")), "hits");
    u.check((await u.count("#ladder .event")) < 200, "too many rows are in the document");
    await u.tab("charts");
    u.check((await u.count(".chart")) > 3, "charts are missing");
  },

  // A page that wshake view serves asks for payloads.
  async served(u) {
    const page = await u.open();
    await u.tab("conversation");
    await u.until(async () => (await u.count("#ladder .event >> text=subscribe")) > 0, "payloads in the ladder");
    await page.click("#ladder .event >> text=subscribe");
    await u.frames();
    u.check(/"type"/.test(await u.text(".payload")), "no payload: " + (await u.text("#conversation .detail")));
    await page.fill("#search", "connection_ack");
    await u.until(async () => /1 of 1 hit/.test(await u.text("#hits")), "a hit");
  },

  async hostile(u) {
    const page = await u.open();
    for (const view of ["overview", "timeline", "handshakes", "conversation", "charts"]) {
      await u.tab(view);
      if (view === "handshakes") await page.click("#grid .row >> nth=0");
      if (view === "conversation") {
        await u.until(async () => (await u.count("#ladder .event")) > 3, "the ladder");
        const n = await u.count("#ladder .event");
        for (let i = 0; i < n; i++) {
          await page.locator("#ladder .event").nth(i).click();
          for (const name of await page.locator(".payload-tabs .group button").allTextContents())
            await page.click(".payload-tabs >> text=" + name);
        }
        await page.fill("#search", "script");
        await page.waitForTimeout(300);
      }
      await u.frames();
      u.check(
        !/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/.test(
          await page.evaluate(
            () =>
              document.body.innerText +
              [...document.querySelectorAll("[title],[aria-label]")]
                .map((n) => (n.title || "") + n.getAttribute("aria-label"))
                .join(" ") +
              document.title,
          ),
        ),
        view + " shows characters that act",
      );
    }
    await page.evaluate(() => {
      for (const d of document.querySelectorAll("details")) d.open = true;
    });
    await page.pdf({ format: "A4" });
    const state = await page.evaluate(() => ({
      canary: typeof window.canary,
      images: document.images.length,
      scripts: document.scripts.length,
      frames: document.querySelectorAll("iframe,object,embed,link,base,form").length,
      handlers: [...document.querySelectorAll("*")].filter((n) =>
        [...n.attributes].some((a) => a.name.startsWith("on")),
      ).length,
    }));
    u.check(state.canary === "undefined", "the canary is " + state.canary);
    u.check(
      state.images === 0 && state.frames === 0 && state.handlers === 0 && state.scripts <= 2,
      "elements came from the wire: " + JSON.stringify(state),
    );
    const before = u.problems.slice();
    const refused = await page.evaluate(() => {
      try {
        document.createElement("div").innerHTML = "<b>x</b>";
        return false;
      } catch {
        return true;
      }
    });
    u.problems = before; // the console tells of this one
    u.check(refused, "HTML may be made from strings");
    u.check((await page.innerText("body")).includes("script>"), "what was sent is not shown");
  },
};

// Each line of standard input is a list of jobs, which one browser does, two at a time. A line without a name follows
// the results of the last.
(async () => {
  const browser = await chromium.launch({ executablePath: process.argv[2], args: ARGS });
  const kept = [{}, {}];
  const work = async (jobs, mine) => {
    for (let job = jobs.shift(); job; job = jobs.shift()) {
      const use = new Use(browser, job, mine);
      try {
        await scenarios[job.scenario](use);
      } catch (error) {
        use.problems.push(
          String((error && error.message) || error)
            .split("\n")
            .slice(0, 3)
            .join(" "),
        );
      }
      if (use.context) await use.context.close();
      console.log(JSON.stringify({ Name: job.name, Problems: use.problems, Note: use.notes.join("; ") }));
    }
  };
  for await (const line of require("node:readline").createInterface({ input: process.stdin })) {
    const jobs = JSON.parse(line);
    await Promise.all(kept.map((mine) => work(jobs, mine)));
    console.log(JSON.stringify({ Name: "", Problems: [], Note: "" }));
  }
  await browser.close();
})();

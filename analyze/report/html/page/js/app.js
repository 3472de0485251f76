// The page comes to life: it reads its data, then draws what is looked at, when it is looked at.
(() => {
  const { el } = W;
  const DRAW = {
    overview: () => W.drawOverview(),
    timeline: () => W.drawTimeline(),
    handshakes: () => W.drawHandshakes(),
    conversation: () => W.drawConversation(),
    charts: () => W.drawCharts(),
  };
  const drawn = new Set();

  const showTab = () => {
    const tab = W.state.tab;
    for (const name of W.TABS) {
      const button = W.byId("tab-" + name),
        on = name === tab;
      button.setAttribute("aria-selected", String(on));
      button.tabIndex = on ? 0 : -1;
      W.byId(name).hidden = !on;
      if (on) button.scrollIntoView({ block: "nearest", inline: "nearest" });
    }
    if (!drawn.has(tab) || (tab !== "overview" && tab !== "charts")) {
      drawn.add(tab);
      DRAW[tab]();
    }
  };

  const tabKeys = (e) => {
    const i = W.TABS.indexOf(W.state.tab),
      n = W.TABS.length;
    const to = { ArrowRight: (i + 1) % n, ArrowLeft: (i + n - 1) % n, Home: 0, End: n - 1 }[e.key];
    if (to === undefined) return;
    e.preventDefault();
    W.go(W.TABS[to]);
    W.byId("tab-" + W.TABS[to]).focus();
  };

  const keys = (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(e.target.tagName)) return;
    if (/^[1-5]$/.test(e.key)) {
      W.go(W.TABS[e.key - 1]);
      W.byId("tab-" + W.state.tab).focus();
    } else if (e.key === "/") {
      e.preventDefault();
      if (W.state.tab !== "conversation") W.go("handshakes");
      W.byId(W.state.tab === "conversation" ? "search" : "filter").focus();
    }
  };

  const THEMES = ["as the system", "light", "dark"];
  let theme = 0;
  const setTheme = (to) => {
    theme = to;
    if (to) document.documentElement.dataset.theme = THEMES[to];
    else delete document.documentElement.dataset.theme;
    const button = W.byId("theme");
    button.setAttribute("aria-label", "Theme: " + THEMES[to]);
    button.title = "Theme: " + THEMES[to];
    button.firstElementChild.textContent = ["◐", "☀", "☾"][to];
    W.redrawTimeline();
  };

  // Paper shows the overview, the timeline, the charts, the first handshakes and the conversation that is open.
  const paper = () => {
    const was = theme;
    if (was) delete document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
    if (!drawn.has("overview")) {
      drawn.add("overview");
      W.drawOverview();
    }
    const opened = [...document.querySelectorAll("#overview details")].filter((d) => d.few && !d.open);
    for (const d of opened) {
      d.fill();
      d.open = true;
    }
    const box = el("div", { id: "printed" });
    const n = W.model.connections.length;
    if (n) {
      const canvas = el("canvas", { role: "img", "aria-label": "Timeline" }),
        more = W.paintTimeline(canvas, 1000);
      box.append(
        el(
          "section",
          { class: "block" },
          el(
            "h2",
            {},
            "Timeline",
            more > 0 &&
              el("small", { text: "the first " + W.number(n - more) + " of " + W.count(n, "connection") }),
          ),
          canvas,
        ),
      );
    }
    const rows = W.allRows().slice(0, 200),
      all = W.allRows().length;
    if (all) {
      box.append(
        el(
          "section",
          { class: "block" },
          el("h2", {}, "Handshakes", all > 200 && el("small", { text: "the first 200 of " + W.number(all) })),
          el(
            "table",
            { class: "paper" },
            el(
              "thead",
              {},
              el(
                "tr",
                {},
                ["conn", "time UTC", "host and path", "answer", "latency", "findings"].map((text) =>
                  el("th", { text }),
                ),
              ),
            ),
            el(
              "tbody",
              {},
              rows.map((row) => {
                const h = W.model.handshakes[row[0]];
                return el(
                  "tr",
                  {},
                  [
                    row.map((i) => W.model.handshakes[i].name).join(" → "),
                    W.clock(h.t),
                    h.host + h.path,
                    (h.status || "") + " " + h.verdict,
                    h.latency === undefined ? "" : W.span(h.latency),
                    [...new Set(row.flatMap((i) => W.findingNames(W.model.handshakes[i])))].join(", "),
                  ].map((text) => el("td", { text: String(text) })),
                );
              }),
            ),
          ),
        ),
      );
    }
    const charts = W.allCharts();
    if (charts.length)
      box.append(
        el("section", { class: "block" }, el("h2", { text: "Charts" }), el("div", { class: "chart-grid" }, charts)),
      );
    const talk = W.state.tab === "conversation" ? W.conversationRows().slice(0, 400) : [];
    if (talk.length) {
      box.append(
        el(
          "section",
          { class: "block" },
          el(
            "h2",
            {},
            "Conversation",
            el("small", { text: "connection " + W.model.connections[W.state.conn].name }),
          ),
          el(
            "table",
            { class: "paper" },
            el(
              "tbody",
              {},
              talk
                .filter((r) => r.kind === "item" || r.kind === "request" || r.kind === "response")
                .map((r) => {
                  const it = W.items,
                    server = r.kind === "item" ? it.shape[r.i] & W.SERVER : r.kind === "response";
                  return el(
                    "tr",
                    {},
                    [
                      W.since(r.t),
                      server ? "←" : "→",
                      r.kind === "item"
                        ? W.opcode(it.shape[r.i]) + " " + (it.length[r.i] < 0 ? "" : W.size(it.length[r.i]))
                        : W.model.handshakes[r.h][r.kind].line,
                      "packet " + W.number(r.packet),
                    ].map((text) => el("td", { text })),
                  );
                }),
            ),
          ),
        ),
      );
    }
    W.byId("main").append(box);
    addEventListener(
      "afterprint",
      () => {
        box.remove();
        for (const d of opened) d.open = false;
        setTheme(was);
      },
      { once: true },
    );
  };

  const facts = () => {
    const m = W.model,
      s = m.summary,
      files = m.files || [];
    const name =
      files.length === 0
        ? "capture"
        : files.length === 1
          ? files[0]
          : files[0] + " and " + W.count(files.length - 1, "other");
    document.title = name + " – wshake";
    W.byId("title").textContent = name;
    W.byId("title").title = files.join("\n");
    const said = [];
    if (s) {
      if (s.first !== null)
        said.push(W.date(s.first) + " " + W.clock(s.first).slice(0, 8) + " UTC, " + W.span(s.last - s.first));
      said.push(W.count(s.packets, "packet"), W.size(s.bytes), W.count(s.connections, "TCP connection"));
    } else said.push("interrupted: not all was read");
    if (m.redacted) said.push("redacted");
    W.byId("facts").textContent = said.join(" · ");
    const counts = {
      handshakes: W.allRows().length + m.rest.handshakes,
      timeline: m.connections.length + m.rest.connections,
    };
    for (const [tab, n] of Object.entries(counts))
      W.byId("tab-" + tab).append(el("span", { class: "count", text: W.number(n) }));
  };

  const begin = async () => {
    try {
      await W.load();
    } catch (error) {
      W.byId("status").classList.add("failed");
      W.byId("status").textContent =
        typeof DecompressionStream === "undefined"
          ? "This browser is too old for this page: it has no DecompressionStream."
          : "The data in this page could not be read: " + error.message;
      return;
    }
    W.byId("status").remove();
    facts();
    W.on("tab", showTab);
    for (const name of W.TABS) {
      const button = W.byId("tab-" + name);
      button.addEventListener("click", () => W.go(name));
      button.addEventListener("keydown", tabKeys);
    }
    addEventListener("keydown", keys);
    addEventListener("popstate", () => {
      W.read();
      showTab();
    });
    addEventListener("hashchange", () => {
      W.read();
      showTab();
    });
    addEventListener("beforeprint", paper);
    W.byId("theme").addEventListener("click", () => setTheme((theme + 1) % 3));
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => W.redrawTimeline());
    W.read();
    showTab();
    W.warmFilter();
    document.documentElement.dataset.ready = "yes";
  };
  begin();
})();

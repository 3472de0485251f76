// What was in the capture, in one paragraph and five numbers; what is wrong, causes first; what was not read and why.
(() => {
  const { el } = W;
  const LEVELS = ["error", "warning", "note"];
  const VERDICTS = ["established", "refused", "invalid", "incomplete", "other-upgrade"];
  const FILL = {
    established: "good",
    refused: "warning",
    invalid: "error",
    incomplete: "strong",
    "other-upgrade": "dim",
  };

  const totals = () => {
    const m = W.model,
      s = m.summary;
    const verdicts = m.verdicts || {};
    const attempts = VERDICTS.reduce((n, v) => n + (verdicts[v] || 0), 0);
    const findings = {};
    for (const level of LEVELS)
      findings[level] = m.groups.filter((g) => g.level === level).reduce((n, g) => n + g.count, 0);
    const listed = m.connections.reduce((n, c) => n + (c.unlisted || 0), 0);
    return { attempts, verdicts, findings, messages: s ? s.messages : W.items.n + listed, statuses: statuses() };
  };

  // statuses counts refusals by their status.
  const statuses = () => {
    const counts = new Map();
    for (const host of W.model.hosts) {
      for (const [outcome, n] of Object.entries(host.outcome)) {
        if (/^\d+$/.test(outcome)) counts.set(outcome, (counts.get(outcome) || 0) + n);
      }
    }
    return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  };
  W.statuses = statuses;
  W.totals = totals;

  const lead = (t) => {
    const m = W.model,
      s = m.summary,
      said = [];
    const hosts = m.hosts.filter((h) => h.name).length + m.rest.hosts;
    if (t.attempts === 0) {
      said.push(
        s && s.websocket
          ? "No handshake was captured, but " + W.count(s.websocket, "WebSocket") + " from before the capture."
          : "No WebSocket handshake was found in what could be read.",
      );
    } else {
      const good = t.verdicts.established || 0;
      said.push(
        (t.attempts === 1 ? "One handshake" : W.number(t.attempts) + " handshakes") +
          (hosts > 1
            ? " at " + W.count(hosts, "host")
            : hosts === 1
              ? " at " + m.hosts.find((h) => h.name).name
              : "") +
          (good === t.attempts
            ? t.attempts === 1
              ? " was established."
              : " were all established."
            : good === 0
              ? ", of which none was established."
              : ": " + W.number(good) + " established, " + W.number(t.attempts - good) + " not."),
      );
      if (m.legs.length)
        said.push(
          W.count(m.legs.length, "attempt") +
            (m.legs.length === 1 ? " was" : " were") +
            " captured on both sides of a proxy.",
        );
    }
    const first = new Set(m.findings.filter((f) => !f.follows).map((f) => f.g)); // these have no cause that was found
    if (m.groups.some((g) => g.level === "error"))
      said.push(
        "What weighs most: " +
          W.list(
            ranked()
              .filter((g) => first.has(g.i))
              .slice(0, 3)
              .map((g) => g.name),
          ) +
          ".",
      );
    else if (t.attempts || t.messages)
      said.push(
        t.findings.warning
          ? "No error was found, but " + W.count(t.findings.warning, "warning") + "."
          : "Nothing wrong was found in what could be checked.",
      );
    if (m.caveats.length) said.push("Not everything could be seen: see below what was not read.");
    return said.join(" ");
  };

  const tile = (name, value, parts, go, split) => {
    const inside = [
      el("span", { class: "name", text: name }),
      el("span", { class: "value", text: W.number(value) }),
      split,
      el("span", { class: "parts" }, parts),
    ];
    return go && value
      ? el("button", { class: "tile card", type: "button", onclick: go }, inside)
      : el("div", { class: "tile card" }, inside);
  };

  const bar = (parts) => {
    const all = parts.reduce((n, p) => n + p[0], 0);
    return all
      ? el(
          "span",
          { class: "split", "aria-hidden": "true" },
          parts
            .filter((p) => p[0])
            .map(([n, colour]) => el("i", { css: { flex: String(n), background: "var(--" + colour + ")" } })),
        )
      : null;
  };

  const tiles = (t) => {
    const v = t.verdicts;
    const failed = v.refused || 0;
    return el(
      "div",
      { class: "tiles" },
      tile(
        "Attempts",
        t.attempts,
        VERDICTS.filter((x) => v[x] && x !== "established" && x !== "refused")
          .map((x) => W.number(v[x]) + " " + x)
          .join(", ") || "to open a WebSocket",
        () => W.openFilter(""),
        bar(VERDICTS.map((x) => [v[x] || 0, FILL[x]])),
      ),
      tile("Established", v.established || 0, W.percent(v.established || 0, t.attempts) + " of the attempts", () =>
        W.openFilter("verdict:established"),
      ),
      tile(
        "Refused",
        failed,
        t.statuses
          .slice(0, 4)
          .map(([s, n]) => s + " × " + W.number(n))
          .join(", ") || "by no server",
        () => W.openFilter("verdict:refused"),
      ),
      tile("Messages", t.messages, W.model.summary ? W.count(W.model.summary.frames, "frame") : "", () =>
        W.go("timeline"),
      ),
      tile(
        "Findings",
        t.findings.error + t.findings.warning + t.findings.note,
        LEVELS.filter((l) => t.findings[l]).map((l) =>
          el(
            "span",
            { class: "level-" + l, css: { "margin-right": ".6em", "white-space": "nowrap" } },
            W.levelSign[l] + " " + W.count(t.findings[l], l),
          ),
        ),
        () => W.byId("findings").scrollIntoView({ block: "start" }),
      ),
    );
  };

  // ranked gives the groups as a reader should meet them: gravest first, of those what names a hop between, which
  // explains others.
  const ranked = () =>
    W.model.groups
      .map((g, i) => ({ ...g, i }))
      .sort(
        (a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (b.root || 0) - (a.root || 0) || a.i - b.i,
      );
  W.rankedGroups = ranked;

  const unique = (list) => [...new Set(list.filter((x) => x !== "" && x !== undefined && x !== null))];

  // place names the packet of a finding and opens its conversation.
  const place = (f) =>
    f.c >= 0
      ? el("button", {
          class: "link",
          type: "button",
          onclick: () => W.openConversation(f.c),
          text: W.place(f.packet, f.file),
        })
      : W.place(f.packet, f.file);

  const story = (g, cases, led) => {
    const hosts = unique(cases.map((f) => (f.c >= 0 ? W.hostOf(f.c) : "")));
    const conns = unique(cases.map((f) => (f.c >= 0 ? f.c : null)));
    const advice = unique(cases.map((f) => f.advice));
    const faults = unique(cases.map((f) => f.fault));
    const shown = cases.slice(0, 3),
      more = cases.slice(3);
    const one = (f) =>
      el(
        "li",
        {},
        el(
          "span",
          { class: "at" },
          f.c >= 0
            ? el("button", {
                class: "link",
                type: "button",
                onclick: () => W.openConversation(f.c),
                text: W.place(f.packet, f.file),
              })
            : W.place(f.packet, f.file),
        ),
        el("span", { text: f.text }),
      );
    return el(
      "article",
      { class: "finding card " + g.level },
      el(
        "h3",
        {},
        W.level(g.level),
        el("span", { text: g.name }),
        el("span", {
          class: "source",
          text: [g.id, g.section, faults.length && "fault of the " + W.list(faults)].filter(Boolean).join(" · "),
        }),
        g.count > 1 && el("span", { class: "source num", text: "× " + W.number(g.count) }),
      ),
      cases.length === 1
        ? el("p", { class: "told", text: cases[0].text })
        : el(
            "ul",
            { class: "cases told" + (W.model.files && W.model.files.length > 1 ? " stacked" : "") },
            shown.map(one),
          ),
      more.length > 0 &&
        lazily(
          "and " + W.number(more.length) + " more",
          () =>
            el(
              "ul",
              { class: "cases" + (W.model.files && W.model.files.length > 1 ? " stacked" : "") },
              more.slice(0, 300).map(one),
              more.length > 300 &&
                el("li", {
                  text: "… and " + W.number(more.length - 300) + " more: the JSON output lists them all",
                }),
            ),
          more.length,
        ),
      advice.slice(0, 3).map((a) => el("p", { class: "advice" }, el("b", { text: "Advice: " }), a)),
      led.length > 0 &&
        el(
          "div",
          { class: "follows" },
          el("p", { class: "dim", text: "This led to:" }),
          el(
            "ul",
            {},
            led.map((l) =>
              el(
                "li",
                {},
                W.level(l.g.level),
                el(
                  "span",
                  {},
                  el("b", { text: l.g.name }),
                  l.g.count > 1 ? " × " + W.number(l.g.count) : "",
                  ": " + l.cases[0].text + " ",
                  place(l.cases[0]),
                ),
              ),
            ),
          ),
        ),
      el(
        "div",
        { class: "where no-print" },
        conns.length > 0 && el("span", { text: "Affected:" }),
        hosts.slice(0, 6).map((h) =>
          el("button", {
            class: "chip",
            type: "button",
            onclick: () => W.openFilter("finding:" + g.name + " host:" + quoted(h)),
            text: h,
          }),
        ),
        hosts.length > 6 && el("span", { text: "and " + W.count(hosts.length - 6, "other host") }),
        conns.length === 1 &&
          el("button", {
            class: "chip",
            type: "button",
            onclick: () => W.openConversation(conns[0]),
            text: "connection " + W.model.connections[conns[0]].name,
          }),
        conns.length > 1 &&
          el("button", {
            class: "chip",
            type: "button",
            onclick: () => W.openFilter("finding:" + g.name),
            text: W.count(conns.length, "connection"),
          }),
        cases.length === 1 && el("span", { class: "num", text: W.place(cases[0].packet, cases[0].file) }),
      ),
    );
  };
  const quoted = (s) => (/[\s"]/.test(s) ? '"' + s.replaceAll('"', "") + '"' : s);

  // lazily makes what is inside a disclosure when it is opened.
  const lazily = (summary, make, count) => {
    const node = el("details", { ontoggle: () => node.open && node.fill() }, el("summary", { text: summary }));
    let made = false;
    node.fill = () => {
      if (!made) node.append(make());
      made = true;
    };
    node.few = count <= 20; // paper shows it open
    return node;
  };
  W.lazily = lazily;

  // consequences sorts out what follows from what: a group all of whose findings follow from others is told below
  // its root.
  const consequences = (groups, byGroup) => {
    const named = new Map(groups.map((g) => [g.name, g])),
      below = new Set(),
      of = new Map();
    const causeOf = (g) => {
      const cases = byGroup.get(g.i) || [];
      if (!cases.length || !cases.every((f) => f.follows && named.has(f.follows) && f.follows !== g.name))
        return null;
      return named.get(cases[0].follows);
    };
    for (const g of groups) {
      let root = causeOf(g);
      for (let steps = 0; root && causeOf(root) && steps < 8; steps++) root = causeOf(root);
      if (!root || root === g || causeOf(root)) continue; // itself a root, or in a ring
      below.add(g.i);
      if (!of.has(root.i)) of.set(root.i, []);
      of.get(root.i).push({ g, cases: byGroup.get(g.i) });
    }
    return { below, of };
  };

  const findings = () => {
    const m = W.model;
    const byGroup = new Map();
    for (const f of m.findings) {
      if (!byGroup.has(f.g)) byGroup.set(f.g, []);
      byGroup.get(f.g).push(f);
    }
    const groups = ranked().filter((g) => g.count);
    const many = groups.reduce((n, g) => n + g.count, 0);
    const led = consequences(groups, byGroup);
    const roots = groups.filter((g) => !led.below.has(g.i));
    return el(
      "section",
      { class: "block", id: "findings", "aria-labelledby": "findings-title" },
      el(
        "h2",
        { id: "findings-title" },
        "What is wrong",
        el("small", {
          text: many
            ? W.count(many, "finding") + " of " + W.count(groups.length, "kind") + ", what explains others first"
            : "",
        }),
      ),
      groups.length
        ? roots.map((g) => story(g, byGroup.get(g.i) || [], led.of.get(g.i) || []))
        : el(
            "div",
            { class: "clean card" },
            m.handshakes.length > 0 && el("span", { class: "tick", "aria-hidden": "true", text: "✓" }),
            el("p", {
              text:
                m.handshakes.length > 0
                  ? "No rule of the standards was seen broken."
                  : "There was nothing to judge: no WebSocket handshake was read.",
            }),
          ),
      m.rest.findings > 0 &&
        el("p", {
          class: "dim",
          text:
            W.count(m.rest.findings, "more finding") +
            " are counted above, but not told: the JSON output lists them all.",
        }),
    );
  };

  const unread = () => {
    const m = W.model,
      s = m.summary,
      rest = m.rest,
      list = [];
    for (const g of m.caveats) {
      const first = g.cases[0];
      list.push(
        el(
          "li",
          {},
          el(
            "p",
            {},
            el("b", { text: g.name }),
            " ",
            g.count > 1 &&
              el("span", {
                class: "dim num",
                text: W.number(g.count) + " times" + (g.octets ? ", " + W.size(g.octets) : "") + "; the first: ",
              }),
            first && el("span", { text: first.text + " " }),
            first &&
              first.packet > 0 &&
              el("span", { class: "dim", text: "(" + W.place(first.packet, first.file) + ")" }),
          ),
          g.cases.length > 1 &&
            lazily(
              "the first " + g.cases.length,
              () =>
                el(
                  "ul",
                  { class: "cases" },
                  g.cases.map((c) =>
                    el(
                      "li",
                      {},
                      el(
                        "span",
                        { class: "at" },
                        c.c >= 0
                          ? el("button", {
                              class: "link",
                              type: "button",
                              onclick: () => W.openConversation(c.c),
                              text: W.place(c.packet, c.file),
                            })
                          : W.place(c.packet, c.file),
                      ),
                      el("span", { text: c.text }),
                    ),
                  ),
                ),
              g.cases.length,
            ),
        ),
      );
    }
    const own = [];
    if (!s) own.push("The run was interrupted: not all was read.");
    const packets = (u) => W.count(u.packets, "packet") + " (" + W.size(u.bytes) + ") of " + u.what;
    if (s && s.unread) own.push("Not read: " + W.list(s.unread.map(packets)) + ".");
    if (m.untimed)
      own.push(
        W.timeless()
          ? "The file holds no times: packets are shown in their order, and no duration is known."
          : "Some packets have no time: they are shown at the time of the packet before.",
      );
    if (s && s.quic[1]) own.push(W.count(s.quic[1], "QUIC connection") + " could not be decrypted.");
    if (s && s.tls[1]) own.push(W.count(s.tls[1], "TLS connection") + " could not be decrypted.");
    if (s && s.dropped && s.dropped[0] + s.dropped[1])
      own.push(
        "The kernel dropped " + W.count(s.dropped[0], "packet") + ", the interface " + W.number(s.dropped[1]) + ".",
      );
    if (m.redacted) own.push("Made with --redact: cookies, credentials, tokens and payloads are not in this page.");
    else if (W.items.n)
      own.push(
        "Payloads are cut at " + W.number(m.payload_limit) + " octets; each says how many octets were left out.",
      );
    if (rest.payloads)
      own.push(
        W.count(rest.payloads, "payload") +
          " did not fit into this page and " +
          (rest.payloads === 1 ? "is" : "are") +
          " left out.",
      );
    if (rest.items)
      own.push(
        W.count(rest.items, "message") + " beyond the first " + W.number(W.items.n) + " are drawn as density only.",
      );
    if (rest.connections)
      own.push(
        W.count(rest.connections, "connection") +
          " beyond the first " +
          W.number(m.connections.length) +
          " are counted, but not listed.",
      );
    if (rest.handshakes) own.push(W.count(rest.handshakes, "handshake") + " are counted, but not listed.");
    if (rest.words) own.push(W.count(rest.words, "message") + " are shown as sent, and not in words.");
    if (rest.heads) own.push(W.count(rest.heads, "head") + " did not fit into this page.");
    return el(
      "section",
      { class: "block", "aria-labelledby": "unread-title" },
      el("h2", { id: "unread-title" }, "What was not read, and why"),
      list.length > 0 && el("ul", { class: "unread card" }, list),
      el(
        "ul",
        { class: "dim", css: { "margin-top": ".6rem", "font-size": ".92rem" } },
        own.map((text) => el("li", { text })),
      ),
      !list.length && !own.length && el("p", { class: "dim", text: "Everything in the capture was read." }),
    );
  };

  const hosts = () => {
    const list = W.model.hosts
      .slice()
      .sort((a, b) => b.failed - a.failed || b.attempts - a.attempts)
      .slice(0, 12);
    if (list.length < 2) return null;
    return el(
      "section",
      { class: "block", "aria-labelledby": "hosts-title" },
      el("h2", { id: "hosts-title" }, "By host", el("small", { text: "the worst first" })),
      el(
        "ul",
        { class: "unread card" },
        list.map((h) =>
          el(
            "li",
            {},
            el(
              "div",
              { css: { display: "flex", gap: ".2rem 1rem", "flex-wrap": "wrap", "align-items": "baseline" } },
              el("button", {
                class: "link mono",
                type: "button",
                onclick: () => W.openFilter("host:" + quoted(h.name)),
                text: h.name || "(no Host)",
              }),
              el("span", {
                class: "num dim",
                text:
                  W.count(h.attempts, "attempt") +
                  (h.failed ? ", " + W.number(h.failed) + " not established" : ", all established"),
              }),
              el("span", {
                class: "dim num",
                text: Object.entries(h.outcome)
                  .filter(([o]) => o !== "established")
                  .map(([o, n]) => o + " × " + W.number(n))
                  .join(", "),
              }),
            ),
            bar([
              [h.attempts - h.failed, "good"],
              [h.failed, "warning"],
            ]),
          ),
        ),
      ),
    );
  };

  W.drawOverview = () => {
    const t = totals();
    W.put(W.byId("overview"), el("p", { class: "lead", text: lead(t) }), tiles(t), findings(), hosts(), unread());
  };
})();

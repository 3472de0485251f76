// The table of handshakes: one row for an attempt, or for both legs of one that went through a proxy.
(() => {
  const { el } = W;
  let parts,
    rows = [],
    list,
    sort = { by: "time", down: false },
    current = -1,
    opened = null,
    made = false;

  const H = (row) => W.model.handshakes[row[0]];
  const both = (row) => row.map((i) => W.model.handshakes[i]);
  const messages = (h) =>
    h.c < 0 ? 0 : W.model.connections[h.c].sides[0][1] + W.model.connections[h.c].sides[1][1];
  const RANK = { error: 3, warning: 2, note: 1 };
  const gravest = (row) =>
    both(row)
      .flatMap((h) => h.findings || [])
      .map((g) => W.model.groups[g])
      .sort((a, b) => RANK[b.level] - RANK[a.level] || (b.root || 0) - (a.root || 0));

  const answer = (row) => {
    const h = H(row);
    const signs = { established: "✓", refused: "✕", invalid: "!", incomplete: "?", "other-upgrade": "↷" };
    const sign = signs[h.verdict];
    return el(
      "span",
      { class: "verdict verdict-" + h.verdict },
      el("span", { "aria-hidden": "true", text: sign + " " }),
      (h.status ? h.status + " " : "") + h.verdict,
    );
  };
  const found = (row) => {
    const list = gravest(row);
    if (!list.length) return el("span", { class: "dim none", text: "–" });
    const names = [...new Set(list.map((g) => g.name))];
    return el(
      "span",
      { class: "found" },
      el(
        "span",
        { class: "level-" + list[0].level },
        el("span", { "aria-hidden": "true", text: W.levelSign[list[0].level] + " " }),
        el("span", { class: "unseen", text: list[0].level + " " }),
      ),
      names[0],
      names.length > 1 && el("span", { class: "dim", text: " +" + (names.length - 1) }),
    );
  };
  const target = (row) => {
    const h = H(row);
    return [
      row.length > 1 &&
        el("span", { class: "legmark", title: "captured on both sides of a proxy", text: "⇄ proxy" }),
      el("span", { class: "mono", text: h.request ? h.host + h.path : "(request not seen)" }),
    ];
  };

  const COLUMNS = [
    {
      id: "conn",
      title: "conn",
      width: "minmax(5.2rem, .35fr)",
      key: (r) => H(r).n,
      cell: (r) => r.map((i) => W.model.handshakes[i].name).join(" → "),
      cls: "num away",
    },
    {
      id: "time",
      title: "time UTC",
      width: "7.6rem",
      key: (r) => H(r).t,
      cell: (r) => W.clock(H(r).t),
      cls: "num inline",
    },
    {
      id: "client",
      title: "client",
      width: "minmax(7rem, .8fr)",
      key: (r) => H(r).client,
      cell: (r) => H(r).client,
      cls: "mono away",
      spare: true,
    },
    {
      id: "server",
      title: "server",
      width: "minmax(7rem, .8fr)",
      key: (r) => H(r).server,
      cell: (r) => (r.length > 1 ? H(r).server + " → " + W.model.handshakes[r[1]].server : H(r).server),
      cls: "mono away",
      spare: true,
    },
    {
      id: "target",
      title: "host and path",
      width: "minmax(11rem, 1.7fr)",
      key: (r) => H(r).host + H(r).path,
      cell: target,
      cls: "top-line",
    },
    {
      id: "answer",
      title: "answer",
      width: "minmax(8.6rem, .6fr)",
      key: (r) => H(r).verdict + String(H(r).status || 0),
      cell: answer,
      cls: "inline",
    },
    {
      id: "latency",
      title: "latency",
      width: "5.2rem",
      key: (r) => (H(r).latency === undefined ? -1 : H(r).latency),
      cell: (r) => (H(r).latency === undefined ? "–" : W.span(H(r).latency)),
      cls: "right inline",
    },
    {
      id: "protocol",
      title: "protocol",
      width: "minmax(4.5rem, .5fr)",
      key: (r) => H(r).protocol || "",
      cell: (r) => H(r).protocol || "–",
      cls: "away",
      spare: true,
    },
    {
      id: "messages",
      title: "messages",
      width: "5.4rem",
      key: (r) => messages(H(r)),
      cell: (r) => W.number(messages(H(r))),
      cls: "right away",
      spare: true,
    },
    {
      id: "findings",
      title: "findings",
      width: "minmax(9rem, 1fr)",
      key: (r) => {
        const g = gravest(r);
        return g.length ? RANK[g[0].level] * 1000 + g.length : 0;
      },
      cell: found,
      cls: "inline",
    },
  ];

  let every;
  const allRows = () => {
    if (every) return every;
    const rows = (every = []);
    W.model.handshakes.forEach((_, i) => {
      if (W.isBack.has(i)) return;
      const back = W.legOf.get(i);
      rows.push(back === undefined ? [i] : [i, back]);
    });
    return rows;
  };

  const filterNow = () => {
    const fits = W.matcher(W.state.filter, W.state.range);
    const column = COLUMNS.find((c) => c.id === sort.by),
      down = sort.down ? -1 : 1;
    rows = allRows().filter(fits);
    const keys = new Map(rows.map((r) => [r, column.key(r)]));
    rows.sort((a, b) => {
      const x = keys.get(a),
        y = keys.get(b);
      return (x < y ? -1 : x > y ? 1 : a[0] - b[0]) * down;
    });
    current = opened ? rows.findIndex((r) => r[0] === opened[0]) : Math.min(current, rows.length - 1);
    parts.grid.setAttribute("aria-rowcount", rows.length + 1);
    const all = allRows().length;
    parts.count.textContent =
      rows.length === all ? W.count(all, "row") : W.number(rows.length) + " of " + W.count(all, "row");
    parts.none.hidden = rows.length > 0;
    parts.range.hidden = !W.state.range;
    if (W.state.range)
      parts.range.textContent =
        "in " + W.span(W.state.range[1] - W.state.range[0]) + " from " + W.clock(W.state.range[0]) + "  ✕";
    parts.box.setAttribute("aria-label", rows.length + " handshakes");
    list.reset();
    facets();
    W.refresh();
  };
  const filterSoon = W.later(() => {
    filterNow();
    W.say(parts.count.textContent);
  }, 60);

  // facets are the filters that a reader would type, with their counts in what is shown without the filter.
  const facets = () => {
    const words = W.filterWords(W.state.filter),
      has = (key, value) => words.some((w) => w.key === key && w.value === value && !w.not);
    const count = (test) => W.model.handshakes.reduce((n, h, i) => n + (test(h, i) ? 1 : 0), 0);
    const chip = (key, value, text, n) =>
      n > 0 &&
      el(
        "button",
        {
          class: "chip",
          type: "button",
          "aria-pressed": String(has(key, value)),
          onclick: () => toggle(key, value),
        },
        text,
        el("span", { class: "n", text: W.number(n) }),
      );
    if (!parts.counted) {
      parts.counted = {
        verdicts: ["established", "refused", "invalid", "incomplete", "other-upgrade"].map((v) => [
          v,
          count((h) => h.verdict === v),
        ]),
        statuses: W.statuses().slice(0, 8),
        findings: W.rankedGroups()
          .map((g) => [g, count((h) => (h.findings || []).includes(g.i))])
          .filter(([, n]) => n)
          .slice(0, 10),
        proxied: W.model.legs.length,
      };
    }
    const c = parts.counted;
    const sep = () => el("span", { class: "sep", "aria-hidden": "true" });
    const focused =
      document.activeElement && document.activeElement.closest(".facets")
        ? [...parts.facets.querySelectorAll("button")].indexOf(document.activeElement)
        : -1;
    W.put(
      parts.facets,
      c.verdicts.map(([v, n]) => chip("verdict", v, v, n)),
      c.statuses.length > 1 && [sep(), c.statuses.map(([s, n]) => chip("status", s, s, n))],
      c.proxied > 0 && [sep(), chip("leg", "proxied", "⇄ through a proxy", c.proxied)],
      c.findings.length > 0 && [
        sep(),
        c.findings.map(([g, n]) => chip("finding", g.name, W.levelSign[g.level] + " " + g.name, n)),
      ],
    );
    if (focused >= 0) {
      const again = parts.facets.querySelectorAll("button")[focused];
      if (again) again.focus();
    }
  };
  const toggle = (key, value) => {
    const word = key + ":" + value,
      has = W.filterWords(W.state.filter).some((w) => w.key === key && w.value === value && !w.not);
    const kept = W.state.filter.split(/\s+/).filter((w) => w && w !== word);
    W.state.filter = (has ? kept : [...kept, word]).join(" ");
    parts.filter.value = W.state.filter;
    filterNow();
    W.say(parts.count.textContent);
  };

  const rowHeight = () => Math.round(W.rem() * (W.narrow() ? 4.85 : 2.15));

  const makeRow = (i) => {
    const row = rows[i];
    const node = el(
      "div",
      {
        class: "row" + (i === current ? " current" : ""),
        role: "row",
        id: "row-" + row[0],
        "aria-rowindex": i + 2,
        "aria-selected": String(i === current),
        onclick: () => {
          current = i;
          open(row);
        },
      },
      (W.narrow() ? [COLUMNS[4], ...COLUMNS.filter((_, k) => k !== 4)] : COLUMNS).map((c) =>
        el("div", { role: "gridcell", class: (c.cls || "") + (c.spare ? " spare" : "") }, c.cell(row)),
      ),
    );
    return node;
  };

  const mark = (i, focus) => {
    const before = list.row(current);
    if (before) {
      before.classList.remove("current");
      before.setAttribute("aria-selected", "false");
    }
    current = Math.max(0, Math.min(rows.length - 1, i));
    list.reveal(current);
    const now = list.row(current);
    if (!now) return;
    now.classList.add("current");
    now.setAttribute("aria-selected", "true");
    parts.grid.setAttribute("aria-activedescendant", now.id);
    if (focus) parts.grid.focus();
    if (opened) open(rows[current]);
  };

  const keys = (e) => {
    if (e.target !== parts.grid || !rows.length) return;
    const page = Math.max(1, Math.floor(parts.grid.clientHeight / rowHeight()) - 2);
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -1e9, End: 1e9 }[e.key];
    if (move !== undefined) {
      e.preventDefault();
      mark(current < 0 ? 0 : current + move);
    } else if ((e.key === "Enter" || e.key === " ") && current >= 0) {
      e.preventDefault();
      open(rows[current]);
      parts.detail.focus();
    } else if (e.key === "Escape" && opened) {
      e.preventDefault();
      close();
    }
  };

  const close = () => {
    opened = null;
    parts.work.classList.remove("open");
    parts.grid.focus();
    columns();
    list.draw();
  };

  const truth = (v) => (v === undefined || v === null ? "not known" : v ? "right" : "WRONG");

  const FORWARDED = {
    "proxy-v1": "PROXY header, version 1,",
    "proxy-v2": "PROXY header, version 2,",
    socks4: "SOCKS 4",
    socks5: "SOCKS 5",
    connect: "HTTP CONNECT",
  };

  const facts = (h) => {
    const out = [];
    const add = (name, ...value) => out.push(el("dt", { text: name }), el("dd", {}, value));
    add("answer", answer([W.model.handshakes.indexOf(h)]));
    if (h.latency !== undefined) add("latency", W.span(h.latency));
    add("began", W.moment(h.t));
    const f = h.forwarded;
    if (f)
      add(
        "forwarded",
        FORWARDED[f.protocol] || f.protocol,
        f.client ? " for the client " + f.client : "",
        f.server ? " to " + f.server : "",
      );
    if (h.copy_of !== undefined) add("copy", "connection " + h.copy_of + " carries the same, captured at another place");
    if (h.key !== undefined) add("key", el("code", { text: h.key }), h.key_valid === false ? " malformed" : "");
    if (h.accept !== undefined) add("accept", el("code", { text: h.accept }), " " + truth(h.accept_valid));
    if (h.accept_valid === false && h.accept_expected) add("expected", el("code", { text: h.accept_expected }));
    if ((h.protocols_offered && h.protocols_offered.length) || h.protocol)
      add(
        "subprotocol",
        h.protocol || "none",
        el("span", { class: "dim", text: "  of " + ((h.protocols_offered || []).join(", ") || "none offered") }),
      );
    if (h.extensions && h.extensions.length) add("extensions", el("code", { text: h.extensions.join(", ") }));
    if (h.deflate)
      add(
        "deflate",
        "windows of 2^" +
          h.deflate.bits[0] +
          " (client), 2^" +
          h.deflate.bits[1] +
          " (server)" +
          (h.deflate.no_takeover[0] || h.deflate.no_takeover[1]
            ? ", no context takeover by the " +
              W.list([h.deflate.no_takeover[0] && "client", h.deflate.no_takeover[1] && "server"].filter(Boolean))
            : ""),
      );
    if (h.tls) add("TLS", (h.sni ? "for " + h.sni : "yes") + (h.alpn ? ", ALPN " + h.alpn : ""));
    return el("dl", { class: "facts-list" }, out);
  };

  const stories = (row) =>
    [...new Set(row.map((i) => W.model.handshakes[i].c))]
      .flatMap((c) => (c >= 0 ? W.findingsOf.get(c) || [] : []).map((i) => W.model.findings[i]))
      .filter((f) => both(row).some((h) => (h.findings || []).includes(f.g)))
      .map((f) => ({ f, g: W.model.groups[f.g] }))
      .sort((a, b) => RANK[b.g.level] - RANK[a.g.level] || (b.g.root || 0) - (a.g.root || 0))
      .map(({ f, g }) =>
        el(
          "div",
          { class: "story " + g.level },
          el(
            "p",
            {},
            W.level(g.level),
            " ",
            el("b", { text: g.name }),
            el("span", {
              class: "dim",
              text: "  " + [g.section, W.place(f.packet, f.file)].filter(Boolean).join(" · "),
            }),
          ),
          el("p", { text: f.text }),
          f.advice && el("p", { class: "advice" }, el("b", { text: "Advice: " }), f.advice),
        ),
      );

  const open = (row) => {
    opened = row;
    for (const node of parts.box.querySelectorAll(".current")) {
      node.classList.remove("current");
      node.setAttribute("aria-selected", "false");
    }
    const node = list.row(current);
    if (node) {
      node.classList.add("current");
      node.setAttribute("aria-selected", "true");
      parts.grid.setAttribute("aria-activedescendant", node.id);
    }
    parts.work.classList.add("open");
    const [front, back] = both(row),
      two = !!back;
    const names = two ? ["client → proxy", "proxy → backend"] : ["as sent"];
    const count = two ? W.different(front.request, back.request) + W.different(front.response, back.response) : 0;
    const odd = both(row).flatMap((h) => [h.request, h.response].filter(Boolean).flatMap((x) => x.odd || []));
    W.put(
      parts.detail,
      el(
        "header",
        {},
        el("h2", { class: "mono", text: front.request ? front.host + front.path : "connection " + front.name }),
        el("button", {
          class: "plain",
          type: "button",
          "aria-label": "Close the details",
          onclick: close,
          text: "✕",
        }),
      ),
      facts(front),
      el(
        "div",
        { class: "actions" },
        row.map((i, k) => {
          const h = W.model.handshakes[i];
          return (
            h.c >= 0 &&
            el("button", {
              class: "plain" + (k ? "" : " primary"),
              type: "button",
              onclick: () => W.openConversation(h.c),
              text: two ? (k ? "Backend's leg" : "Conversation") : "Conversation",
            })
          );
        }),
        front.c >= 0 &&
          el("button", {
            class: "plain",
            type: "button",
            onclick: () => {
              const c = W.model.connections[front.c],
                pad = (c.last - c.first) * 0.1 + 1e5;
              W.showTime(c.first - pad, c.last + pad);
            },
            text: "On the timeline",
          }),
      ),
      stories(row),
      el(
        "h3",
        {},
        "Request",
        two &&
          el("span", {
            class: "dim",
            css: { "font-weight": "400" },
            text:
              "  " +
              (count
                ? W.count(count, "difference") + " between the legs in request and answer"
                : "both legs say the same"),
          }),
      ),
      W.heads("Request", front.request, back && back.request, names),
      el("h3", { text: "Answer" }),
      W.heads("Answer", front.response, back && back.response, names),
      [...new Set(both(row).map((h) => h.body))].filter(Boolean).map((body) => [
        el("h3", { text: "Its body begins" }),
        el("pre", {
          class: "payload",
          tabindex: "0",
          "aria-label": "Beginning of the answer's body",
          text: body,
        }),
      ]),
      odd.length > 0 && [
        el("h3", { text: "Form" }),
        el(
          "ul",
          {},
          odd.map((text) => el("li", { class: "dim", text })),
        ),
      ],
    );
    parts.detail.scrollTop = 0;
    columns();
    list.draw();
  };

  // columns leaves out what has no room beside the details.
  const columns = () => {
    const tight = opened && parts.work.clientWidth < 1900;
    parts.grid.classList.toggle("tight", !!tight);
    parts.grid.style.setProperty(
      "--cols",
      COLUMNS.filter((c) => !tight || !c.spare)
        .map((c) => c.width)
        .join(" "),
    );
    parts.grid.style.setProperty("--least", tight ? "38rem" : "66rem");
  };

  const make = () => {
    made = true;
    parts = {};
    parts.filter = el("input", {
      class: "field",
      type: "search",
      id: "filter",
      "aria-label": "Filter handshakes",
      placeholder: "Filter: host:  path:  status:4xx  verdict:  finding:  -not  or any word",
      css: { flex: "1 1 18rem" },
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => {
        W.state.filter = parts.filter.value;
        filterSoon();
      },
      onkeydown: (e) => {
        if (e.key === "ArrowDown") {
          e.preventDefault();
          mark(0, true);
        } else if (e.key === "Escape" && parts.filter.value) {
          e.preventDefault();
          parts.filter.value = W.state.filter = "";
          filterNow();
        }
      },
    });
    parts.count = el("span", { class: "dim num", role: "status", id: "row-count" });
    parts.range = el("button", {
      class: "chip",
      type: "button",
      "aria-pressed": "true",
      hidden: true,
      onclick: () => {
        W.state.range = null;
        filterNow();
      },
    });
    parts.facets = el("div", { class: "facets", role: "group", "aria-label": "Frequent filters" });
    parts.none = el("p", {
      class: "empty",
      hidden: true,
      text: W.model.handshakes.length ? "No handshake fits the filter." : "No handshake was captured.",
    });
    parts.head = el(
      "div",
      { class: "head", role: "row", "aria-rowindex": "1" },
      COLUMNS.map((c) =>
        el(
          "div",
          { role: "columnheader", "data-id": c.id, class: c.spare ? "spare" : null },
          el("button", { type: "button", text: c.title, onclick: () => sortBy(c.id) }),
        ),
      ),
    );
    parts.box = el("div", { class: "rows-box", role: "rowgroup" });
    parts.grid = el(
      "div",
      {
        class: "grid",
        id: "grid",
        role: "grid",
        tabindex: "0",
        "aria-label": "Handshakes",
        "aria-colcount": COLUMNS.length,
        onkeydown: keys,
      },
      el("div", { role: "rowgroup" }, parts.head),
      parts.box,
      parts.none,
    );
    parts.detail = el("div", {
      class: "detail",
      role: "region",
      "aria-label": "Details of the handshake",
      tabindex: "0",
      onkeydown: (e) => {
        if (e.key === "Escape") {
          e.stopPropagation();
          close();
        }
      },
    });
    parts.work = el("div", { class: "work" }, parts.grid, parts.detail);
    W.put(
      W.byId("handshakes"),
      el("div", { class: "bar" }, parts.filter, parts.range, parts.count),
      parts.facets,
      parts.work,
    );
    list = W.virtual(parts.grid, parts.box, {
      count: () => rows.length,
      top: (i) => i * rowHeight(),
      height: rowHeight,
      total: () => rows.length * rowHeight(),
      make: makeRow,
    });
    list.sticky = 40;
    let narrow = W.narrow();
    const measure = () => {
      parts.grid.style.setProperty("--row", rowHeight() + "px");
    };
    measure();
    columns();
    new ResizeObserver(
      W.perFrame(() => {
        measure();
        columns();
        if (narrow !== W.narrow()) narrow = W.narrow();
        list.reset();
      }),
    ).observe(document.body);
    order();
  };

  const order = () => {
    for (const c of parts.head.children) {
      if (c.dataset.id === sort.by) c.setAttribute("aria-sort", sort.down ? "descending" : "ascending");
      else c.removeAttribute("aria-sort");
    }
  };
  const sortBy = (id) => {
    sort = { by: id, down: sort.by === id ? !sort.down : ["latency", "messages", "findings"].includes(id) };
    order();
    filterNow();
    W.say("Sorted by " + COLUMNS.find((c) => c.id === id).title + (sort.down ? ", descending" : ", ascending"));
  };

  W.drawHandshakes = () => {
    if (!made) make();
    if (parts.filter.value !== W.state.filter) parts.filter.value = W.state.filter;
    filterNow();
  };
  W.shownRows = () => rows;
  W.allRows = allRows;
  W.on("handshake", (i) => {
    W.go("handshakes", { filter: "", range: null });
    const row = rows.findIndex((r) => r.includes(i));
    if (row >= 0) {
      mark(row, true);
      open(rows[row]);
    }
  });
})();

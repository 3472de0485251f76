// What the numbers of a capture look like.
(() => {
  const { el } = W;

  const latency = () => {
    const counts = W.model.latency.counts,
      all = counts.reduce((a, b) => a + b, 0);
    if (!all) return null;
    let first = counts.findIndex((n) => n),
      last = counts.length - 1 - [...counts].reverse().findIndex((n) => n);
    first = Math.max(0, first - 2);
    last = Math.min(counts.length - 1, Math.max(last + 2, first + 11));
    const value = (i) => 10 ** (i / 10) * 1e3; // ns at the lower end of bucket i
    const bins = counts
      .slice(first, last + 1)
      .map((n, i) => ({ label: W.span(value(first + i)) + " to " + W.span(value(first + i + 1)), values: [n] }));
    const exact = !W.model.rest.handshakes
      ? W.model.handshakes
          .map((h) => h.latency)
          .filter((l) => l !== undefined)
          .sort((a, b) => a - b)
      : null;
    const percentile = (p) => {
      if (exact) return exact[Math.min(exact.length - 1, Math.ceil(p * exact.length) - 1)];
      let sum = 0;
      for (let i = 0; i < counts.length; i++) if ((sum += counts[i]) >= p * all) return value(i + 1);
    };
    const place = (ns) => Math.max(0, Math.min(bins.length, Math.log10(Math.max(ns, 1e3) / 1e3) * 10 - first));
    const percentiles = [
      ["median", 0.5],
      ["90 %", 0.9],
      ["99 %", 0.99],
    ].map(([name, p]) => [name, percentile(p)]);
    const every = Math.ceil(bins.length / 6);
    const ticks = bins.map((_, i) => ({ at: i, text: W.span(value(first + i)) })).filter((_, i) => i % every === 0);
    return W.chart({
      title: "Handshake latency",
      says:
        "From the request to the answer: " +
        percentiles.map(([n, ns]) => n + " " + W.span(ns)).join(", ") +
        (all > 1 ? ", of " + W.count(all, "answer") : ""),
      picture: W.columns({
        label: "Histogram of handshake latencies, " + percentiles.map(([n, ns]) => n + " " + W.span(ns)).join(", "),
        bins,
        series: ["fill-accent"],
        ticks,
        guides: all > 2 ? percentiles.map(([n, ns]) => ({ at: place(ns), text: n })) : [],
      }),
      head: ["latency", "answers"],
      rows: bins.filter((b) => b.values[0]).map((b) => [b.label, W.number(b.values[0])]),
    });
  };

  const sizes = () => {
    const it = W.items,
      bins = [];
    for (let i = 0; i < it.n; i++) {
      if (it.shape[i] & 8 || it.length[i] < 0) continue;
      const b = it.length[i] === 0 ? 0 : Math.floor(Math.log2(it.length[i])) + 1;
      while (bins.length <= b) bins.push([0, 0]);
      bins[b][it.shape[i] & W.SERVER ? 1 : 0]++;
    }
    if (!bins.length) return null;
    while (bins.length < 8) bins.push([0, 0]);
    const name = (b) => (b === 0 ? "empty" : 2 ** (b - 1) + " to " + (2 ** b - 1) + " octets");
    const every = Math.ceil(bins.length / 7);
    return W.chart({
      title: "Message sizes",
      says: "Octets after inflating, each column twice the one before",
      key: [
        ["is-client", "client"],
        ["is-server", "server"],
      ],
      picture: W.columns({
        label: "Histogram of message sizes by sender",
        bins: bins.map((values, b) => ({ label: name(b), values })),
        series: ["fill-client", "fill-server"],
        ticks: bins
          .map((_, b) => ({ at: b, text: b ? W.size(2 ** (b - 1)) : "0" }))
          .filter((_, b) => b % every === 0),
      }),
      head: ["size", "client", "server"],
      rows: bins.map((v, b) => [name(b), W.number(v[0]), W.number(v[1])]),
    });
  };

  // binned adds a density up to at most n points.
  const binned = (d, counts, n) => {
    const per = Math.max(1, Math.ceil(counts.length / n)),
      out = new Float64Array(Math.max(1, Math.ceil(counts.length / per)));
    counts.forEach((c, i) => {
      out[Math.floor(i / per)] += c;
    });
    return { points: out, width: d.width * per };
  };

  const rates = (title, says, pick, unit) => {
    const d = W.model.density;
    if (!d || d.client.length < 2) return null;
    const [a, b] = pick(d).map((counts) => binned(d, counts, 280));
    const seconds = a.width / 1e9;
    for (const s of [a, b]) for (let i = 0; i < s.points.length; i++) s.points[i] /= seconds;
    return W.chart({
      title,
      says: says + W.span(a.width),
      wide: true,
      key: [
        ["is-client", "client (solid)"],
        ["is-server", "server (dashed)"],
      ],
      picture: W.lines({
        label: title + " over time by sender",
        begin: d.begin,
        width: a.width,
        unit,
        series: [
          { cls: "stroke-client", area: "area-client", points: a.points },
          { cls: "stroke-server", area: "area-server", points: b.points },
        ],
      }),
      head: ["time UTC", "client", "server"],
      rows: [...a.points]
        .map((v, i) => [W.clock(d.begin + i * a.width), v.toFixed(1), b.points[i].toFixed(1)])
        .filter((r) => r[1] !== "0.0" || r[2] !== "0.0"),
    });
  };

  const refusals = () => {
    const hosts = W.model.hosts.filter((h) => Object.keys(h.outcome).some((o) => o !== "established")).slice(0, 12);
    if (!hosts.length) return null;
    const fill = (o) =>
      /^5/.test(o) || o === "invalid" ? "fill-bad" : /^\d/.test(o) ? "fill-doubtful" : "fill-accent";
    const parts = (h) =>
      Object.entries(h.outcome)
        .filter(([o]) => o !== "established")
        .sort()
        .map(([o, n]) => ({ n, cls: fill(o), text: o + " × " + W.number(n) }));
    return W.chart({
      title: "Refusals by status and host",
      says: "Attempts that did not become a WebSocket",
      key: null,
      picture: W.namedBars({
        label: "Failed attempts by host and status",
        rows: hosts.map((h) => ({
          name: h.name || "(no Host)",
          parts: parts(h),
          note: parts(h)
            .map((p) => p.text)
            .join(", "),
        })),
      }),
      head: ["host", "attempts", "not established", "outcomes"],
      rows: hosts.map((h) => [
        h.name,
        W.number(h.attempts),
        W.number(h.failed),
        parts(h)
          .map((p) => p.text)
          .join(", "),
      ]),
    });
  };

  const compression = () => {
    const it = W.items,
      sums = [
        [0, 0, 0],
        [0, 0, 0],
      ],
      conns = new Map();
    for (let i = 0; i < it.n; i++) {
      if (!(it.shape[i] & W.COMPRESSED) || it.length[i] < 0) continue;
      const side = it.shape[i] & W.SERVER ? 1 : 0,
        c = it.conn[i];
      sums[side][0] += it.length[i];
      sums[side][1] += it.wire[i];
      sums[side][2]++;
      if (!conns.has(c)) conns.set(c, [0, 0]);
      conns.get(c)[0] += it.length[i];
      conns.get(c)[1] += it.wire[i];
    }
    if (!sums[0][2] && !sums[1][2]) return null;
    const row = (name, cls, [length, wire]) => ({
      name,
      parts: [{ n: wire / Math.max(length, 1), cls, text: W.size(wire) + " on the wire" }],
      note:
        W.size(length) +
        " → " +
        W.size(wire) +
        ", " +
        (wire <= length ? W.percent(length - wire, length) + " won" : W.percent(wire - length, length) + " lost"),
    });
    const worst = [...conns].sort((a, b) => a[1][0] - a[1][1] - (b[1][0] - b[1][1])).slice(0, 3);
    const rows = [
      sums[0][2] && row("client, " + W.count(sums[0][2], "message"), "fill-client", sums[0]),
      sums[1][2] && row("server, " + W.count(sums[1][2], "message"), "fill-server", sums[1]),
    ].filter(Boolean);
    if (conns.size > 2)
      for (const [c, v] of worst)
        rows.push(row("least won: connection " + W.model.connections[c].n, "fill-accent", v));
    return W.chart({
      title: "Compression won",
      says: "permessage-deflate: what was left of the octets on the wire",
      picture: W.namedBars({ label: "Share of octets left after compression", rows, most: 1 }),
      head: ["connection", "octets", "on the wire"],
      rows: [...conns].slice(0, 400).map(([c, v]) => [W.model.connections[c].name, W.number(v[0]), W.number(v[1])]),
    });
  };

  const CODES = {
    1000: "normal",
    1001: "going away",
    1002: "protocol error",
    1003: "unsupported data",
    1005: "no code",
    1006: "abnormal",
    1007: "invalid payload",
    1008: "policy violation",
    1009: "too big",
    1010: "extension missing",
    1011: "internal error",
    1012: "restart",
    1013: "try again later",
    1014: "bad gateway",
    1015: "TLS",
  };
  const closes = () => {
    const counts = new Map(),
      ends = new Map();
    for (const c of W.model.connections) {
      if (!c.over) continue;
      if (!c.close) {
        if (c.sides[0][0] + c.sides[1][0]) ends.set(c.ended, (ends.get(c.ended) || 0) + 1);
        continue;
      }
      const code = c.close.code === null ? "none" : String(c.close.code);
      if (!counts.has(code)) counts.set(code, { client: 0, server: 0 });
      counts.get(code)[c.close.from]++;
    }
    if (!counts.size && !ends.size) return null;
    const rows = [...counts]
      .sort((a, b) => b[1].client + b[1].server - a[1].client - a[1].server)
      .slice(0, 12)
      .map(([code, n]) => ({
        name: (code === "none" ? "Close without a code" : code + " " + (CODES[code] || "")).trim(),
        parts: [
          { n: n.client, cls: "fill-client", text: "from the client: " + n.client },
          { n: n.server, cls: "fill-server", text: "from the server: " + n.server },
        ],
        note: [n.client && W.number(n.client) + " by the client", n.server && W.number(n.server) + " by the server"]
          .filter(Boolean)
          .join(", "),
      }));
    for (const [end, n] of ends)
      rows.push({
        name: "no Close: " + end,
        parts: [{ n, cls: end === "reset" ? "fill-bad" : "fill-accent", text: String(n) }],
        note: W.number(n),
      });
    return W.chart({
      title: "Close codes",
      says: "How conversations ended: who sent the first Close, with what code",
      picture: W.namedBars({ label: "Conversations by close code", rows }),
      key: [
        ["is-client", "client closed"],
        ["is-server", "server closed"],
      ],
      head: ["ending", "count"],
      rows: rows.map((r) => [r.name, r.note]),
    });
  };

  W.allCharts = () =>
    [
      rates("Messages per second", "Sent by each side, averages over ", (d) => [d.client, d.server]),
      latency(),
      sizes(),
      refusals(),
      closes(),
      compression(),
      rates(
        "Octets per second",
        "Payload sent by each side, each message rounded up to whole KiB, averages over ",
        (d) => d.kib.map((k) => k.map((n) => n * 1024)),
        (n) => W.size(Math.round(n)),
      ),
    ].filter(Boolean);

  W.drawCharts = () => {
    const list = W.allCharts();
    W.put(
      W.byId("charts"),
      list.length
        ? el("div", { class: "chart-grid" }, list)
        : el("p", { class: "empty", text: "There is nothing to count in this capture." }),
    );
  };
})();

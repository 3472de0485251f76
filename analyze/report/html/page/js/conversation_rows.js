// What one conversation said, in order: both legs where there is a proxy between, with places that leave room for time.
(() => {
  // conversation gathers the rows of a connection and, where it is one leg of a proxy, of the other leg.
  // A row: {kind, conn, leg, t, i | h}, leg 0 between client and proxy (or server), 1 between proxy and backend.
  W.conversation = (c) => {
    const m = W.model,
      legs = [c];
    for (const i of W.handshakesOf.get(c) || []) {
      const other = W.legOf.get(i);
      if (other === undefined || m.handshakes[other].c < 0 || m.handshakes[other].c === c) continue;
      if (W.isBack.has(i)) legs.unshift(m.handshakes[other].c);
      else legs.push(m.handshakes[other].c);
      break;
    }
    const rows = [];
    legs.forEach((conn, leg) => {
      for (const h of W.handshakesOf.get(conn) || []) {
        const hs = m.handshakes[h];
        if (hs.request) rows.push({ kind: "request", conn, leg, t: hs.request.last, packet: hs.request.packet, h });
        if (hs.response)
          rows.push({ kind: "response", conn, leg, t: hs.response.last, packet: hs.response.packet, h });
      }
      for (const i of W.itemsOf(conn))
        rows.push({ kind: "item", conn, leg, t: W.items.drawn[i], packet: W.items.packet[i], i });
      for (const [t, octets, packet] of m.connections[conn].gaps || [])
        rows.push({ kind: "gap", conn, leg, t, packet, octets });
      const over = m.connections[conn];
      if (over.over) rows.push({ kind: "end", conn, leg, t: over.last, packet: 0 });
    });
    const rank = { request: 0, response: 1, gap: 2, item: 3, end: 4 };
    rows.sort(
      (a, b) => a.t - b.t || (a.packet && b.packet ? a.packet - b.packet : 0) || rank[a.kind] - rank[b.kind],
    );
    return { rows, legs };
  };

  const MOST = 5.2; // steps: a longer pause is drawn as long and its length written

  // places gives each row's top. Between rows there is room in proportion to the time between them, where scaled.
  W.places = (rows, step, scaled) => {
    const tops = new Float64Array(rows.length + 1),
      pauses = new Map();
    let unit = 0;
    if (scaled && rows.length > 2) {
      const gaps = [];
      for (let k = 1; k < rows.length; k++) if (rows[k].t > rows[k - 1].t) gaps.push(rows[k].t - rows[k - 1].t);
      gaps.sort((a, b) => a - b);
      const typical = gaps.length ? gaps[Math.floor(gaps.length * 0.75)] : 0;
      unit = typical ? (step * 0.9) / typical : 0; // px per ns
    }
    let y = 6;
    for (let k = 0; k < rows.length; k++) {
      if (k > 0 && unit) {
        const dt = rows[k].t - rows[k - 1].t;
        const room = Math.min(step * MOST, Math.max(0, dt * unit));
        if (room > step * 0.8) pauses.set(k, { room, dt, cut: dt * unit > step * MOST });
        y += room;
      }
      tops[k] = y;
      y += step;
    }
    tops[rows.length] = y + 10;
    return { tops, pauses, unit };
  };

  // pings pairs pings with their pongs, by payload; where payloads are hidden, a pong answers the last ping.
  W.pings = (c, payloads) => {
    const it = W.items,
      waiting = [new Map(), new Map()],
      pairs = [];
    const key = (i) => String.fromCharCode(...payloads.of(i));
    for (const i of W.itemsOf(c)) {
      const opcode = it.shape[i] & 15,
        side = it.shape[i] & W.SERVER ? 1 : 0;
      if (opcode === 9) {
        waiting[side].set(key(i), i);
      } else if (opcode === 10) {
        const k = key(i),
          ping = waiting[1 - side].get(k);
        if (ping === undefined) continue;
        waiting[1 - side].delete(k);
        pairs.push({ side: 1 - side, t: it.time[ping], rtt: it.time[i] - it.time[ping], i });
      }
    }
    return pairs;
  };

  // seek finds the rows whose payload, close reason or head holds the text. Letters of ASCII have no case.
  W.seek = (rows, text, payloads) => {
    const needle = new TextEncoder().encode(text.toLowerCase()),
      lower = text.toLowerCase(),
      found = [];
    if (!needle.length) return found;
    const it = W.items;
    const folded = (o) => (o >= 65 && o <= 90 ? o | 32 : o);
    const holds = (octets) => {
      const last = octets.length - needle.length;
      outer: for (let a = 0; a <= last; a++) {
        for (let b = 0; b < needle.length; b++) if (folded(octets[a + b]) !== needle[b]) continue outer;
        return true;
      }
      return false;
    };
    rows.forEach((row, k) => {
      if (row.kind === "item") {
        const close = it.closes[row.i];
        if (
          holds(payloads.of(row.i)) ||
          W.opcode(it.shape[row.i]).startsWith(lower) ||
          (close && (String(close.code) === lower || (close.reason || "").toLowerCase().includes(lower)))
        )
          found.push(k);
      } else if (row.kind === "request" || row.kind === "response") {
        const head = W.model.handshakes[row.h][row.kind];
        if ((head.line + "\n" + head.fields.map((f) => f.join(": ")).join("\n")).toLowerCase().includes(lower))
          found.push(k);
      }
    });
    return found;
  };
})();

// The data of the page, unpacked: W.model as it was written, W.items as typed arrays with indexes over them.
(() => {
  const octetsOf = (id) => {
    const node = W.byId(id);
    const text = node.textContent.trim();
    node.remove(); // megabytes that nobody needs twice
    if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
    const raw = atob(text);
    const octets = new Uint8Array(raw.length);
    for (let i = 0; i < raw.length; i++) octets[i] = raw.charCodeAt(i);
    return octets;
  };

  const inflated = (octets) =>
    new Response(new Blob([octets]).stream().pipeThrough(new DecompressionStream("gzip")));

  W.load = async () => {
    W.model = await inflated(octetsOf("model")).json();
    index();
  };

  let whole;
  // embedded gives the octets of all payloads. They are unpacked when the first one is asked for.
  const embedded = () =>
    whole ||
    (whole = (async () => {
      const octets = new Uint8Array(await inflated(octetsOf("payloads")).arrayBuffer());
      return { of: (i) => octets.subarray(W.items.at[i], W.items.at[i + 1]) };
    })());

  // served asks the program that serves this page for the payloads of some connections.
  const served = async (conns) => {
    const places = new Map();
    for (const c of conns) {
      const answer = await fetch("c/" + c);
      if (!answer.ok) continue;
      const octets = new Uint8Array(await answer.arrayBuffer());
      let at = 0;
      for (const i of W.itemsOf(c)) places.set(i, octets.subarray(at, (at += W.items.kept[i])));
    }
    return { of: (i) => places.get(i) || new Uint8Array() };
  };

  // payloads gives an object whose of(i) is the payload of item i, of these connections.
  W.payloads = (conns) => (W.model.served ? served(conns) : embedded());

  W.SERVER = 1 << 4;
  W.COMPRESSED = 1 << 5;
  W.INCOMPLETE = 1 << 6;
  W.TRUNCATED = 1 << 7;
  W.TEXT = 1 << 8;
  W.UNMASKED = 1 << 9;
  W.FRAGMENT = 1 << 10;
  W.ASKED = 1 << 11;
  const OPCODES = { 0: "continuation", 1: "text", 2: "binary", 8: "close", 9: "ping", 10: "pong" };
  W.opcode = (shape) => OPCODES[shape & 15] || "reserved 0x" + (shape & 15).toString(16);

  // Classes of items: what the client sent, what the server sent, control frames.
  W.CLASSES = 3;
  const classOf = (shape) => (shape & 8 ? 2 : shape & W.SERVER ? 1 : 0);

  const index = () => {
    const m = W.model,
      raw = m.items,
      n = (raw.c || []).length;
    const it = (W.items = {
      n,
      conn: Int32Array.from(raw.c || []),
      time: new Float64Array(n),
      drawn: new Float64Array(n),
      packet: new Float64Array(n),
      back: Int32Array.from(raw.b || []),
      shape: Uint16Array.from(raw.s || []),
      length: Float64Array.from(raw.l || []),
      wire: new Float64Array(n),
      frames: Int32Array.from(raw.fr || []),
      kept: Int32Array.from(raw.k || []),
      kind: Int32Array.from(raw.kind || []),
      kinds: raw.kinds || [""],
      unknown: raw.unknown || {},
      file: raw.f ? Int32Array.from(raw.f) : null,
      closes: raw.closes || {},
      said: raw.said || {},
      at: new Float64Array(n + 1),
    });
    let time = 0,
      packet = 0,
      drawn = 0,
      sorted = true;
    for (let i = 0; i < n; i++) {
      it.time[i] = time += raw.t[i];
      it.packet[i] = packet += raw.p[i];
      it.wire[i] = raw.w[i] + raw.l[i];
      it.at[i + 1] = it.at[i] + raw.k[i];
      if (time < drawn) sorted = false;
      it.drawn[i] = drawn = Math.max(drawn, time); // a clock that went back must not break searches
    }
    m.items = null;
    it.sorted = sorted;

    // order lists items by connection and class, in order of time; begin[c * CLASSES + class] is where each list
    // begins.
    const lists = m.connections.length * W.CLASSES;
    const begin = (it.begin = new Int32Array(lists + 1));
    for (let i = 0; i < n; i++) begin[it.conn[i] * W.CLASSES + classOf(it.shape[i]) + 1]++;
    for (let i = 0; i < lists; i++) begin[i + 1] += begin[i];
    const next = begin.slice();
    const order = (it.order = new Int32Array(n));
    for (let i = 0; i < n; i++) order[next[it.conn[i] * W.CLASSES + classOf(it.shape[i])]++] = i;
    it.octets = new Float64Array(n + 1); // sums along order
    it.orderTime = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      it.octets[i + 1] = it.octets[i] + it.wire[order[i]];
      it.orderTime[i] = it.drawn[order[i]];
    }

    W.legOf = new Map(); // index of a handshake to that of its other leg
    W.isBack = new Set();
    for (const [front, back] of m.legs) {
      if (!W.legOf.has(front)) W.legOf.set(front, back);
      W.legOf.set(back, front);
      W.isBack.add(back);
    }
    W.handshakesOf = new Map(); // index of a connection to indexes of its handshakes
    m.handshakes.forEach((h, i) => {
      if (h.c < 0) return;
      if (!W.handshakesOf.has(h.c)) W.handshakesOf.set(h.c, []);
      W.handshakesOf.get(h.c).push(i);
    });
    let end = (m.summary && m.summary.last) || 0;
    for (const c of m.connections) end = Math.max(end, c.last);
    W.end = Math.max(end, n ? it.drawn[n - 1] : 0, 1);
    for (const list of [m.connections, m.handshakes])
      for (const c of list) c.name = c.n + (c.stream === undefined ? "" : "/" + c.stream);
    W.findingsOf = new Map();
    m.findings.forEach((f, i) => {
      if (f.c < 0) return;
      if (!W.findingsOf.has(f.c)) W.findingsOf.set(f.c, []);
      W.findingsOf.get(f.c).push(i);
    });
  };

  // itemsOf gives the indexes of a connection's items in order.
  W.itemsOf = (c) => {
    const { begin, order } = W.items;
    return order.slice(begin[c * W.CLASSES], begin[(c + 1) * W.CLASSES]).sort();
  };

  W.hostOf = (c) => {
    const list = W.handshakesOf.get(c);
    if (list) return W.model.handshakes[list[0]].host;
    return "";
  };
  W.nameOf = (c) => {
    const list = W.handshakesOf.get(c);
    if (list) {
      const h = W.model.handshakes[list[0]];
      return (h.host || W.model.connections[c].server) + (h.path.startsWith("/") ? h.path : "");
    }
    return W.model.connections[c].server;
  };
  W.fileName = (i) => (W.model.files && W.model.files.length > 1 ? W.model.files[i || 0] : "");
  W.place = (packet, file) => (W.fileName(file) ? W.fileName(file) + " " : "") + "packet " + W.number(packet);
  // lower is the first place in sorted[from, to) whose value is not below t.
  W.lower = (sorted, from, to, t) => {
    while (from < to) {
      const middle = (from + to) >> 1;
      if (sorted[middle] < t) from = middle + 1;
      else to = middle;
    }
    return from;
  };
})();

// Drawing connections on a canvas. What one pixel cannot tell apart is added up first: a frame costs a few steps per
// pixel and row, however many messages there are.
(() => {
  const COLUMN = 3; // px of one bar

  // palette reads the colours of the theme once per drawing.
  W.palette = () => {
    const p = {};
    for (const name of [
      "ink",
      "dim",
      "line",
      "strong",
      "card",
      "sunk",
      "client",
      "server",
      "control",
      "good",
      "warning",
      "error",
      "accent",
      "wash",
    ])
      p[name] = W.colour(name);
    p.sans = W.colour("sans");
    p.verdict = {
      established: p.good,
      refused: p.warning,
      invalid: p.error,
      incomplete: p.dim,
      "other-upgrade": p.dim,
    };
    return p;
  };

  // fit makes the canvas as large as it is shown, in device pixels.
  W.fitCanvas = (canvas, width, height) => {
    const ratio = Math.min(devicePixelRatio || 1, 3);
    const w = Math.max(1, Math.round(width * ratio)),
      h = Math.max(1, Math.round(height * ratio));
    if (canvas.width !== w || canvas.height !== h) {
      canvas.width = w;
      canvas.height = h;
    }
    const g = canvas.getContext("2d");
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.clearRect(0, 0, width, height);
    return g;
  };

  const STEPS = [
    1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 2e6, 5e6, 1e7, 2e7, 5e7, 1e8, 2e8, 5e8, 1e9, 2e9, 5e9, 1e10,
    15e9, 3e10, 6e10, 12e10, 3e11, 6e11, 9e11, 18e11, 36e11, 72e11, 216e11, 432e11, 864e11,
  ];
  W.drawAxis = (g, p, v, x0, x1, height, size) => {
    const px = (x1 - x0) / (v.t1 - v.t0);
    const step = STEPS.find((s) => s * px > size * 6.5) || 864e11 * Math.ceil((size * 6.5) / px / 864e11);
    g.font = size + "px " + p.sans;
    g.textBaseline = "middle";
    g.textAlign = "left";
    for (let t = Math.ceil(v.t0 / step) * step; t <= v.t1; t += step) {
      const x = Math.round(x0 + (t - v.t0) * px) + 0.5;
      g.strokeStyle = p.line;
      g.beginPath();
      g.moveTo(x, 0);
      g.lineTo(x, height);
      g.stroke();
      g.fillStyle = p.dim;
      const label =
        t === 0
          ? "0"
          : step < 1e6
            ? "+" + W.span(t)
            : step < 1e9
              ? "+" + (t / 1e9).toFixed(step < 1e7 ? 3 : 2) + " s"
              : "+" + W.span(t);
      if (x + 4 + g.measureText(label).width < x1) g.fillText(label, x + 4, size * 0.95);
    }
  };

  // bars draws one class of a connection's items as columns, up (direction -1) or down (1) from y. It marks the
  // columns in used, which shows where nothing was said.
  const bars = (g, list, v, x0, px, width, y, room, direction, used) => {
    const it = W.items,
      begin = it.begin[list],
      end = it.begin[list + 1];
    if (begin === end) return;
    let i = W.lower(it.orderTime, begin, end, v.t0);
    g.beginPath();
    while (i < end) {
      const column = Math.floor(((it.orderTime[i] - v.t0) * px) / COLUMN);
      const x = column * COLUMN;
      if (x > width) break;
      const until = v.t0 + (x + COLUMN) / px;
      let step = 1,
        j = i + 1;
      while (j < end && it.orderTime[j] < until) {
        j += step;
        step *= 2;
      } // far jumps first, then exactly
      j = W.lower(it.orderTime, Math.max(i + 1, j - (step >> 1)), Math.min(j, end), until);
      const octets = it.octets[j] - it.octets[i];
      const h = Math.max(2, room * Math.min(1, (Math.log2(octets + 2) + 2) / 20));
      g.rect(x0 + x, direction < 0 ? y - h : y, COLUMN - 0.6, h);
      used[column] = 1;
      i = j;
    }
    g.fill();
  };

  const controls = (g, p, list, v, x0, px, width, y, size, used) => {
    const it = W.items,
      begin = it.begin[list],
      end = it.begin[list + 1];
    let i = W.lower(it.orderTime, begin, end, v.t0),
      last = -9;
    for (; i < end && it.orderTime[i] <= v.t1;) {
      const x = (it.orderTime[i] - v.t0) * px;
      const shape = it.shape[it.order[i]];
      used[Math.floor(x / COLUMN)] = 1;
      if (x - last >= size * 0.8 || (shape & 15) === 8) {
        g.fillStyle = g.strokeStyle = shape & W.SERVER ? p.server : p.client;
        g.beginPath();
        if ((shape & 15) === 8) {
          // close: a cross
          g.lineWidth = 1.6;
          g.moveTo(x0 + x - size / 2, y - size / 2);
          g.lineTo(x0 + x + size / 2, y + size / 2);
          g.moveTo(x0 + x + size / 2, y - size / 2);
          g.lineTo(x0 + x - size / 2, y + size / 2);
          g.stroke();
        } else {
          // ping, pong: a diamond, hollow for a pong
          g.moveTo(x0 + x, y - size / 2);
          g.lineTo(x0 + x + size / 2, y);
          g.lineTo(x0 + x, y + size / 2);
          g.lineTo(x0 + x - size / 2, y);
          g.closePath();
          g.lineWidth = 1.2;
          if ((shape & 15) === 10) {
            g.fillStyle = p.card;
            g.fill();
            g.stroke();
          } else g.fill();
        }
        last = x;
        i++;
      } else {
        // the next one that has room, or a close, which is rare enough to miss between
        i = Math.max(i + 1, W.lower(it.orderTime, i, end, v.t0 + (last + size * 0.8) / px));
      }
    }
  };

  // row draws a connection between y and y + h.
  W.drawRow = (g, p, c, v, x0, width, y, h, used) => {
    const conn = W.model.connections[c];
    const px = width / (v.t1 - v.t0);
    const X = (t) => x0 + Math.max(-4, Math.min(width + 4, (t - v.t0) * px));
    const middle = Math.round(y + h / 2),
      room = h / 2 - (h > 18 ? 4 : 1.5);
    used.fill(0);

    if (conn.density) drawDensity(g, p, conn.density, v, x0, px, width, middle, room, used);
    g.fillStyle = p.client;
    bars(g, c * W.CLASSES, v, x0, px, width, middle - 0.5, room, -1, used);
    g.fillStyle = p.server;
    bars(g, c * W.CLASSES + 1, v, x0, px, width, middle + 0.5, room, 1, used);

    // the life of the connection, dashed where nothing was said
    const a = X(conn.first),
      b = X(conn.last);
    g.lineWidth = 1;
    g.strokeStyle = p.strong;
    g.fillStyle = p.dim;
    g.textAlign = "center";
    const columns = Math.ceil(width / COLUMN);
    let from = Math.floor((a - x0) / COLUMN);
    for (let i = Math.max(0, from); i <= Math.min(columns, Math.floor((b - x0) / COLUMN)); i++) {
      if (!used[i]) continue;
      idle(g, p, x0 + from * COLUMN, x0 + i * COLUMN, middle, px, h);
      from = i + 1;
    }
    idle(g, p, x0 + Math.max(from, 0) * COLUMN, b, middle, px, h);

    for (const i of W.handshakesOf.get(c) || []) {
      const hs = W.model.handshakes[i];
      const begin = hs.request ? hs.request.first : hs.t,
        end = hs.response ? hs.response.last : begin;
      const xa = X(begin),
        xb = Math.max(X(end), xa + 3);
      if (xb < x0 - 3 || xa > x0 + width) continue;
      g.fillStyle = p.verdict[hs.verdict];
      g.globalAlpha = 0.85;
      g.fillRect(xa, y + h * 0.2, xb - xa, h * 0.6);
      g.globalAlpha = 1;
      if (h >= 16 && hs.verdict !== "established") {
        g.font = "600 " + Math.min(11, h * 0.5) + "px " + p.sans;
        g.textAlign = "left";
        g.fillText(hs.status ? String(hs.status) : hs.verdict, xb + 4, middle + 0.5);
      }
    }
    controls(g, p, c * W.CLASSES + 2, v, x0, px, width, middle, Math.min(9, h * 0.45), used);
    for (const [t] of conn.gaps || []) {
      const x = X(t);
      g.strokeStyle = p.error;
      g.lineWidth = 1.5;
      g.beginPath();
      for (let k = 0; k < 3; k++) {
        g.moveTo(x - 3 + k * 3, y + h * 0.75);
        g.lineTo(x + k * 3, y + h * 0.25);
      }
      g.stroke();
    }
    if (conn.over && b >= x0 && b <= x0 + width) ending(g, p, conn, b, y, h, middle);
  };

  const idle = (g, p, xa, xb, y, px, h) => {
    if (xb - xa < 1) return;
    g.setLineDash(xb - xa > 30 ? [2, 4] : []);
    g.beginPath();
    g.moveTo(xa, y + 0.5);
    g.lineTo(xb, y + 0.5);
    g.stroke();
    g.setLineDash([]);
    const length = (xb - xa) / px;
    if (xb - xa > 110 && h >= 18 && length > 1e9) {
      g.font = "10px " + p.sans;
      const text = "idle " + W.span(length),
        w = g.measureText(text).width + 8;
      g.save();
      g.fillStyle = p.card;
      g.fillRect((xa + xb) / 2 - w / 2, y - 6, w, 12);
      g.restore();
      g.textAlign = "center";
      g.textBaseline = "middle";
      g.fillText(text, (xa + xb) / 2, y + 0.5);
    }
  };

  // ending: a bar for FIN or Close, a zigzag for a reset, an arrow where the capture ends first, dots where it was
  // given up.
  const ending = (g, p, conn, x, y, h, middle) => {
    g.strokeStyle = conn.ended === "reset" ? p.error : p.dim;
    g.lineWidth = conn.ended === "reset" ? 2 : 1.5;
    g.beginPath();
    const s = Math.min(6, h * 0.3);
    if (conn.ended === "reset") {
      g.moveTo(x + 2, middle - s);
      g.lineTo(x - 1, middle - 1);
      g.lineTo(x + 3, middle + 1);
      g.lineTo(x, middle + s);
    } else if (conn.ended === "capture-end") {
      g.moveTo(x, middle - s * 0.7);
      g.lineTo(x + s * 0.8, middle);
      g.lineTo(x, middle + s * 0.7);
    } else if (conn.ended === "timeout") {
      g.setLineDash([1.5, 2.5]);
      g.moveTo(x, middle - s);
      g.lineTo(x, middle + s);
    } else {
      g.moveTo(x, middle - s);
      g.lineTo(x, middle + s);
    }
    g.stroke();
    g.setLineDash([]);
  };

  const drawDensity = (g, p, d, v, x0, px, width, middle, room, used) => {
    for (const [counts, direction, colour] of [
      [d.client, -1, p.client],
      [d.server, 1, p.server],
    ]) {
      g.fillStyle = colour;
      g.globalAlpha = 0.45;
      for (let i = 0; i < counts.length; i++) {
        if (!counts[i]) continue;
        const xa = (d.begin + i * d.width - v.t0) * px,
          xb = xa + Math.max(1, d.width * px);
        if (xb < 0 || xa > width) continue;
        const a = Math.max(0, xa),
          b = Math.min(width, xb),
          hh = Math.max(2, room * Math.min(1, Math.log2(counts[i] + 1) / 14));
        g.fillRect(x0 + a, direction < 0 ? middle - hh : middle, b - a, hh);
        for (let k = Math.floor(a / COLUMN); k <= b / COLUMN && k < used.length; k++) used[k] = 1;
      }
      g.globalAlpha = 1;
    }
  };

  // grid draws all rows into few pixels: one pass over the items in sight, into arrays that are used again.
  let cells = { n: 0 };
  const roomFor = (n) => {
    if (cells.n < n) cells = { n, client: new Uint32Array(n), server: new Uint32Array(n), life: new Int32Array(n) };
    cells.client.fill(0, 0, n);
    cells.server.fill(0, 0, n);
    cells.life.fill(0, 0, n);
    return cells;
  };

  // W.gridImage makes a canvas of a pixel per column and line.
  W.gridImage = (p, rowOf, v, columns, lines, rows) => {
    const it = W.items,
      { client, server, life } = roomFor((columns + 1) * lines);
    const wide = columns + 1,
      px = columns / (v.t1 - v.t0),
      py = lines / rows,
      t0 = v.t0;
    const { drawn, conn, shape } = it,
      side = W.SERVER,
      end = W.lower(drawn, 0, it.n, v.t1);
    const lineOf = new Int32Array(rowOf.length);
    for (let c = 0; c < rowOf.length; c++) lineOf[c] = ((rowOf[c] * py) | 0) * wide;
    for (let i = W.lower(drawn, 0, it.n, t0); i < end; i++) {
      const at = lineOf[conn[i]] + (((drawn[i] - t0) * px) | 0);
      if (shape[i] & side) server[at]++;
      else client[at]++;
    }
    W.model.connections.forEach((c, i) => {
      const d = c.density;
      if (d) {
        for (let k = 0; k < d.client.length; k++) {
          const x = ((d.begin + k * d.width - t0) * px) | 0;
          if (x >= 0 && x < columns) {
            client[lineOf[i] + x] += d.client[k];
            server[lineOf[i] + x] += d.server[k];
          }
        }
      }
      if (c.first > v.t1 || c.last < t0) return;
      life[lineOf[i] + Math.max(0, ((c.first - t0) * px) | 0)]++; // begins here,
      life[lineOf[i] + Math.min(columns, (((c.last - t0) * px) | 0) + 1)]--; // and is over there
    });
    const image = new ImageData(columns, lines),
      out = new Uint32Array(image.data.buffer);
    const a = rgb(p.client),
      b = rgb(p.server),
      alive = pixel(rgb(p.strong), 56);
    let most = 1;
    for (let k = 0; k < wide * lines; k++) {
      const n = client[k] + server[k];
      if (n > most) most = n;
    }
    const scale = 165 / Math.log2(most + 1);
    for (let line = 0; line < lines; line++) {
      let open = 0;
      for (let x = 0, from = line * wide, to = line * columns; x < columns; x++, from++, to++) {
        open += life[from];
        const n = client[from] + server[from];
        if (n) {
          const share = server[from] / n;
          out[to] = pixel(
            [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share],
            90 + scale * Math.log2(n + 1),
          );
        } else if (open > 0) out[to] = alive;
      }
    }
    const outcome = { established: pixel(rgb(p.good), 255), invalid: pixel(rgb(p.error), 255) },
      doubt = pixel(rgb(p.warning), 255);
    const tall = Math.max(1, Math.floor(py)), // a mark fills its row, and is seen on large screens too
      wideMark = Math.max(1, Math.round(columns / 800));
    for (const h of W.model.handshakes) {
      if (h.c < 0) continue;
      const x = ((h.t - t0) * px) | 0;
      if (x < 0 || x >= columns) continue;
      const colour = outcome[h.verdict] || doubt,
        line = (rowOf[h.c] * py) | 0;
      for (let y = line; y < Math.min(lines, line + tall); y++)
        out.fill(colour, y * columns + x, y * columns + Math.min(columns, x + wideMark));
    }
    const buffer = document.createElement("canvas");
    buffer.width = columns;
    buffer.height = lines;
    buffer.getContext("2d").putImageData(image, 0, 0);
    return buffer;
  };

  // pixel packs a colour as ImageData holds it on a machine with the least octet first, which is every machine with a
  // browser.
  const pixel = (c, alpha) =>
    (((alpha & 255) << 24) | ((c[2] & 255) << 16) | ((c[1] & 255) << 8) | (c[0] & 255)) >>> 0;

  const rgb = (colour) => {
    const h = colour.replace("#", "");
    return [0, 2, 4].map((i) => parseInt(h.slice(i, i + 2), 16));
  };
})();

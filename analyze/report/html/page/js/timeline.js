// All connections drawn to scale: zoom and pan by mouse, wheel, keyboard and touch; a map of the whole with a window
// in it.
(() => {
  const { el } = W;
  const HEIGHTS = [0, 9, 16, 24, 38]; // px of a row; 0 fits all of them
  const v = { t0: 0, t1: 1, level: 0, row: 0, range: null };
  let parts,
    order,
    rowOf,
    used = new Uint8Array(4096),
    tip,
    made = false;

  const full = () => {
    const pad = W.end * 0.02;
    return [-pad, W.end + pad];
  };
  const shortest = 2000; // ns in sight at least

  const rowsOrder = () => {
    const conns = W.model.connections,
      behind = new Map(),
      isBack = new Set();
    for (const [f, b] of W.model.legs) {
      const front = W.model.handshakes[f].c,
        back = W.model.handshakes[b].c;
      if (front < 0 || back < 0 || front === back) continue;
      if (!behind.has(front)) behind.set(front, []);
      behind.get(front).push(back);
      isBack.add(back);
    }
    const sorted = conns.map((_, i) => i).sort((a, b) => conns[a].first - conns[b].first || a - b);
    order = [];
    const seen = new Set();
    const put = (c) => {
      if (seen.has(c)) return;
      seen.add(c);
      order.push(c);
      (behind.get(c) || []).forEach(put);
    };
    for (const c of sorted) if (!isBack.has(c)) put(c);
    for (const c of sorted) put(c);
    rowOf = new Int32Array(conns.length);
    order.forEach((c, row) => {
      rowOf[c] = row;
    });
    W.isBackConn = isBack;
  };

  const size = () => {
    const width = parts.rows.clientWidth,
      height = parts.rows.clientHeight,
      rem = W.rem();
    const axis = Math.round(rem * 1.5);
    const label = width < 560 ? Math.round(rem * 3.4) : Math.round(Math.min(rem * 17, width * 0.24));
    const n = order.length;
    let h = (HEIGHTS[v.level] * rem) / 14;
    if (!h) h = Math.min(rem * 4, (height - axis) / Math.max(n, 1));
    return { width, height, axis, label, h, n, x0: label, w: Math.max(40, width - label - 8) };
  };

  const draw = W.perFrame(() => {
    if (!made || W.state.tab !== "timeline") return;
    drawMap();
    drawRows();
    told();
  });

  const drawRows = () => {
    const s = size(),
      p = W.palette(),
      canvas = parts.canvas;
    const tall = Math.max(s.axis + s.n * s.h, s.height);
    parts.rows.style.maxHeight = s.axis + s.n * s.h + 12 + "px"; // no empty ground below the last row
    parts.spacer.style.height = Math.max(0, tall - s.height) + "px";
    canvas.style.height = s.height + "px";
    parts.map.style.marginLeft = parts.rows.offsetLeft + s.x0 + "px";
    const g = W.fitCanvas(canvas, s.width, s.height);
    if (used.length < s.width) used = new Uint8Array(Math.ceil(s.width) + 64);
    const scroll = parts.rows.scrollTop;
    const dense = s.h < 5;
    W.drawAxis(g, p, v, s.x0, s.x0 + s.w, s.height, Math.round(W.rem() * 0.78));
    g.save();
    g.beginPath();
    g.rect(0, s.axis, s.width, s.height - s.axis);
    g.clip();
    if (dense) {
      grid(g, p, s);
      g.fillStyle = p.dim;
      g.font = Math.round(W.rem() * 0.8) + "px " + p.sans;
      g.textAlign = "left";
      g.textBaseline = "top";
      g.fillText(W.number(s.n), 8, s.axis + 8);
      if (s.label > 80)
        (g.fillText("connections,", 8, s.axis + 8 + W.rem() * 1.1),
          g.fillText("earliest at the top", 8, s.axis + 8 + W.rem() * 2.2));
    } else {
      const first = Math.max(0, Math.floor(scroll / s.h)),
        last = Math.min(s.n - 1, Math.ceil((scroll + s.height - s.axis) / s.h));
      for (let row = first; row <= last; row++) {
        const y = s.axis + row * s.h - scroll,
          c = order[row];
        if (row === v.row && document.activeElement === parts.rows) {
          g.fillStyle = p.wash;
          g.fillRect(0, y, s.width, s.h);
        } else if (row % 2) {
          g.globalAlpha = 0.5;
          g.fillStyle = p.sunk;
          g.fillRect(0, y, s.width, s.h);
          g.globalAlpha = 1;
        }
        g.save();
        g.beginPath();
        g.rect(s.x0 - 6, y, s.w + 14, s.h);
        g.clip();
        W.drawRow(g, p, c, v, s.x0, s.w, y, s.h, used);
        g.restore();
        if (s.h >= 11) label(g, p, c, y, s);
      }
    }
    g.restore();
    if (v.range) {
      const px = s.w / (v.t1 - v.t0),
        a = s.x0 + Math.max(0, (v.range[0] - v.t0) * px),
        b = s.x0 + Math.min(s.w, (v.range[1] - v.t0) * px);
      g.fillStyle = p.accent;
      g.globalAlpha = 0.14;
      g.fillRect(a, 0, b - a, s.height);
      g.globalAlpha = 1;
      g.fillRect(a, 0, 1, s.height);
      g.fillRect(b - 1, 0, 1, s.height);
    }
    g.fillStyle = p.line;
    g.fillRect(0, s.axis - 1, s.width, 1);
    if (s.label) g.fillRect(s.x0 - 7, s.axis, 1, s.height);
  };

  // grid draws many connections as a picture. While it takes longer to make one than a frame lasts, the last one is
  // moved and stretched instead, and a new one follows as soon as nothing moves.
  let picture = null;
  const grid = (g, p, s) => {
    const width = Math.max(1, Math.floor(s.w)),
      height = Math.max(1, Math.floor(s.height - s.axis)),
      theme = p.client + width + "x" + height;
    const fits = picture && picture.theme === theme;
    if (!fits || picture.t0 !== v.t0 || picture.t1 !== v.t1) {
      if (!fits || picture.took < 10 || performance.now() - picture.moved > 150) {
        const begin = performance.now();
        picture = { theme, t0: v.t0, t1: v.t1, image: W.gridImage(p, rowOf, v, width, height, s.n), moved: 0 };
        picture.took = performance.now() - begin;
        picture.moved = performance.now();
      } else {
        picture.moved = performance.now();
        again();
      }
    }
    const px = s.w / (v.t1 - v.t0);
    g.imageSmoothingEnabled = false;
    g.save();
    g.beginPath();
    g.rect(s.x0, s.axis, s.w, height);
    g.clip();
    g.drawImage(picture.image, s.x0 + (picture.t0 - v.t0) * px, s.axis, (picture.t1 - picture.t0) * px, height);
    g.restore();
  };
  const again = W.later(() => {
    if (picture) picture.moved = 0;
    draw();
  }, 170);

  // fitted leaves out the middle of a name: hosts are alike at the beginning, paths differ at the end.
  const fitted = (g, name, room) => {
    const width = g.measureText(name).width;
    if (width <= room) return name;
    for (let keep = Math.floor((name.length * room) / width); keep > 4; keep--) {
      const short =
        name.slice(0, Math.ceil(keep * 0.45)) + "…" + name.slice(name.length - Math.floor(keep * 0.55) + 1);
      if (g.measureText(short).width <= room) return short;
    }
    return "…";
  };

  let labels = {};
  const label = (g, p, c, y, s) => {
    const conn = W.model.connections[c],
      font = Math.round(Math.min(W.rem() * 0.84, s.h * 0.72));
    g.textBaseline = "middle";
    g.textAlign = "left";
    g.font = font + "px " + p.sans;
    g.fillStyle = p.dim;
    const number = (W.isBackConn.has(c) ? "↳ " : "") + conn.name;
    g.fillText(number, 8, y + s.h / 2 + 0.5);
    if (s.label < 100) return;
    const at = 8 + Math.max(g.measureText(number).width + 8, font * 2.4);
    g.fillStyle = p.ink;
    const room = s.label - 14 - at;
    if (labels.font !== g.font || labels.room !== s.label) labels = { font: g.font, room: s.label, of: new Map() };
    let name = labels.of.get(c); // measuring text costs more than drawing it
    if (name === undefined) labels.of.set(c, (name = fitted(g, W.nameOf(c), room)));
    g.fillText(name, at, y + s.h / 2 + 0.5);
  };

  const drawMap = () => {
    const box = parts.map,
      width = box.clientWidth,
      height = box.clientHeight,
      p = W.palette();
    const g = W.fitCanvas(parts.mapCanvas, width, height),
      [a, b] = full(),
      px = width / (b - a),
      middle = height / 2;
    const d = W.model.density;
    if (d) {
      const columns = Math.ceil(width / 2),
        sums = [new Float64Array(columns), new Float64Array(columns)];
      [d.client, d.server].forEach((counts, side) =>
        counts.forEach((n, i) => {
          const x = Math.floor(((d.begin + (i + 0.5) * d.width - a) * px) / 2);
          if (x >= 0 && x < columns) sums[side][x] += n;
        }),
      );
      const most = Math.log2(Math.max(1, ...sums[0], ...sums[1]) + 1);
      sums.forEach((list, side) => {
        g.fillStyle = side ? p.server : p.client;
        list.forEach((n, x) => {
          if (!n) return;
          const h = Math.max(1.5, ((middle - 5) * Math.log2(n + 1)) / most);
          g.fillRect(x * 2, side ? middle + 0.5 : middle - 0.5 - h, 1.6, h);
        });
      });
    }
    const o = W.model.opened;
    if (o) {
      [
        [o.client, p.good, 2],
        [o.server, p.warning, height - 6],
      ].forEach(([counts, colour, y]) =>
        counts.forEach((n, i) => {
          if (!n) return;
          g.fillStyle = colour;
          g.fillRect((o.begin + (i + 0.5) * o.width - a) * px - 1, y, 2, 4);
        }),
      );
    }
    g.fillStyle = p.line;
    g.fillRect(0, Math.round(middle), width, 1);
    const xa = (v.t0 - a) * px,
      xb = (v.t1 - a) * px;
    g.fillStyle = p.sunk;
    g.globalAlpha = 0.72;
    g.fillRect(0, 0, Math.max(0, xa), height);
    g.fillRect(xb, 0, width - xb, height);
    g.globalAlpha = 1;
    g.fillStyle = p.accent;
    for (const x of [xa, xb]) {
      g.fillRect(Math.min(width - 2, Math.max(0, x - 1)), 0, 2, height);
      g.fillRect(Math.min(width - 6, Math.max(0, x - 3)), middle - 8, 6, 16);
    }
  };

  const clampView = () => {
    const [a, b] = full();
    let length = Math.min(Math.max(v.t1 - v.t0, shortest), b - a);
    if (v.t0 < a) v.t0 = a;
    if (v.t0 + length > b) v.t0 = b - length;
    v.t1 = v.t0 + length;
  };
  const show = (t0, t1) => {
    v.t0 = t0;
    v.t1 = t1;
    clampView();
    draw();
    speak();
  };
  const zoom = (factor, at) => {
    const middle = at === undefined ? (v.t0 + v.t1) / 2 : at;
    show(middle - (middle - v.t0) * factor, middle + (v.t1 - middle) * factor);
  };
  const pan = (share) => {
    const d = (v.t1 - v.t0) * share;
    show(v.t0 + d, v.t1 + d);
  };
  const speak = W.later(
    () => W.say("In sight: " + W.span(v.t1 - v.t0) + " from " + W.since(Math.max(0, v.t0))),
    500,
  );

  const told = () => {
    parts.where.textContent =
      W.clock(Math.max(0, v.t0)) +
      " – " +
      W.clock(Math.min(W.end, v.t1)) +
      " · " +
      W.span(Math.min(W.end, v.t1) - Math.max(0, v.t0));
    const box = parts.selection;
    if (!v.range) {
      box.hidden = true;
      return;
    }
    const [a, b] = v.range,
      it = W.items;
    const i = W.lower(it.drawn, 0, it.n, a),
      j = W.lower(it.drawn, 0, it.n, b);
    let octets = 0;
    for (let k = i; k < j; k++) octets += it.wire[k];
    const attempts = W.model.handshakes.filter((h) => h.t >= a && h.t <= b).length;
    box.hidden = false;
    parts.selected.textContent =
      W.span(b - a) + ": " + W.count(j - i, "frame") + ", " + W.size(octets) + ", " + W.count(attempts, "attempt");
  };

  const select = (a, b) => {
    v.range = a === null ? null : [Math.min(a, b), Math.max(a, b)];
    draw();
  };

  // what is under a point: a row, an item or a handshake.
  const under = (x, y) => {
    const s = size(),
      row = Math.floor((y - s.axis + parts.rows.scrollTop) / s.h);
    if (y < s.axis || row < 0 || row >= s.n) return null;
    const c = order[row],
      t = v.t0 + ((x - s.x0) * (v.t1 - v.t0)) / s.w,
      reach = (5 * (v.t1 - v.t0)) / s.w;
    const found = { c, row, t, item: -1, handshake: -1 };
    if (x < s.x0) return found;
    for (const i of W.handshakesOf.get(c) || []) {
      const h = W.model.handshakes[i],
        begin = h.request ? h.request.first : h.t,
        end = h.response ? h.response.last : begin;
      if (t >= begin - reach && t <= end + reach) found.handshake = i;
    }
    let best = reach;
    for (let k = 0; k < W.CLASSES; k++) {
      const it = W.items,
        list = c * W.CLASSES + k,
        from = it.begin[list],
        to = it.begin[list + 1],
        at = W.lower(it.orderTime, from, to, t);
      for (const j of [at - 1, at]) {
        if (j < from || j >= to) continue;
        const away = Math.abs(it.orderTime[j] - t);
        if (away < best) {
          best = away;
          found.item = it.order[j];
          found.handshake = -1;
        }
      }
    }
    return found;
  };

  const tell = (event, found) => {
    if (!found) {
      tip.hidden = true;
      return;
    }
    const conn = W.model.connections[found.c],
      lines = [];
    lines.push(el("b", { text: "connection " + conn.name + "  " + W.nameOf(found.c) }));
    if (found.item >= 0) {
      const it = W.items,
        i = found.item;
      lines.push(
        W.since(it.time[i]) +
          "  " +
          (it.shape[i] & W.SERVER ? "server → client" : "client → server") +
          "  " +
          W.opcode(it.shape[i]) +
          ", " +
          W.size(it.wire[i]) +
          ", packet " +
          W.number(it.packet[i]),
      );
    } else if (found.handshake >= 0) {
      const h = W.model.handshakes[found.handshake];
      lines.push(
        "handshake " +
          (h.status || "") +
          " " +
          h.verdict +
          (h.latency !== undefined ? " after " + W.span(h.latency) : ""),
      );
    } else {
      lines.push(
        W.span(conn.last - conn.first) +
          (conn.over ? ", ended: " + conn.ended + (conn.ended_by ? " by the " + conn.ended_by : "") : ""),
      );
    }
    W.put(tip, ...lines.map((l) => el("div", {}, l)));
    tip.hidden = false;
    const w = tip.offsetWidth,
      h = tip.offsetHeight;
    tip.style.left = Math.max(4, Math.min(innerWidth - w - 8, event.clientX + 14)) + "px";
    tip.style.top = (event.clientY + 18 + h > innerHeight ? event.clientY - h - 12 : event.clientY + 18) + "px";
  };

  const open = (found) => {
    if (!found) return;
    v.row = found.row;
    if (found.handshake >= 0 && found.item < 0) W.tell("handshake", found.handshake);
    else W.openConversation(found.c, found.item);
  };

  const pointers = () => {
    const down = new Map();
    let start = null;
    const at = (e) => {
      const r = parts.rows.getBoundingClientRect();
      return [e.clientX - r.left, e.clientY - r.top];
    };
    const time = (x) => {
      const s = size();
      return v.t0 + ((x - s.x0) * (v.t1 - v.t0)) / s.w;
    };
    parts.rows.addEventListener("pointerdown", (e) => {
      if (e.button !== 0) return;
      const [x, y] = at(e);
      if (x > parts.rows.clientWidth) return; // the scroll bar
      down.set(e.pointerId, [x, y]);
      tip.hidden = true;
      if (down.size === 1)
        start = {
          x,
          y,
          t0: v.t0,
          t1: v.t1,
          moved: false,
          brush: e.shiftKey,
          scroll: parts.rows.scrollTop,
          mouse: e.pointerType === "mouse",
        };
      if (down.size === 2) {
        const [p, q] = [...down.values()];
        start = {
          pinch: Math.max(10, Math.abs(p[0] - q[0])),
          t0: v.t0,
          t1: v.t1,
          at: time((p[0] + q[0]) / 2),
          moved: true,
        };
      }
    });
    parts.rows.addEventListener("pointermove", (e) => {
      const [x, y] = at(e);
      if (!down.has(e.pointerId)) {
        if (e.pointerType === "mouse" && !e.buttons) {
          const found = size().h >= 5 ? under(x, y) : null;
          parts.rows.classList.toggle(
            "over",
            !!found && (found.item >= 0 || found.handshake >= 0 || x < size().x0),
          );
          tell(e, found);
        }
        return;
      }
      down.set(e.pointerId, [x, y]);
      const s = size();
      if (start.pinch && down.size === 2) {
        const [p, q] = [...down.values()],
          factor = start.pinch / Math.max(10, Math.abs(p[0] - q[0]));
        v.t0 = start.at - (start.at - start.t0) * factor;
        v.t1 = start.at + (start.t1 - start.at) * factor;
        clampView();
        draw();
        return;
      }
      if (start.pinch) return;
      if (!start.moved && Math.hypot(x - start.x, y - start.y) < 4) return;
      if (!start.moved) {
        start.moved = true;
        parts.rows.setPointerCapture(e.pointerId);
        parts.rows.classList.add("dragging");
      }
      if (start.brush) return select(time(start.x), time(x));
      const d = ((start.x - x) * (start.t1 - start.t0)) / s.w;
      v.t0 = start.t0 + d;
      v.t1 = start.t1 + d;
      clampView();
      if (start.mouse) parts.rows.scrollTop = start.scroll + start.y - y;
      draw();
    });
    const up = (e) => {
      if (!down.delete(e.pointerId)) return;
      parts.rows.classList.remove("dragging");
      if (e.type === "pointerup" && start && !start.moved) {
        const [x, y] = at(e);
        parts.rows.focus({ preventScroll: true });
        if (size().h >= 5) open(under(x, y));
        else {
          zoom(0.5, time(x));
        }
      }
      if (!down.size) start = null;
    };
    for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) parts.rows.addEventListener(name, up);
    parts.rows.addEventListener("pointerleave", () => {
      tip.hidden = true;
    });
    parts.rows.addEventListener(
      "wheel",
      (e) => {
        const [x] = at(e),
          s = size();
        const across = Math.abs(e.deltaX) > Math.abs(e.deltaY) || e.shiftKey;
        if (e.ctrlKey || e.metaKey || e.altKey || (!across && s.axis + s.n * s.h <= s.height + 1)) {
          e.preventDefault();
          zoom(Math.exp(Math.max(-60, Math.min(60, e.deltaY)) * 0.006), time(Math.max(s.x0, x)));
        } else if (across) {
          e.preventDefault();
          pan((e.deltaX || e.deltaY) / s.w);
        }
      },
      { passive: false },
    );
    parts.rows.addEventListener("scroll", draw, { passive: true });

    // The map: drag to look at a range; drag an edge or the window to move it.
    let held = null;
    const mapTime = (e) => {
      const r = parts.map.getBoundingClientRect(),
        [a, b] = full();
      return a + ((e.clientX - r.left) * (b - a)) / r.width;
    };
    parts.map.addEventListener("pointerdown", (e) => {
      const t = mapTime(e),
        [a, b] = full(),
        near = (8 * (b - a)) / parts.map.clientWidth,
        whole = v.t1 - v.t0 > (b - a) * 0.99;
      parts.map.setPointerCapture(e.pointerId);
      if (!whole && Math.abs(t - v.t0) < near) held = { edge: v.t1 };
      else if (!whole && Math.abs(t - v.t1) < near) held = { edge: v.t0 };
      else if (!whole && t > v.t0 && t < v.t1) held = { move: t - v.t0, length: v.t1 - v.t0 };
      else held = { edge: t, from: e.clientX };
    });
    parts.map.addEventListener("pointermove", (e) => {
      if (!held) return;
      const t = mapTime(e);
      if (held.move !== undefined) show(t - held.move, t - held.move + held.length);
      else if (held.from === undefined || Math.abs(e.clientX - held.from) > 3)
        show(Math.min(t, held.edge), Math.max(t, held.edge));
    });
    for (const name of ["pointerup", "pointercancel"])
      parts.map.addEventListener(name, () => {
        held = null;
      });
    parts.map.addEventListener("dblclick", () => show(...full()));
    parts.map.addEventListener("keydown", keys);
  };

  const keys = (e) => {
    if (e.altKey || e.ctrlKey || e.metaKey) return;
    const s = size();
    const row = (d) => {
      v.row = Math.max(0, Math.min(s.n - 1, v.row + d));
      const y = v.row * s.h;
      if (y < parts.rows.scrollTop) parts.rows.scrollTop = y;
      if (y + s.h > parts.rows.scrollTop + s.height - s.axis) parts.rows.scrollTop = y + s.h - s.height + s.axis;
      const c = order[v.row],
        conn = W.model.connections[c],
        hs = (W.handshakesOf.get(c) || []).map((i) => W.model.handshakes[i].verdict).join(", ");
      W.say(
        "Connection " +
          conn.name +
          ", " +
          W.nameOf(c) +
          ", " +
          (hs || "no handshake") +
          ", " +
          W.span(conn.last - conn.first),
      );
      draw();
    };
    const actions = {
      ArrowLeft: () => pan(-0.15),
      ArrowRight: () => pan(0.15),
      ArrowUp: () => row(-1),
      ArrowDown: () => row(1),
      PageUp: () => row(-10),
      PageDown: () => row(10),
      "+": () => zoom(0.6),
      "=": () => zoom(0.6),
      "-": () => zoom(1 / 0.6),
      0: () => show(...full()),
      Home: () => show(...full()),
      Enter: () => s.n && W.openConversation(order[v.row]),
      Escape: () => select(null),
      s: () => {
        const third = (v.t1 - v.t0) / 4;
        select(v.t0 + third, v.t1 - third);
      },
    };
    const act = actions[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  };

  const taller = (d) => {
    v.level = Math.max(0, Math.min(HEIGHTS.length - 1, v.level + d));
    draw();
    levels();
  };
  const levels = () => {
    parts.less.disabled = v.level === 0;
    parts.more.disabled = v.level === HEIGHTS.length - 1;
  };

  const make = () => {
    made = true;
    rowsOrder();
    const n = order.length;
    v.level = n > 400 ? 0 : n > 60 ? 2 : 3;
    [v.t0, v.t1] = full();
    parts = {};
    const button = (text, name, act) =>
      el("button", { class: "plain", type: "button", "aria-label": name, title: name, onclick: act, text });
    parts.less = button("rows −", "rows −: lower them", () => taller(-1));
    parts.more = button("rows +", "rows +: make them higher", () => taller(1));
    parts.where = el("span", { class: "num dim", id: "timeline-where" });
    parts.selected = el("span", { class: "num" });
    parts.selection = el(
      "div",
      { class: "selection", hidden: true, role: "status" },
      el("b", { text: "Selected" }),
      parts.selected,
      button("Zoom to it", "Zoom to it, the selection", () => {
        const [a, b] = v.range;
        select(null);
        show(a, b);
      }),
      button("Its handshakes", "Its handshakes: list those of the selection", () =>
        W.go("handshakes", { range: v.range.slice() }),
      ),
      button("✕", "Clear the selection", () => select(null)),
    );
    parts.mapCanvas = el("canvas", { "aria-hidden": "true" });
    parts.map = el(
      "div",
      {
        class: "map",
        tabindex: "0",
        role: "group",
        "aria-label":
          "Map of the whole capture: messages per time, from the client above, from the server below. " +
          "Drag to choose what is in sight; arrow keys, plus and minus do the same.",
      },
      parts.mapCanvas,
    );
    parts.canvas = el("canvas", { "aria-hidden": "true" });
    parts.spacer = el("div", { class: "spacer" });
    parts.rows = el(
      "div",
      {
        class: "rows",
        id: "timeline-rows",
        tabindex: "0",
        role: "group",
        "aria-label":
          "Connections to scale. Left and right pan, plus and minus zoom, 0 shows all, up and down choose " +
          "a connection, Enter opens it, s selects the middle of what is in sight.",
        onkeydown: keys,
        onfocus: draw,
        onblur: draw,
      },
      parts.canvas,
      parts.spacer,
    );
    tip = el("div", { class: "tip", hidden: true, role: "tooltip" });
    W.put(
      W.byId("timeline"),
      el(
        "div",
        { class: "bar" },
        el(
          "span",
          { class: "group" },
          button("−", "Zoom out", () => zoom(1 / 0.6)),
          button("+", "Zoom in", () => zoom(0.6)),
          button("All", "All: show the whole capture", () => show(...full())),
        ),
        el("span", { class: "group" }, parts.less, parts.more),
        parts.where,
        parts.selection,
        el("span", { class: "grow" }),
        el(
          "span",
          { class: "hint" },
          el("span", { class: "kbd", text: "Ctrl" }),
          " + wheel zooms, drag moves, ",
          el("span", { class: "kbd", text: "Shift" }),
          " + drag selects",
        ),
      ),
      n ? [parts.map, parts.rows] : el("p", { class: "empty", text: "There is no connection to draw." }),
      n ? legend() : null,
      tip,
    );
    if (!n) {
      made = false;
      return;
    }
    pointers();
    if (n <= 60 && (parts.rows.clientHeight - 24) / n >= W.rem() * 1.7) v.level = 0;
    levels();
    new ResizeObserver(draw).observe(parts.rows);
  };

  const legend = () => {
    const shape = (...nodes) => W.svg("svg", { viewBox: "0 0 16 12", "aria-hidden": "true" }, ...nodes);
    const bar = (cls, y, h) => W.svg("rect", { class: cls, x: 6, y, width: 4, height: h });
    const entry = (picture, text) => el("span", {}, picture, text);
    return el(
      "div",
      { class: "legend", "aria-label": "Legend", role: "note" },
      entry(shape(bar("fill-client", 0, 6)), "client sent (up; height: octets)"),
      entry(shape(bar("fill-server", 6, 6)), "server sent (down)"),
      entry(shape(W.svg("rect", { class: "fill-good", x: 1, y: 3, width: 14, height: 6 })), "handshake"),
      entry(
        shape(
          W.svg("rect", { class: "fill-doubtful", x: 1, y: 3, width: 6, height: 6 }),
          W.svg("text", { x: 9, y: 10, text: "403", css: { "font-size": "7px" } }),
        ),
        "refused, with its status",
      ),
      entry(shape(W.svg("path", { class: "fill-client", d: "M8 1 13 6 8 11 3 6Z" })), "ping (pong: hollow)"),
      entry(shape(W.svg("path", { class: "stroke-client", d: "M3 1 13 11M13 1 3 11" })), "Close"),
      entry(
        shape(W.svg("path", { d: "M3 10 6 2M7 10 10 2M11 10 14 2", stroke: "var(--error)" })),
        "octets not captured",
      ),
      entry(shape(W.svg("path", { d: "M0 6h16", stroke: "var(--strong)", "stroke-dasharray": "2 3" })), "idle"),
    );
  };

  W.drawTimeline = () => {
    if (!made) make();
    draw();
  };
  W.redrawTimeline = draw;
  W.timelineView = () => ({
    t0: v.t0,
    t1: v.t1,
    range: v.range,
    rows: order ? order.length : 0,
    rowHeight: made ? size().h : 0,
  });
  W.showTime = (t0, t1) => {
    W.go("timeline");
    show(t0, t1);
  };
  // paintTimeline draws the first rows on a canvas of its own, for paper.
  W.paintTimeline = (canvas, width) => {
    rowsOrder();
    const rows = Math.min(order.length, 40),
      h = 16,
      axis = 20,
      height = axis + rows * h;
    canvas.style.width = "100%";
    const g = W.fitCanvas(canvas, width, height),
      p = W.palette(),
      [t0, t1] = full(),
      view = { t0, t1 };
    W.drawAxis(g, p, view, 180, width - 8, height, 10);
    const mark = new Uint8Array(width + 64);
    for (let row = 0; row < rows; row++) {
      W.drawRow(g, p, order[row], view, 180, width - 188, axis + row * h, h, mark);
      label(g, p, order[row], axis + row * h, { h, label: 180 });
    }
    return order.length - rows;
  };
})();

// The few kinds of charts that the page needs, as plain SVG: columns over a scale, lines over time, bars with names.
(() => {
  const { el, svg } = W;
  const HEIGHT = 214,
    LEFT = 46,
    RIGHT = 10,
    TOP = 22,
    BOTTOM = 22;

  const nice = (most) => {
    const base = 10 ** Math.floor(Math.log10(most));
    return [1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10].map((k) => k * base).find((n) => n >= most) || most;
  };
  // sized draws a picture as wide as there is room, again where that changes: so text keeps its size.
  const sized = (draw, wide) => {
    const box = el("div", { class: "picture" }, draw(wide ? 800 : 560)),
      scale = W.rem() / 14; // text grows with the page's
    let width = wide ? 800 : 560;
    new ResizeObserver(
      W.perFrame(() => {
        const now = Math.floor(box.clientWidth / scale);
        if (now > 40 && now !== width) {
          width = now;
          W.put(box, draw(now));
        }
      }),
    ).observe(box);
    return box;
  };

  const short = (n) => (n >= 1e6 ? n / 1e6 + " M" : n >= 1e4 ? n / 1e3 + " k" : W.number(n));

  const frame = (WIDTH, label, most, unit, TOP) => {
    const nodes = [];
    for (const share of [0, 0.5, 1]) {
      const y = HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
      nodes.push(svg("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y }));
      const value = most * share;
      if (share === 0 || unit || Number.isInteger(value))
        nodes.push(
          svg("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end", text: unit ? unit(value) : short(value) }),
        );
    }
    return {
      nodes,
      box: svg("svg", { viewBox: "0 0 " + WIDTH + " " + HEIGHT, role: "img", "aria-label": label }, nodes),
    };
  };

  // columns: bins of {label, values: [..]}, series are classes of fill; ticks says which labels are written; guides are
  // {at (in bins), text}.
  W.columns =
    ({ label, bins, series, ticks, guides }) =>
    (WIDTH) => {
      const TOP = guides && guides.length ? 52 : 22;
      const most = nice(Math.max(1, ...bins.map((b) => b.values.reduce((a, v) => a + v, 0))));
      const { box } = frame(WIDTH, label, most, null, TOP);
      const w = (WIDTH - LEFT - RIGHT) / Math.max(1, bins.length),
        tall = HEIGHT - TOP - BOTTOM,
        ground = HEIGHT - BOTTOM;
      bins.forEach((bin, i) => {
        let y = ground;
        bin.values.forEach((v, s) => {
          if (!v) return;
          const h = Math.max(1.5, (v / most) * tall);
          y -= h;
          box.append(
            svg(
              "rect",
              {
                class: series[s],
                x: LEFT + i * w + Math.min(1.5, w * 0.12),
                y,
                width: Math.max(1, w - Math.min(3, w * 0.24)),
                height: h,
                rx: Math.min(2, w / 4),
              },
              svg("title", { text: bin.label + ": " + bin.values.map(W.number).join(" / ") }),
            ),
          );
        });
      });
      for (const { at, text } of ticks)
        box.append(svg("text", { x: LEFT + at * w, y: ground + 16, "text-anchor": "middle", text }));
      let level = 0;
      for (const { at, text } of guides || []) {
        const x = LEFT + at * w;
        box.append(
          svg("line", { class: "guide", x1: x, x2: x, y1: TOP - 40, y2: ground }),
          svg("text", {
            class: "strong",
            x: x > WIDTH - 90 ? x - 4 : x + 4,
            "text-anchor": x > WIDTH - 90 ? "end" : "start",
            y: TOP - 32 + level++ * 13,
            text,
          }),
        );
      }
      return box;
    };

  // lines over time: series of {cls, area, points: Float64Array}, all of the same length from begin on, width ns each.
  W.lines =
    ({ label, begin, width, series, unit }) =>
    (wide) => {
      const n = series[0].points.length,
        most = nice(Math.max(1e-9, ...series.map((s) => s.points.reduce((a, b) => Math.max(a, b), 0))));
      const { box } = frame(wide, label, most, unit, TOP);
      const ground = HEIGHT - BOTTOM,
        tall = ground - TOP,
        px = (wide - LEFT - RIGHT) / Math.max(1, n);
      for (const s of series) {
        let d = "M" + LEFT + " " + ground;
        for (let i = 0; i < n; i++) {
          const y = (ground - (s.points[i] / most) * tall).toFixed(1);
          d += "L" + (LEFT + i * px).toFixed(1) + " " + y + "L" + (LEFT + (i + 1) * px).toFixed(1) + " " + y;
        }
        box.append(
          svg("path", { class: s.area, d: d + "L" + (wide - RIGHT) + " " + ground + "Z" }),
          svg("path", { class: s.cls, d }),
        );
      }
      for (const share of wide < 480 ? [0, 0.5, 1] : [0, 0.25, 0.5, 0.75, 1])
        box.append(
          svg("text", {
            x: LEFT + share * (wide - LEFT - RIGHT),
            y: ground + 16,
            "text-anchor": share === 0 ? "start" : share === 1 ? "end" : "middle",
            text: W.clock(Math.max(0, begin + share * n * width)).slice(0, width * n < 20e9 ? 12 : 8),
          }),
        );
      return box;
    };

  const cut = (text, most) => (text.length > most ? text.slice(0, Math.max(1, most - 1)) + "…" : text);

  // named bars: rows of {name, parts: [{n, cls, text}], note}.
  W.namedBars =
    ({ label, rows, most, value }) =>
    (WIDTH) => {
      const step = 34,
        height = rows.length * step + 4,
        room = WIDTH - 4;
      const top = most || Math.max(1, ...rows.map((r) => r.parts.reduce((a, p) => a + p.n, 0)));
      const box = svg("svg", { viewBox: "0 0 " + WIDTH + " " + height, role: "img", "aria-label": label });
      rows.forEach((row, i) => {
        const y = i * step;
        const letters = Math.floor(WIDTH / 7),
          note = cut(
            row.note || value(row),
            Math.max(12, letters - Math.min(row.name.length, Math.floor(letters * 0.5)) - 2),
          );
        const name = cut(row.name, letters - note.length - 2);
        box.append(
          svg("text", { class: "strong", x: 0, y: y + 12, text: name }),
          svg("text", { x: room, y: y + 12, "text-anchor": "end", text: note }),
        );
        box.append(svg("rect", { class: "fill-sunk", x: 0, y: y + 17, width: room, height: 9, rx: 2 }));
        let x = 0;
        for (const p of row.parts) {
          if (!p.n) continue;
          const w = Math.max(2, (p.n / top) * room);
          box.append(
            svg(
              "rect",
              { class: p.cls, x, y: y + 17, width: Math.max(1, Math.min(w, room - x) - 1), height: 9, rx: 2 },
              svg("title", { text: p.text }),
            ),
          );
          x += w;
        }
      });
      return box;
    };

  // chart puts a picture into a card, with its numbers as a table for who cannot see it or wants them.
  W.chart = ({ title, says, picture, key, head, rows, wide }) => {
    const id = "chart-" + title.toLowerCase().replace(/\W+/g, "-");
    return el(
      "figure",
      { class: "chart card" + (wide ? " wide" : ""), "aria-labelledby": id },
      el("figcaption", {}, el("h2", { id, text: title }), el("p", { text: says })),
      sized(picture, wide),
      key &&
        el(
          "div",
          { class: "key" },
          key.map(([cls, text]) => el("span", { class: cls, text })),
        ),
      rows &&
        el(
          "details",
          { class: "data" },
          el("summary", { text: "The numbers" }),
          el(
            "div",
            { class: "scroll", tabindex: "0", role: "region", "aria-label": title + ": the numbers" },
            el(
              "table",
              {},
              el(
                "thead",
                {},
                el(
                  "tr",
                  {},
                  head.map((h) => el("th", { scope: "col", text: h })),
                ),
              ),
              el(
                "tbody",
                {},
                rows.slice(0, 400).map((r) =>
                  el(
                    "tr",
                    {},
                    r.map((c) => el("td", { text: String(c) })),
                  ),
                ),
              ),
            ),
          ),
        ),
    );
  };
})();

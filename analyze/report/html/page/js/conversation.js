// One conversation as a ladder between client and server, and the proxy between; beside it what a message holds.
(() => {
  const { el } = W;
  const s = {
    c: -1,
    rows: [],
    legs: [],
    tops: null,
    pauses: new Map(),
    current: -1,
    found: [],
    hit: new Set(),
    at: -1,
    needle: "",
    scaled: true,
    view: "auto",
    octets: null,
  };
  let parts,
    list,
    made = false;

  const rem = () => W.rem();
  const step = () => Math.round(rem() * 2.15);

  // lanes gives the x of each party in px: client, (proxy,) server.
  const lanes = () => {
    const width = parts.ladder.clientWidth,
      narrow = width < 620;
    const left = narrow ? rem() * 5 : rem() * 9.5,
      right = width - (narrow ? rem() * 1.2 : rem() * 4);
    const n = s.legs.length + 1;
    return Array.from({ length: n }, (_, i) => left + ((right - left) * i) / (n - 1));
  };

  const talks = () =>
    W.model.connections
      .map((_, c) => c)
      .filter(
        (c) =>
          W.handshakesOf.has(c) || W.items.begin[c * 3] < W.items.begin[c * 3 + 3] || W.model.connections[c].over,
      )
      .sort((a, b) => back(a) - back(b) || W.model.connections[a].n - W.model.connections[b].n);
  const back = (c) => ((W.handshakesOf.get(c) || []).some((i) => W.isBack.has(i)) ? 1 : 0);

  const title = (c) => {
    const conn = W.model.connections[c],
      hs = (W.handshakesOf.get(c) || []).map((i) => W.model.handshakes[i]);
    const n = conn.sides[0][1] + conn.sides[1][1];
    return [conn.name, W.nameOf(c), hs.length && String(hs[0].status || hs[0].verdict), n && W.count(n, "message")]
      .filter(Boolean)
      .join(" · ");
  };

  const make = () => {
    made = true;
    parts = {};
    parts.list = talks();
    const listed = parts.list.slice(0, 3000);
    parts.pick = el(
      "select",
      {
        class: "field",
        "aria-label": "Conversation",
        css: { flex: "0 1 24rem", "min-width": "0" },
        onchange: () => W.openConversation(Number(parts.pick.value)),
      },
      listed.map((c) => el("option", { value: String(c), text: title(c) })),
    );
    const button = (text, name, act) =>
      el("button", { class: "plain", type: "button", "aria-label": name, title: name, onclick: act, text });
    parts.search = el("input", {
      class: "field",
      type: "search",
      id: "search",
      "aria-label": "Search in this conversation",
      placeholder: "Search payloads",
      css: { flex: "0 1 14rem" },
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => seekSoon(),
      onkeydown: (e) => {
        if (e.key === "Enter") {
          e.preventDefault();
          hop(e.shiftKey ? -1 : 1);
        } else if (e.key === "Escape" && parts.search.value) {
          e.preventDefault();
          parts.search.value = "";
          seek();
        }
      },
    });
    parts.hits = el("span", { class: "dim num", role: "status", id: "hits" });
    parts.packet = el("input", {
      class: "field num",
      inputmode: "numeric",
      id: "packet",
      "aria-label": "Go to packet number",
      placeholder: "packet",
      css: { width: "6rem" },
      onkeydown: (e) => {
        if (e.key === "Enter") {
          e.preventDefault();
          toPacket();
        }
      },
    });
    parts.scale = el("button", {
      class: "plain",
      type: "button",
      "aria-pressed": "true",
      onclick: () => {
        s.scaled = !s.scaled;
        parts.scale.setAttribute("aria-pressed", String(s.scaled));
        parts.scale.textContent = s.scaled ? "Time to scale" : "Even steps";
        layout();
      },
      text: "Time to scale",
    });
    parts.lanes = el("div", { class: "lanes", "aria-hidden": "true" });
    parts.ends = el("div", { class: "ends", "aria-hidden": "true" });
    parts.box = el("div", { class: "box", role: "presentation" });
    parts.ladder = el(
      "div",
      {
        class: "ladder",
        id: "ladder",
        tabindex: "0",
        role: "listbox",
        "aria-label": "Messages in order",
        onkeydown: keys,
      },
      parts.ends,
      parts.box,
    );
    parts.detail = el("div", {
      class: "detail",
      role: "region",
      "aria-label": "The message",
      tabindex: "0",
      onkeydown: (e) => {
        if (e.key === "Escape") {
          e.stopPropagation();
          close();
        }
      },
    });
    parts.work = el("div", { class: "work talk" }, parts.ladder, parts.detail);
    parts.latency = el("div", { class: "latency", hidden: true });
    parts.about = el("div", { class: "bar", css: { "padding-block": ".35rem", "font-size": ".9rem" } });
    W.put(
      W.byId("conversation"),
      el(
        "div",
        { class: "bar" },
        el(
          "span",
          { class: "group" },
          button("‹", "Previous conversation", () => other(-1)),
          button("›", "Next conversation", () => other(1)),
        ),
        parts.pick,
        parts.search,
        el(
          "span",
          { class: "group" },
          button("↑", "Previous hit", () => hop(-1)),
          button("↓", "Next hit", () => hop(1)),
        ),
        parts.hits,
        parts.packet,
        parts.scale,
      ),
      parts.about,
      parts.latency,
      parts.list.length
        ? parts.work
        : el("p", { class: "empty", text: "There is no conversation in this capture." }),
    );
    list = W.virtual(parts.ladder, parts.box, {
      count: () => s.rows.length,
      top: (k) => s.tops[k],
      height: () => step(),
      total: () => (s.tops ? s.tops[s.rows.length] : 0),
      make: makeRow,
    });
    let width = 0;
    new ResizeObserver(
      W.perFrame(() => {
        if (parts.ladder.clientWidth !== width) {
          width = parts.ladder.clientWidth;
          layout();
        }
      }),
    ).observe(parts.ladder);
  };

  const other = (d) => {
    const i = parts.list.indexOf(s.c);
    if (parts.list.length) W.openConversation(parts.list[Math.max(0, Math.min(parts.list.length - 1, i + d))]);
  };

  const layout = () => {
    if (s.c < 0 || !parts.ladder.clientWidth) return;
    const { tops, pauses, unit } = W.places(s.rows, step(), s.scaled);
    Object.assign(s, { tops, pauses, unit });
    parts.ladder.style.setProperty("--step", step() + "px");
    const x = lanes(),
      narrow = parts.ladder.clientWidth < 620;
    const first = W.model.connections[s.legs[0]],
      last = W.model.connections[s.legs[s.legs.length - 1]];
    const who =
      s.legs.length > 1
        ? [
            ["client", first.client],
            ["proxy", first.server],
            ["server", last.server],
          ]
        : [
            ["client", first.client],
            ["server", first.server],
          ];
    W.put(
      parts.ends,
      el("div", { class: "time-head" }, el("b", { text: "time" }), "since the start"),
      ...who.map(([name, address], i) => {
        const end = el(
          "div",
          { class: name === "proxy" ? "" : "is-" + name, css: { left: x[i] + "px" } },
          el("b", { text: name }),
          narrow ? null : address,
        );
        if (i === who.length - 1) {
          end.style.left = "auto";
          end.style.right = Math.max(4, parts.ladder.clientWidth - x[i] - rem() * 3.6) + "px";
          end.style.transform = "none";
          end.style.textAlign = "right";
        }
        return end;
      }),
    );
    W.put(parts.lanes, ...x.map((at) => el("div", { class: "lane", css: { left: at + "px" } })));
    list.reset();
    parts.box.prepend(parts.lanes);
    list.sticky = rem() * 2.8;
  };

  const preview = (i) => {
    const it = W.items,
      shape = it.shape[i],
      close = it.closes[i];
    if ((shape & 15) === 8)
      return close && close.code !== null && close.code !== undefined
        ? close.code + (close.reason ? " " + close.reason : "")
        : "no code";
    if (it.said[i]) return W.line(it.said[i], 160);
    if (!s.octets || !it.kept[i]) return "";
    const octets = s.octets.of(i);
    if (shape & W.TEXT) return W.line(W.decode(octets.subarray(0, 400)), 180);
    return [...octets.subarray(0, 24)].map((o) => o.toString(16).padStart(2, "0")).join(" ");
  };

  const makeRow = (k) => {
    const row = s.rows[k],
      x = lanes(),
      it = W.items,
      m = W.model;
    const from = x[row.leg],
      to = x[row.leg + 1];
    const time = W.offset(row.t, s.rows[s.rows.length - 1].t);
    const node = el("div", {
      class: "event" + (k === s.current ? " current" : "") + (s.hit.has(k) ? " found" : ""),
      role: "option",
      id: "event-" + k,
      "aria-selected": String(k === s.current),
      "aria-setsize": s.rows.length,
      "aria-posinset": k + 1,
      onclick: () => pick(k, false),
    });
    const pause = s.pauses.get(k);
    if (pause)
      node.append(
        el("span", {
          class: "pause",
          "aria-hidden": "true",
          css: { top: -pause.room / 2 + "px" },
          text: (pause.cut ? "⋮ " : "") + W.span(pause.dt),
        }),
      );
    node.append(
      el("span", { class: "when", text: parts.ladder.clientWidth < 620 ? time.replace(/ m?s$/, "") : time }),
    );
    const arrow = (right, cls, dashed, ...said) => {
      node.append(
        el(
          "span",
          {
            class: "said",
            css: { left: from + "px", width: to - from + "px", "text-align": right ? "left" : "right" },
          },
          el("span", { class: "unseen", text: right ? "client to server: " : "server to client: " }),
          said,
        ),
        el("span", {
          class: "arrow " + (right ? "right" : "left") + (dashed ? " dashed" : "") + " " + cls,
          css: { left: from + 3 + "px", width: to - from - 6 + "px" },
        }),
      );
    };
    if (row.kind === "item") {
      const shape = it.shape[row.i],
        right = !(shape & W.SERVER),
        control = shape & 8;
      const said = preview(row.i);
      arrow(
        right,
        right ? "is-client" : "is-server",
        control || shape & W.INCOMPLETE,
        el("b", { text: W.opcode(shape) }),
        el("span", {
          class: "size",
          text:
            (shape & 15) === 8
              ? ""
              : it.length[row.i] < 0
                ? "?"
                : W.size(it.length[row.i]) + (shape & W.COMPRESSED ? " ⇣" : ""),
        }),
        said && el("span", { class: "mono", text: said }),
        shape & W.INCOMPLETE ? el("span", { class: "level-warning", text: " ◆ not whole" }) : null,
      );
    } else if (row.kind === "request" || row.kind === "response") {
      const h = m.handshakes[row.h],
        head = h[row.kind];
      arrow(
        row.kind === "request",
        row.kind === "request" ? "is-client" : "is-server",
        false,
        el("b", { class: row.kind === "response" ? "verdict-" + h.verdict : "", text: head.line || row.kind }),
      );
    } else {
      const conn = m.connections[row.conn];
      const text =
        row.kind === "gap"
          ? W.count(row.octets, "octet") + " not captured"
          : "connection " + conn.name + " ended: " + conn.ended + (conn.ended_by ? " by the " + conn.ended_by : "");
      node.classList.add("whole");
      node.append(
        el("span", {
          class: "said " + (row.kind === "gap" || conn.ended === "reset" ? "level-error" : "dim"),
          css: { left: from + "px", width: to - from + "px" },
          text,
        }),
      );
    }
    return node;
  };

  const pick = (k, focus) => {
    if (k < 0 || k >= s.rows.length) return;
    const before = list.row(s.current);
    if (before) {
      before.classList.remove("current");
      before.setAttribute("aria-selected", "false");
    }
    s.current = k;
    list.reveal(k);
    const now = list.row(k);
    if (now) {
      now.classList.add("current");
      now.setAttribute("aria-selected", "true");
      parts.ladder.setAttribute("aria-activedescendant", now.id);
    }
    if (focus) parts.ladder.focus();
    show();
  };

  const close = () => {
    parts.work.classList.remove("open");
    parts.ladder.focus();
  };

  const keys = (e) => {
    if (e.ctrlKey || e.metaKey || e.altKey) return;
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 12, PageUp: -12, Home: -1e9, End: 1e9, n: 0, N: 0 }[e.key];
    if (e.key === "n" || e.key === "N") {
      e.preventDefault();
      hop(e.key === "n" ? 1 : -1);
    } else if (move !== undefined) {
      e.preventDefault();
      pick(Math.max(0, Math.min(s.rows.length - 1, s.current < 0 ? 0 : s.current + move)));
    } else if (e.key === "Enter") {
      e.preventDefault();
      if (s.current >= 0) {
        show();
        parts.detail.focus();
      }
    } else if (e.key === "Escape") {
      e.preventDefault();
      close();
    } else if (e.key === "/") {
      e.preventDefault();
      parts.search.focus();
    }
  };

  // show opens what the current row holds.
  const show = () => {
    const row = s.rows[s.current];
    if (!row) return;
    parts.work.classList.add("open");
    parts.detail.scrollTop = 0;
    if (row.kind === "item") return showItem(row);
    const head = (title) =>
      el(
        "header",
        {},
        el("h2", { text: title }),
        el("button", {
          class: "plain",
          type: "button",
          "aria-label": "Close the details",
          onclick: close,
          text: "✕",
        }),
      );
    if (row.kind === "request" || row.kind === "response") {
      const h = W.model.handshakes[row.h];
      W.put(
        parts.detail,
        head(row.kind === "request" ? "Request" : "Answer"),
        el(
          "div",
          { class: "actions" },
          el("button", {
            class: "plain",
            type: "button",
            onclick: () => W.tell("handshake", row.h),
            text: "Whole handshake",
          }),
        ),
        W.heads(row.kind, h[row.kind], null, ["as sent"]),
      );
    } else {
      const conn = W.model.connections[row.conn];
      W.put(parts.detail, head(row.kind === "gap" ? "Gap" : "End of connection " + conn.name), account(conn));
    }
  };

  const account = (conn) => {
    const out = [],
      add = (name, value) => out.push(el("dt", { text: name }), el("dd", { text: value }));
    add("lasted", W.span(conn.last - conn.first));
    add("packets", W.number(conn.packets || 0) + ", " + W.size(conn.bytes || 0));
    conn.sides.forEach((side, i) =>
      add(
        (i ? "server" : "client") + " sent",
        W.count(side[1], "message") +
          " in " +
          W.count(side[0], "frame") +
          ", " +
          W.size(side[2]) +
          (side[4] ? ", " + W.size(side[4]) + " not captured" : ""),
      ),
    );
    if (conn.idle !== undefined) add("longest idle", W.span(conn.idle));
    if (conn.rtt_us)
      add("ping round trip", conn.rtt_us.map((us) => W.span(us * 1000)).join(" / ") + " (least, median, most)");
    if (conn.close)
      add(
        "Close",
        "from the " +
          conn.close.from +
          ", " +
          (conn.close.code === null ? "no code" : conn.close.code) +
          (conn.close.reason ? " " + conn.close.reason : "") +
          (conn.close.answered ? ", answered" : ", not answered"),
      );
    if (conn.ended) add("ended", conn.ended + (conn.ended_by ? " by the " + conn.ended_by : ""));
    if (conn.caveats) add("caveats", conn.caveats.join(", "));
    return el("dl", { class: "facts-list" }, out);
  };

  const showItem = (row) => {
    const it = W.items,
      i = row.i,
      shape = it.shape[i],
      right = !(shape & W.SERVER),
      kind = it.kinds[it.kind[i]];
    const out = [],
      add = (name, ...value) => out.push(el("dt", { text: name }), el("dd", {}, value));
    const file = it.file ? it.file[i] : 0,
      first = it.packet[i] - it.back[i];
    add(
      "from",
      el("b", { class: right ? "is-client" : "is-server", text: right ? "client" : "server" }),
      s.legs.length > 1 ? (row.leg ? " (behind the proxy)" : " (in front of the proxy)") : "",
    );
    add("time", W.moment(it.time[i]));
    add(
      "packet",
      (W.fileName(file) ? W.fileName(file) + " " : "") +
        (it.back[i] ? W.number(first) + " to " + W.number(it.packet[i]) : W.number(it.packet[i])),
    );
    add("length", it.length[i] < 0 ? "not known" : W.number(it.length[i]) + " octets");
    if (shape & W.COMPRESSED)
      add(
        "compressed",
        W.number(it.wire[i]) +
          " octets on the wire" +
          (it.length[i] > 0 ? ", " + W.percent(it.wire[i], it.length[i]) : ""),
      );
    if (it.frames[i] > 1) add("frames", W.number(it.frames[i]));
    if (kind) add("holds", kind);
    const odd = [
      shape & W.INCOMPLETE && "not whole",
      shape & W.UNMASKED && "not masked",
      shape & W.FRAGMENT && "fragmented",
    ].filter(Boolean);
    if (odd.length) add("odd", odd.join(", "));
    const octets = s.octets ? s.octets.of(i) : new Uint8Array();
    const text = shape & W.TEXT || (shape & 15) === 8;
    const unknown = it.unknown[i];
    const looksJSON = text && /^[\s]*[[{]/.test(W.decode(octets.subarray(0, 64)));
    const views = [text && looksJSON && !unknown && "JSON", text && "Text", "Hex"].filter(Boolean);
    const view = views.includes(s.view) ? s.view : views[0];
    const nodes = [
      el(
        "header",
        {},
        el("h2", { text: W.opcode(shape) + (right ? " from the client" : " from the server") }),
        el("button", {
          class: "plain",
          type: "button",
          "aria-label": "Close the details",
          onclick: close,
          text: "✕",
        }),
      ),
      el("dl", { class: "facts-list" }, out),
    ];
    const words = it.said[i];
    if (words) nodes.push(el("p", { class: "words" }, el("b", { text: "In words: " }), W.show(words)));
    const close8 = it.closes[i];
    if (close8)
      nodes.push(
        el(
          "p",
          { class: "words" },
          el("b", { text: "Code: " }),
          close8.code === null || close8.code === undefined ? "none" : String(close8.code),
          close8.reason ? [" ", W.show(close8.reason)] : "",
        ),
      );
    if (octets.length) {
      nodes.push(
        el(
          "div",
          { class: "payload-tabs" },
          el(
            "span",
            { class: "group", role: "group", "aria-label": "Show the payload as" },
            views.map((name) =>
              el("button", {
                class: "plain",
                type: "button",
                "aria-pressed": String(name === view),
                onclick: (e) => {
                  s.view = name;
                  show();
                  const again = [...parts.detail.querySelectorAll(".payload-tabs button")].find(
                    (b) => b.textContent === e.target.textContent,
                  );
                  if (again) again.focus();
                },
                text: name,
              }),
            ),
          ),
          el("button", {
            class: "plain",
            type: "button",
            onclick: (e) => copy(octets, view, e.target),
            text: "Copy",
          }),
        ),
      );
      nodes.push(payload(octets, view, unknown));
    }
    const all = it.length[i];
    const left = all < 0 ? 0 : all - it.kept[i];
    if (W.model.redacted && !(shape & W.ASKED))
      nodes.push(el("p", { class: "cut", text: "◆ The payload is left out: --redact." }));
    else if (shape & W.TRUNCATED && it.kept[i] === 0)
      nodes.push(
        el("p", {
          class: "cut",
          text:
            "◆ The payload did not fit into this page." +
            (all > 0 ? " " + W.count(all, "octet") + " left out." : ""),
        }),
      );
    else if (shape & W.TRUNCATED)
      nodes.push(
        el("p", {
          class: "cut",
          text:
            left > 0
              ? "◆ " +
                W.count(left, "octet") +
                " left out: payloads are cut at " +
                W.number(W.model.payload_limit) +
                "."
              : "◆ The rest is left out.",
        }),
      );
    else if (!octets.length && all > 0)
      nodes.push(
        el("p", {
          class: "cut",
          text: "◆ " + (shape & W.ASKED ? "The payload was not captured." : "The payload is not in this page."),
        }),
      );
    W.put(parts.detail, ...nodes);
  };

  const payload = (octets, view, unknown) => {
    if (view === "Hex") {
      const room = parts.detail.clientWidth || 400;
      return el("pre", {
        class: "payload hex",
        tabindex: "0",
        "aria-label": "Payload in hexadecimal",
        text: W.dump(octets, room > 620 ? 16 : 8, unknown),
      });
    }
    const text = W.decode(octets);
    return el(
      "pre",
      { class: "payload", tabindex: "0", "aria-label": "Payload" },
      unknown
        ? W.known(octets, unknown, s.needle)
        : view === "JSON"
          ? W.json(text, s.needle)
          : W.show(text, true, s.needle),
    );
  };

  const copy = (octets, view, button) => {
    const text =
      view === "Hex" ? [...octets].map((o) => o.toString(16).padStart(2, "0")).join("") : W.decode(octets);
    const done = () => {
      button.textContent = "Copied";
      setTimeout(() => {
        button.textContent = "Copy";
      }, 1200);
    };
    if (navigator.clipboard) navigator.clipboard.writeText(text).then(done, () => {});
  };

  const seek = () => {
    const text = (s.needle = parts.search.value.trim().toLowerCase());
    if (!s.octets) return; // it is called again when they are there
    s.found = text ? W.seek(s.rows, text, s.octets) : [];
    s.hit = new Set(s.found);
    s.at = -1;
    parts.hits.textContent = text ? W.count(s.found.length, "hit") : "";
    list.reset();
    parts.box.prepend(parts.lanes);
    if (s.found.length) hop(1);
    else if (s.current >= 0 && parts.work.classList.contains("open")) show();
  };
  const seekSoon = W.later(seek, 120);

  const hop = (d) => {
    if (!s.found.length) return;
    s.at = (s.at + d + s.found.length) % s.found.length;
    parts.hits.textContent = W.number(s.at + 1) + " of " + W.count(s.found.length, "hit");
    pick(s.found[s.at]);
    list.reveal(s.found[s.at], true);
    pick(s.found[s.at]);
  };

  const toPacket = () => {
    const n = Number(parts.packet.value.replace(/\D/g, ""));
    if (!n) return;
    let best = -1;
    s.rows.forEach((row, k) => {
      if (!row.packet) return;
      const first = row.kind === "item" ? row.packet - W.items.back[row.i] : row.packet;
      if ((n >= first && n <= row.packet) || (best < 0 && row.packet >= n)) {
        if (best < 0 || (n >= first && n <= row.packet)) best = k;
      }
    });
    if (best < 0) {
      // perhaps in another conversation
      const it = W.items;
      for (let i = 0; i < it.n; i++)
        if (n >= it.packet[i] - it.back[i] && n <= it.packet[i]) return W.openConversation(it.conn[i], i);
      return W.say("No message of this conversation is at or behind packet " + n);
    }
    const exact =
      s.rows[best].packet === n ||
      (s.rows[best].kind === "item" &&
        n >= s.rows[best].packet - W.items.back[s.rows[best].i] &&
        n <= s.rows[best].packet);
    if (!exact) {
      const it = W.items;
      for (let i = 0; i < it.n; i++)
        if (!s.legs.includes(it.conn[i]) && n >= it.packet[i] - it.back[i] && n <= it.packet[i])
          return W.openConversation(it.conn[i], i);
    }
    pick(best, true);
    list.reveal(best, true);
    pick(best, true);
  };

  // latency draws the round trips of pings as a line over time.
  const latency = (c) => {
    const pairs = W.pings(c, s.octets);
    parts.latency.hidden = pairs.length < 2;
    if (pairs.length < 2) return;
    const width = Math.max(200, parts.latency.clientWidth - 40),
      height = 52,
      a = pairs[0].t,
      b = Math.max(pairs[pairs.length - 1].t, a + 1),
      most = Math.max(...pairs.map((p) => p.rtt), 1);
    const X = (t) => 4 + ((width - 8) * (t - a)) / (b - a),
      Y = (r) => height - 4 - ((height - 14) * r) / most;
    const sorted = pairs.map((p) => p.rtt).sort((x, y) => x - y);
    const svg = W.svg(
      "svg",
      {
        viewBox: "0 0 " + width + " " + height,
        role: "img",
        "aria-label": "Round trips of pings over time, up to " + W.span(most),
        preserveAspectRatio: "none",
      },
      W.svg("line", { class: "axis", x1: 0, x2: width, y1: height - 3.5, y2: height - 3.5 }),
      [0, 1].map((side) => {
        const own = pairs.filter((p) => p.side === side);
        return own.length
          ? [
              W.svg("polyline", {
                class: side ? "stroke-server" : "stroke-client",
                points: own.map((p) => X(p.t).toFixed(1) + "," + Y(p.rtt).toFixed(1)).join(" "),
              }),
              own.length < 200 &&
                own.map((p) =>
                  W.svg("circle", {
                    class: side ? "fill-server" : "fill-client",
                    cx: X(p.t),
                    cy: Y(p.rtt),
                    r: 2.5,
                  }),
                ),
            ]
          : null;
      }),
    );
    W.put(
      parts.latency,
      el(
        "p",
        {},
        "Ping latency: " +
          W.count(pairs.length, "round trip") +
          ", least " +
          W.span(sorted[0]) +
          ", median " +
          W.span(sorted[sorted.length >> 1]) +
          ", most " +
          W.span(sorted[sorted.length - 1]) +
          (pairs.some((p) => p.side)
            ? pairs.some((p) => !p.side)
              ? "; solid: client's pings, dashed: server's"
              : "; the server's pings"
            : "; the client's pings"),
      ),
      svg,
    );
  };

  W.drawConversation = async () => {
    if (!made) make();
    let c = W.state.conn;
    if (c < 0)
      c =
        s.c >= 0
          ? s.c
          : (parts.list.find((x) => W.model.connections[x].sides[0][1] + W.model.connections[x].sides[1][1] > 0) ??
            parts.list[0]);
    if (c === undefined || c < 0 || !W.model.connections[c]) return;
    W.state.conn = c;
    if (c !== s.c) {
      s.c = c;
      const { rows, legs } = W.conversation(c);
      Object.assign(s, { rows, legs, current: -1, found: [], hit: new Set(), at: -1 });
      parts.work.classList.remove("open");
      parts.ladder.scrollTop = 0;
      parts.hits.textContent = "";
      const conn = W.model.connections[c];
      if ([...parts.pick.options].some((o) => o.value === String(c))) parts.pick.value = String(c);
      W.put(
        parts.about,
        el("span", { class: "mono", text: conn.client + " → " + conn.server }),
        legs.length > 1 && el("span", { class: "legmark", text: "⇄ both sides of a proxy" }),
        el("span", {
          class: "dim num",
          text:
            W.count(rows.length, "event") +
            ", " +
            W.span(conn.last - conn.first) +
            (conn.midstream ? ", begun before the capture" : ""),
        }),
        conn.unlisted > 0 &&
          el("span", {
            class: "level-warning",
            text: "◆ " + W.count(conn.unlisted, "more message") + " drawn on the timeline only",
          }),
        (W.findingsOf.get(c) || []).slice(0, 3).map((i) => {
          const f = W.model.findings[i],
            g = W.model.groups[f.g];
          return el(
            "button",
            {
              class: "chip",
              type: "button",
              title: f.text,
              onclick: () => {
                parts.packet.value = String(f.packet);
                toPacket();
              },
            },
            W.level(g.level),
            " ",
            g.name,
          );
        }),
      );
      s.octets = null;
      layout();
      parts.latency.hidden = true;
      const octets = await W.payloads(legs);
      if (c !== s.c) return; // another one was opened meanwhile
      s.octets = octets;
      latency(c);
      layout();
      if (parts.search.value) seek();
    } else layout();
    if (W.state.item >= 0) {
      const k = s.rows.findIndex((r) => r.i === W.state.item);
      W.state.item = -1;
      if (k >= 0) {
        pick(k, true);
        list.reveal(k, true);
        pick(k, true);
      }
    }
  };
  W.conversationRows = () => s.rows;
})();

// Heads side by side, as sent, with what differs between the two legs of a proxy marked by a sign and a word, not by
// colour alone.
(() => {
  const { el } = W;
  const SIGN = {
    same: ["", ""],
    differs: ["≠", "differs"],
    gone: ["−", "only in front of the proxy"],
    added: ["+", "only behind the proxy"],
    spelt: ["~", "spelt otherwise"],
  };

  // align pairs the fields of two heads by name, the n-th of a name with the n-th, in the order of the first head.
  W.align = (front, back) => {
    const places = new Map();
    back.forEach(([name], j) => {
      const key = name.toLowerCase();
      if (!places.has(key)) places.set(key, []);
      places.get(key).push(j);
    });
    const rows = [],
      taken = new Set();
    for (const f of front) {
      const j = (places.get(f[0].toLowerCase()) || []).shift();
      if (j === undefined) rows.push({ front: f, back: null, kind: "gone" });
      else {
        taken.add(j);
        const b = back[j];
        rows.push({ front: f, back: b, kind: f[1] !== b[1] ? "differs" : f[0] !== b[0] ? "spelt" : "same" });
      }
    }
    back.forEach((b, j) => {
      if (!taken.has(j)) rows.push({ front: null, back: b, kind: "added" });
    });
    return rows;
  };

  const cell = (field, other) => {
    if (!field)
      return el(
        "td",
        { class: "dim" },
        el("span", { "aria-hidden": "true", text: "—" }),
        el("span", { class: "unseen", text: "not sent" }),
      );
    const value = other && other[1] !== field[1] ? changed(field[1], other[1]) : field[1];
    return el("td", {}, el("span", { class: "name", text: field[0] }), ": ", value);
  };

  // changed sets apart what is between the common beginning and the common end.
  const changed = (text, other) => {
    let a = 0,
      b = 0;
    while (a < text.length && a < other.length && text[a] === other[a]) a++;
    while (b < text.length - a && b < other.length - a && text[text.length - 1 - b] === other[other.length - 1 - b])
      b++;
    if (a + b < text.length / 4) return el("b", { text });
    return [text.slice(0, a), el("b", { text: text.slice(a, text.length - b) }), text.slice(text.length - b)];
  };

  const title = (text, head) =>
    el(
      "th",
      { scope: "col" },
      text,
      el("small", {
        text: head
          ? head.left
            ? "left out of this page"
            : "packet " + W.number(head.packet) + ", " + W.since(head.first)
          : "not seen",
      }),
    );

  // heads makes the table of one head, or of the same head on both legs.
  W.heads = (caption, front, back, names) => {
    const two = names.length > 1;
    const label = el("caption", { class: "unseen", text: caption });
    if (!two) {
      if (!front) return el("p", { class: "dim", text: "It was not seen." });
      return el(
        "table",
        { class: "compare" },
        label,
        el("thead", {}, el("tr", {}, title(names[0], front))),
        el(
          "tbody",
          {},
          el("tr", {}, el("td", { text: front.line })),
          front.fields.map((f) => el("tr", {}, cell(f))),
        ),
      );
    }
    const rows = W.align(front ? front.fields : [], back ? back.fields : []);
    const lines = [front && front.line, back && back.line];
    const line = lines[0] && lines[1] ? (lines[0] === lines[1] ? "same" : "differs") : "same";
    const sign = (kind) =>
      el(
        "td",
        { class: "sign" },
        el("span", { "aria-hidden": "true", text: SIGN[kind][0] }),
        el("span", { class: "unseen", text: SIGN[kind][1] }),
      );
    const seen = front && back;
    const cls = (kind) => (!seen || kind === "same" || kind === "spelt" ? "" : kind);
    return el(
      "table",
      { class: "compare" },
      label,
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          el("th", { class: "sign" }, el("span", { class: "unseen", text: "difference" })),
          title(names[0], front),
          title(names[1], back),
        ),
      ),
      el(
        "tbody",
        {},
        el(
          "tr",
          { class: cls(line) },
          sign(seen ? line : "same"),
          el("td", {}, lines[0] ? (lines[1] ? changedLine(lines[0], lines[1]) : lines[0]) : "—"),
          el("td", {}, lines[1] ? (lines[0] ? changedLine(lines[1], lines[0]) : lines[1]) : "—"),
        ),
        rows.map((r) =>
          el(
            "tr",
            { class: cls(r.kind) },
            sign(seen ? r.kind : "same"),
            cell(r.front, r.back),
            cell(r.back, r.front),
          ),
        ),
      ),
    );
  };
  const changedLine = (text, other) => (text === other ? text : changed(text, other));

  // different counts the rows that differ between two heads.
  W.different = (front, back) =>
    front && back
      ? W.align(front.fields, back.fields).filter((r) => r.kind !== "same" && r.kind !== "spelt").length +
        (front.line !== back.line ? 1 : 0)
      : 0;
})();

// What peers sent is hostile. Octets become text here with everything escaped that would not show as itself: controls,
// format characters (which turn text round or hide it), unassigned and private ones, octets that are not UTF-8.
(() => {
  const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]|(?<=^|[\s])\p{M}/u;
  // stands for an octet that is not UTF-8, followed by two hex digits; a noncharacter, escaped where sent
  const NOT_TEXT = "\ufdd0";

  const escaped = (c) => {
    const code = c.codePointAt(0);
    const named = { 9: "\\t", 10: "\\n", 13: "\\r", 0: "\\0" }[code];
    if (named) return named;
    if (code < 0x100) return "\\x" + code.toString(16).padStart(2, "0");
    if (code < 0x10000) return "\\u" + code.toString(16).padStart(4, "0");
    return "\\U" + code.toString(16).padStart(8, "0");
  };

  // decode reads UTF-8 and keeps what is not as marks that show() turns into escapes.
  W.decode = (octets) => {
    try {
      const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
      return text.includes(NOT_TEXT) ? text.replaceAll(NOT_TEXT, "\\ufdd0") : text;
    } catch {
      return decodeBroken(octets);
    }
  };

  const decodeBroken = (octets) => {
    let text = "";
    const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    for (let i = 0; i < octets.length;) {
      const first = octets[i];
      let n = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
      if (n === 1) {
        let end = i + 1;
        while (end < octets.length && octets[end] < 0x80) end++;
        text += strict.decode(octets.subarray(i, end));
        i = end;
        continue;
      }
      let piece = null;
      if (n && i + n <= octets.length) {
        try {
          piece = strict.decode(octets.subarray(i, i + n));
        } catch {
          piece = null;
        }
      }
      if (piece === null) {
        text += NOT_TEXT + first.toString(16).padStart(2, "0");
        n = 1;
      } else {
        text += piece.replaceAll(NOT_TEXT, "\\ufdd0");
      }
      i += n;
    }
    return text;
  };

  // show gives nodes for text. In blocks, line ends and tabs stay what they are.
  W.show = (text, block, needle) => {
    const nodes = [];
    let plain = "";
    const flush = () => {
      if (plain) nodes.push(...(needle ? marked(plain, needle) : [plain]));
      plain = "";
    };
    if (!HIDDEN.test(text)) {
      // nearly all text
      plain = text;
      flush();
      return nodes;
    }
    const chars = Array.from(text);
    let bare = true;
    for (let i = 0; i < chars.length; i++) {
      const c = chars[i];
      if (c === NOT_TEXT) {
        flush();
        nodes.push(W.el("span", { class: "esc", text: "\\x" + (chars[i + 1] || "") + (chars[i + 2] || "") }));
        i += 2;
      } else if (block && (c === "\n" || c === "\t")) {
        plain += c;
      } else if ((HIDDEN.test(c) && !/\p{M}/u.test(c)) || (bare && /\p{M}/u.test(c))) {
        flush();
        nodes.push(W.el("span", { class: "esc", text: escaped(c) }));
      } else {
        plain += c;
      }
      bare = /\s/u.test(c);
    }
    flush();
    return nodes;
  };

  const marked = (text, needle) => {
    const nodes = [];
    const lower = text.toLowerCase();
    let from = 0;
    for (let at = lower.indexOf(needle); at >= 0 && nodes.length < 2000; at = lower.indexOf(needle, from)) {
      if (at > from) nodes.push(text.slice(from, at));
      nodes.push(W.el("mark", { text: text.slice(at, at + needle.length) }));
      from = at + needle.length;
    }
    nodes.push(text.slice(from));
    return nodes;
  };

  // known gives nodes for text of which some octets are not known.
  W.known = (octets, unknown, needle) => {
    const nodes = [];
    let from = 0;
    for (const { Offset, Length } of unknown) {
      if (Offset >= octets.length) break;
      nodes.push(
        ...W.show(W.decode(octets.subarray(from, Offset)), true, needle),
        W.el("span", { class: "esc", text: "[" + W.count(Length, "octet") + " unknown]" }),
      );
      from = Math.min(Offset + Length, octets.length);
    }
    nodes.push(...W.show(W.decode(octets.subarray(from)), true, needle));
    return nodes;
  };

  // line is a short one-line preview without elements.
  W.line = (text, most) => {
    let line = "";
    for (const c of text.slice(0, most * 2)) {
      if (c === NOT_TEXT) line += "\\x";
      else line += HIDDEN.test(c) ? (c === "\n" || c === "\r" || c === "\t" ? " " : escaped(c)) : c;
      if (line.length >= most) return line + "…";
    }
    return line;
  };

  const hex = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, "0"));

  // dump is a hex dump with ASCII beside it, as text.
  W.dump = (octets, width, unknown) => {
    const lost = new Set();
    for (const { Offset, Length } of unknown || [])
      for (let i = Offset; i < Math.min(Offset + Length, octets.length); i++) lost.add(i);
    const lines = [];
    for (let at = 0; at < octets.length; at += width) {
      let left = "",
        right = "";
      for (let i = at; i < at + width; i++) {
        if (i % 8 === 0 && i > at) left += " ";
        if (i >= octets.length) {
          left += "   ";
          continue;
        }
        const o = octets[i];
        left += (lost.has(i) ? "??" : hex[o]) + " ";
        right += lost.has(i) ? "?" : o > 0x1f && o < 0x7f ? String.fromCharCode(o) : "·";
      }
      lines.push(at.toString(16).padStart(6, "0") + "  " + left + " " + right);
    }
    return lines.join("\n");
  };

  const DEPTH = 200;

  // json lays JSON out without changing a token: numbers, repeated names and the order stay as sent. It gives nodes,
  // also for the beginning of a JSON text that was cut.
  W.json = (text, needle) => {
    const nodes = [];
    let depth = 0,
      i = 0;
    const put = (s, cls) => {
      const shown = W.show(s, false, needle);
      nodes.push(...(cls ? [W.el("span", { class: cls }, shown)] : shown));
    };
    const newline = () => nodes.push("\n" + "  ".repeat(Math.min(depth, DEPTH)));
    const token = /\s+|"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s"{}[\],:]+/suy;
    while (i < text.length) {
      token.lastIndex = i;
      const found = token.exec(text);
      if (!found) {
        put(text.slice(i));
        break;
      }
      const t = found[0];
      i += t.length;
      if (/^\s/.test(t)) continue;
      if (t === "{" || t === "[") {
        nodes.push(t);
        const close = /^\s*[}\]]/.exec(text.slice(i, i + 64));
        if (close) {
          nodes.push(close[0].trim());
          i += close[0].length;
          continue;
        }
        depth++;
        newline();
      } else if (t === "}" || t === "]") {
        depth = Math.max(0, depth - 1);
        newline();
        nodes.push(t);
      } else if (t === ",") {
        nodes.push(t);
        newline();
      } else if (t === ":") {
        nodes.push(": ");
      } else if (t[0] === '"') {
        put(t, /^\s*:/.test(text.slice(i, i + 64)) ? "k" : "s");
      } else {
        put(t, "v");
      }
    }
    return nodes;
  };
})();

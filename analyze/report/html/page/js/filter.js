// The language of the filter: words that must all fit. "host:", "path:", "status:" (4xx), "verdict:", "finding:",
// "ip:", "conn:", "protocol:" and "leg:" look at one thing; a word alone is looked for everywhere; "-" before a word
// turns it round; quotes hold blanks.
(() => {
  const KEYS = ["host", "path", "status", "verdict", "finding", "ip", "conn", "protocol", "leg"];
  W.filterKeys = KEYS;

  W.filterWords = (text) => {
    const words = [];
    for (const [, not, key, quoted, plain] of text.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)"?|(\S+))/gi)) {
      const value = (quoted !== undefined ? quoted : plain).toLowerCase();
      if (key && !KEYS.includes(key.toLowerCase()))
        words.push({ not: !!not, key: "", value: key.toLowerCase() + ":" + value });
      else words.push({ not: !!not, key: (key || "").toLowerCase(), value });
    }
    return words;
  };

  const texts = new Map(); // index of a handshake to all its text, lower case
  const everything = (i) => {
    let text = texts.get(i);
    if (text === undefined) {
      const h = W.model.handshakes[i],
        parts = [
          h.host,
          h.path,
          h.client,
          h.server,
          h.verdict,
          h.status || "",
          h.protocol || "",
          h.sni || "",
          W.findingNames(h).join(" "),
          "conn " + h.n,
        ];
      for (const head of [h.request, h.response]) {
        if (!head) continue;
        parts.push(head.line);
        for (const [name, value] of head.fields) parts.push(name + ": " + value);
      }
      text = parts.join("\n").toLowerCase();
      texts.set(i, text);
    }
    return text;
  };
  W.findingNames = (h) => (h.findings || []).map((g) => W.model.groups[g].name);

  const status = (h, want) => {
    const s = String(h.status || "");
    return s.length === want.length && [...want].every((c, i) => c === "x" || c === s[i]);
  };

  const fits = (i, word) => {
    const h = W.model.handshakes[i];
    switch (word.key) {
      case "host":
        return h.host.toLowerCase().includes(word.value);
      case "path":
        return h.path.toLowerCase().includes(word.value);
      case "status":
        return status(h, word.value);
      case "verdict":
        return h.verdict.startsWith(word.value);
      case "finding":
        return word.value === "none"
          ? !(h.findings || []).length
          : W.findingNames(h).some((n) => n.startsWith(word.value)) ||
              (h.findings || []).some((g) => W.model.groups[g].level === word.value);
      case "ip":
        return h.client.includes(word.value) || h.server.includes(word.value);
      case "conn":
        return String(h.n) === word.value || h.name === word.value;
      case "protocol":
        return (h.protocol || "").toLowerCase().includes(word.value);
      case "leg":
        return word.value === "proxied"
          ? W.legOf.has(i)
          : word.value === "front"
            ? W.legOf.has(i) && !W.isBack.has(i)
            : word.value === "back" && W.isBack.has(i);
    }
    return everything(i).includes(word.value);
  };

  // matches tells whether a row, which is one handshake or both legs of one, fits: each word must fit one of its legs.
  W.matcher = (text, range) => {
    const words = W.filterWords(text);
    return (row) =>
      (!range || row.some((i) => W.model.handshakes[i].t >= range[0] && W.model.handshakes[i].t <= range[1])) &&
      words.every((word) => row.some((i) => fits(i, word)) !== word.not);
  };

  // warm reads the texts ahead, a little at a time, so that the first filter answers at once.
  W.warmFilter = () => {
    let i = 0;
    const n = Math.min(W.model.handshakes.length, 20000);
    const some = () => {
      const until = performance.now() + 8;
      while (i < n && performance.now() < until) everything(i++);
      if (i < n) setTimeout(some, 20);
    };
    setTimeout(some, 300);
  };
})();

// Numbers, sizes, times and durations in words. Times are ns since the page's base.
(() => {
  const grouped = new Intl.NumberFormat("en-US");
  W.number = (n) => grouped.format(n);
  W.count = (n, thing, many) => W.number(n) + " " + (n === 1 ? thing : many || thing + "s");

  W.size = (n) => {
    if (n < 1000) return n + " B";
    for (const unit of ["kB", "MB", "GB", "TB"]) {
      n /= 1000;
      if (n < 999.5 || unit === "TB") return (n < 9.95 ? n.toFixed(1) : n.toFixed(0)) + " " + unit;
    }
  };

  W.span = (ns) => {
    if (ns < 1e3) return ns.toFixed(0) + " ns";
    if (ns < 1e6) return short(ns / 1e3) + " µs";
    if (ns < 1e9) return short(ns / 1e6) + " ms";
    if (ns < 60e9) return short(ns / 1e9) + " s";
    if (ns < 3600e9) return Math.floor(ns / 60e9) + " min " + Math.round((ns / 1e9) % 60) + " s";
    return Math.floor(ns / 3600e9) + " h " + Math.round((ns / 60e9) % 60) + " min";
  };
  const short = (x) => (x < 9.95 ? x.toFixed(2).replace(/0$/, "") : x < 99.5 ? x.toFixed(1) : x.toFixed(0));

  const moment = (t) => {
    const ns = BigInt(W.model.base) + BigInt(Math.round(t));
    const ms = ns / 1000000n;
    return { date: new Date(Number(ms)), rest: Number(ns % 1000000n) };
  };
  // clock is the time of day, UTC, with milliseconds; precise with microseconds.
  W.clock = (t) => (W.timeless() ? "no time" : moment(t).date.toISOString().slice(11, 23));
  W.precise = (t) => {
    const m = moment(t);
    return m.date.toISOString().slice(11, 23) + String(Math.floor(m.rest / 1000)).padStart(3, "0");
  };
  W.date = (t) => moment(t).date.toISOString().slice(0, 10);
  W.moment = (t) => (W.timeless() ? "not known: the file holds no times" : W.date(t) + " " + W.precise(t) + " UTC");
  // timeless says that not one time was captured.
  W.timeless = () => W.model.untimed > 0 && W.model.base === "0";
  W.since = (t) => "+" + (t < 60e9 ? (t / 1e9).toFixed(6) + " s" : W.span(t));

  // offset is a time since the start as a ladder shows it: ms where all is short.
  W.offset = (t, whole) =>
    whole < 2e9
      ? (t / 1e6).toFixed(3) + " ms"
      : whole < 3600e9
        ? (t / 1e9).toFixed(3) + " s"
        : W.clock(t).slice(0, 8);

  W.list = (words) =>
    words.length < 2 ? words.join("") : words.slice(0, -1).join(", ") + " and " + words[words.length - 1];
  W.percent = (part, all) =>
    all && !part ? "0 %" : all ? ((100 * part) / all).toFixed(part / all > 0.0995 ? 0 : 1) + " %" : "–";
})();

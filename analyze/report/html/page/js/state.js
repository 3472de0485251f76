// What the views share: the tab, the filter of handshakes, the selected range of time, the open conversation. It is
// kept in the address behind #, so that back works and a link into a saved page says where to look.
(() => {
  const listeners = {};
  W.on = (what, f) => (listeners[what] = listeners[what] || []).push(f);
  W.tell = (what, ...args) => (listeners[what] || []).forEach((f) => f(...args));

  W.state = { tab: "overview", filter: "", range: null, conn: -1, item: -1 };
  W.TABS = ["overview", "timeline", "handshakes", "conversation", "charts"];

  const write = () => {
    const s = W.state,
      parts = [s.tab];
    if (s.tab === "handshakes" && s.filter) parts.push("filter=" + encodeURIComponent(s.filter));
    if (s.tab === "conversation" && s.conn >= 0)
      parts.push("conn=" + encodeURIComponent(W.model.connections[s.conn].name));
    return "#" + parts.join("&");
  };

  W.go = (tab, change) => {
    Object.assign(W.state, change || {});
    W.state.tab = tab;
    const hash = write();
    if (location.hash !== hash) history.pushState(null, "", hash);
    W.tell("tab");
  };

  // refresh keeps the address in step without a step to go back.
  W.refresh = () => {
    history.replaceState(null, "", write());
  };

  W.read = () => {
    const parts = location.hash.slice(1).split("&");
    if (!W.TABS.includes(parts[0])) return;
    W.state.tab = parts[0];
    for (const part of parts.slice(1)) {
      const [name, value] = part.split("=");
      let text = "";
      try {
        text = decodeURIComponent(value || "");
      } catch {
        continue;
      }
      if (name === "filter") W.state.filter = text;
      if (name === "conn") W.state.conn = W.model.connections.findIndex((c) => c.name === text);
    }
  };

  W.openConversation = (conn, item) => W.go("conversation", { conn, item: item === undefined ? -1 : item });
  W.openFilter = (filter) => W.go("handshakes", { filter, range: null });
})();

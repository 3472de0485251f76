// Application messages in a few words: what kind, which id, which topic. Only where the message's kind is known from
// the handshake or its form; anything else stays as it is.
(() => {
  const parsed = (text) => {
    try {
      return JSON.parse(text);
    } catch {
      return undefined;
    }
  };
  const word = (v) => (typeof v === "string" || typeof v === "number" ? String(v).slice(0, 80) : "");
  const joined = (...words) => words.filter(Boolean).join(" ");

  const graphql = (text) => {
    const m = parsed(text);
    if (!m || typeof m !== "object") return "";
    const said =
      m.payload &&
      (word(m.payload.operationName) || (m.payload.errors && "with errors") || word(m.payload.message));
    return joined(word(m.type), m.id !== undefined && "id " + word(m.id), said);
  };

  const ENGINE = ["open", "close", "ping", "pong", "message", "upgrade", "noop"];
  const SOCKET = ["CONNECT", "DISCONNECT", "EVENT", "ACK", "CONNECT_ERROR", "BINARY_EVENT", "BINARY_ACK"];
  const engine = (text) => {
    const type = ENGINE[text[0]];
    if (!type) return "";
    if (type !== "message") return "Engine.IO " + type;
    const packet = /^4(\d)(?:\d+-)?(\/[^,]*,)?(\d*)(.*)$/s.exec(text);
    if (!packet || !SOCKET[packet[1]]) return "Engine.IO message";
    const data = parsed(packet[4]);
    const event = Array.isArray(data) ? word(data[0]) : data && word(data.message);
    return joined(
      "Socket.IO",
      SOCKET[packet[1]],
      event,
      packet[2] && "in " + packet[2].slice(0, -1).slice(0, 40),
      packet[3] && "ack " + packet[3].slice(0, 12),
    );
  };

  const stomp = (text) => {
    const lines = text.split("\n", 40).map((l) => l.replace(/\r$/, ""));
    if (!/^[A-Z]+$/.test(lines[0])) return lines.join("") === "" ? "STOMP heart-beat" : "";
    const field = (name) => (lines.find((l) => l.startsWith(name + ":")) || "").slice(name.length + 1, 120);
    return joined("STOMP", lines[0], field("destination"), field("message"));
  };

  const WAMP = {
    1: "HELLO",
    2: "WELCOME",
    3: "ABORT",
    4: "CHALLENGE",
    5: "AUTHENTICATE",
    6: "GOODBYE",
    8: "ERROR",
    16: "PUBLISH",
    17: "PUBLISHED",
    32: "SUBSCRIBE",
    33: "SUBSCRIBED",
    34: "UNSUBSCRIBE",
    35: "UNSUBSCRIBED",
    36: "EVENT",
    48: "CALL",
    49: "CANCEL",
    50: "RESULT",
    64: "REGISTER",
    65: "REGISTERED",
    66: "UNREGISTER",
    67: "UNREGISTERED",
    68: "INVOCATION",
    69: "INTERRUPT",
    70: "YIELD",
  };
  const wamp = (text) => {
    const m = parsed(text);
    if (!Array.isArray(m) || !WAMP[m[0]]) return "";
    return joined(
      "WAMP",
      WAMP[m[0]],
      m.map(word).find((w) => w.includes(".")),
    );
  };

  const ocpp = (text) => {
    const m = parsed(text);
    if (!Array.isArray(m)) return "";
    return joined("OCPP", { 2: "call", 3: "result", 4: "error" }[m[0]], word(m[2]), "id " + word(m[1]));
  };

  const SIGNALR = {
    1: "invocation",
    2: "stream item",
    3: "completion",
    4: "stream invocation",
    5: "cancel",
    6: "ping",
    7: "close",
  };
  const signalr = (text) =>
    text
      .split("\x1e")
      .filter(Boolean)
      .slice(0, 3)
      .map((part) => {
        const m = parsed(part);
        if (!m) return "";
        return m.protocol
          ? joined("handshake", word(m.protocol))
          : joined(SIGNALR[m.type], word(m.target), word(m.error), m.invocationId && "id " + word(m.invocationId));
      })
      .filter(Boolean)
      .map((s) => "SignalR " + s)
      .join(", ");

  const MQTT = [
    "",
    "CONNECT",
    "CONNACK",
    "PUBLISH",
    "PUBACK",
    "PUBREC",
    "PUBREL",
    "PUBCOMP",
    "SUBSCRIBE",
    "SUBACK",
    "UNSUBSCRIBE",
    "UNSUBACK",
    "PINGREQ",
    "PINGRESP",
    "DISCONNECT",
    "AUTH",
  ];
  const mqtt = (octets) => {
    const type = MQTT[octets[0] >> 4];
    if (!type) return "";
    let at = 1;
    while (at < 5 && octets[at] & 0x80) at++;
    at++;
    if (type !== "PUBLISH" || at + 2 > octets.length) return "MQTT " + type;
    const n = (octets[at] << 8) | octets[at + 1];
    return joined(
      "MQTT PUBLISH",
      W.line(W.decode(octets.subarray(at + 2, at + 2 + n)), 80),
      "QoS " + ((octets[0] >> 1) & 3),
    );
  };

  const json = (text) => {
    const m = parsed(text);
    if (!m || typeof m !== "object") return "";
    if (Array.isArray(m)) {
      // Phoenix channels: [join reference, reference, topic, event, payload]
      return m.length === 5 && typeof m[2] === "string" && typeof m[3] === "string"
        ? joined("Phoenix", word(m[3]), "on", word(m[2]))
        : "";
    }
    if (m.jsonrpc)
      return joined(
        "JSON-RPC",
        m.method ? word(m.method) : m.error ? "error " + word(m.error.message) : "result",
        m.id !== undefined && "id " + word(m.id),
      );
    for (const name of ["type", "event", "action", "method", "op", "command", "msg"]) {
      if (word(m[name])) return joined(name, word(m[name]), m.id !== undefined && "id " + word(m.id));
    }
    return "";
  };

  const TEXT = {
    "graphql-ws": graphql,
    "graphql-transport-ws": graphql,
    "engine.io": engine,
    "socket.io": engine,
    stomp,
    wamp,
    ocpp,
    signalr,
    json,
  };

  // words says what a message says, "" where that is not known. It may quote the wire and is not escaped yet.
  W.words = (kind, octets) => {
    if (!octets.length) return "";
    if (kind === "mqtt") return mqtt(octets);
    const read = TEXT[kind];
    return read && octets.length <= 1 << 16 ? read(W.decode(octets)) : "";
  };
})();

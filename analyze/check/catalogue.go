package check

import "wshake/analyze/event"

// Catalogue is the table of all checks, in the order of CHECKS.md. Ids and names are fixed for ever; a retired row keeps its
// name. Why and Advice are what `wshake checks NAME` explains; Advice also stands in every finding that has none of its own.
var Catalogue = []Check{
	{
		ID: "REQ-01", Name: "method-not-get", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1",
		Fires: "an HTTP/1.1 upgrade request to websocket has another method than GET",
		Why: "An opening handshake over HTTP/1.1 is a GET. Servers refuse any other method, the Node library ws and " +
			"gorilla/websocket with 405, and the client reports an unexpected status. Browsers always send GET, so the request " +
			"comes from a hand-written client or from something between that rewrites methods. CONNECT is right over HTTP/2 (RFC " +
			"8441), and POST is usual for other upgrades such as Docker's Upgrade: tcp; this rule judges neither.",
		Advice:   "send the opening handshake as GET, without a body",
		Exchange: methodNotGet,
	},
	{
		ID: "REQ-02", Name: "request-http-version", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1, RFC 9110 §7.8",
		Fires: "the request line of the upgrade is below HTTP/1.1",
		Why: "Upgrade exists since HTTP/1.1. A server must ignore it in an HTTP/1.0 request and answer as to a plain GET, so that " +
			"the user sees 400, 404, 426 or a web page where a 101 was due; Envoy answers 426. The usual cause is a proxy that " +
			"speaks HTTP/1.0 to its backend, which was the default of nginx for many years.",
		Advice: "send HTTP/1.1; if a proxy wrote this request, let it speak HTTP/1.1 to the backend; " +
			nginxLines,
		Exchange: requestHTTPVersion,
	},
	{
		ID: "REQ-03", Name: "host-missing", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1, RFC 9112 §3.2",
		Fires: "the upgrade request has no Host field, or more than one",
		Why: "Host says which of the names on one address is meant, and an HTTP/1.1 request must have exactly one. Servers answer " +
			"400 to none and to two, nginx and Go's net/http among them, before any WebSocket code sees the request. Browsers " +
			"always send it: none points to a hand-written client, two to a program or proxy that adds a Host beside the one that " +
			"was there. With two, a proxy and its backend may also route the same request differently.",
		Advice: "send exactly one Host field with the host of the URL, and its port where that is not the default; replace the field, " +
			"do not add another",
		Exchange: hostMissing,
	},
	{
		ID: "REQ-04", Name: "request-target", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1",
		Fires: "the request target is neither a path nor an absolute http or https URI, or has a fragment",
		Why: "The request line carries the path and query of the URL, or, toward a proxy, the absolute URI with http: or https:. " +
			"The schemes ws: and wss: name the resource to the user and are never sent, and a fragment stays in the client. " +
			"Servers that look the target up as a path answer 400 or 404. Clients that put their whole URL into the request line " +
			"do this (mitmproxy/mitmproxy#3867 shows GET ws://).",
		Advice: "send the path and query alone, such as GET /chat?room=1 HTTP/1.1, or, to a proxy, the absolute URI with http: or " +
			"https:; leave out what stands behind #",
		Exchange: requestTarget,
	},
	{
		ID: "REQ-05", Name: "upgrade-missing", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1, §4.2.1",
		Fires: "Sec-WebSocket fields are there, but no Upgrade field that names websocket",
		Why: "Without Upgrade: websocket a request is an ordinary GET, whatever other fields it carries, and the server answers it " +
			`as one: 400, 404, 426, or 200 with a web page; gorilla/websocket says 400 "not a websocket handshake". Upgrade is a ` +
			"hop-by-hop field, so a proxy drops it unless it is told to forward it, which is the usual cause: nginx without the " +
			"proxy_set_header lines, Apache without upgrade=websocket. Another is a wrong variable: proxy_set_header Upgrade " +
			"$connection_upgrade sends Upgrade: upgrade. The name has no case and may be one of a list, so Upgrade: WebSocket is " +
			"legal.",
		Advice: "send Upgrade: websocket; if the client did, " +
			anyProxyLines,
		Exchange: upgradeMissing,
	},
	{
		ID: "REQ-06", Name: "connection-missing", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1, RFC 9110 §7.8",
		Fires: "no Connection option Upgrade",
		Why: "Upgrade counts only where Connection names it, because Connection lists the fields that are meant for this hop. " +
			"Servers answer 400 (gorilla/websocket: 'upgrade' token not found in 'Connection' header) or serve an ordinary page. " +
			"The usual cause is a proxy that writes Connection: close or keep-alive for its own leg, as nginx does unless told " +
			"otherwise. Connection: keep-alive, Upgrade, which Firefox sends, and Connection: upgrade are both legal: the field is " +
			"a list whose options have no case, and a server that refuses them is at fault.",
		Advice: "send Connection: Upgrade; if the client did, " +
			anyProxyLines,
		Exchange: connectionMissing,
	},
	{
		ID: "REQ-07", Name: "key-missing", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1",
		Fires: "the upgrade request has no Sec-WebSocket-Key",
		Why: "The key is 16 random octets in base64 that the server must answer in Sec-WebSocket-Accept. It proves that the answer " +
			"was made for this request by a server that speaks WebSocket, not by a cache; it is no password and keeps nobody out. " +
			"A server must refuse a request without it, the Node library ws and gorilla/websocket with 400. It is mostly missing " +
			"in requests typed by hand, such as curl with a few -H options. The drafts hixie-75 and hixie-76 have no such field; " +
			"they are reported as draft-handshake.",
		Advice: "send one Sec-WebSocket-Key, base64 of 16 fresh random octets, or let a WebSocket library write the handshake; curl: " +
			`-H "Sec-WebSocket-Key: $(openssl rand -base64 16)"`,
		Exchange: keyMissing,
	},
	{
		ID: "REQ-07", Name: "key-repeated", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §11.3.1",
		Fires: "the upgrade request has more than one Sec-WebSocket-Key",
		Why: "The field must stand once. With two, some servers take the first, some the last, and some join them by a comma, and " +
			"the Accept then answers something other than the client expects, so that it fails the connection. The cause is one " +
			"layer that adds a key beside the one another layer has written: a program that sets the field by hand on top of its " +
			"library, or a gateway that adds its own to the client's (dotnet/yarp#2805, on the way from HTTP/2 to HTTP/1.1).",
		Advice:   "send one Sec-WebSocket-Key; do not set it by hand where a library or gateway writes it",
		Exchange: keyRepeated,
	},
	{
		ID: "REQ-08", Name: "key-malformed", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1, §4.2.1",
		Fires: "the key is not base64 of exactly 16 octets",
		Why: "The key must decode to exactly 16 octets, which makes 24 characters of base64 that end in ==. The Node library ws " +
			"answers 400 to anything else, while a server that only hashes the text accepts it, so that such a client works with " +
			"one server and fails with the next. Usual causes are 16 characters of text or hex digits sent without encoding, a key " +
			"cut off by a fixed buffer, and base64url in place of base64. Blanks around the value are not part of it.",
		Advice:   "encode 16 random octets with standard base64: 24 characters, the last two ==",
		Exchange: keyMalformed,
	},
	{
		ID: "REQ-08", Name: "key-noncanonical", Level: event.Note, Fault: event.ClientFault, Section: "RFC 4648 §3.5",
		Fires: "the key decodes to 16 octets, but its trailing bits are not zero",
		Why: "The 22nd character of a key holds only two bits of the 16 octets; the rest of it should be zero, which leaves A, Q, g " +
			"and w. With another character most decoders give the same octets, and the Accept is computed over the text, so that " +
			"the handshake normally works; a strict decoder may refuse it (RFC 4648 §3.5). It shows that somebody drew 22 letters " +
			"instead of 16 octets.",
		Advice:   "encode 16 random octets with a base64 encoder, do not draw 22 letters",
		Exchange: keyNoncanonical,
	},
	{
		ID: "REQ-09", Name: "key-reused", Level: event.Warning, Fault: event.ClientFault, Section: "RFC 6455 §4.1",
		Fires: "the same key came on an earlier connection that is not the other leg of a proxy",
		Why: "The key must be chosen at random for each connection. One that repeats is no longer a proof: an answer stored by a " +
			"cache, or meant for another connection, would be accepted. The connection works and no server complains. Usual causes " +
			"are a key copied into a program or a load test, and a request replayed as a whole. The same handshake on the other " +
			"leg of a proxy has the same key rightly; it is recognised and not reported.",
		Advice: "draw 16 new random octets for every connection, also when an attempt is repeated",
		Repeat: keyReused,
	},
	{
		ID: "REQ-09", Name: "key-well-known", Level: event.Note, Fault: event.ClientFault, Section: "RFC 6455 §4.1",
		Fires: "the key is an example's, or all zero",
		Why: "Some keys are copied from documents: the sample of RFC 6455 §1.3, an encyclopaedia's example, 16 zero octets, the " +
			"octets 1 to 16. Servers accept them, so nothing fails, but a key that everybody knows does not show that the answer " +
			"is fresh. In a trial with curl or in a health check it is harmless; in a program it means that every connection has " +
			"the same key.",
		Advice:   "draw 16 random octets for every connection; a constant will do only for a trial by hand",
		Exchange: keyWellKnown,
	},
	{
		ID: "REQ-10", Name: "version-missing", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1",
		Fires: "the upgrade request has no Sec-WebSocket-Version",
		Why: "The version says which of the protocols once called WebSocket is meant; RFC 6455 is 13, and the field is required. " +
			"Servers refuse a request without it, the Node library ws and gorilla/websocket with 400. Browsers and libraries " +
			"always send it, so it is mostly missing in hand-written requests.",
		Advice:   "send Sec-WebSocket-Version: 13",
		Exchange: versionMissing,
	},
	{
		ID: "REQ-10", Name: "version-malformed", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.3, §11.3.5",
		Fires: "the version is repeated, or no number from 0 to 255, or has a leading zero",
		Why: "The client sends one version, a number from 0 to 255 without leading zero, and may try again with another if it is " +
			`refused. The list form belongs to the server's answer alone. Node's HTTP joins a field that came twice to "13, 13", ` +
			"which is no number any more, and the Node library ws refuses it with 400; other servers look for 13 in the list and " +
			"accept. The cause is a field set by hand beside the library's own.",
		Advice:   "send exactly one Sec-WebSocket-Version: 13; do not set it by hand where a library writes it",
		Exchange: versionMalformed,
	},
	{
		ID: "REQ-10", Name: "version-unsupported", Level: event.Warning, Fault: event.ClientFault, Section: "RFC 6455 §4.1",
		Fires: "a version other than 13",
		Why: "13 is the version of RFC 6455 and the only one of a finished standard; the lower numbers are its drafts. Servers " +
			"answer 400 or 426 and should say in Sec-WebSocket-Version what they speak. Such requests come from old clients and " +
			"from programs that probe a server. The drafts 7 and 8 share key, Accept and framing with 13, and the Node library ws " +
			"accepts 8.",
		Advice:   "send Sec-WebSocket-Version: 13; replace a client that cannot",
		Exchange: versionUnsupported,
	},
	{
		ID: "REQ-11", Name: "subprotocol-offer-malformed", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1, §4.3",
		Fires: "the offered subprotocols are not a list of tokens",
		Why: "A subprotocol is a token: it has no blanks and no separators such as / = @ ( and ). Browsers throw a SyntaxError " +
			"before they connect, so the request comes from another client; the Node library ws answers 400 and lenient servers " +
			"let it pass. The usual cause is a credential put where a name belongs: the = and / of base64 are not token " +
			"characters. Several fields and empty members of the list are legal.",
		Advice: "name subprotocols with letters, digits, dot, hyphen and underscore; if a credential must travel here, encode it with " +
			"base64url without padding",
		Exchange: subprotocolOfferMalformed,
	},
	{
		ID: "REQ-11", Name: "subprotocol-offer-duplicate", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1",
		Fires: "a subprotocol is offered twice",
		Why: "Every subprotocol offered must differ from the others, in exact spelling. Browsers throw a SyntaxError, the Node " +
			"library ws refuses the request with 400, other servers take no notice. The usual cause is a name that is both given " +
			"to the library and set by hand as a field.",
		Advice:   "offer every subprotocol once; do not set Sec-WebSocket-Protocol by hand where a library writes it",
		Exchange: subprotocolOfferDuplicate,
	},
	{
		ID: "REQ-12", Name: "extension-offer-malformed", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §9.1",
		Fires: "the extension offer breaks the grammar",
		Why: "An offer is a list: commas between extensions, semicolons before parameters. A receiver must fail on bad syntax " +
			"rather than guess; the Node library ws, with compression enabled, answers 400. Causes are wrong separators, quotes " +
			"that do not close, and values with characters that no token has. A comma in place of a semicolon, permessage-deflate, " +
			"client_max_window_bits, is good syntax: it offers an unknown extension with the parameter's name. Blanks around " +
			"separators, empty members and several fields are legal.",
		Advice:   "write the offer as permessage-deflate; client_max_window_bits: commas between extensions, semicolons before parameters",
		Exchange: extensionOfferMalformed,
	},
	{
		ID: "REQ-15", Name: "data-before-answer", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §4.1",
		Fires: "octets follow the request before the answer was sent",
		Why: "A client must wait for the answer, because until then nobody knows whether what follows is WebSocket or the next HTTP " +
			`request. gorilla/websocket closes the connection without any answer ("client sent data before handshake is ` +
			`complete"); other servers lose the octets or read them as HTTP. The cause is a client that sends as soon as TCP is ` +
			"connected. Behind a refused upgrade the same octets can smuggle a request; request-smuggling reports that. The eight " +
			"octets behind a hixie-76 request belong to the handshake and are not reported.",
		Advice:   "send the first frame only after the 101 has been read and verified, for example from the library's open event",
		Exchange: dataBeforeAnswer,
	},
	{
		ID: "REQ-16", Name: "request-body", Level: event.Warning, Fault: event.ClientFault, Section: "RFC 9110 §7.8",
		Fires: "the upgrade request announces a body",
		Why: "A server must take in the whole request before it switches; one that does not reads the body as frames. Where a proxy " +
			"and its backend differ in this, a request can be smuggled through. The cause is an HTTP library that adds a body or " +
			"Transfer-Encoding: chunked to every request. Content-Length: 0 announces no body and is not reported.",
		Advice: "send the upgrade request without Transfer-Encoding and without a Content-Length other than 0; put what is to be said " +
			"into the URL or the first message",
		Exchange: requestBody,
	},
	{
		ID: "REQ-19", Name: "draft-handshake", Level: event.Note, Fault: event.ClientFault, Section: "RFC 6455 §4.4",
		Fires: "the request has fields or a version of a hixie or hybi draft",
		Why: "Before RFC 6455 browsers spoke its drafts: hixie-75 and hixie-76, the latter with two keys and eight octets behind " +
			"the request, then the hybi drafts up to 13. Today's servers refuse them with 400 or 426, except that 7 and 8 are so " +
			"close to 13 that some accept them. Such a request comes from an abandoned library, an old device or a scanner. A " +
			"proxy that does not expect the eight octets never forwards them, and both sides wait for each other " +
			"(javaee/grizzly#1013, behind HAProxy).",
		Advice:   "replace the client by one of RFC 6455, with Sec-WebSocket-Key and Sec-WebSocket-Version: 13",
		Exchange: draftHandshake,
	},
	{
		ID: "REQ-20", Name: "head-line-endings", Level: event.Warning, Fault: event.NoFault, Section: "RFC 9112 §2.2",
		Fires: "lines of the request or answer end in a bare LF",
		Why: "Lines of HTTP end in CR LF. A receiver may accept a bare LF, and many do, which is why such a program works until a " +
			`stricter server or a proxy takes its place and answers 400 or nothing. The usual cause is a head written with \n by a ` +
			"script or in firmware. Where a proxy and its backend disagree on line endings they can disagree on where a request " +
			"ends, which is how requests are smuggled.",
		Advice:   `end every line of the head, and the empty line behind it, with \r\n`,
		Exchange: headLineEndings,
	},
	{
		ID: "REQ-20", Name: "head-folded", Level: event.Warning, Fault: event.NoFault, Section: "RFC 9112 §5.2",
		Fires: "a field of the request or answer is folded over several lines",
		Why: "A line that begins with a blank once continued the field before it. HTTP has given this up: a sender must not do it, " +
			"and a server must refuse it with 400 or replace the fold by blanks. Programs differ in which, so that a key, a cookie " +
			"or a list of subprotocols is read in two ways along one path. One cause is code that writes HTTP fields with a " +
			"library for mail, which folds long lines.",
		Advice:   "write every field on one line, however long it is",
		Exchange: headFolded,
	},
	{
		ID: "RSP-00", Name: "answer-missing", Level: event.Warning, Fault: event.NoFault, Section: "RFC 9112 §9.6",
		Fires: "the connection ended (FIN or RST, said which) without an answer to the upgrade request",
		Why: "The connection ended without a word of HTTP; the text says from which side, and whether by FIN or RST. Chrome prints " +
			`"Connection closed before receiving a handshake response". Usual causes are a TLS port spoken to without TLS, a ` +
			"server process that crashed, a server that hangs up on a request it dislikes (gorilla/websocket does on data sent too " +
			"early, some servers do on Connection: keep-alive, Upgrade), and a proxy or filter that holds the 101 back until the " +
			"client gives up. Where the client ended the connection, its patience is what was too short.",
		Advice: "see the server's log for this time, and whether the port expects TLS; if a proxy is between, look at its leg to the " +
			"backend",
		Exchange: answerMissing,
	},
	{
		ID: "RSP-00", Name: "answer-not-http", Level: event.Error, Fault: event.ServerFault, Section: "RFC 9112 §2",
		Fires: "the answer to the upgrade request is not HTTP",
		Why: "Something other than an HTTP status line came back, and the client can only give up. Usual causes are a port that " +
			"belongs to another service, a TLS alert (it begins 15 03) from a port that expects TLS, a server that speaks only " +
			"HTTP/2 and answers HTTP/1.1 with its own frames, and a server that sends WebSocket frames before its 101.",
		Advice: "check host, port and scheme: an answer that begins 15 03 is a TLS alert, then use wss:; a server must send the 101 " +
			"before its first frame",
		Exchange: answerNotHTTP,
	},
	{
		ID: "RSP-01", Name: "handshake-refused", Level: event.Note, Fault: event.ServerFault, Section: "RFC 6455 §4.1, §4.2.2",
		Fires: "a final answer other than 101; the text names the likely cause",
		Why: "Any status but 101 is ordinary HTTP and breaks no rule: a server may redirect, ask for credentials or say no. " +
			"Browsers hide status and body from the page, which sees only a failed connection and code 1006; Chrome prints " +
			`"Unexpected response code" on its console. The text reads the likely cause off the status, the fields and the ` +
			"beginning of the body: an upgrade lost in a proxy, an Origin that is not allowed, a redirect (browsers and most " +
			"clients follow none here), a security filter or bot challenge, a Socket.IO session without stickiness, a gateway " +
			"without backend.",
		Advice: "see the log of the server, and of every proxy before it, for this request; compare the request with what the server " +
			"expects",
		Exchange: handshakeRefused,
	},
	{
		ID: "RSP-02", Name: "response-http-version", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §4.2.2, RFC 9110 §15.2",
		Fires: "a 101 that is not HTTP/1.1",
		Why: "The status 101 exists since HTTP/1.1, and RFC 6455 wants the status line HTTP/1.1 101. Clients differ in whether they " +
			"look at the version, so that such a server works with some of them. The usual cause is a server built on an HTTP " +
			"library that answers as HTTP/1.0 unless told otherwise, as Python's http.server does.",
		Advice:   `answer HTTP/1.1 101; Python http.server: protocol_version = "HTTP/1.1" in the handler class`,
		Exchange: responseHTTPVersion,
	},
	{
		ID: "RSP-03", Name: "response-upgrade", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §4.1, §4.2.2",
		Fires: "the 101 has no Upgrade field, or its whole value is not websocket",
		Why: "The 101 must say Upgrade: websocket and nothing else; other than in the request, a list is wrong here. Browsers fail " +
			`the connection, Chrome with "'Upgrade' header is missing" or "'Upgrade' header value is not 'WebSocket'". Where the ` +
			"backend did send the field, a proxy took it for a hop-by-hop field of its own leg and dropped it from the answer. " +
			"Upgrade: WebSocket is legal: the value has no case.",
		Advice: "answer Upgrade: websocket, in one field and with nothing beside it; if the backend did, let the proxy relay Upgrade " +
			"and Connection on a 101",
		Exchange: responseUpgrade,
	},
	{
		ID: "RSP-05", Name: "response-connection", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §4.1, §4.2.2",
		Fires: "the 101 has no Connection option Upgrade",
		Why: `The 101 must name Upgrade in Connection. Browsers fail the connection, Chrome with "'Connection' header is missing" ` +
			`or "'Connection' header value must contain 'Upgrade'"; some libraries do not look. The usual causes are a ` +
			"hand-written server and a proxy that drops the field from the answer or replaces it by keep-alive. A list such as " +
			"keep-alive, Upgrade is legal, in any case of letters.",
		Advice:   "answer Connection: Upgrade; if the backend did, let the proxy relay Upgrade and Connection on a 101",
		Exchange: responseConnection,
	},
	{
		ID: "RSP-06", Name: "accept-missing", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §4.1, §4.2.2",
		Fires: "the 101 has no Sec-WebSocket-Accept",
		Why: "Sec-WebSocket-Accept proves that the server read this key and speaks WebSocket; without it the client must fail the " +
			`connection, and Chrome does with "'Sec-WebSocket-Accept' header is missing". The cause is a hand-written server that ` +
			"answers a bare 101, or a filter that drops fields of the answer. The spelling Sec-Websocket-Accept, which many Go " +
			"programs send, is legal: names of fields have no case, and a client that misses the field for its spelling is at " +
			"fault.",
		Advice:   `answer Sec-WebSocket-Accept: base64(SHA-1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))`,
		Exchange: acceptMissing,
	},
	{
		ID: "RSP-06", Name: "accept-repeated", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §11.3.3",
		Fires: "the 101 has more than one Sec-WebSocket-Accept",
		Why: "The field must stand once. Browsers fail the connection, also when one of the values is right; Chrome says that the " +
			"header must not appear more than once in a response. The cause is two layers that both answer the handshake: the " +
			"application and its framework, or a gateway and the backend behind it.",
		Advice: "let one layer answer: either the gateway ends the handshake itself, or it relays the backend's 101 and adds nothing " +
			"to it",
		Exchange: acceptRepeated,
	},
	{
		ID: "RSP-06", Name: "accept-mismatch", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §4.1, §4.2.2",
		Fires: "Sec-WebSocket-Accept does not answer the key; the text explains how it came about where that can be found out",
		Why: "The value must be base64 of the SHA-1 over the key as it was sent, followed by 258EAFA5-E914-47DA-95CA-C5AB0DC85B11. " +
			`Browsers and most libraries fail the connection at once: Chrome prints "Incorrect 'Sec-WebSocket-Accept' header ` +
			`value", and on the wire the client's FIN, RST or Close 1002 follows the 101. Usual mistakes are to hash the decoded ` +
			"key, to encode the digest's hex digits, to hash a blank or line end with the key, and to mistype the GUID; the text " +
			"names the one that fits. Else the answer belongs to another request, or the key was overridden by hand " +
			"(websockets/ws#1684).",
		Advice: `compute base64(SHA-1(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) over the 24 characters of the key as sent, and ` +
			"encode the 20 octets of the digest, not its hex digits",
		Exchange: acceptMismatch,
	},
	{
		ID: "RSP-06", Name: "accept-of-another-key", Level: event.Error, Fault: event.MiddleboxFault, Section: "RFC 6455 §4.1",
		Fires: "Sec-WebSocket-Accept answers a key seen on another connection, or earlier on its own: a cached or crossed answer",
		Why: "The answer is right, but for another connection's key: something between gave a stored answer, or mixed up the " +
			"connections to its backend (as in Conflux-Chain/conflux-rust#1921). This is just what the key is there to find out, " +
			"and the client fails the connection. What crosses handshakes may cross data as well, so that one user sees another's.",
		Advice: "see that nothing between caches a 101, and that every upgrade has a connection to the backend of its own; then look " +
			"for a race where answers are matched with requests",
		Repeat: acceptOfAnotherKey,
	},
	{
		ID: "RSP-07", Name: "extension-not-offered", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §4.1, §9.1",
		Fires: "an accepted extension was not offered",
		Why: "A server may accept only what the client offered, since the client cannot read frames of an extension it does not " +
			`know. It must fail the connection: Chrome prints "Found an unsupported extension", the Node library ws says that no ` +
			"extension was requested. Causes are a server that writes Sec-WebSocket-Extensions into every answer, and a proxy that " +
			"changes the offer on its way to the backend and relays the answer as it is.",
		Advice:   "accept only extensions that the request offers, and leave out Sec-WebSocket-Extensions where there is none",
		Exchange: extensionNotOffered,
	},
	{
		ID: "RSP-08", Name: "extension-accepted-twice", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §9.1",
		Fires: "the same extension is accepted more than once",
		Why: "An offer may name permessage-deflate several times with different parameters, and the answer picks one of them. " +
			`Accepted twice, nobody knows which parameters hold, and clients fail the connection; Chrome prints "Received ` +
			`duplicate permessage-deflate response". Causes are a server that accepts every offer instead of the first that suits, ` +
			"and two layers that both write the field.",
		Advice:   "accept the first offer of an extension that suits, and answer it once",
		Exchange: extensionAcceptedTwice,
	},
	{
		ID: "RSP-08", Name: "extension-answer-malformed", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §9.1, §4.2.2",
		Fires: "the accepted extensions break the grammar, or the field is empty",
		Why: "The client must fail the connection when the accepted extensions do not parse: it would otherwise guess how to read " +
			"the frames. Chrome says that the header value is rejected by the parser. An empty field is wrong as well: that " +
			"nothing was accepted is said by leaving the field out, and clients have stumbled over the empty one " +
			"(uNetworking/uWebSockets.js#76). Blanks around separators are legal.",
		Advice: "leave Sec-WebSocket-Extensions out where nothing is accepted; else put commas between extensions and semicolons " +
			"before parameters",
		Exchange: extensionAnswerMalformed,
	},
	{
		ID: "RSP-08", Name: "extension-answer-repeated", Level: event.Warning, Fault: event.ServerFault, Section: "RFC 6455 §11.3.2",
		Fires: "the 101 has the field Sec-WebSocket-Extensions more than once",
		Why: "RFC 6455 §11.3.2 lets this field stand once in an answer, while §9.1 lets it be split, so that this is a warning. A " +
			"client that reads only the first or only the last field misses what the other accepts, and then fails on the first " +
			"frame that uses it. The cause is two layers that each add their own extension.",
		Advice:   "put all accepted extensions into one field, with commas between them",
		Exchange: extensionAnswerRepeated,
	},
	{
		ID: "RSP-09", Name: "subprotocol-not-offered", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §4.1, §4.2.2",
		Fires: "a subprotocol was selected that was not offered",
		Why: "A server may select only what the client offered, letter for letter. Browsers fail the connection: Chrome says that " +
			"the value does not match any of sent values, or that the response must not include the field at all. The Node library " +
			"ws does likewise, while other clients go on. Causes are a server that always answers its own name, a comparison " +
			"without regard to case, and a proxy that dropped the offer.",
		Advice: "select one of the offered subprotocols, in the client's spelling, and leave the field out where none was offered or " +
			"none fits",
		Exchange: subprotocolNotOffered,
	},
	{
		ID: "RSP-09", Name: "subprotocol-answer-malformed", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §4.2.2, §11.3.4",
		Fires: "the selected subprotocol is empty, a list, no token, or in two fields",
		Why: "The answer selects one subprotocol: one token in one field. Browsers fail the connection on a list, on two fields and " +
			"on an empty value. The usual causes are a server that sends the whole offer back, a framework and an application that " +
			"both write the field (h3js/crossws#141), and a configured name that is empty (joewalnes/websocketd#7).",
		Advice:   "answer with exactly one of the offered names, in one field; leave the field out instead of sending it empty",
		Exchange: subprotocolAnswerMalformed,
	},
	{
		ID: "RSP-10", Name: "subprotocol-unanswered", Level: event.Warning, Fault: event.ServerFault, Section: "WHATWG WebSockets, establish a WebSocket connection",
		Fires: "subprotocols were offered and none selected: legal, but browsers fail the connection",
		Why: "By RFC 6455 a server declines subprotocols by naming none, and many native clients then go on. The WHATWG standard " +
			`makes a browser fail the connection: Chrome closes right behind the 101 without a frame and prints "Sent non-empty ` +
			`'Sec-WebSocket-Protocol' header but no response was received", and the Node library ws gives up with "Server sent no ` +
			`subprotocol". Not every browser enforces it, so that the same page may work in one and fail in another. Usual causes ` +
			"are a server without any list of subprotocols, a proxy that drops the field, and a page that puts a token into the " +
			"offer.",
		Advice: "select one of the offered subprotocols in the 101 (gorilla/websocket: Upgrader.Subprotocols; Node ws: return it from " +
			"handleProtocols), or do not offer any in the client",
		Exchange: subprotocolUnanswered,
	},
	{
		ID: "RSP-11", Name: "response-body-fields", Level: event.Error, Fault: event.ServerFault, Section: "RFC 9110 §8.6, RFC 9112 §6.1",
		Fires: "the 101 has Content-Length or Transfer-Encoding",
		Why: "A 101 has no body: the octet behind its empty line is WebSocket. Some clients wait for the body that is announced, " +
			".NET until it gave up after about 100 s; others stall. With Transfer-Encoding: chunked the server often sends the end " +
			"of a chunked body too, and its octets 30 0d 0a 0d 0a arrive as a first, impossible frame. The cause is a framework " +
			"that adds these fields to every answer, as Drogon, Suave and ocaml-cohttp have done.",
		Advice:   "leave Content-Length and Transfer-Encoding out of every 1xx answer, and write nothing behind its empty line but frames",
		Exchange: responseBodyFields,
	},
	{
		ID: "RSP-13", Name: "invalid-request-accepted", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §4.2.1, §4.2.2",
		Fires: "a 101 to a request that breaks a MUST",
		Why: "A server must stop at a request that breaks the rules for the client, and answer with an error such as 400. If it " +
			"answers 101 all the same the connection may well work, but the client's fault stays hidden until a stricter server or " +
			"proxy stands in its place. And where a proxy and its backend judge the same request differently, one of them holds " +
			"the connection for upgraded and the other does not. The text names the rules that the request broke.",
		Advice: "before the 101 check the method, HTTP/1.1, Host, Upgrade, Connection, a key of 16 octets and version 13; answer 400, " +
			"or 426 for the version",
		Exchange: invalidRequestAccepted,
	},
	{
		ID: "RSP-14", Name: "version-list-missing", Level: event.Warning, Fault: event.ServerFault, Section: "RFC 6455 §4.2.2, §4.4",
		Fires: "a 426 over the version, or a 400 to an unsupported version, without Sec-WebSocket-Version",
		Why: "A server that does not speak the version asked for must say in Sec-WebSocket-Version which ones it does, so that the " +
			"client can try again with one of them. Without the list the client has to give up, and its user learns only that it " +
			"was refused. Hand-written servers and proxies that answer in the server's place leave it out.",
		Advice:   "add Sec-WebSocket-Version: 13 to this answer",
		Exchange: versionListMissing,
	},
	{
		ID: "RSP-15", Name: "upgrade-required-bare", Level: event.Error, Fault: event.ServerFault, Section: "RFC 9110 §15.5.22",
		Fires: "a 426 without an Upgrade field",
		Why: "A 426 must say in Upgrade which protocol is required; without it the answer asks for something and does not say what. " +
			"Clients take it for a refusal in any case. The built-in server of the Node library ws answers like this to a request " +
			"that arrives without Upgrade, so that the cause may be a proxy that dropped the field on the way: " +
			"proxy-stripped-upgrade and upgrade-missing then say so.",
		Advice:   "add Upgrade: websocket and Connection: Upgrade to the 426",
		Exchange: upgradeRequiredBare,
	},
	{
		ID: "RSP-16", Name: "unsolicited-101", Level: event.Error, Fault: event.ServerFault, Section: "RFC 9110 §7.8, §15.2.2",
		Fires: "a 101 to a request that asked for no upgrade",
		Why: "A server may switch only to what the client asked for. A client that asked for nothing takes a 101 for an interim " +
			"answer and waits for the final one, which never comes, or fails. Causes are a server that answers 101 to everything " +
			"on its path, health checks included, and a proxy that dropped all fields of the handshake from the request.",
		Advice:   "answer 101 only to a request with Upgrade and Connection: Upgrade, and 426 with Upgrade: websocket to others",
		Exchange: unsolicited101,
	},
	{
		ID: "UPG-02", Name: "other-upgrade", Level: event.Note, Fault: event.NoFault, Section: "RFC 9110 §7.8",
		Fires: "the connection was upgraded to something else (h2c, tcp, TLS, SPDY): labelled, never decoded as frames",
		Why: "Upgrade is not WebSocket's alone: there are h2c (HTTP/2 without TLS), TLS/1.2, Docker's tcp and Kubernetes' SPDY/3.1. " +
			"Such a connection is labelled, and its octets are never decoded as frames, which would give nonsense. Nothing is " +
			"wrong with it as such. An h2c upgrade that a proxy forwards without understanding it is a known way around the " +
			"proxy's access rules.",
		Advice: "nothing to mend where this protocol is expected; where it is not, let the proxy drop Upgrade fields that it does not " +
			"know",
		Exchange: otherUpgrade,
	},
	{
		ID: "PMD-01", Name: "deflate-offer-invalid", Level: event.Warning, Fault: event.ClientFault, Section: "RFC 7692 §7.1",
		Fires: "a permessage-deflate offer has an unknown, duplicate or illegal parameter",
		Why: "permessage-deflate has four parameters, each at most once; window bits are a number from 8 to 15, and the two " +
			"no_context_takeover have no value. A server must decline an offer that breaks this, and the connection goes on " +
			"without it; but the Node library ws answers 400 and Tomcat answered 500 to client_max_window_bits=16 " +
			"(apache/tomcat#1019). client_max_window_bits without a value is legal in an offer, and so are several offers.",
		Advice: "offer permessage-deflate; client_max_window_bits, with 8 to 15 wherever a number is given, and a plain " +
			"permessage-deflate behind it as a fallback",
		Exchange: deflateOfferInvalid,
	},
	{
		ID: "PMD-03", Name: "deflate-answer-invalid", Level: event.Error, Fault: event.ServerFault, Section: "RFC 7692 §7.1",
		Fires: "the accepted permessage-deflate has an unknown, duplicate or illegal parameter, or client_max_window_bits without a value, or only an illegal offer was there to accept",
		Why: "The client must fail the connection when the accepted parameters are unknown, repeated or out of range: the two sides " +
			`would not agree on how to inflate. Chrome prints "Error in permessage-deflate". A common mistake is to send the offer ` +
			"back as the answer, since client_max_window_bits may lack a value only in the offer. It is as wrong to accept an " +
			"offer that is not legal. server_max_window_bits and both no_context_takeover are legal in an answer without having " +
			"been offered.",
		Advice: "answer with values of your own: client_max_window_bits=8 to 15, each parameter once; decline an illegal offer by " +
			"leaving the extension out",
		Exchange: deflateAnswerInvalid,
	},
	{
		ID: "PMD-04", Name: "deflate-client-window-not-offered", Level: event.Error, Fault: event.ServerFault, Section: "RFC 7692 §7.1.2.2",
		Fires: "client_max_window_bits was answered though not offered",
		Why: "With client_max_window_bits in its offer a client says that it can limit its window. One that did not say so may not " +
			"be able to, and must fail the connection. Chrome offers the parameter and never notices; strict clients that do not " +
			"offer it abort (coder/websocket#443). The cause is a server that writes client_max_window_bits=15, the default " +
			"anyway, into every answer.",
		Advice:   "answer client_max_window_bits only where the accepted offer has it",
		Exchange: misfitting(clientBitsUnasked, "client_max_window_bits only where it was offered"),
	},
	{
		ID: "PMD-05", Name: "deflate-server-window", Level: event.Error, Fault: event.ServerFault, Section: "RFC 7692 §7.1.2.1",
		Fires: "an offered server_max_window_bits was left out or exceeded",
		Why: "A client that offers server_max_window_bits=N has no room for a larger window. If the server leaves the parameter " +
			"out, or names more, the client must fail the connection; one that goes on fails later, on the first message that " +
			`refers further back ("invalid distance too far back"). gorilla/websocket answers every offer with the same two ` +
			"parameters, whatever it asks for. server_max_window_bits in an answer to an offer without it is legal.",
		Advice: "answer server_max_window_bits with at most the offered value and compress with that window; if the compressor cannot, " +
			"decline the offer",
		Exchange: misfitting(serverBitsLeftOut|serverBitsRaised, "server_max_window_bits with at most the offered value"),
	},
	{
		ID: "PMD-06", Name: "deflate-server-takeover", Level: event.Error, Fault: event.ServerFault, Section: "RFC 7692 §7.1.1.1",
		Fires: "an offered server_no_context_takeover was left out",
		Why: "A client that offers server_no_context_takeover does not want to keep the server's history between messages. The " +
			"server must repeat the parameter or decline the offer. If it compresses with takeover all the same, the client " +
			`inflates the first message and fails on a later one with "invalid distance too far back". server_no_context_takeover ` +
			"in an answer to an offer without it is legal.",
		Advice:   "answer server_no_context_takeover and reset the compressor after every message, or decline the offer",
		Exchange: misfitting(takeoverLeftOut, "server_no_context_takeover in the answer"),
	},
	{
		ID: "PMD-08", Name: "deflate-client-window-larger", Level: event.Warning, Fault: event.ServerFault, Section: "RFC 7692 §7.1.2.2",
		Fires: "the server answered more client_max_window_bits than the client offered",
		Why: "The client says how large a window it will use at most, and the answer may lower that. RFC 7692 speaks only of equal " +
			"or smaller values; whether a larger one breaks the rule is disputed (websockets/ws#2327, #2336), so this is a " +
			"warning. A client either goes on with its smaller window, which does no harm, or fails the connection.",
		Advice:   "answer client_max_window_bits with at most the offered value",
		Exchange: misfitting(clientBitsRaised, "at most the offered client_max_window_bits"),
	},
	{
		ID: "PMD-09", Name: "rsv1-conflict", Level: event.Error, Fault: event.ServerFault, Section: "RFC 7692 §6",
		Fires: "two accepted extensions use RSV1",
		Why: "Every compression extension marks its messages or frames by the bit RSV1, so that a receiver of two cannot tell which " +
			"is meant. Only one may be accepted, and clients fail the connection. The cause is a server that accepts all it is " +
			"offered, for instance x-webkit-deflate-frame of older Safari beside permessage-deflate.",
		Advice:   "accept one compression extension only, permessage-deflate where it is offered",
		Exchange: rsv1Conflict,
	},
	{
		ID: "FRM-01", Name: "client-frame-unmasked", Level: event.Error, Fault: event.ClientFault, Section: "RFC 6455 §5.1",
		Fires: "a client's frame without a mask",
		Why: "Clients mask every frame with a key of their own, so that a script in a browser cannot choose the octets on the wire " +
			`and fool a proxy that takes them for HTTP. A server must close the connection: the Node library ws with 1002 "MASK ` +
			`must be set", gorilla/websocket with "incorrect mask flag". Causes are hand-written clients, and libraries that ` +
			"forget the mask on Pong or Close alone (vapor/websocket-kit#26). Some systems leave it out by agreement, as NATS can " +
			"between its servers; no extension allows it.",
		Advice: "set MASK and a fresh key on every frame of a client, Ping, Pong and Close included, also where the payload is empty",
		Frame:  maskBit(event.Client, "is not masked", "MASK 0", "MASK 1 on every frame of a client"),
	},
	{
		ID: "FRM-01", Name: "server-frame-masked", Level: event.Error, Fault: event.ServerFault, Section: "RFC 6455 §5.1",
		Fires: "a server's frame with a mask",
		Why: `Frames of a server are never masked. Browsers close the connection; Chrome prints "A server must not mask any frames ` +
			`that it sends to the client." The cause is one frame writer used for both roles (vapor/websocket-kit#70), or a relay ` +
			"that passes a client's frames on as they came.",
		Advice: "send frames of a server with MASK 0 and without a key; put the library into its server role",
		Frame:  maskBit(event.Server, "is masked", "MASK 1", "MASK 0 on every frame of a server"),
	},
	{
		ID: "FRM-02", Name: "mask-predictable", Level: event.Warning, Fault: event.ClientFault, Section: "RFC 6455 §5.3, §10.3",
		Fires: "8 frames or more with constant, zero or counting masking keys",
		Why: "Masking protects only if the masking key cannot be foreseen: else a script can choose its payload so that the masked " +
			"octets are what it wants to plant in a proxy or cache. Receivers cannot tell and nothing fails. Usual causes are a " +
			"zero key that saves the work of masking, a constant left over from a test, and a counter. One such key proves " +
			"nothing; the check waits for eight in a row.",
		Advice: "draw every masking key from a cryptographic random source; Node ws: do not set generateMask",
		Frame:  maskPredictable,
	},
	{
		ID: "FRM-03", Name: "rsv-unnegotiated", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.2",
		Fires: "an RSV bit that no accepted extension defines",
		Why: "The three RSV bits belong to extensions, and a receiver must fail the connection when one is set that no accepted " +
			`extension defines: Chrome prints "One or more reserved bits are on", the Node library ws "RSV1 must be clear". RSV1 ` +
			"alone, on a first frame c1 or c2, is compression that was not agreed: the sender compresses anyway, or a proxy " +
			"dropped Sec-WebSocket-Extensions on one leg. If RSV2, RSV3 or reserved opcodes turn up as well, the stream has lost " +
			"step: a wrong length, two writers at once, or octets that are no frames.",
		Advice: "for RSV1, compare Sec-WebSocket-Extensions of the 101 on both legs, and compress only what was accepted; for other " +
			"bits look at the frames just before for a wrong length or a second writer",
		Frame: rsvUnnegotiated,
	},
	{
		ID: "FRM-04", Name: "rsv1-misplaced", Level: event.Error, Fault: event.NoFault, Section: "RFC 7692 §6",
		Fires: "RSV1 on a continuation or control frame under permessage-deflate",
		Why: "Under permessage-deflate RSV1 marks a message as compressed, once, on its first frame; control frames are never " +
			`compressed. Receivers close with 1002 (the Node library ws: "RSV1 must be clear"). The cause is a sender that ` +
			"compresses or marks every fragment, as the older deflate-frame extensions did.",
		Advice: "set RSV1 on the first frame of a compressed message only, never on a continuation, Close, Ping or Pong",
		Frame:  rsv1Misplaced,
	},
	{
		ID: "FRM-05", Name: "opcode-reserved", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.2",
		Fires: "an opcode from 3 to 7 or B to F",
		Why: `The opcodes 3 to 7 and B to F have no meaning, and a receiver must fail the connection; Chrome prints "Unrecognized ` +
			`frame opcode". Hardly any program sends them on purpose. They mostly show that the stream has lost step, so that ` +
			"payload is read as a header: a wrong length, two writers at once, or octets of another protocol.",
		Advice: "send only the opcodes 0, 1, 2, 8, 9 and A; if others appear after good frames, look just before them for a wrong " +
			"length or for octets written between frames",
		Frame: opcodeReserved,
	},
	{
		ID: "FRM-06", Name: "length-not-minimal", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.2",
		Fires: "a longer form of the payload length than needed",
		Why: "A length up to 125 stands in the second octet, up to 65535 in the 16-bit form, and only above that in the 64-bit " +
			`form. Chrome fails the connection with "Invalid frame header", while many servers take any form, so that such a ` +
			"sender is found out late. The cause is a frame writer that always uses one long form.",
		Advice: "write lengths up to 125 in 7 bits, up to 65535 in 16 bits, larger ones in 64 bits",
		Frame:  lengthNotMinimal,
	},
	{
		ID: "FRM-07", Name: "length-top-bit", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.2",
		Fires: "a 64-bit payload length with its top bit set",
		Why: "A 64-bit length must be below 2^63. No real frame comes near it, so that either the length was written in the wrong " +
			"byte order, or the stream has lost step and payload is read as a header, or somebody tries a parser that reads " +
			"lengths as signed numbers, a fault that Wireshark once had (CVE-2013-3562). Receivers close with 1002 or 1009.",
		Advice: "write the 64-bit length with its most significant octet first; if that is done, look at the frames before for what " +
			"put the stream out of step",
		Frame: lengthTopBit,
	},
	{
		ID: "FRM-08", Name: "control-too-long", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.5",
		Fires: "a control frame with a payload over 125 octets",
		Why: "Close, Ping and Pong carry at most 125 octets, so that a receiver can take them at any time in little room. Receivers " +
			"close with 1002. The usual cause is a long error text put into a Close, whose reason has room for 123 octets; another " +
			"is a Ping used to carry data.",
		Advice: "keep Ping and Pong to 125 octets and the reason of a Close to 123, cut at the border of a character; send anything " +
			"longer as a message",
		Frame: controlTooLong,
	},
	{
		ID: "FRM-08", Name: "control-fragmented", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.4, §5.5",
		Fires: "a control frame without FIN",
		Why: "Close, Ping and Pong are single frames with FIN set; they may stand between the fragments of a message, but are no " +
			`fragments themselves. Receivers close with 1002 (the Node library ws: "FIN must be set"). The cause is a sender that ` +
			"derives FIN from the message it is in the middle of.",
		Advice: "set FIN on every Close, Ping and Pong",
		Frame:  controlFragmented,
	},
	{
		ID: "FRM-09", Name: "continuation-unexpected", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.4",
		Fires: "a continuation frame with no message open",
		Why: "A continuation goes on with a message that a text or binary frame began. With none open a receiver must fail the " +
			`connection; Chrome prints "Received unexpected continuation frame." Causes are a first fragment sent with opcode 0, a ` +
			"FIN set too early, and several threads that write to one connection so that their fragments mix. Control frames " +
			"between fragments are legal and do not end the message.",
		Advice: "begin every message with text or binary, set FIN on its last frame only, and let one writer at a time send a whole " +
			"message",
		Frame: continuationUnexpected,
	},
	{
		ID: "FRM-09", Name: "message-interrupted", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.4",
		Fires: "a text or binary frame inside an open message",
		Why: "Messages of one direction come one after the other: inside a fragmented message only continuations and control frames " +
			`may stand. A receiver must fail the connection; Chrome prints "Received start of new message but previous message is ` +
			`unfinished." Causes are several threads that write at once, fragments that all carry the opcode of the message, and a ` +
			"last fragment without FIN. A Ping, Pong or Close in between is legal.",
		Advice: "send fragments after the first with opcode 0 and the last with FIN, and let one writer at a time send a whole message",
		Frame:  messageInterrupted,
	},
	{
		ID: "FRM-10", Name: "text-not-utf8", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.6, §8.1",
		Fires: "a text message, whole and inflated, is not UTF-8; reported at the first bad octet",
		Why: "A text message must be UTF-8 as a whole, after inflating. Receivers close with 1007, some with 1002 as Chrome, which " +
			`prints "Could not decode a text frame as UTF-8." The usual causes are binary data sent as text, text in another ` +
			"encoding, and output cut into messages in the middle of a character. A character may be cut between two frames of one " +
			"message; that is legal.",
		Advice:  "send binary data in binary messages; encode text as UTF-8 and cut it into messages only between characters",
		Message: textNotUTF8,
	},
	{
		ID: "FRM-11", Name: "deflate-error", Level: event.Error, Fault: event.NoFault, Section: "RFC 7692 §7.2.2",
		Fires: "a compressed message does not inflate",
		Why: "A compressed message is a DEFLATE stream that, unless no_context_takeover was agreed, goes on with the history of the " +
			"sender's earlier messages. Receivers close the connection. When the first messages inflate and a later one does not " +
			`("invalid distance too far back"), the two sides differ in what they keep: one resets its history and the other does ` +
			"not, a message went through the compressor and was then sent uncompressed, or one compressor served two connections. " +
			"Safari on iOS has failed on large compressed messages that were sound.",
		Advice: "let the sender keep or reset its compressor as the 101 agreed, and keep uncompressed messages out of it; to prove the " +
			"cause, switch permessage-deflate off",
		Message: deflateError,
	},
	{
		ID: "FRM-11", Name: "deflate-tail-kept", Level: event.Warning, Fault: event.NoFault, Section: "RFC 7692 §7.2.1",
		Fires: "00 00 ff ff was left at the end of a compressed message",
		Why: "A sender flushes its compressor, which ends the output in 00 00 ff ff, and takes these four octets off; the receiver " +
			"puts them back before it inflates. Left on the wire they are an empty block more, which inflates to nothing, so that " +
			"no data is lost and receivers take no notice. It costs four octets a message and shows a compressor that does not " +
			"follow RFC 7692.",
		Advice:  "remove the last four octets, 00 00 ff ff, after the flush of every message",
		Message: deflateTailKept,
	},
	{
		ID: "FRM-12", Name: "deflate-window-exceeded", Level: event.Error, Fault: event.NoFault, Section: "RFC 7692 §7.1.2",
		Fires: "a compressed message refers back beyond the agreed window",
		Why: "The agreed window says how far back a message may refer, and so how much a receiver has to keep. Receivers that " +
			`always keep 32 KiB notice nothing; one that made room for the agreed window only fails with "invalid distance too far ` +
			`back". The cause is a compressor that was set up with another window than the handshake says. zlib has no raw window ` +
			"of 8 bits, and older versions quietly use 9 in its place (madler/zlib#171).",
		Advice: "set up the compressor with the agreed window (zlib: deflateInit2 with windowBits -9 to -15), and do not agree on 8 " +
			"bits with zlib",
		Message: deflateWindowExceeded,
	},
	{
		ID: "FRM-12", Name: "deflate-context-kept", Level: event.Error, Fault: event.NoFault, Section: "RFC 7692 §7.1.1",
		Fires: "a compressed message refers into an earlier one after no_context_takeover",
		Why: "After no_context_takeover every message is compressed by itself. One that refers into an earlier message inflates " +
			"only where the receiver kept the history although it need not; others fail on the second message. The cause is a " +
			"compressor that is not reset, or two threads that share one.",
		Advice: "reset the compressor after every message where no_context_takeover is agreed for the sender (zlib: deflateReset), or " +
			"do not agree to it",
		Message: deflateContextKept,
	},
	{
		ID: "FRM-14", Name: "ping-unanswered", Level: event.Note, Fault: event.NoFault, Section: "RFC 6455 §5.5.2, §5.5.3",
		Fires: "a Ping got no Pong before the end, though traffic went on",
		Why: "A Ping must be answered by a Pong with the same payload as soon as is practical; of several, only the newest needs an " +
			"answer, and a Pong that nobody asked for is legal. A peer that checks gives up after its time-out, often with Close " +
			`1011 "keepalive ping timeout" (Python websockets). Causes are a program that is busy and does not read ` +
			"(gorilla/websocket answers only while the application reads), a large upload before the Pong, and a library without " +
			"Pong. Browsers answer by themselves and show neither.",
		Advice: "answer every Ping with a Pong of the same payload, and keep reading while busy: most libraries answer only while the " +
			"program reads",
		Ending: pingUnanswered,
	},
	{
		ID: "FRM-15", Name: "data-after-close", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.5.1",
		Fires: "a data frame after its sender's own Close",
		Why: "With its Close a side says that it sends no more; what follows is ignored or breaks the closing handshake, so that " +
			"the data is lost without an error. Causes are a second thread that still writes, and a queue that is emptied behind " +
			"the Close. The other side may go on sending until it has sent its own Close; that is legal.",
		Advice: "send what is queued before the Close, and refuse to send anything after it",
		Frame:  dataAfterClose,
	},
	{
		ID: "FRM-16", Name: "message-unfinished", Level: event.Note, Fault: event.NoFault, Section: "RFC 6455 §5.4, §7.1.7",
		Fires: "the stream ended inside a frame or message",
		Why: "The connection ended inside a frame, or with a fragmented message that lacks its last frame. What came of it is lost " +
			"to the receiver. Causes are a process that was killed, a time-out on the way, and a receiver that gave up, for " +
			"instance because the announced length was beyond its limit. It is not reported where only the capture ended.",
		Advice: "see who ended the connection: if the receiver, compare the announced length with its limit for messages; if the " +
			"sender, see its log for this time",
		Ending: messageUnfinished,
	},
	{
		ID: "FRM-17", Name: "not-websocket", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.2",
		Fires: "octets after the 101 cannot be frames (HTTP text, a chunked end, a TLS record): the text says what they are",
		Why: "Behind the 101 there may be frames only. Other octets are read as frame headers and the peer fails, in Chrome mostly " +
			`with "Invalid frame header". HTTP text is a second answer or an error page written after the 101: with several ` +
			"servers of the Node library ws on one HTTP server, the one whose path does not match writes its 400 into the " +
			"connection of the other. 30 0d 0a 0d 0a is the end of a chunked body, 16 03 a TLS record of a tunnel that was put " +
			"directly onto the connection. Where the text names nothing the stream has lost step, or two writers mixed their " +
			"octets.",
		Advice: "find out what wrote these octets, and send frames only behind the 101; Node ws, several servers on one HTTP server: " +
			"noServer: true and one listener for the upgrade event",
		Loss: notWebSocket,
	},
	{
		ID: "FRM-18", Name: "tiny-fragments", Level: event.Note, Fault: event.NoFault, Section: "RFC 6455 §5.4",
		Fires: "a message of very many empty or 1-octet fragments",
		Why: "Fragments may be of any size and even empty, so this is legal. But each costs at least two octets of header, six from " +
			"a client, and a step of every receiver and analyser on the way; many small frames have exhausted servers and crashed " +
			"Wireshark (its issue 10989). The harmless cause is a program that writes a message octet by octet through a streaming " +
			"interface.",
		Advice:  "collect what is written before it is framed; on the receiving side limit the number of fragments in a message",
		Message: tinyFragments,
	},
	{
		ID: "CLS-01", Name: "close-body-short", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.5.1",
		Fires: "a Close body of one octet",
		Why: "The body of a Close is empty, or begins with a code of two octets. One octet is neither, and receivers answer 1002; " +
			`Chrome prints "Received a broken close frame containing an invalid size body." The cause is a code written as one ` +
			"octet. A Close without a body is legal and is shown as 1005.",
		Advice: "send a Close without a body, or with a code in two octets, most significant first, and a reason",
		Frame:  closeBodyShort,
	},
	{
		ID: "CLS-02", Name: "close-code-invalid", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §7.4.1, §7.4.2",
		Fires: "a Close code of 0-999, 1005, 1006, 1015, 1016-2999, or 5000 and up",
		Why: "1005, 1006 and 1015 are what a library tells its own program when no code came, when TCP broke off and when TLS " +
			`failed; they must not be sent. Chrome prints "Received a broken close frame containing a reserved status code.", the ` +
			"Node library ws answers 1002. The usual cause is a relay that passes on the code that its library reported on the " +
			"other leg. 1000-1003 and 1007-1014 are defined, 3000-3999 can be registered, 4000-4999 are for private use; other " +
			"codes mean nothing.",
		Advice: "send 1000 in place of 1005, 1001 or 1011 in place of 1006, and codes of your own from 4000 to 4999",
		Frame:  closeCodeInvalid,
	},
	{
		ID: "CLS-03", Name: "close-code-reserved", Level: event.Warning, Fault: event.NoFault, Section: "RFC 6455 §7.4.1",
		Fires: "the Close code 1004",
		Why: "1004 is set aside for a meaning that was never given. RFC 6455 does not forbid it outright, so this is a warning, but " +
			"receivers such as the Node library ws take it for an invalid code and answer 1002, and the Autobahn test suite fails " +
			"it.",
		Advice: "send a code with a meaning: 1000 for a normal end, 1011 for a failure, 4000 to 4999 for codes of your own",
		Frame:  closeCodeReserved,
	},
	{
		ID: "CLS-04", Name: "close-reason-not-utf8", Level: event.Error, Fault: event.NoFault, Section: "RFC 6455 §5.5.1, §8.1",
		Fires: "the reason of a Close is not UTF-8",
		Why: "The reason behind the code is UTF-8 text. Receivers take the Close for broken, and its code is lost with it: the Node " +
			`library ws closes with 1007, Chrome prints "Received a broken close frame containing invalid UTF-8." The usual causes ` +
			"are a text cut to 123 octets in the middle of a character, a text in another encoding, and binary data.",
		Advice: "encode the reason as UTF-8 and cut it to at most 123 octets between two characters",
		Frame:  closeReasonNotUTF8,
	},
	{
		ID: "CLS-05", Name: "close-code-role", Level: event.Warning, Fault: event.ServerFault, Section: "RFC 6455 §7.4.1",
		Fires: "the Close code 1010 from a server",
		Why: "1010 is how a client says that the server did not accept an extension it needs. A server has no use for it, because " +
			"it can refuse the handshake. A client shows the code and its user looks for the fault on the wrong side.",
		Advice: "refuse the handshake where an extension is required, or close with 1008 or 1011",
		Frame:  closeCodeRole,
	},
	{
		ID: "CLS-06", Name: "close-unanswered", Level: event.Warning, Fault: event.NoFault, Section: "RFC 6455 §5.5.1",
		Fires: "a Close was never answered though the connection stayed open long enough to",
		Why: "A Close is answered by a Close, usually with the same code, before TCP is ended; a message that was begun may be " +
			"finished first. Without the answer the side that closed waits for its time-out, 30 s in the Node library ws, holds " +
			"the connection for that long, and cannot tell whether its last messages arrived. Causes are a program that drops the " +
			"socket when it sees the Close, or that no longer reads. It is not reported where the answer may have been missed by " +
			"the capture.",
		Advice: "answer a Close with a Close of the same code before closing the socket, and keep reading until one comes",
		Ending: closeUnanswered,
	},
	{
		ID: "CLS-08", Name: "close-missing", Level: event.Warning, Fault: event.NoFault, Section: "RFC 6455 §7.1.1, §7.1.5",
		Fires: "an established connection ended (FIN or RST) with no Close from either side",
		Why: "Both sides then see code 1006 and cannot tell a failure from an end, nor whether the last messages arrived. The text " +
			"says who ended TCP, how, and after what silence. FIN or RST right behind the 101, without a frame, is a client that " +
			"did not accept the handshake; RST right behind a frame is a peer that disliked that frame; an end after a silence of " +
			"round length is a time-out between (idle-timeout). Otherwise a process ended or crashed, or a program destroyed its " +
			"socket (terminate in the Node library ws).",
		Advice: "send a Close in every path that ends a connection, shutdown and errors included; if neither program ended it, look " +
			"for the proxy or load balancer between them",
		Ending: closeMissing,
	},
	{
		ID: "CLS-09", Name: "close-repeated", Level: event.Warning, Fault: event.NoFault, Section: "RFC 6455 §5.5.1",
		Fires: "a second Close from the same side",
		Why: "A Close is the last frame of its side. A second one may be ignored or fail the closing handshake; Chrome fails on any " +
			`frame behind it ("received after close"). The cause is two paths that both close: the library answers the peer's ` +
			"Close, and the program closes as well.",
		Advice: "send one Close: do not close by hand where the library answers, and do not answer the answer",
		Frame:  closeRepeated,
	},
	{
		ID: "CLS-10", Name: "closed-with-error", Level: event.Note, Fault: event.NoFault, Section: "RFC 6455 §7.4.1, IANA WebSocket Close Code Number Registry",
		Fires: "a Close code that reports a failure: what it means, and what came before it",
		Why: "The code is how one side tells the other what went wrong. 1002 and 1007 complain of the other side's frames, 1003 and " +
			"1009 of a kind or size of message (limits are often 64 KiB as in Netty and Spring, 1 MiB or 16 MiB), 1008 of its " +
			"conduct, 1011 of a failure of the sender itself, which includes a ping without answer. 1012 to 1014 are said by " +
			"servers and gateways that restart, are overloaded or lost their backend, and 3000 to 4999 have the application's own " +
			"meaning. The text shows the frame before it, which is mostly the reason. An echo of the peer's code is not reported.",
		Advice: "look at the frame before the Close for 1002, 1003, 1007 and 1009, and at the log of the side that closed for 1008 and " +
			"1011; for 1009 split the message or raise the receiver's limit",
		Frame: closedWithError,
	},
	{
		ID: "MID-01", Name: "proxy-stripped-upgrade", Level: event.Error, Fault: event.MiddleboxFault, Section: "RFC 9110 §7.6.1, §7.8",
		Fires: "Upgrade or Connection was lost between the two legs of a proxy, or Sec-WebSocket-Key arrived without either",
		Why: "Upgrade and Connection are hop-by-hop fields: a proxy must not forward them blindly, and so it drops them unless it " +
			"knows the upgrade. The backend then sees an ordinary GET and answers 400, 404, 426 or 200 with a page, while the " +
			"client did all it should. It happens behind nginx without the lines below and behind Apache without upgrade=websocket " +
			"or mod_proxy_wstunnel; Envoy and Istio without upgrade_configs refuse with 403 instead. Where only the backend's leg " +
			"was captured, a key without Upgrade and Connection gives it away. A proxy that writes Connection: upgrade anew, in " +
			"other spelling, does right.",
		Advice:   anyProxyLines,
		Exchange: strippedAlone, Legs: proxyStrippedUpgrade,
	},
	{
		ID: "MID-02", Name: "proxy-http10", Level: event.Error, Fault: event.MiddleboxFault, Section: "RFC 6455 §4.1, RFC 9110 §7.8",
		Fires: "a proxy speaks HTTP/1.0 toward the backend",
		Why: "HTTP/1.0 has no upgrade, and a backend must ignore Upgrade in it. The client spoke HTTP/1.1, so that the handshake is " +
			"lost at the proxy: the backend serves an ordinary page or refuses, Envoy and Istio with 426. nginx spoke HTTP/1.0 to " +
			"backends by default for many years; a proxy that was set to HTTP/1.0 for an old backend does the same.",
		Advice: "speak HTTP/1.1 to the backend; " +
			nginxLines,
		Legs: proxyHTTP10,
	},
	{
		ID: "MID-03", Name: "proxy-changed-handshake", Level: event.Warning, Fault: event.MiddleboxFault, Section: "RFC 6455 §4.1",
		Fires: "the two legs differ in key, version, subprotocols, extensions, Origin or status",
		Why: "What the ends agree on only holds if both see the same fields. Subprotocols that get lost make browsers fail the " +
			"connection; extensions lost on one leg only make the other side's compressed frames illegal (RSV1); a changed Origin " +
			"defeats the server's check, or makes it refuse; a changed status hides the reason. A proxy that ends the WebSocket " +
			"itself and opens another to the backend has a key, an Accept and extensions of its own on each leg: that is legal, " +
			"and the difference is only worth knowing.",
		Advice: "relay the Sec-WebSocket fields, Origin and the status unchanged both ways; a proxy that ends the WebSocket itself " +
			"must also translate the frames, compression included",
		Legs: proxyChangedHandshake,
	},
	{
		ID: "MID-04", Name: "idle-timeout", Level: event.Warning, Fault: event.MiddleboxFault, Section: "RFC 6455 §5.5.2",
		Fires: "the connection ended without a Close after a silence of round length (30, 60, 100, 120, 270, 300, 600 or 3600 s within 2 %)",
		Why: "Most proxies, load balancers and firewalls end a connection on which nothing was sent for a while, and do so without " +
			"a Close: 60 s in nginx (proxy_read_timeout) and AWS ALB, 100 s in Cloudflare, 300 s or an hour elsewhere. Both peers " +
			"see 1006, and users see a page that loses its connection whenever it is left alone. A silence of round length is " +
			"strong evidence, no proof: a program may have such a time-out too. A script in a browser cannot send a Ping, so that " +
			"the server must, or the page sends messages of its own.",
		Advice: "send a ping at less than half the time-out, or raise it; nginx: proxy_read_timeout 1h; HAProxy: timeout tunnel 1h; " +
			"Apache: ProxyTimeout 3600; Envoy: idle_timeout of the route",
		Ending: idleTimeout,
	},
	{
		ID: "MID-05", Name: "answer-delayed", Level: event.Note, Fault: event.MiddleboxFault, Section: "RFC 9110 §15.2.2",
		Fires: "a 101 on the backend's leg reached the client's leg late or never",
		Why: "The backend agreed at once, and the proxy kept its 101 for a second or more, or for ever. The client sees a slow " +
			"connection, or a handshake that times out without any answer, and the backend a client that never speaks. The usual " +
			"cause is a proxy or security filter that buffers answers to inspect them and waits for a body that a 101 does not " +
			"have (corazawaf/coraza-nginx#53).",
		Advice: "let the proxy relay a 101 at once and unbuffered; take the WebSocket path out of the inspection of answers",
		Legs:   answerDelayed,
	},
	{
		ID: "SEC-01", Name: "cross-site-websocket", Level: event.Warning, Fault: event.ServerFault, Section: "RFC 6455 §10.2",
		Fires: "Origin is of another site than Host, a Cookie or Authorization was sent, and the answer was 101",
		Why: "The same-origin policy does not cover WebSocket: any page may open one to any server, and the browser sends along the " +
			"cookies that SameSite lets through. If the server does not check Origin, a foreign page can act and read as the user " +
			"who visits it (cross-site WebSocket hijacking). gorilla/websocket compares Origin with Host unless CheckOrigin is " +
			"overridden; the Node library ws checks nothing unless verifyClient does. A site that is meant to serve pages of other " +
			"sites does this on purpose, and clients that are no browsers may send any Origin.",
		Advice: "compare Origin with a list before the 101 and answer 403 to others (Node ws: verifyClient; gorilla/websocket: " +
			"CheckOrigin); set SameSite=Lax or Strict on the session cookie",
		Exchange: crossSite,
	},
	{
		ID: "SEC-02", Name: "request-smuggling", Level: event.Warning, Fault: event.ClientFault, Section: "RFC 9110 §7.8, RFC 9112 §11.2",
		Fires: "a refused upgrade was followed by further octets that were sent without waiting",
		Why: "The client asked for an upgrade and sent more without waiting, and the upgrade was refused. A proxy that passes " +
			"octets through from the request on, without waiting for the 101, takes what follows for WebSocket, while the backend " +
			"reads it as further HTTP requests that never met the proxy's rules. The bad version, key or Origin that gets the " +
			"refusal is then put there on purpose. It can also be a harmless client that sends frames too early, or that pipelines " +
			"requests.",
		Advice: "let the proxy pass octets through only after a 101 from the backend, and let the server close a connection whose " +
			"upgrade it refuses; find out what this client is",
		Exchange: requestSmuggling,
	},
	{
		ID: "SEC-03", Name: "tunnel", Level: event.Note, Fault: event.NoFault, Section: "RFC 6455 §10",
		Fires: "the payload is another protocol (SSH, TLS, HTTP, SOCKS, chisel, wstunnel, VNC)",
		Why: "A WebSocket is a way through firewalls and proxies that let HTTP pass, and programs such as chisel and wstunnel carry " +
			"any TCP connection in it. The payload begins as SSH, TLS, HTTP, SOCKS or RFB (VNC) do. That is legal, and often " +
			"intended: noVNC, remote terminals, IDEs. Where it is not, it is a way in or out that no other control sees.",
		Advice: "nothing to mend where this tunnel is known; where it is not, find out who runs both ends, and allow WebSocket only to " +
			"the paths and subprotocols that are needed",
		Message: tunnel,
	},
	{
		ID: "SEC-04", Name: "secret-in-handshake", Level: event.Note, Fault: event.ClientFault, Section: "RFC 9110 §17.9",
		Fires: "a token in the query or in a subprotocol",
		Why: "Browsers cannot set Authorization on a WebSocket, so tokens are put into the query or into a subprotocol. Proxies and " +
			"servers write both to their logs, and a URL is also kept in histories and monitoring; who reads them can connect as " +
			"the user for as long as the token lives. wshake prints the value redacted. Kubernetes does this by design, with " +
			"base64url.bearer.authorization.k8s.io.",
		Advice: "use a short-lived ticket for one connection, a cookie with Secure and SameSite, or send the token in the first " +
			"message; keep the query out of access logs",
		Exchange: secretInHandshake,
	},
	{
		ID: "SEC-05", Name: "overlap-conflict", Level: event.Warning, Fault: event.NoFault, Section: "RFC 9293 §3.10.7.4",
		Fires: "retransmitted TCP octets differ from the first copy",
		Why: "TCP may send octets again, but they must be the same. Where copies differ, systems differ in which they keep, so that " +
			"an analyser and the receiver may see different data: a known way to hide an attack. Other causes are an injected " +
			"packet, a middlebox that rewrites part of the stream, and faulty hardware. A keep-alive probe may carry one octet of " +
			"garbage and is harmless. The first copy was analysed, and what the receiver took is not certain.",
		Advice: "compare both copies in the named packets, their TTL, and a capture at the other end, to find which host or box sent " +
			"the second",
		Conflict: overlapConflict,
	},
}

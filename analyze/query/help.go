package query

import "strings"

// Topic is a part of the help on expressions: at most a screen.
type Topic struct {
	Title    string
	Examples []Example
}

// Example shows how a name or an operator is used.
type Example struct{ What, Expression string }

// Help lists all names and operators, each with an example.
func Help() []Topic { return topics }

// examples reads lines of a name and an expression.
func examples(text string) []Example {
	var list []Example
	for line := range strings.Lines(strings.TrimSpace(text)) {
		name, expression, _ := strings.Cut(strings.TrimSpace(line), " ")
		list = append(list, Example{name, strings.TrimSpace(expression)})
	}
	return list
}

var topics = []Topic{
	{"Names of every event", examples(`
		type          type == "message"
		time          time == "2024-05-01"
		conn          conn == 6
		community_id  community_id == "1:LQU9qZlK+B5F3KDmev6m5PMibrg="
		client        client in "10.0.0.0/8"
		server        server in ["10.1.2.3:443", "2001:db8::/32"]
		file          file endsWith "evening.pcapng"
		packet        packet in 100..200
		stream        stream == 5
	`)},
	{"Names of a handshake, which its messages, findings and its connection have, too", examples(`
		transport        transport == "h2"
		tls              tls
		sni              sni == "chat.example.org"
		alpn             alpn == nil && tls
		method           method != "GET"
		uri              uri startsWith "/chat"
		http_version     http_version == "HTTP/1.0"
		host             host endsWith ".example.org"
		origin           origin == nil
		user_agent       user_agent contains "Firefox"
		status           status >= 400
		reason           reason == "Forbidden"
		request_packet   request_packet > 1000
		response_packet  response_packet == nil
		latency_us       latency_us > "500ms"
		verdict          verdict in ["refused", "invalid"]
		findings         len(findings) > 1
	`)},
	{"Names of what a handshake agreed, likewise", examples(`
		version             version != "13"
		key                 key == "dGhlIHNhbXBsZSBub25jZQ=="
		key_valid           !key_valid
		accept              accept == nil
		accept_expected     accept != accept_expected
		accept_valid        !accept_valid
		protocols_offered   "graphql-ws" in protocols_offered
		protocol            protocol == "mqtt"
		extensions_offered  len(extensions_offered) > 0
		extensions          extensions == []
		deflate             deflate.client_max_window_bits < 15
		request_headers     any(request_headers, lower(#[0]) == "cookie")
		response_headers    any(response_headers, #[1] contains "nginx")
		response_body       response_body contains "Session ID unknown"
		forwarded           forwarded.client startsWith "192.0.2."
		other_leg           other_leg.role == "back"
	`)},
	{"Names of frames and messages", examples(`
		from           from == "client"
		opcode         opcode in ["ping", "pong"]
		length         length > 65535
		text           text contains "error"
		first_packet   first_packet < packet
		complete       !complete
		fin            !fin
		rsv1           rsv1
		rsv2           rsv2 || rsv3
		rsv3           rsv3
		masked         !masked && from == "client"
		mask           mask == "00000000"
		header_length  header_length == 14
		offset         offset == 0
		wire_length    wire_length < length
		frames         frames > 1
		compressed     compressed
		sha256         sha256 startsWith "2cf24dba"
		kind           kind == "json"
		app            app.protocol == "socket.io" && app.error != nil
		unknown_bytes  unknown_bytes > 0
	`)},
	{"Names of connections", examples(`
		opened           opened == "midstream"
		packets          packets > 10000
		bytes            bytes > 1000000
		duration_us      duration_us < "1s"
		ended            ended == "reset"
		ended_by         ended_by == "server"
		reset_code       reset_code == "REFUSED_STREAM"
		close            close.answered
		close_code       close_code == 1006
		code             code in 4000..4999
		close_reason     close_reason contains "timeout"
		longest_idle_us  longest_idle_us > "60s"
		pings            pings == 0
		ping_rtt_us      ping_rtt_us.median > 200000
		sides            sides.client.messages == 0
		caveats          "gap" in caveats
	`)},
	{"Names of findings", examples(`
		finding  finding == "accept-mismatch"
		name     name startsWith "close-"
		id       id == "RSP-06"
		level    level == "error"
		fault    fault == "middlebox"
		follows  follows != nil
		seen     seen contains "keep-alive"
		wanted   wanted != nil
		section  section contains "RFC 6455"
		advice   advice contains "nginx"
	`)},
	{"Operators", examples(`
		==,!=       status == 101
		<,<=,>,>=   length >= 126
		&&,and      tls && status == 403
		||,or       status == 502 || status == 504
		!,not       not (host endsWith ".example.org")
		in,not-in   opcode not in ["text", "binary"]
		..          status in 400..499
		contains    text contains "token"
		startsWith  uri startsWith "/socket.io/"
		endsWith    origin endsWith ".example.org"
		matches     text matches "(?i)error|fail"
		nil         status == nil
		??          (status ?? 0) < 400
		any,all     any(request_headers, #[0] == "Via")
		len         len(protocols_offered) > 1
		lower       lower(host) == "example.org"
		+,-,*,/     length - wire_length > 1000
	`)},
}

# TLS peers: the server on port 8443 with a certificate made for the recording, $certificate.pem with $certificate.key.
export truth keys

# make_certificate KEY... makes one for localhost with an RSA or, given ec, an ECDSA key.
make_certificate() {
  export certificate=$work/certificate
  local algorithm=(-newkey rsa:2048)
  [ "${1:-rsa}" = rsa ] || algorithm=(-newkey ec -pkeyopt ec_paramgen_curve:P-256)
  openssl req -x509 "${algorithm[@]}" -nodes -days 30 -subj /CN=localhost -addext 'subjectAltName=DNS:localhost,DNS:ws.example,IP:127.0.0.1' \
    -keyout "$certificate.key" -out "$certificate.pem" 2>"$work/openssl.log"
}

software_openssl() { software openssl "$(openssl version | cut -d' ' -f2)"; }

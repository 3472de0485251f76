. "$record/tls/node.sh"
shows 'A page over HTTPS and a WebSocket on the same connection; the secrets are in the file itself, in a Decryption Secrets Block.'
node_wss rsa
editing=(--inject-secrets "tls,$keys")

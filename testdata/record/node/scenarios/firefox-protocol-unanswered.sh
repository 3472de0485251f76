. "$record/node/firefox.sh"
shows 'Firefox offers two subprotocols, the server answers 101 without choosing one, and Firefox goes on without.'
firefox_page protocol-unanswered

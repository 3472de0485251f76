. "$record/node/chromium.sh"
shows 'Chromium and ws with permessage-deflate and windows of 1024 bytes in both directions, chosen by the server.'
chromium_page window-10

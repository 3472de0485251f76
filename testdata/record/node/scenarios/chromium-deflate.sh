. "$record/node/chromium.sh"
shows 'Chromium loads a page over HTTP and the page talks to ws with permessage-deflate as browsers negotiate it.'
chromium_page deflate

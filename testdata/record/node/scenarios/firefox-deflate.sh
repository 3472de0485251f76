. "$record/node/firefox.sh"
shows 'Firefox loads a page over HTTP and the page talks to ws with permessage-deflate as browsers negotiate it.'
firefox_page deflate

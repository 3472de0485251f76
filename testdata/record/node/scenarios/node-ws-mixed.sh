. "$record/node/peers.sh"
shows 'permessage-deflate agreed, but both sides send some messages uncompressed: the client, which keeps its context, by choice, the server, which does not, also those below its threshold.'
node_peers ws mixed

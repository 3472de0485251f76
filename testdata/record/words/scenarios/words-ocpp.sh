. "$record/words/peers.sh"
software_npm ocpp-rpc
shows 'ocpp-rpc on both ends, OCPP 1.6: calls of a charge point, the last of an action that nobody handles.'
words_peers ocpp

. "$record/words/peers.sh"
software_npm vscode-languageserver
software_npm vscode-ws-jsonrpc
shows 'vscode-languageserver behind vscode-ws-jsonrpc: an editor opens a file, is told what is wrong in it, asks for a hover and for a method that nobody knows.'
words_peers lsp

. "$record/h2/peers.sh"
shows 'The server opens no window for 1.5 s since its program does not read: a message of 25000 octets stands still behind 10000 octets, then goes on.'
server window=10000
capture
client paths=/slow big=25000

. "$record/proxies/namespaces.sh"
shows 'Every packet between a client and ws on port 9000 is there twice, as it enters and as it leaves a bridge (tcpdump -i any): one connection, and no retransmissions; nothing is wrong.'
namespace client 10.0.0.2/24
namespace backend 10.0.0.3/24
bridged
capture -i any tcp
conversation 10.0.0.3

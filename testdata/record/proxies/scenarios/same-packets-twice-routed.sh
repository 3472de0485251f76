. "$record/proxies/namespaces.sh"
shows 'Every packet between a client and ws on port 9000 is there twice, as it enters and, with a smaller time to live, as it leaves a router (tcpdump -i any): one connection, and no retransmissions; nothing is wrong.'
namespace client 10.0.1.2/24
namespace backend 10.0.2.2/24
routed 10.0.1.1/24 10.0.2.1/24
within $backend ip route add default via 10.0.2.1
capture -i any tcp
conversation 10.0.2.2

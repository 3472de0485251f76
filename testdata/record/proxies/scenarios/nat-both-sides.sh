. "$record/proxies/namespaces.sh"
shows 'A client at 10.0.0.2 talks to ws at 198.51.100.2 port 9000 through a router that translates its address to 198.51.100.1 and its port, recorded on both sides of the router (tcpdump -i any): two connections with the same sequence numbers and bytes; nothing is wrong.'
software nftables "$(nft -v | sed 's,nftables v\([^ ]*\).*,\1,')"
namespace client 10.0.0.2/24
namespace backend 198.51.100.2/24
routed 10.0.0.1/24 198.51.100.1/24
nft -f - <<'NFT'
table ip nat {
  chain postrouting {
    type nat hook postrouting priority srcnat;
    oifname "backend" meta l4proto tcp masquerade to :20000-29999
  }
}
NFT
capture -i any tcp
conversation 198.51.100.2

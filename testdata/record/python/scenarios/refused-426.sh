. "$record/python/peers.sh"
shows 'tornado answers an upgrade of version 99 with 426 and the versions it speaks.'
python_peers tornado refused_426

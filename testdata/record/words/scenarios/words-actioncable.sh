. "$record/words/peers.sh"
software_npm @rails/actioncable
software actioncable "$(ruby -e 'puts Gem.loaded_specs.fetch("actioncable") { gem "actioncable"; Gem.loaded_specs["actioncable"] }.version')"
software puma "$(puma --version | awk '{ print $NF }')"
shows '@rails/actioncable against Action Cable in puma: disconnect for a wrong token; then a channel with a message, and one that rejects.'
puma --quiet --bind tcp://127.0.0.1:8080 --threads 2:8 "$record/words/actioncable.ru" >"$work/puma.log" 2>&1 &
server=$!
listening 8080
words_peers actioncable
kill "$server"
wait "$server" || true

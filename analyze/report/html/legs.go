package html

// legsApart is how long after the client's request a proxy may ask its backend, ns.
const legsApart = 30e9

// legs pairs the handshakes in front of a proxy with those behind it: the second was asked for while the first had no
// answer, at another server, with the same key. Indexes of the two, in the order of the handshake in front.
func legs(list []*handshake) [][2]int {
	byKey := make(map[string][]int)
	for i, h := range list {
		if h.Key != nil && *h.Key != "" && h.Request != nil {
			byKey[*h.Key] = append(byKey[*h.Key], i)
		}
	}
	pairs := [][2]int{}
	behind := make(map[int]bool)
	for i, front := range list {
		if front.Key == nil || front.Request == nil {
			continue
		}
		for _, j := range byKey[*front.Key] {
			back := list[j]
			if i == j || behind[j] || back.Number == front.Number || back.Server == front.Server || back.Client == front.Client {
				continue
			}
			asked := back.Request.First
			late := asked < front.Request.Last || asked > front.Request.Last+legsApart
			if late || front.Response != nil && asked > front.Response.First {
				continue
			}
			pairs = append(pairs, [2]int{i, j})
			behind[j] = true
			break
		}
	}
	return pairs
}

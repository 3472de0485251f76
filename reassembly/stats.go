package reassembly

// Stats counts what a Table met, in segments where no unit is given.
type Stats struct {
	Segments      uint64
	Connections   uint64 // connections of which a SYN or payload was captured
	Remembered    uint64 // connections in the table now, ended ones included
	Sinks         uint64 // connections that were opened to the Handler
	Rejected      uint64 // connections
	Evicted       uint64 // connections dropped because MaxConnections was reached
	OverBudget    uint64 // connections dropped because the Budget was reached, ended ones included
	Expired       uint64 // open connections dropped for being idle
	Joined        uint64 // connections whose directions were captured in different tunnels
	Replaced      uint64 // open connections whose addresses and ports a new one took
	Dropped       uint64 // segments of rejected connections
	AfterEnd      uint64 // with payload after their direction had ended
	Retransmitted uint64
	KeepAlives    uint64 // RFC 9293 §3.8.4
	OutOfOrder    uint64
	Unplaced      uint64 // too far from what is expected to belong to a stream
	Gaps          uint64
	GapBytes      uint64 // octets
	Octets        uint64 // captured octets of streams; of rejected connections with what was sent again
	Missing       uint64 // octets of streams that were sent and not captured, CutOctets not counted
	CutOctets     uint64 // octets of streams beyond the snap length
	LateFills     uint64 // brought octets of a gap after it was named
	GivenUp       uint64 // gaps named early because MaxBuffered or MaxBufferedConn was reached
	Conflicts     uint64 // retransmissions that differ from the first copy
	Damaged       uint64 // segments with a wrong checksum of which a right copy came
	Uncompared    uint64 // retransmissions of queued octets that found no room to be kept for comparison
	BehindEnd     uint64 // octets behind the end of their direction that were not read
	RevokedRST    uint64 // both sides went on behind it
	RevokedFIN    uint64 // its sender went on in its place
	RefusedRST    uint64 // whose sequence number their receiver would refuse
	RefusedSYN    uint64 // inside the window of an open connection
	Strays        uint64 // RST of no known connection
	Buffered      uint64 // memory of the queued segments now, octets
	History       uint64 // memory of the kept tails now, octets
}

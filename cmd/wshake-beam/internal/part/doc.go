// Package part analyses a capture in parts that may be on many machines. It knows nothing of what carries values from
// one to the other: package pipeline does it with Apache Beam.
//
//	Runs      files: which of them are read together, and by whom
//	Straight  the only run of a capture: read once, its events printed
//	Walk      a piece of a large file: where it begins and ends, which Settle has fit
//	Look      a file: which flows it has, where it ends, which secrets are inside
//	Home      of a flow that is in several files: one of these
//	Send      a file: the segments of flows that have another home
//	Analyse   a file: what is made of the connections that are in it alone, and of the flows whose home it is
//	Paired    connections that have something in common, in groups
//	Judge     what was made of one file: connections are compared, events printed
//	JoinGroup the same for groups with connections of several files
//	Finish    what all sum up to
//
// # Design
//
// A flow stays in its file if no other file has packets of it, however it begins and ends: that is exact, also for late
// acknowledgements and for ports that are used again, and costs a hash of 8 octets for each flow and file. The packets
// of any other flow travel to the first file that has it, as decoded segments, so that datagrams in IP fragments are
// joined where they were captured (see Home). Neighbouring files that are read together are one file here.
// Rejected: to let flows stay that have a SYN and a FIN inside one file. What comes behind the FIN in the next file
// would become a connection of its own there. Rejected: to send a connection's state in place of its packets. Every
// layer would have to be written out, and files would wait for each other in a row.
//
// Ordinals are counted by a reader of all packets, whom there is not here. Events hold the file and the number of each
// packet instead, and Join numbers those that it meets in the order in which one reader would meet them.
//
// Connections are compared by package correlate, which is given all that one of them may be compared with: those with
// one key, or whose wrong Accept answers it, those of a proxy's two sides that wait for an answer at one time and whose
// paths end alike, refused attempts with the id of a session, and a browser's HTTP/2 connection to one server. All of
// these are one group, and what groups have in common makes one of them. Of ends without a Close the newest 128 of each
// hop are compared, wshake compares the newest 128 of all. A key that a million clients use is one group, and so are all
// attempts through a proxy that makes keys of its own while at no time none waits for an answer.
//
// The segments that come from other files are analysed in one run with the file's own packets, in the order of their
// places. Rejected: a second run for the flows of several files. The file's own packets of these would be copied.
//
// Every file is read twice, since which flows travel is known when all files have been looked at, and a third time
// where flows leave it. The first and the second reading decode headers, which takes a part of the time that the
// analysis takes.
package part

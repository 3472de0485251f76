// Package part analyses a capture in parts that may be on many machines. It knows nothing of what carries values from
// one to the other: package pipeline does it with Apache Beam.
//
//	Look      a file: which flows it has, where it ends, which secrets are inside
//	Analyse   a file: what is made of the connections that are in it alone; the segments of the others
//	Connect   a flow that is in several files: its segments in the order of the capture, and what is made of them
//	Join      what was made of all: connections are compared, events printed
//
// # Design
//
// A flow stays in its file if no other file has packets of it, however it begins and ends: that is exact, also for late
// acknowledgements and for ports that are used again, and costs a hash of 8 octets for each flow and file. All packets
// of any other flow travel, as decoded segments, so that datagrams in IP fragments are joined where they were captured.
// Rejected: to let flows stay that have a SYN and a FIN inside one file. What comes behind the FIN in the next file
// would become a connection of its own there.
//
// Ordinals are counted by a reader of all packets, whom there is not here. Events hold the file and the number of each
// packet instead, and Join numbers those that it meets in the order in which one reader would meet them.
//
// Every file is read twice, since which flows travel is known when all files have been looked at. Looking decodes
// headers and takes a part of the time that the analysis takes.
package part

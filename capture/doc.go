// Package capture reads packets: where they come from, when, and nothing of what they mean.
//
// A Source hands out packets in batches, in the order of the run's timeline. Everything above this package sees
// captures only through Packet, Batch and Source; files and live interfaces look the same.
//
// # Formats
//
// Read are pcap (draft-ietf-opsawg-pcap, with the older and modified forms that libpcap reads) and pcapng
// (draft-ietf-opsawg-pcapng), plain or compressed by gzip or zstd, one inside the other once at most. What a file is
// its first octets say, never its name.
//
// # Limits
//
// A packet of pcap and a block of pcapng that has to be held hold at most MaxRecord octets; the snap length that a
// file declares is not trusted, since offloaded segments exceed 65535 octets in honest files. A pcapng section may
// describe 65536 interfaces, a file report 64 blocks that were read past, a zstd window take 128 MiB. No buffer is
// larger than twice the octets that really arrived, or one buffer.
//
// # Design
//
// Files are read, not mapped. A file that shrinks while it is mapped kills the process from whatever goroutine touches
// the lost page, and no fault handler of ours covers them all; nor is a mapping faster: a page-cached file of 1 GB and
// 1.7 million packets took 105 ns a packet in buffers of 256 KiB (151 in 64 KiB, 114 in 1 MiB), mapped about 150, page
// faults included. Packets point into reference-counted buffers; a record that crosses the border of its buffer is
// moved to the start of the next one.
//
// A batch never waits for input once it holds a packet, so that a pipe from a running tcpdump is followed as it
// writes; for the same reason a batch of one file keeps one buffer at most, which bounds the memory behind batches in
// flight.
//
// Several files are merged on the time of their next packets. Each regular file is looked at once for its first
// time and closed again, then opened when the timeline reaches it: rotated captures cost one open file. Files that
// really overlap are open together.
//
// Behind damage the reader goes on where records follow one another again: for 72 KiB, which is more than one packet
// can hold of another capture that was downloaded in it, or up to the end of the file. A single plausible header would
// invent packets. The search looks at each octet a bounded number of times (resync.go). A pcap record whose length is
// wrong but possible takes what follows with it, up to that length. Rejected: to end the file there, as other readers
// do; one lost disk block would hide all that follows.
//
// Another capture behind the end of a file, as concatenating files makes it, is read on, of whatever format
// (header.go).
package capture

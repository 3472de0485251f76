// Package outfile owns how wshake makes a file that it writes.
//
// A [Guard] is told of everything a run reads and of every output, before anything is opened. Outputs are then made
// with [Guard.Create] (the file grows under its own name, as a capture does) or [Guard.CreateWhole] (the file appears
// under its name when it is complete, as a report does).
//
// # Design
//
// What an incident responder reads is evidence, and wshake often runs as root. So an output never changes a file that
// exists: it is made under a new name, with O_EXCL and O_NOFOLLOW, readable by its owner only, and, where --force
// allows it, renamed over the old name. Nothing is ever truncated. Files are compared by device and inode
// (os.SameFile), so neither a symbolic link nor a hard link hides an input.
//
// A FIFO or a terminal cannot be destroyed by writing, so both are written to as they are. A block device can, so it
// is refused, as are directories and symbolic links.
//
// Rejected: comparing absolute paths (blind to links), locking (says nothing of files that are not open yet).
package outfile

package http2

// LossKind is why something was not read though no peer was at fault.
type LossKind uint8

const (
	// LossPlace: octets were not captured, and it is not known where frames begin behind them. Of every stream frames may
	// be missing, and no stall of a window is told any more.
	LossPlace LossKind = iota + 1
	// LossResumed: frames were found again; Bytes octets were passed over.
	LossResumed
	// LossRest: frames were not found again before the end or the next gap; Bytes octets were not read.
	LossRest
	// LossFrame: octets of the frame Frame on Stream were not captured. Of DATA it is not told: see Handler.Gap.
	LossFrame
	// LossBlock: so a header block of Stream was lost. Fields of later blocks that refer to it are unknown.
	LossBlock
	// LimitBlock: a header block of Stream is longer than Limits.Block. It was not read, as with LossBlock.
	LimitBlock
	// LimitFields: fields of a header block of Stream are beyond Limits.Fields or Limits.List and were left out.
	LimitFields
	// LimitStreams: Stream is not followed since Limits.Streams others are.
	LimitStreams
	// LimitSettings: more SETTINGS than Limits.Settings wait for their acknowledgement. No stall of a window is told any
	// more.
	LimitSettings
	// LimitHeld: more than Limits.Held octets of the server would have to wait for the client's request on Stream. They
	// are read without it.
	LimitHeld
)

// Loss says that something was not read. A limit is told once of a side, but LimitBlock and LimitStreams once of a
// stream.
type Loss struct {
	Kind   LossKind
	From   Side
	At     At // the packet that made it certain
	Frame  Type
	Stream uint32
	Bytes  uint64
}

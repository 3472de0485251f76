package http2

import "encoding/binary"

// SettingID names a setting.
type SettingID uint16

// The settings of RFC 9113 §6.5.2, RFC 8441 §3 and RFC 9218 §2.1.
const (
	SettingHeaderTableSize       SettingID = 0x1
	SettingEnablePush            SettingID = 0x2
	SettingMaxConcurrentStreams  SettingID = 0x3
	SettingInitialWindowSize     SettingID = 0x4
	SettingMaxFrameSize          SettingID = 0x5
	SettingMaxHeaderListSize     SettingID = 0x6
	SettingEnableConnectProtocol SettingID = 0x8
	SettingNoRFC7540Priorities   SettingID = 0x9
)

// Setting is one of a SETTINGS frame.
type Setting struct {
	ID    SettingID
	Value uint32
}

const settingSize = 6

// parseSettings appends the settings of a SETTINGS frame's payload to list, in order (RFC 9113 §6.5.1).
func parseSettings(list []Setting, p []byte) ([]Setting, FaultKind) {
	if len(p)%settingSize != 0 {
		return list, FaultFrameSize
	}
	for ; len(p) > 0; p = p[settingSize:] {
		list = append(list, Setting{SettingID(binary.BigEndian.Uint16(p)), binary.BigEndian.Uint32(p[2:])})
	}
	return list, FaultNone
}

// fault says what is wrong about the value of s, by itself.
func (s Setting) fault() FaultKind {
	fits := true
	switch s.ID {
	case SettingEnablePush, SettingEnableConnectProtocol, SettingNoRFC7540Priorities:
		fits = s.Value <= 1
	case SettingInitialWindowSize:
		fits = s.Value <= maxWindow
	case SettingMaxFrameSize:
		fits = s.Value >= defaultMaxFrame && s.Value < 1<<24
	}
	if !fits {
		return FaultSetting
	}
	return FaultNone
}

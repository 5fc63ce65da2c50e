package token

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
)

// A charsmap says what sequences of characters are replaced by, as
// SentencePiece's precompiled_charsmap does: a size in bytes as uint32, a
// double-array trie (Aoe 1989, as in Darts-clone) of that size, and texts that
// end with a zero byte. The trie is of uint32 units:
//
//	bits 0-7, 31   label: the byte that leads here; of a value, bit 31 is set
//	bit 8          the unit has a value, which is at its offset
//	bits 9-30      offset, to be combined with the index by exclusive or:
//	               bits 10-30, and 8 bits to the left if bit 9 is set
//	bits 0-30      of a value: where its text begins
type charsmap struct {
	units []uint32
	texts string
	grow  int // how many bytes at most become of one
}

// charsmapTextMax is far above the longest text of Unicode's NFKC, which has 33 bytes.
const charsmapTextMax = 256

// newCharsmap reads a precompiled_charsmap. An empty one is nil, which replaces nothing.
func newCharsmap(data []byte) (*charsmap, error) {
	if len(data) == 0 {
		return nil, nil
	}
	if len(data) < 4 {
		return nil, fmt.Errorf("%d bytes, want 4 or more", len(data))
	}
	size := binary.LittleEndian.Uint32(data)
	if int64(size) > int64(len(data)-4) || size%4 != 0 || size == 0 {
		return nil, fmt.Errorf("the trie has %d bytes, want a multiple of 4 up to %d", size, len(data)-4)
	}
	m := &charsmap{units: make([]uint32, size/4), texts: string(data[4+size:]), grow: 1}
	for i := range m.units {
		m.units[i] = binary.LittleEndian.Uint32(data[4+4*i:])
	}
	if !strings.HasSuffix(m.texts, "\x00") {
		return nil, errors.New("the texts do not end with a zero byte")
	}
	for text := range strings.SplitSeq(m.texts, "\x00") {
		m.grow = max(m.grow, len(text))
	}
	if m.grow > charsmapTextMax {
		return nil, fmt.Errorf("a text of %d bytes exceeds the limit of %d", m.grow, charsmapTextMax)
	}
	return m, nil
}

// longest returns the length of the longest sequence that text begins with and
// what replaces it, or 0.
func (m *charsmap) longest(text string) (n int, replacement string) {
	if m == nil {
		return 0, ""
	}
	found := uint32(0)
	at := offset(m.units[0])
	for i := range len(text) {
		at ^= uint32(text[i])
		if int64(at) >= int64(len(m.units)) {
			break
		}
		unit := m.units[at]
		if unit&(1<<31|0xff) != uint32(text[i]) {
			break
		}
		at ^= offset(unit)
		if unit>>8&1 != 0 && int64(at) < int64(len(m.units)) {
			n, found = i+1, m.units[at]&(1<<31-1)
		}
	}
	if n == 0 || int64(found) >= int64(len(m.texts)) {
		return 0, ""
	}
	replacement, _, _ = strings.Cut(m.texts[found:], "\x00")
	return n, replacement
}

func offset(unit uint32) uint32 { return unit >> 10 << (unit & (1 << 9) >> 6) }

package sample

import (
	"math"
	"slices"

	"cria/internal/token"
)

// A history counts the recent tokens and lowers their logits.
type history struct {
	repeat, presence, frequency float32
	counts                      []int32    // of each token among the recent; nil if there are no penalties
	seen                        []token.ID // those with a count, in any order
	recent                      []token.ID // a ring of the last tokens; empty if all are recent
	next                        int        // where the next one goes
	length                      int        // how many the ring holds
}

func newHistory(p *Params, vocab int) history {
	h := history{repeat: p.RepeatPenalty, presence: p.PresencePenalty, frequency: p.FrequencyPenalty}
	if p.RepeatLastN == 0 || h.repeat == 1 && h.presence == 0 && h.frequency == 0 {
		return h
	}
	h.counts = make([]int32, vocab)
	h.seen = make([]token.ID, 0, vocab)
	if p.RepeatLastN > 0 {
		h.recent = make([]token.ID, p.RepeatLastN)
	}
	return h
}

func (h *history) add(id token.ID) {
	if h.counts == nil {
		return
	}
	if len(h.recent) > 0 {
		if h.length == len(h.recent) {
			h.forget(h.recent[h.next])
		} else {
			h.length++
		}
		h.recent[h.next] = id
		h.next = (h.next + 1) % len(h.recent)
	}
	if h.counts[id] == 0 {
		h.seen = append(h.seen, id)
	}
	h.counts[id]++
}

func (h *history) forget(id token.ID) {
	h.counts[id]--
	if h.counts[id] == 0 {
		i := slices.Index(h.seen, id)
		last := len(h.seen) - 1
		h.seen[i] = h.seen[last]
		h.seen = h.seen[:last]
	}
}

// penalize lowers the logits of recent tokens. The repeat penalty (Keskar et
// al. 2019) divides positive ones and multiplies others, so that both go down;
// then frequency is subtracted for each occurrence and presence once.
func (h *history) penalize(logits []float32) {
	for _, id := range h.seen {
		x := logits[id]
		if math.IsInf(float64(x), -1) {
			continue // forbidden by bias
		}
		if x > 0 {
			x /= h.repeat
		} else {
			x *= h.repeat
		}
		d := float32(float32(h.counts[id])*h.frequency) + h.presence
		logits[id] = finite(finite(x) - finite(d))
	}
}

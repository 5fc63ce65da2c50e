package sample

import (
	"cmp"
	"slices"

	"cria/internal/kernel"
	"cria/internal/token"
)

func (s *Sampler) hasTopK() bool { return s.p.TopK > 0 && s.p.TopK < s.vocab }

// keepTopK keeps the k most likely tokens, and of these what top-p and min-p leave.
func (s *Sampler) keepTopK(logits []float32, most float32) {
	s.kept = appendTop(s.kept[:0], logits, s.p.TopK)
	s.trim(s.weigh(most))
}

// keepLikely keeps what top-p and min-p leave of all tokens.
func (s *Sampler) keepLikely(logits []float32, most float32) {
	copy(s.weights, logits)
	total := kernel.ExpSum(s.weights, most)
	// A token that is not the most likely, with a probability below (1-p)/(n-1), would be
	// kept by top-p only if all before it had less than p together; it and those after
	// it, at most n-1 and none more likely, had then less than 1-p: not 1 in all.
	// A weight is the probability relative to that of the most likely token, which is 1.
	if s.p.TopP < 1 {
		cutoff := max(s.p.MinP, min(1, total*((1-s.p.TopP)/float32(max(1, s.vocab-1)))))
		s.kept = appendLikely(s.kept[:0], logits, s.weights, cutoff, float64(s.p.TopP)*float64(total))
	} else { // min-p needs no order
		s.kept = appendAbove(s.kept[:0], logits, s.weights, s.p.MinP)
	}
	s.weigh(most)
	s.trim(total)
}

// weigh sets the weights of what is kept and returns their sum.
func (s *Sampler) weigh(most float32) float32 {
	w := s.weights[:len(s.kept)]
	for i, c := range s.kept {
		w[i] = c.score
	}
	return kernel.ExpSum(w, most)
}

// trim keeps the first of the candidates, which are weighed, and sorted if any
// are to go: the fewest with the share TopP of total, of these the ones with MinP or more.
func (s *Sampler) trim(total float32) {
	enough := float64(s.p.TopP) * float64(total)
	sum, n := 0.0, 0
	for n < len(s.kept) && (n == 0 || s.weights[n] >= s.p.MinP) {
		sum += float64(s.weights[n])
		n++
		if s.p.TopP < 1 && sum >= enough {
			break
		}
	}
	s.kept = s.kept[:n]
}

// few is how many tokens are sorted in the hope that they are enough: a model
// that is sure of itself, as most are on most tokens, has fewer in its top-p.
const few = 256

// appendLikely appends the tokens with a weight of cutoff or more, sorted by
// score, or only the first of them, which weigh more than enough together.
// Scores have the order of the weights. kept must be empty.
func appendLikely(kept []candidate, scores, weights []float32, cutoff float32, enough float64) []candidate {
	kept = appendTop(kept, scores, min(few, len(scores)))
	sum := 0.0
	for i, c := range kept {
		if weights[c.id] < cutoff {
			return kept[:i]
		}
		if sum += float64(weights[c.id]); sum > enough {
			return kept[:i+1]
		}
	}
	kept = appendAbove(kept[:0], scores, weights, cutoff)
	sortCandidates(kept)
	return kept
}

// appendAbove appends the tokens with a weight of cutoff or more, in the order of their ids.
func appendAbove(kept []candidate, scores, weights []float32, cutoff float32) []candidate {
	for i, w := range weights {
		if w >= cutoff {
			kept = append(kept, candidate{scores[i], token.ID(i)})
		}
	}
	return kept
}

// sortCandidates puts the highest scores first, of equal ones the lowest ids.
func sortCandidates(c []candidate) {
	slices.SortFunc(c, func(a, b candidate) int {
		switch {
		case a.score > b.score:
			return -1
		case a.score < b.score:
			return 1
		}
		return cmp.Compare(a.id, b.id)
	})
}

// appendTop appends the k tokens with the highest scores, sorted; of equal ones
// those with the lowest ids. k must be from 1 to len(scores).
func appendTop(top []candidate, scores []float32, k int) []candidate {
	for i, x := range scores[:k] {
		top = append(top, candidate{x, token.ID(i)})
	}
	for i := k/2 - 1; i >= 0; i-- {
		down(top, i)
	}
	// top is a heap with the worst of the best so far at its root. A later token with
	// the same score is worse: its id is higher.
	worst := top[0].score
	for i, x := range scores[k:] {
		if x > worst {
			top[0] = candidate{x, token.ID(k + i)}
			down(top, 0)
			worst = top[0].score
		}
	}
	sortCandidates(top)
	return top
}

// down moves h[i] to its place in the heap below it: nothing is worse than what is above it.
func down(h []candidate, i int) {
	for {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if right := child + 1; right < len(h) && worse(h[right], h[child]) {
			child = right
		}
		if !worse(h[child], h[i]) {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

func worse(a, b candidate) bool {
	return a.score < b.score || a.score == b.score && a.id > b.id
}

package gpu

// A Mark is what changes a token's logit before one is chosen.
type Mark struct {
	ID    int32
	Count int32   // how often it was there lately
	Bias  float32 // that is added
	_     int32
}

// MarksMax is how many tokens may have marks.
const MarksMax = 4096

// Marks change logits as package sample says. No two are of the same token. If it Follows, the token that was picked
// last, which the host need not know, is to be counted too.
type Marks struct {
	List                        []Mark
	Follows                     bool
	Repeat, Presence, Frequency float32
}

// addMarks appends to the pass what the choice's marks do to logits.
func (b *Backend) addMarks(logits Ptr) {
	p, m := &b.pick, &b.pick.choice.Marks
	if len(m.List) == 0 && !m.Follows {
		return
	}
	if p.marks == 0 {
		p.marks = b.alloc(16 * (MarksMax + 1))
	}
	head := Mark{ID: int32(len(m.List))}
	if m.Follows {
		head.Count = 1
	}
	p.list = append(append(p.list[:0], head), m.List...)
	b.pass.Uploads = append(b.pass.Uploads, Transfer{bytesOf(p.list), p.marks})
	Add(&b.pass, "mark", [3]int{1, 1, 1}, threads, 0, &markArgs{
		Logits: logits, Marks: p.marks, Token: p.device,
		Repeat: m.Repeat, Presence: m.Presence, Frequency: m.Frequency,
	})
}

package place

import (
	"cria/internal/gpu"
	"cria/internal/par"
)

// StartTrace keeps a record of what runs from now on.
func (p *Place) StartTrace() {
	if p.Pool != nil {
		p.Pool.StartTrace()
	}
	if p.GPU != nil {
		p.GPU.StartTrace()
	}
}

// Tracks returns the record: of the processor's workers, of the thread that drives the GPU, and of its kernels.
func (p *Place) Tracks() []par.Track {
	var tracks []par.Track
	if p.Pool != nil {
		tracks = append(tracks, par.Track{Name: "cpu", Spans: p.Pool.Spans()})
	}
	if p.GPU != nil {
		device, host := p.GPU.Spans()
		tracks = append(tracks, par.Track{Name: "host", Spans: spans(host)}, par.Track{Name: p.Name, Spans: spans(device)})
	}
	return tracks
}

// spans returns those of a GPU in the words of package par: the items are a kernel's blocks.
func spans(list []gpu.Span) []par.Span {
	var spans []par.Span
	for _, s := range list {
		spans = append(spans, par.Span{Task: s.Name, Hi: s.Blocks, Start: s.Start, End: s.End})
	}
	return spans
}

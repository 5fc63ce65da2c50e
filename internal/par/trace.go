package par

import (
	"bufio"
	"encoding/json"
	"io"
	"time"
)

// A Span is one piece of work that was done: items Lo to Hi-1 of a task by a worker.
type Span struct {
	Task           string
	Worker, Lo, Hi int
	Start, End     time.Time
}

// A trace keeps what each worker did. A worker writes to its own list only.
type trace struct{ spans [][]Span }

func (t *trace) add(s Span) { t.spans[s.Worker] = append(t.spans[s.Worker], s) }

// StartTrace makes the pool keep a Span of every piece from now on. It must not be called during Run.
func (p *Pool) StartTrace() { p.trace = &trace{make([][]Span, p.workers)} }

// Spans returns what the pool kept since StartTrace, worker by worker.
func (p *Pool) Spans() []Span {
	if p.trace == nil {
		return nil
	}
	var all []Span
	for _, spans := range p.trace.spans {
		all = append(all, spans...)
	}
	return all
}

// A Track is a part of a timeline: spans of the workers of one kind.
type Track struct {
	Name  string
	Spans []Span
}

// An event is one of the Trace Event Format: a span, or the name of a track.
type event struct {
	Name string         `json:"name"`
	Ph   string         `json:"ph"`
	Pid  int            `json:"pid"`
	Tid  int            `json:"tid"`
	Ts   float64        `json:"ts"`
	Dur  float64        `json:"dur"`
	Args map[string]any `json:"args"`
}

// WriteTrace writes tracks in the Trace Event Format (JSON), which Perfetto and
// Chrome's tracing page open: one row for each worker of a track, times in microseconds.
func WriteTrace(w io.Writer, tracks ...Track) error {
	var first time.Time
	for _, t := range tracks {
		for _, s := range t.Spans {
			if first.IsZero() || s.Start.Before(first) {
				first = s.Start
			}
		}
	}
	buf := bufio.NewWriter(w)
	separator := `{"displayTimeUnit":"ns","traceEvents":[` + "\n"
	write := func(e event) error {
		line, err := json.Marshal(e)
		buf.WriteString(separator)
		buf.Write(line)
		separator = ",\n"
		return err
	}
	for i, t := range tracks {
		name := event{Name: "process_name", Ph: "M", Pid: i + 1, Args: map[string]any{"name": t.Name}}
		if err := write(name); err != nil {
			return err
		}
		for _, s := range t.Spans {
			err := write(event{
				s.Task, "X", i + 1, s.Worker, float64(s.Start.Sub(first).Nanoseconds()) / 1e3,
				float64(s.End.Sub(s.Start).Nanoseconds()) / 1e3, map[string]any{"Lo": s.Lo, "Hi": s.Hi},
			})
			if err != nil {
				return err
			}
		}
	}
	if len(tracks) == 0 {
		buf.WriteString(separator)
	}
	buf.WriteString("\n]}\n")
	return buf.Flush()
}

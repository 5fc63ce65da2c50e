package par

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestTrace(t *testing.T) {
	for _, pieces := range []int{0, 1, 5} {
		p := New(2)
		p.StartTrace()
		p.Run(NewTask("sum", func(_, _, _ int) {}), pieces, 1)
		p.Close()
		var buf bytes.Buffer
		if err := WriteTrace(&buf, Track{"cpu", p.Spans()}, Track{Name: "none"}); err != nil {
			t.Fatal(err)
		}
		var got struct {
			TraceEvents []struct {
				Name, Ph string
				Pid      int
				Args     struct {
					Name   string
					Lo, Hi int
				}
			}
		}
		if err := json.Unmarshal(buf.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, buf.Bytes())
		}
		if len(got.TraceEvents) != pieces+2 {
			t.Fatalf("%d events, want %d and 2 names: %+v", len(got.TraceEvents), pieces, got.TraceEvents)
		}
		for i, e := range got.TraceEvents {
			switch {
			case i == 0 && (e.Ph != "M" || e.Args.Name != "cpu" || e.Pid != 1),
				i > 0 && i <= pieces && (e.Ph != "X" || e.Name != "sum" || e.Args.Hi != e.Args.Lo+1 || e.Pid != 1),
				i > pieces && (e.Ph != "M" || e.Args.Name != "none" || e.Pid != 2):
				t.Errorf("event %d: %+v", i, e)
			}
		}
	}
}

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
		if err := WriteTrace(&buf, p.Spans()); err != nil {
			t.Fatal(err)
		}
		var got struct{ TraceEvents []struct{ Name string } }
		if err := json.Unmarshal(buf.Bytes(), &got); err != nil {
			t.Fatalf("%v in %s", err, buf.Bytes())
		}
		if len(got.TraceEvents) != pieces || pieces > 0 && got.TraceEvents[0].Name != "sum" {
			t.Errorf("%d events, want %d: %+v", len(got.TraceEvents), pieces, got.TraceEvents)
		}
	}
}

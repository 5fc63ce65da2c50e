package bench

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"cria/internal/load"
	"cria/internal/par"
)

// Overhead says where the time of generation goes: into tasks, which are the loops over numbers, and
// between them. All figures are for one token.
type Overhead struct {
	Name, Type string
	Threads    int
	Token      float64 // microseconds, while no record was kept
	Outside    float64 // the part of it in which the average worker waited, or was the caller between two tasks
	Tasks      []TaskTime
	Barriers   float64 // jobs that all workers had to end before the next began; launches on a GPU
	Pieces     float64 // pieces of these jobs; blocks of these launches
	Wakes      float64 // workers that slept and were woken
}

// TaskTime is the microseconds of the average worker in one task.
type TaskTime struct {
	Task string
	Time float64
}

// MeasureOverhead generates n tokens, and as many again while it keeps a record of every piece, or of every kernel of a
// GPU. The record takes time too, between tasks: so Outside is what the first tokens took longer than the tasks
// of the others. Kernels of a GPU also take longer alone than one after the other, so there it may be below 0.
func MeasureOverhead(r *Runner, name string, n int) Overhead {
	r.Reset(1)
	r.Generate(1)
	seconds, _ := r.Generate(n)
	o := Overhead{
		Name: name, Type: load.TypeOf(r.Weights).String(), Threads: r.Threads, Token: seconds * 1e6 / float64(n),
	}
	r.Reset(1)
	r.Generate(1)
	r.at.StartTrace()
	var jobs, pieces, wakes int64
	if pool := r.at.Pool; pool != nil {
		jobs, pieces, wakes = pool.Jobs, pool.Pieces, pool.Wakes
	}
	r.Generate(n)
	tracks := r.at.Tracks()
	spans := tracks[len(tracks)-1].Spans // of what computes
	if pool := r.at.Pool; pool != nil {
		jobs, pieces, wakes = pool.Jobs-jobs, pool.Pieces-pieces, pool.Wakes-wakes
	} else {
		jobs = int64(len(spans))
		for _, s := range spans {
			pieces += int64(s.Hi)
		}
	}
	o.Barriers, o.Pieces, o.Wakes = perToken(jobs, n), perToken(pieces, n), perToken(wakes, n)
	o.addTasks(spans, n)
	return o
}

// addTasks sums up what n tokens took.
func (o *Overhead) addTasks(spans []par.Span, n int) {
	times := map[string]time.Duration{}
	for _, s := range spans {
		times[s.Task] += s.End.Sub(s.Start)
	}
	o.Outside = o.Token
	for task, d := range times {
		t := d.Seconds() * 1e6 / float64(n) / float64(max(o.Threads, 1))
		o.Tasks = append(o.Tasks, TaskTime{task, t})
		o.Outside -= t
	}
	slices.SortFunc(o.Tasks, func(a, b TaskTime) int {
		return cmp.Or(cmp.Compare(b.Time, a.Time), strings.Compare(a.Task, b.Task))
	})
}

// perToken divides a count of n tokens by their number.
func perToken(count int64, n int) float64 { return float64(count) / float64(n) }

// WriteOverheads prints aligned columns.
func WriteOverheads(w io.Writer, list []Overhead) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "model\ttype\tthreads\tµs a token\tin tasks\toutside µs\tbarriers\tpieces\twakes\ttasks, µs")
	for _, o := range list {
		var tasks []string
		for _, task := range o.Tasks {
			tasks = append(tasks, fmt.Sprintf("%s %.1f", task.Task, task.Time))
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%.1f\t%.0f %%\t%.1f\t%.1f\t%.1f\t%.2f\t%s\n", o.Name, o.Type, o.Threads, o.Token,
			100*(1-o.Outside/o.Token), o.Outside, o.Barriers, o.Pieces, o.Wakes, strings.Join(tasks, ", "))
	}
	return t.Flush()
}

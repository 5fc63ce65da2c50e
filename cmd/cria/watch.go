package main

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"runtime/pprof"

	"cria"
)

// watchFlags say what to record while a model runs.
type watchFlags struct {
	Verbose    int    `short:"v" type:"counter" help:"Log more: -v is --log-level info, -vv debug, -vvv trace."`
	LogLevel   string `placeholder:"LEVEL" enum:"error,warn,info,debug,trace" default:"warn" env:"CRIA_LOG_LEVEL" help:"What to log on standard error: ${enum} (${default}); trace logs every token."`
	CPUProfile string `name:"cpuprofile" placeholder:"FILE" help:"Write a profile for go tool pprof."`
	Trace      string `placeholder:"FILE" help:"Write a timeline of what every thread does, and every kernel of a GPU, for ui.perfetto.dev."`
	NoColor    bool   `help:"Write no colours (nor with NO_COLOR, nor to what is no terminal)."`
}

// levelTrace is below slog's own levels.
const levelTrace = slog.LevelDebug - 4

// levels are those that --log-level names, from quiet to loud.
var levels = []struct {
	name  string
	level slog.Level
}{
	{"error", slog.LevelError}, {"warn", slog.LevelWarn}, {"info", slog.LevelInfo},
	{"debug", slog.LevelDebug}, {"trace", levelTrace},
}

// logger returns a logger to w for the louder of --log-level and -v.
func (f *watchFlags) logger(w io.Writer) *slog.Logger {
	const warn = 1 // which -v starts from
	loud := min(warn+f.Verbose, len(levels)-1)
	for i, l := range levels {
		if l.name == f.LogLevel && (f.Verbose == 0 || i > loud) {
			loud = i
		}
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: levels[loud].level, ReplaceAttr: nameTrace}))
}

// nameTrace makes slog write TRACE where it would write DEBUG-4.
func nameTrace(_ []string, attr slog.Attr) slog.Attr {
	if level, ok := attr.Value.Any().(slog.Level); ok && level == levelTrace {
		attr.Value = slog.StringValue("TRACE")
	}
	return attr
}

// profile starts a profile, if one is asked for. The caller must call stop.
func (f *watchFlags) profile() (stop func() error, err error) {
	if f.CPUProfile == "" {
		return func() error { return nil }, nil
	}
	file, err := os.Create(f.CPUProfile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		_ = file.Close() // the first error is the one to report
		return nil, fmt.Errorf("--cpuprofile: %w", err)
	}
	return func() error {
		pprof.StopCPUProfile()
		return file.Close()
	}, nil
}

// writeTrace writes the timeline of a model, if one is asked for.
func (f *watchFlags) writeTrace(m *cria.Model) error {
	if f.Trace == "" {
		return nil
	}
	file, err := os.Create(f.Trace)
	if err != nil {
		return err
	}
	if err := m.WriteTrace(file); err != nil {
		_ = file.Close() // the first error is the one to report
		return err
	}
	return file.Close()
}

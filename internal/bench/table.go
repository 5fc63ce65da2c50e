package bench

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
)

// head is the first line of every table.
var head = []string{"name", "model", "type", "cache", "threads", "grain", "test", "tok/s", "rate", "ceiling", "share"}

// cells returns a row as text, with the median and the range of each figure.
func (r *Row) cells() []string {
	grain := "auto"
	if r.Grain > 0 {
		grain = strconv.Itoa(r.Grain)
	}
	list := []string{r.Name, r.Model, r.Type, r.Cache, strconv.Itoa(r.Threads), grain, r.Test, r.Tokens.text(1)}
	if r.Unit == "" {
		return append(list, "", "", fmt.Sprintf("cria is %.2f× (%.2f–%.2f)", r.Share.Median, r.Share.Min, r.Share.Max))
	}
	if r.Ceiling.Median == 0 {
		return append(list, r.Rate.text(1)+" "+r.Unit, "", "")
	}
	return append(list, r.Rate.text(1)+" "+r.Unit, r.Ceiling.text(1),
		fmt.Sprintf("%.0f %% (%.0f–%.0f)", 100*r.Share.Median, 100*r.Share.Min, 100*r.Share.Max))
}

// text returns "median (min–max)" with a number of digits after the point.
func (s Stat) text(digits int) string {
	return fmt.Sprintf("%.*f (%.*f–%.*f)", digits, s.Median, digits, s.Min, digits, s.Max)
}

// A Format is a way to print a table.
type Format func(w io.Writer, rows []Row) error

// Formats are the ways there are.
var Formats = map[string]Format{"text": Text, "md": Markdown, "csv": CSV, "json": JSON}

// Text prints aligned columns.
func Text(w io.Writer, rows []Row) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, strings.Join(head, "\t"))
	for i := range rows {
		fmt.Fprintln(t, strings.Join(rows[i].cells(), "\t"))
	}
	return t.Flush()
}

// Markdown prints a table for a document.
func Markdown(w io.Writer, rows []Row) error {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for i := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(rows[i].cells(), " | "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// CSV prints one number to a cell.
func CSV(w io.Writer, rows []Row) error {
	c := csv.NewWriter(w)
	columns := []string{"name", "model", "type", "cache", "threads", "grain", "test", "unit"}
	for _, s := range []string{"tokens", "rate", "ceiling", "share"} {
		columns = append(columns, s+"_median", s+"_min", s+"_max")
	}
	if err := c.Write(append(columns, "rounds")); err != nil {
		return err
	}
	for i := range rows {
		r := &rows[i]
		line := []string{r.Name, r.Model, r.Type, r.Cache, strconv.Itoa(r.Threads), strconv.Itoa(r.Grain), r.Test, r.Unit}
		for _, s := range []Stat{r.Tokens, r.Rate, r.Ceiling, r.Share} {
			for _, x := range []float64{s.Median, s.Min, s.Max} {
				line = append(line, strconv.FormatFloat(x, 'g', 6, 64))
			}
		}
		if err := c.Write(append(line, strconv.Itoa(r.Tokens.N))); err != nil {
			return err
		}
	}
	c.Flush()
	return c.Error()
}

// JSON prints an array of objects.
func JSON(w io.Writer, rows []Row) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(rows)
}

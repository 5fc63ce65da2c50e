package corpus

// A plot is a kind of story. From each of its tables, whose rows are words that
// go together, a story takes one row.
type plot struct {
	tables [][][]string
	text   []string // paragraphs
}

// plots are all there are.
var plots = concat(thingPlots, friendPlots, worldPlots, homePlots, playPlots, promisePlots, teamPlots, eveningPlots,
	seasonPlots, pathPlots, creaturePlots, marketPlots)

func concat(lists ...[]plot) []plot {
	var all []plot
	for _, list := range lists {
		all = append(all, list...)
	}
	return all
}

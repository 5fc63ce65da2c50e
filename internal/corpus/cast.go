package corpus

import "math/rand/v2"

// A castKind says who plays in a plot.
type castKind uint8

const (
	anyone   castKind = iota // children or animals
	children                 // for plots with schools, kitchens and streets
)

var (
	girls = []string{
		"Mia", "Lily", "Anna", "Ella", "Zoe", "Ruby", "Nora", "Ivy", "Emma", "Lucy", "Clara", "Rosa", "Maya", "Tess", "Nina",
		"Amy", "Eva", "Lena", "Kate", "Sara", "Hana", "June", "Dora", "Molly", "Poppy", "Alice", "Betty", "Cora", "Daisy", "Fern",
	}
	boys = []string{
		"Tom", "Ben", "Sam", "Max", "Leo", "Finn", "Jack", "Noah", "Owen", "Luke", "Theo", "Eli", "Hugo", "Oscar", "Toby",
		"Adam", "Nico", "Ravi", "Omar", "Paul", "Kai", "Milo", "Otto", "Felix", "Henry", "Jonas", "Peter", "Simon", "Will", "Louis",
	}
	// Names of animals, of either sex.
	petNames = []string{
		"Pip", "Momo", "Bobo", "Tiki", "Pepper", "Biscuit", "Button", "Coco", "Dot", "Fizz", "Hazel", "Honey",
		"Jojo", "Kiki", "Lulu", "Maple", "Olive", "Patch", "Rusty", "Sunny", "Waffle", "Nibbles", "Clover", "Bramble",
	}
	animals = []string{"rabbit", "mouse", "fox", "squirrel", "hedgehog", "bear", "otter", "mole", "badger", "hamster"}

	// Grown-ups that children and animals ask for help, and what one calls them.
	elders = [][]string{
		{"elder", "Grandma Rose", "ehe", "she", "ehim", "her", "ehis", "her"},
		{"elder", "Grandpa Joe", "ehe", "he", "ehim", "him", "ehis", "his"},
		{"elder", "Captain Hill", "ehe", "he", "ehim", "him", "ehis", "his"},
		{"elder", "Mrs. Lane", "ehe", "she", "ehim", "her", "ehis", "her"},
		{"elder", "Uncle Bob", "ehe", "he", "ehim", "him", "ehis", "his"},
		{"elder", "Aunt May", "ehe", "she", "ehim", "her", "ehis", "her"},
		{"elder", "Farmer Green", "ehe", "he", "ehim", "him", "ehis", "his"},
		{"elder", "Miss Bell", "ehe", "she", "ehim", "her", "ehis", "her"},
	}
	wiseAnimals = [][]string{
		{"elder", "the old owl", "ehe", "she", "ehim", "her", "ehis", "her"},
		{"elder", "the wise turtle", "ehe", "he", "ehim", "him", "ehis", "his"},
		{"elder", "the old goat", "ehe", "he", "ehim", "him", "ehis", "his"},
		{"elder", "the gray goose", "ehe", "she", "ehim", "her", "ehis", "her"},
		{"elder", "the big deer", "ehe", "he", "ehim", "him", "ehis", "his"},
		{"elder", "the kind cow", "ehe", "she", "ehim", "her", "ehis", "her"},
	}
)

// newCast chooses a hero, a pal of the other sex, so that he and she are never in
// doubt, and an elder.
func newCast(rng *rand.Rand, kind castKind) map[string]string {
	one := func(list []string) string { return list[rng.IntN(len(list))] }
	w := map[string]string{}
	girl := rng.IntN(2) == 0
	if kind == children || rng.IntN(3) > 0 {
		w["hero"], w["kind"], w["pal"], w["pkind"] = one(boys), "boy", one(girls), "girl"
		if girl {
			w["hero"], w["kind"], w["pal"], w["pkind"] = w["pal"], "girl", w["hero"], "boy"
		}
		addRow(w, elders[rng.IntN(len(elders))])
	} else {
		w["hero"], w["kind"] = one(petNames), one(animals)
		for w["pal"] == "" || w["pal"] == w["hero"] || w["pkind"] == w["kind"] {
			w["pal"], w["pkind"] = one(petNames), one(animals)
		}
		addRow(w, wiseAnimals[rng.IntN(len(wiseAnimals))])
	}
	she, he := []string{"she", "her", "her", "herself"}, []string{"he", "him", "his", "himself"}
	if !girl {
		she, he = he, she
	}
	for i, key := range []string{"he", "him", "his", "himself"} {
		w[key], w["p"+key] = she[i], he[i]
	}
	return w
}

func addRow(w map[string]string, row []string) {
	for i := 0; i+1 < len(row); i += 2 {
		w[row[i]] = row[i+1]
	}
}

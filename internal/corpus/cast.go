package corpus

import (
	"math/rand/v2"
	"strings"
)

// Every name is of one sex, always the same, and no two grown-ups share a word of theirs.
var (
	girls = strings.Fields("Mia Lily Anna Ella Zoe Ruby Nora Ivy Emma Lucy Clara Rosa Maya Tess Nina Amy Eva Lena Kate " +
		"Sara Hana June Dora Molly Poppy Alice Betty Cora Daisy Fern Julia Lola Mina Pia Stella Vera Wendy Yara Ada Greta")
	boys = strings.Fields("Tom Ben Sam Max Leo Finn Jack Noah Owen Luke Theo Eli Hugo Oscar Toby Adam Nico Ravi Omar " +
		"Paul Kai Milo Otto Felix Henry Jonas Peter Simon Rory Louis Emil Jasper Karim Lars Marco Ned Rafi Seth Victor Yuri")
	petGirls = strings.Fields("Coco Dot Hazel Tilly Kiki Lulu Maple Olive Clover Momo Pepper Sunny Bella " +
		"Cleo Fluff Ginger Minty Nutmeg Posy Pixie Tansy Trixie Willow Zuzu")
	petBoys = strings.Fields("Pip Bobo Tiki Biscuit Button Rusty Patch Waffle Bramble Fizz Jojo Nibbles Acorn " +
		"Barney Chip Dusty Flip Gus Hopper Moss Muffin Pickle Rocky Thistle")
	animals = strings.Fields("rabbit mouse fox squirrel hedgehog bear otter mole badger hamster dragon")

	// Grown-ups that children and animals ask for help.
	women = []string{
		"Grandma Rose", "Mrs. Lane", "Aunt May", "Miss Bell", "Grandma Pearl", "Mrs. Wood", "Aunt Polly", "Miss Reed", "Doctor Stone",
		"Mrs. Park", "Aunt Ida", "Miss North",
	}
	men = []string{
		"Grandpa Joe", "Captain Hill", "Uncle Bob", "Farmer Green", "Grandpa Walt", "Captain Storm", "Uncle Fred", "Farmer Brook", "Mr. Field",
		"Mr. Baker", "Uncle Ali", "Mr. West",
	}
	wiseWomen = []string{
		"the old owl", "the gray goose", "the kind cow", "the brown hen", "the gentle sheep", "the white swan",
	}
	wiseMen = []string{
		"the wise turtle", "the old goat", "the big deer", "the slow donkey", "the black raven", "the proud rooster",
	}
)

// newCast chooses a hero, a pal of the other sex, so that he and she are never in
// doubt, and an elder.
func newCast(rng *rand.Rand) map[string]string {
	one := func(list []string) string { return list[rng.IntN(len(list))] }
	w := map[string]string{}
	girl := rng.IntN(2) == 0
	ladies, gentlemen, wise := girls, boys, [2][]string{women, men}
	if rng.IntN(4) > 0 {
		w["kind"], w["pkind"] = "boy", "girl"
		if girl {
			w["kind"], w["pkind"] = "girl", "boy"
		}
	} else {
		ladies, gentlemen, wise = petGirls, petBoys, [2][]string{wiseWomen, wiseMen}
		w["kind"] = one(animals)
		for w["pkind"] == "" || w["pkind"] == w["kind"] {
			w["pkind"] = one(animals)
		}
	}
	she := []string{one(ladies), "she", "her", "her", "herself"}
	he := []string{one(gentlemen), "he", "him", "his", "himself"}
	if !girl {
		she, he = he, she
	}
	for i, key := range []string{"hero", "he", "him", "his", "himself"} {
		w[key], w["p"+key] = she[i], he[i]
	}
	w["pal"] = w["phero"]
	i := rng.IntN(2)
	w["elder"] = one(wise[i])
	for j, key := range []string{"ehe", "ehim", "ehis"} {
		w[key] = [2][3]string{{"she", "her", "her"}, {"he", "him", "his"}}[i][j]
	}
	return w
}

func addRow(w map[string]string, row []string) {
	for i := 0; i+1 < len(row); i += 2 {
		w[row[i]] = row[i+1]
	}
}

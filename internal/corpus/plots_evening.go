package corpus

// eveningPlots are about a dark evening and a long day.
var eveningPlots = []plot{
	{ // The lamps go out, and it is the best evening.
		tables: [][][]string{{
			{"do", "play cards", "did", "played cards"}, {"do", "paint", "did", "painted pictures"}, {"do", "read", "did", "read a big book"},
			{"do", "sew", "did", "sewed a blanket"}, {"do", "draw", "did", "drew a map"}, {"do", "build", "did", "built a tower of blocks"},
			{"do", "sort buttons", "did", "sorted buttons"}, {"do", "make paper boats", "did", "made paper boats"},
		}, {
			{"shadow", "dog", "other", "butterfly"}, {"shadow", "wolf", "other", "snail"}, {"shadow", "dragon", "other", "cat"}, {"shadow", "horse", "other", "bird"},
			{"shadow", "lion", "other", "kitten"}, {"shadow", "fish", "other", "duck"}, {"shadow", "spider", "other", "lamb"}, {"shadow", "giant", "other", "frog"},
		}, {
			{"tale", "a ship that sailed to the moon"}, {"tale", "a king who could not sleep"}, {"tale", "a queen who lost her crown"}, {"tale", "a whale that could sing"},
			{"tale", "a princess who tamed a lion"}, {"tale", "a tree with golden apples"}, {"tale", "a cloud that wanted to be a boat"}, {"tale", "a little star that fell into a well"},
		}, {
			{"song", "the moon"}, {"song", "a green frog"}, {"song", "three little ducks"}, {"song", "the wide sea"}, {"song", "a brave sailor"},
			{"song", "the four winds"}, {"song", "a train in the night"}, {"song", "a hen with a hat"},
		}},
		text: []string{
			"{opening} One [stormy|wet and windy|wild and rainy] evening, {hero} and {his} friend {pal} sat with {elder} and {did}. [The wind shook the windows|The rain beat on the roof|The thunder rolled], and before {hero} and {pal} knew it, all the lamps went out.",
			"\"Now it is too dark to {do}, and [our evening is spoiled|we can only go to bed|we will have no more fun], {pal},\" said {hero} {sadly}. \"[A dark evening can be the best of all|There are things that can only be done in the dark|Just wait and see what the dark is good for], {hero},\" said {elder}, who [lit a candle|found a candle and lit it|put a candle on the table].",
			"{Elder} showed {hero} how to make a shadow on the wall that looked like {a shadow}. Then {pal} made {a other}, and [soon|at once|before long] {pal}'s {other} [danced with|ran after|played with] {hero}'s {shadow}.",
			"Later, {elder} told {hero} and {pal} the story of {tale}, and [they listened with open mouths|they forgot the storm|nobody heard the storm anymore]. After that, {pal} [began to sing|taught them|thought of] a song about {song}, and {hero} and {elder} [sang along|beat time on the table|clapped their hands].",
			"Suddenly the lamps came back, but {hero} and {pal} [did not want so much light|liked the dark better now|were not glad at all]. \"[May we put the lamps out again|Can it be dark a little longer|Could we have one more story in the dark]?\" asked {hero}, and {elder} [laughed|smiled] and put out all the lamps. \"[This is the best evening of all|I hope that the lamps go out again tomorrow|I am glad that the lamps went out], {pal},\" whispered {hero}. {slept}",
		},
	},
	{ // A small animal has to be looked after, which is harder than it seemed.
		tables: [][][]string{{
			{"small", "baby goat", "first", "ate the flowers on the table", "second", "jumped up and down on the bed", "food", "warm milk"},
			{"small", "puppy", "first", "ran off with a shoe", "second", "pulled the blanket from the bed", "food", "warm milk"},
			{"small", "kitten", "first", "climbed up to the top of the shelf", "second", "pushed a cup from the table", "food", "cool milk"},
			{"small", "duckling", "first", "splashed in the soup", "second", "hid under the stairs", "food", "soft crumbs"},
			{"small", "lamb", "first", "ran through the clean laundry", "second", "ate a page of a book", "food", "fresh milk"},
			{"small", "piglet", "first", "rolled in the mud", "second", "ran over the white sheets", "food", "sweet apples"},
			{"small", "baby crow", "first", "took all the spoons", "second", "threw the buttons on the floor", "food", "ripe berries"},
			{"small", "chick", "first", "fell into the flour", "second", "made white footprints all over the room", "food", "little seeds"},
		}, {
			{"idea", "wrap it in a blanket", "did", "wrapped it in a warm blanket"}, {"idea", "sing to it", "did", "sang to it very softly"},
			{"idea", "whisper to it", "did", "whispered to it for a long time"}, {"idea", "tell it a story", "did", "told it a story in a quiet voice"},
			{"idea", "make it a soft bed", "did", "made it a soft bed"}, {"idea", "sit down beside it", "did", "sat down on the floor beside it"},
			{"idea", "stroke its back", "did", "stroked its back again and again"}, {"idea", "hum a tune", "did", "hummed a slow tune"},
		}},
		text: []string{
			"{opening} {day}, {elder} had to go [to the market|across the lake|to the next village] and came to {hero} with {a small}. \"Could you look after it [until tonight|until the evening|until I come back], {hero}?\" asked {elder}. \"[That will be easy|Nothing is easier than that|It is so small that it will be no work],\" said {hero}.",
			"But {elder} had hardly said goodbye to {hero} when the {small} {first}. While {hero} [cleaned up|caught {his} breath|looked the other way], the {small} {second}, and then it [would not stand still|cried and cried|ran around and around].",
			"Then {palIntro}, heard the noise and came in. \"[Maybe|Perhaps|I think that] the {small} is only [tired|a little lonely|a bit scared], so let us {idea}, {hero},\" said {pal}.",
			"So {hero} and {pal} {did}. [Little by little|After a while|Before long], the {small} [closed its eyes|grew quiet|lay down] and fell asleep beside {hero}. When it woke up, {pal} gave it {food}, and [after that|from then on] the {small} followed {hero} [everywhere|like a shadow|wherever {he} went].",
			"[In the evening|When the sun was low|At the end of the day], {elder} came back and asked {hero} if it had been [easy|as easy as it looked|fun]. \"It was [very hard|hard work|much harder than I thought], but [now I know what it needs|I would gladly do it again|we are good friends now],\" said {hero}. {fromThen}, {hero} and {pal} often [helped {elder} with|played with|looked after] the {small}. {slept}",
		},
	},
}

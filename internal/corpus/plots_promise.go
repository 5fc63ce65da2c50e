package corpus

// promisePlots are about what friends have agreed upon.
var promisePlots = []plot{
	{ // A promise is kept though something better comes along.
		tables: [][][]string{{
			{"job", "dig up the potatoes"}, {"job", "pick the apples"}, {"job", "paint the fence"}, {"job", "rake the leaves"},
			{"job", "clean the barn"}, {"job", "wash the windows"}, {"job", "stack the wood"}, {"job", "water the garden"},
			{"job", "plant the beans"}, {"job", "sweep the yard"},
		}, {
			{"fun", "visit the fair"}, {"fun", "sail on the lake"}, {"fun", "see the circus"}, {"fun", "ride on the hay wagon"},
			{"fun", "see the puppet show"}, {"fun", "fly a big kite"}, {"fun", "ride in a balloon"}, {"fun", "row to the island"},
			{"fun", "climb the old tower"}, {"fun", "look at the big ships"},
		}},
		text: []string{
			"{opening} [{day}, {hero}|{day}, {hero}|{Hero}] met {palIntro}. \"[Will|Can|Could] you help me to {job} tomorrow, {hero}?\" asked {pal}. \"[Yes|Of course|Sure], {pal}, [I promise|I promise to come|that is a promise],\" said {hero}.",
			"The next [day|morning], {hero} was on {his} way to {pal}'s house when {elder} came [down the road|along the path|by]. \"I am going to {fun} today, so [come with me|come along], {hero},\" said {elder}. {Hero}'s [eyes grew big|heart jumped|eyes began to shine], because {he} had always wanted to {fun}.",
			"\"[I would love to come|I want to come very much|That would be wonderful], but I promised {pal} to help {phim} to {job},\" said {hero} {sadly}. So {elder} went on alone, and {hero} [hurried|walked|ran] to {pal}[, just as {he} had promised| without a word|].",
			"\"[I knew that you would come|It is good that you are here|I am so glad that you came], {hero}!\" said {pal}, who was [waiting|standing] at the [gate|door]. {Hero} and {pal} began to {job}, and they [sang|told jokes|laughed] until [the work was done|everything was done|they were done].",
			"In the evening, {elder} came [by|back] and said, \"You kept your promise, {hero}, so tomorrow you and {pal} [may|can] {fun} with me.\" {Elder} kept this promise, too, and the next day {hero} and {pal} [had more fun than ever before|had the best day of the year|were as happy as could be]. [{fromThen}, {pal} [believed every promise that {hero} made|knew that {hero} always kept a promise|knew that {hero} was a true friend].|{slept}|]",
		},
	},
	{ // Two friends wait for each other at different places.
		tables: [][][]string{{
			{"spot", "bridge", "one", "the stone bridge", "two", "the wooden bridge"},
			{"spot", "gate", "one", "the front gate", "two", "the back gate"},
			{"spot", "big tree", "one", "the big oak tree", "two", "the big pine tree"},
			{"spot", "well", "one", "the old well", "two", "the new well"},
			{"spot", "mill", "one", "the old mill", "two", "the new mill"},
			{"spot", "pond", "one", "the duck pond", "two", "the frog pond"},
			{"spot", "bench", "one", "the green bench", "two", "the red bench"},
			{"spot", "fence", "one", "the white fence", "two", "the brown fence"},
			{"spot", "barn", "one", "the red barn", "two", "the white barn"},
			{"spot", "tower", "one", "the old tower", "two", "the clock tower"},
		}, {
			{"plan", "fly kites"}, {"plan", "look for mushrooms"}, {"plan", "have a picnic"}, {"plan", "swim in the lake"},
			{"plan", "play catch"}, {"plan", "pick berries"}, {"plan", "build a hut"}, {"plan", "look for treasure"},
			{"plan", "climb trees"}, {"plan", "sail little boats"},
		}},
		text: []string{
			"{opening} {Hero}'s best friend was {palIntro}. [{day}, {hero}|{day}, {hero}|{Hero}] and {pal} made a plan to {plan} the next day. \"Let us meet at the {spot} [after breakfast|after lunch|at noon], {hero},\" said {pal}.",
			"The next day, {hero} [ran|walked|hurried] to {one} and [waited|looked around], but {pal} [did not come|was nowhere to be seen]. \"[I think|Maybe|Perhaps] {pal} has forgotten [me|our plan],\" said {hero} {sadly}.",
			"But {pal} was [waiting|looking] for {hero} at {two}. \"[Where can {hero} be|Why does {hero} not come|Has {hero} forgotten me]?\" thought {pal} and [looked down the path|kicked a stone|looked up at the sky].",
			"At last {elder} came [by|along|down the path] and saw {hero} [sitting|waiting|standing] there alone. \"[We wanted to|We were going to] meet at the {spot}, but {pal} does not come,\" said {hero}. \"There is [more than one {spot} here|another {spot}], {hero}, and [I saw {pal}|{pal} is waiting] at {two},\" said {elder}.",
			"{Hero} thanked {elder} and ran [all the way|as fast as the wind] to {two}, and there was {pal}. \"[I waited for you at {one}|I was waiting at {one}], {pal}!\" [cried|called] {hero}. Then {hero} and {pal} [laughed out loud|gave each other a hug] and went off to {plan}. {fromThen}, {hero} and {pal} always [said|told each other] which {spot} they meant. [{slept}|]",
		},
	},
}

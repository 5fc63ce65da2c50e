package corpus

// creaturePlots are about wild creatures.
var creaturePlots = []plot{
	{ // A hurt creature is nursed and set free, and comes back to greet.
		tables: [][][]string{{
			{"creature", "sparrow", "spot", "under a bush", "hurt", "could not move one wing", "cure", "tied the wing with a soft thread", "food", "bread crumbs",
				"free", "flew up into a tree", "greet", "tapped on the window three times"},
			{"creature", "robin", "spot", "beside the path", "hurt", "had a thorn in its foot", "cure", "pulled out the thorn", "food", "red berries",
				"free", "flew over the trees", "greet", "sang a song in front of the door"},
			{"creature", "frog", "spot", "near the pond", "hurt", "had hurt its leg", "cure", "put a cool leaf around the leg", "food", "little worms",
				"free", "jumped into the pond", "greet", "sat on the steps and sang loudly"},
			{"creature", "wild duck", "spot", "by the lake", "hurt", "had a hurt wing", "cure", "tied the wing with a soft thread", "food", "wet bread",
				"free", "swam far out on the lake", "greet", "stood at the gate with five ducklings"},
			{"creature", "dove", "spot", "behind the barn", "hurt", "had hurt its foot", "cure", "washed the foot with warm water", "food", "sunflower seeds",
				"free", "flew over the roof of the barn", "greet", "sat on the fence and bowed its head"},
			{"creature", "seagull", "spot", "on the bridge", "hurt", "had a thread around its feet", "cure", "cut the thread", "food", "little fish",
				"free", "flew up to the clouds", "greet", "flew in big circles over the house"},
			{"creature", "crow", "spot", "under an apple tree", "hurt", "had hurt one wing", "cure", "washed the wing with warm water", "food", "nuts",
				"free", "flew up to the highest branch", "greet", "dropped a shiny button at the door"},
			{"creature", "beaver", "spot", "by the river", "hurt", "had a thorn in its foot", "cure", "pulled out the thorn", "food", "fresh leaves",
				"free", "swam down the river", "greet", "put a smooth stick in front of the door"},
		}},
		text: []string{
			"{opening} [{day}, {hero}|{day}, {hero}|{Hero}] and {his} friend {pal} found a {creature} {spot}. The [poor|little|tired] {creature} {hurt}, and it looked up at {hero}. \"[Somebody must help it|We cannot leave it here|It needs our help], {pal},\" said {hero}.",
			"{Hero} and {pal} carried the {creature} to {elder} in a [basket|blanket|box]. {Elder} {cure} and said, \"[Be gentle with it|Let it sleep|Let it rest], {hero}, and give it {food}.\"",
			"At home, {hero} made a [soft|warm|little] bed of [hay|moss|leaves] for the {creature}. Every [day|morning|evening], {pal} [brought|came with] {food}, and {hero} [fed|sang for|sat with] the {creature}. [Day after day|Little by little|Week after week], the {creature} got [better|stronger], and {hero} and {pal} were [happy|glad|proud].",
			"\"[I would love to keep it|I will miss it so much|It is hard to let it go], {pal},\" said {hero} {sadly} when the {creature} was well again. \"[It is wild and wants to be free|Its home is out there|It can be our friend and still be free], {hero},\" said {pal}. So {hero} and {pal} [carried|brought] the {creature} back to its home, and it {free}.",
			"[Many weeks later|One morning in spring|One day in summer], {hero} and {pal} heard [a noise|something] outside. {Hero} [opened the door|looked out|ran outside] and saw the {creature}, which {greet}. \"[It did not forget us|It came to say thank you|It wants to say hello|A good friend always comes back], {pal}!\" cried {hero}. {fromThen}, the {creature} [often|always|sometimes] came back to [visit|see] {hero} and {pal}.",
		},
	},
}

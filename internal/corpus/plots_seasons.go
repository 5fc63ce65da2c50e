package corpus

// seasonPlots are about the weather and the time of the year.
var seasonPlots = []plot{
	{ // A picnic is rained out and is held in another place.
		tables: [][][]string{
			{
				{"there", "in the barn", "my", "in my barn", "seat", "on the hay", "nice", "the swallows sang for them under the roof"},
				{"there", "on the porch", "my", "on my porch", "seat", "on the wooden floor", "nice", "a wet little bird came and sat down beside them"},
				{"there", "in the kitchen", "my", "in my kitchen", "seat", "under the big table", "nice", "the pot on the fire hummed a song"},
				{"there", "in the attic", "my", "in my attic", "seat", "between the old boxes", "nice", "they wore funny old hats"},
				{"there", "in the mill", "my", "in my mill", "seat", "on the bags of flour", "nice", "the big wheel turned and sang its song"},
				{"there", "in the boat house", "my", "in my boat house", "seat", "in an old boat", "nice", "they pretended to sail across the sea"},
				{"there", "in the stable", "my", "in my stable", "seat", "on the straw", "nice", "a little lamb came and wanted a bite"},
				{"there", "in the tent", "my", "in my tent", "seat", "around a little lamp", "nice", "their shadows danced on the walls"},
				{"there", "in the tree house", "my", "in my tree house", "seat", "on the soft rug", "nice", "the wet leaves whispered all around them"},
				{"there", "in the garden shed", "my", "in my garden shed", "seat", "among the flowerpots", "nice", "the rain played a song on the roof"},
			},
			{
				{"spot", "by the lake", "food", "bread and cheese"}, {"spot", "on the hill", "food", "apple cake"}, {"spot", "in the meadow", "food", "nuts and berries"},
				{"spot", "under the big oak", "food", "cherry pie"}, {"spot", "near the stream", "food", "cookies and pears"}, {"spot", "at the edge of the forest", "food", "bread and honey"},
				{"spot", "on the beach", "food", "sweet pancakes"}, {"spot", "by the old bridge", "food", "carrots and cake"},
			},
		},
		text: []string{
			"{opening} [{day}, {hero}|{day}, {hero}|{Hero}] and {his} friend {pal} [set out for|went to have|were on their way to] a picnic {spot}. {Hero} carried [a basket full of|a big basket with|a bag full of] {food}, and {pal} carried [the blanket|the cups|the lemonade].",
			"But [when|just as] {hero} sat down {spot}, [the sky grew dark|big clouds came|a big drop fell on {his} nose], and [then|soon] it rained hard. \"[Our picnic is spoiled|We cannot eat in the rain|Now we have to go home], {pal},\" said {hero} {sadly}. \"[A picnic does not need the sun|We only need a dry place|There must be another place for us], {hero},\" said {pal}.",
			"\"[Come along|Come with me|Do not be sad], {hero}, you can have your picnic {my},\" said {elder}, [who saw them in the rain|who had seen the rain|who came by]. {Hero} had never had a picnic {there}, but {pal} [liked the idea|took {him} by the hand|was already on the way].",
			"{Hero} and {pal} sat down {seat} and [put the {food} between them|ate the {food}|tasted the {food}], and {elder} [brought hot tea|brought warm milk|sat down with them]. While {hero} and {pal} [ate|had their picnic], {nice}.",
			"\"[The rain is over|The sun is shining again|It is dry again], {hero}, so shall we go back now?\" asked {pal} [after a while|at last|later]. \"[I would rather stay here|No, this picnic is much too nice|Not yet, I like it here], {pal},\" said {hero}. {fromThen}, {hero} and {pal} [had a picnic {there} every year|were not sad about a little rain|liked a picnic {there} best of all]. {slept}",
		},
	},
	{ // Something is waited for, and comes when nobody waits.
		tables: [][][]string{
			{
				{"thing", "the first snow", "look", "at the gray sky", "not", "not one flake fell", "came", "big white flakes were falling", "joy", "ran through the new snow"},
				{"thing", "the red cherries", "look", "at the cherry tree", "not", "the cherries were still green", "came", "the tree was full of red cherries", "joy", "ate cherries until their mouths were red"},
				{"thing", "the swallows", "look", "at the nest under the roof", "not", "the nest was still empty", "came", "two swallows were flying around their old nest", "joy", "watched the swallows for a long time"},
				{"thing", "the strawberries", "look", "at the strawberry plants", "not", "there were only leaves", "came", "there were red strawberries everywhere", "joy", "picked a big bowl of strawberries"},
				{"thing", "the first flower of spring", "look", "at the garden", "not", "there was only brown earth", "came", "a yellow flower stood in the sun", "joy", "danced around the yellow flower"},
				{"thing", "the ice on the pond", "look", "at the pond", "not", "there was only cold water", "came", "the whole pond was covered with thick ice", "joy", "slid across the ice"},
				{"thing", "the frogs", "look", "at the quiet pond", "not", "not one frog was there", "came", "the pond was full of green frogs", "joy", "sang along with the frogs"},
				{"thing", "the ripe apples", "look", "at the apple tree", "not", "the apples were still small and green", "came", "the apples were big and red", "joy", "picked apples until the basket was full"},
				{"thing", "the brown nuts", "look", "at the nut tree", "not", "the nuts were still green", "came", "the grass was full of brown nuts", "joy", "gathered nuts until the basket was full"},
				{"thing", "the butterflies", "look", "at the meadow", "not", "not one butterfly was there", "came", "the meadow was full of blue butterflies", "joy", "danced with the butterflies"},
			},
			{
				{"work", "build a birdhouse", "piece", "the birdhouse"}, {"work", "paint an old chair", "piece", "the chair"}, {"work", "sew a quilt", "piece", "the quilt"},
				{"work", "carve a wooden horse", "piece", "the wooden horse"}, {"work", "make a kite", "piece", "the kite"}, {"work", "knit a long scarf", "piece", "the scarf"},
				{"work", "repair an old clock", "piece", "the clock"}, {"work", "make a big drum", "piece", "the drum"}, {"work", "build a toy ship", "piece", "the ship"},
				{"work", "paint a big picture", "piece", "the picture"},
			},
		},
		text: []string{
			"{opening} One year, {hero} [could hardly wait|was waiting|waited and waited] for {thing}. Every [day|morning|evening] {hero} [went|ran] out to look {look}, but {not}.",
			"When {palIntro}, came to play, {hero} [could only think of|only talked of|only wanted to wait for] {thing}. \"[Nothing comes faster when you stare|{Thing} will not come sooner if you look|Waiting is easier when you do something], {hero},\" said {pal}.",
			"\"I want to {work}, {hero}, and [I need your help|you and {pal} could help me|I cannot do it alone],\" said {elder} [the next day|one day|a week later]. {Pal} [came to help|helped], too, and [in the end|soon|before long] {hero} was so busy with {piece} that {he} forgot [all about|to wait for|to look out for] {thing}.",
			"Then, [on the day when|as soon as|just when] {piece} was done, {pal} [looked out of the door|went to the door|opened the window] and called, \"[Come quickly|You must see this|Come and look], {hero}!\" {Hero} ran out to look, and [all at once|to {his} surprise,|this time] {came}.",
			"{Hero} and {pal} {joy}, and {elder} [came out, too|smiled at them|laughed with them]. \"[Good things like to surprise us|Time goes by faster when you are busy|That is the best way to wait], {hero},\" said {elder}. {fromThen}, when {hero} had to wait for something, {he} [asked {elder} for some work|played with {pal} until it came|made something with {pal}]. {slept}",
		},
	},
}

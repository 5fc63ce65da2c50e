package corpus

// marketPlots are about stalls, fairs and contests.
var marketPlots = []plot{
	{ // A stall where nobody buys anything, until the two have an idea.
		tables: [][][]string{
			{
				{"goods", "honey cakes"}, {"goods", "nut cookies"}, {"goods", "berry pies"}, {"goods", "sweet pears"},
				{"goods", "apple cakes"}, {"goods", "pancakes"}, {"goods", "cherry pies"}, {"goods", "red plums"},
				{"goods", "carrot cakes"}, {"goods", "warm pies"}, {"goods", "juicy melons"},
			},
			{
				{"idea", "sing a funny song", "did", "sang a funny song"},
				{"idea", "hang up colored flags", "did", "hung up colored flags"},
				{"idea", "paint a big picture", "did", "painted a big picture"},
				{"idea", "give everyone a little taste", "did", "gave everyone a little taste"},
				{"idea", "dance in the road", "did", "danced in the road"},
				{"idea", "beat a big drum", "did", "beat a big drum"},
				{"idea", "tell jokes to everyone", "did", "told jokes to everyone"},
				{"idea", "wear tall paper crowns", "did", "wore tall paper crowns"},
				{"idea", "put flowers everywhere", "did", "put flowers everywhere"},
				{"idea", "juggle three balls", "did", "juggled three balls"},
				{"idea", "stand on our heads", "did", "stood on their heads"},
			},
			{
				{"goal", "red kite"}, {"goal", "new swing"}, {"goal", "toy boat"}, {"goal", "jump rope"}, {"goal", "picture book"},
				{"goal", "little wagon"}, {"goal", "music box"}, {"goal", "tent"}, {"goal", "sled"}, {"goal", "toy train"},
			},
		},
		text: []string{
			"{opening} {Hero} and {his} friend {pal} [wished for|wanted to buy|dreamed of] {a goal}, but they [had no money|had only one coin|did not have enough money]. [{day}, {hero}|{day}, {hero}|{Hero}] and {pal} put up a little stall [beside the road|in front of the gate|near the bridge|by the well] to sell {goods}.",
			"{Hero} called out how [good|fresh|fine] the {goods} were, but everyone [walked|went|ran] by [without a look|in a hurry|and did not stop]. Even {elder}, who loved {goods}, [walked|hurried|went] by and [did not buy one|looked the other way|did not see them]. \"[Nobody wants|Nobody sees|Nobody stops for] our {goods}, {pal},\" said {hero} {sadly}.",
			"{Pal} [thought about it|looked at the clouds|walked around the stall] for a while, and {hero} [thought hard, too|did the same|scratched {his} head]. \"[What if we|Could we not|Shall we] {idea}, {hero}?\" asked {pal}. \"[Yes, let us try it|That is a good idea|Now that is fun], {pal}!\" {said} {hero}.",
			"So {hero} and {pal} {did}, and [soon|before long|little by little] [a crowd|a long line|half the village] stood in front of the stall. {Elder} came [back|running], too, [tried|tasted|ate] one of the {goods}, and bought [three|four|five|six] more.",
			"[In the evening|When the sun was low|At the end of the day], {hero} and {pal} had no more {goods}, but they had [a box|a bag|a pot|a cup] full of coins. The next [day|morning], {hero} and {pal} bought the {goal}, and they [shared it like good friends|never quarreled about it|had fun with it all summer]. {slept}",
		},
	},
	{ // The truth is told, even if it costs the prize.
		tables: [][][]string{
			{
				{"sup", "biggest", "what", "pumpkin", "help", "watered the pumpkin every day"},
				{"sup", "best", "what", "loaf of bread", "help", "made the dough"},
				{"sup", "finest", "what", "kite", "help", "made the tail of the kite"},
				{"sup", "best", "what", "jar of jam", "help", "picked the berries"},
				{"sup", "tallest", "what", "sunflower", "help", "planted the seed"},
				{"sup", "prettiest", "what", "picture", "help", "painted the sky in the picture"},
				{"sup", "finest", "what", "toy boat", "help", "made the sail of the boat"},
				{"sup", "longest", "what", "carrot", "help", "watered the carrot all summer"},
				{"sup", "warmest", "what", "scarf", "help", "made one half of the scarf"},
				{"sup", "prettiest", "what", "birdhouse", "help", "made the roof"},
				{"sup", "best", "what", "apple pie", "help", "cut the apples"},
			},
			{
				{"prize", "silver cup"}, {"prize", "golden bell"}, {"prize", "red flag"}, {"prize", "big drum"}, {"prize", "gold coin"},
				{"prize", "blue cart"}, {"prize", "music box"}, {"prize", "silver spoon"}, {"prize", "toy train"}, {"prize", "straw hat"},
			},
		},
		text: []string{
			"{opening} [One summer|One year] there was a contest for the {sup} {what}, and {hero} [wanted|hoped|wished] to win the prize, {a prize}. Everyone had to work alone, but {hero} [did not think of that|forgot that] when {his} friend {pal} {help}.",
			"On the [big day|day of the contest], {elder}, who had to find the winner, [walked up and down|put on {ehis} glasses|took a long time] and stopped in front of {hero}'s {what}. \"This is the {sup} {what} of all, and so the {prize} goes to {hero}!\" [said|called] {elder}.",
			"Everyone [clapped|cheered], but {hero} saw {pal} in the crowd and [remembered who had helped|felt a stone in {his} stomach|knew that something was wrong]. \"[If I say nothing, the {prize} is mine|Nobody knows it, and I want the {prize} so much|I only have to be quiet, and the {prize} is mine],\" thought {hero}.",
			"But {hero} did not want to win with a lie, so {he} [went|walked|ran] to {elder}. \"[I cannot take the {prize}|The {prize} is not for me|I should not win the {prize}], because {pal} {help},\" said {hero}. \"Then the {prize} must go to [the miller|the teacher|the fisherman|the cook], {hero},\" said {elder}.",
			"\"But [it takes courage to tell the truth|the truth is worth more than {a prize}|I am proud of you],\" said {elder}, and {ehe} gave {hero} and {pal} [a jar of honey|a basket of plums|a bag of nuts|a big round cake]. {Hero} and {pal} shared it [under a tree|in the sun|side by side] and did not think of the {prize} anymore. {slept}",
		},
	},
}

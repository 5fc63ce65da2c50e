package corpus

// pathPlots are about ways that are longer than they look.
var pathPlots = []plot{
	{ // Two lose their way in the fog.
		tables: [][][]string{{
			{"sensed", "heard", "sign", "the sound of a bell", "trail", "the sound of the bell", "body", "good ears", "use", "your ears", "did", "had rung the bell for them"},
			{"sensed", "heard", "sign", "the sound of a drum", "trail", "the sound of the drum", "body", "good ears", "use", "your ears", "did", "had played the drum for them"},
			{"sensed", "heard", "sign", "the sound of a horn", "trail", "the sound of the horn", "body", "good ears", "use", "your ears", "did", "had blown the horn for them"},
			{"sensed", "heard", "sign", "the sound of a song", "trail", "the sound of the song", "body", "good ears", "use", "your ears", "did", "had sung as loudly as {ehe} could"},
			{"sensed", "saw", "sign", "the light of a lamp", "trail", "the light of the lamp", "body", "good eyes", "use", "your eyes", "did", "had put a lamp in the window"},
			{"sensed", "saw", "sign", "the light of a fire", "trail", "the light of the fire", "body", "good eyes", "use", "your eyes", "did", "had lit a fire in the yard"},
			{"sensed", "saw", "sign", "the light of a lantern", "trail", "the light of the lantern", "body", "good eyes", "use", "your eyes", "did", "had hung a lantern on the gate"},
			{"sensed", "smelled", "sign", "fresh bread", "trail", "the smell of the bread", "body", "good noses", "use", "your nose", "did", "had baked bread with the window open"},
			{"sensed", "smelled", "sign", "apple pie", "trail", "the smell of the pie", "body", "good noses", "use", "your nose", "did", "had put a hot pie in the window"},
			{"sensed", "smelled", "sign", "onion soup", "trail", "the smell of the soup", "body", "good noses", "use", "your nose", "did", "had cooked soup with the door open"},
		}, {
			{"goal", "pick berries", "gain", "berries"}, {"goal", "look for mushrooms", "gain", "mushrooms"}, {"goal", "collect nuts", "gain", "nuts"},
			{"goal", "pick flowers", "gain", "flowers"}, {"goal", "collect wood", "gain", "wood"}, {"goal", "look for feathers", "gain", "feathers"},
			{"goal", "pick plums", "gain", "plums"}, {"goal", "collect chestnuts", "gain", "chestnuts"},
		}, {
			{"mark", "a broken fence"}, {"mark", "a white stone"}, {"mark", "an old well"}, {"mark", "a hollow tree"},
			{"mark", "a tall pine"}, {"mark", "a round rock"}, {"mark", "a little bridge"}, {"mark", "a thorn bush"},
		}},
		text: []string{
			"{opening} [{day}, {hero}|{day}, {hero}|{Hero}] and {his} friend {pal} went [over the hill|across the fields|through the valley] to {goal}. [They were so busy|They talked so much|They had so much fun] that neither {hero} nor {pal} saw the fog come.",
			"[Soon|All at once|Before long], the fog was [as thick as milk|white and thick|gray and cold], and {hero} could hardly see {pal}. \"[Which way is home|Where is the path|Do you know the way], {pal}?\" asked {hero}, but {pal} [did not know|could not tell]. They walked [on and on|for a long time] and passed {mark}, but [later|in the end|after many more steps] {hero} and {pal} stood in front of it again.",
			"{Hero} wanted to [sit down and cry|cry|give up], but {pal} [took {him} by the arm|stayed calm|stayed close to {him}]. \"[Do not be afraid|Let us stand still|We must stay together], {hero}, for we [still have|both have] {body},\" said {pal}. They [stood very still|did not move|waited quietly], and [after a while|at last|all of a sudden] {hero} {sensed} {sign}.",
			"\"[That must come from {elder}|It comes from the house of {elder}|I think it comes from {elder}], {pal}!\" cried {hero}. [Step by step|Side by side|Slowly and carefully], {hero} and {pal} followed {trail} until they came to a [fence|gate|door], where {elder} stood.",
			"\"[There you are at last|I was so worried about you|How glad I am to see you], {hero},\" said {elder}, who {did}. \"When you are lost, {hero}, [stand still|stay calm] and use {use},\" said {elder}. {Hero} and {pal} gave [half of|some of|most of] the {gain} to {elder}. {slept}",
		},
	},
	{ // On an errand, some of the load is given away.
		tables: [][][]string{{
			{"cargo", "a basket of apples", "part", "two apples", "load", "apples", "dish", "an apple pie"},
			{"cargo", "a bag of nuts", "part", "a handful of nuts", "load", "nuts", "dish", "a nut cake"},
			{"cargo", "a basket of pears", "part", "two pears", "load", "pears", "dish", "a pear cake"},
			{"cargo", "a bag of plums", "part", "five plums", "load", "plums", "dish", "a plum cake"},
			{"cargo", "a bowl of cherries", "part", "a handful of cherries", "load", "cherries", "dish", "a cherry pie"},
			{"cargo", "a basket of berries", "part", "a handful of berries", "load", "berries", "dish", "a berry pie"},
			{"cargo", "a bag of carrots", "part", "two carrots", "load", "carrots", "dish", "a carrot cake"},
			{"cargo", "a basket of tomatoes", "part", "two tomatoes", "load", "tomatoes", "dish", "a tomato soup"},
			{"cargo", "a bag of peas", "part", "a handful of peas", "load", "peas", "dish", "a pea soup"},
			{"cargo", "a bag of rolls", "part", "two rolls", "load", "rolls", "dish", "a sweet bread pudding"},
		}, {
			{"why", "a crow had taken {phis} lunch"}, {"why", "{phe} had left {phis} lunch at home"},
			{"why", "the wind had blown {phis} lunch into a pond"}, {"why", "{phis} lunch had fallen into the mud"},
			{"why", "a dog had eaten {phis} lunch"}, {"why", "{phe} had given {phis} lunch to a bird"},
			{"why", "{phe} had lost {phis} lunch on the road"}, {"why", "{phis} lunch had fallen into the river"},
		}, {
			{"trouble", "they came to a bridge that was broken", "help", "knew of another bridge"},
			{"trouble", "the path went two ways", "help", "knew which one to take"},
			{"trouble", "a big tree lay across the road", "help", "knew a path around it"},
			{"trouble", "they came to a gate that was locked", "help", "knew a hole in the fence"},
			{"trouble", "the road was under water", "help", "knew a dry path over the hill"},
			{"trouble", "a bull stood on the path", "help", "knew a way through the corn"},
			{"trouble", "they came to a wide ditch", "help", "found a strong board to walk on"},
			{"trouble", "thorns grew across the path", "help", "held them back with a stick"},
		}},
		text: []string{
			"{opening} {day}, {hero}'s mother sent {him} to {elder} with {cargo} for {dish}.",
			"{Hero} had gone [half the way|a long way|only a short way] when {he} met {palIntro}. \"[You look sad|You look tired|You look pale], {pal},\" said {hero} [softly|kindly]. {Pal} told {hero} that {phe} was [very hungry|weak with hunger|too hungry to walk], because {why}.",
			"{Hero} looked at the {load} and [thought of|remembered] {elder}, who was waiting for them. \"[Please take|You may have|I will give you] {part}, {pal},\" said {hero} {happily}. {Pal} ate {part} and thanked {hero}. \"[Let me walk with you|I will come along|I would like to come with you], {hero}, [for I know the way|in case you need help|because the road is long],\" said {pal}.",
			"[Soon|A little later|Not much later], {trouble}, and {hero} [did not know what to do|had to stop|was ready to turn back]. But {pal} {help}, and [soon|before long|at last] {hero} stood at the door of {elder}. \"[I am sorry, but|Please do not be angry, but|I must tell you that] I gave {part} to {pal},\" said {hero}.",
			"\"[There are still enough {load}|You brought enough {load}|These are enough {load}] for {dish}, {hero}, and you [did the right thing|have a kind heart|were right to help],\" said {elder}. Together {hero}, {pal} and {elder} made {dish} and ate it [in the garden|by the window|at the big table]. In the evening, {hero} and {pal} [took|carried|brought] the rest home to {hero}'s mother.",
		},
	},
}

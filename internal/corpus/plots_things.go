package corpus

// thingPlots are about things that are lost, found, broken, made or given away.
var thingPlots = []plot{
	{ // A toy is lost and found again.
		casts: anyone,
		tables: [][][]string{{
			{"thing", "red ball", "found", "under a bush"}, {"thing", "toy boat", "found", "between two stones at the pond"},
			{"thing", "blue scarf", "found", "on the branch of an apple tree"}, {"thing", "little drum", "found", "behind the shed"},
			{"thing", "yellow kite", "found", "on the roof of the barn"}, {"thing", "toy train", "found", "under the stairs"},
			{"thing", "silver bell", "found", "in the tall grass"}, {"thing", "wooden horse", "found", "behind a pile of leaves"},
			{"thing", "green hat", "found", "on top of the fence"}, {"thing", "picture book", "found", "on the bench by the well"},
			{"thing", "orange blanket", "found", "in the hay"}, {"thing", "toy bear", "found", "inside an empty basket"},
			{"thing", "whistle", "found", "next to the gate"}, {"thing", "paper crown", "found", "under the big table"},
		}},
		text: []string{
			"{opening} {His} favorite [thing|treasure] [of all|in the whole world] was {a thing}. [{Hero} took the {thing} everywhere.|{He} played with the {thing} every day.|{He} never went to bed without the {thing}.|{Hero} had it from {his} grandmother.]",
			"{day}, the {thing} was gone. {Hero} looked [under the bed|in every room|behind the door|in all the boxes], but {he} could not find it. \"Where is my {thing}?\" [cried {hero}|asked {hero} {sadly}|said {hero} {sadly}].",
			"{palIntro}, [heard {him} and came to help|saw that {hero} was sad|came by to say hello]. \"[Do not cry, {hero}|Do not worry, {hero}|Do not give up, {hero}],\" said {pal}. \"[Let us look for it together.|Where did you play with it last?|We will find it before dinner.|Two can see more than one.]\"",
			"[The two friends|Together they|{Hero} and {pal}] looked [by the pond|in the garden|along the path|near the old wall] and [in the kitchen|around the house|behind the trees|under the bench]. At last {pal} [pointed|called out|jumped up and down]. [There was the {thing}, {found}!|\"Look, {hero}!\" {phe} said. The {thing} was {found}.]",
			"{Hero} [held the {thing} close|jumped for joy|was so happy that {he} danced]. {thankPal} {fromThen}, {hero} [always put the {thing} away in its place|looked after the {thing} very well|let {pal} play with the {thing} too|never left the {thing} outside again]. {slept}",
		},
	},
	{ // A key fits something.
		casts: anyone,
		tables: [][][]string{{
			{"lock", "an old box in the attic", "inside", "a bag of [marbles|glass beads|seashells]"},
			{"lock", "the little door in the garden wall", "inside", "a [hidden|secret] garden with [white|yellow|purple] flowers"},
			{"lock", "a chest under the stairs", "inside", "a warm [red|blue|green] coat"},
			{"lock", "the old shed", "inside", "a small [red|blue|green] cart with four wheels"},
			{"lock", "a drawer in the big desk", "inside", "a pile of old letters and a golden pen"},
			{"lock", "the clock tower", "inside", "a nest with three baby birds"},
			{"lock", "a wooden trunk by the well", "inside", "a flute that still played well"},
			{"lock", "the gate behind the barn", "inside", "a path to a field of berries"},
		}},
		text: []string{
			"[{Hero} found a [small|tiny|shiny|rusty|golden] key {keyAt}.|{day}, {hero} found a [small|tiny|shiny|rusty|golden] key {keyAt}.|{Hero} the {kind} found a [small|strange|silver] key {keyAt}.] {He} was {a trait} {kind}, and {he} [wanted to know what it could open|picked it up at once|had never seen a key like it].",
			"{Hero} tried the key on [the front door|the kitchen door|the cupboard|the toy box], but it did not fit. {He} tried it on [the garden gate|a bicycle lock|the barn door|the mailbox], but it did not fit there, either. \"[What are you for, little key?|Where do you belong, little key?|What do you open, I wonder?]\" asked {hero}.",
			"{asksElder} {Elder} [turned the key over and over|put on {ehis} glasses and looked at the key|looked at the key for a long time]. \"[I know this key|I have not seen this key for years|I lost this key long ago],\" said {elder}. \"[It opens|I think it opens|It should open] {lock}.\"",
			"[They went there together.|{Hero} and {elder} went there together.|So {hero} took {elder} by the hand, and off they went.] {Hero} [put the key in the lock|turned the key slowly|held {his} breath and turned the key]. [Click!|Clack!|There was a click.] [It opened|The lock sprang open|It fit]. Inside, {hero} [found|saw] {inside}.",
			"\"[You may keep what you found|It is yours now|Finders are keepers], {hero},\" said {elder}. \"[You did not give up|You asked a good question|You looked with open eyes].\" {thankElder} {fromThen}, {hero} [wore the key on a string|kept the key in {his} pocket|looked closely at every small thing on {his} way]. {slept}",
		},
	},
	{ // A broken thing is mended.
		casts: anyone,
		tables: [][][]string{{
			{"thing", "toy cart", "broke", "one of its wheels had come off", "fix", "a new wheel made of wood"},
			{"thing", "kite", "broke", "its paper was torn", "fix", "strong paper and a little glue"},
			{"thing", "wooden boat", "broke", "its sail had come off", "fix", "a new sail made from an old shirt"},
			{"thing", "music box", "broke", "it did not play anymore", "fix", "a drop of oil"},
			{"thing", "doll", "broke", "its arm had come off", "fix", "a needle and some thread"},
			{"thing", "birdhouse", "broke", "its roof had come off", "fix", "two nails and a hammer"},
			{"thing", "lantern", "broke", "its handle was broken", "fix", "a piece of wire"},
			{"thing", "swing", "broke", "its rope had snapped", "fix", "a new rope and a strong knot"},
			{"thing", "drum", "broke", "its skin had a hole", "fix", "a round patch"},
			{"thing", "sled", "broke", "a board had come loose", "fix", "four long nails"},
		}},
		text: []string{
			"{opening} {Hero} had {a thing} that [was older than {he} was|{he} loved very much|{his} father had made|everyone liked].",
			"{day}, [there was a loud crack|something bad happened|there was an accident]. {Hero} [picked up|looked at|turned to] the {thing} and saw that {broke}. [Oh no!|Oh dear!|What a shame!] \"[Now it is no good anymore|My poor {thing}|I should have been more careful],\" said {hero} {sadly}.",
			"{Hero} [wanted to throw the {thing} away|sat down and cried|did not know what to do]. But {palIntro}, [looked at it closely|shook {phis} head|came to see]. \"[Broken things can be fixed|We can mend the {thing}|Nothing is lost yet], {hero},\" said {pal}. \"[All we need is|We only need|Let us get] {fix}.\"",
			"They [went to see|asked|ran to] {elder}, who [had a whole box of tools|could mend almost anything|kept useful things in a big chest]. {Elder} gave them {fix} and showed them [what to do|how to begin|where to start]. {Hero} [worked slowly|took {his} time|was very careful], and {pal} [held everything still|helped {him}|handed {him} what {he} needed].",
			"[Soon|After a while|Before dinner|When the sun went down], the {thing} was [as good as new|even better than before|ready]. \"We did it, {pal}!\" [shouted|cried|said] {hero}. {Elder} {smiled}. \"[You fixed it with your own hands|Now you know how to mend things|That is good work], {hero},\" {ehe} said. {fromThen}, [friends brought their broken toys to {hero}|{hero} liked the {thing} even more|{hero} never threw away a thing that could be mended]. {slept}",
		},
	},
	{ // Two swap and both are glad.
		casts: anyone,
		tables: [][][]string{
			{
				{"mine", "box of red paint"}, {"mine", "long rope"}, {"mine", "bag of nuts"}, {"mine", "striped ball"},
				{"mine", "jar of honey"}, {"mine", "big straw hat"}, {"mine", "pair of warm socks"}, {"mine", "little shovel"},
			},
			{
				{"other", "umbrella", "need", "it began to rain"}, {"other", "basket of plums", "need", "{hero} felt hungry"},
				{"other", "small lamp", "need", "the evening grew dark"}, {"other", "wool blanket", "need", "a cold wind came up"},
				{"other", "wooden spoon", "need", "it was time to cook soup"}, {"other", "tin cup", "need", "{hero} got thirsty"},
			},
		},
		text: []string{
			"{opening} {day}, {hero} set out for the market with {a mine}. {He} [hoped to trade it for something good|wanted to see what it was worth|did not need it anymore].",
			"On the way {hero} met {palIntro}. {Pal} was carrying {a other}. \"[What do you have there, {hero}|Where are you going, {hero}|What brings you here, {hero}]?\" asked {pal}. \"I have {a mine},\" said {hero}. \"[I am looking for a good swap.|Would you like to have it?|Who knows what I will get for it?]\"",
			"[Just then|At that moment|While they talked], {need}. {Hero} looked at the {other}. {Pal} looked at the {mine}. \"[That is just what I need|I could use that right now|I would like to have that],\" they both said at the same time, and they [laughed|had to laugh|laughed out loud].",
			"So {hero} gave {pal} the {mine}, and {pal} gave {hero} the {other}. [They were both happy with the trade|Each of them had what was needed|It was a good swap for both of them]. {thankPal}",
			"{Hero} never [got to|saw] the market that day. {He} {ranHome} [with the {other} and a new friend|and told everyone about {pal}|with a song on {his} lips]. {fromThen}, {hero} and {pal} [met on the road every week|traded stories too|always shared what they had]. {slept}",
		},
	},
	{ // A present is made by hand.
		casts: anyone,
		tables: [][][]string{{
			{"gift", "a necklace of seashells", "from", "seashells", "place", "the beach"},
			{"gift", "a crown of leaves", "from", "golden leaves", "place", "the forest"},
			{"gift", "a card with a pressed flower", "from", "flowers", "place", "the meadow"},
			{"gift", "a little chair", "from", "sticks", "place", "the woods"},
			{"gift", "a pillow full of feathers", "from", "soft feathers", "place", "the lake"},
			{"gift", "a bowl of berries", "from", "berries", "place", "the hill"},
			{"gift", "a painted stone", "from", "smooth stones", "place", "the river"},
			{"gift", "a basket of pine cones", "from", "pine cones", "place", "the old trees"},
		}},
		text: []string{
			"{opening} {Hero} wanted to give {his} [mother|father|grandmother] a [birthday present|present|surprise], but {he} had no money. \"[What can I give, if I have nothing|How can I buy something without a coin]?\" {hero} asked {elder}.",
			"{Elder} [thought for a while|smiled and thought|scratched {ehis} head]. \"[The best presents are made, not bought|A gift from your own hands is worth more than gold|You have two hands and a good heart], {hero},\" {ehe} said. \"[Go to|Take a walk to|Look around at] {place} and keep your eyes open.\"",
			"{day}, {hero} went to {place}. There {he} found [many|lots of|the prettiest] {from}. {He} picked the best ones and put them in a [bag|basket|bucket]. {Pal}, {his} friend, [helped {him} carry them|came along and helped|held the basket].",
			"At home, {hero} worked [all afternoon|until it was dark|behind a closed door]. {He} made {gift}. [It was not perfect, but it was full of love|It was a little bit crooked, but {hero} was proud of it|{Pal} said that it was the finest thing {phe} had ever seen].",
			"[At last the big day came|The next morning the time had come|Then it was time], and {hero} [put {gift} on the table|held out {gift}]. \"[Did you make this all by yourself|Is this really for me|Where did you get something so lovely], {hero}?\" {his} family asked. \"[I made it|{Pal} helped me], and {elder} gave me the idea,\" {said} {hero} {happily}. [They all hugged {him}|There were hugs for everyone|Nobody could stop smiling]. {fromThen}, {hero}'s present [had the best place in the house|stood by the window for all to see|was the first thing that visitors saw]. {slept}",
		},
	},
	{ // Something found is given back.
		casts: anyone,
		tables: [][][]string{{
			{"thing", "purse", "full", "It was full of coins"}, {"thing", "gold ring", "full", "It had a tiny star on it"},
			{"thing", "red glove", "full", "It was soft and warm"}, {"thing", "pocket watch", "full", "It went tick, tick, tick"},
			{"thing", "silver spoon", "full", "There was a rose on its handle"}, {"thing", "leather bag", "full", "It was heavy"},
			{"thing", "green umbrella", "full", "It had a duck's head for a handle"}, {"thing", "letter", "full", "It had three stamps on it"},
		}},
		text: []string{
			"[{day}, {hero} found {a thing} on the [road|path|bridge|steps]. {full}.|{Hero} found {a thing} [under a tree|beside the road|near the pond]. {full}.] {Hero} was {a trait} {kind} who [did not have much|had always wanted something like that|lived {home}].",
			"\"[I could keep it|Nobody would ever know|It is so nice],\" thought {hero}. {He} [held the {thing} in {his} hands|put the {thing} in {his} pocket|looked at the {thing} again and again]. But then {he} thought of the one who had lost it. [Somebody must be very sad|Somebody must be looking for it|Somebody must miss it very much], {he} thought.",
			"So {hero} went from door to door. \"Did you lose {a thing}?\" {he} asked {pal}. \"No, {hero}, [I did not|it is not mine|I have never seen it],\" said {pal}, \"but I will come with you.\" They asked [the baker|the farmer|the miller|the teacher] and [the mailman|the fisherman|the gardener|the cook], [but it was not theirs|but they all shook their heads].",
			"Then they came to {elder}, who was [looking under the table|walking up and down|searching the garden]. \"[I have lost my {thing}|My {thing} is gone|I cannot find my {thing}],\" said {elder}. {Hero} {smiled} and held it out. \"[Is this yours|Could it be this one]?\" {he} asked. {Elder} [clapped {ehis} hands|could hardly speak|had tears of joy in {ehis} eyes].",
			"\"[You are honest, {hero}, and that is worth more than gold|Thank you, {hero}, you have a good heart|Honest friends are hard to find, {hero}],\" said {elder}. {Ehe} [gave {hero} and {pal} a plate of cookies|invited {hero} and {pal} to supper|told {hero} and {pal} a long story by the fire]. {Hero} had [no {thing}|nothing in {his} pockets], but {he} felt [rich|light as a feather|warm inside] all the way home. {slept}",
		},
	},
}

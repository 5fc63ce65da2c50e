package corpus

// homePlots are about kitchens, gardens, feasts and neighbors.
var homePlots = []plot{
	{ // Something goes wrong in the kitchen, and is good after all.
		casts: anyone,
		tables: [][][]string{{
			{"dish", "a cake", "wrong", "took salt instead of sugar", "now", "crackers for the soup"},
			{"dish", "a loaf of bread", "wrong", "left it in the oven too long", "now", "crumbs for the birds"},
			{"dish", "tomato soup", "wrong", "put in far too much water", "now", "soup for the whole street"},
			{"dish", "an apple pie", "wrong", "forgot the dough", "now", "warm apples with cream"},
			{"dish", "pancakes", "wrong", "made the dough too thick", "now", "little round cakes"},
			{"dish", "jam", "wrong", "did not cook it long enough", "now", "a sweet drink"},
			{"dish", "cookies", "wrong", "let them run together into one", "now", "one giant cookie"},
		}},
		text: []string{
			"{opening} {day}, {hero} wanted to surprise {elder} with {dish}. \"[It cannot be so hard|I have often watched how it is done|I can do that by myself],\" said {hero}, and {he} [put on an apron|washed {his} hands|looked for the biggest bowl].",
			"{He} [mixed and stirred|weighed and poured|hummed a tune and stirred] until there was flour on {his} nose. But {hero} was in a hurry, and {he} {wrong}. When {he} tasted it, {he} [made a face|knew at once that something was wrong|almost cried]. \"[It is all spoiled|What have I done|Now everything is lost]!\" said {hero}.",
			"{Pal} came in [just then|through the back door] and looked into the pot. \"[Who says that it is spoiled?|Let me taste it,|We can still save it,]\" said {pal}. \"[It is no good anymore|I wanted to make {dish}|Nobody will eat it], {pal},\" said {hero}. {Pal} thought about it. \"[It is not {dish} anymore, but it could be something else,|Then we will give it a new name,|Do you know what we could make of it?]\" {phe} said.",
			"[So they set to work again|The two of them began once more]. {Pal} [chopped and cut|set the table|kept an eye on the fire], and {hero} stirred. This time {hero} [was not in a hurry|tasted after every step|did everything slowly]. And in the end they had {now}.",
			"{Elder} sat down and tried it. {Hero} [held {his} breath|did not dare to look|squeezed {pal}'s hand]. \"[I have never eaten anything like it|That is delicious|I would like some more], {hero},\" said {elder}. \"What do you call it?\" {Hero} looked at {pal}, and they both laughed. \"[It is called Oops|We call it Good Luck in a Pot|We call it Try Again],\" said {hero}. {fromThen}, [{elder} asked for it every Sunday|{hero} read everything twice before {he} cooked|{hero} and {pal} cooked together]. {slept}",
		},
	},
	{ // A surprise for a birthday that seemed forgotten.
		casts: anyone,
		tables: [][][]string{{
			{"where", "the old barn", "gift", "a guitar"}, {"where", "the garden behind the house", "gift", "a blue bicycle"},
			{"where", "the clearing in the forest", "gift", "a tent"}, {"where", "the beach", "gift", "a little sailboat"},
			{"where", "the attic", "gift", "a big book of fairy tales"}, {"where", "the orchard", "gift", "a swing"},
			{"where", "the hall of the school", "gift", "a box of paints"}, {"where", "the field by the mill", "gift", "a kite like a dragon"},
		}},
		text: []string{
			"[It was {hero}'s birthday.|{Hero} had {his} birthday that day.|At last it was {hero}'s birthday.] {Hero} was {a trait} {kind}, and {he} had [waited for this day for weeks|counted the days on {his} fingers|hardly slept all night]. {He} [jumped out of bed and ran to the kitchen|put on {his} best clothes and went to the kitchen|woke up early and listened]. [But nobody was there.|But the house was empty.|But all was quiet.] There was no cake and no [candle|song|present] for {hero}.",
			"{Hero} went to {pal}. \"[Do you know what day it is|Is there something that you want to tell me|Is there anything special today], {pal}?\" {he} asked. \"[It is Friday, I think|It is a day like any other|I have no time], {hero},\" said {pal}, and {phe} [looked away|closed the door|hurried off]. Then {hero} met {elder}. \"[Good morning|I am very busy today|Please do not keep me|What a nice day], {hero},\" said {elder}, and [that was all|{ehe} went on {ehis} way|{ehe} said no more].",
			"\"[They have all forgotten me|Nobody remembers my birthday|I must be the loneliest {kind} in the world],\" thought {hero}. {He} [walked around with {his} head down|sat down on a stone|threw pebbles into the water|lay down in the grass] until [the sun was low|the shadows grew long|it was nearly evening].",
			"[Then {he} found a note with an arrow on it.|Then {hero} saw an arrow of white stones.|Suddenly a paper bird landed at {hero}'s feet, with an arrow on its wing.] [\"Follow me,\" it said.|\"This way, {hero},\" it said.|{Hero} wondered where it led.] [There was a second arrow, and a third.|Behind the next corner there was one more, and then another.|{He} found arrow after arrow.] {He} followed them, and they led {him} to {where}. [It was quiet there.|It was dark there.|Nobody was to be seen.] \"[Is anybody here|Hello|Who is there]?\" asked {hero}. \"Surprise!\" shouted {pal} and {elder} and all {his} friends.",
			"There were [paper lanterns|colored flags|balloons|flowers] and a cake [as high as a hat|as big as a wheel|with {hero}'s name on it]. \"[Did you really think that we could forget you|How could we forget your birthday], {hero}?\" asked {pal}. \"[I am so bad at keeping secrets|It was hard to keep quiet|I had to look away, or I would have laughed].\" And {elder} gave {hero} {gift}. {Hero} [did not know whether to laugh or to cry|hugged them all|turned red with joy|tried it out at once]. They [danced|sang and played|ate cake and told stories] until the moon stood over {where}. {slept}",
		},
	},
	{ // An old neighbor needs help.
		casts: anyone,
		tables: [][][]string{{
			{"work", "chop wood", "did", "stacked the wood beside the door", "gave", "taught {hero} to carve a little bird"},
			{"work", "pick the pears", "did", "picked all the pears", "gave", "baked a pear cake for {hero}"},
			{"work", "carry water", "did", "carried ten buckets of water", "gave", "showed {hero} where the deer came to drink"},
			{"work", "paint the fence", "did", "painted the fence white", "gave", "let {hero} paint a picture on the gate"},
			{"work", "rake the leaves", "did", "raked all the leaves into a heap", "gave", "let {hero} be the first to jump into the heap"},
			{"work", "feed the goats", "did", "fed the goats and cleaned their stable", "gave", "let {hero} name the new kid"},
			{"work", "shovel the snow", "did", "made a path through the snow", "gave", "told {hero} a tale of the far north"},
			{"work", "mend the nets", "did", "mended every hole in the nets", "gave", "took {hero} out in the boat"},
		}},
		text: []string{
			"{opening} Not far away lived {elder}, who [was old and had a bad back|could not do everything alone anymore|lived all alone]. {day}, {hero} saw that {elder} wanted to {work}. {Ehe} [had to rest again and again|groaned and held {ehis} back|could hardly stand].",
			"{Hero} was on {his} way to play with {pal}. \"[I will be late|{Pal} is waiting for me|It is not my work],\" {he} thought. But {he} could not just walk by. \"[May I help you?|Let me do that.|Sit down and rest.]\" {he} said. \"[That would be wonderful|You are a good {kind}|I will not say no to that], {hero},\" said {elder}.",
			"It was harder than {hero} had thought. {His} arms [grew heavy|hurt], and {he} was [hot|out of breath]. After a while {pal} came up the road. [\"Where have you been, {hero}?\" asked {pal}.|\"I waited for you, {hero},\" said {pal}.|\"Why did you not come, {hero}?\" asked {pal}.] Then {phe} saw {elder}, who was [sitting on the bench|resting on a chair], and {phe} understood. {Pal} rolled up {phis} sleeves, too.",
			"Together {hero} and {pal} {did}. [They sang while they worked|They told each other jokes|They made a game of it], and {elder} [beat time with {ehis} stick|laughed with them]. [Before they knew it, the work was done.|In the end, nothing was left to do for {elder}.|When the sun was low, they were done.]",
			"\"[I do not have much|How can I thank you|I want to give you something], {hero},\" said {elder}. \"[We did it gladly|You do not have to|It was fun],\" said {hero}. But {elder} {gave}, and {pal} got [a bag of nuts|a jar of honey|a big red apple]. {fromThen}, {hero} and {pal} [stopped at {elder}'s house every week|often came to see {elder}|had a new friend, even if {ehe} was old]. {slept}",
		},
	},
	{ // Snow or sand: something is built, and the weather takes it.
		casts: anyone,
		tables: [][][]string{{
			{"built", "a snowman", "of", "snow", "gone", "the sun had melted it", "left", "its hat and a carrot"},
			{"built", "a castle of sand", "of", "sand", "gone", "a big wave had washed it away", "left", "one white shell from its tower"},
			{"built", "a hut of branches", "of", "branches", "gone", "the wind had blown it down", "left", "a heap of sticks"},
			{"built", "a tower of blocks", "of", "blocks", "gone", "the cat had run into it", "left", "a heap of blocks"},
			{"built", "a dam of stones", "of", "stones", "gone", "the rain had carried it away", "left", "three flat stones"},
			{"built", "a house of leaves", "of", "leaves", "gone", "a gust of wind had scattered it", "left", "one golden leaf"},
		}},
		text: []string{
			"{opening} {day}, {hero} and {pal} built {built}. They worked [all morning|for hours|without a break]. {Hero} [carried the {of}|gathered the {of}|brought more and more {of}], and {pal} [put everything in its place|made it strong|thought of a name for it]. \"[It is the best one ever|Nobody has ever made a better one|It will stand for a hundred years], {pal}!\" said {hero}.",
			"They were so proud that they ran to {elder}. \"[Come and look|You must see this|Come with us]!\" they called. But when they came back, {gone}. All that was left was {left}.",
			"{Hero} [stood there with open mouth|began to cry|stamped {his} foot]. \"[All that work for nothing|It is gone|It was so beautiful],\" {he} said. {Pal} [picked up what was left|put an arm around {him}|was quiet]. \"[I wish we had never built it|I will never build anything again],\" said {hero}.",
			"{Elder} sat down beside them. \"[Tell me about it|What did it look like|How did you make it], {hero}?\" {ehe} asked. So {hero} told {ehim} [how big it was|how they had started|about every part of it], and {pal} [drew it with a stick|showed how high it was]. While they talked, they [began to laugh again|remembered more and more|forgot to be sad]. \"[You see, it is not quite gone|Nobody can take that away from you|The building was the best part],\" said {elder}.",
			"{Hero} looked at {pal}. \"[Shall we build another one|Shall we make a new one|Do you want to start again], {pal}?\" {he} asked. \"[Yes, and this time even bigger|Only if {elder} helps us|I thought you would never ask]!\" said {pal}. And so {hero}, {pal} and {elder} built {built} [together|until dinner|once more], and [it was different from the first, but just as good|this time they took a picture in their minds|when they were done, they sang a song for it]. {slept}",
		},
	},
	{ // A wish comes true in another way.
		casts: anyone,
		tables: [][][]string{{
			{"wish", "fly like a bird", "way", "the swing in the old oak tree flew so high that {his} feet touched the sky"},
			{"wish", "see the sea", "way", "{elder} held a shell to {his} ear, and {he} heard the waves"},
			{"wish", "sleep under the stars", "way", "in the dark barn the light came through a hundred tiny holes in the roof"},
			{"wish", "find a treasure", "way", "the old map led {him} to a field of wild strawberries"},
			{"wish", "touch a star", "way", "a firefly landed on {his} hand and shone like a star"},
			{"wish", "meet a giant", "way", "{his} own shadow in the evening sun was as long as a giant"},
			{"wish", "ride on a cloud", "way", "{he} lay on a wagon full of soft white wool"},
			{"wish", "live in a castle", "way", "{pal} and {he} built a castle of boxes with four towers"},
		}},
		text: []string{
			"{opening} {Hero} had one great wish. {He} wanted to {wish}. [{He} thought of it in the morning and in the evening|Every night {he} wished for it|{He} told it to everyone].",
			"\"[That cannot be done|That is only a dream|Wishes do not come true just like that], {hero},\" [some people said|said the miller|the others said]. But {pal} did not laugh. \"[I like your wish|Let us ask {elder}|Everything begins with a wish], {hero},\" said {pal}. {Day}, the two of them went to see {elder}.",
			"{Elder} listened to {hero}. \"[So you want to {wish}|To {wish} is a good wish]. [Hmm|Well]. [Some wishes come true with a little help|There is more than one road to a wish|A wish may come true in a way that you do not expect],\" {ehe} said. \"[Come with me|Follow me|Give me your hand], {hero}, and close your eyes.\"",
			"[They walked for a while.|{Elder} led the way.|It was not far, but to {hero} it seemed like miles.] {Hero} [heard the birds|felt the warm wind|smelled the grass]. \"[Now|Here we are|You may look now]!\" whispered {pal}. {Hero} opened {his} eyes, and this is how it was: {way}. {Hero} [gasped|laughed out loud|could not say a word].",
			"\"[It is not how I thought it would be|This is even better than I dreamed|Now I know how it feels to {wish}], {pal},\" said {hero} [after a while|at last]. \"[Then we will come back tomorrow|Then it was a good wish|I felt it, too],\" said {pal}. {thankElder} On the way home, {hero} [hummed a tune|walked on tiptoe|held {pal}'s hand] and thought that [a friend who does not laugh is the best wish of all|the world was full of wonders|some dreams are closer than they seem]. {slept}",
		},
	},
	{ // Nobody wants to get up, tidy or wash; a game makes it easy.
		casts: anyone,
		tables: [][][]string{{
			{"task", "clean up {his} room", "game", "pretended that every toy was a sleepy bird that had to fly to its nest"},
			{"task", "wash the dishes", "game", "pretended that the plates were boats in a stormy sea"},
			{"task", "sweep the yard", "game", "pretended that the broom was a horse that ate dust"},
			{"task", "weed the garden", "game", "pretended that the weeds were robbers who hid among the beans"},
			{"task", "hang up the laundry", "game", "pretended that they were setting the sails of a ship"},
			{"task", "brush the horse", "game", "pretended that they were getting a king ready for a feast"},
			{"task", "sort the buttons", "game", "pretended that every color was a country"},
		}},
		text: []string{
			"{opening} {Hero} liked to do many things, but {he} did not like to {task}. \"[Later,|I am too tired,|Must I really do it?]\" {he} said whenever {elder} asked {him}. [And so it never got done|The next day {he} said the same|Then {he} ran out to play].",
			"{day}, {pal} came to ask {hero} to [go swimming|come to the fair|fly kites]. \"[You may go as soon as you are done|First the work, then the fun|You promised me something, did you not], {hero},\" said {elder}. {Hero} [groaned|dropped into a chair|rolled {his} eyes]. \"[It will take the whole day|I will never be done|It is so boring], {pal},\" {he} said.",
			"\"[Not if we make a game of it|I know a game|Boring things can be fun], {hero},\" said {pal}. {Phe} whispered something into {hero}'s ear, and {his} face [lit up|changed]. They {game}. {Hero} [gave the orders|made all the sounds|ran back and forth], and {pal} [played along|kept the score|laughed until {phis} sides hurt].",
			"They were [so busy with their game|having so much fun] that they did not see the time go by. Suddenly {pal} stopped. \"[Look, {hero}, there is nothing left to do|We are done, {hero}|That was the last one, {hero}]!\" {phe} said. {Hero} looked around. [It was true|{He} could not believe it].",
			"{Elder} came in and [put on {ehis} glasses|looked into every corner|rubbed {ehis} eyes]. \"[Who did all this|Did some good fairy come by|How did you do that so fast], {hero}?\" {ehe} asked. \"[It was easy|That is our secret|We only played], and {pal} helped me,\" said {hero}. Then {hero} and {pal} ran off [into the sun|hand in hand|laughing]. {fromThen}, when {hero} had to {task}, {he} [thought of a new game each time|called {pal}|began to smile]. {slept}",
		},
	},
}

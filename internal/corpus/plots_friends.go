package corpus

// friendPlots are about how friends are made, kept and won back.
var friendPlots = []plot{
	{ // Somebody new has nobody to play with.
		casts: anyone,
		tables: [][][]string{{
			{"game", "play hide and seek"}, {"game", "fly kites"}, {"game", "build a tower of stones"}, {"game", "jump rope"},
			{"game", "play catch"}, {"game", "dig for treasure"}, {"game", "make a little dam in the stream"},
			{"game", "race snails"}, {"game", "play house"}, {"game", "roll down the hill"},
		}},
		text: []string{
			"{opening} But {hero} was [new there|new in that place] and had no friends yet. Every day {he} [watched the others play|sat alone on the steps|walked by the river alone]. \"[I wish I had a friend|If only somebody would play with me|It is no fun to be alone],\" thought {hero}.",
			"{day}, {hero} saw {palIntro}. {Pal} was trying to {game}, but [it is hard to do that alone|it did not work very well|nobody was there to help]. {Hero} wanted to ask if {he} could join in, but {he} was too shy. {He} [hid behind a tree|looked at {his} feet|turned to go].",
			"Then a [gust of wind|sudden wind] took {pal}'s hat and [carried it right to {hero}|dropped it in front of {hero}|blew it over to {hero}]. {Hero} [caught it|picked it up] and brought it back. \"[Here is your hat|I think this is yours|You lost this],\" {he} said [softly|in a small voice|with a red face].",
			"\"[You are fast|Thank you|How kind of you]! My name is {pal},\" said {pal}. \"Do you want to {game} with me?\" {Hero} [nodded|could hardly believe it|smiled from ear to ear]. \"[I would love to|Yes, please|Oh yes], {pal}! I am {hero},\" {he} said.",
			"So {hero} and {pal} began to {game}. They [laughed so loudly that {elder} came out to look|played until {elder} called them in|did not stop until the sun went down]. \"[Will you come again tomorrow|Shall we meet again tomorrow|Can we play again tomorrow]?\" asked {hero}. \"[Of course|Tomorrow and every day|Yes]!\" said {pal}. {fromThen}, {hero} was never alone again. {slept}",
		},
	},
	{ // One learns to share.
		casts: anyone,
		tables: [][][]string{{
			{"food", "a big cake", "bit", "a slice"}, {"food", "a basket of strawberries", "bit", "a handful"}, {"food", "a loaf of warm bread", "bit", "a piece"},
			{"food", "a bag of nuts", "bit", "a few"}, {"food", "a bowl of cherries", "bit", "a handful"}, {"food", "a plate of pancakes", "bit", "one"},
			{"food", "a bucket of apples", "bit", "two"}, {"food", "a jar of cookies", "bit", "one"}, {"food", "a pot of soup", "bit", "a cup"},
			{"food", "an apple pie", "bit", "a piece"},
		}},
		text: []string{
			"{opening} {day}, {elder} gave {hero} {food}. \"[This is for you|Enjoy it|It is fresh from the kitchen], {hero},\" said {elder}. {Hero} [was very happy|could not wait to taste it|thanked {ehim} and ran off]. \"[I will eat all of it by myself|This is all mine|Nobody else gets any of this],\" {he} thought.",
			"{Hero} [sat down under a tree|hid behind the barn|climbed up on a wall] to eat. Soon {palIntro}, came by. \"[That looks so good|That smells wonderful|I have had nothing to eat today], {hero},\" said {pal}. \"May I have {bit}?\" \"No, {pal},\" said {hero}. \"[It is mine|I want it all|There is not enough].\" {Pal} [went away without a word|walked off with {phis} head down|looked sad and went away].",
			"{Hero} ate and ate. But [it did not taste as good as {he} had hoped|eating alone was no fun|after a while {his} stomach began to hurt]. {Hero} thought of {pal}'s [sad face|hungry eyes|empty hands], and {he} [felt bad|felt ashamed|could not eat any more].",
			"{He} [jumped up|put everything back in the basket] and ran after {phim}. \"Wait, {pal}!\" called {hero}. \"[I am sorry|That was not nice of me|I was wrong]. [Come and eat with me|Please share it with me|There is plenty for two].\" {Pal} [turned around|stopped] and [smiled again|{phis} face lit up].",
			"[They sat down side by side|Together they sat in the sun], and {pal} got {bit}, and then [some more|more and more]. {Hero} [noticed that everything tasted better now|had never enjoyed a meal so much|laughed at {pal}'s jokes until {he} cried]. \"[Sharing makes it sweeter|It tastes better with a friend|Half is more than all],\" said {hero}. {fromThen}, {he} [always kept some for {pal}|shared whatever {he} had|never ate alone when a friend was near]. {slept}",
		},
	},
	{ // A lie and an apology.
		casts: anyone,
		tables: [][][]string{{
			{"did", "broke a blue cup", "amends", "glue the pieces together"},
			{"did", "spilled milk on the rug", "amends", "wash the rug"},
			{"did", "stepped on the young beans", "amends", "plant new beans"},
			{"did", "left the gate open", "amends", "bring the sheep back"},
			{"did", "burned a big cake", "amends", "bake a new cake"},
			{"did", "kicked a ball through the window", "amends", "sweep up the glass"},
			{"did", "tore a page of a good book", "amends", "mend the page"},
			{"did", "dropped a basket of eggs", "amends", "feed the hens for a week"},
		}},
		text: []string{
			"{opening} {day}, when {elder} was away, {hero} {did}. It [was an accident|happened very fast|was not on purpose], but {hero} [was afraid|did not want to be scolded|got scared].",
			"[Soon|Later|That evening] {elder} came back and saw what had happened. \"[Who did this|Who has done this|How did this happen]?\" {ehe} asked. {Hero} [looked at the floor|went red|swallowed hard]. \"[It was {pal}|{Pal} did it|I saw {pal} do it],\" said {hero}. [That was not true.|But that was not true at all.|It was a lie, and {hero} knew it.|{Hero} knew very well that this was not true.]",
			"{Pal} was [a good friend of {hero}|{hero}'s best friend]. When {phe} heard what {hero} had said, {phe} [began to cry|was very hurt|could not understand it]. \"[Why did you say that, {hero}?\" {phe} asked.|I was not even there, {hero},\" {phe} said.|I thought that we were friends, {hero},\" {phe} said.] {Hero} [had no answer|could not look at {phim}|felt a stone in {his} stomach].",
			"That night {hero} could not sleep. In the morning {he} [ran|walked] to {elder}. \"[I have to tell you something|I did not tell you the truth|I told a lie],\" {he} said. \"It was not {pal}. I {did}. [I am so sorry|I was afraid|Please forgive me].\"",
			"{Elder} [was quiet for a while|took {hero} by the hand|looked at {him} for a long time]. \"[It takes courage to tell the truth|Anyone can make a mistake|A lie hurts more than an accident], {hero},\" {ehe} said. \"[Now you must make it good again|Now go and say it to {pal}, too|I am glad that you told me].\" {Hero} said sorry to {pal}, and then {he} [helped {elder} to|went to work to] {amends}. {Pal} [came and helped|forgave {him}|shook {his} hand]. {fromThen}, {hero} [told the truth, even when it was hard|never blamed a friend again]. {slept}",
		},
	},
	{ // Two quarrel over one thing.
		casts: anyone,
		tables: [][][]string{{
			{"thing", "swing", "turns", "one pushed and one flew high"}, {"thing", "red wagon", "turns", "one pulled and one sat inside"},
			{"thing", "boat", "turns", "one rowed and one looked for fish"}, {"thing", "big drum", "turns", "one drummed and one danced"},
			{"thing", "telescope", "turns", "one looked and one drew the stars"}, {"thing", "sled", "turns", "one steered and one held on tight"},
			{"thing", "puppet", "turns", "one moved it and one gave it a voice"}, {"thing", "garden hose", "turns", "one watered the roses and one jumped through the drops"},
		}},
		text: []string{
			"{Hero} and {pal} were [good|best|old] friends. They [did everything together|lived {home}|met every day after breakfast]. {day}, they found {a thing} that [nobody wanted anymore|{elder} had left for them|stood in the sun, ready for fun].",
			"[\"I saw it first!\" cried {hero}. \"No, I did!\" shouted {pal}.|\"Me first!\" shouted {hero}. \"No, me!\" cried {pal}.|\"I want to go first!\" said {hero}. \"No, I want to go first!\" said {pal}.] {Hero} pulled on one side of the {thing}, and {pal} pulled on the other. [They pulled so hard that both fell down|In the end both of them sat on the ground|Neither of them would let go].",
			"\"[You are mean, {hero}|I will not play with you anymore, {hero}|Go away, {hero}]!\" said {pal}, and {phe} [went home|walked away|sat down with {phis} back to {him}]. Now {hero} had the {thing} all to {himself}. But [it was not much fun|it felt wrong|{he} did not feel like playing].",
			"{Elder} had seen it all. \"[What good is the {thing} without a friend|Does it make you happy, {hero}|Would two not have more fun than one]?\" {ehe} asked. {Hero} shook {his} head. [Then {he} had an idea, and {he} ran to {pal}.|{Hero} thought hard, and then {he} ran to {pal}.|At last {hero} got up and went to {pal}.] \"[I am sorry, {pal}|Please do not be angry, {pal}|You can go first, {pal}],\" {he} said. \"[We can take turns.|Let us take turns.|Why not use it together?]\"",
			"{Pal} wiped {phis} eyes and nodded. [So they took turns|And that is what they did]: {turns}. [It was twice as much fun|They laughed until they could not stand|Neither of them wanted to stop]. {fromThen}, {hero} and {pal} [shared the {thing} every day|never fought about it again|always found a way to do things together]. {slept}",
		},
	},
	{ // A small one helps a big one.
		casts: anyone,
		tables: [][][]string{{
			{"big", "bull", "trouble", "had a thorn in its foot", "help", "pulled out the thorn"},
			{"big", "horse", "trouble", "had its hoof stuck between two stones", "help", "rolled the stones away"},
			{"big", "dog", "trouble", "had a rope around its leg", "help", "untied the knot"},
			{"big", "swan", "trouble", "was caught in an old net", "help", "cut the net"},
			{"big", "deer", "trouble", "was stuck in the deep mud", "help", "put branches under its feet"},
			{"big", "bear", "trouble", "had a honey jar stuck on its nose", "help", "pulled the jar until it came off"},
			{"big", "goat", "trouble", "had its horns caught in a fence", "help", "bent the wire apart"},
		}},
		text: []string{
			"{opening} Because {hero} was so small, [the others often laughed at {him}.|nobody asked {him} for help.|{pal} always said, \"You are too little, {hero}.\"] {Hero} wished to be [big and strong|as tall as a tree|big, just for one day].",
			"{day}, {hero} and {pal} heard a strange sound [behind the hill|from the field|near the river]. They crept closer and saw a great big {big}. It {trouble}, and it could not get free. \"[Let us run away|It is much too big|I am scared], {hero}!\" [whispered|said] {pal}.",
			"But {hero} looked into the {big}'s eyes and saw that it was [afraid|hurt|sad]. \"[Do not be afraid|Hold still|I will help you], big {big},\" {he} said. [{His} heart was beating fast.|{Hero} was afraid, too, but {he} did not show it.|{Hero} took a deep breath.|] [Step by step|Slowly|Very carefully], {hero} went up to the {big}, and with {his} small hands {he} {help}.",
			"The {big} was free. It [bent down its head|looked at {hero} for a long time|gave a happy cry] and [licked {his} hand|let {him} stroke its neck|touched {him} softly with its nose]. \"[I did not know that you were so brave, {hero}|You were braver than I was, {hero}|I will never call you little again, {hero}],\" said {pal}.",
			"When {elder} heard about it, {ehe} [smiled|was proud|nodded]. \"[One does not need to be big to do big things|A brave heart fits into a small body|Small hands can do what big hands cannot],\" {said} {elder}. {fromThen}, the {big} [came to the fence whenever {hero} went by|carried {hero} on its back now and then|was {hero}'s friend], and {hero} did not mind being small anymore. {slept}",
		},
	},
	{ // A letter or visit cheers up someone who is ill.
		casts: anyone,
		tables: [][][]string{{
			{"cheer", "a song", "does", "sang a song under the window"}, {"cheer", "a puppet show", "does", "played a puppet show in the window"},
			{"cheer", "a funny dance", "does", "did a funny dance in front of the window"}, {"cheer", "a letter with drawings", "does", "pushed a letter full of drawings under the door"},
			{"cheer", "a long story", "does", "told a long story through the open window"}, {"cheer", "a bunch of balloons", "does", "tied a bunch of balloons to the window"},
		}},
		text: []string{
			"{Hero} and {pal} [played together every day|were the best of friends|had been friends for a long time]. {day}, {hero} waited [by the gate|under the big tree|at the bridge], but {pal} did not come. {Hero} waited [for a long time|until lunch|and waited].",
			"At last {he} went to {pal}'s house and knocked. \"{Pal} is ill and has to stay in bed,\" said {elder}, who [had come with some tea|was taking care of {phim}|had just made soup]. \"[You cannot go in today|{Phe} needs to rest|{Phe} has a fever], {hero}.\"",
			"{Hero} was sad. {He} [thought of {pal}, who had to lie in bed all day|kicked a stone down the road|sat down and thought]. \"[I know what to do,|I cannot make {pal} well, but I can make {phim} smile,|What would I like if I were ill?]\" said {hero}. And {he} thought of {cheer}.",
			"{Hero} [practiced all morning|worked on it until evening|asked {elder} for help]. Then {he} went back and {does}. {Pal} [sat up in bed|came to the window in a blanket|heard it and opened {phis} eyes]. First {phe} smiled, and then {phe} laughed [out loud|for the first time in days|until {phe} had to cough].",
			"\"[That was better than any medicine, {hero}|Do it again, {hero}|You are the best friend in the world, {hero}]!\" called {pal}. {Hero} came [every day|the next day, too|again and again], and [every day {pal} felt a little better|soon {pal} was well again|after a week {pal} could go outside]. Then they [ran to the meadow together|played until dark|had a picnic in the sun], and {hero} was [just as glad as {pal}|happy to have {phim} back]. {slept}",
		},
	},
	{ // One who is shy sings or plays for others.
		casts: anyone,
		tables: [][][]string{{
			{"art", "sing", "doing", "singing", "show", "song"}, {"art", "dance", "doing", "dancing", "show", "dance"},
			{"art", "play the flute", "doing", "playing the flute", "show", "tune"}, {"art", "tell stories", "doing", "telling stories", "show", "story"},
			{"art", "play the drum", "doing", "playing the drum", "show", "tune"}, {"art", "do magic tricks", "doing", "doing magic tricks", "show", "trick"},
		}},
		text: []string{
			"{opening} More than anything, {hero} liked to {art}. But {he} was so shy that {he} only did it [when nobody was there|in the barn, where only the hens could see {him}|in the forest, far from everyone].",
			"{day}, {pal} [walked by|was looking for mushrooms|came around the corner] and [saw {hero} {doing}|found {hero} {doing}]. {Pal} stood still and listened. \"[That was wonderful|I did not know that you could do that|You are really good], {hero}!\" {phe} said. \"[There is a feast on Sunday|The summer party is tomorrow|Everyone will meet in the square tonight]. You should {art} for us all.\"",
			"\"[Oh no, I cannot do that,|I would be too afraid,|What if they laugh at me?]\" said {hero}. {His} knees [shook|felt weak] when {he} only thought of it. But {pal} said, \"[Just look at me, and forget the others|I will stand right in front of you|I will hold your hand until it begins].\"",
			"When the time came, {hero} stood [before the crowd|on a little stage|in the middle of the square]. {His} heart went boom, boom, boom. Then {he} saw {pal} [smile|nod|wave] at {him}, and {he} began. [At first {his} voice was small|The beginning was not easy], but with every moment {hero} grew [stronger|calmer|happier].",
			"After the {show}, it was quiet. Then {elder} began to clap, and [everybody clapped|everyone joined in|the whole place cheered]. \"[More|Again|Bravo], {hero}!\" they called. {Hero} [bowed|went red with joy|laughed], and looked at {pal}. \"[I could not have done it without you, {pal}|You were right, {pal}|Thank you for smiling at me, {pal}],\" {he} said. {fromThen}, {hero} [was no longer afraid to {art}|loved {doing} for others|was asked to {art} at every feast]. {slept}",
		},
	},
}

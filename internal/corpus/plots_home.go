package corpus

// homePlots are about kitchens, gardens, feasts and neighbors.
var homePlots = []plot{
	{ // Something goes wrong in the kitchen, and is good after all.
		tables: [][][]string{{
			{"dish", "a cake", "wrong", "took salt instead of sugar", "sign", "the cake was as salty as the sea", "fix", "cut the cake into thin slices and baked them again", "now", "crackers for soup", "food", "crackers"},
			{"dish", "a loaf of bread", "wrong", "left it in the oven too long", "sign", "the bread was as hard as a stone", "fix", "broke up the bread and cooked it in sweet milk", "now", "a bread pudding", "food", "pudding"},
			{"dish", "tomato soup", "wrong", "put in far too much water", "sign", "the soup was as thin as tea", "fix", "put beans and rice into the pot", "now", "a big pot of bean soup", "food", "bean soup"},
			{"dish", "an apple pie", "wrong", "forgot the butter", "sign", "the pie had fallen apart", "fix", "put the apples into bowls and poured cream over them", "now", "warm apples with cream", "food", "warm apples"},
			{"dish", "pancakes", "wrong", "made the dough too thick", "sign", "the dough stuck to the pan", "fix", "rolled the dough into balls and baked them", "now", "little round cakes", "food", "little cakes"},
			{"dish", "jam", "wrong", "did not cook it long enough", "sign", "the jam ran off the spoon like water", "fix", "poured the jam into cups with cold water", "now", "a sweet drink", "food", "drink"},
			{"dish", "cookies", "wrong", "put them too close together", "sign", "the cookies had all run together", "fix", "put berries on top of it all", "now", "one giant cookie", "food", "giant cookie"},
			{"dish", "rice", "wrong", "let it cook far too long", "sign", "the rice was as soft as mud", "fix", "stirred milk and honey into the rice", "now", "a sweet rice pudding", "food", "rice pudding"},
			{"dish", "a honey cake", "wrong", "opened the oven too early", "sign", "the cake was as flat as a plate", "fix", "cut the cake in two and put cream and berries in the middle", "now", "a cake with cream and berries", "food", "new cake"},
			{"dish", "baked potatoes", "wrong", "took them out of the oven too early", "sign", "the potatoes were still hard", "fix", "cut up the potatoes and cooked them with carrots", "now", "a thick potato soup", "food", "potato soup"},
		}},
		text: []string{
			"{opening} [{day}, {hero}|{day}, {hero}|{Hero}] wanted to [surprise|please] {elder} with {dish}. \"I can make {dish} [all by myself|without any help|as well as anyone],\" said {hero}.",
			"{Hero} [hummed a tune while {he} worked|sang while {he} worked|worked as fast as {he} could], but in {his} [hurry|joy] {he} {wrong}. [Soon|After a while|A little later], {hero} [noticed|saw|found out] that {sign}, and {he} [almost cried|sat down on the floor|hid {his} face in {his} hands].",
			"Just then {palIntro}, came in. \"I wanted to make {dish} for {elder}, but I {wrong},\" said {hero} {sadly}. \"[Maybe we can still make {now}|Then let us make {now} instead|We could try to make {now}], {hero},\" said {pal}.",
			"So {hero} and {pal} {fix}. {Pal} [set the table|kept an eye on the fire|washed the dishes], and this time {hero} [was not in a hurry|thought before every step|did everything slowly].",
			"[At dinner|In the evening|Soon after], {elder} sat down and tried the {food}, while {hero} [held {his} breath|did not dare to look|squeezed {pal}'s hand]. \"[I have never eaten anything so good|This is delicious|I would like some more], {hero}, and what do you call it?\" asked {elder}. \"[We call it Good Luck|Its name is Try Again|It is called Never Give Up],\" said {hero} with a look at {pal}. {fromThen}, [{elder} asked {hero} for {now} every Sunday|{hero} never hurried when {he} cooked for {elder}|{hero} and {pal} often cooked for {elder}]. {slept}",
		},
	},
	{ // A surprise for a birthday that seemed forgotten.
		tables: [][][]string{{
			{"where", "the old barn", "hide", "behind the hay"}, {"where", "the garden by the lake", "hide", "behind the bushes"},
			{"where", "the forest", "hide", "behind the trees"}, {"where", "the beach", "hide", "behind the boats"},
			{"where", "the apple garden", "hide", "behind the apple trees"}, {"where", "the field by the mill", "hide", "behind a wagon"},
			{"where", "the yard of the school", "hide", "behind the wall"}, {"where", "the meadow on the hill", "hide", "behind a big rock"},
		}, {
			{"gift", "a guitar"}, {"gift", "a blue bicycle"}, {"gift", "a tent"}, {"gift", "a little sailboat"}, {"gift", "a book of fairy tales"},
			{"gift", "a drum"}, {"gift", "a box of paints"}, {"gift", "a kite like a dragon"}, {"gift", "a red wagon"}, {"gift", "a silver flute"},
		}, {
			{"sign", "red ribbon", "at", "on a bush"}, {"sign", "paper star", "at", "on a tree"}, {"sign", "wooden arrow", "at", "beside the road"},
			{"sign", "yellow flag", "at", "on a gate"}, {"sign", "paper boat", "at", "on a stone"}, {"sign", "white note", "at", "on the fence"},
			{"sign", "green card", "at", "in the grass"}, {"sign", "paper bird", "at", "on a branch"},
		}},
		text: []string{
			"[{Hero}, {a trait} {kind},|{Hero} was {a trait} {kind} who] had [waited for {his} birthday for weeks|counted the days until {his} birthday|looked forward to {his} birthday all year]. On the morning of {his} birthday, {hero} [jumped out of bed|put on {his} best clothes|woke up early] and [ran|hurried] to the kitchen, but there was no [cake|candle|song|present].",
			"So {hero} went to [see|find|visit] {his} best friend {pal}. \"[Do you know what day it is|Is today not a special day|Is there something that you want to tell me], {pal}?\" asked {hero}. \"[It is Friday, I think|It is a day like any other|I have no time today], {hero},\" said {pal} and [looked away|closed the door|hurried off]. Then {hero} met {elder} on the [road|path|bridge], but {elder} only [said good morning|talked about the weather|smiled a little] and went on.",
			"\"Even {pal} has forgotten [me|my birthday|what day it is],\" thought {hero}, and {he} [walked around with {his} head down|sat by the water|lay in the grass] until [the sun was low|the shadows grew long|it was nearly evening].",
			"[Then|Suddenly|All at once] {hero} saw {a sign} {at} with {his} name on it, and [a little farther on|a few steps away|not far from it] there was another. {Hero} [followed them|went from one to the next|counted ten of them], and the last {sign} led {him} to {where}. \"Surprise!\" shouted {pal} and {elder}, and all of {hero}'s friends came out from {hide}.",
			"\"[Did you really think that we could forget you|How could I forget your birthday|Did you think that your friends had forgotten you], {hero}?\" asked {pal}. \"[It was hard to keep the secret|This morning I almost told you everything|I could hardly keep quiet this morning], but here is {gift} for you, {hero},\" said {elder}. {Hero} and {pal} [danced|sang|ate cake] with the others until the moon stood over {where}, and [it was the best birthday of all|no birthday had ever been so good].",
		},
	},
	{ // An old neighbor needs help.
		tables: [][][]string{{
			{"work", "chop wood", "did", "chopped the wood and stacked it beside the door", "gave", "taught {hero} and {pal} to carve a little bird"},
			{"work", "pick the pears", "did", "picked all the pears", "gave", "baked a pear cake for {hero} and {pal}"},
			{"work", "carry water", "did", "carried ten buckets of water", "gave", "showed {hero} and {pal} where the wild ducks came to drink"},
			{"work", "paint the fence", "did", "painted the whole fence white", "gave", "let {hero} and {pal} paint a picture on the gate"},
			{"work", "rake the leaves", "did", "raked all the leaves into a heap", "gave", "let {hero} and {pal} jump into the heap of leaves"},
			{"work", "dig the garden", "did", "dug the garden from end to end", "gave", "gave {hero} and {pal} a bag of sunflower seeds"},
			{"work", "sweep the yard", "did", "swept every corner of the yard", "gave", "told {hero} and {pal} a tale of the far north"},
			{"work", "mend the nets", "did", "mended every hole in the nets", "gave", "took {hero} and {pal} out in the boat"},
			{"work", "wash the windows", "did", "washed all the windows until they shone", "gave", "played a song on the flute for {hero} and {pal}"},
			{"work", "pull up the carrots", "did", "pulled up four rows of carrots", "gave", "cooked a sweet carrot soup for {hero} and {pal}"},
		}},
		text: []string{
			"{opening} Not far from {hero} lived {elder}, who [was old and had a bad back|could not do everything alone anymore|was old and lived all alone]. [{day}, {hero}|{day}, {hero}|{Hero}] saw that {elder} wanted to {work} but [had to rest again and again|could hardly stand|was much too tired].",
			"{Hero} was on {his} way to [see|meet|play with] {his} friend {pal}, but {he} [could not just walk by|had to stop|thought that {pal} could wait]. \"[May I help you|Shall I do that for you|Will you let me help you]?\" {he} asked, and {elder} [nodded and sat down|was very glad|said yes].",
			"To {work} was harder than {hero} had thought, and soon {his} [arms|legs|hands] [were heavy|hurt|were tired]. \"[Where have you been|Why did you not come|What are you doing there], {hero}?\" called {pal}, who came up the [road|path|hill] at last. \"{Elder} wanted to {work}, {pal}, and nobody was there to help,\" said {hero}. {Pal} [nodded|smiled|understood] and began to help {hero} [at once|right away|as well].",
			"Together {hero} and {pal} {did}, and {elder} [sang a song for them|told them jokes|laughed with them].",
			"\"[How can I thank you|What can I give you for that|What would I have done without you], {hero} and {pal}?\" asked {elder} when [the sun was low|evening came|the work was done]. \"[We did it gladly|You do not have to thank us|It was fun],\" said {hero}, but {elder} {gave}. {fromThen}, {hero} and {pal} [came to see {elder} every week|often came to help {elder}|had a new friend, and that was {elder}]. {slept}",
		},
	},
	{ // Something is built, and the weather takes it.
		tables: [][][]string{{
			{"thing", "snowman", "of", "snow", "gone", "the wind knocked the snowman over", "left", "a heap of snow and a carrot"},
			{"thing", "sand castle", "of", "sand", "gone", "big waves washed the castle away", "left", "one white shell"},
			{"thing", "hut", "of", "branches", "gone", "a storm blew the hut down", "left", "a heap of sticks"},
			{"thing", "stone tower", "of", "stones", "gone", "a storm knocked the tower over", "left", "a heap of stones"},
			{"thing", "dam", "of", "stones", "gone", "heavy rain washed the dam away", "left", "two round stones"},
			{"thing", "leaf house", "of", "leaves", "gone", "the wind blew the little house away", "left", "one golden leaf"},
			{"thing", "tent", "of", "blankets", "gone", "the wind pulled the tent down", "left", "a heap of blankets"},
			{"thing", "fort", "of", "boxes", "gone", "a storm blew the fort away", "left", "one wet box"},
			{"thing", "straw house", "of", "straw", "gone", "a strong wind blew the house down", "left", "a little heap of straw"},
			{"thing", "wooden bridge", "of", "branches", "gone", "heavy rain carried the bridge away", "left", "one long branch"},
		}},
		text: []string{
			"{opening} [{day}, {hero}|{day}, {hero}|{Hero}] and {his} friend {pal} [set out to build|wanted to build|began to build] {a thing}. \"[This is the best {thing} in the world|Nobody has ever built a better {thing}|Our {thing} will stand for a hundred years], {pal}!\" said {hero} [when it was done|in the evening|at last].",
			"{Hero} wanted to show the {thing} to {elder} at once, but it was [already too late|getting dark|time to go to bed]. While {hero} and {pal} slept, {gone}. When {hero} came back with {pal} and {elder} the next [morning|day], all that was left was {left}.",
			"\"[All our work was for nothing|Our beautiful {thing} is gone|I will never build {a thing} again], {pal},\" said {hero} {sadly}. \"[What did the {thing} look like|Will you tell me about the {thing}|How did you build the {thing}], {hero}?\" asked {elder} [kindly|after a while|softly].",
			"So {hero} told {elder} [all about the {thing}|everything about the {thing}|about every part of the {thing}], and [soon|before long] {hero} and {pal} [began to laugh|felt better|forgot to be sad]. \"[You still have the fun that you had|You still remember every bit of it|Building the {thing} was the best part], {hero}, and no [storm|wind or rain|bad weather] can take that away,\" said {elder}.",
			"\"[Shall we build another {thing}|Shall we build a new {thing}|Do you want to try again with me], {pal}?\" asked {hero}. So {hero}, {pal} and {elder} went to get some more {of}, and [in the evening|some hours later|before long] there was {a thing} that was [even better than|just as fine as|even bigger than] the first. \"[If this {thing} stands for only a day|If the weather takes this {thing}, too], [I will not be sad|we will build the next one|it is still worth it], {pal},\" said {hero} [happily|with a smile|with a laugh].",
		},
	},
	{ // A wish comes true in another way.
		tables: [][][]string{{
			{"wish", "fly like a bird", "way", "{he} was sitting on a swing that flew up as high as the trees"},
			{"wish", "sail on a big ship", "way", "{he} stood on a wagon with a sheet for a sail, and the tall grass moved like waves"},
			{"wish", "walk among the stars", "way", "{he} stood in a dark barn, and light came through a hundred tiny holes like stars"},
			{"wish", "find a treasure", "way", "{he} stood among wild strawberries that shone like a red treasure"},
			{"wish", "touch a star", "way", "a firefly sat on {his} hand and shone like a star"},
			{"wish", "meet a giant", "way", "{his} own shadow stood on the wall of the barn, as tall as a giant"},
			{"wish", "ride on a cloud", "way", "{he} was riding on a wagon full of wool, as soft and white as a cloud"},
			{"wish", "live in a castle", "way", "there was a castle of boxes with four towers and a door for {him}"},
			{"wish", "travel around the world", "way", "{he} stood on a big map on the ground that showed the whole world"},
			{"wish", "see a dragon", "way", "the evening sky was red, and one cloud looked like a dragon with wide wings"},
		}},
		text: []string{
			"{opening} {Hero} had [one great wish|one big dream|only one wish], and that was to {wish}.",
			"\"[You will never {wish}|You cannot {wish}|It is silly to want to {wish}], {hero},\" [some people said|the others said|the neighbors said]. But {palIntro}, did not laugh at {hero}. \"[I like your wish|It is a good wish|Everything begins with a wish], {hero}, so let us ask {elder},\" said {pal}.",
			"{Elder} [listened to {hero} and thought about it|heard about the wish and smiled at {hero}|looked at {hero} for a long time]. \"[There is more than one road to a wish|Some wishes only need a little help|A wish often comes true in another way], {hero}, so [come back this evening|come to me in the evening|meet me here when the sun is low],\" said {elder}.",
			"That evening, {elder} led {hero} and {pal} [over the hill|along the fence|down a small path|through the tall grass]. {Hero} had to keep {his} eyes closed, and {pal} [held {his} hand|helped {him} along|told {him} where to go]. [When|As soon as] {hero} opened {his} eyes [at last|again], {way}. {Hero} [laughed out loud|could not say a word|turned red with joy], and {pal} [clapped|cheered|jumped up and down].",
			"\"[Now I know how it feels to {wish}|This is even better than I dreamed|My wish came true in another way], {pal},\" said {hero} [after a while|at last|softly]. {thankElder} {fromThen}, when [somebody|a friend|anyone] had a great wish, {hero} and {pal} [never laughed about it|listened well|did all they could to help]. {slept}",
		},
	},
	{ // Nobody wants to tidy or wash; a game makes it easy.
		tables: [][][]string{
			{
				{"task", "put away the toys", "game", "every toy was a sleepy bird that had to fly to its nest", "last", "toy", "done", "all the toys were in their box"},
				{"task", "wash the dishes", "game", "the plates were boats on a stormy sea", "last", "plate", "done", "all the dishes were clean"},
				{"task", "sweep the yard", "game", "the broom was a horse that ate dust", "last", "bit of dust", "done", "the whole yard was clean"},
				{"task", "weed the garden", "game", "the weeds were robbers who hid among the beans", "last", "weed", "done", "only beans were left in the garden"},
				{"task", "hang up the laundry", "game", "the sheets were the sails of a big ship", "last", "sheet", "done", "all the laundry hung in the wind"},
				{"task", "sort the buttons", "game", "the buttons were lost children who wanted to go home", "last", "button", "done", "every button was in the right jar"},
				{"task", "rake the leaves", "game", "the leaves were sheep that had run away", "last", "leaf", "done", "all the leaves lay in one big heap"},
				{"task", "carry in the wood", "game", "the wood was gold for the house of a king", "last", "piece of wood", "done", "all the wood was in the house"},
				{"task", "clean the windows", "game", "the windows were the eyes of a giant who could not see well", "last", "window", "done", "every window shone in the sun"},
				{"task", "water the flowers", "game", "the flowers were thirsty guests at a feast", "last", "flower", "done", "every flower had enough water"},
			},
			{
				{"ask", "go to the lake", "went", "to the lake"}, {"ask", "come to the fair", "went", "to the fair"}, {"ask", "fly a kite", "went", "up the hill with the kite"},
				{"ask", "pick berries", "went", "into the forest to pick berries"}, {"ask", "play ball", "went", "to the meadow with the ball"}, {"ask", "climb trees", "went", "to the tallest tree"},
			},
		},
		text: []string{
			"{opening} {Hero} liked to [play all day|do many things|be outside], but {he} [did not like to|never wanted to|hated to] {task}. \"[I am too tired|I want to play first|Not today, but tomorrow],\" {hero} [always said when|said whenever|said each time] {elder} asked {him}.",
			"{day}, {palIntro}, came to ask {hero} to {ask}. \"[First the work and then the fun|You may go when the work is done|Today you really have to {task}], {hero},\" said {elder}. \"[It will take the whole day|I will never be done|It is no fun to {task}], {pal},\" said {hero} [with a sigh|sadly|quietly].",
			"\"[Not if we make a game of it|I know a good game for that|Even work can be a game], {hero},\" said {pal}. So {hero} and {pal} pretended that {game}, and [they forgot that it was work|it was great fun|the time flew by].",
			"\"[Look, {hero}|Stop, {hero}|Wait, {hero}], that was the last {last}!\" {pal} [called|said|shouted] suddenly. {Hero} looked around, and [it was true that|{he} saw that|to {his} surprise,] {done}.",
			"\"[How did you do that so fast|Who did all this work|How can you be done already], {hero}?\" asked {elder}[, full of wonder|, who came to look| with big eyes]. \"[It was easy, because {pal} knows a good game|We only played a game, {pal} and I|{Pal} made a game of it, and then it was fun],\" said {hero} [happily|with a smile|with a laugh]. Then {hero} and {pal} [ran|hurried|went] {went}. {fromThen}, when {hero} had to {task}, {he} [thought of a new game|called {pal} to play along|began to smile]. {slept}",
		},
	},
}

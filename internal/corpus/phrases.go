package corpus

// phrases are templates that many plots use.
var phrases = map[string]string{
	"size":  "[little|small|young]",
	"trait": "[kind|curious|cheerful|quiet|gentle|clever|merry|friendly|playful|helpful|polite|thoughtful]",
	"hobby": "[paint|run|draw|feed the ducks|listen to stories|look at the stars|count birds|jump in puddles|pick flowers|" +
		"build things|ask questions|tell jokes|collect stones|watch the clouds]",
	"home": "[near a {big} forest|by the sea|next to a [wide|quiet|clear] river|on a [small|quiet|busy] farm|" +
		"at the end of a [long|quiet|narrow] road|on top of a [green|windy|steep] hill|in a [red|blue|yellow|white] house|" +
		"beside a [deep|blue|clear] lake|at the foot of a [tall|snowy] mountain]",
	"big": "[big|green|deep|thick]",
	"day": "One [sunny|bright|warm|cool|fresh|fine|quiet|golden|] [morning|afternoon|day]",
	"opening": "[Once there was {a size} {kind} named {hero} who lived {home}.|" +
		"Once upon a time, {a size} {kind} named {hero} lived {home}.|" +
		"Once there was {a kind} named {hero} who lived {home}.|{Hero} was {a trait} {kind} who loved to {hobby}.|" +
		"There was once {a trait} {kind} called {hero}.|" +
		"In a [small|quiet|little] [town|village] lived {a trait} {kind} named {hero}.|" +
		"{Hero} was {a size} {kind} who lived {home}.|" +
		"{Hero} the {kind} lived {home} and loved to {hobby}.|" +
		"Long ago, {a trait} {kind} named {hero} lived {home}.]",
	"palIntro": "{pal}, {a pTrait} {pkind} [from the other side of the hill|who lived nearby|from next door|who lived down the road]",
	"pTrait":   "[kind|quick|strong|smart|tall|cheerful|calm|patient|friendly]",
	"said":     "[said|replied|answered]",
	"happily":  "[happily|with a smile|with a big smile|softly|kindly|with a laugh]",
	"sadly":    "[sadly|in a small voice|with tears in {his} eyes|quietly|with a sigh]",
	"smiled":   "[smiled|laughed|nodded|grinned]",
	"ranHome":  "[ran|hurried|walked|skipped] home",
	"elderWas": "[was resting in the shade|was looking after the garden|was drinking tea|was sitting by the window|was sweeping the path]",
	"thankElder": "[\"Thank you so much,\" {hero} said to {elder}.|{Hero} could not thank {elder} enough.|" +
		"{Hero} thanked {elder} and gave {ehim} a hug.|{Hero} thanked {elder} with all {his} heart.]",
	"thankPal": "[\"Thank you, {pal}!\" said {hero}.|\"Thank you so much, {pal},\" said {hero} {happily}.|{Hero} thanked {pal} and gave {phim} a hug.|" +
		"\"You are a good friend, {pal},\" said {hero}.|\"What would I do without you, {pal}?\" said {hero}.]",
	"fromThen": "[From that day on|From then on|Ever since that day|After that day]",
	"slept": "[That night, {hero} dreamed of {pal} and {dream}.|When the stars came out, {hero} and {pal} were still [smiling|talking about it|laughing].|" +
		"At bedtime, {hero} told the whole story to {his} [mother|father|toy bear] and said good night to {pal} [in {his} thoughts|through the window].|" +
		"{Hero} and {pal} [talked|laughed|sang] about it [all the way home|until they fell asleep|for a long time].|" +
		"That evening, {hero} fell asleep [with a smile|at once|with a warm heart] and dreamed of {pal}.|]",
	"dream": "[a sky full of stars|a boat made of clouds|a garden of golden flowers|a long warm summer|a dancing moon|a house full of friends]",
	"keyAt": "[under a bench|in the grass|on the path|beside the well|behind the barn|near the old bridge|in an empty flowerpot|between two stones]",
}

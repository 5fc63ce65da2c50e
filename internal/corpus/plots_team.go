package corpus

// teamPlots are about those who can do together what neither can do alone.
var teamPlots = []plot{
	{ // A task too hard for one is done by two who are good at different things.
		tables: [][][]string{{
			{"want", "pick the apples from the tall tree", "skill", "climb trees", "pSkill", "catch things", "fail", "{he} could not climb and carry apples at the same time",
				"pFail", "{phe} could not get up the tree", "both", "{hero} climbed up and threw the apples down, and {pal} caught them all", "got", "a basket was full of apples"},
			{"want", "build a house for the birds", "skill", "draw", "pSkill", "use a hammer", "fail", "{he} only had a nice picture of a house",
				"pFail", "{phis} house was crooked and had no door", "both", "{hero} drew how the house should look, and {pal} built it", "got", "the birds had a fine house"},
			{"want", "bring berries from the island", "skill", "read maps", "pSkill", "row a boat", "fail", "{his} boat only went in a circle",
				"pFail", "{phe} could not find the island", "both", "{hero} read the map, and {pal} rowed the boat", "got", "a big bowl was full of berries"},
			{"want", "make a song for the summer feast", "skill", "write", "pSkill", "play the guitar", "fail", "{his} song had no tune",
				"pFail", "{phis} song had no words", "both", "{hero} wrote the words, and {pal} played a tune to them", "got", "the song was ready"},
			{"want", "get the big kite into the air", "skill", "steer a kite", "pSkill", "run", "fail", "{he} was not fast enough",
				"pFail", "{phis} kite flew right into a bush", "both", "{pal} ran until the kite flew, and {hero} steered it", "got", "the big kite was high above the trees"},
			{"want", "bring the lost calf home", "skill", "run", "pSkill", "sing", "fail", "the calf was afraid of {him}",
				"pFail", "the calf was too far away to hear {phim}", "both", "{hero} ran and stopped the calf, and {pal} sang until it was calm", "got", "the lost calf was home again"},
			{"want", "get the bucket out of the deep well", "skill", "bend wire", "pSkill", "tie knots", "fail", "{his} wire was much too short",
				"pFail", "{phis} rope could not catch the bucket", "both", "{hero} bent the wire into a hook, and {pal} tied it to a rope", "got", "the bucket was out of the well"},
			{"want", "put on a puppet show", "skill", "make puppets", "pSkill", "tell stories", "fail", "{his} puppets had nothing to say",
				"pFail", "{phis} story had no puppets", "both", "{hero} made the puppets, and {pal} told a story with them", "got", "the puppet show began"},
			{"want", "move the big stone off the path", "skill", "push heavy things", "pSkill", "dig", "fail", "the stone was too deep in the earth",
				"pFail", "the stone was too heavy for {phim}", "both", "{pal} dug all around the stone, and {hero} pushed it away", "got", "the path was free again"},
			{"want", "make a flag for the tower", "skill", "paint", "pSkill", "sew", "fail", "{his} flag fell apart in the wind",
				"pFail", "there was no picture on {phis} flag", "both", "{pal} sewed a strong flag, and {hero} painted a lion on it", "got", "a beautiful flag flew from the tower"},
		}},
		text: []string{
			"{opening} Nobody could {skill} [like|better than] {hero}, and nobody could {pSkill} [like|better than] {his} friend {pal}, {a pTrait} {pkind}. {day}, {elder} asked {hero} and {pal}, \"Who can {want}?\"",
			"\"[I can do it alone|That is easy for me|I do not need any help with that], {pal}!\" [called|cried|said] {hero}. {Hero} tried [all morning|all day|again and again], but {fail}. \"[Now let me try|Now it is my turn|I will show you how to do it], {hero},\" said {pal}. {Pal} tried [very hard|for a long time|again and again], but {pFail}.",
			"\"[It cannot be done|Nobody can do that|It is much too hard], {pal},\" said {hero} {sadly}. \"[It is too hard for one|One alone cannot do it], but [what can each of you do best|what can two of you do together], {hero} and {pal}?\" asked {elder}.",
			"\"I can {skill}, and you can {pSkill}, {pal},\" said {hero} [slowly|after a while|at last]. \"Then [let us do it together|we can do it together|we must help each other], {hero}!\" [cried|called|said] {pal}. [This time|Now|So] {both}.",
			"[Before long|Soon|In the end] {got}, and {elder} [clapped {ehis} hands|was very happy|was proud of them|thanked them both]. \"[Two can do what one cannot do alone|It is good that you are not the same|Each of you needs the other], {hero} and {pal},\" said {elder}. {fromThen}, {hero} and {pal} [helped each other|worked together|asked each other for help] whenever something was [too hard for one|hard to do|not easy]. {slept}",
		},
	},
}

package token

// preNames has the names in use, and for each the pre-tokenizer.
var preNames = map[string]string{
	"gpt-2": "gpt-2", "phi-2": "gpt-2", "mpt": "gpt-2", "olmo": "gpt-2", "jais": "gpt-2", "trillion": "gpt-2",
	"roberta-bpe": "gpt-2", "modern-bert": "gpt-2", "gigachat": "gpt-2", "mellum": "gpt-2", "exaone4": "gpt-2",
	"jina-es": "gpt-2", "jina-de": "gpt-2", "jina-v1-en": "gpt-2", "jina-v2-es": "gpt-2", "jina-v2-de": "gpt-2",
	"jina-v2-code": "gpt-2", "a.x-4.0": "gpt-2", "granite-docling": "gpt-2",

	"llama-bpe": "llama3", "llama3": "llama3", "llama-v3": "llama3", "smaug-bpe": "llama3", "dbrx": "llama3",
	"falcon3": "llama3", "falcon-h1": "llama3", "pixtral": "llama3", "midm-2.0": "llama3", "lfm2": "llama3",
	"jina-v5-nano": "llama3", "chatglm-bpe": "llama3", "glm4": "llama3",

	"qwen2": "qwen2", "deepseek-r1-qwen": "qwen2", "stablelm2": "qwen2", "hunyuan": "qwen2", "megrez": "qwen2",
	"kormo": "qwen2", "solar-open": "qwen2", "grok-2": "qwen2", "qwen35": "qwen35",

	"tekken": "tekken", "gpt-4o": "gpt-4o", "llama4": "gpt-4o", "kanana2": "gpt-4o", "minimax-m2": "gpt-4o",

	"starcoder": "starcoder", "refact": "starcoder", "command-r": "starcoder", "smollm": "starcoder",
	"codeshell": "starcoder", "exaone": "starcoder", "minerva-7b": "starcoder",

	"falcon": "falcon", "default": "default",

	"deepseek-llm": "deepseek-llm", "deepseek-coder": "deepseek-coder", "deepseek-v3": "deepseek-v3",
	"hunyuan-dense": "deepseek-v3", "joyai-llm": "deepseek-v3", "hyv4": "deepseek-v3",
}

// prePatterns are the regular expressions of the pre-tokenizers. The next one
// cuts what one matches, and what lies between its matches.
var prePatterns = map[string][]string{
	"gpt-2":  {gpt2Pattern},
	"llama3": {llama3Pattern},
	"qwen2":  {qwen2Pattern},
	"qwen35": {qwen35Pattern},
	"tekken": {tekkenPattern},
	"gpt-4o": {gpt4oPattern},

	"starcoder": {numberPattern, gpt2Pattern},
	"falcon":    {falconPattern, gpt2Pattern, threeDigitsPattern},
	"default":   {defaultPattern, gpt2Pattern, numbersPattern, threeDigitsPattern},

	"deepseek-llm": {lineEndPattern, deepseekLettersPattern, deepseekSignsPattern, lastSpacesPattern,
		deepseekCJKPattern, numberPattern},
	"deepseek-coder": {lineEndPattern, spacedLettersPattern, spacedPunctPattern, deepseekCJKPattern, numberPattern},
	"deepseek-v3":    {upTo3NumbersPattern, deepseekV3CJKPattern, deepseekV3Pattern},
}

// handSplitters do by hand what the regular expressions say.
var handSplitters = map[string]splitter{
	gpt2Pattern:   scan(gpt2),
	llama3Pattern: scan(plainWords{digitsMax: 3}.first),
	qwen2Pattern:  scan(plainWords{digitsMax: 1}.first),
	qwen35Pattern: scan(plainWords{digitsMax: 1, marks: true}.first),
	tekkenPattern: scan(casedWords{digitsMax: 1}.first),
	gpt4oPattern:  scan(casedWords{digitsMax: 3, contractions: true}.first),

	numberPattern:          find(upTo(1, in(catNumber, ""))),
	upTo3NumbersPattern:    find(upTo(3, in(catNumber, ""))),
	numbersPattern:         find(runOf(in(catNumber, ""))),
	threeDigitsPattern:     find(threeDigits),
	falconPattern:          find(runOf(in(catPunct, "$+<=>^~|`"))),
	defaultPattern:         find(runOf(in(catPunct, "$+<=>^~|"))),
	lineEndPattern:         find(upTo(1, in(0, "\r\n"))),
	spacedLettersPattern:   find(spacedRunOf(in(catLetter, ""))),
	spacedPunctPattern:     find(spacedRunOf(in(catPunct, ""))),
	lastSpacesPattern:      find(lastSpaces),
	deepseekLettersPattern: find(spacedRunOf(between(deepseekLetters))),
	deepseekSignsPattern:   find(spacedRunOf(between(deepseekSigns))),
	deepseekCJKPattern:     find(runOf(between(deepseekCJK))),
	deepseekV3CJKPattern:   find(runOf(between(deepseekV3CJK))),
	deepseekV3Pattern:      find(deepseekV3),
}

// The regular expressions are those that the models publish, except that some
// hold \r and \n as the characters themselves.
const (
	contractionPattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)`
	spacesPattern      = `|\s*[\r\n]+|\s+(?!\S)|\s+`
	plainPattern       = contractionPattern + `|[^\r\n\p{L}\p{N}]?`
	capitalsPattern    = `[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
	smallsPattern      = `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`

	gpt2Pattern   = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	llama3Pattern = plainPattern + `\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*` + spacesPattern
	qwen2Pattern  = plainPattern + `\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*` + spacesPattern
	qwen35Pattern = plainPattern + `[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*` + spacesPattern
	tekkenPattern = capitalsPattern + `*` + smallsPattern + `+|` + capitalsPattern + `+` + smallsPattern + `*` +
		`|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*` + spacesPattern
	gpt4oPattern = capitalsPattern + `*` + smallsPattern + `+` + contractionPattern + `?|` +
		capitalsPattern + `+` + smallsPattern + `*` + contractionPattern + `?` +
		`|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*` + spacesPattern

	numberPattern          = `\p{N}`
	upTo3NumbersPattern    = `\p{N}{1,3}`
	numbersPattern         = `\p{N}+`
	threeDigitsPattern     = `[0-9][0-9][0-9]`
	falconPattern          = `[\p{P}\$\+<=>\^~\|` + "`" + `]+`
	defaultPattern         = `[\p{P}\$\+<=>\^~\|]+`
	lineEndPattern         = `[\r\n]`
	spacedLettersPattern   = `\s?\p{L}+`
	spacedPunctPattern     = `\s?\p{P}+`
	lastSpacesPattern      = `\s+$`
	deepseekLettersPattern = `\s?[` + deepseekLetters + `]+`
	deepseekSignsPattern   = `\s?[` + deepseekSigns + `]+`
	deepseekCJKPattern     = `[` + deepseekCJK + `]+`
	deepseekV3CJKPattern   = `[` + deepseekV3CJK + `]+`
	deepseekV3Pattern      = "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+" +
		`|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*` + spacesPattern
)

// The sets of characters of DeepSeek, spelled so that no editor takes others
// for them that look the same.
const (
	deepseekLetters = "A-Za-z\u00b5\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u01ba\u01bc-\u01bf\u01c4-\u0293\u0295-\u02af" +
		"\u0370-\u0373\u0376\u0377\u037b-\u037d\u037f\u0386\u0388-\u038a\u038c\u038e-\u03a1" +
		"\u03a3-\u03f5\u03f7-\u0481\u048a-\u052f\u0531-\u0556\u10a0-\u10c5\u13a0-\u13f5\u13f8-\u13fd" +
		"\u1c90-\u1cba\u1cbd-\u1cbf\u1d00-\u1d2b\u1d6b-\u1d77\u1d79-\u1d9a\u1e00-\u1f15\u1f18-\u1f1d" +
		"\u1f20-\u1f45\u1f48-\u1f4d\u1f50-\u1f57\u1f59\u1f5b\u1f5d\u1f5f-\u1f7d\u1f80-\u1fb4" +
		"\u1fb6-\u1fbc\u1fbe\u1fc2-\u1fc4\u1fc6-\u1fcc\u1fd0-\u1fd3\u1fd6-\u1fdb\u1fe0-\u1fec" +
		"\u1ff2-\u1ff4\u1ff6-\u1ffc\u2102\u2107\u210a-\u2113\u2115\u2119-\u211d\u2124\u2126\u2128" +
		"\u212a-\u212d\u212f-\u2134\u2139\u213c-\u213f\u2145-\u2149\u214e\u2183\u2184\u2c00-\u2c7b" +
		"\u2c7e-\u2ce4\u2ceb-\u2cee\u2cf2\u2cf3\ua640-\ua66d\ua680-\ua69b\ua722-\ua76f\ua771-\ua787" +
		"\ua78b-\ua78e\uab70-\uabbf\ufb00-\ufb06\ufb13-\ufb17\uff21-\uff3a\uff41-\uff5a" +
		"\U00010400-\U0001044f\U000104b0-\U000104d3\U000104d8-\U000104fb\U00010c80-\U00010cb2" +
		"\U00010cc0-\U00010cf2\U000118a0-\U000118df\U0001e900-\U0001e943"
	deepseekSigns = "!-/:-~\uff01-\uff0f\uff1a-\uff5e\u2018-\u201f\u3000-\u3002"
	deepseekCJK   = "\u4e00-\u9fa5\u0800-\u4e00\uac00-\ud7ff"
	deepseekV3CJK = "\u4e00-\u9fa5\u3040-\u309f\u30a0-\u30ff"
)

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// completionCmd prints a shell script. It is made from the command line's own
// structs, so that it cannot lag behind them.
type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"${enum}."`
}

// Help is shown by --help.
func (*completionCmd) Help() string {
	return `bash: source <(cria completion bash)
zsh: source <(cria completion zsh)
fish: cria completion fish | source`
}

// Run is called by kong.
func (c *completionCmd) Run(a *app) error {
	script := map[string]func(*kong.Node) string{"bash": bashScript, "zsh": zshScript, "fish": fishScript}[c.Shell]
	_, err := io.WriteString(a.stdout, script(a.kong.Model.Node))
	return err
}

// verbNames returns the verbs.
func verbNames(root *kong.Node) []string {
	var list []string
	for _, verb := range root.Children {
		list = append(list, verb.Name)
	}
	return list
}

// flagNames returns a verb's flags as words.
func flagNames(verb *kong.Node) []string {
	var list []string
	for _, flag := range allFlags(verb) {
		list = append(list, "--"+flag.Name)
		if flag.Tag.Negatable != "" {
			list = append(list, "--no-"+flag.Name)
		}
		if flag.Short != 0 {
			list = append(list, "-"+string(flag.Short))
		}
	}
	return list
}

// allFlags returns the flags of a verb, of the verbs within it and of the command itself.
func allFlags(verb *kong.Node) []*kong.Flag {
	list := slices.Clone(verb.Flags)
	for _, inner := range verb.Children {
		list = append(list, inner.Flags...)
	}
	return append(list, verb.Parent.Flags...)
}

// groups returns the verbs that have verbs within.
func groups(root *kong.Node) []*kong.Node {
	return slices.DeleteFunc(slices.Clone(root.Children), func(verb *kong.Node) bool { return len(verb.Children) == 0 })
}

// bashScript completes verbs, then the verb's flags, then files.
func bashScript(root *kong.Node) string {
	var b strings.Builder
	b.WriteString("_cria() {\n\tlocal word=${COMP_WORDS[COMP_CWORD]} words=\n")
	fmt.Fprintf(&b, "\tif [ \"$COMP_CWORD\" -eq 1 ]; then\n\t\twords='%s'\n", strings.Join(verbNames(root), " "))
	for _, verb := range groups(root) {
		fmt.Fprintf(&b, "\telif [ \"$COMP_CWORD ${COMP_WORDS[1]}\" = '2 %s' ]; then\n\t\twords='%s'\n", verb.Name,
			strings.Join(verbNames(verb), " "))
	}
	b.WriteString("\telif [[ $word == -* ]]; then\n\t\tcase ${COMP_WORDS[1]} in\n")
	for _, verb := range root.Children {
		fmt.Fprintf(&b, "\t\t%s) words='%s' ;;\n", verb.Name, strings.Join(flagNames(verb), " "))
	}
	b.WriteString("\t\tesac\n\tfi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n}\n" +
		"complete -o default -F _cria cria\n")
	return b.String()
}

// zshScript is bashScript with zsh's own commands.
func zshScript(root *kong.Node) string {
	var b strings.Builder
	b.WriteString("#compdef cria\n_cria() {\n")
	fmt.Fprintf(&b, "\tif (( CURRENT == 2 )); then\n\t\tcompadd -- %s\n", strings.Join(verbNames(root), " "))
	for _, verb := range groups(root) {
		fmt.Fprintf(&b, "\telif [[ \"$CURRENT $words[2]\" == '3 %s' ]]; then\n\t\tcompadd -- %s\n", verb.Name,
			strings.Join(verbNames(verb), " "))
	}
	b.WriteString("\telif [[ $words[CURRENT] == -* ]]; then\n\t\tcase $words[2] in\n")
	for _, verb := range root.Children {
		fmt.Fprintf(&b, "\t\t%s) compadd -- %s ;;\n", verb.Name, strings.Join(flagNames(verb), " "))
	}
	b.WriteString("\t\tesac\n\telse\n\t\t_files\n\tfi\n}\ncompdef _cria cria\n")
	return b.String()
}

// fishScript also shows what each verb and flag is for.
func fishScript(root *kong.Node) string {
	var b strings.Builder
	for _, verb := range root.Children {
		fmt.Fprintf(&b, "complete -c cria -n __fish_use_subcommand -f -a %s -d %s\n", verb.Name, fishQuote(verb.Help))
		for _, inner := range verb.Children {
			fmt.Fprintf(&b, "complete -c cria -n '__fish_seen_subcommand_from %s' -f -a %s -d %s\n", verb.Name, inner.Name,
				fishQuote(inner.Help))
		}
	}
	for _, verb := range root.Children {
		for _, flag := range allFlags(verb) {
			fmt.Fprintf(&b, "complete -c cria -n '__fish_seen_subcommand_from %s' -l %s", verb.Name, flag.Name)
			if flag.Short != 0 {
				fmt.Fprintf(&b, " -s %c", flag.Short)
			}
			if !flag.IsBool() && !flag.IsCounter() {
				b.WriteString(" -r")
			}
			fmt.Fprintf(&b, " -d %s\n", fishQuote(flag.Help))
		}
	}
	return b.String()
}

// fishQuote returns text as one word of fish.
func fishQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(text) + "'"
}

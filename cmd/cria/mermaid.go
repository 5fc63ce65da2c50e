package main

import (
	"fmt"
	"strings"

	"cria/internal/load"
	"cria/internal/model"
	"cria/internal/tensor"
)

// flowchart returns the forward pass of a model as a mermaid flowchart, with
// the shape of every tensor: boxes compute, barrels are weights and the cache,
// edges carry activations. T stands for the tokens in a batch.
func flowchart(m *load.Model) string {
	c := &m.Config
	b := &chart{typ: load.TypeOf(m.Weights).String(), layer: &m.Weights.Layers[0]}
	if group := m.Weights.Output.Group; group > 0 {
		b.typ = fmt.Sprintf("%s/%d", b.typ, group)
	}
	b.line("flowchart TD")
	b.line(`    tokens(["tokens [T]"]) --> embed["Embed: rows of the table%s"]`, times(c.EmbedScale))
	b.weight("tok_embed", "TokenEmbed", c.VocabSize, c.Dim, "embed")
	b.edge("embed", "attn_norm", "x", c.Dim)
	b.line(`    subgraph layer["%d layers"]`, c.NLayers)
	b.line(`    direction TB`)
	b.attention(c, locals(m.Weights))
	b.feedForward(c)
	b.line(`    end`)
	b.line(`    add2 -.->|"x [T][%d] to the next layer"| attn_norm`, c.Dim)
	b.edge("add2", "final_norm", "x", c.Dim)
	b.line(`    final_norm["RMSNorm"]`)
	b.vector("w_final_norm", "FinalNorm", c.Dim, "final_norm")
	b.edge("final_norm", "classifier", "h", c.Dim)
	if m.IsTied {
		b.line(`    tok_embed -->|"shared: Output is TokenEmbed"| classifier`)
	} else {
		b.weight("w_output", "Output", c.VocabSize, c.Dim, "classifier")
	}
	b.line(`    classifier["Output · h, for the tokens that ask%s"]`, capped("z", c.FinalSoftcap))
	b.edge("classifier", "sample", "logits", c.VocabSize)
	b.line(`    sample(["next token"])`)
	return b.String()
}

// times says by what something is multiplied, if it is.
func times(x float32) string {
	if x == 0 {
		return ""
	}
	return fmt.Sprintf(" · %g", x)
}

// capped says what happens to large numbers, if something does.
func capped(name string, limit float32) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf("; %[1]s becomes %[2]g·tanh(%[1]s/%[2]g)", name, limit)
}

// locals returns how many layers have a window.
func locals(w *model.Weights) int {
	n := 0
	for i := range w.Layers {
		if w.Layers[i].IsLocal {
			n++
		}
	}
	return n
}

// attention draws the first half of a layer.
func (b *chart) attention(c *model.Config, locals int) {
	d, hk, gk, l := c.Dim, c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim, b.layer
	b.line(`    attn_norm["RMSNorm"]`)
	b.vector("w_attn_norm", "AttnNorm", d, "attn_norm")
	b.product("attn_norm", "wq", "WQ", "h", hk, d, l.BQ != nil)
	b.product("attn_norm", "wk", "WK", "h", gk, d, l.BK != nil)
	b.product("attn_norm", "wv", "WV", "h", gk, d, l.BV != nil)
	norm, turned := "", ""
	if l.QNorm != nil {
		norm = "RMSNorm of each head of q and k, "
	}
	if c.Rope.Dim > 0 {
		turned = fmt.Sprintf(", of each %d numbers,", c.Rope.Dim)
	}
	b.line(`    rope["RopeStore: %srotate q (%d heads of %d) and k (%d heads)%s by position"]`,
		norm, c.NHeads, c.HeadDim, c.NKVHeads, turned)
	if l.QNorm != nil {
		b.vector("w_q_norm", "QNorm", c.HeadDim, "rope")
		b.vector("w_k_norm", "KNorm", c.HeadDim, "rope")
	}
	b.edge("wq", "rope", "q", hk)
	b.edge("wk", "rope", "k", gk)
	b.edge("wv", "rope", "v", gk)
	b.line(`    cache[("K, V: [%d positions][%d][%d] each")]`, c.SeqLen, c.NKVHeads, c.HeadDim)
	b.line(`    rope -->|"k, v [T][%d] each"| cache`, gk)
	b.edge("rope", "attend", "q", hk)
	scores := fmt.Sprintf("q·k / √%d", c.HeadDim)
	if c.AttnScale > 0 {
		scores = fmt.Sprintf("q·k · %g", c.AttnScale)
	}
	b.line(`    attend["Attend: a = softmax(%s) · v; query heads to one of k and v: %d%s"]`,
		scores, c.NHeads/c.NKVHeads, capped("score", c.AttnSoftcap))
	b.line(`    cache -->|"positions up to the token's own%s"| attend`, window(c, locals))
	b.product("attend", "wo", "WO", "a", d, hk, l.BO != nil)
	b.residual("wo", "add1", "embed", "AttnPostNorm", d, l.AttnPostNorm != nil)
	b.edge("add1", "ffn_norm", "x", d)
}

// window says which layers see only the last positions, if there are any.
func window(c *model.Config, locals int) string {
	switch locals {
	case 0:
		return ""
	case c.NLayers:
		return fmt.Sprintf(", the last %d", c.Window)
	default:
		return fmt.Sprintf("; in %d layers the last %d", locals, c.Window)
	}
}

// feedForward draws the second half of a layer.
func (b *chart) feedForward(c *model.Config) {
	d, f, of := c.Dim, c.HiddenDim, ""
	b.line(`    ffn_norm["RMSNorm"]`)
	b.vector("w_ffn_norm", "FFNNorm", d, "ffn_norm")
	if c.NExperts > 0 {
		of = fmt.Sprintf(" of each of %d experts", c.NExpertsUsed)
		b.product("ffn_norm", "router", "Router", "h", c.NExperts, d, false)
		b.line(`    router -->|"weights of the %d experts of %d with the highest scores"| w2`, c.NExpertsUsed, c.NExperts)
	}
	b.product("ffn_norm", "w1", "W1"+of, "h", f, d, false)
	b.product("ffn_norm", "w3", "W3"+of, "h", f, d, false)
	if c.Activation == tensor.GELU {
		b.line(`    swiglu["GeGLU: gelu(gate) * up"]`)
	} else {
		b.line(`    swiglu["SwiGLU: silu(gate) * up"]`)
	}
	b.edge("w1", "swiglu", "gate", f)
	b.edge("w3", "swiglu", "up", f)
	b.product("swiglu", "w2", "W2"+of, "g", d, f, false)
	b.residual("w2", "add2", "add1", "FFNPostNorm", d, b.layer.FFNPostNorm != nil)
}

// A chart is a flowchart in the making.
type chart struct {
	strings.Builder
	typ   string // of matrices
	layer *model.Layer
}

func (b *chart) line(format string, args ...any) {
	fmt.Fprintf(b, format+"\n", args...)
}

// edge draws activations [T][n].
func (b *chart) edge(from, to, name string, n int) {
	b.line(`    %s -->|"%s"| %s`, from, strings.TrimSpace(fmt.Sprintf("%s [T][%d]", name, n)), to)
}

// weight draws a matrix and what uses it.
func (b *chart) weight(id, name string, rows, cols int, user string) {
	b.line(`    %s[("%s [%d][%d] %s")] --> %s`, id, name, rows, cols, b.typ, user)
}

// vector draws the weights of a norm or a bias, which are f32 whatever the matrices are.
func (b *chart) vector(id, name string, n int, user string) {
	b.line(`    %s[("%s [%d] f32")] --> %s`, id, name, n, user)
}

// product draws a matrix [rows][cols] that is multiplied with what comes from a node.
func (b *chart) product(from, id, name, x string, rows, cols int, hasBias bool) {
	b.edge(from, id, x, cols)
	bias := strings.Replace(name, "W", "B", 1)
	if hasBias {
		b.line(`    %s["%s · %s + %s"]`, id, name, x, bias)
		b.vector("w_"+strings.ToLower(bias), bias, rows, id)
	} else {
		b.line(`    %s["%s · %s"]`, id, name, x)
	}
	b.weight("w_"+id, name, rows, cols, id)
}

// residual draws the sum of what comes from a node, after a norm if there is
// one, and of the residual stream.
func (b *chart) residual(from, id, stream, norm string, n int, hasNorm bool) {
	if hasNorm {
		post := from + "_norm"
		b.line(`    %s["RMSNorm"]`, post)
		b.vector("w_"+post, norm, n, post)
		b.edge(from, post, "", n)
		from = post
	}
	b.line(`    %s(("+"))`, id)
	b.edge(from, id, "", n)
	b.line(`    %s -.->|"residual x"| %s`, stream, id)
}

package main

import (
	"fmt"
	"strings"

	"cria/internal/load"
)

// flowchart returns the forward pass of a model as a mermaid flowchart, with
// the shape of every tensor: boxes compute, barrels are weights and the cache,
// edges carry activations. T stands for the tokens in a batch.
func flowchart(m *load.Model) string {
	c := &m.Config
	typ := load.TypeOf(m.Weights).String()
	if group := m.Weights.Output.Group; group > 0 {
		typ = fmt.Sprintf("%s/%d", typ, group)
	}
	d, hk, gk, f, v := c.Dim, c.NHeads*c.HeadDim, c.NKVHeads*c.HeadDim, c.HiddenDim, c.VocabSize
	var b chart
	b.line("flowchart TD")
	b.line(`    tokens(["tokens [T]"]) --> embed["Embed: rows of the table"]`)
	b.weight("tok_embed", "TokenEmbed", typ, v, d, "embed")
	b.edge("embed", "attn_norm", "x", d)
	b.line(`    subgraph layer["%d layers"]`, c.NLayers)
	b.line(`    direction TB`)
	b.line(`    attn_norm["RMSNorm"]`)
	b.vector("w_attn_norm", "AttnNorm", d, "attn_norm")
	b.product("attn_norm", "wq", "WQ", "h", typ, hk, d)
	b.product("attn_norm", "wk", "WK", "h", typ, gk, d)
	b.product("attn_norm", "wv", "WV", "h", typ, gk, d)
	b.line(`    rope["RopeStore: rotate q (%d heads of %d) and k (%d heads) by position"]`,
		c.NHeads, c.HeadDim, c.NKVHeads)
	b.edge("wq", "rope", "q", hk)
	b.edge("wk", "rope", "k", gk)
	b.edge("wv", "rope", "v", gk)
	b.line(`    cache[("K, V: [%d positions][%d][%d] each")]`, c.SeqLen, c.NKVHeads, c.HeadDim)
	b.line(`    rope -->|"k, v [T][%d] each"| cache`, gk)
	b.edge("rope", "attend", "q", hk)
	b.line(`    attend["Attend: a = softmax(q·k / √%d) · v; query heads to one of k and v: %d"]`,
		c.HeadDim, c.NHeads/c.NKVHeads)
	b.line(`    cache -->|"positions up to the token's own"| attend`)
	b.product("attend", "wo", "WO", "a", typ, d, hk)
	b.line(`    add1(("+"))`)
	b.edge("wo", "add1", "", d)
	b.line(`    embed -.->|"residual x"| add1`)
	b.edge("add1", "ffn_norm", "x", d)
	b.line(`    ffn_norm["RMSNorm"]`)
	b.vector("w_ffn_norm", "FFNNorm", d, "ffn_norm")
	b.product("ffn_norm", "w1", "W1", "h", typ, f, d)
	b.product("ffn_norm", "w3", "W3", "h", typ, f, d)
	b.line(`    swiglu["SwiGLU: silu(gate) * up"]`)
	b.edge("w1", "swiglu", "gate", f)
	b.edge("w3", "swiglu", "up", f)
	b.product("swiglu", "w2", "W2", "g", typ, d, f)
	b.line(`    add2(("+"))`)
	b.edge("w2", "add2", "", d)
	b.line(`    add1 -.->|"residual x"| add2`)
	b.line(`    end`)
	b.line(`    add2 -.->|"x [T][%d] to the next layer"| attn_norm`, d)
	b.edge("add2", "final_norm", "x", d)
	b.line(`    final_norm["RMSNorm"]`)
	b.vector("w_final_norm", "FinalNorm", d, "final_norm")
	b.edge("final_norm", "classifier", "h", d)
	if m.IsTied {
		b.line(`    tok_embed -->|"shared: Output is TokenEmbed"| classifier`)
	} else {
		b.weight("w_output", "Output", typ, v, d, "classifier")
	}
	b.line(`    classifier["Output · h, for the tokens that ask"]`)
	b.edge("classifier", "sample", "logits", v)
	b.line(`    sample(["next token"])`)
	return b.String()
}

// A chart is a flowchart in the making.
type chart struct{ strings.Builder }

func (b *chart) line(format string, args ...any) {
	fmt.Fprintf(b, format+"\n", args...)
}

// edge draws activations [T][n].
func (b *chart) edge(from, to, name string, n int) {
	b.line(`    %s -->|"%s"| %s`, from, strings.TrimSpace(fmt.Sprintf("%s [T][%d]", name, n)), to)
}

// weight draws a matrix and what uses it.
func (b *chart) weight(id, name, typ string, rows, cols int, user string) {
	b.line(`    %s[("%s [%d][%d] %s")] --> %s`, id, name, rows, cols, typ, user)
}

// vector draws the weights of a norm, which are f32 whatever the matrices are.
func (b *chart) vector(id, name string, n int, user string) {
	b.line(`    %s[("%s [%d] f32")] --> %s`, id, name, n, user)
}

// product draws a matrix [rows][cols] that is multiplied with what comes from a node.
func (b *chart) product(from, id, name, x, typ string, rows, cols int) {
	b.edge(from, id, x, cols)
	b.line(`    %s["%s · %s"]`, id, name, x)
	b.weight("w_"+id, name, typ, rows, cols, id)
}

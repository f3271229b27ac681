//! Names from published models and the roles they have there.

use super::{Role, Roles};

fn check(cases: &[(&str, &[usize], Role)]) {
    let roles = Roles::default();
    for (name, shape, role) in cases {
        assert_eq!(&roles.of(name, shape), role, "{name}");
    }
}

const SQUARE: &[usize] = &[768, 768];

/// Would catch GPT-2's `c_proj`, which closes the attention and the feed-forward block alike, taken for one of the
/// two, and a vector of a norm that has a role.
#[test]
fn gpt2() {
    check(&[
        ("wte.weight", SQUARE, Role::Embedding),
        ("transformer.wpe.weight", SQUARE, Role::Embedding),
        ("h.0.attn.c_attn.weight", SQUARE, Role::FusedQkv),
        (
            "transformer.h.11.attn.c_proj.weight",
            SQUARE,
            Role::AttentionOutput,
        ),
        ("h.3.mlp.c_fc.weight", SQUARE, Role::MlpUp),
        ("h.3.mlp.c_proj.weight", SQUARE, Role::MlpDown),
        ("h.3.ln_1.weight", &[768], Role::Other),
        ("lm_head.weight", SQUARE, Role::Head),
    ]);
}

/// Would catch BERT's three matrices named `dense` taken for one another.
#[test]
fn bert_and_minilm() {
    check(&[
        ("embeddings.word_embeddings.weight", SQUARE, Role::Embedding),
        ("embeddings.LayerNorm.weight", &[384], Role::Other),
        (
            "encoder.layer.0.attention.self.query.weight",
            SQUARE,
            Role::Query,
        ),
        (
            "bert.encoder.layer.0.attention.self.key.weight",
            SQUARE,
            Role::Key,
        ),
        (
            "encoder.layer.5.attention.self.value.weight",
            SQUARE,
            Role::Value,
        ),
        (
            "encoder.layer.5.attention.output.dense.weight",
            SQUARE,
            Role::AttentionOutput,
        ),
        (
            "encoder.layer.5.intermediate.dense.weight",
            SQUARE,
            Role::MlpUp,
        ),
        ("encoder.layer.5.output.dense.weight", SQUARE, Role::MlpDown),
        ("pooler.dense.weight", SQUARE, Role::Other),
        ("cls.predictions.decoder.weight", SQUARE, Role::Head),
        (
            "distilbert.transformer.layer.1.attention.q_lin.weight",
            SQUARE,
            Role::Query,
        ),
        (
            "distilbert.transformer.layer.1.ffn.lin2.weight",
            SQUARE,
            Role::MlpDown,
        ),
        (
            "bert/encoder/layer_3/attention/self/query/kernel",
            SQUARE,
            Role::Query,
        ),
    ]);
}

/// Would catch a gate that is taken for a router, experts whose w1, w2 and w3 change places, and adapters without a
/// role.
#[test]
fn llama_and_its_kin() {
    check(&[
        ("model.embed_tokens.weight", SQUARE, Role::Embedding),
        (
            "model.layers.11.self_attn.q_proj.weight",
            SQUARE,
            Role::Query,
        ),
        ("model.layers.11.self_attn.k_proj.weight", SQUARE, Role::Key),
        (
            "model.layers.11.self_attn.v_proj.weight",
            SQUARE,
            Role::Value,
        ),
        (
            "model.layers.11.self_attn.o_proj.weight",
            SQUARE,
            Role::AttentionOutput,
        ),
        (
            "model.layers.11.mlp.gate_proj.weight",
            SQUARE,
            Role::MlpGate,
        ),
        ("model.layers.11.mlp.up_proj.weight", SQUARE, Role::MlpUp),
        (
            "model.layers.11.mlp.down_proj.weight",
            SQUARE,
            Role::MlpDown,
        ),
        (
            "model.layers.11.input_layernorm.weight",
            &[4096],
            Role::Other,
        ),
        ("layers.0.attention.wq.weight", SQUARE, Role::Query),
        (
            "layers.0.attention.wo.weight",
            SQUARE,
            Role::AttentionOutput,
        ),
        ("layers.0.feed_forward.w1.weight", SQUARE, Role::MlpGate),
        ("layers.0.feed_forward.w2.weight", SQUARE, Role::MlpDown),
        ("layers.0.feed_forward.w3.weight", SQUARE, Role::MlpUp),
        ("output.weight", SQUARE, Role::Head),
        (
            "model.layers.1.block_sparse_moe.gate.weight",
            SQUARE,
            Role::Router,
        ),
        (
            "model.layers.1.block_sparse_moe.experts.7.w2.weight",
            SQUARE,
            Role::MlpDown,
        ),
        ("model.layers.3.mlp.router.weight", SQUARE, Role::Router),
        (
            "model.layers.3.mlp.experts.gate_up_proj",
            &[8, 64, 96],
            Role::MlpUp,
        ),
        (
            "model.layers.0.mlp.experts.gate_up_proj_blocks",
            &[4, 64, 3, 16],
            Role::MlpUp,
        ),
        (
            "gpt_neox.layers.0.attention.query_key_value.weight",
            SQUARE,
            Role::FusedQkv,
        ),
        (
            "gpt_neox.layers.0.attention.dense.weight",
            SQUARE,
            Role::AttentionOutput,
        ),
        (
            "gpt_neox.layers.0.mlp.dense_4h_to_h.weight",
            SQUARE,
            Role::MlpDown,
        ),
        (
            "base_model.model.model.layers.0.self_attn.q_proj.lora_A.weight",
            &[8, 64],
            Role::Query,
        ),
    ]);
}

/// Would catch T5's `wo`, whose name is that of LLaMA's attention output, and its `o`.
#[test]
fn t5_and_whisper() {
    check(&[
        ("shared.weight", SQUARE, Role::Embedding),
        (
            "encoder.block.0.layer.0.SelfAttention.q.weight",
            SQUARE,
            Role::Query,
        ),
        (
            "decoder.block.0.layer.1.EncDecAttention.k.weight",
            SQUARE,
            Role::Key,
        ),
        (
            "encoder.block.0.layer.0.SelfAttention.o.weight",
            SQUARE,
            Role::AttentionOutput,
        ),
        (
            "encoder.block.0.layer.1.DenseReluDense.wi.weight",
            SQUARE,
            Role::MlpUp,
        ),
        (
            "encoder.block.0.layer.1.DenseReluDense.wi_0.weight",
            SQUARE,
            Role::MlpGate,
        ),
        (
            "encoder.block.0.layer.1.DenseReluDense.wo.weight",
            SQUARE,
            Role::MlpDown,
        ),
        (
            "encoder.block.0.layer.1.layer_norm.weight",
            &[512],
            Role::Other,
        ),
        (
            "model.encoder.conv1.weight",
            &[384, 80, 3],
            Role::Convolution,
        ),
        (
            "model.decoder.layers.2.encoder_attn.out_proj.weight",
            SQUARE,
            Role::AttentionOutput,
        ),
        ("model.decoder.layers.2.fc1.weight", SQUARE, Role::MlpUp),
        ("model.decoder.layers.2.fc2.weight", SQUARE, Role::MlpDown),
        (
            "decoder.blocks.2.cross_attn.query.weight",
            SQUARE,
            Role::Query,
        ),
        (
            "decoder.blocks.2.attn.out.weight",
            SQUARE,
            Role::AttentionOutput,
        ),
        ("decoder.blocks.2.mlp.0.weight", SQUARE, Role::MlpUp),
        ("decoder.blocks.2.mlp.2.weight", SQUARE, Role::MlpDown),
        ("decoder.positional_embedding", SQUARE, Role::Embedding),
    ]);
}

/// Would catch a plain perceptron's fc1 taken for a transformer's, and kernels that are told by their shape alone.
#[test]
fn images_and_plain_networks() {
    check(&[
        ("blocks.7.attn.qkv.weight", SQUARE, Role::FusedQkv),
        ("blocks.7.attn.proj.weight", SQUARE, Role::AttentionOutput),
        ("blocks.7.mlp.fc1.weight", SQUARE, Role::MlpUp),
        (
            "patch_embed.proj.weight",
            &[768, 3, 16, 16],
            Role::Convolution,
        ),
        (
            "encoder.layers.encoder_layer_7.self_attention.in_proj_weight",
            SQUARE,
            Role::FusedQkv,
        ),
        (
            "encoder.layers.encoder_layer_7.self_attention.out_proj.weight",
            SQUARE,
            Role::AttentionOutput,
        ),
        (
            "encoder.layers.encoder_layer_7.mlp.0.weight",
            SQUARE,
            Role::MlpUp,
        ),
        (
            "encoder.layers.encoder_layer_7.mlp.3.weight",
            SQUARE,
            Role::MlpDown,
        ),
        ("heads.head.weight", SQUARE, Role::Head),
        ("layer1.0.conv1.weight", &[64, 64, 3, 3], Role::Convolution),
        (
            "layer2.0.downsample.0.weight",
            &[128, 64, 1, 1],
            Role::Convolution,
        ),
        ("features.0.weight", &[64, 3, 11, 11], Role::Convolution),
        ("fc.weight", &[1000, 512], Role::Head),
        ("classifier.6.weight", SQUARE, Role::Head),
        ("fc1.weight", &[128, 196], Role::Other),
        ("ip1.weight", &[500, 800], Role::Other),
        ("mlp.0.weight", SQUARE, Role::Other),
        ("0.weight", SQUARE, Role::Other),
        ("", &[], Role::Other),
    ]);
}

/// Would catch the user's own patterns that lose to the rules, a known role that becomes one of the user's own, and a
/// file that is none without a word.
#[test]
fn the_users_own_roles_go_first() {
    let roles = Roles::read("query = ['*.theta']\nmixer = ['*.c_attn.*', 'x.?']\n").unwrap();
    assert_eq!(roles.of("h.0.theta", SQUARE), Role::Query);
    let mixer = roles.of("h.0.attn.c_attn.weight", SQUARE);
    assert_eq!((&mixer, mixer.key()), (&Role::Own("mixer".into()), "mixer"));
    assert_eq!(
        roles.of("h.0.attn.c_proj.weight", SQUARE),
        Role::AttentionOutput
    );
    let echoed = serde_json::to_string(&roles).unwrap();
    assert_eq!(
        echoed,
        r#"{"mixer":["*.c_attn.*","x.?"],"query":["*.theta"]}"#
    );
    for (text, word) in [
        ("query = '*.q'", "sequence"),
        ("query = ['[']", "query: "),
        ("a", "="),
    ] {
        let error = Roles::read(text).unwrap_err();
        assert!(error.contains(word), "{text}: {error}");
    }
}

//! What a tensor does in its network, read from its name.

use globset::{Glob, GlobSet, GlobSetBuilder};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// The part that a tensor plays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// Queries of an attention.
    Query,
    /// The keys.
    Key,
    /// The values.
    Value,
    /// Queries, keys and values (or keys and values) in one matrix.
    FusedQkv,
    /// What takes the heads' outputs together.
    AttentionOutput,
    /// First matrix of a feed-forward block.
    MlpUp,
    /// The matrix whose outputs gate those of the first.
    MlpGate,
    /// Last matrix of a feed-forward block.
    MlpDown,
    /// A convolution kernel.
    Convolution,
    /// Vectors of words, positions or patches.
    Embedding,
    /// From the last hidden state to classes or words.
    Head,
    /// Which experts a token goes to.
    Router,
    /// None that a name tells.
    #[default]
    Other,
    /// One of the user's own.
    Own(String),
}

/// The roles that names tell, with their keys in JSON, in the order in which they are listed.
const KNOWN: [(Role, &str); 13] = [
    (Role::Embedding, "embedding"),
    (Role::Query, "query"),
    (Role::Key, "key"),
    (Role::Value, "value"),
    (Role::FusedQkv, "fused_qkv"),
    (Role::AttentionOutput, "attention_output"),
    (Role::MlpUp, "mlp_up"),
    (Role::MlpGate, "mlp_gate"),
    (Role::MlpDown, "mlp_down"),
    (Role::Router, "router"),
    (Role::Convolution, "convolution"),
    (Role::Head, "head"),
    (Role::Other, "other"),
];

impl Role {
    /// The key in JSON: `mlp_up`.
    pub fn key(&self) -> &str {
        match self {
            Role::Own(name) => name,
            known => KNOWN
                .iter()
                .find(|(role, _)| role == known)
                .map_or("other", |&(_, key)| key),
        }
    }

    /// The role of this key: a known one, or one of the user's own.
    fn of_key(key: &str) -> Role {
        let known = KNOWN.iter().find(|(_, known)| *known == key);
        known.map_or_else(|| Role::Own(key.to_owned()), |(role, _)| role.clone())
    }

    /// Place in a list of roles: the user's own first.
    pub(super) fn place(&self) -> usize {
        let place = KNOWN.iter().position(|(role, _)| role == self);
        place.map_or(0, |place| place + 1)
    }
}

impl Serialize for Role {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.key())
    }
}

/// The user's own patterns of names, which go before the rules for names; in JSON a table of patterns by role.
#[derive(Debug, Clone, Default)]
pub struct Roles {
    patterns: BTreeMap<String, Vec<String>>,
    own: Vec<(Role, GlobSet)>,
}

impl Roles {
    /// Reads a TOML table of roles, each with its patterns: `query = ["*.wq", "*.q_head"]`. A key is a known role
    /// or a new one.
    ///
    /// # Errors
    ///
    /// A sentence that says what is no such table, or which pattern is none.
    pub fn read(text: &str) -> Result<Roles, String> {
        let patterns: BTreeMap<String, Vec<String>> =
            toml::from_str(text).map_err(|error| error.message().to_owned())?;
        let own = patterns.iter().map(|(key, globs)| {
            let mut set = GlobSetBuilder::new();
            for glob in globs {
                set.add(Glob::new(glob).map_err(|error| format!("{key}: {error}"))?);
            }
            let set = set.build().map_err(|error| format!("{key}: {error}"))?;
            Ok((Role::of_key(key), set))
        });
        Ok(Roles {
            own: own.collect::<Result<_, String>>()?,
            patterns,
        })
    }

    /// The role of a tensor of this name and shape. Of the user's patterns the first that matches counts, in the
    /// order of the alphabet of roles.
    pub fn of(&self, name: &str, shape: &[usize]) -> Role {
        let own = self.own.iter().find(|(_, set)| set.is_match(name));
        own.map_or_else(|| by_name(name, shape), |(role, _)| role.clone())
    }
}

impl Serialize for Roles {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.patterns.serialize(serializer)
    }
}

/// Longest name that is read: a longer one has no layers' names in it.
const LONGEST: usize = 1000;

/// The role by the names that published models use.
fn by_name(name: &str, shape: &[usize]) -> Role {
    let name = name.get(..LONGEST).unwrap_or(name).to_lowercase();
    let parts: Vec<&str> = name
        .split(['.', '/', ':'])
        .filter(|part| !part.is_empty())
        .collect();
    let context = Context::of(&parts);
    if (shape.len() >= 4 && !context.experts)
        || parts
            .iter()
            .any(|part| part.contains("conv") && !part.contains("convert"))
    {
        return Role::Convolution;
    }
    // From the end: the last word that says something counts.
    for (at, word) in parts.iter().enumerate().rev() {
        if word.contains("norm") || word.starts_with("ln_") || *word == "ln" {
            return Role::Other;
        }
        let stored = ["_blocks", "_scales", "_bias"]
            .iter()
            .find_map(|end| word.strip_suffix(end));
        if let Some(role) = context.role(stored.unwrap_or(word), &parts[..at]) {
            return role;
        }
    }
    Role::Other
}

/// What the parts of a name say together.
struct Context {
    attention: bool,
    feed_forward: bool,
    experts: bool,
    /// Some part is a number: the tensor is one of a stack of layers.
    stacked: bool,
}

impl Context {
    fn of(parts: &[&str]) -> Context {
        let any = |words: &[&str]| {
            parts
                .iter()
                .any(|part| words.iter().any(|w| part.contains(w)))
        };
        Context {
            attention: any(&["attn", "attention"]),
            feed_forward: any(&[
                "mlp",
                "ffn",
                "feed_forward",
                "feedforward",
                "dense_relu_dense",
                "densereludense",
            ]) || parts.contains(&"ff"),
            experts: any(&["expert", "moe"]),
            stacked: parts.iter().any(|part| super::depth::index(part).is_some()),
        }
    }

    /// The role that `word` stands for after the parts `before`.
    fn role(&self, word: &str, before: &[&str]) -> Option<Role> {
        let previous = before.last().copied().unwrap_or_default();
        let feed_forward = self.feed_forward || self.experts;
        Some(match word {
            "q" | "query" | "wq" | "q_proj" | "q_lin" | "q_linear" | "to_q" | "linear_q"
            | "q_a_proj" | "q_b_proj" | "query_proj" | "q_proj_weight" => Role::Query,
            "k" | "key" | "wk" | "k_proj" | "k_lin" | "k_linear" | "to_k" | "linear_k"
            | "key_proj" | "k_proj_weight" => Role::Key,
            "v" | "value" | "wv" | "v_proj" | "v_lin" | "v_linear" | "to_v" | "linear_v"
            | "value_proj" | "v_proj_weight" => Role::Value,
            "c_attn" | "qkv" | "wqkv" | "qkv_proj" | "to_qkv" | "query_key_value" | "to_kv"
            | "kv" | "kv_proj" | "kv_a_proj_with_mqa" | "kv_b_proj" | "in_proj_weight" => {
                Role::FusedQkv
            }
            "in_proj" if self.attention => Role::FusedQkv,
            "o" | "o_proj" | "out_lin" | "to_out" | "attn_out" => Role::AttentionOutput,
            "out_proj" | "c_proj" | "dense" | "out" | "proj" | "linear_out" | "wo"
                if self.attention && !self.feed_forward =>
            {
                Role::AttentionOutput
            }
            "c_fc" | "up_proj" | "gate_up_proj" | "wi" | "wi_1" | "dense_h_to_4h" | "fc_in"
            | "intermediate" | "lin1" | "w12" => Role::MlpUp,
            "gate_proj" | "wi_0" => Role::MlpGate,
            "down_proj" | "dense_4h_to_h" | "fc_out" | "lin2" => Role::MlpDown,
            "fc1" | "linear1" | "dense1" if self.stacked || feed_forward => Role::MlpUp,
            "fc2" | "linear2" | "dense2" if self.stacked || feed_forward => Role::MlpDown,
            "w1" if feed_forward => Role::MlpGate,
            "w2" if feed_forward => Role::MlpDown,
            "w3" if feed_forward => Role::MlpUp,
            "c_proj" | "wo" if feed_forward || self.stacked => Role::MlpDown,
            "dense" if previous == "output" && self.stacked => Role::MlpDown,
            "proj" if self.feed_forward && self.stacked => Role::MlpUp,
            "0" if previous == "mlp" && self.stacked_before(before) => Role::MlpUp,
            "2" | "3" if previous == "mlp" && self.stacked_before(before) => Role::MlpDown,
            "2" if previous == "net" && self.feed_forward => Role::MlpDown,
            "router" | "wg" => Role::Router,
            "gate" | "classifier" if feed_forward || previous == "router" => Role::Router,
            "lm_head"
            | "head"
            | "heads"
            | "classifier"
            | "classification_head"
            | "score"
            | "qa_outputs"
            | "embed_out"
            | "proj_out"
            | "logits" => Role::Head,
            "decoder" if previous == "predictions" => Role::Head,
            "output" | "fc" if before.is_empty() => Role::Head,
            "wte"
            | "wpe"
            | "shared"
            | "relative_attention_bias"
            | "tokens_embed"
            | "positions_embed" => Role::Embedding,
            word if word.contains("embed") && !word.contains("norm") => Role::Embedding,
            _ => return None,
        })
    }

    /// Whether a number stands before the last part of `before`.
    fn stacked_before(&self, before: &[&str]) -> bool {
        let earlier = before.split_last().map_or(&[][..], |(_, earlier)| earlier);
        earlier
            .iter()
            .any(|part| super::depth::index(part).is_some())
    }
}

#[cfg(test)]
mod tests;

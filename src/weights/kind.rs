//! Kinds of stored tensors.

/// The role of a tensor in the network that it is stored with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// A weight, as far as can be known.
    #[default]
    Weight,
    /// State of an optimiser.
    OptimiserState,
    /// A running mean or variance of batch normalisation or of a codebook, or a count.
    RunningStatistic,
    /// A mask.
    Mask,
    /// Numbers of places: position ids, indices of relative positions.
    Positions,
    /// A table of fixed numbers, as those of rotary positions.
    Table,
    /// Factors and offsets that turn codes of quantised weights into numbers.
    Scale,
    /// Text or dates.
    Words,
    /// In a shard of a model whose index does not list it: loading the model leaves it out.
    Unlisted,
    /// A part of a weight that has the row of another tensor, or that weight as it was computed last.
    Factor,
}

impl Kind {
    /// All that is left out.
    pub const LEFT_OUT: [Kind; 9] = [
        Kind::OptimiserState,
        Kind::RunningStatistic,
        Kind::Mask,
        Kind::Positions,
        Kind::Table,
        Kind::Scale,
        Kind::Words,
        Kind::Unlisted,
        Kind::Factor,
    ];

    /// Returns why such a tensor is left out; `None` for weights.
    pub fn reason(self) -> Option<&'static str> {
        Some(match self {
            Kind::Weight => return None,
            Kind::OptimiserState => "state of an optimiser, not a weight",
            Kind::RunningStatistic => "a running statistic, not a weight",
            Kind::Mask => "a mask, not a weight",
            Kind::Positions => "indices, as of positions, not a weight",
            Kind::Table => "a fixed table of positions, not a weight",
            Kind::Scale => "scales of quantised weights, not a weight",
            Kind::Unlisted => "in a shard, but not listed by the index of the model",
            Kind::Words => "text or dates, not numbers",
            Kind::Factor => "part of, or made of, a weight that has its own row",
        })
    }
}

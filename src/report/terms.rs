//! What the words of verdicts mean, and what to do next. The page shows them, and README has the same list.

/// A phrase of verdicts or of the page.
pub struct Term {
    /// The phrase as it is printed.
    pub phrase: &'static str,
    /// What it means, in a sentence.
    pub meaning: &'static str,
    /// What to do next, in a sentence.
    pub next: &'static str,
}

/// Every phrase that a verdict uses, and the numbers beside them that need a word.
pub const TERMS: [Term; 22] = [
    Term {
        phrase: "like noise",
        meaning: "Nothing tells the matrix from one of independent random entries: it looks untrained.",
        next: "Check that it was trained: a wrong checkpoint, a frozen layer or one that is never used looks so.",
    },
    Term {
        phrase: "spikes above a random bulk",
        meaning: "So many of the largest singular values are more than the noise of all the others can make.",
        next: "They are what was learned: keep them when you compress the layer, and begin with the rank worth keeping.",
    },
    Term {
        phrase: "values below it",
        meaning: "So many of the smallest values lie under the lower edge of the random bulk, where noise leaves none.",
        next: "Look for rows or columns that nearly depend on each other; those directions can go.",
    },
    Term {
        phrase: "the mean of all entries",
        meaning: "That spike is no more than a mean of the entries other than zero.",
        next: "Do not count it as learned structure; subtract the mean, or move it into the bias.",
    },
    Term {
        phrase: "heavy tail: a power law",
        meaning: "No random bulk is left; the eigenvalues fall off as λ^-alpha, and no other law that was tried fits better.",
        next: "Compare alpha among layers of one role: the smaller it is, the fewer directions hold the matrix.",
    },
    Term {
        phrase: "a power law or a lognormal",
        meaning: "The tail is heavy, but the values cannot tell the two laws apart.",
        next: "Take alpha as a description of the tail, not as evidence of a power law.",
    },
    Term {
        phrase: "a lognormal rather than a power law",
        meaning: "The tail is heavy and bends: a lognormal fits it significantly better.",
        next: "Do not read its alpha; go by the effective rank.",
    },
    Term {
        phrase: "no random bulk",
        meaning: "No part of the spectrum is like noise and its tail is not heavy; the words say how few values hold half of Σs².",
        next: "Go by the effective rank, and fit structured families to it.",
    },
    Term {
        phrase: "rank r of m",
        meaning: "Only r of the m singular values are more than rounding to the stored type can make.",
        next: "Store it as two factors of rank r: nothing is lost.",
    },
    Term {
        phrase: "set aside",
        meaning: "Zero rows and columns, repeats of other ones, and entries far outside all others were left out before the matrix was judged.",
        next: "Look at them by themselves: they may be dead units, padding, tied rows or damaged weights.",
    },
    Term {
        phrase: "rows of unequal scale",
        meaning: "With a scale of its own for each row (or column) the matrix is like noise.",
        next: "Look at the norms of the rows: scales were learned, or set by a normalisation, but no directions.",
    },
    Term {
        phrase: "heavy-tailed entries",
        meaning: "Entries far from the mean are more frequent than a Gaussian has them, so that the edge comes from the same entries in random order.",
        next: "Single weights matter here: look at the largest before you round or prune.",
    },
    Term {
        phrase: "too few to judge",
        meaning: "There are fewer than 8 singular values, or fewer than 4 above rounding.",
        next: "Nothing can be said of so small a matrix by itself; leave it out.",
    },
    Term {
        phrase: "a few entries hold the energy",
        meaning: "Far fewer entries than rows and columns hold Σw², as in a diagonal matrix: the singular values are those entries.",
        next: "Read it as a list of entries, not as a matrix.",
    },
    Term {
        phrase: "the diagonal stands out",
        meaning: "The diagonal of a square matrix is far larger than its other entries, as in an identity with noise around it.",
        next: "Take the diagonal out and analyse the rest, if the layer adds to its input.",
    },
    Term {
        phrase: "all singular values are equal",
        meaning: "The matrix is a multiple of an orthogonal one, as an orthogonal initialisation leaves it.",
        next: "Check that it was trained, unless it is kept orthogonal on purpose.",
    },
    Term {
        phrase: "all zero, constant entries",
        meaning: "All entries are one number.",
        next: "Check the file: the layer was never set, was cut off, or is a mask.",
    },
    Term {
        phrase: "blocks",
        meaning: "The layer is a stack of matrices, such as experts, or block-diagonal; each block was judged by itself.",
        next: "Look for blocks that differ from the others in the figure of the blocks.",
    },
    Term {
        phrase: "effective rank",
        meaning: "The exponential of the entropy of s/Σs: how many directions the matrix uses.",
        next: "Far below the number of values it can be stored with fewer numbers: fit structured families to see in which form.",
    },
    Term {
        phrase: "rank worth keeping",
        meaning: "So many singular values are above the best threshold (Gavish, Donoho 2014) for taking the noise of the fitted bulk away.",
        next: "Try this rank first when you compress the layer, and measure the model with it.",
    },
    Term {
        phrase: "soft rank",
        meaning: "The edge of the bulk over the largest value, as eigenvalues: 1 is all bulk, near 0 a spike towers above it.",
        next: "Look at the spikes of layers with the lowest first.",
    },
    Term {
        phrase: "edge",
        meaning: "The value that the largest one of such noise exceeds with a chance of 1 %; what lies above it is a spike.",
        next: "A spike close to it is a weak one: read its p-value.",
    },
];

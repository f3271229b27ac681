//! Tensors as matrices.

use faer::MatRef;

/// How tensors are taken as matrices.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ViewRules {
    /// Three dimensions are a convolution (out, in, k), not blocks (blocks, rows, columns).
    pub conv1d: bool,
    /// Layers are stored inputs first, outputs last, as Keras and JAX do.
    pub in_out: bool,
    /// With `in_out`: four dimensions are a kernel for each channel, (h, w, channels, multiplier).
    pub depthwise: bool,
    /// With `in_out`: three dimensions are those of an attention, one of which counts its heads.
    pub heads: Option<Heads>,
    /// The matrix is transposed once more.
    pub transpose: bool,
    /// Matrices with fewer rows or columns are skipped.
    pub min_dim: usize,
}

/// Which side of an attention's three-dimensional kernel its heads are on, as Flax and Keras store them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heads {
    /// (heads, d, out), of the layer behind the attention.
    In,
    /// (in, heads, d), of queries, keys and values.
    Out,
}

impl Default for ViewRules {
    fn default() -> Self {
        ViewRules {
            conv1d: false,
            in_out: false,
            depthwise: false,
            heads: None,
            transpose: false,
            min_dim: 2,
        }
    }
}

/// A tensor as one matrix or as equal blocks, and the rule that made it so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatrixView {
    /// Number of matrices.
    pub blocks: usize,
    /// Rows of each, outputs.
    pub rows: usize,
    /// Columns of each, inputs.
    pub columns: usize,
    /// The rule, in words.
    pub rule: String,
    /// Whether the stored rows are its columns.
    pub transposed: bool,
}

/// Takes a shape as `blocks` matrices of `rows × columns`:
///
/// | shape | matrix | with `in_out` |
/// |---|---|---|
/// | (out, in) | out × in | (in, out), transposed |
/// | (blocks, rows, columns) | each block | each block, transposed |
/// | (out, in, k), with `conv1d` | out × (in k) | (k, in, out) as out × (k in) |
/// | (in, heads, d), `in_out` and `heads` out | | (heads d) × in |
/// | (heads, d, out), `in_out` and `heads` in | | out × (heads d) |
/// | (h, w, channels, m), `in_out` and `depthwise` | | (channels m) × (h w) |
/// | (out, in, h, w) | out × (in h w) | (h, w, in, out) as out × (h w in) |
/// | (out, in, d, h, w) | out × (in d h w) | (d, h, w, in, out) as out × (d h w in) |
///
/// # Errors
/// The reason the tensor is skipped: empty, a scalar, a vector, more than five dimensions, or
/// smaller than `min_dim`.
pub fn matrix_view(shape: &[usize], rules: &ViewRules) -> Result<MatrixView, String> {
    if shape.contains(&0) {
        return Err(format!("empty: shape {shape:?} has a dimension of 0"));
    }
    let count = shape.iter().try_fold(1_usize, |n, &d| n.checked_mul(d));
    if count.is_none() {
        return Err(format!("shape {shape:?} has more than 2^64 elements"));
    }
    let (blocks, stored_rows, stored_columns, rule) = match *shape {
        [] => return Err("a scalar".into()),
        [n] => return Err(format!("a vector of {n}")),
        [a, b] if rules.in_out => (1, a, b, "(in, out), transposed"),
        [a, b] => (1, a, b, "out × in, as stored"),
        [a, b, c] if rules.in_out && rules.heads == Some(Heads::Out) => {
            (1, a, b * c, "(in, heads, d) as (heads d) × in")
        }
        [a, b, c] if rules.in_out && rules.heads == Some(Heads::In) => {
            (1, a * b, c, "(heads, d, out) as out × (heads d)")
        }
        [a, b, c] if rules.conv1d && rules.in_out => (1, a * b, c, "(k, in, out) as out × (k in)"),
        [a, b, c] if rules.conv1d => (1, a, b * c, "(out, in, k) as out × (in k)"),
        [a, b, c] if rules.in_out => (a, b, c, "(blocks, in, out), each transposed"),
        [a, b, c] => (a, b, c, "(blocks, rows, columns)"),
        [a, b, c, d] if rules.in_out && rules.depthwise => (
            1,
            a * b,
            c * d,
            "(h, w, channels, multiplier) as (channels multiplier) × (h w)",
        ),
        [a, b, c, d] if rules.in_out => (1, a * b * c, d, "(h, w, in, out) as out × (h w in)"),
        [a, b, c, d] => (1, a, b * c * d, "(out, in, h, w) as out × (in h w)"),
        [a, b, c, d, e] if rules.in_out => (
            1,
            a * b * c * d,
            e,
            "(d, h, w, in, out) as out × (d h w in)",
        ),
        [a, b, c, d, e] => (
            1,
            a,
            b * c * d * e,
            "(out, in, d, h, w) as out × (in d h w)",
        ),
        _ => return Err(format!("{} dimensions are no matrix", shape.len())),
    };
    let transposed = rules.in_out != rules.transpose;
    let (rows, columns) = if transposed {
        (stored_columns, stored_rows)
    } else {
        (stored_rows, stored_columns)
    };
    if rows.min(columns) < rules.min_dim {
        return Err(format!(
            "{rows} × {columns} is smaller than the least dimension {}",
            rules.min_dim
        ));
    }
    let suffix = if rules.transpose {
        ", transposed by request"
    } else {
        ""
    };
    Ok(MatrixView {
        blocks,
        rows,
        columns,
        rule: format!("{rule}{suffix}"),
        transposed,
    })
}

impl MatrixView {
    /// Matrix `block` of the tensor's row-major elements; nothing is copied.
    ///
    /// # Panics
    /// When there is no such block, or `data` does not have `blocks · rows · columns` elements.
    pub fn block<'a>(&self, data: &'a [f64], block: usize) -> MatRef<'a, f64> {
        let size = self.rows * self.columns;
        assert!(
            block < self.blocks && data.len() == self.blocks * size,
            "block {block} of {} blocks of {} × {} in {} elements",
            self.blocks,
            self.rows,
            self.columns,
            data.len()
        );
        let part = &data[block * size..(block + 1) * size];
        if self.transposed {
            MatRef::from_row_major_slice(part, self.columns, self.rows).transpose()
        } else {
            MatRef::from_row_major_slice(part, self.rows, self.columns)
        }
    }
}

impl MatrixView {
    /// Writes matrix `block` into the tensor's row-major elements, the inverse of [`block`](MatrixView::block).
    ///
    /// # Panics
    /// When there is no such block, or the shapes do not fit.
    pub fn store(&self, data: &mut [f64], block: usize, matrix: MatRef<'_, f64>) {
        let size = self.rows * self.columns;
        assert_eq!(matrix.shape(), (self.rows, self.columns));
        assert!(block < self.blocks && data.len() == self.blocks * size);
        let stored = if self.transposed {
            matrix.transpose()
        } else {
            matrix
        };
        let width = stored.ncols();
        let part = &mut data[block * size..(block + 1) * size];
        for (row, values) in part.chunks_exact_mut(width).zip(stored.row_iter()) {
            row.iter_mut().zip(values.iter()).for_each(|(x, y)| *x = *y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(shape: &[usize], rules: ViewRules) -> (usize, usize, usize) {
        let view = matrix_view(shape, &rules).unwrap();
        (view.blocks, view.rows, view.columns)
    }

    #[test]
    fn shapes_become_matrices_by_the_table() {
        let plain = ViewRules::default();
        let conv1d = ViewRules {
            conv1d: true,
            ..plain
        };
        let in_out = ViewRules {
            in_out: true,
            ..plain
        };
        assert_eq!(view(&[20, 3, 5, 7], plain), (1, 20, 105));
        assert_eq!(view(&[5, 7, 3, 20], in_out), (1, 20, 105));
        assert_eq!(view(&[10, 50, 80], plain), (10, 50, 80));
        assert_eq!(view(&[10, 50, 80], in_out), (10, 80, 50));
        assert_eq!(view(&[1, 50, 80], plain), (1, 50, 80));
        assert_eq!(view(&[10, 50, 3], conv1d), (1, 10, 150));
        assert_eq!(view(&[4, 3, 2, 2, 2], plain), (1, 4, 24));
        assert_eq!(view(&[784, 10], in_out), (1, 10, 784));
        let heads = |side| ViewRules {
            heads: Some(side),
            ..in_out
        };
        assert_eq!(view(&[768, 12, 64], heads(Heads::Out)), (1, 768, 768));
        assert_eq!(view(&[70, 3, 8], heads(Heads::Out)), (1, 24, 70));
        assert_eq!(view(&[3, 8, 70], heads(Heads::In)), (1, 70, 24));
        let both = ViewRules {
            transpose: true,
            ..in_out
        };
        assert_eq!(view(&[784, 10], both), (1, 784, 10));
    }

    #[test]
    fn what_is_no_matrix_is_skipped_with_the_reason() {
        let reason = |shape: &[usize]| matrix_view(shape, &ViewRules::default()).unwrap_err();
        assert!(reason(&[]).contains("scalar"));
        assert!(reason(&[7]).contains("vector of 7"));
        assert!(reason(&[7, 0]).contains("empty"));
        assert!(reason(&[1, 9]).contains("least dimension 2"));
        assert!(reason(&[2; 6]).contains("6 dimensions"));
        assert!(reason(&[2, 1 << 40, 1 << 40]).contains("more than 2^64"));
    }

    /// Would catch a matrix that comes back in another place than it was taken from.
    #[test]
    fn a_stored_matrix_is_read_again() {
        let data: Vec<f64> = (0..24).map(f64::from).collect();
        for in_out in [false, true] {
            let rules = ViewRules {
                in_out,
                ..ViewRules::default()
            };
            let view = matrix_view(&[2, 3, 4], &rules).unwrap();
            let mut other = vec![0.0; 24];
            for block in 0..2 {
                view.store(&mut other, block, view.block(&data, block));
            }
            assert_eq!(other, data);
        }
    }

    /// Rows and columns swapped, or a block read from the wrong offset, would show here.
    #[test]
    fn elements_lie_where_the_rule_says() {
        let data: Vec<f64> = (0..24).map(f64::from).collect();
        let plain = ViewRules::default();
        let blocks = matrix_view(&[2, 3, 4], &plain).unwrap();
        assert_eq!(blocks.block(&data, 1)[(2, 3)], 23.0);
        assert_eq!(blocks.block(&data, 1)[(0, 1)], 13.0);
        let in_out = ViewRules {
            in_out: true,
            ..plain
        };
        let flipped = matrix_view(&[2, 3, 4], &in_out).unwrap();
        assert_eq!(flipped.block(&data, 1)[(3, 2)], 23.0);
        assert_eq!(flipped.block(&data, 1)[(1, 0)], 13.0);
        // Keras: element (h, w, in, out) = (1, 0, 1, 1) of shape (2, 2, 3, 2) is row 1 of column
        // (1·2 + 0)·3 + 1 = 7.
        let heads = ViewRules {
            heads: Some(Heads::Out),
            ..in_out
        };
        // Flax: element (in, head, d) = (1, 2, 3) of shape (2, 3, 4) is column 1 of row 2·4 + 3.
        let query = matrix_view(&[2, 3, 4], &heads).unwrap();
        assert_eq!(query.block(&data, 0)[(11, 1)], 23.0);
        let conv = matrix_view(&[2, 2, 3, 2], &in_out).unwrap();
        assert_eq!(conv.block(&data, 0)[(1, 7)], 15.0);
    }
}

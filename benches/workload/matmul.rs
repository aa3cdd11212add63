//! The product of two square matrices by quadrants: two scopes one after the other, of four products each.
//!
//! A matrix is stored as its four quadrants one after the other, each stored so too, down to blocks that are stored row by
//! row. So a quadrant is a part of a slice.

use std::hint::black_box;
use std::sync::Mutex;

use super::pools::Pools;
use crate::harness::Contest;

/// Rows and columns of a block.
const BLOCK: usize = 32;

/// Two factors, and room for their product.
pub(crate) struct Matrices {
    width: usize,
    left: Vec<f32>,
    right: Vec<f32>,
    product: Mutex<Vec<f32>>,
}

impl Matrices {
    /// Matrices of that many rows and columns: a block's, or some doublings of that.
    pub(crate) fn new(width: usize) -> Self {
        assert!(width % BLOCK == 0 && (width / BLOCK).is_power_of_two(), "quadrants of quadrants, down to blocks");
        let len = width * width;
        // Small integers: the sums of their products are exact.
        let entries = |factor: usize| (0..len).map(|at| ((at * factor) % 7) as f32).collect();
        Self { width, left: entries(3), right: entries(5), product: Mutex::new(vec![0.0; len]) }
    }

    /// Computes the product by `multiply`, which adds it to naught, and returns a sum of its entries.
    fn multiplied(&self, multiply: impl FnOnce(&[f32], &[f32], &mut [f32])) -> u64 {
        let mut product = self.product.lock().expect("no product panics");
        product.fill(0.0);
        multiply(black_box(&self.left), black_box(&self.right), &mut product);
        let weighed = product.iter().zip((1..=13).cycle()).map(|(&entry, weight)| entry as u64 * weight);
        weighed.sum()
    }
}

/// Adds the product of two blocks to a third.
fn add_block(left: &[f32], right: &[f32], to: &mut [f32]) {
    for (left, to) in left.chunks_exact(BLOCK).zip(to.chunks_exact_mut(BLOCK)) {
        for (factor, right) in left.iter().zip(right.chunks_exact(BLOCK)) {
            to.iter_mut().zip(right).for_each(|(to, right)| *to += factor * right);
        }
    }
}

/// The quadrants of a matrix: above left, above right, below left, below right.
fn quadrants(matrix: &[f32]) -> [&[f32]; 4] {
    let quarter = matrix.len() / 4;
    [0, 1, 2, 3].map(|at| &matrix[at * quarter..][..quarter])
}

fn quadrants_mut(matrix: &mut [f32]) -> [&mut [f32]; 4] {
    let (above, below) = matrix.split_at_mut(matrix.len() / 2);
    let ((a, b), (c, d)) = (above.split_at_mut(above.len() / 2), below.split_at_mut(below.len() / 2));
    [a, b, c, d]
}

/// The quadrants whose product the quadrant at `at` gains in a scope: from the left factor, and from the right one.
fn terms<'m>(at: usize, scope: usize, left: &[&'m [f32]; 4], right: &[&'m [f32]; 4]) -> (&'m [f32], &'m [f32]) {
    let (row, column) = (at / 2, at % 2);
    (left[2 * row + scope], right[2 * scope + column])
}

fn plain(left: &[f32], right: &[f32], to: &mut [f32]) {
    if to.len() == BLOCK * BLOCK {
        return add_block(left, right, to);
    }
    let (left, right) = (quadrants(left), quadrants(right));
    for scope in 0..2 {
        for (at, to) in quadrants_mut(to).into_iter().enumerate() {
            let (left, right) = terms(at, scope, &left, &right);
            plain(left, right, to);
        }
    }
}

/// The product on a library that has rayon's scopes.
macro_rules! multiplied {
    ($library:ident) => {
        fn $library(left: &[f32], right: &[f32], to: &mut [f32]) {
            if to.len() == BLOCK * BLOCK {
                return add_block(left, right, to);
            }
            let (left, right) = (quadrants(left), quadrants(right));
            for scope in 0..2 {
                ::$library::scope(|s| {
                    for (at, to) in quadrants_mut(to).into_iter().enumerate() {
                        let (left, right) = terms(at, scope, &left, &right);
                        s.spawn(move |_| $library(left, right, to));
                    }
                });
            }
        }
    };
}

multiplied!(paceline);
multiplied!(rayon);

fn chili(scope: &mut ::chili::Scope<'_>, left: &[f32], right: &[f32], to: &mut [f32]) {
    if to.len() == BLOCK * BLOCK {
        return add_block(left, right, to);
    }
    let (left, right) = (quadrants(left), quadrants(right));
    for turn in 0..2 {
        let one = |scope: &mut ::chili::Scope<'_>, at, to: &mut [f32]| {
            let (left, right) = terms(at, turn, &left, &right);
            chili(scope, left, right, to);
        };
        let [a, b, c, d] = quadrants_mut(to);
        scope.join(|s| s.join(|s| one(s, 0, a), |s| one(s, 1, b)), |s| s.join(|s| one(s, 2, c), |s| one(s, 3, d)));
    }
}

/// The product in each of the pools; its unit is the whole call.
pub(crate) fn contest<'a>(matrices: &'a Matrices, pools: &'a [Pools]) -> Contest<'a> {
    let mut contest = Contest::new(format!("product of {0} x {0} matrices", matrices.width), "call", 1);
    Pools::enter_each(
        pools,
        &mut contest,
        || matrices.multiplied(plain),
        || matrices.multiplied(paceline),
        || matrices.multiplied(rayon),
        |scope| matrices.multiplied(|left, right, to| chili(scope, left, right, to)),
    );
    contest
}

//! Room for what grows with clusters times columns: asked for, so that too many clusters are an error.

/// `rows` times `columns` zeros; `None` when memory does not suffice.
pub(super) fn zeros<T: Copy + Default>(rows: usize, columns: usize) -> Option<Vec<T>> {
    let count = rows.checked_mul(columns)?;
    let mut values = Vec::new();
    values.try_reserve_exact(count).ok()?;
    values.resize(count, T::default());
    Some(values)
}

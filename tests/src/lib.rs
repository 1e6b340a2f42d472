//! Claims that cross crates; the tests are in `tests/`.

//! Whole ways of a video over the real bootstraps on the local stack.

mod happy;

//! Frames and sound out of a video, in memory alone.

//! Neither the function that works on a video nor its ffmpeg makes or writes a file.

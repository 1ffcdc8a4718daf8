//! What encodes the pictures, in the containers that it comes in.

use super::film::{H264, HEVC, clock, make, shows};
use dodolens_tests::media::run_ffmpeg;

/// A film of another size.
fn sized(size: &str, arguments: &str, ending: &str) -> Vec<u8> {
    run_ffmpeg(
        b"",
        &format!("{} {arguments}", clock(size, "25", 8)),
        ending,
    )
}

/// HEVC of 10 bits with more said of it.
fn ten_bits(format: &str, colours: &str, ending: &str) -> Vec<u8> {
    make(
        8,
        &format!("-pix_fmt {format} {HEVC}{colours} -c:a aac"),
        ending,
    )
}

/// HEVC whose keys may follow pictures that are shown after them: their order is not in the keys alone.
fn open_hevc(sound: &str) -> String {
    format!(
        "-c:v libx265 -preset ultrafast -tag:v hvc1 \
         -x265-params log-level=none:keyint=25:open-gop=1:scenecut=0:bframes=4 -c:a {sound}"
    )
}

const VP8: &str = "-c:v libvpx -deadline realtime -cpu-used 16 -g 25";
const VP9: &str = "-c:v libvpx-vp9 -deadline realtime -cpu-used 8 -g 25";
const AV1: &str = "-c:v libaom-av1 -usage realtime -cpu-used 8 -g 25";

films! {
    h264_in_mp4: make(8, &format!("{H264} -c:a aac"), "mp4") => shows(8.0).aac();
    h264_in_quicktime: make(8, &format!("{H264} -c:a aac"), "mov") => shows(8.0).aac();
    h264_in_matroska: make(8, &format!("{H264} -c:a libmp3lame"), "mkv") => shows(8.0).mp3();
    h264_baseline_of_a_messenger: make(
        8, "-c:v libx264 -profile:v baseline -preset veryfast -g 60 -c:a aac -ac 1 -movflags +faststart", "mp4",
    ) => shows(8.0).aac();
    h264_refreshed_bit_by_bit: make(
        8, "-c:v libx264 -preset veryfast -x264-params intra-refresh=1:keyint=25 -c:a aac", "mp4",
    ) => shows(8.0).aac();
    h264_of_open_groups_in_a_pyramid: make(
        16,
        "-c:v libx264 -x264-params open-gop=1:keyint=25:scenecut=0:bframes=4:b-pyramid=strict -c:a aac",
        "mp4",
    ) => shows(16.0).aac();
    h264_of_open_groups_in_quicktime: make(
        16,
        "-c:v libx264 -x264-params open-gop=1:keyint=25:scenecut=0:bframes=4:b-pyramid=strict -c:a aac",
        "mov",
    ) => shows(16.0).aac();
    h264_of_ten_bits_and_more_colour: make(
        8, &format!("-pix_fmt yuv422p10le {H264} -c:a pcm_s16be"), "mov",
    ) => shows(8.0).mp3();
    h264_of_full_range: make(
        8, &format!("-vf scale=out_range=full,format=yuvj420p {H264} -c:a aac"), "mp4",
    ) => shows(8.0).aac();
    h264_interlaced: make(8, &format!("{H264} -flags +ilme+ildct -x264opts tff=1 -c:a aac"), "mp4") => shows(8.0).aac();
    h264_of_pixels_that_are_no_squares: make(8, &format!("{H264} -aspect 16:9 -c:a aac"), "mp4") => shows(8.0).aac();
    h264_of_an_odd_size: sized("161x121", &format!("-pix_fmt yuv444p {H264} -c:a aac"), "mp4")
        => shows(8.0).size(160, 120).aac();
    hevc_hvc1: make(8, &format!("{HEVC} -c:a aac"), "mov") => shows(8.0).aac();
    hevc_hev1: make(8, &format!("{HEVC} -tag:v hev1 -c:a aac"), "mp4") => shows(8.0).aac();
    hevc_in_matroska: make(8, &format!("{HEVC} -c:a ac3"), "mkv") => shows(8.0).mp3();
    hevc_of_open_groups: make(
        8,
        "-c:v libx265 -preset fast -tag:v hvc1 -x265-params log-level=none:keyint=25:open-gop=1:scenecut=0 -c:a aac",
        "mp4",
    ) => shows(8.0).aac();
    hevc_of_open_groups_that_is_long: make(64, &open_hevc("aac"), "mp4") => shows(64.0).aac();
    hevc_of_open_groups_that_is_long_in_matroska: make(64, &open_hevc("libmp3lame"), "mkv") => shows(64.0).mp3();
    hevc_hdr10: ten_bits(
        "yuv420p10le",
        ":hdr10=1:repeat-headers=1:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:max-cll=1000,400",
        "mp4",
    ) => shows(8.0).aac();
    hevc_hlg: ten_bits(
        "yuv420p10le", ":colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc", "mov",
    ) => shows(8.0).aac();
    hevc_of_more_colour: ten_bits("yuv422p10le", "", "mp4") => shows(8.0).aac();
    av1_in_mp4: make(8, &format!("{AV1} -c:a aac"), "mp4") => shows(8.0).aac();
    av1_in_webm: make(8, &format!("{AV1} -c:a libopus"), "webm") => shows(8.0).mp3();
    vp8_in_webm: make(8, &format!("{VP8} -c:a libvorbis"), "webm") => shows(8.0).mp3();
    vp9_in_webm: make(8, &format!("{VP9} -c:a libopus"), "webm") => shows(8.0).mp3();
    vp9_in_mp4: make(8, &format!("{VP9} -c:a libopus"), "mp4") => shows(8.0).mp3();
    vp9_of_an_odd_size: sized("161x121", &format!("{VP9} -c:a libopus"), "webm") => shows(8.0).size(160, 120).mp3();
    mpeg4_part_2: make(8, "-c:v mpeg4 -g 25 -c:a libmp3lame", "mp4") => shows(8.0).mp3();
    mpeg4_part_2_with_pictures_between: make(8, "-c:v libxvid -g 25 -bf 2 -c:a aac", "mp4") => shows(8.0).aac();
    h263_of_an_old_phone: sized("176x144", "-c:v h263 -g 25 -c:a libopencore_amrnb -ar 8000 -ac 1 -b:a 12.2k", "3gp")
        => shows(8.0).size(176, 144).mp3();
    motion_jpeg: make(8, "-c:v mjpeg -q:v 3 -c:a pcm_u8", "mov") => shows(8.0).mp3();
    prores: make(8, "-c:v prores_ks -profile:v 0 -c:a pcm_s24le", "mov") => shows(8.0).mp3();
    mpeg2_of_a_camcorder: make(8, "-c:v mpeg2video -g 12 -c:a pcm_s16be", "mov") => shows(8.0).mp3();
    mpeg1: make(8, "-c:v mpeg1video -g 12 -c:a mp2", "mp4") => shows(8.0).mp3();
    dv: sized("720x576", "-c:v dvvideo -t 3 -c:a pcm_s16le", "mov")
        => shows(3.0).of(8.0).size(720, 576).mp3();
    lossless_in_matroska: make(8, "-c:v ffv1 -g 10 -c:a flac", "mkv") => shows(8.0).mp3();
}

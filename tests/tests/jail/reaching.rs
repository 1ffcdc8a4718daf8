//! Uploads that would make a decoder fetch things, or take enormous amounts of memory.

use dodolens::wire::problem::ProblemCode;

const UNREADABLE: &[ProblemCode] = &[ProblemCode::MediaUnreadable];
/// Where only the decoder can tell.
const TOO_LARGE_OR_UNREADABLE: &[ProblemCode] =
    &[ProblemCode::MediaTooLarge, ProblemCode::MediaUnreadable];
const TOO_LARGE: &[ProblemCode] = &[ProblemCode::MediaTooLarge];

/// Texts that name a video on a port of this machine, each with its kind.
pub fn playlists(port: u16) -> Vec<(&'static str, String)> {
    let url = format!("http://127.0.0.1:{port}/video.ts");
    vec![
        (
            "hls",
            format!(
                "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n{url}\n#EXT-X-ENDLIST\n"
            ),
        ),
        (
            "hls master",
            format!(
                "#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1000\nhttp://127.0.0.1:{port}/list.m3u8\n"
            ),
        ),
        ("concat", format!("ffconcat version 1.0\nfile '{url}'\n")),
        (
            "dash",
            format!(
                "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\" \
                 profiles=\"urn:mpeg:dash:profile:isoff-on-demand:2011\" mediaPresentationDuration=\"PT4S\">\
                 <Period><AdaptationSet mimeType=\"video/mp4\"><Representation id=\"1\" bandwidth=\"1000\">\
                 <BaseURL>{url}</BaseURL><SegmentBase/></Representation></AdaptationSet></Period></MPD>"
            ),
        ),
    ]
}

/// Damaged forms of an MP4 with its index first, of a fragmented one, and of a Matroska file of JPEGs, and how each must
/// end.
pub fn videos(
    indexed: &[u8],
    fragments: &[u8],
    matroska: &[u8],
    port: u16,
) -> Vec<(&'static str, Vec<u8>, &'static [ProblemCode])> {
    let http = location(&format!("http://127.0.0.1:{port}/video.mp4"));
    let file = location("file:///etc/passwd");
    let mut cases = vec![
        (
            "subfile",
            b"ffconcat version 1.0\nfile 'subfile,,start,0,end,0,,:/etc/passwd'\n".to_vec(),
            UNREADABLE,
        ),
        (
            "concat of a file",
            b"ffconcat version 1.0\nfile '/etc/passwd'\n".to_vec(),
            UNREADABLE,
        ),
        (
            "alias of a file by its absolute path",
            refer(fragments, &alias("/etc/passwd")),
            UNREADABLE,
        ),
        ("65535 x 65535", sized(indexed, 0xffff), TOO_LARGE),
    ];
    let mut pictures = matroska.to_vec();
    while let Some(at) = pictures
        .windows(9)
        .position(|head| head.starts_with(&[0xff, 0xc0, 0, 0x11, 8]) && head[5..] != [0xff; 4])
    {
        pictures[at + 5..at + 9].fill(0xff); // height and width in the head of a frame
    }
    cases.push((
        "65535 x 65535 in the pictures alone",
        pictures,
        TOO_LARGE_OR_UNREADABLE,
    ));
    for (name, entry) in [("video over HTTP", http), ("video in a file", file)] {
        // Its samples lie in the other file only.
        let mut elsewhere = refer(indexed, &entry);
        let samples = find(&elsewhere, b"mdat");
        elsewhere.truncate(samples + 4);
        cases.push((name, elsewhere, UNREADABLE));
    }
    for kind in [b"moov", b"trak", b"stbl", b"stsd", b"mdat"] {
        let mut huge = indexed.to_vec();
        let at = find(&huge, kind) - 4;
        huge[at..at + 4].copy_from_slice(&0x7fff_ffff_u32.to_be_bytes());
        huge.truncate(find(indexed, b"mdat") + 4);
        cases.push(("an enormous box", huge, UNREADABLE));
    }
    let mut run = fragments.to_vec();
    while let Some(at) = run.windows(4).position(|kind| kind == b"trun") {
        run[at..at + 4].copy_from_slice(b"TRUN"); // seen; named again below
        run[at + 8..at + 12].copy_from_slice(&u32::MAX.to_be_bytes());
    }
    while let Some(at) = run.windows(4).position(|kind| kind == b"TRUN") {
        run[at..at + 4].copy_from_slice(b"trun");
    }
    cases.push(("4 billion samples in a fragment", run, UNREADABLE));
    // An element of 2^56 - 2 bytes in place of the segment's (RFC 8794, section 6).
    let mut segment = matroska.to_vec();
    let at = segment
        .windows(4)
        .position(|id| id == [0x16, 0x54, 0xae, 0x6b])
        .unwrap()
        + 4;
    segment.truncate(at);
    segment.extend([0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe]);
    segment.extend([
        0xae, 0x01, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x63, 0xa2,
    ]);
    segment.extend([0x01, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff, 0xff]);
    cases.push(("an enormous element", segment, UNREADABLE));
    cases
}

/// Behind the name of the first box of this kind.
fn find(mp4: &[u8], kind: &[u8; 4]) -> usize {
    mp4.windows(4).position(|four| four == kind).unwrap() + 4
}

/// An entry of a data reference box that names another place (ISO/IEC 14496-12, 8.7.2).
fn location(url: &str) -> Vec<u8> {
    let len = u32::try_from(12 + url.len() + 1).unwrap();
    [
        &len.to_be_bytes()[..],
        b"url \0\0\0\0",
        url.as_bytes(),
        b"\0",
    ]
    .concat()
}

/// An entry as QuickTime writes it: a Macintosh alias record with the absolute path as its item 18.
fn alias(path: &str) -> Vec<u8> {
    let mut record = vec![0; 150];
    record[6..8].copy_from_slice(&[0, 2]); // version
    record[10..16].copy_from_slice(&[4, b'd', b'i', b's', b'k', 0]); // name of the volume
    record[50..57].copy_from_slice(&[6, b'p', b'a', b's', b's', b'w', b'd']);
    record[130..134].copy_from_slice(&[0, 1, 0, 1]); // levels from and to
    let path = [
        path.as_bytes(),
        if path.len() % 2 == 1 { b"\0" } else { b"" },
    ]
    .concat();
    let len = u16::try_from(path.len()).unwrap();
    record.extend([[0, 18], len.to_be_bytes()].concat());
    record.extend(path);
    record.extend([0xff, 0xff, 0, 0]);
    let len = u32::try_from(12 + record.len()).unwrap();
    [&len.to_be_bytes()[..], b"alis\0\0\0\0", &record].concat()
}

/// An MP4 whose data reference is `entry` in place of the file itself.
fn refer(mp4: &[u8], entry: &[u8]) -> Vec<u8> {
    let old = find(mp4, b"url ") - 8;
    let mut changed = [&mp4[..old], entry, &mp4[old + 12..]].concat();
    for kind in [b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"] {
        let at = find(&changed, kind) - 8;
        let len = u32::from_be_bytes(changed[at..at + 4].try_into().unwrap());
        let len = len + u32::try_from(entry.len()).unwrap() - 12;
        changed[at..at + 4].copy_from_slice(&len.to_be_bytes());
    }
    changed
}

/// An MP4 that claims pictures of `side` pixels each way, in its track and in its sample entry.
fn sized(mp4: &[u8], side: u16) -> Vec<u8> {
    let mut changed = mp4.to_vec();
    let side = side.to_be_bytes();
    let track = find(mp4, b"tkhd") + 76;
    changed[track..track + 8].copy_from_slice(&[side[0], side[1], 0, 0, side[0], side[1], 0, 0]);
    // It is a brand too, further up.
    let entry = mp4.windows(4).rposition(|four| four == b"avc1").unwrap() + 28;
    changed[entry..entry + 4].copy_from_slice(&[side, side].concat());
    changed
}

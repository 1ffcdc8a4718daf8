//! The box editor itself.

use dodolens_tests::boxes::{Boxes, Form, Node, number};

use super::film::base;

#[test]
fn a_file_that_is_not_changed_stays_as_it_is() {
    assert_eq!(Boxes::read(&base()).write(), base());
}

#[test]
fn a_table_is_changed_and_the_chunks_are_found_where_they_went() {
    let mut film = Boxes::read(&base());
    film.0.insert(1, Node::leaf(*b"free", vec![0; 100]));
    film.track(b"vide").edit(&[(1000, 0, 1), (500, -1, 1)]);
    let file = film.write();
    let mut again = Boxes::read(&file);
    let elst = again.track(b"vide").at(&[b"edts", b"elst"]).body().clone();
    assert_eq!((number(&elst, 4), number(&elst, 24)), (2, u32::MAX));
    let first = |file: &mut Boxes| {
        let stco = file.track(b"vide").samples().at(&[b"stco"]).body().clone();
        number(&stco, 8) as usize
    };
    let (before, after) = (first(&mut Boxes::read(&base())), first(&mut again));
    assert_eq!(after, before + 108);
    assert_eq!(base()[before..before + 64], file[after..after + 64]);
}

#[test]
fn sizes_are_written_in_every_form() {
    for (form, header) in [
        (Form::Long, &b"\0\0\0\x01mdat\0\0\0\0\0\0\0\x12"[..]),
        (Form::Open, b"\0\0\0\0mdat"),
        (Form::Claimed(7), b"\0\0\0\x07mdat"),
    ] {
        let mut node = Node::leaf(*b"mdat", vec![1, 2]);
        node.form = form;
        assert_eq!(Boxes(vec![node]).write(), [header, &[1, 2]].concat());
    }
}

//! What is said counts as well as what is seen.

use dodolens::domain::locale::Locale;
use dodolens_local::video::VideoSpec;
use dodolens_tests::stack::{Setup, TestStack};

use super::support::{Case, finish};

/// A video of `items` in which `say` is said.
fn saying(
    name: &'static str,
    locale: Locale,
    items: &[&str],
    say: &str,
    [moves, stays]: [&[&str]; 2],
) -> Case {
    let lines = |lines: &[&str]| lines.iter().map(ToString::to_string).collect();
    let case = Case::seen(name, items);
    Case {
        locale,
        spec: VideoSpec {
            say: Some(say.into()),
            ..case.spec
        },
        moves: lines(moves),
        stays: lines(stays),
        ..case
    }
}

#[tokio::test]
async fn in_three_languages() {
    let setup = Setup {
        parameters: vec![("LogLevel", "trace".into())],
        ..Setup::default()
    };
    let stack = TestStack::start(setup).await;
    let cases = [
        saying(
            "only said",
            Locale::En,
            &["desk@office"],
            "We also have twelve moving boxes in the cellar.",
            [&["carton@cellarx12", "desk@officex1"], &[]],
        ),
        saying(
            "said, nothing seen",
            Locale::En,
            &[],
            "We have 3 suitcases in the attic.",
            [&["suitcase@atticx3"], &[]],
        ),
        saying(
            "said to stay",
            Locale::En,
            &["piano_upright@living_room", "armchair@living_roomx2"],
            "The upright piano stays.",
            [
                &["armchair@living_roomx2"],
                &["piano_upright@living_roomx1"],
            ],
        ),
        saying(
            "French",
            Locale::Fr,
            &["oven@kitchen", "dishwasher@kitchen", "mirror@bedroom"],
            "Dans la cuisine, le four reste. Il y a aussi six chaises à la cave.",
            [
                &["chair@cellarx6", "dishwasher@kitchenx1", "mirror@bedroomx1"],
                &["oven@kitchenx1"],
            ],
        ),
        saying(
            "Spanish",
            Locale::Es,
            &["armchair@living_room", "bookcase@office"],
            "No nos llevamos el sillón. También hay diez cajas de libros en el garaje.",
            [
                &["bookcase@officex1", "carton_books@garagex10"],
                &["armchair@living_roomx1"],
            ],
        ),
    ];
    for case in &cases {
        case.check(&stack).await;
    }
    let spoken: Vec<_> = cases
        .iter()
        .filter_map(|case| case.spec.say.as_deref())
        .collect();
    finish(stack, &spoken).await;
}

use dodolens_domain::catalogue::ITEMS;

use super::*;

/// What is read, as `decision count id @room !remark`.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = read(text)
        .iter()
        .map(|cue| {
            let mut line = cue["decision"].as_str().unwrap().to_owned();
            if let Some(count) = cue["count"].as_u64() {
                line += &format!(" {count}");
            }
            line += &format!(" {}", cue["catalogueId"].as_str().unwrap());
            if let Some(room) = cue["room"].as_str() {
                line += &format!(" @{room}");
            }
            if let Some(remark) = cue["remark"].as_str() {
                line += &format!(" !{remark}");
            }
            line
        })
        .collect();
    lines.sort();
    lines
}

#[test]
fn english() {
    for (text, expected) in [
        ("The upright piano stays.", vec!["leave piano_upright"]),
        ("We are not taking the armchair!", vec!["leave armchair"]),
        ("We don't take the armchair", vec!["leave armchair"]),
        ("I'm not sure about the desk.", vec!["unsure desk"]),
        ("The desk, maybe.", vec!["unsure desk"]),
        (
            "We also have twelve moving boxes and 3 suitcases in the cellar.",
            vec!["move 12 carton @cellar", "move 3 suitcase @cellar"],
        ),
        (
            "The armchair, the mirror and the rug stay here.",
            vec!["leave armchair", "leave mirror", "leave rug"],
        ),
        (
            "We leave the armchair, the mirror and the rug.",
            vec!["leave armchair", "leave mirror", "leave rug"],
        ),
        (
            "We take the armchair but the mirror stays.",
            vec!["leave mirror", "move armchair"],
        ),
        (
            "The armchair stays and the mirror comes with us.",
            vec!["leave armchair", "move mirror"],
        ),
        ("The mirror does not stay.", vec!["move mirror"]),
        (
            "In the kitchen we have a dining table, four chairs and the fridge stays.",
            vec![
                "leave fridge @kitchen",
                "move 1 table_dining @kitchen",
                "move 4 chair @kitchen",
            ],
        ),
        (
            "We take the mirror, it is very fragile.",
            vec!["move mirror !very fragile"],
        ),
        ("We don't have a piano.", vec![]),
        ("There are two big bookcases.", vec!["move 2 bookcase"]),
        (
            "We have two mirrors. The mirrors stay.",
            vec!["leave 2 mirror"],
        ),
        ("We have a three seat sofa.", vec!["move 1 sofa_3_seat"]),
        ("Hello, this is our home. It is lovely here.", vec![]),
    ] {
        assert_eq!(lines(text), expected, "{text}");
    }
}

#[test]
fn french() {
    for (text, expected) in [
        ("Le piano droit reste.", vec!["leave piano_upright"]),
        ("On ne prend pas le fauteuil.", vec!["leave fauteuil"]),
        (
            "Nous n'emportons pas l'armoire 2 portes.",
            vec!["leave wardrobe_2_door"],
        ),
        (
            "Je ne suis pas sûr pour le lave-linge.",
            vec!["unsure washing_machine"],
        ),
        (
            "Il y a aussi six chaises et deux étagères à la cave.",
            vec!["move 2 shelf_unit @cellar", "move 6 chair @cellar"],
        ),
        (
            "Dans la cuisine, le four et le lave-vaisselle restent.",
            vec!["leave dishwasher @kitchen", "leave oven @kitchen"],
        ),
        (
            "Le miroir est très fragile, on l'emporte.",
            vec!["move mirror !très fragile"],
        ),
        (
            "On laisse la commode mais on prend la table basse en verre.",
            vec!["leave dresser", "move table_coffee_glass"],
        ),
        (
            "Dans le bureau il y a un bureau et une imprimante.",
            vec!["move 1 desk @office", "move 1 printer @office"],
        ),
        ("Nous n'avons pas de piano.", vec![]),
        ("Peut-être le vélo.", vec!["unsure bicycle"]),
        ("Voici dix-huit cartons.", vec!["move 18 carton"]),
    ] {
        let expected: Vec<String> = expected
            .iter()
            .map(|line| line.replace("fauteuil", "armchair"))
            .collect();
        assert_eq!(lines(text), expected, "{text}");
    }
}

#[test]
fn spanish() {
    for (text, expected) in [
        ("El piano de pared se queda.", vec!["leave piano_upright"]),
        ("No nos llevamos el sillón.", vec!["leave armchair"]),
        ("No sé si llevamos el escritorio.", vec!["unsure desk"]),
        (
            "También hay diez cajas de libros en el garaje.",
            vec!["move 10 carton_books @garage"],
        ),
        (
            "En la cocina tenemos cuatro sillas y un microondas.",
            vec!["move 1 microwave @kitchen", "move 4 chair @kitchen"],
        ),
        (
            "La cocina se queda pero nos llevamos la lavadora.",
            vec!["leave cooker", "move washing_machine"],
        ),
        ("El espejo es muy frágil.", vec!["move mirror !muy frágil"]),
        (
            "Dejamos la cómoda y los sillones.",
            vec!["leave armchair", "leave dresser"],
        ),
        ("No hay piano.", vec![]),
    ] {
        assert_eq!(lines(text), expected, "{text}");
    }
}

#[test]
fn every_name_of_the_catalogue_is_understood() {
    for item in ITEMS {
        for (locale, text) in [
            (
                Locale::En,
                format!("We are not taking the {} in the garage.", item.name.en),
            ),
            (
                Locale::Fr,
                format!("On ne prend pas le {} dans le garage.", item.name.fr),
            ),
            (
                Locale::Es,
                format!("No nos llevamos el {} del garaje.", item.name.es),
            ),
        ] {
            let (read_in, said) = understand(&text);
            assert_eq!(read_in, locale, "{text}");
            let [said] = said.as_slice() else {
                panic!("{} things in {text}", said.len())
            };
            assert_eq!(
                (said.item.id, said.decision),
                (item.id, Some(Decision::Leave)),
                "{text}"
            );
            assert_eq!(said.room.map(|room| room.id), Some("garage"), "{text}");
        }
    }
}

#[test]
fn odd_texts_say_nothing() {
    for text in [
        "",
        " \n",
        "., : ; !",
        "🛋️",
        "x x x 5",
        "9999999999999999999999",
        &"a ".repeat(3_000),
    ] {
        assert_eq!(lines(text), Vec::<String>::new(), "{text:?}");
    }
}

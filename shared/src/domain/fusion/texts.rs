//! What fusion says to people, in each language.

use crate::domain::{
    evidence::Gap,
    locale::{Locale, Localized},
};

pub const OBJECT: Localized = Localized {
    fr: "Objet",
    en: "Object",
    es: "Objeto",
};

pub const OTHER_OBJECTS: Localized = Localized {
    fr: "Autres objets",
    en: "Other objects",
    es: "Otros objetos",
};

pub const NO_ROOM: Localized = Localized {
    fr: "Pièce inconnue",
    en: "Unknown room",
    es: "Habitación desconocida",
};

/// Nothing is known to move.
pub const NOTHING: Localized = Localized {
    fr: "Aucun objet à déménager n'a été reconnu.",
    en: "No object to move was recognised.",
    es: "No se reconoció ningún objeto que mudar.",
};

/// What a gap means for the result.
pub fn gap(gap: Gap) -> Localized {
    match gap {
        Gap::VisionUnavailable => Localized {
            fr: "Les images n'ont pas pu être analysées : l'inventaire repose sur la parole seule.",
            en: "The pictures could not be analysed: the inventory rests on speech alone.",
            es: "No se pudieron analizar las imágenes: el inventario se basa solo en lo dicho.",
        },
        Gap::SpeechUnavailable => Localized {
            fr: "La parole n'a pas pu être analysée : l'inventaire repose sur les images seules.",
            en: "The speech could not be analysed: the inventory rests on pictures alone.",
            es: "No se pudo analizar lo dicho: el inventario se basa solo en las imágenes.",
        },
        Gap::NoSound => Localized {
            fr: "La vidéo n'a pas de son : l'inventaire repose sur les images seules.",
            en: "The video has no sound: the inventory rests on pictures alone.",
            es: "El vídeo no tiene sonido: el inventario se basa solo en las imágenes.",
        },
        Gap::SoundUnreadable => Localized {
            fr: "Le son de la vidéo est illisible : l'inventaire repose sur les images seules.",
            en: "The video's sound could not be read: the inventory rests on pictures alone.",
            es: "No se pudo leer el sonido del vídeo: el inventario se basa solo en las imágenes.",
        },
    }
}

/// An object's name, with its room where that is known.
pub fn what(name: &str, room: Option<&str>) -> String {
    room.map_or_else(|| name.to_owned(), |room| format!("{name} ({room})"))
}

/// What was seen and what was said differ; the larger number was taken.
pub fn differs(locale: Locale, what: &str, seen: u32, said: u32) -> String {
    let taken = seen.max(said);
    match locale {
        Locale::Fr => format!("{what} : {seen} à l'image, {said} d'après vous ; {taken} comptés."),
        Locale::En => format!("{what}: {seen} seen, {said} mentioned; {taken} counted."),
        Locale::Es => {
            format!("{what}: {seen} en la imagen, {said} según usted; se cuentan {taken}.")
        }
    }
}

/// The family is undecided.
pub fn undecided(locale: Locale, what: &str) -> String {
    match locale {
        Locale::Fr => format!("{what} : pas encore décidé, compté pour l'instant."),
        Locale::En => format!("{what}: undecided, counted for now."),
        Locale::Es => format!("{what}: sin decidir, se cuenta por ahora."),
    }
}

/// It was said to move and to stay.
pub fn contradicted(locale: Locale, what: &str) -> String {
    match locale {
        Locale::Fr => format!("{what} : dit à emporter et à laisser, compté pour l'instant."),
        Locale::En => format!("{what}: said both to move and to stay, counted for now."),
        Locale::Es => format!("{what}: se dijo que se muda y que se queda, se cuenta por ahora."),
    }
}

/// What the family said of an object.
pub fn quoted(locale: Locale, what: &str, remark: &str) -> String {
    match locale {
        Locale::Fr => format!("{what} : {remark}"),
        Locale::En | Locale::Es => format!("{what}: {remark}"),
    }
}

/// Kinds of objects, two or more, are listed as [`OTHER_OBJECTS`].
pub fn grouped(locale: Locale, kinds: u32) -> String {
    let name = OTHER_OBJECTS.get(locale);
    match locale {
        Locale::Fr => format!("{kinds} lignes de petits objets sont regroupées sous « {name} »."),
        Locale::En => format!("{kinds} lines of small objects are grouped as “{name}”."),
        Locale::Es => format!("{kinds} líneas de objetos pequeños se agrupan como «{name}»."),
    }
}

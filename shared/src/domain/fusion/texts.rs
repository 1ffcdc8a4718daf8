//! What fusion says to people, in each language.

use crate::domain::locale::{Locale, Localized};

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

pub const UNKNOWN_ROOM: Localized = Localized {
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

/// So many were said to move and so many to stay, and there are not as many.
pub fn contradicted(locale: Locale, what: &str, moving: u32, staying: u32) -> String {
    match locale {
        Locale::Fr => format!(
            "{what} : dit à emporter ({moving}) et à laisser ({staying}), compté pour l'instant."
        ),
        Locale::En => format!(
            "{what}: said both to move ({moving}) and to stay ({staying}), counted for now."
        ),
        Locale::Es => format!(
            "{what}: se dijo que se muda ({moving}) y que se queda ({staying}), se cuenta por ahora."
        ),
    }
}

/// What the family said of an object.
pub fn quoted(locale: Locale, what: &str, remark: &str) -> String {
    match locale {
        Locale::Fr => format!("{what} : {remark}"),
        Locale::En | Locale::Es => format!("{what}: {remark}"),
    }
}

/// Small objects, of so many lines, are listed within [`OTHER_OBJECTS`], and so many lines are not named even there.
pub fn grouped(locale: Locale, lines: usize, unnamed: usize) -> String {
    let name = OTHER_OBJECTS.get(locale);
    let mut text = match locale {
        Locale::Fr => format!("{lines} lignes de petits objets sont regroupées sous « {name} »"),
        Locale::En => format!("{lines} lines of small objects are grouped as “{name}”"),
        Locale::Es => format!("{lines} líneas de objetos pequeños se agrupan como «{name}»"),
    };
    if unnamed > 0 {
        text.push_str(&match locale {
            Locale::Fr => format!(", dont {unnamed} sans nom"),
            Locale::En => format!(", {unnamed} of them without a name"),
            Locale::Es => format!(", {unnamed} de ellas sin nombre"),
        });
    }
    text.push('.');
    text
}

/// So many remarks had no room.
pub fn more_remarks(locale: Locale, count: usize) -> String {
    match locale {
        Locale::Fr => format!("Remarques omises faute de place : {count}."),
        Locale::En => format!("Remarks left out for want of space: {count}."),
        Locale::Es => format!("Observaciones omitidas por falta de espacio: {count}."),
    }
}

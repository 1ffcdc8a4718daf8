//! What fusion says to people, in each language.

use std::{ops::Range, time::Duration};

use crate::{
    inventory::clock,
    locale::{Locale, Localized},
};

pub const OBJECT: Localized = Localized {
    fr: "Objet",
    en: "Object",
    es: "Objeto",
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

/// Small objects, of so many lines, have no line of their own.
pub fn grouped(locale: Locale, lines: usize) -> String {
    match locale {
        Locale::Fr => {
            format!("{lines} lignes de petits objets sont comptées sans être détaillées.")
        }
        Locale::En => format!("{lines} lines of small objects are counted without being listed."),
        Locale::Es => format!("{lines} líneas de objetos pequeños se cuentan sin detallarse."),
    }
}

/// More were named than a room can hold.
pub fn no_space(locale: Locale, what: &str, named: u32, counted: u32) -> String {
    match locale {
        Locale::Fr => format!(
            "{what} : {named} annoncés, plus que la pièce ne contient ; {counted} comptés, à vérifier."
        ),
        Locale::En => format!(
            "{what}: {named} named, more than the room can hold; {counted} counted, please check."
        ),
        Locale::Es => format!(
            "{what}: {named} indicados, más de lo que cabe; se cuentan {counted}, por comprobar."
        ),
    }
}

/// Some of them may be the same, filmed twice.
pub fn filmed_twice(locale: Locale, what: &str, least: u32, most: u32) -> String {
    match locale {
        Locale::Fr => {
            format!("{what} : {most} comptés, ou {least} si certains ont été filmés deux fois.")
        }
        Locale::En => format!("{what}: {most} counted, or {least} if some were filmed twice."),
        Locale::Es => {
            format!("{what}: se cuentan {most}, o {least} si algunos se filmaron dos veces.")
        }
    }
}

/// So many remarks had no room.
pub fn more_remarks(locale: Locale, count: usize) -> String {
    match locale {
        Locale::Fr => format!("Remarques omises faute de place : {count}."),
        Locale::En => format!("Remarks left out for want of space: {count}."),
        Locale::Es => format!("Observaciones omitidas por falta de espacio: {count}."),
    }
}

/// Of these stretches of the video, and of so many more, nothing was seen.
pub fn unseen(locale: Locale, stretches: &[Range<Duration>], more: usize) -> String {
    let when = times(locale, stretches, more);
    match locale {
        Locale::Fr => format!("Rien n'a été vu {when} : il peut manquer des objets."),
        Locale::En => format!("Nothing was seen {when}: objects may be missing."),
        Locale::Es => format!("No se ha visto nada {when}: pueden faltar objetos."),
    }
}

/// The pictures of these stretches, and of so many more, could not be analysed.
pub fn unanswered(locale: Locale, stretches: &[Range<Duration>], more: usize) -> String {
    let when = times(locale, stretches, more);
    match locale {
        Locale::Fr => {
            format!("Les images n'ont pas pu être analysées {when} : il peut manquer des objets.")
        }
        Locale::En => format!("The pictures could not be analysed {when}: objects may be missing."),
        Locale::Es => {
            format!("No se pudieron analizar las imágenes {when}: pueden faltar objetos.")
        }
    }
}

fn times(locale: Locale, stretches: &[Range<Duration>], more: usize) -> String {
    let mut parts: Vec<String> = stretches
        .iter()
        .map(|stretch| {
            let (from, to) = (clock(stretch.start.as_secs()), clock(ceil(stretch.end)));
            match locale {
                Locale::Fr => format!("de {from} à {to}"),
                Locale::En => format!("from {from} to {to}"),
                Locale::Es => format!("de {from} a {to}"),
            }
        })
        .collect();
    if more > 0 {
        parts.push(match locale {
            Locale::Fr => format!("{more} fois de plus"),
            Locale::En => format!("{more} more times"),
            Locale::Es => format!("{more} veces más"),
        });
    }
    parts.join(", ")
}

/// So many pictures could not be read.
pub fn pictures_lost(locale: Locale, count: usize) -> String {
    match (locale, count) {
        (Locale::Fr, 1) => "1 image est illisible : il peut manquer des objets.".to_owned(),
        (Locale::Fr, _) => format!("{count} images sont illisibles : il peut manquer des objets."),
        (Locale::En, 1) => "1 picture could not be read: objects may be missing.".to_owned(),
        (Locale::En, _) => format!("{count} pictures could not be read: objects may be missing."),
        (Locale::Es, 1) => "No se pudo leer 1 imagen: pueden faltar objetos.".to_owned(),
        (Locale::Es, _) => format!("No se pudieron leer {count} imágenes: pueden faltar objetos."),
    }
}

/// There is no more sound than this.
pub fn sound_cut(locale: Locale, heard: Duration) -> String {
    let at = clock(heard.as_secs());
    match locale {
        Locale::Fr => format!("Le son manque après {at} : ce qui y est dit n'est pas compté."),
        Locale::En => {
            format!("The sound is missing after {at}: what is said there is not counted.")
        }
        Locale::Es => format!("Falta el sonido después de {at}: lo que se dice allí no se cuenta."),
    }
}

/// Whole seconds, so that what is missing is never said to be shorter than it is.
const fn ceil(time: Duration) -> u64 {
    time.as_secs()
        .saturating_add((time.subsec_nanos() > 0) as u64)
}

//! What the closed names of a result are called, in each language.

use super::{
    evidence::Gap,
    inventory::{Flag, Topic},
    locale::Localized,
};

/// What a gap means for the result.
#[must_use]
pub const fn gap(gap: Gap) -> Localized {
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
        Gap::PicturesUnreadable => Localized {
            fr: "Les images de la vidéo sont illisibles : l'inventaire repose sur la parole seule.",
            en: "The video's pictures could not be read: the inventory rests on speech alone.",
            es: "No se pudieron leer las imágenes del vídeo: el inventario se basa solo en lo dicho.",
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
        Gap::VisionPartial => Localized {
            fr: "Une partie des images n'a pas pu être analysée : il peut manquer des objets.",
            en: "Some of the pictures could not be analysed: objects may be missing.",
            es: "No se pudo analizar una parte de las imágenes: pueden faltar objetos.",
        },
        Gap::PicturesSkipped => Localized {
            fr: "Moins d'images ont été extraites, faute de temps : il peut manquer des objets.",
            en: "Fewer pictures were taken, for want of time: objects may be missing.",
            es: "Se extrajeron menos imágenes, por falta de tiempo: pueden faltar objetos.",
        },
        Gap::FewerPictures => Localized {
            fr: "Moins d'images ont été regardées, pour tenir le budget : il peut manquer des objets.",
            en: "Fewer pictures were looked at, to keep within the budget: objects may be missing.",
            es: "Se miraron menos imágenes, para no superar el presupuesto: pueden faltar objetos.",
        },
        Gap::PicturesLost => Localized {
            fr: "Des images de la vidéo sont illisibles : il peut manquer des objets.",
            en: "Some pictures of the video could not be read: objects may be missing.",
            es: "No se pudieron leer algunas imágenes del vídeo: pueden faltar objetos.",
        },
        Gap::StretchUnseen => Localized {
            fr: "Une partie de la vidéo n'a pas été vue : il peut manquer des objets.",
            en: "A part of the video was not seen: objects may be missing.",
            es: "Una parte del vídeo no se ha visto: pueden faltar objetos.",
        },
        Gap::SoundCut => Localized {
            fr: "Il manque une partie du son : ce qui y est dit n'est pas pris en compte.",
            en: "A part of the sound is missing: what is said there is not taken into account.",
            es: "Falta una parte del sonido: lo que se dice en ella no se tiene en cuenta.",
        },
        Gap::SoundSilent => Localized {
            fr: "La piste sonore est muette : l'inventaire repose sur les images seules.",
            en: "The sound track is silent: the inventory rests on pictures alone.",
            es: "La pista de sonido está en silencio: el inventario se basa solo en las imágenes.",
        },
    }
}

/// What a flag asks of the movers.
#[must_use]
pub const fn flag(flag: Flag) -> Localized {
    match flag {
        Flag::Fragile => words("fragile", "fragile", "frágil"),
        Flag::Heavy => words("lourd", "heavy", "pesado"),
        Flag::Dismantle => words("à démonter", "dismantle", "desmontar"),
        Flag::Unsure => words("indécis", "undecided", "por decidir"),
        Flag::Contradiction => words("à clarifier", "to be clarified", "por aclarar"),
    }
}

/// What an advice says. `{from}` and `{to}` stand for times of the film, `{room}` for a room's name.
#[must_use]
pub const fn advice(topic: Topic) -> Localized {
    match topic {
        Topic::Dark => Localized {
            fr: "De {from} à {to}, c'est trop sombre : filmez ce passage à nouveau.",
            en: "{from} to {to} is too dark: film it again.",
            es: "De {from} a {to} está demasiado oscuro: vuelva a filmarlo.",
        },
        Topic::Blurred => Localized {
            fr: "De {from} à {to}, l'image est floue : filmez ce passage à nouveau.",
            en: "{from} to {to} is blurred: film it again.",
            es: "De {from} a {to} la imagen está borrosa: vuelva a filmarlo.",
        },
        Topic::Fast => Localized {
            fr: "De {from} à {to}, la caméra bouge trop vite : filmez ce passage plus lentement.",
            en: "{from} to {to} is too fast: film it again, more slowly.",
            es: "De {from} a {to} la cámara va demasiado rápido: vuelva a filmarlo más despacio.",
        },
        Topic::Brief => Localized {
            fr: "{room} se voit à peine ({from}) : restez-y plus longtemps.",
            en: "{room} is hardly seen ({from}): stay there longer.",
            es: "{room} apenas se ve ({from}): quédese allí más tiempo.",
        },
        Topic::Storage => Localized {
            fr: "Ni cave, ni grenier, ni garage : filmez-les, ou dites qu'il n'y en a pas.",
            en: "No cellar, attic or garage: film them, or say that there is none.",
            es: "Ni sótano, ni desván, ni garaje: fílmelos, o diga que no hay.",
        },
        Topic::Cupboards => Localized {
            fr: "Ouvrez les placards et les armoires, ou dites combien de cartons il faut.",
            en: "Open the cupboards and wardrobes, or say how many boxes they take.",
            es: "Abra los armarios, o diga cuántas cajas hacen falta.",
        },
    }
}

const fn words(fr: &'static str, en: &'static str, es: &'static str) -> Localized {
    Localized { fr, en, es }
}

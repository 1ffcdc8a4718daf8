//! The fixed words around an inventory, in its language.

use dodolens::domain::{evidence::Gap, locale::Localized};

macro_rules! words {
    ($($name:ident = $en:literal, $fr:literal, $es:literal;)*) => {
        $(pub(super) const $name: Localized = Localized { en: $en, fr: $fr, es: $es };)*
    };
}

words! {
    ROOM = "Room", "Pièce", "Habitación";
    OBJECT = "Object", "Objet", "Objeto";
    QUANTITY = "Qty", "Qté", "Cant.";
    UNIT_VOLUME = "m³ each", "m³ unité", "m³ unidad";
    VOLUME = "m³", "m³", "m³";
    HANDLING = "Handling", "Précautions", "Cuidados";
    EVIDENCE = "Evidence", "Indices", "Indicios";
    SAID = "said", "dit", "dicho";
    ELSEWHERE = "Room unknown", "Pièce inconnue", "Habitación desconocida";
    OTHERS = "Other small objects", "Autres petits objets", "Otros objetos pequeños";
    NOTHING = "Nothing to move was found.", "Rien à déménager n’a été trouvé.",
        "No se ha encontrado nada que mudar.";
    STAYING = "Staying:", "Reste sur place :", "Se queda:";
    TOTAL = "Total:", "Total :", "Total:";
    TO = "to", "à", "a";
    VEHICLE = "Vehicle:", "Véhicule :", "Vehículo:";
    CONTAINER = "Container:", "Conteneur :", "Contenedor:";
    COVERAGE = "Pictures looked at:", "Images regardées :", "Imágenes vistas:";
    LONGEST_GAP = "longest time without one:", "plus long intervalle :", "intervalo más largo:";
    ADVICE = "Advice:", "Conseils :", "Consejos:";
    REMARKS = "Remarks:", "Remarques :", "Observaciones:";
    DEGRADED = "Missing evidence:", "Indices manquants :", "Indicios ausentes:";
    ERASED = "Erased:", "Effacé :", "Borrado:";
    KEY_DESTROYED = "key destroyed at", "clé détruite le", "clave destruida el";
    PARTS_ABSENT = "parts verified absent at", "fragments vérifiés absents le",
        "fragmentos verificados ausentes el";
    PARTS_LEFT = "parts, unreadable, left to expire by", "fragments, illisibles, laissés expirer d’ici le",
        "fragmentos, ilegibles, dejados caducar antes del";
}

words! {
    VISION_UNAVAILABLE = "the pictures could not be analysed", "les images n’ont pas pu être analysées",
        "no se pudieron analizar las imágenes";
    SPEECH_UNAVAILABLE = "the speech could not be analysed", "la parole n’a pas pu être analysée",
        "no se pudo analizar la voz";
    PICTURES_UNREADABLE = "the pictures can’t be read", "les images sont illisibles",
        "las imágenes no se pueden leer";
    NO_SOUND = "the video has no sound", "la vidéo n’a pas de son", "el vídeo no tiene sonido";
    SOUND_UNREADABLE = "the sound can’t be read", "le son est illisible", "el sonido no se puede leer";
    VISION_PARTIAL = "some pictures could not be analysed", "des images n’ont pas pu être analysées",
        "no se pudieron analizar algunas imágenes";
    PICTURES_SKIPPED = "fewer pictures were taken, for want of time", "moins d’images ont été extraites, faute de temps",
        "se extrajeron menos imágenes, por falta de tiempo";
    FEWER_PICTURES = "fewer pictures were looked at, to keep within the budget", "moins d’images ont été regardées, pour tenir le budget", "se miraron menos imágenes, para no superar el presupuesto";
    PICTURES_LOST = "some pictures can’t be read", "des images sont illisibles", "algunas imágenes no se pueden leer";
    STRETCH_UNSEEN = "a part of the video was not seen", "une partie de la vidéo n’a pas été vue",
        "una parte del vídeo no se ha visto";
    SOUND_CUT = "a part of the sound is missing", "il manque une partie du son", "falta una parte del sonido";
    SOUND_SILENT = "the sound track is silent", "la piste sonore est muette", "la pista de sonido está en silencio";
}

pub(super) const fn gap(gap: Gap) -> Localized {
    match gap {
        Gap::VisionUnavailable => VISION_UNAVAILABLE,
        Gap::SpeechUnavailable => SPEECH_UNAVAILABLE,
        Gap::PicturesUnreadable => PICTURES_UNREADABLE,
        Gap::NoSound => NO_SOUND,
        Gap::SoundUnreadable => SOUND_UNREADABLE,
        Gap::VisionPartial => VISION_PARTIAL,
        Gap::PicturesSkipped => PICTURES_SKIPPED,
        Gap::FewerPictures => FEWER_PICTURES,
        Gap::PicturesLost => PICTURES_LOST,
        Gap::StretchUnseen => STRETCH_UNSEEN,
        Gap::SoundCut => SOUND_CUT,
        Gap::SoundSilent => SOUND_SILENT,
    }
}

//! The words by which families say what is to become of their things. Without accents, apart from the few words that
//! only the accent tells apart.

use dodolens_domain::locale::Locale;

/// What the reader knows of a language. Entries of more than one word are phrases.
pub(super) struct Language {
    pub(super) locale: Locale,
    /// Frequent words, to recognise the language by.
    pub(super) frequent: &'static [&'static str],
    /// Numbers from one; articles count as one.
    pub(super) numbers: &'static [(&'static str, u32)],
    /// Join things that share a verb.
    pub(super) joins: &'static [&'static str],
    /// Begin a statement of its own.
    pub(super) turns: &'static [&'static str],
    /// Stand before a place.
    pub(super) places: &'static [&'static str],
    /// Stand between such a word, or a number, and its noun.
    pub(super) articles: &'static [&'static str],
    /// Say that there is something.
    pub(super) has: &'static [&'static str],
    /// Say that it comes along.
    pub(super) moves: &'static [&'static str],
    /// Say that it does not.
    pub(super) stays: &'static [&'static str],
    /// Turn those round.
    pub(super) negations: &'static [&'static str],
    /// Say that nothing is decided.
    pub(super) unsure: &'static [&'static str],
    /// Ask for care.
    pub(super) cautions: &'static [&'static str],
    /// Strengthen that.
    pub(super) very: &'static [&'static str],
}

pub(super) static LANGUAGES: [Language; 3] = [ENGLISH, FRENCH, SPANISH];

#[rustfmt::skip]
const ENGLISH: Language = Language {
    locale: Locale::En,
    frequent: &[
        "the", "a", "an", "and", "of", "in", "is", "are", "we", "it", "this", "these", "here", "that", "with", "to",
        "our", "my", "i",
    ],
    numbers: &[
        ("a", 1), ("an", 1), ("one", 1), ("two", 2), ("both", 2), ("three", 3), ("four", 4), ("five", 5), ("six", 6),
        ("seven", 7), ("eight", 8), ("nine", 9), ("ten", 10), ("eleven", 11), ("twelve", 12), ("thirteen", 13),
        ("fourteen", 14), ("fifteen", 15), ("sixteen", 16), ("seventeen", 17), ("eighteen", 18), ("nineteen", 19),
        ("twenty", 20),
    ],
    joins: &["and", "or"],
    turns: &["but", "however", "whereas", "while", "though", "because", "except"],
    places: &["in", "into", "from", "inside", "at"],
    articles: &["the", "our", "my", "this", "that"],
    has: &["have", "has", "ve", "got", "there is", "there are", "there s", "here is", "here are"],
    moves: &[
        "take", "takes", "taking", "move", "moves", "moving", "bring", "brings", "bringing", "come", "comes", "coming",
        "go", "goes", "going with", "keep", "keeps", "keeping",
    ],
    stays: &[
        "stay", "stays", "staying", "remain", "remains", "remaining", "leave", "leaves", "leaving", "left behind",
        "sell", "selling", "sold", "donate", "donating", "give away", "giving away", "throw away", "throwing away",
        "throw out", "throwing out", "get rid", "getting rid",
    ],
    negations: &[
        "not", "no", "never", "don", "dont", "doesn", "doesnt", "won", "wont", "isn", "isnt", "aren", "arent", "didn",
        "haven", "hasn", "cannot", "without",
    ],
    unsure: &[
        "not sure", "aren t sure", "isn t sure", "unsure", "maybe", "perhaps", "might", "possibly", "undecided",
        "don t know", "dont know", "do not know", "not decided", "haven t decided", "not yet decided", "not certain",
    ],
    cautions: &["fragile", "delicate", "heavy", "valuable", "precious"],
    very: &["very", "really", "extremely", "quite"],
};

#[rustfmt::skip]
const FRENCH: Language = Language {
    locale: Locale::Fr,
    frequent: &[
        "le", "la", "les", "l", "un", "une", "des", "du", "de", "d", "et", "dans", "est", "sont", "nous", "on", "il",
        "elle", "ce", "cette", "ces", "avec", "ici", "je", "notre", "nos", "mon", "ma",
    ],
    numbers: &[
        ("un", 1), ("une", 1), ("deux", 2), ("trois", 3), ("quatre", 4), ("cinq", 5), ("six", 6), ("sept", 7),
        ("huit", 8), ("neuf", 9), ("dix", 10), ("onze", 11), ("douze", 12), ("treize", 13), ("quatorze", 14),
        ("quinze", 15), ("seize", 16), ("dix sept", 17), ("dix huit", 18), ("dix neuf", 19), ("vingt", 20),
    ],
    joins: &["et", "ou", "ainsi que"],
    turns: &["mais", "par contre", "tandis que", "alors que", "cependant", "sauf", "car"],
    places: &["dans", "au", "aux", "du", "en"],
    articles: &["le", "la", "les", "l", "notre", "nos", "mon", "ma", "ce", "cette"],
    has: &["avons", "avez", "ont", "ai", "y a", "voici", "voila", "on a"],
    moves: &[
        "prend", "prends", "prenons", "prendre", "prendra", "emporte", "emportes", "emportons", "emporter",
        "emportera", "emmene", "emmenons", "emmener", "demenage", "demenageons", "demenager", "vient", "viennent",
        "part", "partent", "garde", "gardons", "garder",
    ],
    stays: &[
        "reste", "restent", "rester", "restera", "resteront", "laisse", "laisses", "laissons", "laisser", "vend",
        "vends", "vendons", "vendre", "vendu", "vendue", "donne", "donnons", "donner", "jette", "jetons", "jeter",
        "abandonne", "abandonnons",
    ],
    negations: &["pas", "ne", "n", "jamais", "sans", "ni"],
    unsure: &[
        "peut etre", "pas sûr", "pas sûre", "pas sûrs", "pas sûres", "pas certain", "pas certains", "sais pas",
        "sait pas", "savons pas", "ne sais", "ne sait", "hesite", "hesitons", "pas decide", "pas encore decide",
        "eventuellement",
    ],
    cautions: &[
        "fragile", "fragiles", "delicat", "delicate", "delicats", "delicates", "lourd", "lourde", "lourds", "lourdes",
        "precieux", "precieuse",
    ],
    very: &["tres", "vraiment", "extremement", "assez"],
};

#[rustfmt::skip]
const SPANISH: Language = Language {
    locale: Locale::Es,
    frequent: &[
        "el", "la", "los", "las", "un", "una", "unos", "unas", "y", "en", "de", "del", "es", "son", "nos", "se", "aqui",
        "esta", "este", "estos", "con", "que", "nuestro", "nuestra", "mi",
    ],
    numbers: &[
        ("un", 1), ("una", 1), ("uno", 1), ("dos", 2), ("ambos", 2), ("ambas", 2), ("tres", 3), ("cuatro", 4),
        ("cinco", 5), ("seis", 6), ("siete", 7), ("ocho", 8), ("nueve", 9), ("diez", 10), ("once", 11), ("doce", 12),
        ("trece", 13), ("catorce", 14), ("quince", 15), ("dieciseis", 16), ("diecisiete", 17), ("dieciocho", 18),
        ("diecinueve", 19), ("veinte", 20),
    ],
    joins: &["y", "e", "o"],
    turns: &["pero", "sino", "mientras", "aunque", "sin embargo", "excepto", "porque"],
    places: &["en", "del", "desde"],
    articles: &["el", "la", "los", "las", "nuestro", "nuestra", "mi", "este", "esta"],
    has: &["tenemos", "tengo", "tiene", "hay", "aqui esta", "aqui estan"],
    moves: &[
        "llevamos", "llevo", "lleva", "llevan", "llevar", "llevaremos", "llevarnos", "viene", "vienen", "mudamos",
        "va", "van", "quedamos con", "quedarnos con", "conservamos", "trasladamos",
    ],
    stays: &[
        "queda", "quedan", "quedara", "quedaran", "quedarse", "dejamos", "dejo", "deja", "dejan", "dejar", "vendemos",
        "vendo", "vender", "regalamos", "regalar", "donamos", "donar", "tiramos", "tirar", "abandonamos",
    ],
    negations: &["no", "nunca", "tampoco", "sin", "ni"],
    unsure: &[
        "no sé", "no sabemos", "quiza", "quizas", "tal vez", "a lo mejor", "no estoy seguro", "no estoy segura",
        "no estamos seguros", "no estamos seguras", "dudamos", "no hemos decidido", "puede que",
    ],
    cautions: &[
        "fragil", "fragiles", "delicado", "delicada", "delicados", "delicadas", "pesado", "pesada", "pesados",
        "pesadas", "valioso", "valiosa",
    ],
    very: &["muy", "bastante", "realmente"],
};

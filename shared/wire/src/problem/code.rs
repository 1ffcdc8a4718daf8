use serde::{Deserialize, Serialize};

use dodolens_domain::{locale::Localized, session::Failure};

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $status:literal, $en:literal, $fr:literal, $es:literal;)*) => {
        /// Every kind of problem, with its HTTP status. Documented in docs/API.md.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum ProblemCode {
            $($(#[$doc])* #[serde(rename = $code)] $name,)*
        }

        impl ProblemCode {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// The HTTP status.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* }
            }

            /// What it is, for a reader.
            #[must_use]
            pub const fn title(self) -> Localized {
                match self { $(Self::$name => Localized { en: $en, fr: $fr, es: $es },)* }
            }
        }
    };
}

problem_codes! {
    /// The body is not JSON in UTF-8.
    InvalidJson = "invalid_json", 400, "The body is not valid JSON",
        "Le corps n’est pas du JSON valide", "El cuerpo no es JSON válido";
    /// A member of the body is missing, unknown or of the wrong type.
    InvalidRequest = "invalid_request", 400, "The request is not in the agreed form",
        "La requête n’a pas la forme convenue", "La petición no tiene la forma acordada";
    /// `totalBytes` is 0.
    VideoEmpty = "video_empty", 400, "The video is empty", "La vidéo est vide", "El vídeo está vacío";
    /// `totalBytes` is above the limit.
    VideoTooLarge = "video_too_large", 413, "The video is too large",
        "La vidéo est trop volumineuse", "El vídeo es demasiado grande";
    /// `chunkBytes` is out of bounds.
    InvalidChunkBytes = "invalid_chunk_bytes", 400, "The chunk size is not allowed",
        "La taille de bloc n’est pas admise", "El tamaño de bloque no está permitido";
    /// `contentType` is not a video that we read.
    UnsupportedVideoType = "unsupported_video_type", 415, "This kind of video is not supported",
        "Ce type de vidéo n’est pas pris en charge", "Este tipo de vídeo no es compatible";
    /// No `Authorization: Bearer <token>`, or not a token's form.
    Unauthorized = "unauthorized", 401, "A session token is needed",
        "Un jeton de session est nécessaire", "Se necesita un token de sesión";
    /// No such session, or a token that does not open it; told apart by nobody.
    SessionNotFound = "session_not_found", 404, "There is no such session, or the token does not open it",
        "Cette session n’existe pas, ou le jeton ne l’ouvre pas", "Esta sesión no existe o el token no la abre";
    /// The chunk index is not a number or not in the plan.
    ChunkOutOfRange = "chunk_out_of_range", 400, "The video has no such chunk",
        "La vidéo n’a pas ce bloc", "El vídeo no tiene este bloque";
    /// The chunk has another length than the plan says.
    ChunkLengthMismatch = "chunk_length_mismatch", 400, "The chunk has the wrong length",
        "Le bloc n’a pas la bonne longueur", "El bloque no tiene la longitud correcta";
    /// `Content-Digest` can't be read (RFC 9530), or has no `sha-256`.
    InvalidDigest = "invalid_digest", 400, "The Content-Digest header can't be read",
        "L’en-tête Content-Digest est illisible", "La cabecera Content-Digest no se puede leer";
    /// The bytes are not those that `Content-Digest` tells of.
    DigestMismatch = "digest_mismatch", 400, "The bytes don’t match their digest",
        "Les octets ne correspondent pas à leur empreinte", "Los bytes no corresponden a su resumen";
    /// Another content is stored for this chunk already.
    ChunkConflict = "chunk_conflict", 409, "Other bytes are stored for this chunk",
        "D’autres octets sont déjà enregistrés pour ce bloc", "Ya hay otros bytes guardados para este bloque";
    /// The session takes no more chunks.
    SessionNotOpen = "session_not_open", 409, "The session takes no more chunks",
        "La session n’accepte plus de blocs", "La sesión ya no acepta bloques";
    /// Finalize before all chunks are there; `missing` tells which.
    ChunksMissing = "chunks_missing", 409, "Chunks are missing", "Il manque des blocs", "Faltan bloques";
    /// The session's time is over.
    SessionExpired = "session_expired", 410, "The session has expired", "La session a expiré", "La sesión ha caducado";
    /// The session was erased.
    SessionErased = "session_erased", 410, "The session was erased", "La session a été effacée", "La sesión se ha borrado";
    /// The body is above the limit.
    BodyTooLarge = "body_too_large", 413, "The body is too large", "Le corps est trop volumineux", "El cuerpo es demasiado grande";
    /// No such path or method.
    RouteNotFound = "route_not_found", 404, "There is no such resource", "Cette ressource n’existe pas", "Este recurso no existe";
    /// A WebSocket connection without our sub-protocol and its credential.
    InvalidSubprotocol = "invalid_subprotocol", 400, "The WebSocket sub-protocols are not as agreed",
        "Les sous-protocoles WebSocket ne sont pas ceux convenus", "Los subprotocolos WebSocket no son los acordados";
    /// The session has as many connections as it may.
    TooManyConnections = "too_many_connections", 429, "The session has too many connections",
        "La session a trop de connexions", "La sesión tiene demasiadas conexiones";
    /// The client has opened as many sessions as it may for now; `retryAfter` tells until when.
    TooManySessions = "too_many_sessions", 429, "Too many videos for now; try again later",
        "Trop de vidéos pour le moment ; réessayez plus tard",
        "Demasiados vídeos por ahora; inténtelo más tarde";
    /// A WebSocket connection from a page of an origin that is not let in.
    OriginNotAllowed = "origin_not_allowed", 403, "Pages of this origin may not connect",
        "Les pages de cette origine ne peuvent pas se connecter",
        "Las páginas de este origen no pueden conectarse";
    /// Something that we need does not answer; try again.
    Unavailable = "unavailable", 503, "The service is unavailable for a moment",
        "Le service est momentanément indisponible", "El servicio no está disponible por un momento";
    /// Our fault.
    Internal = "internal", 500, "Something went wrong on our side",
        "Une erreur s’est produite de notre côté", "Algo ha fallado por nuestra parte";
    /// The video can't be read.
    MediaUnreadable = "media_unreadable", 422, "The video can’t be read", "La vidéo est illisible", "El vídeo no se puede leer";
    /// The video has more pixels or tracks than we decode.
    MediaTooLarge = "media_too_large", 422, "The video’s pictures are too large",
        "Les images de la vidéo sont trop grandes", "Las imágenes del vídeo son demasiado grandes";
    /// Decoding does not end in time.
    MediaTooSlow = "media_too_slow", 422, "The video takes too long to decode",
        "La vidéo est trop longue à décoder", "El vídeo tarda demasiado en decodificarse";
    /// The video's pictures are encrypted.
    MediaEncrypted = "media_encrypted", 422, "The video is copy-protected and can’t be read",
        "La vidéo est protégée contre la copie et ne peut pas être lue",
        "El vídeo está protegido contra copia y no se puede leer";
    /// Parts expired before they were read; upload again.
    MediaExpired = "media_expired", 410, "The video expired before it was read; send it again",
        "La vidéo a expiré avant d’être lue ; envoyez-la de nouveau",
        "El vídeo caducó antes de leerse; envíelo de nuevo";
    /// Our storage did not give the video back, or too slowly.
    StorageUnavailable = "storage_unavailable", 503, "Our storage did not answer in time; send the video again",
        "Notre stockage n’a pas répondu à temps ; envoyez la vidéo de nouveau",
        "Nuestro almacenamiento no respondió a tiempo; envíe el vídeo de nuevo";
    /// The decoder failed, whatever the video is.
    DecoderFailed = "decoder_failed", 503, "Reading the video failed on our side; try again",
        "La lecture de la vidéo a échoué de notre côté ; réessayez",
        "La lectura del vídeo falló por nuestra parte; inténtelo de nuevo";
    /// A model did not answer, and nothing that moves was found without it.
    AnalysisUnavailable = "analysis_unavailable", 503, "The analysis is unavailable; try again later",
        "L’analyse est indisponible ; réessayez plus tard", "El análisis no está disponible; inténtelo más tarde";
}

impl ProblemCode {
    /// Seconds after which to try again, where trying again may help. [`Self::TooManySessions`] depends on the client.
    #[must_use]
    pub const fn retry_after(self) -> Option<u32> {
        match self {
            Self::Unavailable => Some(1),
            Self::TooManyConnections => Some(10),
            Self::AnalysisUnavailable | Self::StorageUnavailable | Self::DecoderFailed => Some(60),
            _ => None,
        }
    }
}

impl From<Failure> for ProblemCode {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::MediaUnreadable => Self::MediaUnreadable,
            Failure::MediaTooLarge => Self::MediaTooLarge,
            Failure::MediaTooSlow => Self::MediaTooSlow,
            Failure::MediaEncrypted => Self::MediaEncrypted,
            Failure::MediaExpired => Self::MediaExpired,
            Failure::StorageUnavailable => Self::StorageUnavailable,
            Failure::DecoderFailed => Self::DecoderFailed,
            Failure::AnalysisUnavailable => Self::AnalysisUnavailable,
            Failure::SessionExpired => Self::SessionExpired,
            Failure::Internal => Self::Internal,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_code_is_unique_and_comes_back_from_its_name() {
        let names: HashSet<_> = ProblemCode::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(names.len(), ProblemCode::ALL.len());
        for code in ProblemCode::ALL {
            let json = serde_json::to_string(code).unwrap();
            assert_eq!(json, format!("\"{}\"", code.as_str()));
            assert_eq!(serde_json::from_str::<ProblemCode>(&json).unwrap(), *code);
            assert!((400..600).contains(&code.status()), "{json}");
            let asks_for_patience = matches!(code.status(), 429 | 503);
            assert_eq!(
                code.retry_after().is_some(),
                asks_for_patience && *code != ProblemCode::TooManySessions,
                "{json}"
            );
        }
    }
}

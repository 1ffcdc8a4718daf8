//! Which route of an HTTP API takes a request.
//!
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use std::{cmp::Ordering, collections::BTreeMap};

use percent_encoding::percent_decode_str;

use crate::stack::HttpRoute;

const DEFAULT: &str = "$default";

/// Routes, the most specific first.
pub(super) struct Routes(Vec<Route>);

/// A route and its path in parts.
pub(super) struct Route {
    /// `PUT /v1/things/{id}`, or `$default`.
    pub key: String,
    /// Logical id of the function.
    pub function: String,
    /// None for every method.
    method: Option<String>,
    /// None for every path.
    segments: Option<Vec<Segment>>,
}

/// A part of a path.
enum Segment {
    Static(String),
    Variable(String),
    /// `{name+}`: everything that is left.
    Greedy(String),
}

impl Routes {
    pub fn new(routes: &[HttpRoute]) -> Self {
        let mut routes: Vec<_> = routes.iter().map(Route::new).collect();
        routes.sort_by(Route::by_preference);
        Self(routes)
    }

    /// The route of a request, with the values of its path variables, percent-decoded.
    pub fn find(&self, method: &str, path: &str) -> Option<(&Route, BTreeMap<String, String>)> {
        self.0
            .iter()
            .find_map(|route| Some((route, route.matches(method, path)?)))
    }
}

impl Route {
    fn new(route: &HttpRoute) -> Self {
        let default = route.path == DEFAULT;
        Self {
            key: if default {
                DEFAULT.to_owned()
            } else {
                format!("{} {}", route.method, route.path)
            },
            function: route.function.clone(),
            method: (!default && route.method != "ANY").then(|| route.method.clone()),
            segments: (!default).then(|| route.path.split('/').map(Segment::new).collect()),
        }
    }

    fn by_preference(&self, other: &Self) -> Ordering {
        let rank = |route: &Self| match &route.segments {
            None => 2,
            Some(segments) => usize::from(matches!(segments.last(), Some(Segment::Greedy(_)))),
        };
        // A longer greedy route is the more specific one.
        let length = |route: &Self| route.segments.as_ref().map_or(0, Vec::len);
        let kinds = |route: &Self| -> Vec<u8> {
            let segments = route.segments.iter().flatten();
            segments.map(Segment::rank).collect()
        };
        rank(self)
            .cmp(&rank(other))
            .then_with(|| length(other).cmp(&length(self)))
            .then_with(|| kinds(self).cmp(&kinds(other)))
            .then_with(|| self.method.is_none().cmp(&other.method.is_none()))
    }

    fn matches(&self, method: &str, path: &str) -> Option<BTreeMap<String, String>> {
        if self.method.as_ref().is_some_and(|wanted| wanted != method) {
            return None;
        }
        let mut variables = BTreeMap::new();
        let Some(segments) = &self.segments else {
            return Some(variables);
        };
        let mut rest = Some(path);
        for segment in segments {
            let left = rest?;
            let (part, after) = match left.split_once('/') {
                Some((part, after)) => (part, Some(after)),
                None => (left, None),
            };
            rest = after;
            match segment {
                Segment::Static(text) if text == part => {}
                Segment::Variable(name) if !part.is_empty() => {
                    variables.insert(name.clone(), decoded(part));
                }
                Segment::Greedy(name) if !left.is_empty() => {
                    variables.insert(name.clone(), decoded(left));
                    return Some(variables);
                }
                Segment::Static(_) | Segment::Variable(_) | Segment::Greedy(_) => return None,
            }
        }
        rest.is_none().then_some(variables)
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        let variable = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        match variable.map(|name| (name, name.strip_suffix('+'))) {
            None => Self::Static(text.to_owned()),
            Some((_, Some(name))) => Self::Greedy(name.to_owned()),
            Some((name, None)) => Self::Variable(name.to_owned()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Static(_) => 0,
            Self::Variable(_) => 1,
            Self::Greedy(_) => 2,
        }
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes() -> Routes {
        let route = |key: &str| {
            let (method, path) = key.split_once(' ').unwrap_or(("ANY", key));
            HttpRoute {
                method: method.into(),
                path: path.into(),
                function: key.into(),
            }
        };
        Routes::new(
            &[
                "$default",
                "ANY /things/{proxy+}",
                "ANY /things/{id}",
                "PUT /things/{id}",
                "GET /things/first",
                "PUT /things/{id}/parts/{part}",
                "POST /things",
            ]
            .map(route),
        )
    }

    fn found(method: &str, path: &str) -> String {
        let routes = routes();
        let (route, variables) = routes.find(method, path).unwrap();
        format!("{}{variables:?}", route.key)
    }

    #[test]
    fn the_most_specific_route_takes_a_request() {
        for (method, path, expected) in [
            ("GET", "/things/first", "GET /things/first{}"),
            ("PUT", "/things/first", r#"PUT /things/{id}{"id": "first"}"#),
            ("GET", "/things/7", r#"ANY /things/{id}{"id": "7"}"#),
            (
                "GET",
                "/things/7/x",
                r#"ANY /things/{proxy+}{"proxy": "7/x"}"#,
            ),
            (
                "PUT",
                "/things/a%20b/parts/3",
                r#"PUT /things/{id}/parts/{part}{"id": "a b", "part": "3"}"#,
            ),
            (
                "PUT",
                "/things/a//parts/3",
                r#"ANY /things/{proxy+}{"proxy": "a//parts/3"}"#,
            ),
            ("POST", "/things", "POST /things{}"),
            ("GET", "/things", "$default{}"),
            ("GET", "/things/", "$default{}"),
        ] {
            assert_eq!(found(method, path), expected, "{method} {path}");
        }
    }

    #[test]
    fn no_route_is_none() {
        let only = [HttpRoute {
            method: "GET".into(),
            path: "/a/{b}".into(),
            function: "F".into(),
        }];
        let routes = Routes::new(&only);
        for (method, path) in [
            ("PUT", "/a/1"),
            ("GET", "/a"),
            ("GET", "/a/"),
            ("GET", "/a/1/2"),
            ("GET", "/"),
        ] {
            assert!(routes.find(method, path).is_none(), "{method} {path}");
        }
    }
}

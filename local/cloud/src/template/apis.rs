//! The HTTP and the WebSocket API.

use std::{collections::BTreeMap, time::Duration};

use serde::Deserialize;

use super::{error::TemplateError, names::api_id, resources::Resources};
use crate::stack::{Cors, HttpApi, HttpRoute, WebSocketApi};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ApiProperties {
    protocol_type: Protocol,
    cors_configuration: Option<CorsProperties>,
    route_selection_expression: Option<String>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum Protocol {
    Http,
    Websocket,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CorsProperties {
    #[serde(default)]
    allow_origins: Vec<String>,
    #[serde(default)]
    allow_methods: Vec<String>,
    #[serde(default)]
    allow_headers: Vec<String>,
    #[serde(default)]
    expose_headers: Vec<String>,
    max_age: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct StageProperties {
    api_id: String,
    stage_name: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct IntegrationProperties {
    api_id: String,
    #[serde(rename = "IntegrationType")]
    _integration_type: IntegrationType,
    integration_uri: String,
    payload_format_version: Option<String>,
}

#[derive(Deserialize)]
enum IntegrationType {
    #[serde(rename = "AWS_PROXY")]
    Function,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RouteProperties {
    api_id: String,
    route_key: String,
    target: String,
    authorization_type: Option<String>,
}

/// Ids of the HTTP and the WebSocket API, as they stand in their URLs.
pub(super) fn ids(resources: &Resources) -> Result<(String, String), TemplateError> {
    Ok((
        api(resources, Protocol::Http)?.0,
        api(resources, Protocol::Websocket)?.0,
    ))
}

/// Both APIs.
pub(super) fn read(resources: &Resources) -> Result<(HttpApi, WebSocketApi), TemplateError> {
    let (http_id, http_logical, http) = api(resources, Protocol::Http)?;
    let (websocket_id, websocket_logical, websocket) = api(resources, Protocol::Websocket)?;
    if stage(resources, &http_id, Protocol::Http)? != "$default" {
        return Err(TemplateError::property(
            &http_logical,
            "StageName",
            "must be $default: paths have no stage here",
        ));
    }
    if websocket.route_selection_expression.as_deref() != Some("$request.body.action") {
        let reason = "must be $request.body.action";
        return Err(TemplateError::property(
            &websocket_logical,
            "RouteSelectionExpression",
            reason,
        ));
    }

    let functions = integrations(resources, &http_id)?;
    let (mut http_routes, mut websocket_routes) = (Vec::new(), BTreeMap::new());
    for (id, resource) in resources.of("AWS::ApiGatewayV2::Route") {
        let wrong = |property, reason: &str| TemplateError::property(id, property, reason);
        let route: RouteProperties =
            resources.properties(id, resource, &["AuthorizerId", "OperationName"])?;
        if route.authorization_type.is_some_and(|kind| kind != "NONE") {
            return Err(wrong(
                "AuthorizationType",
                "can't be checked on one machine: set AuthMode to none",
            ));
        }
        let integration = route
            .target
            .strip_prefix("integrations/")
            .and_then(|target| functions.get(target));
        let function = match integration {
            Some((api, function)) if *api == route.api_id => function.clone(),
            _ => return Err(wrong("Target", "is no integration of this API")),
        };
        if route.api_id == websocket_id {
            websocket_routes.insert(route.route_key, function);
            continue;
        }
        let (method, path) = match route.route_key.split_once(' ') {
            Some(parts) => parts,
            None if route.route_key == "$default" => ("ANY", "$default"),
            None => {
                return Err(wrong(
                    "RouteKey",
                    "must be a method and a path, or $default",
                ));
            }
        };
        http_routes.push(HttpRoute {
            method: method.to_owned(),
            path: path.to_owned(),
            function,
        });
    }
    Ok((
        HttpApi {
            routes: http_routes,
            cors: http.cors_configuration.map(cors),
        },
        WebSocketApi {
            id: websocket_id.clone(),
            stage: stage(resources, &websocket_id, Protocol::Websocket)?,
            routes: websocket_routes,
        },
    ))
}

/// The one API of a protocol: its id, its logical id and its properties.
fn api(
    resources: &Resources,
    protocol: Protocol,
) -> Result<(String, String, ApiProperties), TemplateError> {
    let mut found = Vec::new();
    for (id, resource) in resources.of("AWS::ApiGatewayV2::Api") {
        let api: ApiProperties =
            resources.properties(id, resource, &["Name", "Description", "Tags"])?;
        if api.protocol_type == protocol {
            found.push((api_id(id), id.to_owned(), api));
        }
    }
    only(found, protocol)
}

/// Name of an API's one stage. Its throttles are not kept here.
fn stage(resources: &Resources, api: &str, protocol: Protocol) -> Result<String, TemplateError> {
    let mut found = Vec::new();
    for (id, resource) in resources.of("AWS::ApiGatewayV2::Stage") {
        let irrelevant = [
            "AccessLogSettings",
            "AutoDeploy",
            "DefaultRouteSettings",
            "RouteSettings",
            "StageVariables",
            "Tags",
        ];
        let stage: StageProperties = resources.properties(id, resource, &irrelevant)?;
        if stage.api_id == api {
            found.push(stage.stage_name);
        }
    }
    only(found, protocol)
}

fn only<T>(mut found: Vec<T>, protocol: Protocol) -> Result<T, TemplateError> {
    match (found.pop(), found.is_empty()) {
        (Some(one), true) => Ok(one),
        _ => Err(TemplateError::Api {
            protocol: if protocol == Protocol::Http {
                "HTTP"
            } else {
                "WEBSOCKET"
            },
        }),
    }
}

/// API id and function of each integration.
fn integrations(
    resources: &Resources,
    http_id: &str,
) -> Result<BTreeMap<String, (String, String)>, TemplateError> {
    let mut functions = BTreeMap::new();
    for (id, resource) in resources.of("AWS::ApiGatewayV2::Integration") {
        let integration: IntegrationProperties =
            resources.properties(id, resource, &["Description"])?;
        let version = integration
            .payload_format_version
            .as_deref()
            .unwrap_or("1.0");
        if version
            != if integration.api_id == http_id {
                "2.0"
            } else {
                "1.0"
            }
        {
            let reason = "must be 2.0 for HTTP and 1.0 for WebSocket";
            return Err(TemplateError::property(id, "PayloadFormatVersion", reason));
        }
        let function = resources
            .function(&integration.integration_uri)
            .map_err(|reason| TemplateError::property(id, "IntegrationUri", reason))?;
        functions.insert(id.to_owned(), (integration.api_id, function));
    }
    Ok(functions)
}

fn cors(cors: CorsProperties) -> Cors {
    Cors {
        allow_origins: cors.allow_origins,
        allow_methods: cors.allow_methods,
        allow_headers: cors.allow_headers,
        expose_headers: cors.expose_headers,
        max_age: cors.max_age.map(Duration::from_secs),
    }
}

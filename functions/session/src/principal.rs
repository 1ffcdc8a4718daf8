use dodolens::{domain::quota::Principal, edge::error::Error, wire::problem::ProblemCode};
use lambda_http::{Request, RequestExt as _, request::RequestContext};

/// Who calls: the subject of the token that API Gateway has checked, or, where it checks none, the address.
///
/// # Errors
/// `internal` for an event that names neither, which is none of an HTTP API.
pub fn of(request: &Request) -> Result<Principal, Error> {
    let Some(RequestContext::ApiGatewayV2(context)) = request.request_context_ref() else {
        return Err(ProblemCode::Internal.into());
    };
    let token = context.authorizer.as_ref().and_then(|by| by.jwt.as_ref());
    let claim = |name: &str| token?.claims.get(name);
    if let (Some(issuer), Some(subject)) = (claim("iss"), claim("sub")) {
        return Ok(Principal::subject(issuer, subject));
    }
    let address = context.http.source_ip.as_deref().unwrap_or_default();
    let address = address.parse().map_err(|_| ProblemCode::Internal)?;
    Ok(Principal::address(address))
}

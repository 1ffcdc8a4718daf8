//! Small templates: what each rule gives, and how what breaks it is named.

use std::time::Duration;

use super::{super::functions::rate, TemplateError, with};

/// Why a template with these resources beside the two APIs is refused.
fn refusal(resources: &str) -> String {
    with(&small(resources), &[]).unwrap_err().to_string()
}

fn small(resources: &str) -> String {
    format!(
        "Parameters:
  Word: {{Type: String, Default: a-b-c, AllowedValues: [a-b-c, d]}}
  Count: {{Type: Number, Default: 7, MinValue: 1, MaxValue: 9}}
  Words: {{Type: CommaDelimitedList, Default: 'x, y'}}
  Key: {{Type: String, Default: unset, NoEcho: true, MaxLength: 8}}
  Url: {{Type: String, Default: '', AllowedPattern: '^(https://.+)?$'}}
  Hosts: {{Type: CommaDelimitedList, Default: '*', AllowedPattern: '^([*]|[a-z.]+)$'}}
Conditions:
  IsD: !Equals [!Ref Word, d]
  Not: !Not [!Condition IsD]
  Both: !And [!Condition Not, !Or [!Condition IsD, !Equals ['7', !Ref Count]]]
  Circle: !Not [!Condition Circle]
Globals:
  Function:
    Handler: bootstrap
    Runtime: provided.al2023
    Timeout: 9
    Environment: {{Variables: {{SHARED: both, OWN: shared}}}}
Resources:
  Http: {{Type: AWS::ApiGatewayV2::Api, Properties: {{ProtocolType: HTTP}}}}
  HttpStage: {{Type: AWS::ApiGatewayV2::Stage, Properties: {{ApiId: !Ref Http, StageName: $default}}}}
  Socket:
    Type: AWS::ApiGatewayV2::Api
    Properties: {{ProtocolType: WEBSOCKET, RouteSelectionExpression: $request.body.action}}
  SocketStage: {{Type: AWS::ApiGatewayV2::Stage, Properties: {{ApiId: !Ref Socket, StageName: live}}}}
{resources}"
    )
}

fn function(variables: &str) -> String {
    format!(
        "  F:
    Type: AWS::Serverless::Function
    Metadata: {{BuildMethod: rust-cargolambda, BuildProperties: {{Binary: f}}}}
    Properties: {{Environment: {{Variables: {{{variables}}}}}}}
"
    )
}

fn variable(value: &str) -> Result<String, TemplateError> {
    let stack = with(&small(&function(&format!("V: {value}"))), &[])?;
    Ok(stack.functions["F"]
        .environment
        .get("V")
        .cloned()
        .unwrap_or_else(|| "(none)".to_owned()))
}

#[test]
fn functions_of_cloudformation_are_resolved() {
    for (written, resolved) in [
        ("!Ref Count", "7"),
        (
            "!Sub '${Word}/${Count}/${!Word}/${AWS::Region}'",
            "a-b-c/7/${Word}/eu-west-3",
        ),
        ("!Sub ['${X}+${Word}', {X: !Ref Count}]", "7+a-b-c"),
        (
            "!Join [':', [!Ref AWS::Partition, !Ref AWS::AccountId, !Ref AWS::StackName]]",
            "aws:000000000000:dodolens",
        ),
        ("!Select [1, !Split ['-', !Ref Word]]", "b"),
        ("!Select [1, !Ref Words]", "y"),
        ("!If [IsD, yes, no]", "no"),
        ("!If [Both, yes, no]", "yes"),
        ("!If [Not, !Ref AWS::NoValue, no]", "(none)"),
        ("{'Fn::If': [IsD, yes, {Ref: Word}]}", "a-b-c"),
        (
            "!GetAtt F.Arn",
            "arn:aws:lambda:eu-west-3:000000000000:function:dodolens-F",
        ),
        (
            "!Sub '${F.Arn}'",
            "arn:aws:lambda:eu-west-3:000000000000:function:dodolens-F",
        ),
        (
            "!Ref F.Alias",
            "arn:aws:lambda:eu-west-3:000000000000:function:dodolens-F",
        ),
        (
            "!Sub 'https://${Http}.execute-api.${AWS::Region}.${AWS::URLSuffix}/x'",
            "http://127.0.0.1:3000/x",
        ),
        (
            "!Sub 'wss://${Socket}.execute-api.${AWS::Region}.amazonaws.com/live'",
            "ws://127.0.0.1:3001/live",
        ),
        ("/opt/etc/x", "/layers/etc/x"),
        ("/optional", "/optional"),
        ("true", "true"),
    ] {
        assert_eq!(variable(written).unwrap(), resolved, "{written}");
    }
}

#[test]
fn what_can_t_be_resolved_is_named() {
    for (written, reason) in [
        ("!Ref Nobody", "Nobody is no parameter"),
        ("!GetAtt F.Nothing", "attribute Nothing of F"),
        ("!Ref Http.Alias", "attribute Arn of Http"),
        ("!Sub '${Word'", "a ${ without its }"),
        ("!Sub '${Words}'", "Words is no text"),
        ("!Select [2, !Ref Words]", "no item 2"),
        ("!If [Circle, yes, no]", "depends on itself"),
        ("!If [Absent, yes, no]", "no condition Absent"),
        ("!FindInMap [a, b, c]", "Fn::FindInMap is unknown"),
        ("!Ref Words", "is no text"),
        (
            "https://other.execute-api.eu-west-3.amazonaws.com/v1",
            "no place on this machine",
        ),
    ] {
        let error = variable(written).unwrap_err().to_string();
        assert!(
            error.starts_with("resource F, property Environment"),
            "{error}"
        );
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn globals_give_way_to_the_functions_own() {
    let stack = with(&small(&function("OWN: mine")), &[]).unwrap();
    let function = &stack.functions["F"];
    assert_eq!(
        (
            function.environment["OWN"].as_str(),
            function.environment["SHARED"].as_str()
        ),
        ("mine", "both")
    );
    assert_eq!(
        (function.timeout, function.memory_mb),
        (Duration::from_secs(9), 128)
    );
}

#[test]
fn parameters_are_checked_and_their_values_not_told() {
    for (name, value, reason) in [
        ("Word", "e", "must be one of a-b-c, d"),
        ("Count", "many", "is not a number"),
        ("Count", "10", "is outside MinValue to MaxValue"),
        ("Key", "sk-0123456789", "is too short or too long"),
        ("Url", "http://sk-0", "does not match AllowedPattern"),
        ("Hosts", "a.b, sk-0", "does not match AllowedPattern"),
        ("Other", "x", "the template has no such parameter"),
    ] {
        let error = with(&small(""), &[(name, value)]).unwrap_err().to_string();
        assert_eq!(error, format!("parameter {name}: {reason}"));
        assert!(!error.contains("sk-"), "{error}");
    }
    let error = with("Parameters: {P: {Type: String}}\nResources: {}", &[])
        .unwrap_err()
        .to_string();
    assert_eq!(error, "parameter P: has neither a value nor a default");
}

#[test]
fn what_is_not_known_is_never_passed_over() {
    for (resources, error) in [
        (
            "  B: {Type: AWS::S3::Bucket}",
            "resource B: type AWS::S3::Bucket can't be run",
        ),
        (
            "  Q: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}",
            "resource Q, property FifoQueue: unknown field",
        ),
        (
            "  Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: x, maxReceiveCount: 1}}}",
            "resource Q, property RedrivePolicy: is no queue",
        ),
        (
            "  Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Q.Arn, maxReceiveCount: 1}}}",
            "go round in a circle",
        ),
        (
            "  S: {Type: AWS::SecretsManager::Secret, Properties: {Name: x}}",
            "resource S, property Name: unknown field",
        ),
        (
            "  S: {Type: AWS::SecretsManager::Secret}",
            "resource S, property GenerateSecretString",
        ),
        (
            "  T: {Type: AWS::DynamoDB::Table, Properties: {AttributeDefinitions: [], KeySchema: []}}",
            "resource T, property KeySchema",
        ),
        (
            "  R: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: x, RouteKey: GET /, Target: integrations/I}}",
            "resource R, property Target",
        ),
        (
            "  H: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}",
            "exactly one HTTP API",
        ),
        (
            "  F: {Type: AWS::Serverless::Function}",
            "resource F, property Metadata",
        ),
        (
            "  F: {Type: AWS::Serverless::Function, Properties: {Handler: index.js}}",
            "resource F, property Handler",
        ),
        (
            "  F: {Type: AWS::Serverless::Function, Properties: {Events: {E: {Type: S3, Properties: {}}}}}",
            "resource F, property Events.E",
        ),
        (
            "  Q: {Type: AWS::SQS::Queue, Condition: Circle}",
            "resource Q, property Condition",
        ),
        (
            "  Q: {Type: AWS::SQS::Queue, CreationPolicy: {}}",
            "at Resources.Q.CreationPolicy",
        ),
        ("Hooks: {}", "at Hooks: unknown field"),
    ] {
        let found = refusal(resources);
        assert!(found.contains(error), "{found}\nand not\n{error}");
    }
    assert!(matches!(with("a: [", &[]), Err(TemplateError::Yaml(_))));
}

#[test]
fn a_resource_whose_condition_is_false_is_not_there() {
    let queue = "  Q: {Type: AWS::SQS::Queue, Condition: IsD}";
    assert!(with(&small(queue), &[]).unwrap().queues.is_empty());
    assert_eq!(
        with(&small(queue), &[("Word", "d")]).unwrap().queues.len(),
        1
    );
    let error = with(&small(&format!("{}{queue}", function("V: !Ref Q"))), &[])
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("no resource whose condition holds"),
        "{error}"
    );
}

/// Most concurrent batches of a queue's consumer, or why the template is refused.
fn max_concurrency(event: &str) -> Result<Option<u32>, TemplateError> {
    let resources = format!(
        "  F:
    Type: AWS::Serverless::Function
    Metadata: {{BuildMethod: rust-cargolambda, BuildProperties: {{Binary: f}}}}
    Properties: {{Events: {{E: {{Type: SQS, Properties: {{Queue: !GetAtt Q.Arn, {event}}}}}}}}}
  Q: {{Type: AWS::SQS::Queue}}"
    );
    let stack = with(&small(&resources), &[])?;
    Ok(stack.functions["F"].queues[0].max_concurrency)
}

#[test]
fn a_queue_s_consumer_is_bounded_by_concurrency_or_by_pollers() {
    let bounded = |event| max_concurrency(event).unwrap();
    assert_eq!(bounded("BatchSize: 1"), None);
    assert_eq!(bounded("ScalingConfig: {MaximumConcurrency: 7}"), Some(7));
    let pollers = "ProvisionedPollerConfig: {MinimumPollers: 2, MaximumPollers: 3}";
    assert_eq!(bounded(pollers), Some(30));
    let both = format!("ScalingConfig: {{MaximumConcurrency: 7}}, {pollers}");
    let error = max_concurrency(&both).unwrap_err().to_string();
    assert!(
        error.contains("can't be together with ScalingConfig"),
        "{error}"
    );
}

#[test]
fn schedules_are_rates() {
    assert_eq!(rate("rate(24 hours)").unwrap(), Duration::from_secs(86_400));
    for wrong in [
        "rate(0 minutes)",
        "rate(1 second)",
        "cron(0 * * * ? *)",
        "rate(1)",
        "rate(-1 days)",
    ] {
        assert!(rate(wrong).is_err(), "{wrong}");
    }
}

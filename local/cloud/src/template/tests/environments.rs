//! `samconfig.toml`: what it sets are parameters of the template, with values that the template allows.

use super::with;

const TEMPLATE: &str = include_str!("../../../../../template.yaml");
const ENVIRONMENTS: &str = include_str!("../../../../../samconfig.toml");

#[test]
fn each_environment_sets_what_the_template_allows() {
    let overrides = ENVIRONMENTS
        .lines()
        .filter_map(|line| line.strip_prefix("parameter_overrides = "));
    let mut environments = 0;
    for overrides in overrides {
        let set = overrides.trim_matches('"').split(' ');
        let mut parameters: Vec<_> = set.map(|pair| pair.split_once('=').unwrap()).collect();
        parameters.push(("AuthMode", "none"));
        let read = with(TEMPLATE, &parameters);
        assert!(read.is_ok(), "{overrides}: {:?}", read.err());
        environments += 1;
    }
    assert_eq!(environments, 3, "dev, staging and prod");
}

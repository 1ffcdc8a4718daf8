use dodolens::wire::problem::ProblemCode;

/// Each code stands in backticks in a table row of docs/API.md, with its status in a cell of the same row.
#[test]
fn every_problem_is_documented_with_its_status() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/API.md");
    let text = std::fs::read_to_string(path).expect("docs/API.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.trim_start().starts_with('|'))
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let undocumented: Vec<_> = ProblemCode::ALL
        .iter()
        .filter(|code| {
            let (name, status) = (format!("`{}`", code.as_str()), code.status().to_string());
            !rows.iter().any(|row| {
                row.iter().any(|cell| cell.contains(&name))
                    && row.iter().any(|cell| cell.trim_matches('`') == status)
            })
        })
        .map(|code| (code.as_str(), code.status()))
        .collect();
    assert!(
        undocumented.is_empty(),
        "not in docs/API.md: {undocumented:?}"
    );
}

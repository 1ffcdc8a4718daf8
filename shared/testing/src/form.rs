//! Published forms of documents.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

/// A JSON Schema (draft 2020-12) to hold documents against.
pub struct Form {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Form {
    /// From the schema itself.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn new(schema: Value) -> Self {
        const NAME: &str = "form.json";
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.add_resource(NAME, schema).unwrap();
        let index = compiler.compile(NAME, &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// Whether a document has the form.
    ///
    /// # Errors
    /// Where it has not, in words.
    pub fn check(&self, document: &Value) -> Result<(), String> {
        let checked = self.schemas.validate(document, self.index);
        checked.map_err(|error| format!("{error:#}"))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_has_another_form_is_told() {
        let form = Form::new(json!({"type": "object", "required": ["a"]}));
        assert_eq!(form.check(&json!({"a": 1})), Ok(()));
        assert!(form.check(&json!({"b": 1})).unwrap_err().contains("'a'"));
        assert!(form.check(&json!([])).is_err());
    }
}

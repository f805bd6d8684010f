//! The JSON Schema of pinned.toml, so that editors complete and check it: `schemas/pinned.json`, made from what the parser
//! knows.
//!
//! Editors take a day of TOML as a string of the form `YYYY-MM-DD`. What no schema says, a pattern that is no glob, the
//! parser says alone.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::age::Age;
use super::config::known_kinds;
use super::rule::Rule;
use super::rules::{self, RULES};
use crate::scanner::dependency::{Pin, Role};

/// The policy of cargo-pinned: pinned.toml at the root of a repository.
#[derive(JsonSchema)]
#[schemars(title = "pinned.toml", deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is made")]
struct Policy {
    /// Paths to leave out, beside the defaults: globs.
    exclude: Option<Vec<String>>,
    /// Levels and options of the rules.
    rules: Option<Rules>,
    /// Parts of the repository in which rules have other settings; later ones win.
    scope: Option<Vec<Scope>>,
    /// Findings that pass for a reason, and for a time.
    exception: Option<Vec<Exception>>,
    /// What is a page.
    web: Option<Web>,
    /// How an audit by this policy goes with the repositories' own; it means nothing elsewhere.
    audit: Option<Audit>,
}

/// How an audit goes with the repositories' own policies.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is made")]
struct Audit {
    /// The rules of which a repository's own excludes, scopes, exceptions and baseline count.
    honour: Option<Vec<RuleId>>,
}

/// What is a page.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is made")]
struct Web {
    /// Templates that are pages, beside what ends in `html` and `htm`: globs of paths.
    files: Option<Vec<String>>,
}

/// Other settings in a part of the repository.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields, extend("anyOf" = [{"required": ["paths"]}, {"required": ["packages"]}, {"required": ["published"]}]))]
#[expect(dead_code, reason = "only its schema is made")]
struct Scope {
    /// Globs of paths.
    paths: Option<Vec<String>>,
    /// Globs of names of packages.
    packages: Option<Vec<String>>,
    /// Packages that are published as a library, or all others.
    published: Option<bool>,
    /// Levels and options of the rules there.
    rules: Option<Rules>,
}

/// A finding that passes for a reason.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
#[expect(dead_code, reason = "only its schema is made")]
struct Exception {
    /// The rule.
    rule: RuleId,
    /// A glob of names, in which `*` crosses a `/`: `actions/*`; any, if it is left out.
    name: Option<String>,
    /// Globs of paths; any, if it is left out.
    paths: Option<Vec<String>>,
    /// Why.
    #[schemars(regex(pattern = "\\S"))]
    reason: String,
    /// Its last day; afterwards its findings are back.
    #[schemars(extend("format" = "date"))]
    expires: Option<String>,
}

/// The id of a rule.
struct RuleId;

impl JsonSchema for RuleId {
    fn schema_name() -> Cow<'static, str> {
        "RuleId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "enum": RULES.iter().map(|rule| rule.id).collect::<Vec<_>>() })
    }
}

/// A table with a key for each rule.
struct Rules;

impl JsonSchema for Rules {
    fn schema_name() -> Cow<'static, str> {
        "Rules".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let properties: BTreeMap<&str, Value> = RULES.iter().map(|rule| (rule.id, setting(rule))).collect();
        json_schema!({ "type": "object", "additionalProperties": false, "properties": properties })
    }
}

/// What may be written for a rule: a level, or a table.
fn setting(rule: &Rule) -> Value {
    let level = json!({ "description": "How much its findings weigh.", "enum": ["allow", "warn", "deny"], "default": rule.level.name() });
    let mut properties = BTreeMap::from([("level".to_owned(), level.clone())]);
    if let Some(default) = rule.require {
        let is_had = |pin: &Pin| *pin != Pin::Content || rule.can_hold_content();
        let pins = Pin::ALL.into_iter().filter(|pin| *pin != Pin::Unknown).filter(is_had).map(Pin::name);
        let locked = rule.has_lockfile().then_some("locked");
        let known: Vec<&str> = pins.chain(locked).collect();
        let about = match locked {
            Some(_) => "The weakest pin that passes; with `locked`, whatever the lockfile holds.",
            None => "The weakest pin that passes.",
        };
        properties.insert(
            "require".to_owned(),
            json!({ "description": about, "enum": known, "default": default.to_string() }),
        );
    }
    for (name, meaning) in rule.options {
        let mut option = match *name {
            "min-age" => {
                json!({ "type": "string", "pattern": Age::PATTERN, "default": Age::DEFAULT.to_string() })
            }
            "kinds" => json!({ "type": "array", "items": { "enum": known_kinds(rule).map(Role::name) } }),
            _ => json!({ "type": "boolean", "default": false }),
        };
        option["description"] = json!(meaning);
        properties.insert((*name).to_owned(), option);
    }
    let table = json!({ "type": "object", "additionalProperties": false, "properties": properties });
    json!({ "description": rule.summary, "anyOf": [level, table] })
}

/// The schema of a policy file.
pub(crate) fn schema() -> Schema {
    schemars::generate::SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Policy>()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toml::de::{DeTable, DeValue};

    use super::*;
    use crate::policy::config;

    fn validator() -> jsonschema::Validator {
        let options = jsonschema::options().should_validate_formats(true);
        options.build(schema().as_value()).expect("a schema")
    }

    fn json(value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => json!(text),
            DeValue::Integer(_) | DeValue::Float(_) => json!(1),
            DeValue::Boolean(flag) => json!(flag),
            DeValue::Datetime(day) => json!(day.to_string()),
            DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
            DeValue::Table(table) => object(table),
        }
    }

    fn object(table: &DeTable<'_>) -> Value {
        let pairs = table.iter().map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())));
        Value::Object(pairs.collect())
    }

    /// Whether the schema takes a text; the parser must say the same.
    #[track_caller]
    fn agree(validator: &jsonschema::Validator, text: &str) -> bool {
        let table = DeTable::parse(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        let taken = validator.is_valid(&object(table.get_ref()));
        let parsed = config::Policy::parse(text).map(|_| ()).map_err(|error| error.message);
        assert_eq!(taken, parsed.is_ok(), "{parsed:?}: {text}");
        taken
    }

    fn rule() -> impl Strategy<Value = String> {
        let value = prop::sample::select(vec![
            "\"warn\"",
            "\"deny\"",
            "\"wrong\"",
            "1",
            "{}",
            "{ level = \"allow\" }",
            "{ require = \"locked\" }",
            "{ require = \"content\" }",
            "{ require = \"unknown\" }",
            "{ kinds = [\"normal\", \"dev\"] }",
            "{ kinds = [\"patch\"] }",
            "{ require-file = true }",
            "{ min-age = \"3 days\" }",
            "{ min-age = \"3 years\" }",
            "{ min-age = 3 }",
            "{ levle = \"warn\" }",
        ]);
        let ids: Vec<&str> = RULES.iter().map(|rule| rule.id).chain(["unpinned-crates"]).collect();
        (prop::sample::select(ids), value).prop_map(|(id, value)| format!("{id} = {value}\n"))
    }

    fn lines(known: Vec<&'static str>) -> impl Strategy<Value = String> {
        let count = known.len();
        prop::sample::subsequence(known, 0..=count).prop_map(|lines| lines.join("\n") + "\n")
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        /// What the schema takes the parser takes, and nothing else: an editor and the tool never disagree.
        #[test]
        fn the_schema_and_the_parser_agree(
            rules in prop::option::of(rule()),
            scope in prop::option::of((lines(vec!["paths = [\"a\"]", "packages = [\"p-*\"]", "published = false", "path = \"a\""]), rule())),
            exception in prop::option::of(lines(vec![
                "rule = \"lock-stale\"", "reason = \"r\"", "name = \"a*\"", "paths = [\"b\"]", "expires = 2026-12-31", "until = 1",
            ])),
            exclude in prop::option::of(prop::sample::select(vec!["[\"a\"]", "\"a\"", "[1]", "[]"])),
            web in prop::option::of(lines(vec!["files = [\"a/**\"]", "file = []"])),
        ) {
            let mut text = exclude.map(|list| format!("exclude = {list}\n")).unwrap_or_default();
            if let Some(rule) = rules {
                text += &format!("[rules]\n{rule}");
            }
            if let Some(lines) = web {
                text += &format!("[web]\n{lines}");
            }
            if let Some((lines, rule)) = scope {
                text += &format!("[[scope]]\n{lines}rules.{rule}");
            }
            if let Some(lines) = exception {
                text += &format!("[[exception]]\n{lines}");
            }
            agree(&validator(), &text);
        }
    }

    #[test]
    fn they_agree_on_each_rule_and_option() {
        let validator = validator();
        let mut taken = 0;
        for rule in RULES {
            for option in [
                "level = \"warn\"",
                "require = \"exact\"",
                "require = \"content\"",
                "kinds = [\"dev\"]",
                "require-file = true",
                "min-age = \"2 weeks\"",
                "min-age = \"soon\"",
            ] {
                taken += usize::from(agree(&validator, &format!("[rules]\n{} = {{ {option} }}\n", rule.id)));
            }
        }
        assert!(taken > RULES.len(), "{taken}");
        let exception = format!("[[exception]]\nrule = \"{}\"\n", rules::STALE_EXCEPTION);
        assert!(agree(&validator, &format!("{exception}reason = \"r\"\nexpires = \"2026-02-28\"\n")));
        for wrong in [
            "",
            "reason = \" \"\n",
            "reason = \"r\"\nexpires = \"2026-02-30\"\n",
            "reason = \"r\"\nexpires = \"soon\"\n",
        ] {
            assert!(!agree(&validator, &format!("{exception}{wrong}")), "{wrong}");
        }
    }
}

//! `stale-exception`: an exception that matches nothing, or that ends soon.

use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::policy::rules::STALE_EXCEPTION;
use crate::scanner::dependency::Surface;

pub(super) static RULE: Rule = Rule {
    id: STALE_EXCEPTION,
    surface: Some(Surface::Policy),
    level: Level::Warn,
    require: None,
    summary: "an exception that matches nothing, or that ends within 14 days",
    what: "Flags each `[[exception]]` of the policy that matches no finding, where its rule, surface and paths were fully \
           judged; and each that ends within 14 days. One whose last day has passed excepts nothing: its findings are back, \
           and name that day.",
    why: "An exception outlives its reason silently: what it once let pass for a while passes for good, and a name that is \
          spelled a little differently is let through by nobody's decision.",
    example: Example {
        file: "pinned.toml",
        fails: include_str!("../../../fixtures/rules/stale-exception/fail/pinned.toml"),
        passes: include_str!("../../../fixtures/rules/stale-exception/pass/pinned.toml"),
    },
    allow: "Where one policy file serves many repositories, and not each of them has what it excepts.",
    options: &[],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let stale = context.usages.iter().filter_map(|usage| {
        let (message, help) = match usage.ends {
            _ if !usage.matched && usage.judged => {
                (format!("the exception for {} matches nothing", usage.about), "delete it, or mend its name or paths")
            }
            Some(ends) if usage.matched || usage.judged => (
                format!("the exception for {} ends on {ends}", usage.about),
                "mend what it is for, or give it a later day",
            ),
            _ => return None,
        };
        let mut violation = Violation::new(Surface::Policy, usage.about.clone(), usage.span, message);
        violation.help = Some(help.to_owned());
        Some(violation)
    });
    stale.collect()
}

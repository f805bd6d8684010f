//! `release-too-new`: in a comparison, a release that has not been public for long, or of unknown age.

use jiff::{SignedDuration, Timestamp, Unit};

use crate::change::releases::arrivals;
use crate::policy::age::Age;
use crate::policy::finding::{Level, Violation};
use crate::policy::rule::{Context, Example, Rule};
use crate::policy::rules::RELEASE_TOO_NEW;
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::dependency::Surface;

pub(super) static RULE: Rule = Rule {
    id: RELEASE_TOO_NEW,
    surface: Some(Surface::Crate),
    level: Level::Allow,
    require: None,
    summary: "in a comparison: a new release that has not been public for `min-age`",
    what: "With `--base`, asks the release index for the age of each release from a registry that no Cargo.lock of the base has: \
           it must have been public for `min-age`. The index is what cargo's cache holds of it; with `--online`, the registry. \
           An age that is not known is never old enough: it is a finding of level `warn` at most, which `--deny warnings` \
           makes fail. With `--today`, ages are counted to the start of that day. Without `--base` it has nothing to say.",
    why: "A release that is malicious, or broken, is mostly found and withdrawn within days. Who waits for these does not get it, \
          and what is pinned loses nothing by waiting.",
    example: Example {
        file: "Cargo.lock",
        fails: include_str!("../../../fixtures/rules/release-too-new/fail/Cargo.lock"),
        passes: include_str!("../../../fixtures/rules/release-too-new/pass/Cargo.lock"),
    },
    allow: "For what you publish yourself; and, as an `[[exception]]` with a reason and a day, for the fix of something worse.",
    options: &[(
        "min-age",
        "how long a release must have been public, as a number and a unit: `\"3 days\"` unless said otherwise, `\"72 hours\"`, \
         `\"2 weeks\"`",
    )],
    check,
};

fn check(context: &Context<'_>) -> Vec<Violation> {
    let new = arrivals(context.bases, context.scan).into_iter();
    new.filter_map(|(_, package)| {
        let least = context.scoped.file(context.id, package.span.file).min_age.unwrap_or(Age::DEFAULT);
        judge(context, package, least)
    })
    .collect()
}

fn judge(context: &Context<'_>, package: &LockedPackage, least: Age) -> Option<Violation> {
    let LockedPackage { name, version, .. } = package;
    let release = context.releases.of(package);
    let moment = context.releases.moment;
    let violation = match (release.released, release.age(moment)) {
        (Some(released), Some(age)) if age < least.duration() => {
            let message = format!("`{name} {version}` was published {}, and must be {least} old", ago(age));
            let mut violation = Violation::new(Surface::Crate, name.clone(), package.span, message);
            violation.help = Some(match released.checked_add(least.duration()) {
                Ok(day) => format!("wait until {}, or take an older release", minute(day)),
                Err(_) => "take an older release".to_owned(),
            });
            violation
        }
        (Some(_), Some(_)) => return None,
        _ => {
            let why = release.why.unwrap_or_default();
            let message = format!("the age of `{name} {version}` is not known: {why}");
            let mut violation = Violation::new(Surface::Crate, name.clone(), package.span, message);
            violation.help = Some("ask the registry with `--online`, or look up when it was published".to_owned());
            violation.cap = Level::Warn;
            violation
        }
    };
    Some(Violation { locked: Some(version.clone()), ..violation })
}

/// How long ago, in words.
fn ago(age: SignedDuration) -> String {
    let (number, unit) = match age.as_mins() {
        minutes if minutes < 0 => return "at a time that is not here yet".to_owned(),
        minutes if minutes < 120 => (minutes, "minute"),
        minutes if minutes < 48 * 60 => (minutes / 60, "hour"),
        minutes => (minutes / (24 * 60), "day"),
    };
    format!("{number} {unit}{} ago", if number == 1 { "" } else { "s" })
}

/// A moment to the minute, not before it.
fn minute(moment: Timestamp) -> String {
    let round = jiff::TimestampRound::new().smallest(Unit::Minute).mode(jiff::RoundMode::Ceil);
    let moment = moment.round(round).unwrap_or(moment);
    moment.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_told_in_the_unit_that_tells_something() {
        let told = |minutes| ago(SignedDuration::from_mins(minutes));
        assert_eq!([told(0), told(1), told(119)], ["0 minutes ago", "1 minute ago", "119 minutes ago"]);
        assert_eq!([told(120), told(2879), told(2880)], ["2 hours ago", "47 hours ago", "2 days ago"]);
        assert_eq!(told(-1), "at a time that is not here yet");
    }

    #[test]
    fn what_is_to_be_waited_for_is_never_named_too_early() {
        let told = |text: &str| minute(text.parse().expect("a moment"));
        assert_eq!(told("2026-04-04T00:25:14Z"), "2026-04-04 00:26 UTC");
        assert_eq!(told("2026-04-04T00:25:00Z"), "2026-04-04 00:25 UTC");
    }
}

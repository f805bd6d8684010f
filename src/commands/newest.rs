//! The newest compatible release of a package, where the policy says how old one must be. Where it does not, cargo says which.

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use jiff::civil::Date;

use super::change::say;
use super::releases;
use super::subject::Subject;
use crate::policy::age::Age;
use crate::policy::repin::{self, Target, To};
use crate::policy::{self};
use crate::releases::Candidate;
use crate::scanner::cargo::lockfile::LockedPackage;
use crate::scanner::cargo::requirement::range;

/// Names the version for a target that has none, if its release must have an age; any other target as it is.
///
/// # Errors
/// Where it is not known which one that is.
pub(super) fn of(subject: &Subject, target: Target, online: bool, today: Option<&str>, day: Date) -> Result<Target> {
    if target.to != To::Newest {
        return Ok(target);
    }
    let planned = repin::plan(&subject.scan, &target).map_err(anyhow::Error::msg)?;
    let Some((package, least)) = held(subject, &planned, day)? else { return Ok(target) };
    let name = &target.name;
    let mut index = releases::index(online && cfg!(feature = "online"))?;
    let found = index.candidates(package);
    index.troubles.iter().for_each(|trouble| say(trouble));
    let candidates = found.map_err(|why| {
        let ask = if online { "" } else { "ask the registry with `--online`, or " };
        anyhow::anyhow!("which releases of `{name}` are {least} old is not known: {why}; {ask}name a version")
    })?;
    let current = package.parsed.as_ref().with_context(|| format!("`{name} {}` is no version", package.version))?;
    let (chosen, passed_over) = choose(current, &candidates, least, releases::moment(today)?);
    if let Some(one) = passed_over {
        let why = match one.release.released {
            Some(released) => format!("was published on {}", released.strftime("%Y-%m-%d at %H:%M UTC")),
            None => "is of unknown age".to_owned(),
        };
        say(&format!(
            "`{name} {0}` {why}, and must be {least} old: `set {name}@{0}` takes it all the same",
            one.version
        ));
    }
    Ok(Target { to: To::Version(chosen.clone()), ..target })
}

/// The locked package that is to be moved, and how old what it is moved to must be; none where nobody asks for that.
fn held<'s>(subject: &'s Subject, planned: &repin::Move, day: Date) -> Result<Option<(&'s LockedPackage, Age)>> {
    let Target { name, from, .. } = &planned.target;
    let locks = planned.workspaces.iter().filter_map(|&at| subject.scan.workspaces[at].lock.as_deref());
    let is_meant = |package: &&LockedPackage| package.name == *name && from.contains(&package.version);
    let meant: Vec<&LockedPackage> = locks.clone().flat_map(|lock| &lock.packages).filter(is_meant).collect();
    let least = locks.filter_map(|lock| policy::min_age(&subject.policy, &subject.scan, lock.file, name, day)).max();
    let (Some(least), Some(first)) = (least, meant.first().copied()) else { return Ok(None) };
    if meant.iter().any(|package| package.version != first.version) {
        bail!("several versions of `{name}` are in use ({}): name the one that is wanted", from.join(", "));
    }
    Ok(Some((first, least)))
}

/// The newest compatible release that is old enough, else the current one; and the newest one that is passed over for its age.
fn choose<'c>(
    current: &'c semver::Version,
    candidates: &'c [Candidate],
    least: Age,
    moment: Timestamp,
) -> (&'c semver::Version, Option<&'c Candidate>) {
    let is_newer = |one: &&Candidate| {
        one.version > *current
            && range(&one.version) == range(current)
            && (one.version.pre.is_empty() || !current.pre.is_empty())
            && one.release.yanked == Some(false)
    };
    let is_old = |one: &&Candidate| one.release.age(moment).is_some_and(|age| age >= least.duration());
    let newer = candidates.iter().filter(is_newer);
    let newest = |all: &mut dyn Iterator<Item = &'c Candidate>| all.max_by(|a, b| a.version.cmp(&b.version));
    let chosen = newest(&mut newer.clone().filter(is_old)).map_or(current, |one| &one.version);
    let young = newest(&mut newer.filter(|one| !is_old(one) && one.version > *chosen));
    (chosen, young)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::Release;

    /// Releases from words, a version and the day in April 2026 on which it was published; `!` ahead of one that was yanked.
    fn candidates(words: &str) -> Vec<Candidate> {
        let one = |word: &str| {
            let (version, day) = word.trim_start_matches('!').split_once('@').expect("a version and a day");
            let released = format!("2026-04-{day:0>2}T12:00:00Z").parse().ok();
            let release = Release { released, yanked: Some(word.starts_with('!')), why: None };
            Candidate { version: version.parse().expect("a version"), release }
        };
        words.split(' ').map(one).collect()
    }

    /// What is chosen on 10 April 2026 at noon, and what is passed over, where a release must be 3 days old.
    #[track_caller]
    fn check(current: &str, words: &str, chosen: &str, passed_over: Option<&str>) {
        let (current, all) = (current.parse().expect("a version"), candidates(words));
        let moment = "2026-04-10T12:00:00Z".parse().expect("a moment");
        let (version, young) = choose(&current, &all, Age::DEFAULT, moment);
        let young = young.map(|one| one.version.to_string());
        assert_eq!((version.to_string().as_str(), young.as_deref()), (chosen, passed_over), "{current}: {words}");
    }

    #[test]
    fn the_newest_compatible_one_that_is_old_enough_is_chosen() {
        check("1.0.0", "1.0.0@1 1.0.1@2 1.2.0@7 2.0.0@1", "1.2.0", None);
        check("1.0.0", "1.0.1@2 1.0.2@8 1.0.3@9", "1.0.1", Some("1.0.3"));
        check("1.0.0", "1.0.1@8", "1.0.0", Some("1.0.1"));
        check("0.3.1", "0.3.2@2 0.4.0@2", "0.3.2", None);
        check("1.0.0", "1.0.1@2 !1.0.2@3 1.1.0-rc.1@3", "1.0.1", None);
        check("1.1.0-rc.1", "1.1.0-rc.2@3", "1.1.0-rc.2", None);
        // What was published out of order is taken by its version.
        check("1.0.0", "1.2.0@2 1.1.9@9", "1.2.0", None);
    }

    #[test]
    fn an_unknown_age_is_never_old_enough() {
        check("1.0.0", "1.0.1@2 1.0.2@soon", "1.0.1", Some("1.0.2"));
    }
}

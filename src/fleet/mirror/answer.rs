//! What a remote says it has, and which of that is wanted. What it says is data: a name that git would not take is no name.

use super::{Options, Remote};
use crate::source::references;

/// What a remote has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    /// The branch that its HEAD names, where it names one.
    pub(super) branch: Option<String>,
    /// The commit that its HEAD leads to.
    pub(super) head: Option<String>,
    /// Its references, each with the object that it names.
    pub(super) references: Vec<(String, String)>,
}

/// What a mirror is to hold: references, each with what it names there, and where it comes from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// What HEAD is to name: a branch, or a commit by its id.
    pub(super) head: Option<Head>,
    /// The references, by their names in the mirror; sorted.
    pub(super) references: Vec<Wanted>,
    /// The revisions that the remote does not have.
    pub(super) missing: Vec<String>,
}

/// What HEAD names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Head {
    Branch(String),
    Commit(String),
}

/// A reference that a mirror is to hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// Its name in the mirror.
    pub(super) name: String,
    /// What it names.
    pub(super) id: String,
    /// What is asked for at the remote: a reference, or an object by its id.
    pub(super) source: String,
}

/// Where commits are kept that no reference of the remote names.
pub(super) const OWN: &str = "refs/cargo-pinned/";

impl Answer {
    /// Reads what `git ls-remote --symref` prints.
    pub(super) fn parse(text: &str) -> Self {
        let mut answer = Self::default();
        for (left, name) in text.lines().filter_map(|line| line.split_once('\t')) {
            match (left.strip_prefix("ref: "), name) {
                (Some(branch), "HEAD") if is_name(branch) => answer.branch = Some(branch.to_owned()),
                (None, "HEAD") if is_id(left) => answer.head = Some(left.to_owned()),
                (None, name) if is_id(left) && is_name(name) => {
                    answer.references.push((name.to_owned(), left.to_owned()));
                }
                _ => {}
            }
        }
        answer
    }

    fn find(&self, name: &str) -> Option<&(String, String)> {
        self.references.iter().find(|(known, _)| known == name)
    }

    /// Which of that the mirror of these is to hold.
    pub(super) fn plan(&self, remotes: &[(usize, &Remote)], options: &Options) -> Plan {
        let mut plan = Plan::default();
        match (&self.branch, &self.head) {
            (Some(branch), Some(head)) => {
                plan.want(branch, head, branch);
                plan.head = Some(Head::Branch(branch.clone()));
            }
            (None, Some(head)) => {
                plan.want(&format!("{OWN}HEAD"), head, "HEAD");
                plan.head = Some(Head::Commit(head.clone()));
            }
            (_, None) => {}
        }
        let is_wanted = |name: &str| {
            (name.starts_with("refs/heads/") || name.starts_with("refs/tags/"))
                && options.refs.iter().any(|glob| glob.matches(name) || glob.matches(references::short(name)))
        };
        for (name, id) in self.references.iter().filter(|(name, _)| is_wanted(name)) {
            plan.want(name, id, name);
        }
        for rev in remotes.iter().filter_map(|(_, remote)| remote.rev.as_deref()) {
            // As git looks a name up.
            let names =
                [rev.to_owned(), format!("refs/{rev}"), format!("refs/tags/{rev}"), format!("refs/heads/{rev}")];
            if let Some((name, id)) = names.iter().find_map(|name| self.find(name)) {
                plan.want(name, id, name);
            } else if is_id(rev) {
                plan.want(&format!("{OWN}{rev}"), rev, rev);
            } else if rev != "HEAD" {
                plan.missing.push(rev.to_owned());
            }
        }
        plan.references.sort();
        plan.references.dedup_by(|a, b| a.name == b.name);
        plan
    }
}

impl Plan {
    fn want(&mut self, name: &str, id: &str, source: &str) {
        self.references.push(Wanted { name: name.to_owned(), id: id.to_owned(), source: source.to_owned() });
    }
}

/// Whether a text is the full id of an object.
pub(super) fn is_id(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Whether git takes a text for the name of a branch, tag or other reference. One of a peeled tag is none.
fn is_name(name: &str) -> bool {
    name.starts_with("refs/") && !name.starts_with(OWN) && gix::refs::FullName::try_from(name).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "29356ed68f4cc48fd8779ae40bb3aa91f2ebe3d0";

    #[test]
    fn what_is_no_name_is_left_out() {
        let names =
            ["HEAD", "refs/heads/main", "refs/tags/v1", "refs/tags/v1^{}", "refs/heads/../x", "refs/heads/a b", "x"];
        let names = names.into_iter().chain(["refs/heads/x.lock", "refs/heads/-x", "refs/cargo-pinned/HEAD"]);
        let mut text = String::from("ref: refs/heads/main\tHEAD\nref: ../../x\tHEAD\nnonsense\n");
        names.for_each(|name| text += &format!("{ID}\t{name}\n"));
        text += "xyz\trefs/heads/other\n";
        let answer = Answer::parse(&text);
        assert_eq!((answer.branch.as_deref(), answer.head.as_deref()), (Some("refs/heads/main"), Some(ID)));
        let names: Vec<&str> = answer.references.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["refs/heads/main", "refs/tags/v1", "refs/heads/-x"]);
    }
}

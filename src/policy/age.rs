//! A least age, as the policy writes it: a number and a unit, as cargo has it in `registry.global-min-publish-age`.

use std::fmt;

use jiff::SignedDuration;

/// The units, with their minutes; the first ones that fit are the largest.
const UNITS: [(&str, u32); 4] = [("week", 7 * 24 * 60), ("day", 24 * 60), ("hour", 60), ("minute", 1)];

/// How long a release must have been public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Age {
    minutes: u32,
}

impl Age {
    /// What holds where nothing is said: by then most releases that were malicious had been found and withdrawn.
    pub const DEFAULT: Self = Self { minutes: 3 * 24 * 60 };

    /// What the policy takes, as a regular expression.
    #[cfg(test)]
    pub(super) const PATTERN: &'static str = "^[0-9]{1,4} (week|day|hour|minute)s?$";

    /// Reads one: `3 days`, `72 hours`, `1 week`, `90 minutes`; none for anything else. A number has four digits at most.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_once(' ')?;
        let is_number = (1..=4).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
        let unit = unit.strip_suffix('s').unwrap_or(unit);
        let (_, minutes) = UNITS.iter().find(|(name, _)| *name == unit)?;
        Some(Self { minutes: number.parse::<u32>().ok().filter(|_| is_number)? * minutes })
    }

    /// The same as a duration.
    #[must_use]
    pub fn duration(self) -> SignedDuration {
        SignedDuration::from_mins(i64::from(self.minutes))
    }
}

/// In the largest unit that says it in a whole number, but in days rather than in weeks.
impl fmt::Display for Age {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fits = |(_, minutes): &&(&str, u32)| self.minutes.is_multiple_of(*minutes);
        let (name, minutes) = UNITS[1..].iter().find(fits).unwrap_or(&UNITS[3]);
        let number = self.minutes / minutes;
        write!(f, "{number} {name}{}", if number == 1 { "" } else { "s" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, shown: Option<&str>) {
        assert_eq!(Age::parse(text).map(|age| age.to_string()).as_deref(), shown, "{text}");
    }

    #[test]
    fn ages_are_read_as_cargo_reads_them() {
        check("3 days", Some("3 days"));
        check("72 hours", Some("3 days"));
        check("1 week", Some("7 days"));
        check("90 minutes", Some("90 minutes"));
        check("120 minutes", Some("2 hours"));
        check("1 day", Some("1 day"));
        check("0 days", Some("0 days"));
        check("9999 weeks", Some("69993 days"));
        for wrong in
            ["3", "days", "3days", "-3 days", "+3 days", "3 Days", "3  days", "10000 days", "3 years", "3 dayss", ""]
        {
            check(wrong, None);
        }
    }
}

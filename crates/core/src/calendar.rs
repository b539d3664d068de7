//! Working days 工作日 of the official calendar: weekends, statutory holidays 法定节假日 and make-up days 调休.
//! The table is data handed in; a year without a State Council notice counts plain weekends and is provisional.

use crate::{event::DueAt, workflow::Due};
use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc, Weekday};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Local time of all offices: Asia/Shanghai, UTC+8 without daylight saving.
const SHANGHAI: TimeDelta = TimeDelta::hours(8);

/// The official calendar.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendar {
    /// Recorded with every act.
    pub version: u64,
    pub years: BTreeMap<i32, Year>,
}

/// One announced year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Year {
    /// Days off that the notice names, weekends among them.
    pub off: BTreeSet<NaiveDate>,
    /// Weekend days that are worked.
    pub work: BTreeSet<NaiveDate>,
}

impl Calendar {
    /// The announced calendars of 2024–2026.
    ///
    /// Sources: notices of the General Office of the State Council of 2023-10, 2024-11 and 2025-11-04
    /// (gov.cn 202310/content_6911528, 202411/content_6986383, 202511/content_7047091).
    #[must_use]
    pub fn announced() -> Self {
        type Notice = (i32, &'static [(u32, u32, u64)], &'static [(u32, u32)]);
        // (month, day, number of days off from there), then the worked weekend days.
        const NOTICES: [Notice; 3] = [
            (
                2024,
                &[(1, 1, 1), (2, 10, 8), (4, 4, 3), (5, 1, 5), (6, 10, 1), (9, 15, 3), (10, 1, 7)],
                &[(2, 4), (2, 18), (4, 7), (4, 28), (5, 11), (9, 14), (9, 29), (10, 12)],
            ),
            (
                2025,
                &[(1, 1, 1), (1, 28, 8), (4, 4, 3), (5, 1, 5), (5, 31, 3), (10, 1, 8)],
                &[(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)],
            ),
            (
                2026,
                &[(1, 1, 3), (2, 15, 9), (4, 4, 3), (5, 1, 5), (6, 19, 3), (9, 25, 3), (10, 1, 7)],
                &[(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)],
            ),
        ];
        let mut years = BTreeMap::new();
        for (year, off, work) in NOTICES {
            let day = |month, day| NaiveDate::from_ymd_opt(year, month, day);
            let off = off.iter().filter_map(|&(m, d, count)| day(m, d).map(|first| (first, count)));
            let off =
                off.flat_map(|(first, count)| first.iter_days().take(count as usize)).collect();
            years.insert(
                year,
                Year { off, work: work.iter().filter_map(|&(m, d)| day(m, d)).collect() },
            );
        }
        Self { version: 1, years }
    }

    /// Whether people work on `day`.
    #[must_use]
    pub fn is_working(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        match self.years.get(&day.year()) {
            Some(year) => year.work.contains(&day) || (!weekend && !year.off.contains(&day)),
            None => !weekend,
        }
    }

    /// When a term that starts at `from` ends. Days are counted from the day after and end with their last
    /// minute in Shanghai; hours run on the clock.
    #[must_use]
    pub fn due(&self, from: DateTime<Utc>, term: Due) -> DueAt {
        let today = (from + SHANGHAI).date_naive();
        let last = match term {
            Due::Hours(hours) => return self.seen(from + TimeDelta::hours(i64::from(hours))),
            Due::Days(days) => today.checked_add_days(Days::new(u64::from(days))).unwrap_or(today),
            Due::WorkingDays(days) => self.after_working_days(today, days),
        };
        self.seen(
            last.and_time(NaiveTime::MIN).and_utc() + TimeDelta::days(1)
                - TimeDelta::minutes(1)
                - SHANGHAI,
        )
    }

    /// Working days from now until the deadline: 0 on its day, negative when it is past.
    #[must_use]
    pub fn left(&self, now: DateTime<Utc>, due: DateTime<Utc>) -> i64 {
        let (today, last) = ((now + SHANGHAI).date_naive(), (due + SHANGHAI).date_naive());
        let between = |a: NaiveDate, b: NaiveDate| {
            a.iter_days()
                .skip(1)
                .take_while(|day| *day <= b)
                .filter(|day| self.is_working(*day))
                .count() as i64
        };
        if today <= last { between(today, last) } else { -between(last, today).max(1) }
    }

    fn after_working_days(&self, from: NaiveDate, days: u32) -> NaiveDate {
        let mut day = from;
        let mut left = days;
        while left > 0 {
            let Some(next) = day.succ_opt() else { return day };
            day = next;
            left -= u32::from(self.is_working(day));
        }
        day
    }

    fn seen(&self, at: DateTime<Utc>) -> DueAt {
        DueAt { at, provisional: !self.years.contains_key(&(at + SHANGHAI).year()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_day(event: &str, days: u32) -> String {
        let from: NaiveDate = event.parse().expect("a test date");
        let noon = from.and_hms_opt(4, 0, 0).expect("noon in Shanghai").and_utc();
        (Calendar::announced().due(noon, Due::WorkingDays(days)).at + SHANGHAI)
            .date_naive()
            .to_string()
    }

    #[test]
    fn working_days_follow_the_announced_calendars() {
        // The test vectors of gongwen rules §5.
        for (event, days, wanted) in [
            ("2024-02-09", 5, "2024-02-22"),
            ("2024-09-30", 20, "2024-11-01"),
            ("2025-01-20", 20, "2025-02-21"),
            ("2025-09-25", 7, "2025-10-11"),
            ("2026-02-10", 20, "2026-03-16"),
            ("2026-09-24", 5, "2026-10-09"),
            ("2026-04-30", 15, "2026-05-25"),
        ] {
            assert_eq!(last_day(event, days), wanted, "{days} working days from {event}");
        }
    }

    #[test]
    fn a_term_into_an_unannounced_year_is_provisional() {
        let calendar = Calendar::announced();
        let from = "2026-12-31T01:00:00Z".parse().expect("a test time");
        assert!(calendar.due(from, Due::WorkingDays(3)).provisional);
        assert!(
            !calendar
                .due("2026-11-02T01:00:00Z".parse().expect("a test time"), Due::WorkingDays(3))
                .provisional
        );
    }
}

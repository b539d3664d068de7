//! When things happen: the offices' working hours, and a timetable in which all scripts go on side by side, so that
//! numbers are allotted in the order of their dates.

use chrono::{DateTime, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use wenshu_core::calendar::Calendar;

/// Offices are open from here, as minutes of the day in Shanghai …
const OPENS: i64 = 8 * 60 + 40;
/// … to here.
const CLOSES: i64 = 17 * 60 + 30;
const SHANGHAI: TimeDelta = TimeDelta::hours(8);

/// A moment of one script, and what makes its steps uneven in a way that is the same every time.
#[derive(Clone, Debug)]
pub(super) struct Agenda<'a> {
    calendar: &'a Calendar,
    pub at: DateTime<Utc>,
    /// Nothing happens later than this.
    now: DateTime<Utc>,
    seed: u64,
}

impl<'a> Agenda<'a> {
    /// The morning of the working day `ago` working days before `now`.
    pub(super) fn new(calendar: &'a Calendar, now: DateTime<Utc>, ago: u32, seed: u64) -> Self {
        let mut day = (now + SHANGHAI).date_naive();
        let mut left = ago;
        while left > 0 || !calendar.is_working(day) {
            day = day - Days::new(1);
            if calendar.is_working(day) {
                left = left.saturating_sub(1);
            }
        }
        let mut agenda =
            Self { calendar, at: now, now, seed: seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1 };
        agenda.at = moment(day, OPENS + agenda.roll(0, 150)).min(now);
        agenda
    }

    /// The next act: some working time later.
    pub(super) fn next(&mut self) {
        let pause = self.roll(20, 140);
        self.forward(pause);
    }

    /// The next act of a registry: a few minutes later.
    pub(super) fn soon(&mut self) {
        let pause = self.roll(3, 35);
        self.forward(pause);
    }

    /// So many working days later, in the morning.
    pub(super) fn wait(&mut self, days: u32) {
        for _ in 0..days {
            let day = self.working_day_after((self.at + SHANGHAI).date_naive());
            self.at = moment(day, OPENS).min(self.now);
        }
        let late = self.roll(10, 90);
        self.forward(late);
    }

    /// The date so many working days after this moment.
    pub(super) fn day_after(&self, days: u32) -> NaiveDate {
        (0..days).fold((self.at + SHANGHAI).date_naive(), |day, _| self.working_day_after(day))
    }

    fn forward(&mut self, minutes: i64) {
        let local = self.at + SHANGHAI;
        let day = local.date_naive();
        let of_day = (local.time() - NaiveTime::MIN).num_minutes() + minutes;
        self.at = match of_day <= CLOSES {
            true => self.at + TimeDelta::minutes(minutes),
            false => {
                moment(self.working_day_after(day), OPENS + (of_day - CLOSES).min(CLOSES - OPENS))
            }
        };
        self.at = self.at.min(self.now);
    }

    fn working_day_after(&self, day: NaiveDate) -> NaiveDate {
        let mut day = day + Days::new(1);
        while !self.calendar.is_working(day) {
            day = day + Days::new(1);
        }
        day
    }

    fn roll(&mut self, from: i64, to: i64) -> i64 {
        self.seed = self
            .seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        from + ((self.seed >> 33) % (to - from).unsigned_abs().max(1)) as i64
    }
}

fn moment(day: NaiveDate, minutes: i64) -> DateTime<Utc> {
    (day.and_time(NaiveTime::MIN) + TimeDelta::minutes(minutes) - SHANGHAI).and_utc()
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Timelike;

    /// 2026-10-12 is the first Monday after the holidays; the Saturday before is worked.
    fn monday() -> DateTime<Utc> {
        moment(NaiveDate::from_ymd_opt(2026, 10, 12).expect("a date"), 15 * 60)
    }

    #[test]
    fn everything_happens_in_working_hours_and_before_now() {
        let calendar = Calendar::announced();
        let mut agenda = Agenda::new(&calendar, monday(), 9, 3);
        let mut last = agenda.at;
        for _ in 0..80 {
            agenda.next();
            let local = agenda.at + SHANGHAI;
            assert!(agenda.at >= last && agenda.at <= monday());
            assert!(calendar.is_working(local.date_naive()), "{local}");
            assert!((8..18).contains(&local.hour()), "{local}");
            last = agenda.at;
        }
        assert_eq!(last, monday(), "时间到现在为止");
    }

    #[test]
    fn days_are_counted_as_the_offices_count_them() {
        let calendar = Calendar::announced();
        let day = |agenda: &Agenda<'_>| (agenda.at + SHANGHAI).date_naive().to_string();
        assert_eq!(day(&Agenda::new(&calendar, monday(), 0, 1)), "2026-10-12");
        assert_eq!(day(&Agenda::new(&calendar, monday(), 1, 1)), "2026-10-10");
        let mut agenda = Agenda::new(&calendar, monday(), 4, 1);
        assert_eq!(day(&agenda), "2026-09-30");
        agenda.wait(1);
        assert_eq!(day(&agenda), "2026-10-08");
        assert_eq!(agenda.day_after(2).to_string(), "2026-10-10");
    }
}

//! Lists for people: worklists and their counts, search, notices, phrases, and where cases stand for those who oversee.

use crate::{desk::person, error::Error, office::Office, project};
use pinyin::{ToPinyin, ToPinyinMulti};
use std::collections::BTreeSet;
use wenshu_core::{
    directory::Seat,
    id::{CaseId, PersonId},
    value::{Facts, Value},
};
use wenshu_storage::{
    CaseRow, CaseState, CopyRow, Counts, Filter, Hit, Listed, NoticeReadRow, NoticeRow, Page,
    PhrasesRow, Slice, Worklist,
};

/// Common phrases that everybody has.
const PHRASES: [&str; 8] = [
    "同意。",
    "已阅。",
    "请按程序办理。",
    "请修改后再报。",
    "请核实有关数据。",
    "无意见。",
    "呈领导阅示。",
    "拟同意，请领导审定。",
];
const MOST_PHRASES: usize = 50;
const LONGEST_PHRASE: usize = 200;

/// Phrases to choose from when giving an opinion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrases {
    pub common: Vec<String>,
    pub own: Vec<String>,
}

impl Office {
    /// A page of one of the reader's worklists.
    pub async fn worklist(
        &self,
        seat: &Seat,
        which: Worklist,
        filter: &Filter,
        slice: &Slice,
    ) -> Result<Page<Listed>, Error> {
        let viewer = self.viewer(seat).await?;
        let mut page = self.inner.storage.worklist(&viewer, which, filter, slice).await?;
        if which == Worklist::Drafts {
            self.name_drafts(&viewer.person, &mut page.items).await?;
        }
        Ok(page)
    }

    /// A draft is called what its writer calls it by now: nothing of it has been handed over yet.
    async fn name_drafts(&self, person: &PersonId, drafts: &mut [Listed]) -> Result<(), Error> {
        let cases: Vec<CaseId> = drafts.iter().map(|draft| draft.case.id).collect();
        for row in self.inner.storage.workings(&cases, person).await? {
            let mut fields: Facts =
                row.fields.read().map_err(Error::unreadable("a working copy"))?;
            let draft = drafts.iter_mut().find(|draft| draft.case.id == row.case);
            if let (Some(draft), Some(Value::Text(title))) = (draft, fields.remove("title")) {
                draft.case.title = title;
            }
        }
        Ok(())
    }

    /// How much lies in each.
    pub async fn counts(&self, seat: &Seat) -> Result<Counts, Error> {
        let viewer = self.viewer(seat).await?;
        Ok(self.inner.storage.counts(&viewer).await?)
    }

    /// Cases that the reader may see, by words of title, number and text.
    pub async fn search(
        &self,
        seat: &Seat,
        question: &str,
        kind: Option<&str>,
        slice: &Slice,
    ) -> Result<Page<Hit>, Error> {
        let viewer = self.viewer(seat).await?;
        Ok(self.inner.storage.search(&viewer, question, kind, slice).await?)
    }

    /// Where cases stand, for administrators: titles and places, nothing that was written in them. No state named: any.
    pub async fn oversight(
        &self,
        seat: &Seat,
        states: &[CaseState],
        typed: Option<&str>,
        slice: &Slice,
    ) -> Result<Page<CaseRow>, Error> {
        if !self.oversees(seat).await? {
            return Err(wenshu_core::Rejection::NotAnAdministrator.into());
        }
        Ok(self.inner.storage.oversight(states, typed, slice).await?)
    }

    /// The reader's notices, the latest first.
    pub async fn notices(&self, seat: &Seat, slice: &Slice) -> Result<Page<NoticeRow>, Error> {
        Ok(self.inner.storage.notices(person(seat)?, slice).await?)
    }

    /// All notices up to now have been read.
    pub async fn read_notices(&self, seat: &Seat) -> Result<(), Error> {
        self.put_row(&NoticeReadRow { person: person(seat)?.clone(), upto: self.inner.clock.now() })
            .await
    }

    /// A copy has been looked at.
    pub async fn see_copy(&self, seat: &Seat, case: CaseId) -> Result<(), Error> {
        let viewer = self.viewer(seat).await?;
        let now = self.inner.clock.now();
        for copy in self.inner.storage.copies(case).await? {
            let mine = match &copy.who {
                wenshu_storage::Who::Person(id) => *id == viewer.person,
                wenshu_storage::Who::Post(id) => viewer.posts.contains(id),
                wenshu_storage::Who::Unit(id) => viewer.units.contains(id),
            };
            if mine && copy.seen_at.is_none() {
                self.put_row(&CopyRow { seen_at: Some(now), ..copy }).await?;
            }
        }
        Ok(())
    }

    /// Phrases for opinions.
    pub async fn phrases(&self, seat: &Seat) -> Result<Phrases, Error> {
        let own = match self.inner.storage.phrases(person(seat)?).await? {
            Some(own) => own.read().map_err(Error::unreadable("phrases"))?,
            None => vec![],
        };
        Ok(Phrases { common: PHRASES.map(str::to_owned).to_vec(), own })
    }

    /// Keeps the reader's own phrases.
    pub async fn keep_phrases(&self, seat: &Seat, own: Vec<String>) -> Result<(), Error> {
        let own: Vec<String> = own
            .into_iter()
            .map(|phrase| phrase.trim().to_owned())
            .filter(|p| !p.is_empty())
            .collect();
        if own.len() > MOST_PHRASES
            || own.iter().any(|phrase| phrase.chars().count() > LONGEST_PHRASE)
        {
            let text = format!("常用语最多{MOST_PHRASES}条，每条不超过{LONGEST_PHRASE}字");
            return Err(Error::Invalid { field: "own".into(), text });
        }
        self.put_row(&PhrasesRow { person: person(seat)?.clone(), own: project::json(&own) }).await
    }
}

/// A name as people type it: full pinyin of every reading that it may have, parted by spaces, and its initials.
#[must_use]
pub fn spelled(name: &str) -> (String, String) {
    const MOST: usize = 16;
    let mut all = vec![String::new()];
    for (c, readings) in name.chars().zip(name.to_pinyin_multi()) {
        let mut syllables: Vec<String> = match readings {
            Some(readings) => (0..readings.count())
                .filter_map(|n| readings.get_opt(n))
                .map(|p| p.plain().to_owned())
                .collect(),
            None => vec![c.to_lowercase().to_string()],
        };
        let mut seen = BTreeSet::new();
        syllables.retain(|syllable| seen.insert(syllable.clone()));
        let longer = all
            .iter()
            .flat_map(|front| syllables.iter().map(move |syllable| format!("{front}{syllable}")));
        all = longer.take(MOST).collect();
    }
    let first = name
        .chars()
        .zip(name.to_pinyin())
        .map(|(c, p)| p.map_or(c, |p| p.plain().chars().next().unwrap_or(c)));
    (all.join(" "), first.collect())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_name_is_found_by_each_of_its_readings() {
        let (spelled, initials) = super::spelled("曾重");
        assert!(spelled.split(' ').any(|one| one == "zengzhong"), "{spelled}");
        assert!(spelled.split(' ').any(|one| one == "zengchong"), "{spelled}");
        assert_eq!(initials, "cz");
    }
}

//! The forms of the two tracks as data: conditions to confirm, and questions besides the fixed facts.
//!
//! A version is never changed; an edit makes the next one. An application keeps the version it was begun
//! with, and every answer it was given, also to a question that its form does not ask.
mod asking;
mod queries;

use super::{Application, steps::Step};
use crate::{
    db::Tx,
    kernel::{Timestamp, words},
    members::Track,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) use asking::{answer_words, fields, given, read};
pub use queries::{insert, latest, version, versions};

words! {
    /// How a question is answered.
    pub enum QuestionKind {
        Short = "short", "Short text";
        Long = "long", "Long text";
        Number = "number", "Number";
        YesNo = "yes_no", "Yes or no";
        One = "one", "One of several";
        Several = "several", "Any of several";
        Web = "url", "Web address";
        Email = "email", "E-mail address";
        Date = "date", "Date";
    }
}

impl QuestionKind {
    pub const fn has_options(self) -> bool {
        matches!(self, Self::One | Self::Several)
    }
}

/// A condition that applicants confirm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// What stored confirmations name; never changes.
    pub name: String,
    pub label: String,
    /// What it means. Of the purpose, when it is empty, the coalition's tagline says it.
    pub meaning: String,
}

/// A question besides the fixed facts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What stored answers name; never changes.
    pub key: String,
    pub label: String,
    #[serde(default)]
    pub hint: String,
    pub kind: QuestionKind,
    pub required: bool,
    #[serde(default)]
    pub options: Vec<String>,
    /// Questions that follow each other under one heading stand on one page; empty for a page of its own.
    #[serde(default)]
    pub heading: String,
}

/// The part of a form that is kept as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormBody {
    pub conditions: Vec<Condition>,
    pub questions: Vec<Question>,
}

/// One version of a track's form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationForm {
    pub track: Track,
    pub version: i64,
    /// Whether a commitment document is asked for.
    pub document: bool,
    pub body: FormBody,
    /// None for what came with Convener.
    pub made_at: Option<Timestamp>,
    pub made_by: Option<String>,
    /// How many applications are bound to it.
    pub applications: i64,
}

/// The form of an application: the version it is bound to, or the one that applies when it begins.
pub(super) async fn of(tx: &mut Tx, a: &Application) -> sqlx::Result<ApplicationForm> {
    let track = a.track.unwrap_or(Track::Member);
    match a.form_version {
        Some(bound) => version(tx, track, bound).await?.ok_or(sqlx::Error::RowNotFound),
        None => latest(tx, track).await,
    }
}

impl ApplicationForm {
    /// The questions, page by page: step, heading, what is asked.
    pub(super) fn pages(&self) -> Vec<(Step, Vec<&Question>)> {
        let mut pages: Vec<(Step, Vec<&Question>)> = Vec::new();
        let mut before = "";
        for question in &self.body.questions {
            match pages.last_mut() {
                Some((_, questions)) if !question.heading.is_empty() && question.heading == before => questions.push(question),
                _ => {
                    let title = if question.heading.is_empty() { &question.label } else { &question.heading };
                    pages.push((Step { name: format!("page-{}", question.key), title: title.clone() }, vec![question]));
                }
            }
            before = &question.heading;
        }
        pages
    }

    pub(super) fn page(&self, step: &str) -> Option<Vec<&Question>> {
        self.pages().into_iter().find(|(page, _)| page.name == step).map(|(_, questions)| questions)
    }

    /// The form that follows, with another body.
    #[must_use]
    pub fn next(&self, document: bool, body: FormBody, by: &str, now: Timestamp) -> Self {
        Self {
            track: self.track,
            version: self.version + 1,
            document,
            body,
            made_at: Some(now),
            made_by: Some(by.to_owned()),
            applications: 0,
        }
    }
}

impl Application {
    /// Every answer to a question of a form; none when what is stored can't be read.
    pub(super) fn answers(&self) -> BTreeMap<String, Vec<String>> {
        self.answers.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    }

    /// The names of the conditions it confirmed.
    pub(super) fn confirmed(&self) -> Vec<String> {
        self.eligibility.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
    }

    /// Binds it to a form and says that every condition of it is met.
    pub fn confirm_conditions(&mut self, form: &ApplicationForm) {
        let names: Vec<_> = form.body.conditions.iter().map(|condition| condition.name.as_str()).collect();
        self.eligibility = serde_json::to_string(&names).ok();
        self.form_version = Some(form.version);
    }
}

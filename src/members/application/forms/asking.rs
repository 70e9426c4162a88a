//! Questions of a form as fields, and what was typed as answers.
use super::{Question, QuestionKind};
use crate::{
    kernel::{Day, Email, text},
    web::{Draft, Field, field},
};
use maud::{Markup, html};
use std::collections::BTreeMap;

type Answers = BTreeMap<String, Vec<String>>;

/// The field of a question; no fixed field has this beginning.
fn name(question: &Question) -> String {
    format!("q-{}", question.key)
}

pub(in crate::members::application) fn given(questions: &[&Question], answers: &Answers) -> Draft {
    let known = |q: &Question| answers.get(&q.key).cloned().unwrap_or_default();
    Draft::of(questions.iter().flat_map(|q| known(q).into_iter().map(|value| (name(q), value))))
}

pub(in crate::members::application) fn fields(questions: &[&Question], draft: &Draft) -> Markup {
    html! { @for question in questions { (one(question, draft)) } }
}

fn one(q: &Question, draft: &Draft) -> Markup {
    let name = name(q);
    let hint = Some(q.hint.as_str()).filter(|hint| !hint.is_empty());
    let plain = Field { optional: !q.required, hint, autocomplete: Some("off"), ..field(&name, &q.label) };
    let options: Vec<_> = q.options.iter().map(|option| (option.as_str(), option.as_str(), None)).collect();
    match q.kind {
        QuestionKind::Short => plain.input(draft),
        QuestionKind::Long => plain.textarea(draft, 6),
        QuestionKind::Number => Field { width: "short", inputmode: Some("decimal"), ..plain }.input(draft),
        QuestionKind::YesNo => plain.radios(draft, &[("Yes", "Yes", None), ("No", "No", None)]),
        QuestionKind::One => plain.radios(draft, &options),
        QuestionKind::Several => plain.checkboxes(draft, &options),
        QuestionKind::Web => Field { inputmode: Some("url"), ..plain }.input(draft),
        QuestionKind::Email => Field { kind: "email", inputmode: Some("email"), ..plain }.input(draft),
        QuestionKind::Date => Field { kind: "date", width: "medium", ..plain }.input(draft),
    }
}

/// Reads the answers of a page into those there are; what is wrong is said in the draft.
pub(in crate::members::application) fn read(questions: &[&Question], typed: &Answers, draft: &mut Draft, answers: &mut Answers) {
    for q in questions {
        let name = name(q);
        let values: Vec<String> =
            typed.get(&name).into_iter().flatten().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty()).collect();
        if values.is_empty() {
            if q.required {
                draft.reject(&name, "Answer this question");
            }
            answers.remove(&q.key);
            continue;
        }
        match judge(q, &values) {
            Ok(values) => drop(answers.insert(q.key.clone(), values)),
            Err(reason) => draft.reject(&name, reason),
        }
    }
}

/// The answer as it is kept, or what is wrong with it.
fn judge(q: &Question, values: &[String]) -> Result<Vec<String>, String> {
    let first = values.first().map(String::as_str).unwrap_or_default();
    let most = |most: usize, text: String| {
        if text.chars().count() > most { Err(format!("Shorten this to {most} characters or fewer")) } else { Ok(vec![text]) }
    };
    match q.kind {
        QuestionKind::Short => most(200, text::line(first)),
        QuestionKind::Long => most(5_000, text::lines(first)),
        QuestionKind::Number => {
            let plain: String = first.chars().filter(|c| *c != ',' && !c.is_whitespace()).collect();
            let is_number = plain.len() <= 20
                && !plain.ends_with('.')
                && plain.trim_start_matches('-').starts_with(|c: char| c.is_ascii_digit())
                && plain.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit() || b == b'.')
                && plain.matches('.').count() < 2;
            if is_number { Ok(vec![plain]) } else { Err("Enter a number, such as 1,250".to_owned()) }
        }
        QuestionKind::YesNo if values.len() == 1 && ["Yes", "No"].contains(&first) => Ok(values.to_vec()),
        QuestionKind::One if values.len() == 1 && q.options.iter().any(|option| option == first) => Ok(values.to_vec()),
        QuestionKind::Several if values.iter().all(|value| q.options.contains(value)) => Ok(values.to_vec()),
        QuestionKind::YesNo | QuestionKind::One | QuestionKind::Several => Err("Choose one of the answers".to_owned()),
        QuestionKind::Web => {
            let address = if first.contains("://") { first.to_owned() } else { format!("https://{first}") };
            let is_address = address.starts_with("http")
                && address.len() <= 500
                && url::Url::parse(&address).is_ok_and(|url| url.host_str().is_some_and(|host| host.contains('.')));
            if is_address { Ok(vec![address]) } else { Err("Write a web address, such as https://www.example.org".to_owned()) }
        }
        QuestionKind::Email => first.parse::<Email>().map(|email| vec![email.to_string()]).map_err(|error| error.to_string()),
        QuestionKind::Date => first.parse::<Day>().map(|day| vec![day.to_string()]).map_err(|error| error.to_string()),
    }
}

/// An answer as it is shown.
pub(in crate::members::application) fn answer_words(q: &Question, answers: &Answers) -> Option<String> {
    let values = answers.get(&q.key)?;
    let day = values.first().filter(|_| q.kind == QuestionKind::Date).and_then(|day| day.parse::<Day>().ok());
    Some(day.map_or_else(|| values.join(", "), Day::words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_what_it_should_and_nothing_else() {
        use QuestionKind::{Date, Email, Number, One, Several, Short, Web, YesNo};
        let options = vec!["Courts".to_owned(), "Schools".to_owned()];
        let cases: &[(QuestionKind, &[&str], Option<&str>)] = &[
            (Short, &["a  b"], Some("a b")),
            (Number, &["1,250"], Some("1250")),
            (Number, &["-3.5"], Some("-3.5")),
            (Number, &["many"], None),
            (Number, &["1."], None),
            (YesNo, &["Yes"], Some("Yes")),
            (YesNo, &["Perhaps"], None),
            (One, &["Schools"], Some("Schools")),
            (One, &["Courts", "Schools"], None),
            (Several, &["Courts", "Schools"], Some("Courts|Schools")),
            (Several, &["Prisons"], None),
            (Web, &["example.org"], Some("https://example.org")),
            (Web, &["javascript:alert(1)"], None),
            (Email, &["A@Example.org"], Some("a@example.org")),
            (Email, &["a@"], None),
            (Date, &["2026-02-28"], Some("2026-02-28")),
            (Date, &["2026-02-30"], None),
        ];
        for (kind, typed, kept) in cases {
            let question = Question {
                key: "k".into(),
                label: "L".into(),
                hint: String::new(),
                kind: *kind,
                required: true,
                options: options.clone(),
                heading: String::new(),
            };
            let typed: Vec<String> = typed.iter().map(|v| (*v).to_owned()).collect();
            let judged = judge(&question, &typed).ok().map(|values| values.join("|"));
            assert!(judged.as_deref().map(str::to_lowercase) == kept.map(str::to_lowercase), "{kind}: {typed:?} {judged:?}");
        }
    }
}

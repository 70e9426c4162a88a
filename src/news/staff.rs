//! The news as staff write it: drafts, their words, publishing and taking back.
use super::{NewsId, NewsItem, NewsState, pages, queries};
use crate::{
    app::App,
    audit,
    kernel::text,
    staff::Staff,
    web::{Csrf, Draft, Error, Field, Form, Mood, Page, RawForm, badge, day_of, empty, error_summary, field, redirect_saying},
};
use axum::{
    Router,
    extract::{Path, State},
    response::Response,
    routing::{get, post},
};
use maud::html;
use serde::{Deserialize, Serialize};

pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/staff/news", get(list))
        .route("/staff/news/new", get(ask_new).post(create))
        .route("/staff/news/{id}", get(show))
        .route("/staff/news/{id}/words", get(ask).post(rewrite))
        .route("/staff/news/{id}/publication", post(publish))
        .route("/staff/news/{id}/draft", post(take_back))
}

async fn list(State(app): State<App>, staff: Staff) -> Result<Page, Error> {
    let items = queries::all(&mut app.db.read().await?, 500).await?;
    let zone = app.coalition.get().zone();
    let content = html! {
        div.list-head {
            p { (text::count(i64::try_from(items.iter().filter(|i| i.state == NewsState::Draft).count()).unwrap_or(i64::MAX), "draft waits", "drafts wait")) " to be published." }
            @if staff.may_publish().is_ok() { p.actions { a.button href="/staff/news/new" { "Write an item" } } }
        }
        @if items.is_empty() {
            (empty("No news yet. When an organization is admitted, its announcement is drafted here.", None))
        } @else {
            table {
                caption { "Drafts first, then the newest" }
                thead { tr { th scope="col" { "Title" } th scope="col" { "State" } th scope="col" { "Written" } th scope="col" { "Published" } } }
                tbody {
                    @for item in &items {
                        tr {
                            th scope="row" { a href={ "/staff/news/" (item.id) } { (item.title) } }
                            td data-label="State" { (badge(item.state, item.state.label())) }
                            td data-label="Written" { (day_of(item.created_at, &zone)) }
                            td data-label="Published" { @if let Some(at) = item.published_at { (day_of(at, &zone)) } @else { "—" } }
                        }
                    }
                }
            }
        }
    };
    Ok(Page::staff("News", content).crumb("Staff", "/staff").wide())
}

async fn show(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<NewsId>) -> Result<Page, Error> {
    let item = queries::by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    let zone = app.coalition.get().zone();
    let content = html! {
        p {
            (badge(item.state, item.state.label()))
            @if item.state == NewsState::Published { " Visitors read it at " a href={ "/news/" (item.slug) } { "/news/" (item.slug) } "." }
            @else { " Only staff see it until it is published." }
        }
        @if staff.may_publish().is_ok() {
            div.actions {
                @if item.state == NewsState::Draft {
                    form method="post" action={ "/staff/news/" (id) "/publication" } { (csrf.field()) button type="submit" { "Publish" } }
                } @else {
                    form method="post" action={ "/staff/news/" (id) "/draft" } { (csrf.field()) button.secondary type="submit" { "Take back to draft" } }
                }
                a href={ "/staff/news/" (id) "/words" } { "Change its words" }
            }
        }
        (pages::article(&item, &zone))
    };
    Ok(Page::staff(item.title, content).crumb("Staff", "/staff").crumb("News", "/staff/news"))
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Typed {
    title: String,
    summary: String,
    body: String,
}

#[derive(Serialize)]
struct Words<'a> {
    title: &'a str,
    summary: &'a str,
    body: &'a str,
}

impl<'a> Words<'a> {
    fn of(item: &'a NewsItem) -> Self {
        Self { title: &item.title, summary: &item.summary, body: &item.body }
    }
}

fn form(csrf: &Csrf, draft: &Draft, heading: &str, action: &str, back: &str) -> Page {
    let content = html! {
        (error_summary(draft))
        form method="post" action=(action) {
            (csrf.field())
            (field("title", "Title").input(draft))
            (Field { optional: true, hint: Some("One or two sentences, shown in the list and by search engines."), ..field("summary", "Summary") }.textarea(draft, 3))
            (Field { optional: true, hint: Some("Leave an empty line between paragraphs."), ..field("body", "Text") }.textarea(draft, 12))
            p.actions { button type="submit" { "Save" } a href=(back) { "Cancel" } }
        }
    };
    Page::staff(heading, content).crumb("Staff", "/staff").crumb("News", "/staff/news")
}

fn read(typed: &Typed) -> (Draft, Option<(String, String, String)>) {
    let mut draft = Draft::default();
    let title = draft.text("title", &text::line(&typed.title), 200, "Write a title");
    let summary = draft.optional_text("summary", &text::line(&typed.summary), 500);
    let body = draft.optional_text("body", &text::lines(&typed.body), 20_000);
    let read = title.filter(|_| draft.is_right()).map(|t| (t, summary.unwrap_or_default(), body.unwrap_or_default()));
    (draft, read)
}

async fn ask_new(staff: Staff, csrf: Csrf) -> Result<Page, Error> {
    staff.may_publish()?;
    Ok(form(&csrf, &Draft::default(), "Write an item", "/staff/news/new", "/staff/news"))
}

async fn create(State(app): State<App>, staff: Staff, csrf: Csrf, Form(typed): Form<Typed>) -> Result<Response, Error> {
    staff.may_publish()?;
    let (draft, Some((title, summary, body))) = read(&typed) else {
        return Err(Draft::refuse(form(&csrf, &read(&typed).0, "Write an item", "/staff/news/new", "/staff/news")));
    };
    drop(draft);
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let id = super::draft(&mut tx, &title, &summary, &body, now).await?;
    let words = Words { title: &title, summary: &summary, body: &body };
    audit::record(&mut tx, &staff.actor(), "write", ("news_item", &id.to_string()), None::<&()>, Some(&words), now).await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/news/{id}"), Mood::Good, "The draft is saved."))
}

async fn ask(State(app): State<App>, staff: Staff, csrf: Csrf, Path(id): Path<NewsId>) -> Result<Page, Error> {
    staff.may_publish()?;
    let item = queries::by_id(&mut app.db.read().await?, id).await?.ok_or(Error::NotFound)?;
    let draft = Draft::of([("title", item.title), ("summary", item.summary), ("body", item.body)]);
    Ok(form(&csrf, &draft, "Change the words", &format!("/staff/news/{id}/words"), &format!("/staff/news/{id}")))
}

async fn rewrite(
    State(app): State<App>,
    staff: Staff,
    csrf: Csrf,
    Path(id): Path<NewsId>,
    Form(typed): Form<Typed>,
) -> Result<Response, Error> {
    staff.may_publish()?;
    let (draft, read) = read(&typed);
    let Some((title, summary, body)) = read else {
        return Err(Draft::refuse(form(
            &csrf,
            &draft,
            "Change the words",
            &format!("/staff/news/{id}/words"),
            &format!("/staff/news/{id}"),
        )));
    };
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    queries::rewrite(&mut tx, id, &title, &summary, &body).await?;
    let after = Words { title: &title, summary: &summary, body: &body };
    audit::record(
        &mut tx,
        &staff.actor(),
        "rewrite",
        ("news_item", &id.to_string()),
        Some(&Words::of(&before)),
        Some(&after),
        now,
    )
    .await?;
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/news/{id}"), Mood::Good, "The new words are saved."))
}

async fn publish(State(app): State<App>, staff: Staff, _: Csrf, Path(id): Path<NewsId>, _: RawForm) -> Result<Response, Error> {
    change(&app, &staff, id, NewsState::Published).await
}

async fn take_back(State(app): State<App>, staff: Staff, _: Csrf, Path(id): Path<NewsId>, _: RawForm) -> Result<Response, Error> {
    change(&app, &staff, id, NewsState::Draft).await
}

async fn change(app: &App, staff: &Staff, id: NewsId, to: NewsState) -> Result<Response, Error> {
    staff.may_publish()?;
    let now = app.clock.now();
    let mut tx = app.db.write().await?;
    let before = queries::by_id(&mut tx, id).await?.ok_or(Error::NotFound)?;
    let (changed, action, said) = match to {
        NewsState::Published => (queries::publish(&mut tx, id, now).await?, "publish", "It is published."),
        NewsState::Draft => (queries::take_back(&mut tx, id).await?, "take back", "It is a draft again; visitors do not see it."),
    };
    if changed {
        audit::record(&mut tx, &staff.actor(), action, ("news_item", &id.to_string()), Some(&before.state), Some(&to), now)
            .await?;
    }
    tx.commit().await?;
    Ok(redirect_saying(format!("/staff/news/{id}"), Mood::Good, said))
}

//! The frame: turns a [`Page`] into a document with head, navigation, flash and footer.
use super::{Error, Flash, Frame, Mood, Page, Viewer, asset, flash};
use crate::kernel::{Coalition, Shared};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use maud::{DOCTYPE, Markup, html};
use std::sync::{Arc, OnceLock};

/// One entry of a navigation.
#[derive(Debug, Clone, Copy)]
pub struct NavItem {
    pub label: &'static str,
    pub href: &'static str,
    /// Shown only to administrators.
    pub administrator: bool,
}

/// What the frame is made of.
#[derive(Clone)]
pub struct Shell {
    pub coalition: Shared,
    pub base_url: Arc<str>,
    pub public_nav: &'static [NavItem],
    pub staff_nav: &'static [NavItem],
    /// What the leader of an alliance sees instead.
    pub leader_nav: &'static [NavItem],
}

/// Filled by whoever recognises the person who asks, read by the frame.
#[derive(Clone, Default)]
pub struct ViewerSlot(Arc<OnceLock<Viewer>>);

impl ViewerSlot {
    pub fn fill(&self, viewer: Viewer) {
        // The first recognition of a request counts; a second one found the same person.
        let _ = self.0.set(viewer);
    }
}

struct Around<'a> {
    shell: &'a Shell,
    coalition: &'a Coalition,
    viewer: Option<&'a Viewer>,
    flash: Option<Flash>,
    path: &'a str,
}

/// Frames what the handler answers, when it is a [`Page`].
pub async fn shell(State(shell): State<Shell>, mut request: Request, next: Next) -> Response {
    let slot = ViewerSlot::default();
    request.extensions_mut().insert(slot.clone());
    let path = request.uri().path().to_owned();
    let flash = flash_of(request.headers());
    let mut response = next.run(request).await;
    if is_about_the_address(&response) {
        response = Error::NotFound.into_response();
    }
    let Some(page) = response.extensions_mut().remove::<Arc<Page>>() else {
        return response;
    };
    let coalition = shell.coalition.get();
    let said = flash.is_some() && page.frame != Frame::Public;
    let around =
        Around { shell: &shell, coalition: &coalition, viewer: slot.0.get(), flash: flash.filter(|_| said), path: &path };
    *response.body_mut() = axum::body::Body::from(document(&page, &around).into_string());
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.remove(header::CONTENT_LENGTH);
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if said {
        headers.append(header::SET_COOKIE, HeaderValue::from_static("convener_flash=; Path=/; Max-Age=0"));
    }
    response
}

/// Whether the framework refused an id, a number or a query that it could not read. It says so to
/// programmers; people read that there is no such page.
fn is_about_the_address(response: &Response) -> bool {
    let is_text = response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    response.status() == StatusCode::BAD_REQUEST && is_text && response.extensions().get::<Arc<Page>>().is_none()
}

fn flash_of(headers: &HeaderMap) -> Option<Flash> {
    CookieJar::from_headers(headers).get(flash::COOKIE).and_then(|cookie| Flash::read(cookie.value()))
}

fn document(page: &Page, around: &Around<'_>) -> Markup {
    let Around { coalition, shell, .. } = around;
    let title = match page.frame {
        Frame::Staff if around.viewer.is_some_and(|v| v.leader) => {
            format!("{} · Alliances · {}", page.title, coalition.short_name)
        }
        Frame::Staff => format!("{} · Staff · {}", page.title, coalition.short_name),
        _ if page.title == coalition.name => page.title.clone(),
        _ => format!("{} · {}", page.title, coalition.short_name),
    };
    let frame = match page.frame {
        Frame::Public => "public",
        Frame::Staff => "staff",
        Frame::Bare => "bare",
    };
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                meta name="color-scheme" content="light dark";
                @if let Some(description) = &page.description {
                    meta name="description" content=(description);
                    meta property="og:description" content=(description);
                }
                meta property="og:title" content=(page.title);
                meta property="og:site_name" content=(coalition.name);
                @if page.frame == Frame::Public {
                    link rel="canonical" href={ (shell.base_url) (around.path) };
                } @else {
                    meta name="robots" content="noindex";
                }
                link rel="icon" type="image/svg+xml" href=(asset("mark.svg"));
                link rel="stylesheet" href=(asset("site.css"));
                @for script in &page.scripts {
                    script type="module" src=(asset(script)) {}
                }
            }
            body data-frame=(frame) {
                a.skip href="#main" { "Skip to content" }
                @if coalition.demo {
                    aside.demo-notice aria-label="Demonstration" { strong { "Demonstration." } " Every person and amount here is invented; no card is charged and no mail leaves." }
                }
                (masthead(page, around))
                main #main.wide[page.wide] tabindex="-1" {
                    (crumbs(page))
                    @if let Some(flash) = &around.flash {
                        div.notice role="status" data-mood=(if flash.mood == Mood::Warn { "warn" } else { "good" }) { p { (flash.text) } }
                    }
                    @if page.heading { h1 { (page.title) } }
                    (page.content)
                }
                (footer(page, around))
            }
        }
    }
}

fn masthead(page: &Page, around: &Around<'_>) -> Markup {
    let Around { coalition, shell, path, viewer, .. } = around;
    let leader = viewer.is_some_and(|v| v.leader);
    let home = match page.frame {
        Frame::Staff if leader => "/leader",
        Frame::Staff => "/staff",
        _ => "/",
    };
    let (nav, label) = match page.frame {
        Frame::Staff if leader => (shell.leader_nav, "Alliance"),
        Frame::Public => (shell.public_nav, "Main"),
        Frame::Staff => (shell.staff_nav, "Staff"),
        Frame::Bare => (&[][..], ""),
    };
    let administrator = viewer.is_some_and(|v| v.administrator);
    html! {
        header.masthead {
            a.brand href=(home) {
                (super::mark())
                span.brand-name { (coalition.short_name) }
                @if page.frame == Frame::Staff { span.brand-part { @if leader { "Leader" } @else { "Staff" } } }
            }
            @if !nav.is_empty() {
                button.menu-button type="button" popovertarget="menu" { "Menu" }
                nav #menu.main-nav popover aria-label=(label) {
                    button.menu-close type="button" popovertarget="menu" popovertargetaction="hide" { "Close" }
                    ul {
                        @for item in nav.iter().filter(|item| administrator || !item.administrator) {
                            li { a href=(item.href) class=[(item.href == "/donate").then_some("give")] aria-current=[current(item.href, path, page)] { (item.label) } }
                        }
                    }
                    @if let (Frame::Staff, Some(viewer)) = (page.frame, viewer) {
                        a.viewer href="/staff/me" { (viewer.name) span.viewer-role { (viewer.role) } }
                    }
                }
            }
        }
    }
}

/// A page belongs to the item whose address it is under, or that its crumbs lead through.
fn current(href: &str, path: &str, page: &Page) -> Option<&'static str> {
    if href == path {
        return Some("page");
    }
    let under = path.strip_prefix(href).is_some_and(|rest| rest.starts_with('/'));
    let through = page.crumbs.iter().any(|(_, crumb)| crumb.split('?').next() == Some(href));
    ((under || through) && href != "/staff").then_some("true")
}

fn crumbs(page: &Page) -> Markup {
    html! {
        @if !page.crumbs.is_empty() {
            nav.crumbs aria-label="Breadcrumbs" {
                ol {
                    @for (label, href) in &page.crumbs { li { a href=(href) { (label) } } }
                    li aria-current="page" { (page.title) }
                }
            }
        }
    }
}

fn footer(page: &Page, around: &Around<'_>) -> Markup {
    let coalition = around.coalition;
    html! {
        footer.colophon {
            @if page.frame == Frame::Public {
                p.colophon-name { (coalition.name) }
                @if !coalition.tagline.is_empty() { p { (coalition.tagline) } }
                ul.colophon-links {
                    @for item in around.shell.public_nav { li { a href=(item.href) { (item.label) } } }
                    @if !coalition.contact_email.is_empty() { li { a href={ "mailto:" (coalition.contact_email) } { (coalition.contact_email) } } }
                    li { a href="/my-giving" rel="nofollow" { "My giving" } }
                    li { a href="/portal" rel="nofollow" { "Portal" } }
                    li { a href="/staff" rel="nofollow" { "Staff" } }
                }
            } @else {
                p { (coalition.name) }
            }
        }
    }
}

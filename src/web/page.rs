//! A page before it is framed: what a handler answers.
use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use maud::Markup;

/// Which frame stands around a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame {
    /// Navigation for visitors.
    Public,
    /// Navigation for staff.
    Staff,
    /// The mark and nothing else: sign-in, the steps of a form.
    Bare,
}

/// A page. The shell puts the frame around it on the way out, so a handler needs to know neither the
/// coalition nor who looks.
#[derive(Debug, Clone)]
pub struct Page {
    pub(super) title: String,
    pub(super) content: Markup,
    pub(super) frame: Frame,
    pub(super) crumbs: Vec<(String, String)>,
    pub(super) description: Option<String>,
    pub(super) status: StatusCode,
    pub(super) heading: bool,
    pub(super) wide: bool,
    pub(super) scripts: Vec<&'static str>,
}

impl Page {
    fn new(frame: Frame, title: impl Into<String>, content: Markup) -> Self {
        Self {
            title: title.into(),
            content,
            frame,
            crumbs: Vec::new(),
            description: None,
            status: StatusCode::OK,
            heading: true,
            wide: false,
            scripts: Vec::new(),
        }
    }

    /// A page for visitors. `title` is also its `h1`.
    pub fn public(title: impl Into<String>, content: Markup) -> Self {
        Self::new(Frame::Public, title, content)
    }

    /// A page for staff. `title` is also its `h1`.
    pub fn staff(title: impl Into<String>, content: Markup) -> Self {
        Self::new(Frame::Staff, title, content)
    }

    /// A page with nothing around it that leads away: one step of a form, the sign-in.
    pub fn bare(title: impl Into<String>, content: Markup) -> Self {
        Self::new(Frame::Bare, title, content)
    }

    /// A step above this page, in order from the top.
    #[must_use]
    pub fn crumb(mut self, label: impl Into<String>, href: impl Into<String>) -> Self {
        self.crumbs.push((label.into(), href.into()));
        self
    }

    /// What a search engine or a shared link shows under the title.
    #[must_use]
    pub fn describe(mut self, description: impl Into<String>) -> Self {
        self.description = Some(description.into());
        self
    }

    #[must_use]
    pub fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// The content brings its own `h1`: the home page, the question pages.
    #[must_use]
    pub fn own_heading(mut self) -> Self {
        self.heading = false;
        self
    }

    /// Tables that need the width of the window.
    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    /// A small module of `static/` that enhances this page, by its file name.
    #[must_use]
    pub fn script(mut self, name: &'static str) -> Self {
        self.scripts.push(name);
        self
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(std::sync::Arc::new(self));
        response
    }
}

/// Who is signed in, as far as the frame shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    pub name: String,
    pub role: String,
    /// Sees the pages that only administrators open.
    pub administrator: bool,
    /// Leads an alliance and is none of the staff: the frame shows the way to the alliance alone.
    pub leader: bool,
}

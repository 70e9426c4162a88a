//! The whole site, from its parts. Nothing else knows every feature.
use crate::{
    alliances,
    app::App,
    config::STRIPE,
    contributions, data, desk, donors, gifts, health, mail, members, news, portal, site, staff, web,
    web::{Error, KeptPages, NavItem, Policy, Shell, VisitCookie},
    webhooks,
    work::{Handlers, Regular},
};
use axum::{Router, extract::DefaultBodyLimit, middleware};

const fn nav(label: &'static str, href: &'static str) -> NavItem {
    NavItem { label, href, administrator: false }
}

const PUBLIC_NAV: &[NavItem] = &[
    nav("Members", "/members"),
    nav("Alliances", "/alliances"),
    nav("News", "/news"),
    nav("Join", "/join"),
    nav("Donate", "/donate"),
];

const STAFF_NAV: &[NavItem] = &[
    nav("Today", "/staff"),
    nav("Applications", "/staff/applications"),
    nav("Organizations", "/staff/organizations"),
    nav("Alliances", "/staff/alliances"),
    nav("Gifts", "/staff/gifts"),
    nav("Recurring gifts", "/staff/recurring"),
    nav("Donors", "/staff/donors"),
    nav("News", "/staff/news"),
    nav("Mail", "/staff/mail"),
    nav("Payment events", "/staff/events"),
    NavItem { label: "People", href: "/staff/people", administrator: true },
    NavItem { label: "Audit", href: "/staff/audit", administrator: true },
    NavItem { label: "Settings", href: "/staff/settings", administrator: true },
];

const LEADER_NAV: &[NavItem] = &[nav("Your alliance", "/leader"), nav("Your account", "/staff/me")];

/// How long a rendered page may be kept: other processes may have changed the data meanwhile.
const KEPT_SECONDS_ALONE: i64 = 600;
const KEPT_SECONDS_SHARED: i64 = 5;

/// Every kind of background job.
pub fn jobs() -> Handlers {
    data::jobs(webhooks::jobs(gifts::jobs(donors::jobs(members::jobs(staff::jobs(
        Handlers::default().with(mail::DELIVER, mail::deliver),
    ))))))
}

/// What comes by the calendar.
pub const CALENDAR: &[Regular] = &[
    webhooks::SYNC,
    gifts::SWEEP,
    gifts::CARDS,
    gifts::REMIND,
    donors::MATCH,
    members::rounds::GENERATE,
    members::REMIND,
    members::reaffirmation::REMIND,
];

/// Where a gift's form may lead besides ourselves: the payment pages.
fn payment_pages(app: &App) -> String {
    let base = &app.config.stripe_api_base;
    if base == STRIPE {
        "https://checkout.stripe.com https://billing.stripe.com".to_owned()
    } else {
        base.trim_end_matches('/').to_owned()
    }
}

pub fn router(app: &App) -> Router {
    let version = app.db.clone();
    let seconds = if app.db.is_sqlite() { KEPT_SECONDS_ALONE } else { KEPT_SECONDS_SHARED };
    let kept = KeptPages::new(move || version.site_version(), app.clock.clone(), seconds);
    let shell = Shell {
        coalition: app.coalition.clone(),
        base_url: app.config.base_url.as_str().into(),
        public_nav: PUBLIC_NAV,
        staff_nav: STAFF_NAV,
        leader_nav: LEADER_NAV,
    };
    let policy = Policy::new(app.config.is_https(), &payment_pages(app));

    let framed = middleware::from_fn_with_state(shell, web::shell);
    let public = Router::new()
        .merge(site::public())
        .merge(members::public())
        .merge(alliances::public())
        .merge(news::public())
        .layer(framed.clone())
        .layer(middleware::from_fn_with_state(kept.clone(), web::keep));
    let visited = kept.with_visit(VisitCookie::new("/donate", app.config.is_https()));
    let giving = gifts::public().layer(framed.clone()).layer(middleware::from_fn_with_state(visited, web::keep));
    let private = Router::new()
        .merge(staff::private())
        .merge(members::private())
        .merge(alliances::private())
        .merge(contributions::private())
        .merge(data::private())
        .merge(portal::private())
        .merge(news::private())
        .merge(donors::private())
        .merge(gifts::private())
        .merge(webhooks::private())
        .merge(desk::private())
        .fallback(async || Error::NotFound)
        .layer(framed);

    Router::new()
        .merge(public)
        .merge(giving)
        .merge(private)
        .merge(webhooks::gateway(app))
        .merge(web::assets())
        .merge(health::router())
        .layer(DefaultBodyLimit::max(256 * 1024))
        .layer(middleware::from_fn_with_state(policy, web::answered))
        .with_state(app.clone())
}

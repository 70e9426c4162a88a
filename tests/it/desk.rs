use crate::server::Server;
use convener::{
    audit::{self, Actor},
    staff::Role,
    work::{self, Handlers, Workers},
};

#[tokio::test]
async fn a_process_is_alive_at_once_and_ready_when_its_workers_are() {
    let server = Server::start().await;
    let alive = server.get("/healthz").await;
    assert_eq!(alive.status, 200);
    assert!(alive.body.contains("\"status\":\"ok\"") && alive.body.contains(env!("CARGO_PKG_VERSION")));
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("\"workers\":\"not started\"") && ready.body.contains("\"database\":\"ok\""), "{}", ready.body);

    let workers = Workers::start(&server.app, &Handlers::default(), &[]);
    let mut ready = server.get("/readyz").await;
    while ready.status != 200 {
        tokio::task::yield_now().await;
        ready = server.get("/readyz").await;
    }
    assert!(ready.body.contains("\"migrations\":\"ok\""), "{}", ready.body);
    workers.stop().await;
    server.app.clock.advance(3_600);
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("\"workers\":\"stopped\""), "{}", ready.body);
    server.app.db.close().await;
    let ready = server.get("/readyz").await;
    assert_eq!(ready.status, 503);
    assert!(ready.body.contains("\"database\":\"can't be reached\""), "{}", ready.body);
    assert_eq!(server.get("/healthz").await.status, 200);
}

#[tokio::test]
async fn the_audit_tells_who_changed_what_and_how() {
    let mut server = Server::start().await;
    let now = server.app.clock.now();
    let mut tx = server.app.db.write().await.unwrap();
    for n in 0..60 {
        let before = serde_json::json!({ "city": "New York", "n": n });
        let after = serde_json::json!({ "city": "Saint Paul", "n": n });
        audit::record(&mut tx, &Actor::system(), "move", ("organization", "o-1"), Some(&before), Some(&after), now)
            .await
            .unwrap();
    }
    let made = serde_json::json!({ "name": "=cmd()" });
    audit::record(&mut tx, &Actor::command_line(), "make", ("fund", "f-1"), None::<&()>, Some(&made), now.plus_days(-40))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    server.sign_in(Role::Development).await;
    assert_eq!(server.get("/staff/audit").await.status, 403);
    assert_eq!(server.get("/staff/audit.csv").await.status, 403);

    server.sign_in(Role::Administrator).await;
    let list = server.get("/staff/audit").await;
    assert!(list.text().contains("61 events"), "{}", list.text());
    assert_eq!(list.all("tbody tr").len(), 50);
    let next = server.get(&list.attr("a[rel=next]", "href").unwrap()).await;
    assert_eq!(next.all("tbody tr").len(), 11);
    for (query, found) in [
        ("who=command", "1 event "),
        ("action=move", "60 events"),
        ("record_kind=fund&record_id=f-1", "1 event "),
        ("from=2026-09-01", "60 events"),
        ("to=2026-08-12", "1 event "),
    ] {
        let text = server.get(&format!("/staff/audit?{query}")).await.text();
        assert!(text.contains(found), "{query}: {text}");
    }
    let wrong = server.get("/staff/audit?from=yesterday").await;
    assert!(wrong.text().contains("Enter a date such as"), "{}", wrong.text());

    let moves = server.get("/staff/audit?action=move").await;
    let event = server.get(&moves.attr("tbody th a", "href").unwrap()).await;
    assert_eq!(event.all("tbody tr"), ["City New York Saint Paul"]);
    assert!(event.text().contains("1 field stayed as before"), "{}", event.text());

    let csv = server.get("/staff/audit.csv").await;
    assert_eq!(csv.body.lines().count(), 62);
    let csv = server.get("/staff/audit.csv?record_kind=fund").await;
    assert_eq!(csv.body.lines().count(), 2);
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
}

#[tokio::test]
async fn failed_work_is_shown_with_its_reason_and_tried_again() {
    let mut server = Server::start().await;
    let now = server.app.clock.now();
    let failing = Handlers::default()
        .with("books.compare", |_, _| Box::pin(async { Err(work::JobError::Never("the books differ".into())) }));
    let mut tx = server.app.db.write().await.unwrap();
    work::soon_all(&mut tx, "books.compare", &["monday".into(), "tuesday".into(), "monday".into()], now).await.unwrap();
    assert_eq!(work::counts(&mut tx).await.unwrap(), work::Counts { open: 2, failed: 0 }, "one open job for a key");
    tx.commit().await.unwrap();
    server.sign_in(Role::ReadOnly).await;
    assert!(server.get("/staff/jobs").await.text().contains("2 jobs wait or are being done. Nothing has failed."));
    work::run_due(&server.app, &failing).await.unwrap();

    let page = server.get("/staff/jobs").await;
    assert!(page.text().contains("2 jobs were given up") && page.text().contains("the books differ"), "{}", page.text());
    assert!(page.all("form[action$=attempts]").is_empty(), "who only reads is not offered what they may not do");

    server.sign_in(Role::Administrator).await;
    let page = server.get("/staff/jobs").await;
    let action = page.attr("td form", "action").unwrap();
    assert_eq!(server.fill("/staff/jobs", &action, &[]).await.status, 303);
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(work::counts(&mut tx).await.unwrap(), work::Counts { open: 1, failed: 1 });
    drop(tx);
    assert_eq!(server.fill("/staff/jobs", "/staff/jobs/attempts", &[]).await.status, 303);
    let mut tx = server.app.db.read().await.unwrap();
    assert_eq!(work::counts(&mut tx).await.unwrap(), work::Counts { open: 2, failed: 0 });
    let kinds = work::counts_by_kind(&mut tx).await.unwrap();
    assert_eq!(kinds, [work::KindCount { kind: "books.compare".into(), open: 2, failed: 0 }]);
}

#[tokio::test]
async fn long_work_shows_how_far_it_is() {
    let mut server = Server::start().await;
    let now = server.app.clock.now();
    let mut tx = server.app.db.write().await.unwrap();
    work::soon(&mut tx, "statements.run", "2026", now).await.unwrap();
    let job = work::take(&mut tx, now, now.plus_seconds(300)).await.unwrap().unwrap();
    work::progress(&mut tx, job.id, 120, 400, "donors A to F").await.unwrap();
    tx.commit().await.unwrap();
    server.sign_in(Role::Administrator).await;
    let page = server.get("/staff/jobs").await;
    assert_eq!(page.attr("progress", "max").as_deref(), Some("400"));
    assert!(page.text().contains("120 of 400: donors A to F"), "{}", page.text());
}

#[tokio::test]
async fn the_coalitions_settings_change_every_page_at_once_and_leave_a_trace() {
    let mut server = Server::start().await;
    server.sign_in(Role::Membership).await;
    assert_eq!(server.get("/staff/settings").await.status, 403);
    server.sign_in(Role::Administrator).await;
    let wrong = server.fill("/staff/settings/coalition", "", &[("short_name", "ACME"), ("time_zone", "Mars/Olympus")]).await;
    assert_eq!(wrong.status, 422);
    assert_eq!(wrong.attr("#short_name", "value").as_deref(), Some("ACME"), "what was typed stays");
    assert!(wrong.all(".error-summary li")[0].contains("is not a time zone"));

    let version = server.app.db.site_version();
    let saved = server
        .fill(
            "/staff/settings/coalition",
            "",
            &[("short_name", "ACME"), ("time_zone", "America/Chicago"), ("fiscal_year_month", "7")],
        )
        .await;
    assert_eq!((saved.status, saved.location()), (303, "/staff/settings"));
    assert!(server.app.db.site_version() > version, "kept pages are rendered anew");
    assert_eq!(server.app.coalition.get().fiscal_year_month, 7);
    assert!(server.get("/staff/settings").await.all("title")[0].ends_with("ACME"));
    let audit = server.get("/staff/audit?record_kind=setting").await;
    let event = server.get(&audit.attr("tbody th a", "href").unwrap()).await;
    assert_eq!(
        event.all("tbody tr"),
        ["Fiscal year month 1 7", "Short name AMICC ACME", "Time zone America/New_York America/Chicago"]
    );
}

use crate::server::Server;
use convener::{
    mail::{self, Class, State},
    work,
};
use std::collections::BTreeMap;

#[tokio::test]
async fn each_job_is_taken_once_however_many_workers_there_are() {
    let server = Server::start().await;
    let db = &server.app.db;
    let now = server.app.clock.now();
    let mut tx = db.write().await.unwrap();
    for n in 0..20 {
        assert!(work::soon(&mut tx, "count", &n.to_string(), now).await.unwrap());
        assert!(!work::soon(&mut tx, "count", &n.to_string(), now).await.unwrap(), "an open job of this key is enough");
    }
    tx.commit().await.unwrap();

    let mut workers = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let db = db.clone();
        workers.spawn(async move {
            let mut taken = Vec::new();
            for _ in 0..40 {
                let mut tx = db.write().await.unwrap();
                let job = work::take(&mut tx, now, now.plus_seconds(60)).await.unwrap();
                tx.commit().await.unwrap();
                taken.extend(job.map(|job| job.key));
            }
            taken
        });
    }
    let mut times = BTreeMap::new();
    for key in workers.join_all().await.into_iter().flatten() {
        *times.entry(key).or_insert(0) += 1;
    }
    assert_eq!(times.len(), 20);
    assert!(times.values().all(|n| *n == 1), "{times:?}");

    let later = now.plus_seconds(60);
    let mut tx = db.write().await.unwrap();
    let mut offered = 0;
    while work::take(&mut tx, later, later.plus_seconds(60)).await.unwrap().is_some() {
        offered += 1;
    }
    assert_eq!(offered, 20, "a job held too long is offered again");
}

#[tokio::test]
async fn a_mail_is_captured_once_and_can_be_read() {
    let server = Server::start().await;
    let now = server.app.clock.now();
    let letter = mail::letter("Welcome").line("Dear Ada,").sign("AMICC");
    let mut tx = server.app.db.write().await.unwrap();
    let id = mail::send(&mut tx, &"ada@example.org".parse().unwrap(), Class::Transactional, ("gift", "1"), &letter, now)
        .await
        .unwrap();
    tx.commit().await.unwrap();
    server.run_jobs().await;
    server.run_jobs().await;
    let mut tx = server.app.db.read().await.unwrap();
    let message = mail::by_id(&mut tx, id).await.unwrap().unwrap();
    assert_eq!((message.state, message.attempts), (State::Captured, 1));
    assert_eq!(mail::listed(&mut tx, Some(State::Captured), Some("ADA@"), None, 10).await.unwrap().len(), 1);
    assert_eq!(mail::of_record(&mut tx, ("gift", "1")).await.unwrap().len(), 1);
}

#[tokio::test]
async fn work_that_fails_is_tried_again_with_growing_pauses_and_then_waits_for_a_person() {
    let server = Server::start().await;
    let failing =
        work::Handlers::default().with("fail", |_, _| Box::pin(async { Err(work::JobError::Again("not today".into())) }));
    let mut tx = server.app.db.write().await.unwrap();
    work::enqueue(&mut tx, "fail", "k", server.app.clock.now(), 3, server.app.clock.now()).await.unwrap();
    tx.commit().await.unwrap();
    for wait in [0, 10, 40] {
        server.app.clock.advance(wait);
        assert_eq!(work::run_due(&server.app, &failing).await.unwrap(), 1, "after {wait} s");
        assert_eq!(work::run_due(&server.app, &failing).await.unwrap(), 0, "not at once");
    }
    let mut tx = server.app.db.write().await.unwrap();
    assert_eq!(work::counts(&mut tx).await.unwrap(), work::Counts { open: 0, failed: 1 });
    assert_eq!(work::listed(&mut tx, "fail", 9).await.unwrap()[0].error.as_deref(), Some("not today"));
    assert!(work::retry(&mut tx, "fail", "k", server.app.clock.now()).await.unwrap());
    assert_eq!(work::counts(&mut tx).await.unwrap(), work::Counts { open: 1, failed: 0 });
}

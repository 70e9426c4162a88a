//! Batches: entered one after the other, closed when they agree, opened again by an administrator.
use crate::{
    offline::{accounts, donor, start},
    server::{Answer, Server},
};
use convener::{audit, donors::DonorKind, staff::Role};

async fn open(server: &Server, count: &str, total: &str) -> String {
    let fields = [("day", "2026-09-21"), ("control_count", count), ("control_total", total)];
    let sent = server.fill("/staff/batches/new", "/staff/batches/new", &fields).await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    sent.location().to_owned()
}

async fn add(server: &Server, batch: &str, who: &str, amount: &str, number: &str) -> Answer {
    let fields = [("who", who), ("amount", amount), ("reference", number)];
    server.fill(batch, &batch[batch.rfind('/').unwrap()..], &fields).await
}

fn held(server: &std::collections::BTreeMap<String, i64>, account: &str) -> i64 {
    server.get(account).copied().unwrap_or(0)
}

#[tokio::test]
async fn a_batch_closes_only_when_count_and_total_agree_and_is_one_deposit_then() {
    let mut server = start().await;
    for name in ["Ada Lovelace", "Grace Hopper"] {
        donor(&server, DonorKind::Person, name, &format!("{}@example.org", name.split(' ').next().unwrap())).await;
    }
    let wrong = [("day", "2026-09-21"), ("control_count", "0"), ("control_total", "none")];
    assert_eq!(server.fill("/staff/batches/new", "/staff/batches/new", &wrong).await.status, 422);
    let batch = open(&server, "2", "150.00").await;
    assert!(server.get(&batch).await.text().contains("2 gifts missing, $150.00 missing"));
    let sent = add(&server, &batch, "ada@example.org", "100", "11").await;
    assert_eq!(sent.status, 303, "{}", sent.text());
    assert!(sent.location().starts_with(&format!("{batch}?method=check")), "{}", sent.location());
    assert!(server.get(&batch).await.text().contains("1 gift missing, $50.00 missing"));
    assert_eq!(add(&server, &batch, "grace@example.org", "60", "12").await.status, 303);

    // Too much: refused, with the difference; a row is corrected while the batch is open.
    let page = server.get(&batch).await;
    assert!(page.text().contains("$10.00 too much") && !page.body.contains("/closing"), "{}", page.text());
    let csrf = page.attr("input[name=csrf]", "value").unwrap_or_default();
    let refused = server.post(&format!("{batch}/closing"), &[("csrf", &csrf)]).await;
    assert_eq!(refused.status, 303, "{}", refused.text());
    assert_eq!(held(&accounts(&server).await, "bank"), 0, "nothing is deposited");
    let correct = page.attr("tbody tr:nth-child(2) a[href$='/correct']", "href").unwrap();
    let fix = [("amount", "50"), ("reason", "Misread"), ("seen", "yes")];
    assert_eq!(server.fill(&correct, "/correct", &fix).await.status, 303);
    let lone = server.get(&correct.replace("/correct", "")).await;
    assert!(!lone.body.contains("/deposit\""), "it goes to the bank with its batch");
    assert_eq!(server.fill(&batch, "/closing", &[]).await.status, 303);
    let now = accounts(&server).await;
    assert_eq!((held(&now, "bank"), held(&now, "undeposited"), held(&now, "contributions")), (15_000, 0, -15_000));
    let closed = server.get(&batch).await;
    assert!(closed.text().contains("Closed by Development Person"), "{}", closed.text());
    assert_eq!(closed.all("form").len(), 0, "nothing is entered into a closed batch");
    assert_eq!(server.get(&format!("{batch}/reopening")).await.status, 403, "only an administrator opens it again");

    server.sign_in(Role::Administrator).await;
    let unsaid = server.fill(&format!("{batch}/reopening"), "/reopening", &[]).await;
    assert_eq!(unsaid.status, 422);
    let opened = server.fill(&format!("{batch}/reopening"), "/reopening", &[("reason", "The bank counted anew")]).await;
    assert_eq!(opened.status, 303, "{}", opened.text());
    let now = accounts(&server).await;
    assert_eq!((held(&now, "bank"), held(&now, "undeposited")), (0, 15_000));
    let id = batch.rsplit('/').next().unwrap();
    let told = audit::of_record(&mut server.app.db.read().await.unwrap(), ("gift_batch", id)).await.unwrap();
    assert_eq!(told.iter().map(|e| e.action.as_str()).collect::<Vec<_>>(), ["reopen", "close", "open"]);
    let remove = server.get(&batch).await.attr("tbody tr:nth-child(1) a[href$='/taken-back']", "href").unwrap();
    assert_eq!(server.fill(&remove, "/taken-back", &[("why", "mistake")]).await.status, 303);
    let controls = format!("{batch}/controls");
    assert_eq!(server.fill(&controls, "/controls", &[("control_count", "1"), ("control_total", "50")]).await.status, 303);
    assert_eq!(server.fill(&batch, "/closing", &[]).await.status, 303);
    let now = accounts(&server).await;
    assert_eq!((held(&now, "bank"), held(&now, "undeposited"), held(&now, "contributions")), (5_000, 0, -5_000));
}

#[tokio::test]
async fn a_bounced_check_of_a_closed_batch_is_taken_from_the_bank_and_the_batch_stays_closed() {
    let mut server = start().await;
    donor(&server, DonorKind::Person, "Ada Lovelace", "ada@example.org").await;
    let batch = open(&server, "1", "80").await;
    let wire = [("who", "ada@example.org"), ("amount", "80"), ("method", "wire")];
    let other = server.fill(&batch, &batch[batch.rfind('/').unwrap()..], &wire).await;
    assert!(other.status == 422 && other.text().contains("Enter this one by itself"), "{}", other.text());
    assert_eq!(add(&server, &batch, "ada@example.org", "80", "5").await.status, 303);
    let row = server.get(&batch).await.attr("tbody th a", "href").unwrap();
    assert_eq!(server.fill(&batch, "/closing", &[]).await.status, 303);
    assert_eq!(server.fill(&format!("{row}/taken-back"), "/taken-back", &[("why", "bounced")]).await.status, 303);
    assert!(accounts(&server).await.is_empty());
    server.sign_in(Role::Administrator).await;
    let refused = server.fill(&format!("{batch}/reopening"), "/reopening", &[("reason", "To see")]).await;
    assert_eq!(refused.status, 409, "its deposit is not what it was");
    assert!(server.get("/staff/batches").await.text().contains("Batch 1"));
}

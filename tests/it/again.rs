//! The same form once more: a second click, the way back, another person, or another gift.
use crate::{
    paying::{Paying, start_paying},
    server::{Answer, Server},
};
use convener::{
    donors,
    gifts::{self, Gift, GiftState},
    payments::sandbox::Card,
};

const ADA: &[(&str, &str)] =
    &[("amount", "50.00"), ("frequency", "once"), ("name", "Ada Lovelace"), ("email", "ada@example.org")];

async fn gifts_of_ada(server: &Server) -> Vec<Gift> {
    let mut tx = server.app.db.read().await.unwrap();
    let Some(donor) = donors::by_email(&mut tx, &"ada@example.org".parse().unwrap()).await.unwrap() else { return Vec::new() };
    gifts::of_donor(&mut tx, donor.id, 100).await.unwrap()
}

fn session(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.location().rsplit('/').next().unwrap().to_owned()
}

async fn send(http: &reqwest::Client, server: &Server, form: &(String, Vec<(String, String)>)) -> Answer {
    Answer::of(http.post(server.absolute(&form.0)).form(&form.1).send().await.unwrap()).await
}

/// Opens the donate page as this browser; its form, filled in.
async fn open(http: &reqwest::Client, server: &Server, path: &str) -> (String, Vec<(String, String)>) {
    Answer::of(http.get(server.absolute(path)).send().await.unwrap()).await.form("/donate", "/donate", ADA)
}

async fn paid(paying: &Paying, answer: &Answer) {
    paying.sandbox.pay(&session(answer), Card::Success).await.unwrap();
}

#[tokio::test]
async fn a_paid_form_that_comes_back_is_asked_about_and_given_again_by_a_button() {
    let paying = start_paying().await;
    let (server, browser) = (&paying.server, Server::visitor());
    let form = open(&browser, server, "/donate").await;
    let first = send(&browser, server, &form).await;
    assert_eq!(send(&browser, server, &form).await.location(), first.location(), "the page that is open already");
    paid(&paying, &first).await;
    server.app.clock.advance(130);

    // No webhook has told of the payment yet.
    let asked = send(&browser, server, &form).await;
    assert_eq!(asked.status, 409);
    assert!(asked.text().contains("You gave $50.00 2 minutes ago, and it has arrived."), "{}", asked.text());
    assert_eq!(gifts_of_ada(server).await.len(), 1);
    let see = asked.attr("a[href^='/donate/thanks/']", "href").unwrap();
    assert!(server.get(&see).await.text().contains("Thank you, Ada Lovelace"));

    let answer = asked.form("/donate", "/donate", &[]);
    let again = send(&browser, server, &answer).await;
    assert_ne!(again.location(), first.location());
    assert_eq!(send(&browser, server, &answer).await.location(), again.location(), "the answer sent twice is one gift");
    paid(&paying, &again).await;
    assert_eq!(send(&browser, server, &answer).await.status, 409, "and when it is paid it asks too");
    let all = gifts_of_ada(server).await;
    assert_eq!((all.len(), all.iter().filter(|gift| gift.state == GiftState::Settled).count()), (2, 2));
}

#[tokio::test]
async fn who_follows_the_link_to_give_again_is_not_asked() {
    let paying = start_paying().await;
    let (server, browser) = (&paying.server, Server::visitor());
    let first = send(&browser, server, &open(&browser, server, "/donate").await).await;
    paid(&paying, &first).await;
    let thanks = server.get(&gifts::thanks_path(&server.app, gifts_of_ada(server).await[0].id)).await;
    let link = thanks.attr("a[href^='/donate?again=']", "href").unwrap();
    let second = send(&browser, server, &open(&browser, server, &link).await).await;
    assert_ne!(session(&second), session(&first));
    assert_eq!(gifts_of_ada(server).await.len(), 2);
}

#[tokio::test]
async fn a_day_later_the_same_form_is_another_gift() {
    let paying = start_paying().await;
    let (server, browser) = (&paying.server, Server::visitor());
    let form = open(&browser, server, "/donate").await;
    let first = send(&browser, server, &form).await;
    paid(&paying, &first).await;
    assert_eq!(send(&browser, server, &form).await.status, 409);
    server.app.clock.advance(86_400);
    assert_ne!(session(&send(&browser, server, &form).await), session(&first));
}

#[tokio::test]
async fn two_people_with_the_same_page_and_the_same_words_make_two_gifts() {
    let paying = start_paying().await;
    let server = &paying.server;
    let (one, two) = (Server::visitor(), Server::visitor());
    let form = open(&one, server, "/donate").await;
    let of_two = open(&two, server, "/donate").await;
    assert_eq!(form, of_two, "the page is the same for both");
    let first = send(&one, server, &form).await;
    paid(&paying, &first).await;
    let second = send(&two, server, &of_two).await;
    assert_ne!(session(&second), session(&first), "a stranger is told nothing of a gift that was made");
    assert_eq!(gifts_of_ada(server).await.len(), 2);
}

#[tokio::test]
async fn a_browser_without_cookies_makes_one_gift_and_is_shown_nobodys() {
    let paying = start_paying().await;
    let server = &paying.server;
    let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = open(&browser, server, "/donate").await;
    let first = send(&browser, server, &form).await;
    assert_eq!(send(&browser, server, &form).await.location(), first.location());
    paid(&paying, &first).await;
    let asked = send(&browser, server, &form).await;
    assert_eq!(asked.status, 409);
    assert!(asked.attr("a[href^='/donate/thanks/']", "href").is_none());
    assert_eq!(gifts_of_ada(server).await.len(), 1);
}

#[tokio::test]
async fn the_kept_page_goes_out_as_it_is_beside_each_browsers_own_cookie() {
    let server = Server::start().await;
    let get = async |path: &str, cookie: Option<&str>| {
        let request = reqwest::Client::new().get(server.absolute(path)).header("accept-encoding", "br");
        let answer = cookie.iter().fold(request, |request, cookie| request.header("cookie", *cookie)).send().await.unwrap();
        let set = answer.headers().get("set-cookie").map(|cookie| cookie.to_str().unwrap().to_owned());
        assert_eq!(answer.headers()["content-encoding"], "br");
        let cache = answer.headers()["cache-control"].to_str().unwrap().to_owned();
        (set, cache, answer.bytes().await.unwrap())
    };
    let (one, cache, bytes) = get("/donate", None).await;
    let (two, _, same) = get("/donate", None).await;
    assert_eq!(bytes, same);
    assert_eq!(cache, "private, no-cache");
    let (one, two) = (one.unwrap(), two.unwrap());
    assert_ne!(one, two);
    for part in ["; Path=/donate;", "HttpOnly", "SameSite=Lax", "Max-Age=86400"] {
        assert!(one.contains(part), "{one}");
    }
    let (again, cache, same) = get("/donate", Some(one.split(';').next().unwrap())).await;
    assert_eq!((again, cache.as_str(), same), (None, "no-cache", bytes));
    assert!(get("/news", None).await.0.is_none(), "nowhere else");
}

//! The two main jobs, in a browser that runs no scripts: a donor gives, an organization joins.
use crate::{browser::Browser, place::Place};
use convener::demo;

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj << >> endobj\n";
const MAIN_PAGE: &str = "/staff";

/// Pages that came into being on the way and that no other page links to.
#[derive(Debug, Clone, Default)]
pub(crate) struct Links {
    pub(crate) thanks: String,
    pub(crate) cancelled: String,
    pub(crate) manage: String,
    /// An application in every state: `/join/{token}`.
    pub(crate) draft: String,
    pub(crate) full: String,
    pub(crate) sent: String,
    pub(crate) approved: String,
}

pub(crate) async fn all(browser: &Browser, place: &Place) -> Links {
    browser.scripts(false).await;
    let mut links = give(browser, place).await;
    links.approved = join(browser, place, "Lawyers of the Great Lakes", "lakes@example.org").await;
    admit(browser, place, "Lawyers of the Great Lakes").await;
    browser.scripts(true).await;
    links.sent = join(browser, place, "Students for a World Court", "students@example.org").await;
    links.full = answer_all(browser, place, "Nurses Against Atrocity", "nurses@example.org").await;
    links.draft = begin(browser, place, "begun@example.org").await;
    browser.console().await;
    links
}

/// Gives every month, pays on the sandbox's page, reads the receipt's number and stops the gift.
async fn give(browser: &Browser, place: &Place) -> Links {
    browser.goto(&place.url("/donate")).await;
    browser.choose("$100").await;
    browser.choose("Every month").await;
    browser.write("name", "Rosa Browser").await;
    browser.write("email", "rosa@example.org").await;
    browser.press("Continue to payment").await;
    browser.heading("Pay $100.00 every month").await;
    browser.press("Go back without paying").await;
    browser.heading("Your gift is not paid yet").await;
    let cancelled = browser.path().await;
    browser.press("Continue to payment").await;
    browser.heading("Pay $100.00 every month").await;
    browser.press("4242").await;
    browser.heading("Thank you, Rosa Browser").await;
    place.hear().await;
    browser.client.refresh().await.unwrap();
    let words = browser.words().await;
    assert!(words.contains("R-0000") && words.contains("$100.00"), "{words}");
    let thanks = browser.path().await;
    let manage = place.mailed("rosa@example.org", "/gifts/manage/").await;
    browser.goto(&place.url(&manage)).await;
    browser.heading("Your gift").await;
    assert!(browser.words().await.contains("is charged every month"));

    // Another who did not pay, for the page that is shown then.
    browser.goto(&place.url("/donate")).await;
    browser.choose("Another amount").await;
    browser.write("other_amount", "1,250").await;
    browser.write("name", "Ulla Unpaid").await;
    browser.write("email", "ulla@example.org").await;
    browser.press("Continue to payment").await;
    browser.heading("Donate $1250.00").await;
    browser.press("Go back without paying").await;
    browser.heading("Your gift is not paid yet").await;
    assert_ne!(browser.path().await, cancelled);
    Links { thanks, manage, cancelled: browser.path().await, ..Links::default() }
}

/// `/join/{token}` of a new application.
async fn begin(browser: &Browser, place: &Place, email: &str) -> String {
    browser.goto(&place.url("/join")).await;
    browser.write("email", email).await;
    browser.press("Begin").await;
    browser.heading("How does your organization want to belong?").await;
    browser.path().await.strip_suffix("/track").unwrap().to_owned()
}

async fn answer_all(browser: &Browser, place: &Place, name: &str, email: &str) -> String {
    let at = begin(browser, place, email).await;
    browser.choose("As a member").await;
    browser.press("Go on").await;
    browser.heading("Which organization is it?").await;
    for (field, words) in
        [("name", name), ("website", "https://www.example.org"), ("city", "Chicago"), ("state", "IL"), ("founded", "1998")]
    {
        browser.write(field, words).await;
    }
    browser.write("mission", "Stands for justice across the country.").await;
    browser.press("Go on").await;
    browser.heading("What kind of organization is it?").await;
    browser.choose("Human rights").await;
    browser.press("Go on").await;
    browser.heading("Does it meet the conditions?").await;
    for condition in ["It works nationally", "It is a genuine", "It is no part of a government", "It shares the coalition"] {
        browser.choose(condition).await;
    }
    browser.press("Go on").await;
    browser.heading("Does it make the commitment?").await;
    browser.choose("The organization makes this commitment").await;
    browser.choose("resolution").await;
    browser.write("signatory", "Ida B. Wells").await;
    browser.write("signatory_title", "President").await;
    browser.write("day", "09012026").await;
    browser.press("Go on").await;
    browser.heading("Where is the commitment written down?").await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("resolution.pdf");
    std::fs::write(&file, PDF).unwrap();
    let field = browser.client.find(fantoccini::Locator::Css("[type=file]")).await.unwrap();
    field.send_keys(file.to_str().unwrap()).await.unwrap();
    browser.press("Send the file").await;
    browser.heading("Who speaks for it?").await;
    browser.write("delegate_name", "Ana Delegate").await;
    browser.write("delegate_email", "ana@example.org").await;
    browser.press("Go on").await;
    browser.heading("Check your answers").await;
    at
}

async fn join(browser: &Browser, place: &Place, name: &str, email: &str) -> String {
    let at = answer_all(browser, place, name, email).await;
    browser.press("Send the application").await;
    browser.heading("Your application has arrived").await;
    at
}

/// Staff sign in, look at the application, and approve it as the 40th member.
async fn admit(browser: &Browser, place: &Place, name: &str) {
    browser.goto(&place.url("/staff/applications")).await;
    browser.heading("Sign in").await;
    browser.write("email", demo::ADMINISTRATOR).await;
    browser.write("password", demo::PASSWORD).await;
    browser.press("Sign in").await;
    browser.heading("Applications").await;
    browser.press(name).await;
    browser.heading(name).await;
    browser.press("Approve or decline").await;
    browser.heading("Decide on").await;
    browser.press("Approve as 40th member").await;
    browser.reads("is the 40th institutional member").await;
    browser.goto(&place.url("/members")).await;
    let roll = browser.words().await;
    assert!(roll.contains(name) && roll.contains("40"), "{roll}");
    browser.goto(&place.url(MAIN_PAGE)).await;
    browser.client.delete_all_cookies().await.unwrap();
}
